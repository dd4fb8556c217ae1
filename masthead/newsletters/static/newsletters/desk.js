// The page of an issue without reloads: sorting with mouse and keyboard, searching, words that save themselves.
// Everything works without this file too, with the same forms.
"use strict";

const desk = document.querySelector("[data-issue-desk]");
const preview = document.querySelector("[data-preview]");
const said = document.querySelector("[data-said]");

// Speaking

function announce(words) {
  if (said) said.textContent = words;
}

function showMessages(page) {
  const rows = [...page.querySelectorAll(".messages > ul > li")];
  rows.forEach((row, place) => {
    const type = ["success", "warning", "error"].find((name) => row.classList.contains(name)) || "success";
    const detail = { text: row.textContent.trim(), type, clear: place === 0 };
    document.dispatchEvent(new CustomEvent("w-messages:add", { detail }));
  });
}

// Asking and answering: one request at a time, in the order they were made

let turn = Promise.resolve();
let waiting = 0;

function ask(address, options) {
  waiting += 1;
  turn = turn.then(() => answer(address, options)).finally(() => { waiting -= 1; });
  return turn;
}

async function answer(address, options) {
  let page;
  const query = document.getElementById("q").value;
  if (options && query) options.body.set("q", query);  // what was found stays on the page
  try {
    const response = await fetch(address, { credentials: "same-origin", ...options });
    if (!response.ok) throw new Error(response.status);
    page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector("[data-issue-desk]")) {  // it is on its way, or the log-in has run out
      location.assign(response.url);
      return;
    }
  } catch (error) {
    document.dispatchEvent(new CustomEvent("w-messages:add", { detail: { text: said.dataset.failed, type: "error", clear: true } }));
    return;
  }
  if (waiting <= 1 && !pending) renew(page);
  showMessages(page);
  if (options && options.method === "POST") renewPreview();
}

function renew(page) {
  const held = document.activeElement && document.activeElement.dataset.focus;
  const row = document.activeElement && document.activeElement.closest("li[data-item]");
  const neighbours = row ? [row.dataset.focus, next(row, 1)?.dataset.focus, next(row, -1)?.dataset.focus] : [];
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (fresh && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
  }
  if (!held || document.activeElement !== document.body) return;
  for (const name of [held, ...neighbours]) {
    const found = name && document.querySelector(`[data-focus="${CSS.escape(name)}"]:not([disabled])`);
    if (found) { found.focus(); return; }
  }
  document.getElementById("q")?.focus();
}

function renewPreview() {
  if (!preview) return;
  const place = preview.contentWindow.scrollY;
  preview.addEventListener("load", () => preview.contentWindow.scrollTo(0, place), { once: true });
  preview.contentWindow.location.reload();
}

// Sorting

let pending = null;

function next(row, by) {
  return by > 0 ? row.nextElementSibling : row.previousElementSibling;
}

function moveRow(row, by) {
  const other = next(row, by);
  if (!other) return;
  const held = document.activeElement;
  if (by > 0) other.after(row); else other.before(row);
  settle(row.parentElement);
  (held && held.isConnected && !held.disabled ? held : row).focus();
  const rows = [...row.parentElement.children];
  const words = { title: row.dataset.title, place: rows.indexOf(row) + 1, all: rows.length };
  announce(said.dataset.moved.replace(/%\((\w+)\)s/g, (_all, name) => words[name]));
}

function settle(list) {
  const rows = [...list.children];
  rows.forEach((row, place) => {
    const [up, down] = row.querySelectorAll("[data-by]");
    up.disabled = place === 0;
    down.disabled = place === rows.length - 1;
  });
  clearTimeout(pending);
  pending = setTimeout(() => saveOrder(list), 400);  // keys held down are one request
}

function saveOrder(list) {
  pending = null;
  const form = list.parentElement.querySelector("[data-order-form]");
  form.elements.items.value = [...list.children].map((row) => row.dataset.item).join(",");
  ask(form.action, { method: "POST", body: new FormData(form) });
}

function sorting(event) {
  const row = event.target.closest("li[data-item]");
  if (!row || event.ctrlKey || event.metaKey) return;
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const sortable = row.parentElement.dataset.order;
  if (by && event.altKey && sortable) moveRow(row, by);
  else if (by && !event.altKey) goTo(row, by);
  else if (event.key === "Delete" && event.target === row && sortable) row.querySelector("[data-takes-out]").click();
  else return;
  event.preventDefault();
}

function goTo(row, by) {
  const rows = [...desk.querySelectorAll("li[data-item]")];
  rows[rows.indexOf(row) + by]?.focus();
}

function dragging() {
  let dragged = null;
  desk.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li[draggable]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("dragged");
  });
  desk.addEventListener("dragover", (event) => {
    const over = event.target.closest("li[draggable]");
    if (!dragged || !over || over.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    if (over === dragged) return;
    const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
    if (event.clientY < middle) over.before(dragged); else over.after(dragged);
  });
  desk.addEventListener("drop", (event) => event.preventDefault());
  desk.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    settle(dragged.parentElement);
    dragged = null;
  });
}

// Forms

function submitting(event) {
  const form = event.target;
  const button = event.submitter;
  if (form.hasAttribute("data-leaves")) return;
  if (button && button.dataset.by) {
    event.preventDefault();
    moveRow(button.closest("li"), Number(button.dataset.by));
    return;
  }
  event.preventDefault();
  if (form.hasAttribute("data-finds")) { find(form); return; }
  const address = (button && button.getAttribute("formaction")) || form.action;
  ask(address, { method: "POST", body: new FormData(form, button) });
}

let typing = null;

function find(form) {
  const address = new URL(location.href);
  address.search = new URLSearchParams(new FormData(form));
  history.replaceState(null, "", address);
  ask(address.href);
}

function counting(field) {
  const shows = document.querySelector(`[data-shows="${field.id}"]`);
  if (shows) shows.textContent = (field.id === "id_preheader" && field.value ? "– " : "") + field.value;
  const counts = document.querySelector(`[data-counts="${field.id}"]`);
  if (!counts) return;
  const length = [...field.value].length;
  counts.classList.toggle("over", length > Number(counts.dataset.most));
  let number = counts.querySelector("b");
  if (!number) { number = document.createElement("b"); counts.prepend(number, " "); }
  number.textContent = length;
}

if (desk) {
  desk.addEventListener("submit", submitting);
  desk.addEventListener("keydown", sorting);
  dragging();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    document.getElementById("q").focus();
  });
  desk.addEventListener("input", (event) => {
    if (event.target.id !== "q") { counting(event.target); return; }
    clearTimeout(typing);
    typing = setTimeout(() => find(event.target.form), 300);
  });
  desk.addEventListener("change", (event) => {
    const form = event.target.closest("[data-saves-itself]");
    if (form) ask(form.action, { method: "POST", body: new FormData(form) });
  });
  for (const field of desk.querySelectorAll("#id_subject, #id_preheader")) counting(field);
}

// Looking

const looks = document.querySelector("[data-looks]");
if (looks && preview) {
  looks.hidden = false;
  looks.addEventListener("click", (event) => {
    const button = event.target.closest("[data-look]");
    if (!button) return;
    button.setAttribute("aria-pressed", String(preview.classList.toggle(button.dataset.look)));
  });
}

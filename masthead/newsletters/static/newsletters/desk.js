// Dragging the items of an issue into another order. The buttons do the same by keyboard, and without this file.
"use strict";
for (const list of document.querySelectorAll("[data-order]")) {
  let dragged = null;
  const form = list.parentElement.querySelector("[data-order-form]");
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!dragged || !over || over.parentElement !== list) return;
    event.preventDefault();
    if (over === dragged) return;
    const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
    list.insertBefore(dragged, event.clientY < middle ? over : over.nextSibling);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged = null;
    form.elements.items.value = [...list.children].map((item) => item.dataset.item).join(",");
    form.submit();
  });
}

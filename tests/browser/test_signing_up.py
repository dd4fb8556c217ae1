"""A reader signs up by keyboard alone and confirms in the mail; what is kept is what was ticked (rule M1)."""

import email
import email.policy
import re
import sqlite3
import time
from pathlib import Path

ADDRESS = "tastatur@example.org"
FOCUSED = """() => { const e = document.activeElement, s = getComputedStyle(e);
  return {tag: e.tagName, name: e.name || e.textContent.trim().slice(0, 30), type: e.type || '',
          outline: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 ? s.outlineColor : '',
          top: e.getBoundingClientRect().top + scrollY, inside: !!e.closest('section.letter'),
          main: !!e.closest('main'),
          seen: e.getBoundingClientRect().width > 0}; }"""


def tab(page, stops: list) -> dict:
    """Press Tab, note where the focus is, and see that one can see it."""
    page.keyboard.press("Tab")
    stop = page.evaluate(FOCUSED)
    assert stop["outline"], f"the focus cannot be seen on {stop}"
    assert stop["seen"], f"the focus is on something that cannot be seen: {stop}"
    stops.append(stop)
    return stop


def tab_to(page, stops: list, **what) -> dict:
    for _n in range(60):
        stop = tab(page, stops)
        if all(stop[key] == value for key, value in what.items()):
            return stop
    raise AssertionError(f"Tab never comes to {what}: {[stop['name'] for stop in stops]}")


def test_a_reader_signs_up_and_confirms_by_keyboard(house, visit):
    page, _response = visit("sign-up")
    assert page.locator("section.letter input[type=checkbox]").count() == 3
    assert page.locator("input[type=checkbox]:checked").count() == 0, "a box is ticked beforehand"
    stops = []
    tab_to(page, stops, name="address")
    page.keyboard.type(ADDRESS)
    tab_to(page, stops, name="newsletter")
    page.keyboard.press("Space")
    tab_to(page, stops, name="events")
    page.keyboard.press("Space")
    inside = [stop for stop in stops if stop["inside"] and stop["tag"] == "INPUT"]
    assert [stop["name"] for stop in inside] == ["address", "newsletter", "themes", "events"]
    assert [stop["top"] for stop in inside] == sorted(stop["top"] for stop in inside), "the order jumps"
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.split("#")[0] == house.base + house.pages["sign-up asked"])
    link = link_in(mail_to(house, ADDRESS))
    page.goto(link)
    assert consents(house) == {("newsletter", "asked"), ("events", "asked")}, "opening the link is not a yes"
    tab_to(page, [], tag="BUTTON", main=True)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert consents(house) == {("newsletter", "confirmed"), ("events", "confirmed")}


def test_a_wrong_address_gets_a_sentence_beside_it_and_keeps_the_ticks(house, visit):
    page, _response = visit("sign-up")
    page.locator("input[name=address]").fill("ikke en adresse")
    page.locator("input[name=events]").check()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    field = page.locator("input[name=address]")
    assert field.input_value() == "ikke en adresse"
    assert page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text().strip()
    assert page.locator("input[name=events]").is_checked()
    assert not page.locator("input[name=newsletter]").is_checked()


def consents(house) -> set[tuple[str, str]]:
    """What the house's database holds for the address: each kind and where it stands."""
    with sqlite3.connect(f"file:{house.database}?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT s.kind, s.state FROM subscribers_subscription s JOIN subscribers_subscriber p"
            " ON p.id = s.subscriber_id WHERE p.normalised = ?",
            [ADDRESS],
        ).fetchall()
    database.close()
    return set(rows)


def mail_to(house, address: str) -> str:
    """Return the text of the newest mail to an address, once the clock has handed it over."""
    for _n in range(200):
        for file in sorted(Path(house.outbox).rglob("*.eml"), reverse=True):
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if address in str(mail["To"]):
                return mail.get_body(("plain",)).get_content()
        time.sleep(0.1)
    raise AssertionError(f"No mail to {address} came.")


def link_in(text: str) -> str:
    return re.search(r"http\S+/mail/confirm/\S+", text)[0]

"""An editor makes an issue without touching the mouse: composes, adds, sorts, moves, previews, approves."""

import pytest
from playwright.sync_api import expect

LIST = "/desk/newsletters/issues/"


@pytest.fixture
def desk(house, visit):
    """The page of a new issue, and everything the browser complained of."""
    page, _response = visit("desk issues")
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.locator("form[action*=propose] button").first.press("Enter")
    page.wait_for_url("**/issues/*/")
    return page, said


def titles(page, section="articles") -> list[str]:
    return page.locator(f"[data-order={section}] > li").evaluate_all("rows => rows.map(row => row.dataset.title)")


def held(page) -> str:
    return page.evaluate("document.activeElement.dataset.focus || document.activeElement.id || ''")


def add(page, words: str) -> None:
    """Search with the keyboard, go to the hit's button, and add it."""
    page.keyboard.press("/")
    assert held(page) == "q"
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(words)
    page.wait_for_url(lambda url: "q=" in url)
    hit = page.locator("[data-live=choices] li", has_text=words).get_by_role("button")
    hit.wait_for()
    before = page.locator("[data-order=articles] > li").count()
    hit.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-order=articles] > li")).to_have_count(before + 1)


def clear(page) -> None:
    """Take out what the shelves proposed: other stories of this house have published articles too."""
    rows = page.locator("[data-order=articles] > li")
    for left in reversed(range(rows.count())):
        rows.first.focus()
        page.keyboard.press("Delete")
        expect(rows).to_have_count(left)


def test_an_issue_is_made_by_keyboard_alone_without_one_reload(house, desk):
    page, said = desk
    page.evaluate("window.stayed = true")
    clear(page)
    for month in ("17", "18", "19"):
        add(page, f"Kabelkøen vokser for {month}.")
    before = titles(page)
    assert len(before) == 3

    page.locator("[data-order=articles] > li").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    with page.expect_response(lambda r: r.url.endswith("/order/")):
        page.keyboard.press("Alt+ArrowUp")
        page.keyboard.press("Alt+ArrowUp")
    sorted_by_hand = [before[2], before[0], before[1]]
    assert titles(page) == sorted_by_hand
    heard = page.locator("[data-said]").inner_text()
    assert before[2] in heard and "1" in heard and "3" in heard
    page.wait_for_load_state("networkidle")
    assert held(page).startswith("item-")
    assert page.evaluate("document.activeElement.dataset.title") == before[2]

    page.locator("[data-focus^=down-]").first.focus()
    with page.expect_response(lambda r: r.url.endswith("/order/")):
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert held(page).startswith("down-")
    assert titles(page) == [before[0], before[2], before[1]]

    page.locator("[data-order=articles] > li").nth(2).focus()
    page.keyboard.press("Delete")
    expect(page.locator("[data-order=articles] > li")).to_have_count(2)
    assert held(page).startswith("item-")
    assert page.evaluate("window.stayed") is True
    assert said == []


def test_words_are_counted_shown_as_in_a_list_of_mails_and_save_themselves(house, desk):
    page, said = desk
    page.locator("#id_subject").fill("Kabelkøen vokser igen")
    assert page.locator("[data-counts=id_subject] b").inner_text() == "21"
    assert page.locator("[data-shows=id_subject]").inner_text() == "Kabelkøen vokser igen"
    page.locator("#id_preheader").fill("x" * 120)
    with page.expect_response(lambda r: r.url.endswith("/write/")):
        page.keyboard.press("Tab")
    assert "over" in page.locator("[data-counts=id_preheader]").get_attribute("class")
    page.wait_for_load_state("networkidle")
    page.reload()
    assert page.locator("#id_subject").input_value() == "Kabelkøen vokser igen"
    assert said == []


def test_what_stands_in_the_way_is_said_the_preview_follows_and_the_issue_is_approved(house, desk):
    page, said = desk
    add(page, "Kabelkøen vokser for 25.")
    page.locator("#id_subject").fill("Havnen")
    with page.expect_response(lambda r: r.url.endswith("/write/")):
        page.keyboard.press("Tab")
    mail = page.frame_locator("[data-preview]")
    mail.get_by_text("vokser for 25. måned").first.wait_for()
    page.locator("[data-look=phone]").press("Enter")
    assert page.locator("[data-preview]").bounding_box()["width"] == 390
    page.locator("[data-live=problems] p").first.wait_for()
    page.locator("[data-focus=approve]:not([disabled])").press("Enter")
    page.locator("[data-focus=schedule]").wait_for()
    assert page.locator(".messages li.success").count() >= 1
    assert said == []


def test_a_desk_that_does_not_answer_is_said_and_nothing_is_lost(house, desk):
    page, _said = desk
    page.route("**/write/", lambda route: route.abort())
    page.locator("#id_subject").fill("Skrevet uden net")
    page.keyboard.press("Tab")
    page.locator(".messages li.error").wait_for()
    failed = page.locator("[data-said]").get_attribute("data-failed")
    assert failed in page.locator(".messages li.error").inner_text()
    assert page.locator("#id_subject").input_value() == "Skrevet uden net"


@pytest.mark.parametrize("width", [390, 700])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mail_holds_in_every_width_and_light_and_passes_the_checks_for_access(house, visit, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page, _response = visit("desk issue", width=width, color_scheme=scheme)
    page.goto(page.url + "preview/html/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(251, 250, 246)", "dark": "rgb(19, 22, 25)"}[scheme]
    # What is asked of a page and not of a mail: landmarks and a level-one heading before all.
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert [violation["id"] for violation in found.response["violations"]] == []

"""The desk works under its own policy and asks no other host for anything."""

import pytest

from tests.browser.pages import DESK
from tests.browser.test_reading import WATCH


@pytest.fixture
def watched(house, visit):
    """Open a page of the desk, and return it with everything it asked for and complained of."""

    def open_page(name):
        page, _response = visit("desk log-in")
        page.context.add_init_script(WATCH)
        if name != "desk log-in":
            page.context.add_cookies([{"name": "desk", "value": house.sessions["editor"], "url": house.base}])
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        response = page.goto(house.base + house.desk[name], wait_until="networkidle")
        assert response.status == 200
        return page, asked, said

    return open_page


def foreign(house, asked: list[str]) -> set[str]:
    return {url for url in asked if not url.startswith((house.base, "data:", "blob:"))}


@pytest.mark.parametrize("kind", DESK, ids=lambda kind: kind.name)
def test_a_page_of_the_desk_opens_under_its_policy(kind, house, watched):
    page, asked, said = watched(kind.name)
    assert page.locator("main h1, main h2").first.is_visible()
    assert foreign(house, asked) == set()
    assert said == []


def test_an_article_is_edited_and_previewed_under_the_desks_policy(house, watched):
    page, asked, said = watched("article")
    assert page.locator("#id_title").input_value().startswith("Kabelkøen er nu på 4.")
    page.locator("[data-side-panel-toggle=preview]").click()
    headline = page.frame_locator("#w-preview-iframe").locator("h1")
    headline.wait_for(state="attached", timeout=30_000)
    assert "megawatt" in headline.text_content()
    assert foreign(house, asked) == set()
    assert said == []


def test_an_article_with_a_picture_is_written_and_published_by_hand(house, watched):
    """What the newsroom does all day. The chooser is an inline script of Wagtail's: dead without its nonce."""
    page, asked, said = watched("new article")
    page.locator("#id_title").fill("Skrevet i hånden")
    page.locator("#id_picture-chooser [data-chooser-action-choose]").first.click()
    page.locator(".modal [data-chooser-modal-choice]").first.click()
    page.locator(".modal").wait_for(state="hidden")
    page.locator("footer button").nth(1).click()
    page.locator("button[name=action-publish]").click()
    page.wait_for_url(lambda url: "/add/" not in url, wait_until="networkidle", timeout=30_000)
    assert foreign(house, asked) == set()
    assert said == []
    page.goto(house.base + "/artikler/skrevet-i-haanden/")
    assert page.locator("h1").inner_text() == "Skrevet i hånden"
    assert page.locator("article figure img").count() >= 1

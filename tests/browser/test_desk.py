"""The desk works under its own policy and asks no other host for anything."""

import pytest

from tests.browser.test_reading import WATCH


@pytest.fixture
def watched(house, visit):
    """Open a page of the desk, and return it with everything it asked for and complained of."""

    def open_page(name):
        page, _response = visit("desk log-in")
        page.context.add_init_script(WATCH)
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


def test_the_today_page_opens_under_the_desks_policy(house, watched):
    page, asked, said = watched("desk")
    assert page.locator("h1, h2").first.is_visible()
    assert foreign(house, asked) == set()
    assert said == []


def test_an_article_is_edited_and_previewed_under_the_desks_policy(house, watched):
    page, asked, said = watched("article")
    title = page.locator("#id_title")
    assert title.input_value() or title.inner_text()
    page.locator("button[aria-label*='orhåndsvisning'], button[aria-label*='review']").first.click()
    frame = page.frame_locator("iframe[data-preview-target], #w-preview-iframe, iframe[title]").first
    assert frame.locator("h1").first.inner_text(timeout=20_000).strip()
    assert foreign(house, asked) == set()
    assert said == []


def test_an_article_is_written_and_published_by_hand(house, watched):
    """What the newsroom does all day: a headline and a paragraph, published; a reader sees it at once."""
    house.desk["new article"] = house.desk["article"].replace("/edit/", "/")
    page, _asked, said = watched("article")
    field = page.locator("#id_title")
    field.fill("Kabelkøen er nu på 4.100 megawatt")
    page.locator("[data-w-dropdown-target='toggle'], .w-dropdown-button button").last.click()
    page.locator("button[name=action-publish]").click()
    page.wait_for_url(lambda url: "/edit/" not in url or url.endswith("/edit/"), timeout=20_000)
    page.goto(house.base + house.pages["article"])
    assert "4.100" in page.locator("h1").inner_text()
    assert [line for line in said if "policy" in line] == []

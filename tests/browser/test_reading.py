"""A reader is asked for nothing and told on to nobody: no cookie, no foreign host, no script needed, few bytes (T7)."""

import gzip
import re

import pytest

from tests.browser.fetching import fetch
from tests.browser.pages import PAGES

# Who comes in by the partners' door has a log-in, and so a cookie.
FOR_READERS = [kind for kind in PAGES if not kind.name.startswith("partners'")]
WATCH = """document.addEventListener('securitypolicyviolation',
  event => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI));"""


def test_a_fresh_profile_keeps_nothing_and_asks_nobody_else(house, chromium):
    context = chromium.new_context()
    context.add_init_script(WATCH)
    asked, said = [], []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for kind in FOR_READERS:
        page.goto(house.base + house.pages[kind.name], wait_until="load")
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    cookies = context.cookies()
    context.close()
    assert len(FOR_READERS) >= 20
    assert cookies == []
    assert kept == [0, 0, ""]
    assert {url for url in asked if not url.startswith(house.base) and not url.startswith("data:")} == set()
    # Chromium says in the console that a page was not found or gone; those pages are asked for on purpose.
    assert [line for line in said if "Failed to load resource" not in line] == []


def test_the_watch_sees_a_breach_of_the_policy(house, chromium):
    context = chromium.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(house.base)
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://example.org/x.png'}))")
    page.wait_for_timeout(200)
    context.close()
    assert any("policy: img-src" in line for line in said)


def test_nothing_on_a_page_needs_a_script(house, visit):
    page, _response = visit("front", java_script_enabled=False)
    for kind in PAGES:
        page.context.clear_cookies()
        if kind.who:
            page.context.add_cookies([{"name": "desk", "value": house.sessions[kind.who], "url": house.base}])
        response = page.goto(house.base + house.pages[kind.name], wait_until="domcontentloaded")
        assert response.status == kind.status, kind.name
        assert page.locator("h1").count() == 1, f"{kind.name} has {page.locator('h1').count()} main headings"
        assert page.locator("h1").is_visible(), kind.name
        assert page.locator("main").inner_text().strip(), kind.name


def test_without_script_a_reader_gets_about_searches_and_narrows(house, visit):
    page, _response = visit("front", java_script_enabled=False)
    page.locator("main h2 a, main h3 a").first.click()
    assert page.locator("article h1, main h1").first.is_visible()
    page.goto(house.base + house.pages["search"])
    page.locator("main input[type=search]").fill("kabelkøen megawatt")
    page.locator("main input[type=search]").press("Enter")
    assert "q=kabelk" in page.url
    assert "Kabelkøen er nu på 4.000 megawatt" in page.locator("main").inner_text().replace("\u00ad", "")
    page.goto(house.base + house.pages["list of events"])
    everything = page.locator("main").inner_text()
    page.locator("main a[href*='mode=online']").first.click()
    assert "mode=online" in page.url
    assert "Morgenmøde om ladenet" in page.locator("main").inner_text()
    assert "Netdage i to omgange" in everything
    assert "Netdage i to omgange" not in page.locator("main").inner_text()


def test_without_script_a_reader_signs_up(house, visit):
    page, _response = visit("sign-up", java_script_enabled=False)
    page.locator("input[name=address]").fill("uden-script@example.org")
    page.locator("input[name=newsletter]").check()
    page.locator("section.letter form button").click()
    assert page.url.split("#")[0] == house.base + house.pages["sign-up asked"]


@pytest.mark.parametrize("name", ["article", "paid article", "front"])
def test_a_page_is_light(house, name):
    """HTML, stylesheet and script together, as they are sent (T7)."""
    page = fetch(house, house.pages[name])
    weights = {"html": squeezed(page.body)}
    for path in linked(page.text):
        weights[path] = squeezed(fetch(house, path).body)
    assert all(weight <= 14_000 for path, weight in weights.items() if ".css" in path), weights
    assert all(weight <= 4_000 for path, weight in weights.items() if ".js" in path), weights
    assert sum(weights.values()) <= 30_000, weights


def test_what_is_sent_is_squeezed(house):
    """All but a file too small to gain from it."""
    for path in (house.pages["article"], *linked(fetch(house, house.pages["article"]).text)):
        answer = fetch(house, path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers.get("Content-Encoding") == "gzip" or len(answer.body) < 1500, path


def linked(html: str) -> list[str]:
    """Return the addresses of a page's stylesheets and scripts."""
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', html) + re.findall(r'<script[^>]+src="([^"]+)"', html)


def squeezed(body: bytes) -> int:
    return len(gzip.compress(body, 6))

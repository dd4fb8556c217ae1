"""The browser and the house it looks at: one of each for all tests of a worker."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.pages import DESK, PAGES

CHROMIUM = Path("/usr/bin/chromium")
# Debian's Chromium without a screen; the background switches keep it from looking for hosts that cannot be reached.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WHO = {kind.name: kind.who for kind in (*PAGES, *DESK)}


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium"))


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """A complete title behind an address of its own: `.base`, `.pages[name]`, `.desk[name]`, `.outbox`, `.database`."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "data").mkdir()
    command = [sys.executable, "-m", "tests.browser.house", str(folder)]
    log = (folder / "log").open("w+")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = process.stdout.readline()
        if not line:
            log.seek(0)
            pytest.fail(f"The house did not open:\n{log.read()[-3000:]}", pytrace=False)
        yield SimpleNamespace(**json.loads(line), log=folder / "log")
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(house, chromium):
    """Open a page kind in a fresh profile: `visit("article", width=390, …)` returns (page, response)."""
    opened = []

    def open_page(name, *, width=1280, **more):
        context = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **more)
        opened.append(context)
        if who := WHO.get(name):
            context.add_cookies([{"name": "desk", "value": house.sessions[who], "url": house.base}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        address = house.pages.get(name) or house.desk.get(name) or name
        return page, page.goto(house.base + address)

    yield open_page
    for context in opened:
        context.close()

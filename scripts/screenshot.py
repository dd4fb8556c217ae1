"""Takes the pictures of docs/screenshots from a freshly built demo: `make screenshots`. For authors; needs Chromium.

Each is drawn with at most 256 colours, which these pages need no more than, and must stay under 300 kB.
"""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from masthead.demo import showing

ROOT = Path(__file__).parents[1]
TO = ROOT / "docs" / "screenshots"
MOST = 300_000  # bytes
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESKTOP, PHONE = {"width": 1280, "height": 1600}, {"width": 390, "height": 844}
DESK, MAIL = {"width": 1280, "height": 900}, {"width": 680, "height": 1200}


def main() -> int:
    if not Path(CHROMIUM).exists():
        print("Chromium is not installed. Get it: apt-get install chromium", file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="masthead-screenshots-"))
    base = f"http://127.0.0.1:{_free_port()}"
    demo = _serve(folder / "demo", base)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            _take_all(browser, base)
            browser.close()
    finally:
        demo.terminate()
        demo.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _take_all(browser: Browser, base: str) -> None:
    article = _lead_of(base)
    _take("front", _open(browser, base, DESKTOP))
    _take("article", _open(browser, base + article, DESKTOP))
    _take("article-dark", _open(browser, base + article, DESKTOP, color_scheme="dark"))
    _take("phone", _open(browser, base, PHONE, device_scale_factor=2))
    _take("desk", _at_the_desk(browser, base))
    _take("mail", _mail(browser, base))


def _open(browser: Browser, address: str, size: dict, **more) -> Page:
    page = browser.new_context(viewport=size, locale="da-DK", reduced_motion="reduce", **more).new_page()
    page.goto(address, wait_until="networkidle")
    return page


def _at_the_desk(browser: Browser, base: str, size: dict = DESK) -> Page:
    page = _open(browser, f"{base}/desk/login/", size)
    name, password = showing.EDITOR, showing.PASSWORD
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/desk/", wait_until="networkidle")
    return page


def _mail(browser: Browser, base: str) -> Page:
    """The newest issue as a reader gets it, from the desk's preview."""
    page = _at_the_desk(browser, base, MAIL)
    page.goto(f"{base}/desk/newsletters/issues/", wait_until="networkidle")
    issue = page.locator("main a").evaluate_all(
        r"links => links.map(a => a.pathname).find(p => /\/issues\/\d+\/$/.test(p))"
    )
    page.goto(f"{base}{issue}preview/html/", wait_until="networkidle")
    return page


def _take(name: str, page: Page) -> None:
    drawn = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    page.context.close()
    TO.mkdir(parents=True, exist_ok=True)
    file = TO / f"{name}.png"
    for colours in (256, 128, 64):
        drawn.quantize(colours, dither=Image.Dither.NONE).save(file, optimize=True)
        if file.stat().st_size <= MOST:
            break
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


def _lead_of(base: str) -> str:
    front = urllib.request.urlopen(base, timeout=30).read().decode()
    return re.search(r'<h2[^>]*>\s*<a href="(/[^"]+)"', front)[1]


def _serve(folder: Path, base: str) -> subprocess.Popen:
    port = base.rsplit(":", 1)[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MASTHEAD_", "DJANGO_"))}
    command = [sys.executable, "-m", "masthead.cli", "demo", "--folder", str(folder), "--port", port]
    demo = subprocess.Popen(command, env=environment, cwd=ROOT)
    for _n in range(1800):
        if demo.poll() is not None:
            raise SystemExit("The demo did not start.")
        try:
            urllib.request.urlopen(base, timeout=30).close()
            return demo
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    demo.terminate()
    raise SystemExit("The demo did not answer.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())

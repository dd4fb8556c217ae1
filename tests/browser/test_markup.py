"""Every kind of page is valid HTML by the Nu checker, all of them in one go."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.fetching import fetch
from tests.browser.pages import PAGES

VNU = Path(__file__).parents[2] / ".checks/node_modules/vnu-jar/build/dist/vnu.jar"

pytestmark = pytest.mark.skipif(
    not VNU.exists() or not shutil.which("java"),
    reason="The HTML checker is not installed: apt-get install default-jre-headless npm, then `make test`",
)


def check(folder: Path) -> list[dict]:
    """Return what the checker says of every file in a folder, worst and doubtful alike."""
    files = sorted(str(file) for file in folder.iterdir())
    asked = ["--format", "json", "--also-check-css", "--exit-zero-always", "--stdout"]
    said = subprocess.run(["java", "-Xss4m", "-jar", VNU, *asked, *files], capture_output=True, check=True)
    return json.loads(said.stdout)["messages"]


def test_no_page_has_an_error_of_markup(house, tmp_path):
    names = {}
    for n, kind in enumerate(PAGES):
        answer = fetch(house, house.pages[kind.name], who=kind.who)
        assert answer.status == kind.status, kind.name
        file = tmp_path / f"{n:03}.html"
        file.write_bytes(answer.body)
        names[file.name] = kind.name
    (tmp_path / "look.css").write_bytes(fetch(house, stylesheet(house)).body)
    (tmp_path / "wrong.html").write_text("<!doctype html><title>x</title><p><div></p>")
    found = {}
    for message in check(tmp_path):
        if message["type"] == "error" or message.get("subType") == "warning":
            name = Path(message["url"]).name
            where = names.get(name, name)
            found.setdefault(where, set()).add(f"{message['message']} … {message.get('extract', '')!r}")
    assert found.pop("wrong.html"), "the checker finds nothing at all"
    assert not found, "\n".join(f"{name}: {line}" for name, lines in found.items() for line in sorted(lines))


def stylesheet(house) -> str:
    return fetch(house, "/").text.split('<link rel="stylesheet" href="')[1].split('"')[0]

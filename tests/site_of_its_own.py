"""A site made and served for real, by the command, in processes of its own: for what only shows there."""

import http.cookiejar
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from lxml import html

ROOT = Path(__file__).parents[1]


def environment(**more) -> dict[str, str]:
    """What a user's shell has: nothing of the tests' own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MASTHEAD_", "DJANGO_"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | more


def masthead(*words, **more) -> subprocess.CompletedProcess:
    """Run the command to its end."""
    command = [sys.executable, "-m", "masthead.cli", *map(str, words)]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=180, **more)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A site in a folder, as `masthead new` made it; `password` is the first log-in's. `code` is where Masthead is."""

    code = ROOT

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        made = masthead("new", folder, "--title", "Prøvetitel", "--language", "da", "--country", "dk")
        assert made.returncode == 0, made.stderr
        self.password = re.search(r"password (\S+)", made.stdout)[1]
        self.process = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *words) -> None:
        log = (self.folder / "log").open("a")
        command = [sys.executable, "-m", "masthead.cli", "serve", "--port", str(self.port), *words]
        settings = environment(PYTHONPATH=str(self.code))
        self.process = subprocess.Popen(command, cwd=self.folder, env=settings, stdout=log, stderr=log)
        for _n in range(600):
            if self.process.poll() is not None:
                break
            try:
                return urllib.request.urlopen(self.base, timeout=10).close()
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(f"The site did not start:\n{self.log()[-2000:]}")

    def stop(self) -> list[int]:
        """Send SIGTERM as a service manager does, and return the processes that are still there when it has ended."""
        below = self._below(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self._alive(below)

    def kill(self) -> list[int]:
        """Kill the first process, and return those that are still there fifteen seconds later."""
        left = self._below(self.process.pid)
        self.process.kill()
        self.process.wait()
        for _n in range(150):
            left = self._alive(left)
            if not left:
                break
            time.sleep(0.1)
        return left

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "data/masthead.sqlite3", timeout=20, isolation_level=None)

    def _below(self, pid: int) -> list[int]:
        children = Path(f"/proc/{pid}/task").glob("*/children")
        found = [int(child) for file in children for child in file.read_text().split()]
        return found + [grandchild for child in found for grandchild in self._below(child)]

    def _alive(self, pids: list[int]) -> list[int]:
        return [pid for pid in pids if self._state(pid) not in ("", "Z")]

    def _state(self, pid: int) -> str:
        """Return the letter of a process's state; "" for one that is gone, be it while we look."""
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return ""


class Browser:
    """What a browser keeps and sends, as far as the desk's forms need it."""

    def __init__(self, site: Site):
        self.base = site.base
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.base + path))

    def post(self, path: str, fields) -> tuple[int, str]:
        body = urllib.parse.urlencode(fields).encode()
        return self._open(urllib.request.Request(self.base + path, data=body, headers={"Referer": self.base + path}))

    def log_in(self, name: str, password: str) -> None:
        _status, page = self.get("/desk/login/")
        status, page = self.post("/desk/login/", form_in(page) | {"username": name, "password": password})
        assert status == 200, page[:500]
        assert "id_password" not in page

    def _open(self, request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")


def form_in(page: str) -> dict[str, str]:
    """Return what the largest form on a page would send, untouched."""
    forms = html.fromstring(page).forms
    largest = max(forms, key=lambda form: len(form.fields))
    return {name: value for name, value in largest.form_values() if not name.startswith("action-")}

"""The print shop of the tests: a press before Django in this process, and a reader who asks it."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from unittest import mock
from urllib.parse import urlsplit

from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from masthead.press import recalling
from masthead.press.opening import rules
from masthead.press.serving import Press

DJANGO = get_wsgi_application()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    woke_django: bool

    @property
    def text(self) -> str:
        return self.body.decode()


class Printshop:
    """`ask` is a reader's request; `printed` says whether Django slept."""

    host = "localhost"

    def __init__(self, title, settings, folder, on_commit):
        self.title, self.on_commit = title, on_commit
        self.data = settings.DATA = folder / "data"
        self.now = timezone.now()
        self._clock = mock.patch("django.utils.timezone.now", lambda: self.now)
        self._clock.start()
        self.woken = 0
        self.beside = None  # what happens while a page is rendered
        self.press = self.another_process()
        self.store = self.press.store
        self.vouch()

    def close(self):
        self._clock.stop()

    def another_process(self) -> Press:
        """A press as another process of the host has it: the same disk, a memory of its own."""
        return Press(self._django, recalling.store(), rules(), lambda: self.now.timestamp())

    def vouch(self):
        self.press.store.board.vouch(self.now.timestamp())

    @property
    def django(self):
        return DJANGO

    def later(self, **time) -> datetime:
        self.now += timedelta(**time)
        self.vouch()
        return self.now

    @contextmanager
    def committing(self):
        """What is changed inside is committed at the end, and recalled."""
        with self.on_commit(execute=True):
            yield

    def ask(self, address: str, press: Press | None = None, method="GET", host: str | None = None, **environ) -> Answer:
        parts = urlsplit(address)
        asked = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "HTTP_HOST": host or self.host,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "SCRIPT_NAME": "",
            "wsgi.url_scheme": "http",
            "wsgi.input": None,
            "wsgi.errors": None,
        } | environ
        asked["wsgi.input"] = asked["wsgi.input"] or _Empty()
        said: list = []
        before = self.woken
        answer = (press or self.press)(asked, lambda status, headers, exc_info=None: said.extend([status, headers]))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return Answer(int(said[0].split()[0]), dict(said[1]), body, self.woken > before)

    def is_kept(self, address: str) -> bool:
        """Whether the next reader of an address would get a printed page."""
        return not self.ask(address).woke_django

    def kept(self, *addresses: str) -> list[str]:
        return [address for address in addresses if self.is_kept(address)]

    def print(self, *addresses: str) -> None:
        """Ask for addresses, so that they are printed."""
        for address in addresses:
            assert self.ask(address).status == 200, address
            assert self.is_kept(address), f"{address} was not kept"

    def _django(self, environ, start_response):
        self.woken += 1
        beside, self.beside = self.beside, None
        if beside is None:
            return DJANGO(environ, start_response)
        # It happens after the page was rendered, and before the press has it.
        answer = b"".join(DJANGO(environ, start_response))
        beside()
        return [answer]


class _Empty:
    def read(self, *_args) -> bytes:
        return b""

    readline = read


def in_a_thread(do) -> None:
    thread = threading.Thread(target=do)
    thread.start()
    thread.join(10)

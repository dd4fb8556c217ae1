"""Serving: a printed page is sent without waking Django; all else is passed on.

A hit takes a look at the pulse of the host and one at the clock, two look-ups in memory, no system call and no lock.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from masthead.press.addressing import Asked, Rules, is_known_person, is_secure_enough, read
from masthead.press.board import Position, Pulse
from masthead.press.ingredients import EVERYTHING, HOSTS, concerns
from masthead.press.pages import Page, accepted, is_known, key_of
from masthead.press.printing import Printed, print_page
from masthead.press.store import MOST_HOSTS, Store, Turn

log = logging.getLogger("masthead.press")

DOUBT = 60  # seconds without word from the database, after which nothing kept is sent (promise 3)
AHEAD = 5  # seconds the board's time may stand before ours
MICRO = 1_000_000
MEMORY = 48 * 1024 * 1024  # bytes of pages a process holds
WAIT, STEP = 0.3, 0.005  # seconds one waits for another process that prints the very page, and between two looks
HOT = 2  # a page sent this often since it was printed is printed again at once when it is recalled
Application = Callable[[dict, Callable], Iterable[bytes]]
Sent = tuple[int, list[tuple[str, str]], bytes]  # status, headers, body
PHRASES = {200: "200 OK", 304: "304 Not Modified"}


class Press:
    """A WSGI application before Django's, which is `django`."""

    def __init__(self, django: Application, store: Store, rules: Rules, clock: Callable[[], float] = time.time):
        self.django, self.store, self.rules, self.clock = django, store, rules, clock
        self.pages: dict[str, Page] = {}  # by address
        self.hosts: dict[str, str] = {}  # the title's own host, by what readers write
        self.codings: dict[str, tuple[str, ...]] = {"": ("identity",)}
        self.recalled: dict[str, str] = {}  # pages much asked for until they were recalled: their address, by key
        self.on_recall: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._read_to = Position(0, 0)
        self._bytes = 0
        # What another host recalled while this one was down is known once somebody has compared since we opened.
        self._opened = int(clock() * MICRO)
        self._seen = -1  # the number of the last post that was taken in
        self._look_again = 0.0  # when to look whether the pulse is still the host's
        self._numbers: Sequence[int] = (0, 0)  # the pulse: see board.py
        self._pulse: Pulse | None = None

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        sent = self.at_once(environ)
        if sent is None:
            return self._look_further(environ, start_response)
        return _said(sent, start_response)

    def at_once(self, environ: dict) -> Sent | None:
        """Return the answer to a request whose page is in memory, is right now, and is for who asks; else None."""
        now = self._now_if_known()
        if not now:
            return None
        host = self.hosts.get(environ.get("HTTP_HOST", ""))
        if host is None:
            return None
        query = environ["QUERY_STRING"]
        path = host + environ["PATH_INFO"]
        page = self.pages.get(f"{path}?{query}" if query else path)
        if page is None or not page.since - 1 <= now < page.until or not self._is_a_readers(environ):
            return None
        return self._send(page, environ, now)

    # What is known

    def _now_if_known(self) -> float:
        """Return the time, once everything posted on the board has been taken in; 0 where nothing kept may be sent."""
        now = self.clock()
        if not self._look_again - 1 <= now < self._look_again:
            self._look_again = now + 1
            self._find_pulse()
        numbers = self._numbers
        if numbers[0] != self._seen:
            self._take_in()
        vouched = numbers[1]
        return now if vouched >= self._opened and -AHEAD < now - vouched / MICRO < DOUBT else 0.0

    def _find_pulse(self) -> None:
        """Look whether the pulse is still the host's: somebody may have taken the store away."""
        with self._lock:
            try:
                if self._pulse is None or not self._pulse.is_the_hosts():
                    self._pulse = self.store.board.open_pulse()
                    self._seen, self._numbers = -1, self._pulse.numbers  # in this order: two threads look
                    self.hosts.clear()
            except OSError as error:
                log.warning("Nothing printed can be sent: %s", error)
                self._pulse, self._numbers, self._seen = None, (0, 0), 0

    def _take_in(self) -> None:
        """Forget the pages that what was posted since concerns."""
        with self._lock:
            seen = self._numbers[0]  # before the board is read: what is posted meanwhile is taken in next time
            try:
                recalled, here = self.store.board.since(self._read_to)
                if here.inode != self._read_to.inode:
                    self.store.board.hold()
            except OSError as error:
                recalled, here = {EVERYTHING: None}, Position(0, 0)
                log.warning("The board of printed pages can't be read: %s", error)
            for key in [key for key, page in self.pages.items() if concerns(recalled, page.made_of)]:
                page = self.pages.pop(key)
                self._bytes -= page.size
                if page.hits >= HOT:
                    self.recalled[key] = page.asked
            if EVERYTHING in recalled or HOSTS in recalled:
                self.hosts.clear()
                _forget_addresses()
            self._read_to, self._seen = here, seen
        if self.recalled:
            self.on_recall()

    # Sending

    def _is_a_readers(self, environ: dict) -> bool:
        method = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return False
        cookies = environ.get("HTTP_COOKIE")
        if cookies and is_known_person(cookies, self.rules):
            return False
        return is_secure_enough(environ, self.rules)

    def _send(self, page: Page, environ: dict, now: float) -> Sent | None:
        """Answer with a page; None where its bytes in the coding asked for are no longer there."""
        coding = self._coding(page, environ.get("HTTP_ACCEPT_ENCODING", ""))
        if coding not in page.bodies and not self._fetch(page, coding):
            return None
        page.hits += 1
        if ("HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ) and is_known(page, coding, environ):
            return 304, [h for h in page.headers_for(coding, now) if h[0] in KEPT_IN_304], b""
        return 200, page.headers_for(coding, now), b"" if environ["REQUEST_METHOD"] == "HEAD" else page.bodies[coding]

    def _coding(self, page: Page, header: str) -> str:
        wanted = self.codings.get(header)
        if wanted is None:
            wanted = accepted(header)
            if len(self.codings) < MOST_HOSTS:
                self.codings[header] = wanted
        for coding in wanted:
            if coding in page.prints:
                return coding
        return "identity"

    def _fetch(self, page: Page, coding: str) -> bool:
        found = self.store.fetch(page, coding)
        with self._lock:
            if found:
                self._bytes += len(page.bodies[coding])
            else:
                self.pages.pop(page.key, None)
        return found

    # What is not in memory

    def _look_further(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        now = self._now_if_known()
        asked = read(environ, self.rules)
        if asked is None or not now:
            return self.django(environ, start_response)
        host = self._host(asked.host)
        if host is not None and (page := self.find(host, asked, environ, now)):
            sent = self._send(page, environ, now)
            if sent is not None:
                return _said(sent, start_response)
        with self.store.turn(f"{asked.host}{asked.path}?{asked.query}") as turn:
            if not turn.is_ours and host is not None and (page := self._wait_for(turn, host, asked, environ)):
                sent = self._send(page, environ, self.clock())
                if sent is not None:
                    return _said(sent, start_response)
            printed = print_page(self.django, self.store if turn.is_ours else None, environ, asked, self.clock)
        return self._send_printed(printed, environ, start_response)

    def find(self, host: str, asked: Asked, environ: dict, now: float) -> Page | None:
        """Return a kept page that is right now, from memory or the disk; it is in memory afterwards."""
        key = key_of(host, asked.path, asked.query)
        page = self.pages.get(key)
        if page is None:
            read_to = self._read_to
            wanted = accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))[0]
            page = self.store.load(host, asked.path, asked.query, wanted)
            if page is None or not page.is_right(now):
                return None
            page.asked = asked.host
            self._remember(page, read_to)
        return page if page.is_right(now) else None

    def _remember(self, page: Page, read_to: Position) -> None:
        """Hold a page in memory, unless the board was read further meanwhile: that recall may have been of this page.

        Files are deleted before a recall is posted, so a page read from them was not recalled up to `read_to`.
        """
        with self._lock:
            if self._read_to != read_to:
                return
            if self._bytes + page.size > MEMORY:
                self._make_room()
            self.pages[page.key] = page
            self._bytes += page.size

    def _make_room(self) -> None:
        """Let the half of the pages go that was asked for least."""
        ordered = sorted(self.pages.items(), key=lambda pair: pair[1].hits)
        for key, _page in ordered[: len(ordered) // 2 + 1]:
            self.pages.pop(key, None)
        for page in self.pages.values():
            page.hits //= 2
            page.told //= 2
        self._bytes = sum(page.size for page in list(self.pages.values()))

    def _wait_for(self, turn: Turn, host: str, asked: Asked, environ: dict) -> Page | None:
        """Wait for the page somebody else prints; None where that took too long, or ended and nothing was kept."""
        for _n in range(int(WAIT / STEP)):
            time.sleep(STEP)
            ended = turn.take()
            now = self._now_if_known()
            if now and (page := self.find(host, asked, environ, now)):
                return page
            if ended:
                return None
        return None

    def _host(self, written: str) -> str | None:
        """Return the title's own host where it is known that Django lets it answer at `written`."""
        host = self.hosts.get(written)
        if host is None:
            read_to = self._read_to
            host = self.store.host_of(written)
            with self._lock:
                if host and self._read_to == read_to and len(self.hosts) < MOST_HOSTS:
                    self.hosts[written] = host
        return host

    def _send_printed(self, printed: Printed, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if printed.page:
            sent = self._send(printed.page, environ, self.clock())
            if sent is not None:
                return _said(sent, start_response)
        start_response(printed.status, printed.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (printed.body,)

    # Printing again what is much read

    def print_again(self) -> int:
        """Print what was recalled and is much asked for, and return how many; readers find it ready."""
        done = 0
        while self.recalled:
            key, host = self.recalled.popitem()
            kept_as, _, address = key.partition("/")
            path, _, query = f"/{address}".partition("?")
            asked = Asked(host, path, query)
            environ = background(host, self.rules)
            with self.store.turn(f"{host}{path}?{query}") as turn:
                if turn.is_ours and not self.find(kept_as, asked, environ, self.clock()):
                    done += bool(print_page(self.django, self.store, environ, asked, self.clock).page)
        return done

    def account(self) -> None:
        """Tell the store which pages were sent since the last time: they are not the ones that go when it is full."""
        sent = [key for key, page in list(self.pages.items()) if page.hits > page.told]
        for key in sent:
            if page := self.pages.get(key):
                page.told = page.hits
        if sent:
            self.store.mark_used(sent, self.clock())


def _said(sent: Sent, start_response: Callable) -> Iterable[bytes]:
    status, headers, body = sent
    start_response(PHRASES[status], headers)
    return (body,) if body else ()


KEPT_IN_304 = {"Cache-Control", "ETag", "Vary", "Content-Location", "Last-Modified"}


def background(host: str, rules: Rules) -> dict:
    """Return a request that nobody sent, for printing a page ahead."""
    name, _, port = host.partition(":")
    secure = rules.https
    return {
        "REQUEST_METHOD": "GET",
        "HTTP_HOST": host,
        "SERVER_NAME": name,
        "SERVER_PORT": port or ("443" if secure else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SCRIPT_NAME": "",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "https" if secure else "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _forget_addresses() -> None:
    """Let Wagtail look up again which page is whose root: each process keeps that for an hour."""
    from django.conf import settings

    if settings.configured:
        from django.core.cache import cache

        cache.delete("wagtail_site_root_paths")

"""Publishing again and again, and looking when each output shows it: for benchmarks/press.py."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PAGE = "/artikler/nummeret/"
OUTPUTS = {"front page": "/", "list": "/artikler/", "feed": "/feeds/articles.rss", "page": PAGE}
NUMBERED = re.compile(rb"Nummer (\d+) i r\xc3\xa6kken")
PAUSE = 0.01  # seconds a reader waits before it asks again


class Published(NamedTuple):
    """What was done last: the number published, or taken back, and when that returned (seconds since 1970)."""

    number: int = 0
    at: float = 0.0
    is_shown: bool = True
    more_to_come: bool = False  # the next was begun: until that returns, a reader may see either

    def is_in(self, shown: int) -> bool:
        """Whether an output whose largest number is `shown` (0 for none) has come that far."""
        return shown >= self.number if self.is_shown else shown != self.number


class State:
    """What the publishing process tells the readers, through a file."""

    def __init__(self, path: Path):
        self.path = path

    def read(self) -> Published:
        try:
            return Published(*json.loads(self.path.read_text()))
        except FileNotFoundError:
            return Published()

    def tell(self, published: Published) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(published))
        new.replace(self.path)


@contextlib.contextmanager
def publishing(state: State, environment: dict[str, str], every: float = 1.0, back: bool = False) -> Iterator[None]:
    """Publish one article anew every so many seconds, in a process of its own, while the block runs.

    With `back` it is taken back every second time.
    """
    command = [sys.executable, __file__, str(state.path), str(every), *(["back"] if back else [])]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    before = state.read()
    try:
        for _n in range(300):
            if state.read() != before:
                break
            time.sleep(0.05)
        else:
            sys.exit("Nothing was published.")
        yield
    finally:
        running.terminate()
        running.wait()


class Watch:
    """Asks outputs again and again on connections of its own, and notes when each shows what was published.

    It asks as a browser does that has the page already (If-None-Match). A read is stale when it was begun after the
    publication had returned, and shows an earlier number, or says that an earlier one is still right. What was not seen
    before the next publication is missed.
    """

    def __init__(self, port: int, state: State, connections: int = 2):
        self.port, self.state = port, state
        self.took: dict[str, list[float]] = {name: [] for name in OUTPUTS}
        self.gone: dict[str, list[float]] = {name: [] for name in OUTPUTS}
        self.stale = self.reads = self.missed = 0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._look, args=[name, path], daemon=True)
            for name, path in OUTPUTS.items()
            for _n in range(connections)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _look(self, name: str, path: str) -> None:
        line, shown, last = Line(self.port, path), 0, self.state.read()
        seen = last
        while not self._stop.wait(PAUSE):
            now = self.state.read()
            if now[:3] != last[:3]:
                self.missed += seen[:3] != last[:3]
            elif now[:3] == seen[:3] and not line.was_found:
                continue  # whoever got a 404 asks again when something is published
            last = now
            body = line.ask()
            if body is not None:
                shown = max(map(int, NUMBERED.findall(body)), default=0)
            self.reads += 1
            self.stale += not now.is_in(shown) and not now.more_to_come and now == self.state.read()
            if now[:3] != seen[:3] and now.is_in(shown):
                (self.took if now.is_shown else self.gone)[name].append(max(0.0, time.time() - now.at))
                seen = now


class Line:
    """One kept connection that asks for one address, with the ETag of what it got last."""

    def __init__(self, port: int, path: str):
        self.host, self.path, self.etag, self.was_found = f"127.0.0.1:{port}", path, b"", True
        self._line = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> bytes | None:
        """Return the body, or None where the answer is that nothing changed (304)."""
        known = b"If-None-Match: " + self.etag + b"\r\n" if self.etag else b""
        self._line.sendall(f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\n".encode() + known + b"\r\n")
        data = self._more(b"")
        while b"\r\n\r\n" not in data:
            data = self._more(data)
        head, _, body = data.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 304"):
            return None
        if head[9:12] not in (b"200", b"404", b"410"):
            raise RuntimeError(f"{self.path} answers {head[:60]!r}.")
        self.was_found = head[9:12] == b"200"
        found = re.search(rb"(?i)\r\netag: ([^\r]+)", head)
        self.etag = found[1] if found else b""
        length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1])
        while len(body) < length:
            body = self._more(body)
        return body

    def _more(self, data: bytes) -> bytes:
        new = self._line.recv(65_536)
        if not new:
            raise ConnectionError(f"The line for {self.path} was closed.")
        return data + new


def _publish_again_and_again(state: State, every: float, back: bool) -> None:
    """Publish one article anew, as the desk does, every so many seconds; with `back`, take it back between."""
    import django

    django.setup()
    from masthead.articles.models import Article

    done = state.read()
    while True:
        article = Article.objects.get(slug="nummeret")
        state.tell(done._replace(more_to_come=True))
        if back and done.is_shown and article.live:
            article.unpublish()
            done = Published(done.number, time.time(), is_shown=False)
        else:
            number = done.number + 1
            article.title = f"Nummer {number} i rækken"
            article.save_revision().publish()
            done = Published(number, time.time())
        state.tell(done)
        time.sleep(every)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "masthead.settings")
    _publish_again_and_again(State(Path(sys.argv[1])), float(sys.argv[2]), "back" in sys.argv[3:])

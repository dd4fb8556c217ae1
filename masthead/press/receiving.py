"""Receiving: the application Granian calls (RSGI). A printed page is sent at once; all else waits for Django's thread.

Requests are received by an event loop, and Django works in one thread beside it. So a printed page never waits for a
page that is being rendered, and a form sent slowly holds nobody but its sender: Django sees it when it is here whole.
"""

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from granian.rsgi import ProtocolClosed

from masthead.press.addressing import METHODS
from masthead.press.fronts import LARGEST
from masthead.press.serving import Application, Press

MIB = 1024 * 1024
IN_MEMORY = 512 * 1024  # bytes of a body, above which it waits on the disk
PATIENCE, PACE = 30, 1_000  # seconds a body may take, and one more for every so many bytes that are here
MOST_BODIES = 100  # that come in at once
MOST_WAITING = 5_000  # requests that wait for Django; more than a page in hand each would cost memory for nothing
PIECE = 64 * 1024  # bytes of a file that are read at once
NOT_DJANGOS = {"content-length", "transfer-encoding", "connection", "keep-alive"}  # of the connection and its body
TEXT = [("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")]


@dataclass
class Refused(Exception):
    """A request that is not taken: the status to answer with (RFC 9110) and one sentence."""

    status: int
    reason: str


@dataclass
class Answer:
    """What Django's thread said: a body, or `rest`, which gives a long one part by part and is to be closed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None


@dataclass
class Task:
    """What Django's thread is to do, and where its result is waited for."""

    done: asyncio.Future
    do: Callable[[], Any]


class Reception:
    """An RSGI application before a WSGI one, which is the press or Django itself."""

    def __init__(self, application: Application):
        self.application = application
        self.press = application if isinstance(application, Press) else None
        self.bodies = 0  # that are coming in
        self.is_busy = False  # Django's thread
        self.people: deque[Task] = deque()  # what waits for it; who has a cookie, as people at the desk, goes first
        self.readers: deque[Task] = deque()
        self.under_way: dict[tuple[str, str, str], asyncio.Event] = {}  # addresses asked for by somebody: its end
        # One thread: SQLite's one writer is shared by processes that wait, not by threads that fail.
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="django")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        press = self.press
        if press is None:
            await self._ask_django(scope, protocol)
            return
        head = _head(scope, press.rules.https)
        sent = press.at_once(head)
        if sent is not None:
            _send(protocol, *sent)
        elif "HTTP_COOKIE" in head or head["REQUEST_METHOD"] not in METHODS or _has_body(scope):
            await self._ask_django(scope, protocol)
        else:
            await self._ask_for_one_of_many(press, head, scope, protocol)

    async def _ask_for_one_of_many(self, press: Press, head: dict, scope: Any, protocol: Any) -> None:
        """Let the first who asks for an address wait for Django, and the others for what the first gets."""
        address = head["HTTP_HOST"], head["PATH_INFO"], head["QUERY_STRING"]
        if first := self.under_way.get(address):
            await first.wait()
            sent = press.at_once(head)
            if sent is not None:
                _send(protocol, *sent)
            else:
                await self._ask_django(scope, protocol)
            return
        self.under_way[address] = asyncio.Event()
        try:
            answer = await self._answer_to(scope, protocol)
        finally:
            self.under_way.pop(address).set()  # before it is sent: nobody waits for a slow line
        await self._give(answer, protocol)

    async def _ask_django(self, scope: Any, protocol: Any) -> None:
        await self._give(await self._answer_to(scope, protocol), protocol)

    async def _answer_to(self, scope: Any, protocol: Any) -> Answer:
        """Return what Django says, or why it is not asked."""
        try:
            if len(self.readers) + len(self.people) >= MOST_WAITING:
                raise Refused(503, "Too much is being asked for at this moment. Please try again in a minute.")
            body = await self._body(scope, protocol)
        except Refused as refused:
            again = [("Retry-After", "5")] if refused.status == 503 else []
            return Answer(refused.status, TEXT + again, f"{refused.reason}\n".encode())
        with body:
            queue = self.people if "cookie" in scope.headers else self.readers
            return await self._in_the_thread(queue, self._answer, _environ(scope, body))

    async def _give(self, answer: Answer, protocol: Any) -> None:
        if answer.rest is not None:
            await self._stream(answer, protocol)
        else:
            _send(protocol, answer.status, answer.headers, answer.body)

    async def _in_the_thread(self, queue: deque[Task], do: Callable, *args):
        """Let Django's thread do something when it is this one's turn."""
        task = Task(asyncio.get_running_loop().create_future(), partial(do, *args))
        queue.append(task)
        self._go_on()
        return await task.done

    def _go_on(self) -> None:
        """Give the thread what has waited longest, if it is free."""
        waiting = self.people or self.readers
        if waiting and not self.is_busy:
            self.is_busy = True
            task = waiting.popleft()
            work = asyncio.get_running_loop().run_in_executor(self.thread, task.do)
            work.add_done_callback(partial(self._finish, task))

    def _finish(self, task: Task, work: asyncio.Future) -> None:
        self.is_busy = False
        if not task.done.cancelled():
            if error := work.exception():
                task.done.set_exception(error)
            else:
                task.done.set_result(work.result())
        self._go_on()

    # A body that comes in

    async def _body(self, scope: Any, protocol: Any) -> IO[bytes]:
        """Return what came with a request, whole, at its beginning. Raises Refused where it is not taken."""
        if not _has_body(scope):
            return BytesIO()
        if "transfer-encoding" in scope.headers:  # one that breaks off would look as if it were whole
            raise Refused(411, "Please send the form with its length.")
        if self.bodies >= MOST_BODIES:
            raise Refused(503, "Too many forms are being sent at this moment. Please send it again in a minute.")
        self.bodies += 1
        try:
            return await _take_in(protocol, int(scope.headers.get("content-length")))
        finally:
            self.bodies -= 1

    # An answer that goes out

    def _answer(self, environ: dict) -> Answer:
        """Let Django answer, in its thread."""
        said: list = []
        answer: Any = self.application(environ, lambda status, headers, exc_info=None: said.extend((status, headers)))
        close = getattr(answer, "close", lambda: None)
        status, headers, is_head = int(said[0][:3]), said[1], environ["REQUEST_METHOD"] == "HEAD"
        if getattr(answer, "streaming", False) and not is_head:
            return Answer(status, headers, rest=iter(answer), close=close)
        try:
            return Answer(status, headers, b"" if is_head else b"".join(answer))
        finally:
            close()

    async def _stream(self, answer: Answer, protocol: Any) -> None:
        """Send piece by piece; each is made when the one before is gone."""
        try:
            transport = protocol.response_stream(answer.status, answer.headers)
            with suppress(ProtocolClosed):  # who asked has gone
                while piece := await self._in_the_thread(self.people, _piece, answer.rest):
                    await transport.send_bytes(piece)
        finally:
            await self._in_the_thread(self.people, answer.close)


def _send(protocol: Any, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    if body:
        protocol.response_bytes(status, headers, body)
    else:
        protocol.response_empty(status, headers)


async def _take_in(protocol: Any, length: int) -> IO[bytes]:
    """Return a body once it is here. Raises Refused where it is too slow, too large, or breaks off."""
    if length > LARGEST * MIB:
        with suppress(TimeoutError):  # a browser that is cut off while it sends shows no answer
            async for _passes in _coming(protocol, 0):
                pass
        raise Refused(413, f"Nothing larger than {LARGEST} MB is taken. Please send a smaller file.")
    body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it is read by Django's thread, and closed after that
    try:
        async for piece in _coming(protocol, 1 / PACE):
            body.write(piece)
    except TimeoutError:
        raise Refused(408, "The form came too slowly. Please send it again.") from None
    if body.tell() != length:
        raise Refused(400, "The form did not arrive whole. Please send it again.")
    body.seek(0)
    return body


async def _coming(protocol: Any, for_each: float) -> AsyncIterator[bytes]:
    """Give a body piece by piece, as it comes; each byte gives the next so many seconds more. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE
    pieces = aiter(protocol)
    while True:
        try:
            async with asyncio.timeout(until - time.monotonic()):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        until += len(piece) * for_each
        yield piece


def _piece(rest: Iterator[bytes]) -> bytes:
    """Return the next bytes of an answer, and as many of its parts as fit; none at its end."""
    parts, size = [], 0
    for part in rest:
        parts.append(part)
        size += len(part)
        if size >= PIECE:
            break
    return b"".join(parts)


def _has_body(scope: Any) -> bool:
    return "transfer-encoding" in scope.headers or scope.headers.get("content-length", "0") != "0"


def _head(scope: Any, is_https: bool) -> dict:
    """Return what the press looks at before it sends a page it has, named as in `_environ`."""
    headers = scope.headers
    head = {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path,
        "QUERY_STRING": scope.query_string,
        "HTTP_HOST": headers.get("host") or scope.authority or "",
        "HTTP_ACCEPT_ENCODING": headers.get("accept-encoding", ""),
    }
    if "cookie" in headers:
        head["HTTP_COOKIE"] = "; ".join(headers.get_all("cookie"))
    if is_https:
        head |= {"wsgi.url_scheme": scope.scheme, "REMOTE_ADDR": _address(scope.client)}
        head["HTTP_X_FORWARDED_PROTO"] = headers.get("x-forwarded-proto", "")
    if "if-none-match" in headers:
        head["HTTP_IF_NONE_MATCH"] = headers.get("if-none-match")
    if "if-modified-since" in headers:
        head["HTTP_IF_MODIFIED_SINCE"] = headers.get("if-modified-since")
    return head


def _environ(scope: Any, body: IO[bytes]) -> dict:
    """Return a request as WSGI has it (PEP 3333)."""
    name, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": _address(scope.client),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope.authority:  # HTTP/2
        environ["HTTP_HOST"] = scope.authority
    for header, value in scope.headers.items():
        # "X_Real_IP" would become what "X-Real-IP" becomes, which a server in front vouches for.
        if "_" not in header and header not in NOT_DJANGOS:
            _put(environ, header, value)
    environ["CONTENT_LENGTH"] = scope.headers.get("content-length", "0")  # all of it is here
    return environ


def _put(environ: dict, header: str, value: str) -> None:
    name = header.upper().replace("-", "_")
    name = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
    between = "; " if header == "cookie" else ","
    environ[name] = f"{environ[name]}{between}{value}" if name in environ else value


def _address(client: str) -> str:
    """Return the address in "address:port"; IPv6 stands in brackets."""
    return client.rpartition(":")[0].strip("[]")

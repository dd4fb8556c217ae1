"""Listening for mail, in a thread: what the catcher and the LMTP door have in common. The server is aiosmtpd."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Self

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

BIGGEST_LETTER = 50_000_000  # bytes


class PortTaken(OSError):
    """We cannot listen where we were told to; one sentence says what to do."""


class Listener:
    """A mail server in a thread: `with Listener(...) as listener`, `listener.port`. Port 0 takes a free one."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host, self.port = host, port
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__, daemon=True)

    def conversation(self) -> SMTP:
        """Returns the protocol of one connection."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listens from now on. Raises `PortTaken`."""
        try:
            self._server = self._loop.run_until_complete(
                self._loop.create_server(self.conversation, self.host, self.port)
            )
        except OSError as error:
            self._loop.close()
            raise PortTaken(f"Port {self.port} on {self.host} cannot be used ({error}): choose another.") from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread.start()

    def stop(self) -> None:
        """Listens no more; what was acknowledged is on disk."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def listen(self) -> None:
        """Listens until SIGTERM or Ctrl-C. For the main thread. Raises `PortTaken`."""
        stop = threading.Event()
        before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            with self:
                stop.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def _shut(self) -> None:
        if self._server:
            self._server.close()
        conversations = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)


class LmtpDoor(Listener):
    """Takes mail from a mail server on this machine by LMTP (RFC 2033), and answers for each recipient apart.

    `receive(raw, recipient)` is called in a thread; a letter is acknowledged when it returns. What it raises is told to
    the server as a failure for now, so that it keeps the letter.
    """

    def __init__(self, receive: Callable[[bytes, str], object], host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self._receive = receive

    def conversation(self) -> SMTP:
        return LMTP(self, hostname="masthead", data_size_limit=BIGGEST_LETTER, enable_SMTPUTF8=True, loop=self._loop)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:  # noqa: N802  aiosmtpd's name
        """Hands the letter over once for each recipient, in their order."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        return "\r\n".join([await self._answer(content, recipient) for recipient in envelope.rcpt_tos])

    def _answer(self, content: bytes, recipient: str) -> Awaitable[str]:
        return self._loop.run_in_executor(None, self._taken, content, recipient)

    def _taken(self, content: bytes, recipient: str) -> str:
        try:
            self._receive(content, recipient)
        except Exception as error:
            return f"451 4.3.0 Not taken, try again later ({type(error).__name__})"
        return "250 2.0.0 Taken"

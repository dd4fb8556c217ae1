"""A mail catcher: a mail server that delivers to nobody and keeps every letter as a file, to look at.

    with Catcher(folder) as catcher:             # in a thread, on a free port: catcher.port
        ...
        for mail in caught(folder):              # newest first
            print(mail.to, mail.subject)

`catch(folder, port=8025)` is the same for a process of its own. The folder is a maildir (`tmp`, `new`): a letter
appears whole or not at all. The server is aiosmtpd, the asyncio SMTP server kept by the aio-libs maintainers.
"""

import asyncio
import itertools
import os
import re
import signal
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

BIGGEST_LETTER = 50_000_000  # bytes
_KEY = re.compile(r"[0-9]{20}\.[0-9]+\.[0-9]+\.eml")


@dataclass(frozen=True, slots=True)
class Caught:
    """One caught letter. `recipient` and `sender` are the envelope's, `to` and `from_` the headers'."""

    key: str
    subject: str
    from_: str
    to: str
    sender: str
    recipient: str
    date: datetime | None
    text: str
    html: str
    headers: list[tuple[str, str]]


class NothingCaught(LookupError):
    """There is no such letter in the folder (any more)."""


class PortTaken(OSError):
    """The catcher cannot listen where it was told to; one sentence says what to do."""


def catch(folder: Path, host: str = "127.0.0.1", port: int = 8025) -> None:
    """Catches mail into the folder until SIGTERM or Ctrl-C. For the main thread. Raises `PortTaken`."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Catcher(folder, host, port):
            stop.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def caught(folder: Path, newest: int = 100) -> list[Caught]:
    """Returns the newest letters, newest first; none when nothing was caught yet."""
    keys = sorted((path.name for path in _new(folder).glob("*.eml")), reverse=True)
    return [read(folder, key) for key in keys[:newest] if _KEY.fullmatch(key)]


def read(folder: Path, key: str) -> Caught:
    """Returns one letter by the key from `caught`. Raises `NothingCaught`, also for a key that is a path."""
    message: EmailMessage = message_from_bytes(raw(folder, key), policy=policy.default)
    return Caught(
        key=key,
        subject=str(message["Subject"] or ""),
        from_=str(message["From"] or ""),
        to=str(message["To"] or ""),
        sender=str(message["Return-Path"] or "").strip("<>"),
        recipient=str(message["Delivered-To"] or ""),
        date=getattr(message["Date"], "datetime", None),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=[(name, str(value)) for name, value in message.items()],
    )


def raw(folder: Path, key: str) -> bytes:
    """Returns the letter's bytes as received, below a Return-Path and Delivered-To. Raises `NothingCaught`."""
    if not _KEY.fullmatch(key):
        raise NothingCaught(f"There is no caught letter “{key}”.")
    try:
        return (_new(folder) / key).read_bytes()
    except FileNotFoundError as error:
        raise NothingCaught(f"There is no caught letter “{key}”.") from error


class Catcher:
    """A catcher in a thread: `with Catcher(folder) as catcher`, `catcher.port`. Port 0 takes a free one."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.folder, self.host, self.port = Path(folder), host, port
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail catcher", daemon=True)

    def __enter__(self) -> "Catcher":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listens from now on. Raises `PortTaken`."""
        for name in ("tmp", "new"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        try:
            self._server = self._loop.run_until_complete(
                self._loop.create_server(self._conversation, self.host, self.port)
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

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:  # noqa: N802  aiosmtpd's name
        """Keeps one file per recipient, as delivery would, and then says 250."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        for recipient in envelope.rcpt_tos:
            self._keep(f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {recipient}\r\n".encode() + content)
        return "250 2.0.0 Caught"

    def _conversation(self) -> SMTP:
        return SMTP(
            self,
            hostname="catcher",
            data_size_limit=BIGGEST_LETTER,
            enable_SMTPUTF8=True,
            loop=self._loop,
            ident="Catcher",
        )

    def _keep(self, content: bytes) -> None:
        key = f"{time.time_ns():020d}.{os.getpid()}.{next(self._numbers)}.eml"
        unfinished = self.folder / "tmp" / key
        unfinished.write_bytes(content)
        unfinished.rename(self.folder / "new" / key)

    async def _shut(self) -> None:
        if self._server:
            self._server.close()
        conversations = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)


def _new(folder: Path) -> Path:
    return Path(folder) / "new"


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):
        # Whatever was sent is shown somehow: an unknown charset is a finding, not a reason to hide the letter.
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)

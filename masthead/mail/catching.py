"""A mail catcher: a mail server that delivers to nobody and keeps every letter as a file, to look at.

    with Catcher(folder) as catcher:             # in a thread, on a free port: catcher.port
        ...
        for mail in caught(folder):              # newest first
            print(mail.to, mail.subject)

`catch(folder, port=8025)` is the same for a process of its own. The folder is a maildir (`tmp`, `new`): a letter
appears whole or not at all. The server is aiosmtpd, the asyncio SMTP server kept by the aio-libs maintainers.
"""

import itertools
import os
import re
import time
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from masthead.mail.listening import BIGGEST_LETTER, Listener, PortTaken

__all__ = ["Catcher", "Caught", "NothingCaught", "PortTaken", "catch", "caught", "raw", "read"]

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


def catch(folder: Path, host: str = "127.0.0.1", port: int = 8025) -> None:
    """Catches mail into the folder until SIGTERM or Ctrl-C. For the main thread. Raises `PortTaken`."""
    Catcher(folder, host, port).listen()


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


class Catcher(Listener):
    """A catcher in a thread: `with Catcher(folder) as catcher`, `catcher.port`. Port 0 takes a free one."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self.folder = Path(folder)
        self._numbers = itertools.count()

    def start(self) -> None:
        """Listens from now on. Raises `PortTaken`."""
        for name in ("tmp", "new"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        super().start()

    def conversation(self) -> SMTP:
        return SMTP(
            self,
            hostname="catcher",
            data_size_limit=BIGGEST_LETTER,
            enable_SMTPUTF8=True,
            loop=self._loop,
            ident="Catcher",
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:  # noqa: N802  aiosmtpd's name
        """Keeps one file per recipient, as delivery would, and then says 250."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        for recipient in envelope.rcpt_tos:
            self._keep(f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {recipient}\r\n".encode() + content)
        return "250 2.0.0 Caught"

    def _keep(self, content: bytes) -> None:
        key = f"{time.time_ns():020d}.{os.getpid()}.{next(self._numbers)}.eml"
        unfinished = self.folder / "tmp" / key
        unfinished.write_bytes(content)
        unfinished.rename(self.folder / "new" / key)


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

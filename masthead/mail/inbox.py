"""Mailboxes to collect from: IMAP, POP3 and maildir, behind one small door.

    with open_inbox("imaps://user:password@mail.example.com/INBOX") as inbox:
        for letter in inbox.letters(limit=500):
            ...                                  # keep what it says, and commit
            inbox.remove(letter)

A letter stays where it is until it is removed: whoever stops in between finds it again.
"""

import imaplib
import poplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol
from urllib.parse import unquote, urlsplit

BIGGEST = 2_000_000  # bytes read of one letter; a bounce says what it says at its beginning
PATIENCE = 60  # seconds for an answer

# What a mailbox that is away raises; the clock tries again.
AWAY = (OSError, imaplib.IMAP4.error, poplib.error_proto, EOFError)


class WrongMailbox(ValueError):
    """The address of the mailbox can't be used; the message says what to write."""


@dataclass(frozen=True)
class Letter:
    """One letter in a mailbox: `key` is the mailbox's own, `raw` its bytes, cut where it is very long."""

    key: str
    raw: bytes


class Inbox(Protocol):
    """A mailbox that is open."""

    name: str

    def letters(self, limit: int) -> Iterator[Letter]: ...

    def remove(self, letter: Letter) -> None: ...

    def __enter__(self) -> "Inbox": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_inbox(address: str, context: ssl.SSLContext | None = None) -> Inbox:
    """Returns the mailbox at an address, not entered yet. Raises WrongMailbox; entering raises what is in `AWAY`.

    `imap://` and `pop3://` are not encrypted and for this machine alone: a password is never sent in the clear further.
    """
    parts = urlsplit(address)
    if parts.scheme == "maildir":
        return Maildir(Path(unquote(parts.path)))
    if parts.scheme not in ("imaps", "imap", "pop3s", "pop3") or not (parts.hostname and parts.username):
        raise WrongMailbox("Write it as imaps://user:password@host/INBOX, pop3s://user:password@host or maildir:/path.")
    if parts.scheme in ("imap", "pop3") and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise WrongMailbox(f"{parts.scheme}:// sends the password in the clear. Write {parts.scheme}s:// instead.")
    if parts.scheme.startswith("imap"):
        return Imap(parts, context)
    return Pop(parts, context)


class _Remote:
    def __init__(self, parts, context: ssl.SSLContext | None) -> None:
        self.host, self.port = parts.hostname, parts.port
        self.user, self.password = unquote(parts.username), unquote(parts.password or "")
        self.folder = unquote(parts.path).strip("/") or "INBOX"
        self.encrypted = parts.scheme.endswith("s")
        self.context = (context or ssl.create_default_context()) if self.encrypted else None


class Imap(_Remote):
    """A folder on an IMAP server (RFC 3501). Letters are removed for good, by UIDPLUS (RFC 4315) where there is."""

    name = "imap"

    def __enter__(self) -> "Imap":
        if self.context:
            self.line: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                self.host, self.port or 993, ssl_context=self.context, timeout=PATIENCE
            )
        else:
            self.line = imaplib.IMAP4(self.host, self.port or 143, timeout=PATIENCE)
        try:
            self.line.login(self.user, self.password)
            self.expunges_one = b"UIDPLUS" in self._asked(self.line.capability())[0].upper()
            self._asked(self.line.select(f'"{self.folder}"'))
        except BaseException:
            self.line.shutdown()
            raise
        return self

    def __exit__(self, kind, error, trace) -> None:
        if kind is None:
            self.line.logout()
        else:
            self.line.shutdown()

    def letters(self, limit: int) -> Iterator[Letter]:
        keys = (self._asked(self.line.uid("SEARCH", "ALL"))[0] or b"").split()
        for key in keys[:limit]:
            # PEEK leaves the letter unseen; where it was taken away meanwhile, the answer is empty.
            answer = self._asked(self.line.uid("FETCH", key.decode(), f"(BODY.PEEK[]<0.{BIGGEST}>)"))
            if whole := next((part[1] for part in answer if isinstance(part, tuple)), None):
                yield Letter(key.decode(), whole)

    def remove(self, letter: Letter) -> None:
        self._asked(self.line.uid("STORE", letter.key, "+FLAGS.SILENT", r"(\Deleted)"))
        if self.expunges_one:
            self._asked(self.line.uid("EXPUNGE", letter.key))
        else:
            self._asked(self.line.expunge())

    @staticmethod
    def _asked(answer):
        state, data = answer
        if state != "OK":
            raise imaplib.IMAP4.error(str(data))
        return data


class Pop(_Remote):
    """A mailbox on a POP3 server (RFC 1939). It deletes at the end of the conversation: cut short, all stay."""

    name = "pop3"

    def __enter__(self) -> "Pop":
        if self.context:
            self.line: poplib.POP3 = poplib.POP3_SSL(
                self.host, self.port or 995, context=self.context, timeout=PATIENCE
            )
        else:
            self.line = poplib.POP3(self.host, self.port or 110, timeout=PATIENCE)
        try:
            self.line.user(self.user)
            self.line.pass_(self.password)
        except BaseException:
            self.line.close()
            raise
        return self

    def __exit__(self, kind, error, trace) -> None:
        # Also after a failure: what was removed before it was committed, and need not be fetched again.
        try:
            self.line.quit()
        except AWAY:
            self.line.close()
            if kind is None:
                raise

    def letters(self, limit: int) -> Iterator[Letter]:
        count, _bytes = self.line.stat()
        for number in range(1, min(count, limit) + 1):
            _reply, lines, _size = self.line.retr(number)
            yield Letter(str(number), b"\r\n".join(lines)[:BIGGEST])

    def remove(self, letter: Letter) -> None:
        self.line.dele(int(letter.key))


class Maildir:
    """A maildir on this machine: what an MTA delivers to. Letters are files in `new` and `cur`."""

    name = "maildir"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> "Maildir":
        if not (self.folder / "new").is_dir():
            raise FileNotFoundError(f"{self.folder} is no maildir: it has no folder `new`.")
        return self

    def __exit__(self, kind, error, trace) -> None:
        return

    def letters(self, limit: int) -> Iterator[Letter]:
        files = [path for part in ("new", "cur") for path in sorted((self.folder / part).glob("*")) if path.is_file()]
        for path in files[:limit]:
            with path.open("rb") as file:
                yield Letter(str(path), file.read(BIGGEST))

    def remove(self, letter: Letter) -> None:
        Path(letter.key).unlink(missing_ok=True)


def without_password(address: str) -> str:
    """The address of a mailbox as it may stand in a log."""
    return re.sub(r"(//[^:/@]*):[^@]*@", r"\1:…@", address)

"""Collecting: mails that came back are fetched, taken in, and only then taken out of the mailbox.

What nobody but a person can make sense of is kept as a file in the data folder, `unread`, before its row is committed.
A stop at any moment loses nothing: a mail taken in twice is known by its digest.
"""

import logging
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from masthead.mail.inbox import AWAY, Inbox, Letter, open_inbox, without_password
from masthead.newsletters import receiving
from masthead.newsletters.returns import Return

log = logging.getLogger(__name__)

AT_ONCE = 500
MOST_FAILURES = 5
KEPT = timedelta(days=90)  # they hold names and words of people


def collect(inbox: Inbox | None = None) -> Counter:
    """Take in what waits in the mailbox of the option `returns`, and return how many mails had which effect."""
    address = settings.MASTHEAD["returns"]
    if inbox is None and not address:
        return Counter()
    effects: Counter = Counter()
    try:
        with inbox or open_inbox(address) as mails:
            for letter in mails.letters(AT_ONCE):
                if row := _received(letter, mails.name):
                    effects[row.effect] += 1
                    mails.remove(letter)
                else:
                    effects["failed"] += 1
                    if effects["failed"] > MOST_FAILURES:
                        break  # it is not the mail, it is us: the rest waits
    except AWAY as away:
        log.warning("%s can't be read now: %s. It is tried again.", without_password(address) or "The mailbox", away)
    return effects


def receive(raw: bytes, *, via: str, recipient: str = "") -> Return:
    """Take one mail in, keep it where a person must read it, and return its row. When it returns, all is on disk."""
    taken = receiving.take_in(raw, via=via, recipient=recipient, keep=keep)
    return taken.row


def receive_by_lmtp(raw: bytes, recipient: str) -> None:
    """Take one mail in for a door that stays open for days: a database connection gone stale is made anew."""
    close_old_connections()
    receive(raw, via="lmtp", recipient=recipient)


def _received(letter: Letter, via: str) -> Return | None:
    """Take a letter in; one that can't be stays in the mailbox, and those behind it are not kept waiting."""
    try:
        return receive(letter.raw, via=via)
    except Exception:
        log.exception("Letter %s could not be taken in. It stays in the mailbox.", letter.key)
        return None


def keep(raw: bytes, digest: str) -> None:
    """Keep a mail as a file that is on disk when this returns."""
    folder = unread()
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{digest}.{os.getpid()}"
    with unfinished.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / f"{digest}.eml")


def unread() -> Path:
    """The folder of mails that wait for a person."""
    return settings.DATA / "unread"


def tidy_unread() -> int:
    """Delete kept mails after 90 days, and return how many."""
    before = (timezone.now() - KEPT).timestamp()
    old = [path for path in unread().glob("*.eml") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)

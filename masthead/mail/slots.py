"""Slots: the places in a letter that differ from recipient to recipient, and how their values are made safe."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

from masthead.mail.addresses import Mailbox, wire_address

Value = str | Mailbox | datetime | Sequence[str]

_TOKEN = re.compile(r"[A-Za-z0-9._~:=@+/-]*")
_SAFE_URL = re.compile(r"(?:https?://|mailto:)[A-Za-z0-9][A-Za-z0-9:/?#@!$&*+,;=._~%-]*")


class LetterError(ValueError):
    """The letter cannot be frozen or filled; one sentence says what to change."""


class Kind(StrEnum):
    """What a slot takes, and so how its value is made safe."""

    TEXT = "text"  # str: any text; HTML-escaped in the HTML part: for element content or a "quoted" attribute
    URL = "url"  # str: an absolute http, https or mailto address; percent-encoded
    TOKEN = "token"  # noqa: S105  str: letters, digits and . _ ~ : = @ + / - as they are, also inside an URL or <...>
    MAILBOX = "mailbox"  # Mailbox: fills an address field alone
    DATE = "date"  # datetime with a time zone: fills a Date field alone
    BLOCKS = "blocks"  # sequence of block names, shown in that order; body only


class Slots(Mapping[str, str]):
    """The markers of a letter's slots, by name: `Slots(greeting=Kind.TEXT)["greeting"]` goes into the text.

    Names are lower-case words with digits and underscores. An unknown name raises `KeyError`.
    """

    def __init__(self, **kinds: Kind | str) -> None:
        if wrong := [name for name in kinds if not re.fullmatch(r"[a-z][a-z0-9_]*", name)]:
            raise LetterError(f"Slot names are lower-case words, not {', '.join(wrong)}.")
        self.kinds = {name: Kind(kind) for name, kind in kinds.items()}
        self._key = secrets.token_hex(8)

    def __getitem__(self, name: str) -> str:
        if name not in self.kinds:
            raise KeyError(name)
        return f"mh-{self._key}-{name}-z"

    def __iter__(self) -> Iterator[str]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)

    def holds(self, text: str) -> bool:
        """Whether a slot's marker stands in `text`, so that it differs from recipient to recipient."""
        return len(self.split(text)) > 1

    def split(self, text: str) -> tuple[str, ...]:
        """Returns literal, slot name, literal, …, literal. `LetterError` when a marker was damaged on its way."""
        pieces = re.split(rf"mh-{self._key}-([a-z][a-z0-9_]*)-z", text)
        if any(self._key in literal for literal in pieces[::2]):
            raise LetterError("A slot's marker was damaged by whatever processed the text: leave markers as they are.")
        return tuple(pieces)


def mailbox(slot: str, value: Value) -> Mailbox:
    if not isinstance(value, Mailbox):
        raise LetterError(f"The slot {slot} takes a Mailbox(name, address).")
    return value


def dated(slot: str, value: Value) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise LetterError(f"{slot} takes a date and time with its time zone.")
    return _date(value)


_date = lru_cache(maxsize=8)(format_datetime)  # the letters of one second say the same


def _text(slot: str, value: Value) -> str:
    if not isinstance(value, str):
        raise LetterError(f"The slot {slot} takes text.")
    return value


def _token(slot: str, value: Value) -> str:
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise LetterError(f"The slot {slot} takes a token of letters, digits and . _ ~ : = @ + / -.")
    return value


def _url(slot: str, value: Value) -> str:
    if isinstance(value, str) and _SAFE_URL.fullmatch(value):
        return value
    if not isinstance(value, str) or not re.match(r"(?:https?://|mailto:)[^/?#]", value, re.IGNORECASE):
        raise LetterError(f"The slot {slot} takes an address that begins with https://, http:// or mailto:.")
    parts = urlsplit(value.strip())
    if not parts.netloc.isascii():
        parts = parts._replace(netloc=wire_address(f"x@{parts.netloc}").removeprefix("x@"))
    return quote(urlunsplit(parts), safe=":/?#@!$&*+,;=._~%-")


SAFE: dict[Kind, Callable[[str, Value], str]] = {Kind.TEXT: _text, Kind.URL: _url, Kind.TOKEN: _token}

"""Letters: written once per issue, filled per recipient in about ten microseconds.

    slots = Slots(to=Kind.MAILBOX, greeting=Kind.TEXT, leave=Kind.URL, message_id=Kind.TOKEN, themes=Kind.BLOCKS)
    letter = freeze(
        {
            "From": Mailbox("Strømskifte", "news@example.com"),
            "To": slots["to"],
            "Subject": "Grid news",
            "Date": aware_datetime,
            "Message-ID": f"<{slots['message_id']}@example.com>",
            "List-Unsubscribe": f"<{slots['leave']}>",
        },
        text=f"Dear {slots['greeting']},\n{slots['themes']}Leave: {slots['leave']}\n",
        html=f'<html lang="da"><p>Dear {slots["greeting"]}</p>{slots["themes"]}<a href="{slots["leave"]}">x</a></html>',
        slots=slots,
        blocks={"wind": Block("Wind\n", "<h2>Wind</h2>"), "gas": Block("Gas\n", "<h2>Gas</h2>")},
        lang="da",
    )
    row.frozen, row.approved_hash = letter.to_bytes(), letter.fingerprint
    ...
    letter = FrozenLetter.from_bytes(row.frozen)
    body = letter.fill({"to": Mailbox("Reader", "reader@example.com"), "greeting": "reader", "leave": "https://…",
                        "message_id": "q7…", "themes": ["wind"]})

In a Django template the markers are `{{ slots.greeting }}`: letters, digits and hyphens, so that autoescape, MJML and
CSS inlining leave them alone. They carry a random key: no article or partner's text can contain one by accident or
intent (a partner who could write the marker of `leave` into a link of his own would collect our readers' tokens).

Values never change the letter's shape: header values lose line breaks, texts are HTML-escaped in the HTML part only,
addresses of pages are percent-encoded, and every body slot stands between two soft line breaks (RFC 2045 6.7).
"""

import hashlib
import html as html_module
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from masthead.mail.addresses import (
    BadAddress,
    Mailbox,
    UndeliverableAddress,
    check_address,
    normalise,
    wire_address,
)
from masthead.mail.encoding import Unencodable, WireBytes, address_header, header, quoted_printable
from masthead.mail.slots import SAFE, Kind, LetterError, Slots, Value, dated, mailbox

__all__ = [
    "BadAddress",
    "Block",
    "FrozenLetter",
    "Kind",
    "LetterError",
    "Mailbox",
    "Slots",
    "UndeliverableAddress",
    "check_address",
    "freeze",
    "normalise",
    "plain_letter",
    "wire_address",
]

ADDRESS_FIELDS = frozenset({"from", "to", "cc", "reply-to", "sender"})
OWN_FIELDS = frozenset({"mime-version", "content-type", "content-transfer-encoding", "content-language", "bcc"})
NEEDED_FIELDS = ("From", "To", "Subject", "Date", "Message-ID")  # Date and From: RFC 5322 3.6; the others: receivers
FORMAT = "masthead letter 1"

HeaderValue = str | Mailbox | datetime | Sequence[Mailbox]
Hole = tuple[str, str]  # (slot, "text" or "html")
Stream = tuple["bytes | Hole", ...]
Field = tuple[str, tuple[str, ...]]  # a header's name; literal and slot name by turns


class Block(NamedTuple):
    """A fragment of the body that a recipient may get: the same in both parts. It may hold slots, but no BLOCKS."""

    text: str
    html: str


def freeze(  # noqa: PLR0913  the six parts of a letter; grouping them would only rename them
    headers: Mapping[str, HeaderValue],
    text: str,
    html: str = "",
    *,
    slots: Slots | None = None,
    blocks: Mapping[str, Block] | None = None,
    lang: str,
) -> "FrozenLetter":
    """Returns the letter with everything encoded that does not depend on the recipient.

    `headers` in the order they shall stand; address fields take a `Mailbox`, several, a bare address or a MAILBOX
    slot; Date takes a datetime or a DATE slot. MIME fields and Content-Language are ours. Without `html` the letter
    has one plain part. The same content gives the same bytes and the same fingerprint, whatever the slots' key.
    Raises `LetterError`, `BadAddress`.
    """
    slots = Slots() if slots is None else slots
    _check_headers(headers, lang)
    if html and not re.search(r"<html\b[^>]*\slang=", html, re.IGNORECASE):
        raise LetterError('The HTML part does not say its language: write <html lang="…">.')
    fields = [_field(name, value, slots) for name, value in headers.items()]
    text_part = _stream(_ended(text), "text", slots)
    html_part = _stream(_ended(html), "html", slots) if html else ()
    encoded_blocks = {
        name: {"text": _stream(block.text, "text", slots), "html": _stream(block.html, "html", slots)}
        for name, block in (blocks or {}).items()
    }
    boundary = _boundary(text_part, html_part, encoded_blocks)
    body = _body(text_part, html_part, boundary)
    return FrozenLetter(slots.kinds, (*fields, _mime_fields(lang, boundary if html else "")), body, encoded_blocks)


def plain_letter(headers: Mapping[str, HeaderValue], text: str, html: str = "", *, lang: str) -> WireBytes:
    """Returns one finished letter without slots: a confirmation, a notice to an editor. Raises as `freeze`."""
    return freeze(headers, text, html, lang=lang).fill({})


class FrozenLetter:
    """A letter that only waits for its slots' values. Equal content has equal `to_bytes()` and `fingerprint`."""

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        head: Sequence[bytes | Field],
        body: Stream,
        blocks: Mapping[str, Mapping[str, Stream]],
    ) -> None:
        self.kinds, self.blocks = dict(kinds), {name: dict(streams) for name, streams in blocks.items()}
        self._head, self._body = tuple(head), body
        self._check_slots()
        self._pieces: list[bytes] = [piece if isinstance(piece, bytes) else b"" for piece in (*self._head, *body)]
        self._fields = [(at, piece) for at, piece in enumerate(self._head) if not isinstance(piece, bytes)]
        self._safe = [(slot, SAFE[kind]) for slot, kind in kinds.items() if kind in SAFE and self.uses(slot)]
        self._holes = _holes_by_slot(body, len(self._head))

    def fill(self, values: Mapping[str, Value]) -> WireBytes:
        """Returns the finished letter for one recipient: 7-bit, CRLF, ready for DATA. Other names' values are ignored.

        Raises `LetterError` (a value is missing or of the wrong kind), `BadAddress`, `UndeliverableAddress`: then this
        recipient's row is at fault, not the letter.
        """
        pieces = self._pieces.copy()
        try:
            safe = {slot: check(slot, values[slot]) for slot, check in self._safe}
            for at, (name, template) in self._fields:
                pieces[at] = self._field_line(name, template, safe, values)
            for slot, text_at, html_at in self._holes:
                if slot in safe:
                    text, html = _body_pieces(safe[slot])
                else:
                    text, html = self._chosen(values[slot], "text", safe), self._chosen(values[slot], "html", safe)
                for at in text_at:
                    pieces[at] = text
                for at in html_at:
                    pieces[at] = html
        except KeyError as missing:
            raise LetterError(f"The letter's slot {missing} was given no value.") from missing
        return WireBytes(b"".join(pieces))

    def uses(self, slot: str) -> set[str]:
        """Returns where the slot stands: "text", "html" (blocks included) and header names in lower case."""
        streams = [self._body, *(stream for block in self.blocks.values() for stream in block.values())]
        places = {piece[1] for stream in streams for piece in stream if isinstance(piece, tuple) and piece[0] == slot}
        return places | {field[0].lower() for _, field in self._fields if slot in field[1][1::2]}

    def to_bytes(self) -> bytes:
        """Returns the letter for a database row; `FrozenLetter.from_bytes` gives an equal one."""
        whole = {
            "format": FORMAT,
            "kinds": self.kinds,
            "head": [_as_json(piece) for piece in self._head],
            "body": [_as_json(piece) for piece in self._body],
            "blocks": {
                name: {place: [_as_json(piece) for piece in stream] for place, stream in streams.items()}
                for name, streams in self.blocks.items()
            },
        }
        return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, frozen: bytes) -> "FrozenLetter":
        """Returns the letter that `to_bytes` wrote. Raises `LetterError` for anything else."""
        try:
            whole: dict[str, Any] = json.loads(frozen)
            if whole["format"] != FORMAT:
                raise LetterError(f"This letter was frozen as “{whole['format']}”; this version reads “{FORMAT}”.")
            return cls(
                {name: Kind(kind) for name, kind in whole["kinds"].items()},
                tuple(_head_piece(piece) for piece in whole["head"]),
                _stream_from_json(whole["body"]),
                {
                    name: {place: _stream_from_json(stream) for place, stream in streams.items()}
                    for name, streams in whole["blocks"].items()
                },
            )
        except (KeyError, TypeError, AttributeError, IndexError, UnicodeError, json.JSONDecodeError) as error:
            raise LetterError("These bytes are not a frozen letter.") from error

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of `to_bytes()` in hex: what an approval binds."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenLetter) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def _check_slots(self) -> None:
        streams = [self._body, *(stream for block in self.blocks.values() for stream in block.values())]
        for number, stream in enumerate(streams):
            for slot in {piece[0] for piece in stream if isinstance(piece, tuple)}:
                kind = self.kinds[slot]
                if kind in (Kind.MAILBOX, Kind.DATE) or (kind is Kind.BLOCKS and number):
                    raise LetterError(f"The slot {slot} takes {kind}, which cannot stand in this part of a letter.")
        for name, template in (piece for piece in self._head if not isinstance(piece, bytes)):
            alone = template[0] == template[-1] == "" and len(template) == 3
            for slot in template[1::2]:
                whole_field = self.kinds[slot] in (Kind.MAILBOX, Kind.DATE) or name.lower() in ADDRESS_FIELDS
                if self.kinds[slot] is Kind.BLOCKS or (whole_field and not alone):
                    raise LetterError(f"The slot {slot} takes {self.kinds[slot]}, which cannot stand so in {name}.")

    def _field_line(
        self, name: str, template: tuple[str, ...], safe: Mapping[str, str], values: Mapping[str, Value]
    ) -> bytes:
        slot = template[1]
        if slot in safe:
            return header(name, "".join([safe[piece] if at % 2 else piece for at, piece in enumerate(template)]))
        if isinstance(values[slot], datetime):
            return header(name, dated(slot, values[slot]))
        return address_header(name, [mailbox(slot, values[slot])])

    def _chosen(self, names: Value, place: str, safe: Mapping[str, str]) -> bytes:
        if isinstance(names, str | datetime | Mailbox):
            raise LetterError("A slot of blocks takes the names of the chosen blocks, as a list.")
        pieces: list[bytes] = []
        for name in names:
            if name not in self.blocks:
                raise LetterError(f"The letter has no block “{name}”.")
            for piece in self.blocks[name][place]:
                pieces.append(piece if isinstance(piece, bytes) else _body_pieces(safe[piece[0]])[place == "html"])
        return b"".join(pieces)


def _check_headers(headers: Mapping[str, HeaderValue], lang: str) -> None:
    names = [name.lower() for name in headers]
    for name in headers:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", name):
            raise LetterError(f"“{name}” is not a header name.")
        if name.lower() in OWN_FIELDS or names.count(name.lower()) > 1:
            raise LetterError(f"The header {name} is written by the post office, or stands twice: leave it out.")
    if absent := [name for name in NEEDED_FIELDS if name.lower() not in names]:
        raise LetterError(f"The letter lacks {', '.join(absent)}.")
    if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", lang):
        raise LetterError(f"“{lang}” is not a language tag like da or en-GB.")


def _field(name: str, value: HeaderValue, slots: Slots) -> bytes | Field:
    try:
        if isinstance(value, datetime):
            return header(name, dated(name, value))
        if isinstance(value, Mailbox):
            return address_header(name, [value])
        if not isinstance(value, str):
            return address_header(name, value)
        template = slots.split(value)
        if len(template) > 1:
            return name, template
        return address_header(name, [Mailbox("", value)]) if name.lower() in ADDRESS_FIELDS else header(name, value)
    except Unencodable as error:
        raise LetterError(str(error)) from error


def _stream(text: str, place: str, slots: Slots) -> Stream:
    pieces: list[bytes | Hole] = []
    for at, piece in enumerate(slots.split(text)):
        if at % 2:
            pieces.append((piece, place))
        elif piece:
            pieces.append(quoted_printable(piece))
    return tuple(pieces)


def _ended(text: str) -> str:
    # A soft line break may not be the last thing in a part (RFC 2045 6.7).
    return text if text.endswith("\n") else f"{text}\n"


def _boundary(text: Stream, html: Stream, blocks: Mapping[str, Mapping[str, Stream]]) -> str:
    # "=_" cannot occur in quoted-printable (RFC 2045 6.7), so no content and no value can look like the boundary.
    digest = hashlib.sha256(repr((text, html, sorted(blocks.items()))).encode()).hexdigest()
    return f"=_{digest[:32]}"


def _body(text: Stream, html: Stream, boundary: str) -> Stream:
    if not html:
        return text
    start = b"--" + boundary.encode()
    part = b"\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return (start + part % b"plain", *text, b"\r\n" + start + part % b"html", *html, b"\r\n" + start + b"--\r\n")


def _mime_fields(lang: str, boundary: str) -> bytes:
    kind = (
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
        if boundary
        else "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    )
    return f"Content-Language: {lang}\r\nMIME-Version: 1.0\r\n{kind}\r\n".encode("ascii")


def _holes_by_slot(body: Stream, offset: int) -> list[tuple[str, list[int], list[int]]]:
    """Slot, where it stands in the text part, where in the HTML part."""
    holes: dict[str, tuple[list[int], list[int]]] = {}
    for at, piece in enumerate(body, start=offset):
        if isinstance(piece, tuple):
            holes.setdefault(piece[0], ([], []))[piece[1] == "html"].append(at)
    return [(slot, text_at, html_at) for slot, (text_at, html_at) in holes.items()]


def _body_pieces(value: str) -> tuple[bytes, bytes]:
    """The value as it stands in the text part and in the HTML part: nearly always the same, and encoded once."""
    text, escaped = quoted_printable(value), html_module.escape(value)
    return text, text if escaped == value else quoted_printable(escaped)


def _as_json(piece: bytes | Hole | Field) -> Any:
    return piece.decode("ascii") if isinstance(piece, bytes) else piece


def _stream_from_json(stream: list[Any]) -> Stream:
    return tuple(piece.encode("ascii") if isinstance(piece, str) else (piece[0], piece[1]) for piece in stream)


def _head_piece(piece: Any) -> bytes | Field:
    return piece.encode("ascii") if isinstance(piece, str) else (piece[0], tuple(piece[1]))

"""Takes a returned mail apart, whatever it is: never raises, loses nothing that can be read.

The standard library's parser is strict where bounces are loose (delivery reports in quoted-printable, parts without a
declared boundary, codecs that are no text) and its pieces raise on odd input. So the few rules needed are written here:
headers (RFC 5322), parts (RFC 2046), encoded words (RFC 2047), transfer encodings (RFC 2045).
"""

import binascii
import codecs
import html
import quopri
import re
from dataclasses import dataclass, field

MOST_BYTES = 2_000_000
MOST_TEXT = 60_000
DEEPEST = 8
MOST_PARTS = 200

_HEADER = re.compile(r"([!-9;-~]{1,80})[ \t]*:(.*)", re.DOTALL)
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=(?:[ \t\r\n]+(?==\?))?")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|/table|p|div|tr)\b[^>]{0,500}>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_BARE_PART = re.compile(
    rb"\A(.{0,3000}?)^--([^\r\n]{1,200})\r?\n(?=Content-[A-Za-z-]{3,30}:)", re.MULTILINE | re.DOTALL
)
_TEXT_CHARSETS = {"unicode-1-1-utf-7": "utf-7", "gb2312": "gb18030", "gbk": "gb18030", "ansi_x3.110-1983": "latin-1"}


class Headers(list[tuple[str, str]]):
    """Header fields in their order: (name in lower case, value unfolded, not decoded)."""

    def get(self, name: str) -> str:
        """The first field of that name with its encoded words read, or an empty text."""
        for known, value in self:
            if known == name:
                return decoded_words(value)
        return ""

    def all(self, *names: str) -> list[str]:
        """All fields of these names, in order."""
        return [decoded_words(value) for known, value in self if known in names]


@dataclass(frozen=True)
class Part:
    """One part of a mail: its headers, media type in lower case, bytes and the parts inside."""

    headers: Headers
    kind: str
    body: bytes
    parts: tuple["Part", ...] = ()

    @property
    def text(self) -> str:
        """The body as text, transfer encoding and charset undone; a guess where they are wrong."""
        charset = _parameter(self.headers.get("content-type"), "charset")
        return decoded(_untransferred(self.body, self.headers.get("content-transfer-encoding")), charset)


@dataclass
class Letter:
    """A mail sorted by what its parts are for."""

    headers: Headers
    kind: str = ""
    report_type: str = ""
    texts: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    originals: list[Part] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the mail says to a reader: its plain text, else its pages as text."""
        said = "\n".join(t for t in self.texts if t.strip())
        return (said or "\n".join(plain(p) for p in self.pages))[:MOST_TEXT]


def read(raw: bytes) -> Letter:
    """The mail in `raw`, sorted. Only the first 2 MB are read; any bytes will do."""
    whole = read_part(raw[:MOST_BYTES])
    content_type = whole.headers.get("content-type")
    letter = Letter(whole.headers, whole.kind, _parameter(content_type, "report-type").lower())
    _sort(whole, letter)
    return letter


def read_part(raw: bytes, depth: int = 0) -> Part:
    """One part with everything in it, at most eight levels deep."""
    headers, body = _split(raw.lstrip() if depth == 0 else raw)
    content_type = headers.get("content-type")
    kind = content_type.partition(";")[0].strip().lower()
    boundary = _parameter(content_type, "boundary").encode("utf-8", "surrogateescape")
    declared = bool(boundary) and b"--" + boundary in body
    preamble = b""
    if not declared and (not kind or kind.startswith("multipart/")):
        # Seen: parts without any Content-Type above them, or with a boundary that is not the one used. What stands
        # before the first of them may be the notice itself, with the quoted mail's parts behind it.
        bare = _BARE_PART.match(body[:4000])
        boundary, preamble = (bare[2].rstrip(), bare[1]) if bare else (b"", b"")
        declared = bool(boundary)
    if not declared or depth >= DEEPEST or kind.startswith(("message/", "text/")):
        return Part(headers, kind or "text/plain", body)
    pieces = _pieces(body, boundary)
    if not kind.startswith("multipart/"):
        kind = "multipart/mixed"
    before = (Part(Headers(), "text/plain", preamble),) if preamble.strip() else ()
    return Part(headers, kind, body, before + tuple(read_part(piece, depth + 1) for piece in pieces[:MOST_PARTS]))


def decoded_words(value: str) -> str:
    """A header value with its encoded words (RFC 2047) made readable."""

    def word(found: re.Match[str]) -> str:
        charset, encoding, text = found.groups()
        raw = text.encode("ascii", "replace")
        if encoding in "bB":
            return decoded(_base64(raw), charset.partition("*")[0])
        return decoded(quopri.decodestring(raw.replace(b"_", b"=20")), charset.partition("*")[0])

    return _ENCODED_WORD.sub(word, value) if "=?" in value else value


def decoded(raw: bytes, charset: str = "") -> str:
    """Bytes as text: in the charset named if it is one, else UTF-8, else Latin-1."""
    name = _TEXT_CHARSETS.get(charset.strip().lower(), charset.strip()) or "utf-8"
    try:
        is_text = codecs.lookup(name)._is_text_encoding
        if is_text and name.lower() not in ("us-ascii", "ascii"):
            return raw.decode(name)
        return raw.decode("utf-8")
    except (LookupError, ValueError):
        # Wrongly labelled, cut in the middle of a character, or no charset at all: readable beats right.
        good = raw.decode("utf-8", "replace")
        return good if good.count("\ufffd") <= len(good) // 50 else raw.decode("latin-1")


def plain(page: str) -> str:
    """The text of an HTML page, one line per block."""
    page = _UNSEEN.sub(" ", page[: 4 * MOST_TEXT])
    page = re.sub(r"[ \t\r\n]+", " ", page)
    page = _TAG.sub(" ", _BREAK.sub("\n", page))
    return re.sub(r"[ \t\xa0]+", " ", html.unescape(page))


def headers_in(text: str) -> Headers:
    """The first block of header fields in a text, for originals quoted without any MIME."""
    return _split(text.lstrip().encode("utf-8", "replace"))[0]


def _split(raw: bytes) -> tuple[Headers, bytes]:
    """Header fields and the rest. A line that cannot be a header starts the body."""
    headers = Headers()
    at = 0
    while at < len(raw):
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end + 1
        line = raw[at:end].decode("utf-8", "replace").rstrip("\r\n")
        if not line.strip():
            return headers, raw[end:]
        if line[0] in " \t" and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}" if len(value) < MOST_TEXT else value)
        elif found := _HEADER.fullmatch(line):
            headers.append((found.group(1).lower(), found.group(2).strip()))
        elif not line.startswith(("From ", ">From ")):
            return headers, raw[at:]
        at = end
    return headers, b""


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(?:--)?[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
    return line.split(body)[1:]


def _parameter(value: str, name: str) -> str:
    found = re.search(rf"(?:^|[;\s]){name}\s*=\s*(?:\"([^\"]*)\"|([^\s;]+))", value, re.IGNORECASE)
    return (found.group(1) or found.group(2) or "").strip() if found else ""


def _untransferred(body: bytes, encoding: str) -> bytes:
    encoding = encoding.strip().lower()
    if encoding.startswith("quoted"):
        return quopri.decodestring(body)
    return _base64(body) if encoding == "base64" else body


def _base64(raw: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _sort(part: Part, letter: Letter) -> None:
    kind = part.kind
    if part.parts:
        for inner in part.parts:
            _sort(inner, letter)
    elif kind in ("message/delivery-status", "message/global-delivery-status"):
        letter.reports.append(part.text[:MOST_TEXT])
    elif kind == "message/feedback-report":
        letter.complaints.append(part.text[:MOST_TEXT])
    elif kind in ("message/disposition-notification", "message/global-disposition-notification"):
        letter.receipts.append(part.text[:MOST_TEXT])
    elif kind.startswith("message/") or kind == "text/rfc822-headers":
        letter.originals.append(part)
    else:
        _sort_text(part, letter)


def _sort_text(part: Part, letter: Letter) -> None:
    name = _parameter(part.headers.get("content-disposition"), "filename")
    name = name or _parameter(part.headers.get("content-type"), "name")
    if name:
        letter.files.append(name)
    if part.kind == "text/html":
        letter.pages.append(part.text[: 4 * MOST_TEXT])
    elif part.kind.startswith("text/") or "/" not in part.kind:
        letter.texts.append(part.text[:MOST_TEXT])

"""A broken WordPress export becomes well-formed XML again, piece by piece and with flat memory.

Real exports break in few ways: bare ampersands in addresses, stray < and > around names, tags never closed, prefixes
never declared, letters of another encoding, control characters, and an end that is missing. An XML parser's own
recovery loses text or a whole entry over each; here every mend is counted so that it can be said.
"""

import codecs
import html
import re
from collections.abc import Iterator
from html.entities import html5
from pathlib import Path

from .cues import word_set

_CHUNK = 1 << 16
_LONGEST_TAG = 1 << 14
_NAMESPACES = {
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "wp": "http://wordpress.org/export/1.2/",
    "atom": "http://www.w3.org/2005/Atom",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "media": "http://search.yahoo.com/mrss/",
    "georss": "http://www.georss.org/georss",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
}
_PLAIN = word_set(
    "rss channel item title link description pubDate language generator image url width height category guid cloud "
    "lastBuildDate docs ttl copyright managingEditor webMaster author comments enclosure source"
)
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z_][\w.-]{0,60}(?::[A-Za-z_][\w.-]{0,60})?)"
    r"(?P<rest>(?:\s(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)?)>"
)
_SAFE_REFERENCE = re.compile(
    r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));|&"
)
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED_BYTE = re.compile(r"[\udc80-\udcff]+")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


class Repair:
    """Reads the file once and yields well-formed UTF-8; afterwards `mends` says what was done.

    `entries` counts the <item> elements whose end was really there; `truncated` is true when the file stopped before
    its own end.
    """

    def __init__(self, path: Path, encoding: str):
        self.path = path
        self.encoding = encoding
        self.mends: dict[str, int] = {}
        self.entries = 0
        self.truncated = False
        self.open: list[str] = []
        self.in_data = False

    def chunks(self) -> Iterator[bytes]:
        yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
        waiting, first = "", True
        for piece in self._decoded():
            waiting += piece
            if first:
                waiting, first = _DECLARATION.sub("", waiting.lstrip("\ufeff"), count=1), False
            done, waiting = self._mended(waiting, last=False)
            yield done.encode("utf-8")
        done, _ = self._mended(waiting, last=True)
        yield (done + self._closed()).encode("utf-8")

    def _decoded(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)(
            errors="surrogateescape" if self.encoding == "utf-8" else "replace"
        )
        with self.path.open("rb") as handle:
            while data := handle.read(_CHUNK):
                yield self._legal(decoder.decode(data))
            yield self._legal(decoder.decode(b"", final=True))

    def _legal(self, text: str) -> str:
        """Bytes that are not UTF-8 read as Windows-1252, and no character that XML forbids (XML 1.0, 2.2 Char)."""
        text, odd = _ESCAPED_BYTE.subn(lambda match: _as_cp1252(match.group()), text)
        text, illegal = _ILLEGAL.subn("", text)
        self._count("encoding", odd)
        self._count("control", illegal)
        return text

    def _mended(self, text: str, last: bool) -> tuple[str, str]:
        """(well-formed text, the rest that needs the next piece to be understood)."""
        parts: list[str] = []
        at = 0
        while at < len(text):
            if self.in_data:
                end = text.find("]]>", at)
                if end < 0:
                    keep = len(text) if last else max(at, len(text) - 2)
                    return "".join([*parts, text[at:keep]]), text[keep:]
                parts.append(text[at : end + 3])
                at, self.in_data = end + 3, False
                continue
            stop, what = _special(text, at)
            if what is None and not last:
                stop = _held(text, at, stop)
            parts.append(self._markup(text[at:stop]))
            if what is None:
                return "".join(parts), text[stop:]
            at, waiting = self._skip(text, stop, what, parts)
            if waiting and not last:
                return "".join(parts), text[stop:]
        return "".join(parts), ""

    def _skip(self, text: str, at: int, what: str, parts: list[str]) -> tuple[int, bool]:
        """Past a comment or instruction, or into character data; true when its end is not yet in the text."""
        if what == "<![CDATA[":
            parts.append(what)
            self.in_data = True
            return at + len(what), False
        end_mark = "-->" if what == "<!--" else ">"
        end = text.find(end_mark, at)
        if end < 0:
            # A comment that never ends would swallow the file: past a size it is taken for text and left out.
            return at + len(what) if len(text) - at > _LONGEST_TAG else len(text), len(text) - at <= _LONGEST_TAG
        return end + len(end_mark), False

    def _markup(self, text: str) -> str:
        parts, at = [], 0
        for match in _TAG.finditer(text):
            name = match.group("name")
            if not _is_known(name):
                continue
            parts.append(self._words(text[at : match.start()]))
            parts.append(self._closing(name) if match.group("close") else self._opening(name, match.group("rest")))
            at = match.end()
        parts.append(self._words(text[at:]))
        return "".join(parts)

    def _opening(self, name: str, rest: str) -> str:
        before = ""
        if name == "item":
            before = self._close_to("channel")
        empty = rest.rstrip().endswith("/")
        if not empty:
            self.open.append(name)
        if name == "rss":
            declared = "".join(f' xmlns:{p}="{uri}"' for p, uri in _NAMESPACES.items() if f"xmlns:{p}=" not in rest)
            self._count("prefix", "xmlns:wp=" not in rest)
            rest = rest.rstrip().removesuffix("/") + declared
        return f"{before}<{name}{self._references(rest)}>"

    def _closing(self, name: str) -> str:
        if name not in self.open:
            self._count("tag")
            return ""
        written = []
        while (top := self.open.pop()) != name:
            self._count("tag")
            written.append(f"</{top}>")
        self.entries += name == "item"
        return "".join([*written, f"</{name}>"])

    def _close_to(self, name: str) -> str:
        """Closes what stands open inside `name`, as when an entry begins while another was never ended."""
        written = []
        while name in self.open and self.open[-1] != name:
            top = self.open.pop()
            self._count("tag")
            self.entries += top == "item"
            written.append(f"</{top}>")
        return "".join(written)

    def _closed(self) -> str:
        """Ends what the file left open."""
        self.truncated = bool(self.open)
        ends = "]]>" if self.in_data else ""
        return ends + "".join(f"</{name}>" for name in reversed(self.open))

    def _words(self, text: str) -> str:
        """Text between tags: a < or > there is one that somebody wrote."""
        stray = text.count("<")
        self._count("bracket", stray)
        if not self.open and not text.strip():
            return text
        return self._references(text).replace("<", "&lt;").replace("]]>", "]]&gt;") if self.open else ""

    def _references(self, text: str) -> str:
        return _SAFE_REFERENCE.sub(self._reference, text) if "&" in text else text

    def _reference(self, match: re.Match) -> str:
        whole, (name, decimal, hexadecimal, other) = match.group(), match.groups()
        if name:
            return whole
        if decimal or hexadecimal:
            letter = int(decimal) if decimal else int(hexadecimal, 16)
            return whole if letter <= 0x10FFFF and not _ILLEGAL.match(chr(letter)) else ""
        if other and f"{other};" in html5:
            return html.escape(html5[f"{other};"])
        self._count("ampersand")
        return "&amp;" + whole[1:]

    def _count(self, what: str, times: int = 1) -> None:
        if times:
            self.mends[what] = self.mends.get(what, 0) + int(times)


def _special(text: str, at: int) -> tuple[int, str | None]:
    """Where the next character data, comment, declaration or instruction begins, and which it is."""
    found = [(place, mark) for mark in ("<![CDATA[", "<!--", "<!", "<?") if (place := text.find(mark, at)) >= 0]
    return min(found, key=lambda hit: (hit[0], -len(hit[1])), default=(len(text), None))


def _held(text: str, at: int, stop: int) -> int:
    """The end of what can be read now: an unfinished tag or reference waits for the next piece."""
    for mark, limit in (("<", _LONGEST_TAG), ("&", 40)):
        place = text.rfind(mark, max(at, stop - limit), stop)
        end_mark = ">" if mark == "<" else ";"
        if place >= 0 and text.find(end_mark, place, stop) < 0:
            stop = place
    return stop


def _is_known(name: str) -> bool:
    prefix, colon, _ = name.partition(":")
    return prefix in _NAMESPACES if colon else name in _PLAIN


def _as_cp1252(escaped: str) -> str:
    data = escaped.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([b]).decode("cp1252") for b in data)

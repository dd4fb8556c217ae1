"""A page as numbered lines, the common ground of captured text and saved HTML.

A line knows whether white space stood before it, and for HTML what element it was. Every line is taken once, so
that at the end the lines nobody took are the ones that were not understood.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .cues import folded
from .decoding import without_controls

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\ufeff]")
_MARK = re.compile(r"^(?P<hashes>#{1,6})\s+(?=\S)")
_BREAKS = re.compile(r"\r\n|[\n\r\f\v\x85\u2028\u2029]")
_LONGEST_WRAPPED = 110


@dataclass(frozen=True)
class Line:
    """One line: `gap` is true when white space stands before it; `tag` is the HTML element ("" for plain text);
    `group` numbers the list entry it belongs to; `main` is true inside the article's element."""

    number: int
    text: str
    gap: bool = True
    tag: str = ""
    href: str | None = None
    group: int = 0
    main: bool = False


def lines_of(text: str) -> list[Line]:
    """The non-empty lines of captured text, white space evened out and hard-wrapped paragraphs joined."""
    lines: list[Line] = []
    gap = True
    for raw in _BREAKS.split(text):
        mark = _MARK.match(raw)
        plain = tidy(raw[mark.end() :] if mark else raw)
        if not plain:
            gap = True
            continue
        tag = f"h{len(mark.group('hashes'))}" if mark else ""
        lines.append(Line(len(lines), plain, gap, tag))
        gap = False
    return _unwrapped(lines)


def tidy(text: str) -> str:
    """Text with single ordinary spaces, composed letters, and nothing invisible."""
    text = _INVISIBLE.sub("", without_controls(text.replace("\t", " ")))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


class Reader:
    """Lines that are taken one by one; what is never taken is left over."""

    def __init__(self, lines: Iterable[Line]):
        self.lines = list(lines)
        self.taken: set[int] = set()

    def take(self, *lines: Line) -> None:
        self.taken.update(line.number for line in lines)

    def open(self, start: int = 0, stop: int | None = None) -> list[Line]:
        """The lines of [start, stop) that nobody has taken, in order."""
        stop = len(self.lines) if stop is None else stop
        return [line for line in self.lines[start:stop] if line.number not in self.taken]

    def leftover(self) -> tuple[str, ...]:
        return tuple(line.text for line in self.open())


def is_any(line: Line, words: frozenset[str]) -> bool:
    """The whole line is one of the words, whatever its case and closing colon."""
    return len(line.text) <= 60 and folded(line.text) in words


def _unwrapped(lines: list[Line]) -> list[Line]:
    """Joins lines that an old mail or terminal broke at a fixed width; other captures are left as they are."""
    if not _is_wrapped(lines):
        return lines
    full = 0.7 * max(len(line.text) for line in lines)
    joined: list[Line] = []
    last_length = 0.0
    for line in lines:
        if joined and not line.gap and not line.tag and last_length >= full:
            before = joined[-1]
            joined[-1] = Line(before.number, f"{before.text} {line.text}", before.gap, before.tag)
        else:
            joined.append(Line(len(joined), line.text, line.gap, line.tag))
        last_length = len(line.text)
    return joined


def _is_wrapped(lines: list[Line]) -> bool:
    longest = max((len(line.text) for line in lines), default=0)
    if not 45 <= longest <= _LONGEST_WRAPPED:
        return False
    runs = sum(
        1
        for before, line in zip(lines, lines[1:], strict=False)
        if not line.gap and len(before.text) >= 0.7 * longest and not before.text.endswith((".", "!", "?", ":"))
    )
    return runs >= 3

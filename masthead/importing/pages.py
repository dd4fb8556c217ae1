"""A page of a trade title, captured as plain text or saved as HTML, becomes one `ParsedPage`.

    page = read_page("saved/page.html")
    page.headline, page.blocks, page.items, page.events, page.leftover

Nothing is fetched and nothing of the page is lost: what was not understood is in `page.leftover`.
"""

import re
from dataclasses import replace
from pathlib import Path

from .captured import parse_lines
from .decoding import ImportRefused, decode, read_capped
from .lines import lines_of
from .parsed import Block, Event, Furniture, ListItem, ParsedPage
from .saved import parse_html

_HTML = re.compile(rb"<(?:!doctype html|html|head|body|main|article|section|div|p|h1|meta)\b", re.IGNORECASE)
_MOST_LINES = 50_000
_HTML_SUFFIXES = (".html", ".htm", ".xhtml", ".xht", ".shtml")


def read_page(path: str | Path) -> ParsedPage:
    """The page in the file. Raises ImportRefused with one sentence when it is no page, too large, or empty."""
    path = Path(path)
    data = read_capped(path)
    if data[:200].lstrip().lower().startswith((b"from: <saved by", b"mime-version:")):
        raise ImportRefused(f"{path.name} is a web archive (MHTML); save the page as “HTML only” and import that.")
    decoded = decode(data)
    if not decoded.text.strip("\x00 \t\r\n\ufeff"):
        raise ImportRefused(f"{path.name} is empty; capture the page again.")
    if path.suffix.lower() in _HTML_SUFFIXES or _HTML.search(decoded.text[:2000].encode("utf-8", "replace")):
        return parse_html(data)
    if decoded.text.count("\n") > _MOST_LINES:
        raise ImportRefused(f"{path.name} has more than {_MOST_LINES:,} lines; capture one page to a file.")
    page = parse_text(decoded.text)
    return replace(page, warnings=(*decoded.warnings, *page.warnings))


def parse_text(text: str) -> ParsedPage:
    """The page in captured text; any text gives a page, if need be an empty one with everything left over."""
    return parse_lines(lines_of(text.removeprefix("\ufeff")))


__all__ = [
    "Block",
    "Event",
    "Furniture",
    "ImportRefused",
    "ListItem",
    "ParsedPage",
    "parse_html",
    "parse_text",
    "read_page",
]

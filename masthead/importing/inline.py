"""Inline markup written anew: a, em, strong, br, sup, sub and nothing else, so that nothing else can get through."""

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .cues import word_set

_KEPT = {"em": "em", "i": "em", "strong": "strong", "b": "strong", "sup": "sup", "sub": "sub"}
_LISTED = ("ul", "ol", "li")
_SILENT = word_set(
    "script style template noscript form input button select textarea option object embed applet iframe video "
    "audio svg "
    "math canvas img figure figcaption link meta base head title frame frameset area map dialog"
)
_SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True)
class Inline:
    """A run of inline content, as safe markup and as plain words."""

    html: str
    plain: str

    @classmethod
    def text(cls, text: str, breaks: bool) -> "Inline":
        return cls(_escaped(text, breaks), text)

    @classmethod
    def element(cls, element: Any, breaks: bool) -> "Inline":
        return cls(_written(element, breaks), plain(element))

    @classmethod
    def content(cls, element: Any, breaks: bool) -> "Inline":
        return cls(_inside(element, breaks), plain(element))


def address_of(told: str) -> str:
    """The address when it is http, https, mailto or relative to the site; "" when it could run or hide something."""
    # Browsers ignore white space and controls inside a scheme ("java\tscript:"), so they go before the check.
    address = re.sub(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]", "", told)
    if address.startswith(("//", "\\\\", "/\\", "\\/")):
        address = "https://" + address.lstrip("/\\")
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme and parts.scheme.lower() not in _SCHEMES:
        return ""
    if not parts.scheme and ":" in address.split("/")[0].split("?")[0].split("#")[0]:
        return ""
    return address


def inline_html(element: Any) -> str:
    """A ul or ol as safe markup, lists in lists included."""
    return _written(element, breaks=False)


def plain(element: Any, lines: bool = False) -> str:
    """The words a reader sees; `lines` keeps line breaks as newlines."""
    text = "".join(_words(element))
    if lines:
        return re.sub(r"[^\S\n]+", " ", text).strip()
    return re.sub(r"\s+", " ", text).strip()


def _words(element: Any) -> list[str]:
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SILENT:
            parts += ["\n"] if child.tag == "br" else _words(child)
            parts += [" "] if child.tag in ("li", "p", "div", "td") else []
        parts.append(child.tail or "")
    return parts


def _written(element: Any, breaks: bool) -> str:
    name = element.tag
    if name in _SILENT:
        return ""
    if name == "br":
        return "<br>"
    inside = _inside(element, breaks)
    if name in _LISTED:
        return f"<{name}>{inside.strip()}</{name}>"
    if name == "a":
        return _link(element, inside)
    kept = _KEPT.get(name)
    return f"<{kept}>{inside}</{kept}>" if kept and inside.strip() else inside


def _link(element: Any, inside: str) -> str:
    href = address_of(element.get("href") or "")
    if not href or not inside.strip():
        return inside
    # A paid link stays marked as one (promise 1); other relations are the old theme's business.
    paid = ' rel="sponsored"' if "sponsored" in (element.get("rel") or "").casefold().split() else ""
    return f'<a href="{html.escape(href, quote=True)}"{paid}>{inside}</a>'


def _inside(element: Any, breaks: bool) -> str:
    only_entries = element.tag in ("ul", "ol")
    parts = [] if only_entries else [_escaped(element.text or "", breaks)]
    for child in element:
        if isinstance(child.tag, str):
            written = _written(child, breaks)
            parts.append(f"<li>{written}</li>" if only_entries and child.tag != "li" and written.strip() else written)
        if not only_entries:
            parts.append(_escaped(child.tail or "", breaks))
    return "".join(parts)


def _escaped(text: str, breaks: bool) -> str:
    text = html.escape(text, quote=False)
    if breaks:
        return re.sub(r"[ \t]*\n[ \t]*", "<br>", re.sub(r"[^\S\n]+", " ", text))
    return re.sub(r"\s+", " ", text)

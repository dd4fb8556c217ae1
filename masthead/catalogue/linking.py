"""Linking: links inside a text, checked against what they lead to each time the text is printed.

A link to something paid carries label and payer inside itself (rule D2), a link to what is not on show is only words,
and every link out of a paid text is marked for search engines (rule D13).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.rich_text import expand_db_html

from masthead.catalogue import shelves
from masthead.catalogue.disclosure import Disclosure
from masthead.catalogue.models import Card
from masthead.publication import typesetting
from masthead.publication.models import Publication

LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
PAGE = re.compile(r'linktype="page"')
KEY = re.compile(r'\bid="(\d+)"')
HREF = re.compile(r'\bhref="([^"]*)"')
SPONSORED = "sponsored noopener"


@dataclass(frozen=True)
class Targets:
    """What the links of a text lead to: the cards on show, the keys of all items on show or not, and their paths."""

    cards: dict[int, Card] = field(default_factory=dict)
    items: frozenset[int] = frozenset()
    paths: dict[str, int] = field(default_factory=dict)

    def hides(self, key: int) -> bool:
        return key in self.items and key not in self.cards


def targets_of(title: Publication, texts: Sequence[str], keys: Iterable[int] = ()) -> Targets:
    """Look up what these texts (as stored) of a title link to, and the items of `keys`, in a fixed number of queries.

    A link that was pasted as an address of the title's own is found like one that was chosen.
    """
    paths = shelves.items_at(title, sorted({path for text in texts for path in paths_in(text, title.root_url)}))
    wanted = sorted({*keys, *paths.values(), *(key for text in texts for key in keys_in(text))})
    if not wanted:
        return Targets()
    return Targets(shelves.of_items(wanted, title, also=()), frozenset(shelves.ever_filed(wanted)), paths)


def keys_in(text: str) -> list[int]:
    """Return the keys of the pages a stored text links to."""
    return [int(key[1]) for attrs, _words in LINK.findall(text) if PAGE.search(attrs) and (key := KEY.search(attrs))]


def paths_in(text: str, root_url: str) -> list[str]:
    """Return the paths a stored text links to by an address of the title's own."""
    hrefs = (HREF.search(attrs) for attrs, _words in LINK.findall(text))
    return [path for href in hrefs if href and (path := _own_path(href[1], urlsplit(root_url).netloc))]


def printed(text: str, targets: Targets, disclosed: Disclosure, language: str, host: str = "") -> SafeString:
    """Return a stored text as HTML for a page with this disclosure and language, of a title at `host`."""
    html = LINK.sub(lambda found: _inward(found, targets, host), text)
    html = expand_db_html(html)
    if disclosed.is_paid:
        html = LINK.sub(lambda found: _outward(found, host), html)
    # Stored text was cleaned by Wagtail when it was saved; what is added here is escaped.
    return mark_safe(typesetting.unparted(typesetting.requoted(html, language)))


def label_inside(disclosed: Disclosure) -> str:
    """Label and payer as they stand inside a line of text, before what they speak of."""
    own = get_language() or ""
    return format_html('<span class="label" lang="{}"><b>{}</b> {}</span> ', own, disclosed.label, disclosed.payer_line)


def leads_out(href: str, host: str) -> bool:
    return urlsplit(href).scheme in ("http", "https") and urlsplit(href).netloc != host


def _inward(found: re.Match, targets: Targets, host: str) -> str:
    attrs, words = found[1], found[2]
    key = _key_of(attrs, targets, host)
    if key is None:
        return found[0]
    if targets.hides(key):
        return words
    card = targets.cards.get(key)
    return f"<a{attrs}>{label_inside(card.disclosed)}{words}</a>" if card and card.disclosed else found[0]


def _key_of(attrs: str, targets: Targets, host: str) -> int | None:
    if PAGE.search(attrs):
        key = KEY.search(attrs)
        return int(key[1]) if key else None
    href = HREF.search(attrs)
    return targets.paths.get(_own_path(href[1], host)) if href else None


def _own_path(href: str, host: str) -> str:
    address = urlsplit(unescape(href))
    if address.netloc not in ("", host) or not address.path.startswith("/"):
        return ""
    return address.path.rstrip("/") + "/"


def _outward(found: re.Match, host: str) -> str:
    attrs, words = found[1], found[2]
    href = HREF.search(attrs)
    if href is None or not leads_out(href[1], host):
        return found[0]
    rest = re.sub(r'\s*\brel="[^"]*"', "", attrs)
    return f'<a{rest} rel="{escape(SPONSORED)}">{words}</a>'

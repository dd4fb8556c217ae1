"""Linking: links inside a text, checked against what they lead to each time the text is printed.

A link to something paid carries label and payer inside itself (rule D2), a link to what is not on show is only its words,
and every link out of a paid text is marked for search engines (rule D13).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.rich_text import expand_db_html

from masthead.catalogue import shelves
from masthead.catalogue.disclosure import Disclosure
from masthead.catalogue.models import Card
from masthead.publication import typesetting

LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
PAGE = re.compile(r'linktype="page"')
KEY = re.compile(r'\bid="(\d+)"')
HREF = re.compile(r'\bhref="([^"]*)"')
SPONSORED = "sponsored noopener"


@dataclass(frozen=True)
class Targets:
    """What the links of a text lead to: the cards on show, and the keys of all items, on show or not."""

    cards: dict[int, Card] = field(default_factory=dict)
    items: frozenset[int] = frozenset()

    def hides(self, key: int) -> bool:
        return key in self.items and key not in self.cards


def targets_of(texts: Iterable[str], keys: Iterable[int] = ()) -> Targets:
    """Look up what these texts (as stored) link to, and the items of `keys`, in a constant number of queries."""
    wanted = sorted({*keys, *(key for text in texts for key in keys_in(text))})
    if not wanted:
        return Targets()
    return Targets(shelves.of_items(wanted), frozenset(shelves.ever_filed(wanted)))


def keys_in(text: str) -> list[int]:
    """Return the keys of the pages a stored text links to."""
    return [int(key[1]) for attrs, _words in LINK.findall(text) if PAGE.search(attrs) and (key := KEY.search(attrs))]


def printed(text: str, targets: Targets, disclosed: Disclosure, language: str, host: str = "") -> SafeString:
    """Return a stored text as HTML for a page with this disclosure and language, of a title at `host`."""
    html = LINK.sub(lambda found: _inward(found, targets), text)
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


def _inward(found: re.Match, targets: Targets) -> str:
    attrs, words = found[1], found[2]
    key = KEY.search(attrs) if PAGE.search(attrs) else None
    if key is None:
        return found[0]
    if targets.hides(int(key[1])):
        return words
    card = targets.cards.get(int(key[1]))
    return f"<a{attrs}>{label_inside(card.disclosed)}{words}</a>" if card and card.disclosed else found[0]


def _outward(found: re.Match, host: str) -> str:
    attrs, words = found[1], found[2]
    href = HREF.search(attrs)
    if href is None or not leads_out(href[1], host):
        return found[0]
    rest = re.sub(r'\s*\brel="[^"]*"', "", attrs)
    return f'<a{rest} rel="{escape(SPONSORED)}">{words}</a>'

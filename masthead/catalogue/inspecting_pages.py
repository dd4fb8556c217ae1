"""Inspecting a page: is each place that shows a card told of before its headline, in what a reader sees?

Only visible text counts, in reading order: no attribute, nothing hidden, nothing a stylesheet writes. A place is the
largest part of the page around a headline or link that leads to no other card.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml import html

from masthead.catalogue.telling import (
    INVISIBLE,
    Report,
    Shown,
    begins_with_label,
    judge_title,
    judge_words,
    names_it,
    plain,
    tells_before,
    untold,
)

NEAR = 400  # characters between label and headline: a kicker and a date fit in, another story does not
FAR = 900  # between label and a further link of the same card, such as "Sign up" after its standfirst
NAMES = ("title", "name", "headline", "summary", "label")
HEADINGS = ("h1", "h2", "h3", "h4")
UNREAD = {"script", "style", "template", "noscript", "head", "title", "svg", "object", "iframe", "select", "datalist"}
WITHIN_WORDS = {"em", "i", "mark", "sub", "sup", "u", "wbr"}
# Names by which stylesheets hide words from the eye; that a page uses one can only make the judge stricter.
HIDING = {"unseen", "visually-hidden", "sr-only", "screen-reader-text", "hidden"}
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
EDITORIAL = re.compile(r"Article$|^Report$|Posting$")
PAID_TYPES = {"AdvertiserContentArticle", "JobPosting"}
NAMED_ALONE = {*PAID_TYPES, "Event"}  # their headline stands alone, who paid beside it; other names have the label


class Reading:
    """A page as its visible text in reading order, and where in it each visible element begins and ends."""

    def __init__(self, body: bytes):
        self.root = html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8"))
        self.spans: dict = {}
        self._parts: list[str] = []
        self._length, self._last = 0, " "
        self._read(self.root)
        self.text = "".join(self._parts)

    def words(self, element) -> str:
        start, end = self.spans[element]
        return self.text[start:end].strip()

    def visible(self, *tags: str) -> Iterator:
        return (element for element in self.root.iter(*tags) if element in self.spans)

    def _read(self, element) -> None:
        if isinstance(element.tag, str) and element.tag not in UNREAD and not _is_hidden(element):
            apart = element.tag not in WITHIN_WORDS
            self._say(" " if apart else "")
            start = self._length
            folded = element.tag == "details" and "open" not in element.attrib
            self._say("" if folded else element.text)
            for child in element.iterchildren("summary") if folded else element:
                self._read(child)
                self._say("" if folded else child.tail)
            self.spans[element] = (start, self._length)
            self._say(" " if apart else "")

    def _say(self, words: str | None) -> None:
        if not words:
            return
        joined = re.sub(r"\s+", " ", words.translate(INVISIBLE))
        joined = joined.lstrip() if self._last == " " else joined
        if joined:
            self._parts.append(joined)
            self._length += len(joined)
            self._last = joined[-1]


@lru_cache(maxsize=64)
def _read(body: bytes) -> Reading:
    """Read a page once, however many cards are looked for in it."""
    return Reading(body)


def inspect_page(body: bytes, shown: Shown, address: str = "") -> Report:
    """Judge an HTML page that stands at `address`, or the HTML part of a mail, which stands nowhere."""
    judge = _Judge(_read(body), shown, address)
    problems = [*judge.headlines(), *judge.other_links()]
    if not judge.is_page_of_another:
        problems += [*judge.titles(), *judge.data()]
    if judge.is_own_page and shown.disclosed.is_paid:
        problems += judge.links_out()
    is_shown = bool(judge.places) or (not judge.is_own_page and bool(judge.links))
    return Report(is_shown, list(dict.fromkeys(problems)))


class _Judge:
    def __init__(self, page: Reading, shown: Shown, address: str):
        self.page, self.shown = page, shown
        self.is_own_page = shown.is_at(address)
        self.is_page_of_another = shown.is_of_another(address)
        self.headline = plain(shown.headline)
        self.asked = [plain(value) for _name, value in parse_qsl(urlsplit(address).query)]

    @cached_property
    def links(self) -> dict:
        """The visible links to the card, in reading order."""
        return {link: None for link in self.page.visible("a") if self.shown.is_at(link.get("href") or "")}

    @cached_property
    def crowded(self) -> set:
        """Every element that leads to another card, or holds such a link."""
        crowded: set = set()
        for link in self.page.visible("a"):
            if self.shown.is_of_another(link.get("href") or ""):
                crowded.add(link)
                crowded.update(link.iterancestors())
        return crowded

    @cached_property
    def places(self) -> dict[int, object]:
        """Where the headline stands: alone in an element, in a heading, or in a link to the card."""
        places: dict[int, object] = {}
        for element in self.page.visible():
            words = self.page.words(element)
            if self.headline not in words or element.tag in ("html", "body"):
                continue
            alone = words == self.headline
            heading = element.tag in HEADINGS and not (self.is_page_of_another and element.tag == "h1")
            if (alone or heading or element in self.links) and not self._is_of_another(element):
                places.setdefault(self.page.text.index(self.headline, self.page.spans[element][0]), element)
        return dict(sorted(places.items()))

    def titles(self) -> Iterator[str]:
        """Page title, Open Graph and the like, where they name the card."""
        for title in self.page.root.iter("title"):
            if not any(above.tag == "svg" for above in title.iterancestors()):
                yield from self._judge_title(title.text or "", "The page's title")
        for meta in self.page.root.iter("meta"):
            name = meta.get("property") or meta.get("name") or ""
            if name.endswith(":title"):
                yield from self._judge_title(meta.get("content") or "", name)
            elif name.endswith("description") and self.is_own_page:
                yield from filter(None, [judge_words(meta.get("content") or "", self.shown)])
        for link in self.page.root.iter("a"):
            mail = urlsplit(link.get("href") or "")
            if mail.scheme == "mailto":
                subject = dict(parse_qsl(mail.query)).get("subject", "")
                yield from self._judge_title(subject, "The subject of a mail link")

    def headlines(self) -> Iterator[str]:
        before = 0
        for place, element in self.places.items():
            start = max(before, self._block(element)[0])
            if not self._is_told(self.page.text[start:place], NEAR):
                yield untold(f"The <{element.tag}>", self.page.words(element), self.shown)
            before = place + len(self.headline)

    def other_links(self) -> Iterator[str]:
        """Links to the card that do not say its headline: a picture, "Sign up", words inside another text (rule D2)."""
        for link in self.links:
            words = self.page.words(link)
            if self.headline in words or self.is_own_page:
                continue
            start, end = self._block(link)
            if words:
                told = self._is_told(self.page.text[start : self.page.spans[link][1]], FAR)
            else:
                told = self._is_told(self.page.text[start:end], end) or not _description(link)
            if not told:
                yield untold("A link", words or _description(link), self.shown)

    def data(self) -> Iterator[str]:
        for script in self.page.root.iter("script"):
            if script.get("type") == "application/ld+json":
                yield from judge_data(script.text or "", self.shown)

    def links_out(self) -> Iterator[str]:
        """Links out of a paid item's own page that are not marked for search engines (rule D13)."""
        within = next(self.page.root.iter("main"), self.page.root)
        for link in within.iter("a"):
            href = link.get("href") or ""
            leads_out = urlsplit(href).scheme in ("http", "https") and urlsplit(href).netloc != self.shown.host
            shares_this = self.shown.host in unquote(urlsplit(href).query)
            if leads_out and not shares_this and "sponsored" not in (link.get("rel") or "").split():
                yield f"The link to {href} is not marked rel=“sponsored”."

    def _judge_title(self, words: str, where: str) -> Iterator[str]:
        own = plain(words)
        for asked in self.asked:
            own = own.replace(asked, "")  # a search page repeats what its reader typed
        if names_it(own, self.shown):
            yield from filter(None, [judge_title(words, self.shown, where)])

    def _is_of_another(self, element) -> bool:
        """Whether an element speaks of another card that happens to have the same headline."""
        return element in self.crowded or any(above in self.crowded for above in element.iterancestors("a"))

    def _block(self, element) -> tuple[int, int]:
        while (above := element.getparent()) is not None and above not in self.crowded and above in self.page.spans:
            element = above
        return self.page.spans[element]

    def _is_told(self, words: str, reach: int) -> bool:
        place = tells_before(words, self.shown)
        return place is not None and len(plain(words)) - place <= reach


def judge_data(script: str, shown: Shown) -> Iterator[str]:
    """Judge one JSON-LD script: what names the card says who paid, and never passes for news (rule D14)."""
    try:
        said = json.loads(script)
    except ValueError:
        yield "The structured data is not JSON."
        return
    for found in objects_in(said):
        named = [found[name] for name in NAMES if isinstance(found.get(name), str) and names_it(found[name], shown)]
        if named:
            yield from _judge_object(found, named[0], shown)


def objects_in(said) -> Iterator[dict]:
    """Return every object of a JSON document, the outer ones first."""
    if isinstance(said, dict):
        yield said
    for child in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from objects_in(child)


def _judge_object(found: dict, name: str, shown: Shown) -> Iterator[str]:
    types = _listed(found.get("@type"))
    kind = "|".join(types) or "object"
    if any(EDITORIAL.search(name) and name not in PAID_TYPES for name in types):
        yield f"The structured data calls it {kind}, which is what news is called."
    if begins_with_label(name, shown):
        return
    if not NAMED_ALONE & set(types):
        yield f"The structured data ({kind}) calls it “{name}”, without its label before."
        return
    payers = [payer for key in ("sponsor", "hiringOrganization") for payer in _listed(found.get(key))]
    names = [plain(payer.get("name") or "") for payer in payers if isinstance(payer, dict)]
    if shown.disclosed.is_paid and "JobPosting" not in types and plain(shown.disclosed.payer) not in names:
        yield f"The structured data ({kind}) does not name {shown.disclosed.payer} as sponsor."
    if tells_before(str(found.get("disambiguatingDescription") or ""), shown) != 0:
        yield f"The structured data ({kind}) does not say “{shown.disclosed.label}” and {shown.disclosed.payer}."


def _listed(value) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_hidden(element) -> bool:
    if "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    if element.tag == "dialog" and "open" not in element.attrib:
        return True
    by_class = bool(HIDING & set((element.get("class") or "").split()))
    return by_class or bool(HIDDEN_STYLE.search(element.get("style") or ""))


def _description(link) -> str:
    return plain(" ".join(picture.get("alt") or "" for picture in link.iter("img")))

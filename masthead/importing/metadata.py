"""What a saved page says about itself to machines: JSON-LD first, then microdata, then OpenGraph and meta elements.

schema.org terms: https://schema.org/Article and https://schema.org/Event; OpenGraph: https://ogp.me.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .dates import find_dates
from .languages import language_of
from .lines import tidy
from .parsed import Event, Mode
from .places import read_place

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|AnalysisNewsArticle)$")
_EVENT = re.compile(r"(?:Event|CourseInstance|Festival)$")
_LARGEST_JSON = 2_000_000
_MOST_NODES = 5_000
_MODES: dict[str, Mode] = {
    "OnlineEventAttendanceMode": "online",
    "OfflineEventAttendanceMode": "on_site",
    "MixedEventAttendanceMode": "hybrid",
}


@dataclass
class Metadata:
    """The self-description of one page; None where it says nothing."""

    headline: str | None = None
    title: str | None = None
    date: dt.date | None = None
    author: str | None = None
    publisher: str | None = None
    description: str | None = None
    body: str | None = None
    language: str | None = None
    address: str | None = None
    label: str | None = None
    payer: str | None = None
    events: list[Event] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_metadata(root: Any) -> Metadata:
    """Everything the page's head and its marks say; broken JSON-LD is a warning, never a failure."""
    found = Metadata()
    for node in _json_ld(root, found):
        kinds = [str(kind) for kind in _listed(node.get("@type"))]
        if any(_ARTICLE.search(kind) for kind in kinds):
            _from_article(node, kinds, found)
        elif any(_EVENT.search(kind) for kind in kinds):
            event = _event(node)
            found.events += [event] if event else []
    _from_microdata(root, found)
    _from_meta(root, found)
    return found


def _json_ld(root: Any, found: Metadata) -> Iterator[dict]:
    for script in root.xpath("//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"):
        text = (script.text or "").strip()
        if not text or len(text) > _LARGEST_JSON:
            continue
        text = re.sub(r"^\s*(?:<!--|/\*.*?\*/|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*;?\s*$", "", text)
        try:
            loaded = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            found.warnings.append("The page's JSON-LD is broken and was not used.")
            continue
        yield from _nodes(loaded)


def _nodes(loaded: Any) -> Iterator[dict]:
    """The objects of a JSON-LD document in order, those inside @graph, lists and mainEntity too; never recursing."""
    waiting, seen = [loaded], 0
    while waiting and seen < _MOST_NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting[:0] = node
        elif isinstance(node, dict):
            yield node
            inner = (node.get(key) for key in ("@graph", "mainEntity", "itemListElement", "item", "hasCourseInstance"))
            waiting += [value for value in inner if isinstance(value, dict | list)]


def _from_article(node: dict, kinds: list[str], found: Metadata) -> None:
    found.headline = found.headline or _text(node.get("headline")) or _text(node.get("name"))
    found.date = found.date or _day(node.get("datePublished")) or _day(node.get("dateCreated"))
    found.author = found.author or _names(node.get("author")) or _names(node.get("creator"))
    found.publisher = found.publisher or _names(node.get("publisher"))
    found.description = found.description or _text(node.get("description"))
    found.language = found.language or _language(_text(node.get("inLanguage")))
    body = node.get("articleBody")
    if isinstance(body, str) and not found.body:
        found.body = body
    if "AdvertiserContentArticle" in kinds:
        # The type is a statement that the piece is paid for (schema.org); a label of the page itself goes before it.
        found.label = "AdvertiserContentArticle"
        found.payer = _names(node.get("sponsor")) or _names(node.get("sourceOrganization"))


def _event(node: dict) -> Event | None:
    title = _text(node.get("name"))
    if not title:
        return None
    start, end = _text(node.get("startDate")) or "", _text(node.get("endDate")) or ""
    day, last = _day(start), _day(end)
    abstract = _text(node.get("description"))
    mode, platform, place, written = _where(node)
    return Event(
        title=title,
        organiser=_names(node.get("organizer")) or _names(node.get("provider")),
        abstract=abstract,
        days=(day,) if day else (),
        last_day=last if day and last and last > day else None,
        time=_clock(start),
        end_time=_clock(end),
        mode=mode,
        platform=platform,
        place=place,
        place_as_written=written,
        language=_language(_text(node.get("inLanguage"))) or language_of(f"{title}. {abstract or ''}"),
        href=_text(node.get("url")),
    )


def _where(node: dict) -> tuple[Mode | None, str | None, str | None, str | None]:
    """(mode, platform, place, as written) of an event's location and attendance mode."""
    told = _MODES.get(str(node.get("eventAttendanceMode") or "").rsplit("/", 1)[-1])
    names, virtual = [], ""
    for location in _listed(node.get("location"))[:5]:
        if isinstance(location, dict) and location.get("@type") == "VirtualLocation":
            virtual = f"{_text(location.get('name')) or ''} {_text(location.get('url')) or ''}".strip() or "online"
        else:
            names.append(_location_name(location))
    written = ", ".join(name for name in names if name) or None
    place = read_place(written)
    online = read_place(f"Online via {virtual}") if virtual else None
    mode = told or (("hybrid" if place.name else "online") if virtual else place.mode)
    platform = (online.platform if online else None) or place.platform
    return mode, platform, place.name if mode != "online" else None, written or virtual or None


def _location_name(location: Any) -> str:
    if not isinstance(location, dict):
        return _text(location) or ""
    address = location.get("address")
    town = _text(address.get("addressLocality")) if isinstance(address, dict) else _text(address)
    name = _text(location.get("name"))
    return ", ".join(part for part in (name, town) if part and part != name or part is name and part)


def _from_microdata(root: Any, found: Metadata) -> None:
    marks = {mark: _first_mark(root, mark) for mark in ("headline", "datePublished", "author", "inLanguage")}
    found.headline = found.headline or marks["headline"]
    found.date = found.date or _day(marks["datePublished"])
    found.author = found.author or marks["author"]
    found.language = found.language or _language(marks["inLanguage"])


def _first_mark(root: Any, mark: str) -> str | None:
    for element in root.xpath("//*[contains(concat(' ', @itemprop, ' '), concat(' ', $mark, ' '))]", mark=mark)[:1]:
        told = element.get("content") or element.get("datetime")
        inner = element.xpath(".//*[contains(concat(' ', @itemprop, ' '), ' name ')]")
        return tidy(told or " ".join((inner[0] if inner else element).itertext())) or None
    return None


def _from_meta(root: Any, found: Metadata) -> None:
    meta: dict[str, str] = {}
    for element in root.xpath("//meta[@content][@property or @name]")[:300]:
        name = (element.get("property") or element.get("name")).strip().casefold()
        meta.setdefault(name, tidy(element.get("content")))
    title = tidy(" ".join(root.xpath("//head/title//text()")[:5]))
    found.title = meta.get("og:title") or _without_site(title, meta.get("og:site_name")) or None
    dates = ("article:published_time", "date", "dc.date", "dcterms.date", "pubdate", "publish-date", "dcterms.created")
    found.date = found.date or next((day for name in dates if (day := _day(meta.get(name)))), None)
    author = meta.get("author") or meta.get("article:author")
    found.author = found.author or (author if author and "://" not in author else None)
    found.publisher = found.publisher or meta.get("og:site_name") or None
    found.description = found.description or meta.get("og:description") or meta.get("description") or None
    found.language = found.language or _language(root.get("lang") or meta.get("og:locale"))
    canonical = root.xpath("//link[@rel='canonical']/@href")[:1]
    found.address = (canonical[0] if canonical else meta.get("og:url")) or None


def _without_site(title: str, site: str | None) -> str:
    """ "Headline | Site" without the site, when the site is told or the last part is the shorter one."""
    parts = re.split(r"\s+[|–—·-]\s+", title)
    if len(parts) > 1 and (parts[-1] == site or len(parts[-1]) < 30 < len(title) - len(parts[-1])):
        return title[: title.rindex(parts[-1])].rstrip(" |–—·-")
    return title


def _language(told: str | None) -> str | None:
    code = re.split(r"[-_]", told or "")[0].casefold()
    return {"nb": "no", "nn": "no"}.get(code, code) if 2 <= len(code) <= 3 and code.isalpha() else None


def _listed(value: Any) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return (tidy(re.sub(r"<[^<>]{1,200}>", " ", value)) or None) if isinstance(value, str) else None


def _names(value: Any) -> str | None:
    return ", ".join(name for part in _listed(value)[:10] if (name := _text(part))) or None


def _day(value: Any) -> dt.date | None:
    hits = find_dates(value[:60]) if isinstance(value, str) else []
    return hits[0][0] if hits else None


def _clock(text: str) -> dt.time | None:
    match = re.search(r"T(\d{2}):(\d{2})", text)
    if not match or int(match.group(1)) > 23 or int(match.group(2)) > 59:
        return None
    return dt.time(int(match.group(1)), int(match.group(2)))

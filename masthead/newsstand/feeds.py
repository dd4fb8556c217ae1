"""Feeds: each kind and each theme as RSS 2.0, Atom 1.0 (RFC 4287) and JSON Feed 1.1, at addresses that stay.

The feed of articles holds what nobody paid for (rule D15). Where something paid is in a feed, its title begins with
label and payer, and so do its words (rules D1 and D10). An entry keeps its id for life, also when its address changes.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid5

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.http import http_date
from django.utils.translation import gettext as _

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, CardKind, Theme
from masthead.catalogue.outputs import shows
from masthead.catalogue.shelves import Shelf
from masthead.publication.models import Publication

LENGTH = 50  # entries
EMPTY = datetime(2000, 1, 1)  # the date of a feed without entries; it must not be the clock's
FORMS = ("rss", "atom", "json")
JSON_FEED = "application/feed+json; charset=utf-8"
# What XML 1.0 has no place for, and an editor may have pasted.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Feed:
    """One feed of a title: what it is called, where it is, where its pages are, what stands in it."""

    title: Publication
    name: str
    path: str
    about: str
    cards: list[Card]


@dataclass(frozen=True)
class Entry:
    """One card as every form of feed prints it; `headline` and `words` begin with label and payer."""

    key: str
    headline: str
    url: str
    words: str
    published: datetime
    modified: datetime
    authors: list[str]
    subjects: list[str]
    language: str


def _articles(title: Publication) -> tuple[str, Shelf]:
    return title.name, shelves.latest(title)


def _events(title: Publication) -> tuple[str, Shelf]:
    return f"{title.name}: {_('Events')}", shelves.everything(title, CardKind.EVENT)


def _jobs(title: Publication) -> tuple[str, Shelf]:
    return f"{title.name}: {_('Jobs')}", shelves.vacancies(title)


def _partner(title: Publication) -> tuple[str, Shelf]:
    return f"{title.name}: {_('Partner content')}", shelves.partner_content(title)


KINDS: dict[str, Callable[[Publication], tuple[str, Shelf]]] = {
    "articles": _articles,
    "events": _events,
    "jobs": _jobs,
    "partner": _partner,
}


def _kind_addresses(card: Card) -> list[str]:
    return [reverse("feed", args=[name, form]) for name in KINDS for form in FORMS]


def _theme_addresses(card: Card) -> list[str]:
    return [reverse("theme_feed", args=[theme.slug, form]) for theme in card.themes.all() for form in FORMS]


@shows("feed of a kind", "feed", _kind_addresses)
def of_kind(request, name: str, form: str) -> HttpResponse:
    """The newest of one kind."""
    title = _title_of(request)
    called, shelf = KINDS[name](title)
    return _answer(Feed(title, called, request.path, "/", shelf.take(LENGTH, also=shelves.FILED_UNDER)), form)


@shows("feed of a theme", "feed", _theme_addresses)
def of_theme(request, slug: str, form: str) -> HttpResponse:
    """The newest articles on one theme that nobody paid for."""
    title = _title_of(request)
    theme = get_object_or_404(Theme, publication=title, slug=slug)
    cards = shelves.news_of(theme).take(LENGTH, also=shelves.FILED_UNDER)
    return _answer(Feed(title, f"{title.name}: {theme.name}", request.path, theme.url, cards), form)


def entry(card: Card) -> Entry:
    """Return a card as an entry of a feed."""
    headline = f"{_('Cancelled')}: {card.title}" if card.facts.get("status") == "cancelled" else card.title
    zone = card.publication.zone
    label = [card.label] if card.disclosed else []
    words = [f"{card.disclosed.line}." if card.disclosed else "", facts(card), " ".join(card.standfirst.split())]
    return Entry(
        key=f"urn:uuid:{card.item.translation_key}",
        headline=_printable(card.disclosed.before(headline)),
        url=card.full_url,
        words=_printable(" ".join(filter(None, words))),
        published=card.counts_from.astimezone(zone),
        modified=card.modified_at.astimezone(zone),
        authors=[_printable(person.name) for person in card.people.all()] or [_printable(card.source_name)],
        subjects=label + [_printable(theme.name) for theme in card.themes.all()],
        language=card.language,
    )


def facts(card: Card) -> str:
    """Return when and where, in one sentence, for what happens in time or has a last day; else nothing."""
    if card.kind == CardKind.EVENT and card.facts.get("meetings"):
        places = [card.facts["place"]] if card.facts["mode"] != "online" else []
        places += [" ".join([_("Online"), card.facts["platform"]]).strip()] if card.facts["mode"] != "on_site" else []
        return ", ".join([card.source_name, when(card.facts["meetings"][0], card.publication), *places]) + "."
    if card.kind == CardKind.JOB:
        last = card.facts.get("last_day")
        day = _("last day %s") % date_format(datetime.fromisoformat(last), "DATE_FORMAT") if last else ""
        return ", ".join(filter(None, [card.source_name, card.facts.get("town"), day])) + "."
    return ""


def when(meeting: dict, title: Publication) -> str:
    """Return the day of a session and its time, or that the time is to be announced."""
    starts = datetime.fromisoformat(meeting["starts"]).astimezone(title.zone)
    time = date_format(starts, "TIME_FORMAT") if meeting["announced"] else _("time to be announced")
    return f"{date_format(starts, 'DATE_FORMAT')}, {time}"


def _title_of(request) -> Publication:
    if request.publication is None:
        raise Http404("There is no title at this address.")
    return request.publication


def _answer(feed: Feed, form: str) -> HttpResponse:
    entries = [entry(card) for card in feed.cards]
    changed = max((one.modified for one in entries), default=EMPTY.replace(tzinfo=feed.title.zone))
    body, media = {"rss": _rss, "atom": _atom, "json": _json}[form](feed, entries, changed)
    response = HttpResponse(body, content_type=media)
    # Something that left moves the date too, else a client that asks by date alone would keep it. Whole seconds can't
    # tell two changes of one second apart; until that second is past the ETag does it alone.
    left = max(changed, shelves.last_change(feed.title) or changed)
    if left < timezone.now() - timedelta(seconds=2):
        response["Last-Modified"] = http_date(left.timestamp())
    return response


class _Dated:
    """A feed whose own date is given, and not the clock's when it is empty."""

    def latest_post_date(self):
        return self.feed["changed"]


class _Rss(_Dated, Rss201rev2Feed):
    pass


class _Atom(_Dated, Atom1Feed):
    def item_attributes(self, item):
        return {"xml:lang": item["language"]} if item["language"] != self.feed["language"] else {}


def _rss(feed: Feed, entries: list[Entry], changed: datetime) -> tuple[str, str]:
    return _xml(_Rss, feed, entries, changed), _Rss.content_type


def _atom(feed: Feed, entries: list[Entry], changed: datetime) -> tuple[str, str]:
    return _xml(_Atom, feed, entries, changed), _Atom.content_type


def _xml(writer, feed: Feed, entries: list[Entry], changed: datetime) -> str:
    title = feed.title
    made = writer(
        title=_printable(feed.name),
        link=title.root_url + feed.about,
        description=_printable(title.tagline or feed.name),
        language=title.language,
        author_name=_printable(title.name),
        feed_url=title.root_url + feed.path,
        feed_guid=f"urn:uuid:{uuid5(title.site.root_page.translation_key, feed.path)}",
        changed=changed,
    )
    for one in entries:
        made.add_item(
            title=one.headline,
            link=one.url,
            description=escape(one.words),  # readers' programs take it for HTML
            author_name=", ".join(one.authors),
            pubdate=one.published,
            updateddate=one.modified,
            unique_id=one.key,
            unique_id_is_permalink=False,
            categories=one.subjects,
            language=one.language,
        )
    return made.writeString("utf-8")


def _json(feed: Feed, entries: list[Entry], changed: datetime) -> tuple[str, str]:
    title = feed.title
    said = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.name,
        "home_page_url": title.root_url + feed.about,
        "feed_url": title.root_url + feed.path,
        "description": title.tagline or feed.name,
        "language": title.language,
        "authors": [{"name": title.name, "url": f"{title.root_url}/"}],
        "items": [
            {
                "id": one.key,
                "url": one.url,
                "title": one.headline,
                "content_text": one.words or one.headline,
                "summary": one.words or one.headline,
                "date_published": one.published.isoformat(timespec="seconds"),
                "date_modified": one.modified.isoformat(timespec="seconds"),
                "authors": [{"name": name} for name in one.authors],
                "tags": one.subjects,
                "language": one.language,
            }
            for one in entries
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=1), JSON_FEED


def _printable(words: str) -> str:
    return UNPRINTABLE.sub("", words)

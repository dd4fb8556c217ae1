"""Drafting: a parsed page becomes drafts to review. Nothing is published, and a second run changes nothing."""

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db import transaction
from django.utils.html import escape
from django.utils.text import Truncator
from wagtail.models import Page

from masthead.articles.models import Article, HousePromotion, PartnerArticle
from masthead.catalogue.items import Item
from masthead.catalogue.models import Organisation, Person
from masthead.events.models import Event
from masthead.importing import parsed
from masthead.newsstand import founding
from masthead.newsstand.models import Holds
from masthead.publication.models import Publication

KINDS = {
    "webinar": ("webinar", "webinarium", "onlineseminar"),
    "course": ("kursus", "kurs", "course", "masterclass", "uddannelse", "seminarreihe"),
    "conference": ("konference", "konferenz", "konferens", "konferanse", "conference", "kongress", "summit", "topmøde"),
    "seminar": ("seminar", "seminarium", "workshop"),
    "meeting": ("morgenmøde", "møde", "gå-hjem-møde", "meeting", "treffen", "möte", "netværksmøde"),
    "fair": ("messe", "mässa", "fair", "expo"),
}


_QUOTED = re.compile(r"[”“\"»«„](.+)[”“\"»«](.*)$", re.DOTALL)


@dataclass
class Drafted:
    """What one page became: a line for each draft, found = made + unchanged."""

    made: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        return len(self.made) + len(self.unchanged)


def draft_page(title: Publication, page: parsed.ParsedPage, origin: str, dry_run: bool = False) -> Drafted:
    """Make drafts of a page's article, list items and events in `title`; with `dry_run` only say what would be made.

    `origin` names the file in the drafts' import notes. All of a page is made, or nothing.
    """
    with transaction.atomic():
        drafted = _Drafting(title, origin).page(page)
        transaction.set_rollback(dry_run)
    return drafted


class _Drafting:
    def __init__(self, title: Publication, origin: str):
        self.title, self.origin, self.drafted = title, origin, Drafted()

    def page(self, page: parsed.ParsedPage) -> Drafted:
        if page.headline:
            key = _key("page", page.source, page.headline, page.date)
            self._once(key, "article", page.headline, lambda: self._article(page))
        for item in page.items:
            key = _key("item", item.source, item.title, item.date)
            self._once(key, _what(item), item.title, partial(self._stub, item))
        for event in page.events:
            key = _key("event", event.organiser, event.title, event.date)
            self._once(key, "event", event.title, partial(self._event, event))
        return self.drafted

    def _once(self, key: str, what: str, headline: str, make: Callable[[], tuple[Item, str]]) -> None:
        line = f"{what}: {headline}"
        if any(noun.objects.filter(import_key=key).exists() for noun in _NOUNS):  # not a list: is it there already?
            self.drafted.unchanged.append(line)
            return
        item, holds = make()
        item.import_key, item.live, item.has_unpublished_changes = key, False, True
        item.title = Truncator(headline).chars(255)
        founding.add_item(self.title, holds, item)
        item.save_revision(clean=False)
        self.drafted.made.append(line)

    # The article itself

    def _article(self, page: parsed.ParsedPage) -> tuple[Item, str]:
        item, holds = self._paid_or_not(page.label, page.payer or page.source)
        item.standfirst, item.caption = page.standfirst or "", (page.caption or "")[:400]
        item.dated, item.language = self._moment(page.date), _language(page.language)
        item.source = self._organisation(page.source)
        item.byline = page.byline or ""
        item.people = [self._person(page.byline)] if page.byline else []
        item.body = [self._block(block) for block in page.blocks]
        item.import_note = self._note(
            page.credit and f"Picture credit as printed: {page.credit}",
            page.label and f"Printed with the label “{page.label}”.",
            *(f"Not understood: {line}" for line in page.leftover),
        )
        return item, holds

    def _block(self, block: parsed.Block):
        match block.kind:
            case "subhead":
                return "subhead", block.text
            case "quote":
                said = _QUOTED.match(block.text)
                text, rest = said.groups() if said else (block.text, "")
                return "quote", {"text": text.strip(" ,"), "speaker": block.speaker or rest.strip(" ,.")}
            case "readalso":
                target = Page.objects.descendant_of(self.title.site.root_page).filter(title__iexact=block.text).first()
                return "read_also", {"page": target, "title": "" if target else block.text}
        return "paragraph", f"<p>{escape(block.text)}</p>"

    # What stood beside it

    def _stub(self, item: parsed.ListItem) -> tuple[Item, str]:
        holds: str = Holds.HOUSE
        if item.kind == "house":
            stub: Item = HousePromotion(target=item.href or "/")
        else:
            stub, holds = self._paid_or_not(item.label, item.payer or item.source)
        stub.source = self._organisation(item.source)
        stub.dated = self._moment(item.date)
        stub.import_note = self._note(
            "A line of a list: write or fetch the text before you publish.",
            item.label and f"Printed with the label “{item.label}”.",
            item.href and f"Led to {item.href}",
        )
        return stub, holds

    def _event(self, event: parsed.Event) -> tuple[Item, str]:
        item = Event(
            organiser=self._organisation(event.organiser),
            kind=_kind(event.kind),
            standfirst=event.abstract or "",
            mode=event.mode or "on_site",
            platform=event.platform or "",
            place=event.place or "",
            language=_language(event.language),
            sign_up_url=event.href if (event.href or "").startswith("http") else "",
        )
        if event.label:
            item.disclosure, item.payer = "paid", self._organisation(event.organiser)
        item.sessions = [("session", session) for session in _sessions(event)]
        item.import_note = self._note(
            event.sessions_as_written and f"Sessions as written: {event.sessions_as_written}",
            event.place_as_written and f"Place as written: {event.place_as_written}",
            event.label and f"Printed with the label “{event.label}”.",
        )
        return item, Holds.EVENTS

    # What they share

    def _paid_or_not(self, label: str | None, payer: str | None) -> tuple[Item, str]:
        if label is None:
            return Article(), Holds.ARTICLES
        return PartnerArticle(payer=self._organisation(payer)), Holds.PARTNER

    def _organisation(self, name: str | None) -> Organisation | None:
        if not name:
            return None
        return Organisation.objects.filter(name__iexact=name).first() or Organisation.objects.create(name=name[:120])

    def _person(self, byline: str) -> Person:
        known = Person.objects.filter(initials__iexact=byline) | Person.objects.filter(name__iexact=byline)
        return known.first() or Person.objects.create(name=byline, initials=byline if len(byline) <= 5 else "")

    def _moment(self, day: date | None) -> datetime | None:
        return datetime.combine(day, time(12), self.title.zone) if day else None

    def _note(self, *lines: str | None) -> str:
        return "\n".join([f"Imported from {self.origin}.", *filter(None, lines)])


_NOUNS = (Article, PartnerArticle, HousePromotion, Event)


def _sessions(event: parsed.Event) -> list[dict]:
    days = event.days or ()
    last = event.last_day
    if last is None and len(days) == 1 and event.duration_days and event.duration_days > 1:
        last = days[0] + timedelta(days=math.ceil(event.duration_days) - 1)
    return [{"date": day, "start": event.time, "end_date": last, "end": event.end_time} for day in days]


def _kind(written: str | None) -> str:
    word = (written or "").casefold()
    return next((kind for kind, words in KINDS.items() if word in words), "other")


def _language(code: str | None) -> str:
    return code if code in ("da", "en") else ""


def _what(item: parsed.ListItem) -> str:
    return {"paid": "paid stub", "house": "house promotion"}.get(item.kind, "stub")


def _key(kind: str, *parts) -> str:
    said = "|".join(str(part or "").casefold() for part in parts)
    return f"{kind}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"

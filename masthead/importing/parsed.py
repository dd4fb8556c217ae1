"""What a captured or saved page becomes: frozen, typed, and nothing of the page lost.

Texts are plain, with single spaces; dates and times are `datetime` objects; unknown is None, never "".
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Mode = Literal["online", "on_site", "hybrid"]
ItemKind = Literal["editorial", "paid", "house"]
BlockKind = Literal["paragraph", "subhead", "quote", "readalso", "caption"]


@dataclass(frozen=True)
class Block:
    """One piece of the body, in order. A quote's `speaker` is as printed; a caption's credit is in `credit`."""

    kind: BlockKind
    text: str
    speaker: str | None = None
    href: str | None = None
    credit: str | None = None


@dataclass(frozen=True)
class ListItem:
    """One line of a list around the article. `paid` needs label and payer wherever it is shown again.

    `section` is the heading it stood under, None for items before any heading. `kind` "house" is the title's own
    promotion (its own name, no date, no label).
    """

    title: str
    source: str | None = None
    date: dt.date | None = None
    label: str | None = None
    section: str | None = None
    kind: ItemKind = "editorial"
    related: bool = True
    payer: str | None = None
    teaser: str | None = None
    href: str | None = None

    @property
    def sponsored(self) -> bool:
        return self.label is not None


@dataclass(frozen=True)
class Event:
    """One event of the page's calendar. `place` is a place one can travel to; `place_as_written` is what was said.

    `days` are the days named; `last_day` ends a span. `session_count` and `duration_days` are what the text promises
    ("to morgenmøder", "2,5-dage"), with the words in `sessions_as_written`.
    """

    title: str
    organiser: str | None = None
    kind: str | None = None
    abstract: str | None = None
    days: tuple[dt.date, ...] = ()
    last_day: dt.date | None = None
    time: dt.time | None = None
    end_time: dt.time | None = None
    mode: Mode | None = None
    platform: str | None = None
    place: str | None = None
    place_as_written: str | None = None
    language: str | None = None
    session_count: int | None = None
    duration_days: float | None = None
    sessions_as_written: str | None = None
    label: str | None = None
    href: str | None = None

    @property
    def date(self) -> dt.date | None:
        return self.days[0] if self.days else None

    @property
    def time_to_be_announced(self) -> bool:
        return self.time is None


@dataclass(frozen=True)
class Furniture:
    """A line that was understood and is not content: navigation, the sign-up box, a footer, an empty advertisement."""

    kind: Literal["navigation", "newsletter", "footer", "advertisement", "heading", "date"]
    text: str


@dataclass(frozen=True)
class ParsedPage:
    """One page: the article, the lists and events around it, and in `leftover` every line that was not understood.

    `byline` is the signature as printed; `author` is a second, longer one at the top of the text.
    `label` and `payer` are set when the page's own article is marked as paid.
    """

    headline: str | None
    language: str | None = None
    standfirst: str | None = None
    caption: str | None = None
    credit: str | None = None
    date: dt.date | None = None
    source: str | None = None
    byline: str | None = None
    author: str | None = None
    label: str | None = None
    payer: str | None = None
    blocks: tuple[Block, ...] = ()
    items: tuple[ListItem, ...] = ()
    events: tuple[Event, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    leftover: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    address: str | None = None

    @property
    def body(self) -> list[str]:
        """The paragraphs, quotes among them."""
        return [block.text for block in self.blocks if block.kind in ("paragraph", "quote")]

    @property
    def subheads(self) -> list[str]:
        return [block.text for block in self.blocks if block.kind == "subhead"]

    @property
    def read_also(self) -> list[str]:
        return [block.text for block in self.blocks if block.kind == "readalso"]

    @property
    def related(self) -> list[ListItem]:
        """The items of the related list and those before its heading; not those of "most read" and its like."""
        return [item for item in self.items if item.related]

    def as_json(self) -> dict:
        """The page as plain values; dates and times in ISO 8601, null where unknown."""
        return {
            "language": self.language,
            "headline": self.headline,
            "standfirst": self.standfirst,
            "caption": self.caption,
            "credit": self.credit,
            "date": _iso(self.date),
            "source": self.source,
            "byline": self.byline,
            "subheads": self.subheads,
            "body": self.body,
            "read_also": self.read_also,
            "related": [_item_json(item) for item in self.related],
            "events": [_event_json(event) for event in self.events],
        }


def _item_json(item: ListItem) -> dict:
    return {"title": item.title, "source": item.source, "date": _iso(item.date), "sponsored": item.sponsored}


def _event_json(event: Event) -> dict:
    return {
        "organiser": event.organiser,
        "kind": event.kind,
        "title": event.title,
        "abstract": event.abstract,
        "date": _iso(event.date),
        "time": event.time.strftime("%H:%M") if event.time else None,
        "mode": event.mode,
        "platform": event.platform,
        "place": event.place,
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None

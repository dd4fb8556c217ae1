"""What a content folder holds once it is read: plain, frozen, without Django.

Dates are kept relative, as written; `today` is given by whoever asks. So a demo looks fresh on any day and a test can
fix the clock.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

MOTIFS = frozenset(
    {"coast", "charging", "port", "pylons", "roofs", "works"}
    | {"train", "forest", "field", "datahall", "ship", "workshop"}
)


class ContentError(Exception):
    """Something in a content folder is wrong: which file, and one sentence saying what to do."""

    def __init__(self, file: Path | str, sentence: str):
        self.file, self.sentence = Path(file), sentence
        super().__init__(f"{self.file.name}: {sentence}")


class Html(str):
    """Safe HTML made by `marking`: our own few tags, everything else escaped."""


# --- the blocks of an article's body, in the order they are read


@dataclass(frozen=True)
class Paragraph:
    """`html` is one whole `<p>…</p>`; everything but our own em, strong and a is escaped."""

    html: Html


@dataclass(frozen=True)
class Subhead:
    text: str


@dataclass(frozen=True)
class Quote:
    text: str
    speaker: str


@dataclass(frozen=True)
class Facts:
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class ReadAlso:
    slug: str


Block = Paragraph | Subhead | Quote | Facts | ReadAlso


# --- the title and its lists


@dataclass(frozen=True)
class LegalPage:
    slug: str
    title: str
    html: Html


@dataclass(frozen=True)
class Promise:
    """The newsletter as it is promised at sign-up; `at` is local time in the title's zone."""

    slug: str
    name: str
    promise: str
    weekdays: tuple[str, ...]
    at: dt.time
    most_per_week: int


@dataclass(frozen=True)
class Title:
    slug: str
    name: str
    tagline: str
    language: str
    country: str
    timezone: str
    accent: str
    legal_name: str
    responsible_editor: str
    address: str
    email: str
    corrections_email: str
    sales_email: str
    privacy_email: str
    ownership: str
    advertising_income: str
    newsletter: Promise
    pages: tuple[LegalPage, ...] = ()


@dataclass(frozen=True)
class Theme:
    slug: str
    name: str
    description: str


@dataclass(frozen=True)
class Organisation:
    """`invented` ones exist only in the demo; only they may pay for anything there."""

    slug: str
    name: str
    about: str
    website: str = ""
    invented: bool = False


@dataclass(frozen=True)
class Person:
    """A desk, not a human being: the demo invents no people."""

    slug: str
    name: str
    printed: str
    role: str = ""
    email: str = ""


@dataclass(frozen=True)
class Story:
    slug: str
    name: str
    description: str = ""


# --- what the title makes


@dataclass(frozen=True)
class Picture:
    motif: str
    alt: str
    caption: str
    credit: str


@dataclass(frozen=True)
class Correction:
    text: str
    days_ago: int = 0
    date: dt.date | None = None

    def made_on(self, today: dt.date) -> dt.date:
        return self.date or today - dt.timedelta(days=self.days_ago)


@dataclass(frozen=True)
class Article:
    slug: str
    kind: str
    headline: str
    standfirst: str
    body: tuple[Block, ...]
    themes: tuple[str, ...]
    organisations: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    printed_byline: str = ""
    source: str = ""
    payer: str = ""
    story: str = ""
    language: str = ""
    days_ago: int | None = None
    date: dt.date | None = None
    at: dt.time | None = None
    picture: Picture | None = None
    corrections: tuple[Correction, ...] = ()

    def published_on(self, today: dt.date) -> dt.date:
        return self.date or today - dt.timedelta(days=self.days_ago)

    @property
    def read_alsos(self) -> tuple[str, ...]:
        return tuple(block.slug for block in self.body if isinstance(block, ReadAlso))


@dataclass(frozen=True)
class Session:
    """`in_days` counts working days from today, so no session lands on a Sunday; no `start` = to be announced."""

    in_days: int
    start: dt.time | None = None
    end: dt.time | None = None

    def day(self, today: dt.date) -> dt.date:
        day, left, step = today, abs(self.in_days), 1 if self.in_days >= 0 else -1
        while left or day.weekday() > 4:
            day += dt.timedelta(days=step)
            left -= day.weekday() < 5 and left > 0
        return day


@dataclass(frozen=True)
class Event:
    slug: str
    title: str
    kind: str
    organiser: str
    abstract: str
    description: Html
    sessions: tuple[Session, ...]
    mode: str
    language: str = ""
    platform: str = ""
    place: str = ""
    city: str = ""
    country: str = ""
    price: str = ""
    signup_url: str = ""
    themes: tuple[str, ...] = ()
    payer: str = ""
    featured: bool = False
    cancelled: str = ""


@dataclass(frozen=True)
class Pay:
    """Whole kroner (or other `currency`, ISO 4217) before tax, per `unit`: hour, month or year."""

    low: int
    high: int
    unit: str
    currency: str = "DKK"


@dataclass(frozen=True)
class Job:
    """`deadline_in_days` below nought is an ad that has run out. `remote` is no, partly or fully."""

    slug: str
    title: str
    employer: str
    payer: str
    city: str
    country: str
    employment: str
    abstract: str
    description: Html
    apply_url: str
    deadline_in_days: int
    days_ago: int
    remote: str = "no"
    themes: tuple[str, ...] = ()
    pay: Pay | None = None
    pay_reason: str = ""

    def deadline(self, today: dt.date) -> dt.date:
        return today + dt.timedelta(days=self.deadline_in_days)


@dataclass(frozen=True)
class Booking:
    """One unit reserved. `place` is front or article (web), or newsletter; `piece` is what is shown there.

    Weeks count from the Monday of this week; a newsletter booking names the weekday of its issue.
    """

    place: str
    starts_in_weeks: int
    weeks: int = 1
    weekday: str = ""
    piece: str = ""


@dataclass(frozen=True)
class Quota:
    articles: int = 0
    newsletter_slots: int = 0
    web_slots: int = 0
    events: int = 0
    jobs: int = 0


@dataclass(frozen=True)
class Agreement:
    partner: str
    reference: str
    starts_days_ago: int
    ends_in_days: int
    quota: Quota
    bookings: tuple[Booking, ...] = ()


@dataclass(frozen=True)
class Promotion:
    slug: str
    headline: str
    standfirst: str
    url: str


@dataclass(frozen=True)
class Content:
    """One title folder, read and checked: every slug in it points at something that is there."""

    title: Title
    themes: tuple[Theme, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    people: tuple[Person, ...] = ()
    stories: tuple[Story, ...] = ()
    articles: tuple[Article, ...] = ()
    events: tuple[Event, ...] = ()
    jobs: tuple[Job, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    promotions: tuple[Promotion, ...] = ()

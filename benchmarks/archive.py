"""An archive of any size, written in bulk: the rows that filing would make, many thousands a second.

One item of each kind is published the usual way, with marks for words and dates. Its rows, in every table that
publishing writes, are then copied with the marks replaced. So the shape is filing's own, not a guess at it;
tests/test_archive_in_bulk.py files copies again and finds nothing to change.
"""

import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, models, transaction
from django.utils import timezone
from modelsearch import index
from modelsearch.backends import get_search_backend
from wagtail.models import Page
from wagtail.search.models import IndexEntry

from masthead.articles.models import Article, HousePromotion, PartnerArticle
from masthead.catalogue import shelving
from masthead.catalogue.models import Card, FilingRecord, Mention, Organisation, Person, Theme
from masthead.events.models import Event
from masthead.jobs.models import Job
from masthead.newsstand.founding import list_page, take_stock
from masthead.publication.models import Publication, Record

CYCLE = ["article"] * 6 + ["paid", "event", "job", "promotion"]
YEARS = 20
CHUNK = 20_000  # items in one transaction
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # treebeard's, four to a step
HEADLINE, STANDFIRST, BODY, SLUG = "headlinemark", "standfirstmark", "bodymark", "slugmark"
DAY = date(2020, 1, 15)  # of the sample event and job; copies stay in January and so in winter time
MARKS = re.compile("|".join([HEADLINE, STANDFIRST, BODY, SLUG, DAY.isoformat()]))
SYLLABLES = [
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "ly",
    "kø",
    "gå",
    "sæ",
    "net",
    "bro",
    "led",
    "vær",
    "kab",
    "tar",
]


@dataclass
class Rows:
    """Rows of one table in the making: those of a sample, with what differs."""

    sample: models.Model
    columns: list[str] = field(init=False)
    rows: list[list] = field(default_factory=list)

    def __post_init__(self):
        fields = self.sample._meta.local_concrete_fields
        self.columns = [f.column for f in fields]
        self.place = {f.attname: n for n, f in enumerate(fields)}
        self.row = [f.get_db_prep_save(getattr(self.sample, f.attname), connection) for f in fields]
        self.moments = [n for n, f in enumerate(fields) if isinstance(f, models.DateField)]
        self.prepare = {f.attname: f.get_db_prep_save for f in fields}
        # JSON is text on SQLite and an adapter on PostgreSQL
        self.row = [_plain(value) for value in self.row]
        self.marked = [n for n, value in enumerate(self.row) if isinstance(value, str) and MARKS.search(value)]

    def copy(self, words: dict[str, str], days: timedelta | None = None, **differs) -> None:
        row = self.row.copy()
        for n in self.marked:
            row[n] = MARKS.sub(lambda found: words[found[0]], row[n])
        for n in self.moments if days is not None else ():
            row[n] = _shifted(self.sample, n, days)
        for name, value in differs.items():
            row[self.place[name]] = value
        self.rows.append(row)

    def write(self) -> None:
        if not self.rows:
            return
        table, columns = connection.ops.quote_name(self.sample._meta.db_table), self.columns
        if columns[0] == "id" and self.rows[0][0] is None:  # the database numbers these rows itself
            columns, self.rows = columns[1:], [row[1:] for row in self.rows]
        names = ", ".join(map(connection.ops.quote_name, columns))
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in self.rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", self.rows)  # noqa: S608
        self.rows.clear()


class Sample:
    """One item of a kind with everything filing made of it, ready to be copied."""

    def __init__(self, item: Page, dated: bool):
        self.item, self.card, self.dated = item, Card.objects.get(item_id=item.pk), dated
        page = Page.objects.get(pk=item.pk)
        kind = type(item)
        self.page, self.own, self.filed = Rows(page), Rows(item), Rows(self.card)
        self.links = {
            "themes": Rows(kind.themes.through()),
            "people": Rows(kind.people.through()),
            "card_themes": Rows(Card.themes.through()),
            "card_people": Rows(Card.people.through()),
            "card_organisations": Rows(Card.organisations.through()),
        }
        self.mentions = Rows(Mention())
        self.entries = [Rows(entry) for thing in (item, self.card) if (entry := thing.index_entries.first())]
        self.record = FilingRecord.objects.filter(card_id=self.card.pk).order_by("-pk").first()
        self.at = kind._meta.model_name

    def tables(self) -> Iterator[Rows]:
        yield from (self.page, self.own, self.filed, *self.links.values(), self.mentions)


class Archive:
    """A title that is filled, any number of times, with copies of its samples."""

    def __init__(self, title: Publication, things: int = 200):
        self.title, self.chance = title, random.Random(4)
        self.themes = [Theme.objects.create(publication=title, name=f"Tema {n}") for n in range(24)]
        self.people = [Person.objects.create(name=f"Desk {n}", initials=f"D{n}") for n in range(12)]
        self.organisations = [Organisation.objects.create(name=f"Organisation {n}") for n in range(things)]
        self.words = _vocabulary(self.chance)
        self.texts = [self._text(60) for _n in range(997)]
        self.headlines = [self._text(6).capitalize() for _n in range(991)]
        self.samples = {name: self._sample(name) for name in dict.fromkeys(CYCLE)}
        self.filled = 0

    def fill(self, upto: int, say: Callable[[int], None] = lambda n: None) -> None:
        """Bring the archive to `upto` items, the newest first shown an hour ago, the oldest 20 years."""
        while self.filled < upto:
            with transaction.atomic():
                self._chunk(range(self.filled, min(upto, self.filled + CHUNK)), upto)
            say(self.filled)
        for holds in ("articles", "partner", "events", "jobs", "house"):
            parent = list_page(self.title, holds)
            children = Page.objects.filter(path__startswith=parent.path, depth=parent.depth + 1)
            Page.objects.filter(pk=parent.pk).update(numchild=children.count())
        _count_on()

    def _chunk(self, numbers: range, upto: int) -> None:
        pages = (Page.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
        cards = (Card.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
        steps = {name: _last_step(sample.item) for name, sample in self.samples.items()}
        records, entries = Chain(), (IndexEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
        now = timezone.now() - timedelta(hours=1)
        copied: list[Copy] = []
        for n in numbers:
            name = CYCLE[n % len(CYCLE)]
            steps[name] += 1
            age = timedelta(days=365 * YEARS * n / upto)
            over = timedelta(days=400) if self.samples[name].dated else timedelta()  # events and jobs are all past
            copied.append(Copy(n, name, pages, cards, steps[name], now - age - over))
            pages, cards = pages + 1, cards + 1
        for copy in copied:
            entries = self._copy(copy, entries, records)
        for sample in self.samples.values():
            for rows in sample.tables():
                rows.write()
        for start in range(copied[0].card, copied[-1].card + 1, 2_000):
            filed = Card.objects.defer("text").filter(pk__range=(start, min(start + 1_999, copied[-1].card)))
            shelving.shelve(filed.prefetch_related("themes", "organisations", "people"))
        self._index(copied)
        records.write()
        self.filled = numbers.stop

    def _copy(self, copy: "Copy", entries: int, records: "Chain") -> int:
        sample = self.samples[copy.name]
        days = self._days(copy) if sample.dated else None
        words = self._words(copy.n, days)
        first = _moment(copy.shown)
        themes = [self.themes[(copy.n + k * 7) % len(self.themes)].pk for k in (0, 1)]
        people = [self.people[copy.n % len(self.people)].pk]
        organisations = [self.organisations[(copy.n * 13 + k) % len(self.organisations)].pk for k in (0, 5)]
        path = sample.item.path[:-4] + _step(copy.step)
        shown = {"first_published_at": first, "last_published_at": first}
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        key = key.replace("-", "") if connection.vendor == "sqlite" else key
        sample.page.copy(words, id=copy.page, path=path, translation_key=key, **shown)
        sample.own.copy(words, days, page_ptr_id=copy.page)
        filed = {"counts_from": first, "changed_at": first, "valid_from": first}
        sample.filed.copy(words, days, id=copy.card, item_id=copy.page, **filed)
        owner = f"{sample.at}_id"
        _link(sample.links["themes"], owner, copy.page, "theme_id", themes)
        _link(sample.links["people"], owner, copy.page, "person_id", people)
        _link(sample.links["card_themes"], "card_id", copy.card, "theme_id", themes)
        _link(sample.links["card_people"], "card_id", copy.card, "person_id", people)
        _link(sample.links["card_organisations"], "card_id", copy.card, "organisation_id", organisations)
        for place, organisation in enumerate(organisations):
            sample.mentions.copy({}, id=None, sort_order=place, page_id=copy.page, organisation_id=organisation)
        if connection.vendor == "sqlite":
            for rows, key in zip(sample.entries, (copy.page, copy.card), strict=True):
                rows.copy(words, id=entries, object_id=str(key))
                entries += 1
        records.add(sample.record.content, words, days, copy)
        return entries

    def _index(self, copied: list["Copy"]) -> None:
        """Write the search index: from copied rows on SQLite, by the backend itself on PostgreSQL."""
        if connection.vendor == "sqlite":
            for sample in self.samples.values():
                for rows in sample.entries:
                    rows.write()
            return
        backend = get_search_backend()
        for start in range(0, len(copied), 500):
            part = copied[start : start + 500]
            cards = Card.objects.filter(pk__in=[copy.card for copy in part])
            backend.get_index_for_model(Card).add_items(Card, list(cards))

    def _words(self, n: int, days: timedelta | None) -> dict[str, str]:
        return {
            HEADLINE: f"{self.headlines[n % len(self.headlines)]} nr{n}",
            STANDFIRST: self.texts[(n * 5) % len(self.texts)][:160].strip(),
            BODY: self.texts[n % len(self.texts)],
            SLUG: f"nummer-{n}",
            DAY.isoformat(): (DAY + (days or timedelta())).isoformat(),
        }

    def _days(self, copy: "Copy") -> timedelta:
        """How far an event or job lies from the sample's day: in the January after it was first shown."""
        return date(copy.shown.year + 1, 1, 1 + copy.n % 28) - DAY

    def _sample(self, name: str) -> Sample:
        filed = {"title": HEADLINE, "slug": SLUG + name, "standfirst": STANDFIRST}
        text = [("paragraph", f"<p>{BODY}</p>")]
        payer, reference = self.organisations[0], "AFT-1"
        paid = {"payer": payer, "reference": reference, "commercial_only": True}
        made = {
            "article": lambda: Article(**filed, body=text),
            "paid": lambda: PartnerArticle(**filed, **paid, body=text),
            "event": lambda: _event(Event(**filed, organiser=payer, mode="online", platform="Video")),
            "job": lambda: Job(
                **filed, employer=payer, town="By", apply_url="https://example.org/", pay="1", reference="JOB-1",
                description=f"<p>{BODY}</p>", last_day=DAY,
            ),
            "promotion": lambda: HousePromotion(**filed, target="/job/"),
        }  # fmt: skip
        item = made[name]()
        item.approved_by = _somebody()
        item.themes, item.people = self.themes[:1], self.people[:1]
        item.organisations = self.organisations[:1]
        item.first_published_at = item.last_published_at = timezone.now() - timedelta(days=365 * YEARS)
        holds = {"article": "articles", "paid": "partner", "event": "events", "job": "jobs", "promotion": "house"}
        list_page(self.title, holds[name]).add_child(instance=item)
        for thing in (item, Card.objects.get(item_id=item.pk)):
            index.insert_or_update_object(thing)
        return Sample(item, dated=name in ("event", "job"))

    def _text(self, n: int) -> str:
        # Some words are everywhere and most are rare, as in any language.
        return " ".join(self.words[int(len(self.words) ** self.chance.random()) - 1] for _n in range(n))


@dataclass
class Copy:
    """One copy: its number, whose it is, the keys it gets, its step below the list, and when it was first shown."""

    n: int
    name: str
    page: int
    card: int
    step: int
    shown: datetime


class Chain:
    """Filing records in the making: each proves the one before (publication.models.Record)."""

    def __init__(self):
        self.last = FilingRecord.objects.order_by("-pk").values_list("digest", flat=True).first() or ""
        self.rows: list[FilingRecord] = []

    def add(self, content: dict, words: dict[str, str], days: timedelta | None, copy: Copy) -> None:
        said = json.loads(MARKS.sub(lambda found: words[found[0]], json.dumps(content)))
        said |= {"card": copy.card, "item": copy.page}
        if days is not None:
            said["valid_until"] = (datetime.fromisoformat(content["valid_until"]) + days).isoformat()
        row = FilingRecord(at=copy.shown, content=said, previous=self.last, card_id=copy.card)
        self.last = row.digest = Record.computed_digest(row)
        self.rows.append(row)

    def write(self) -> None:
        FilingRecord.objects.bulk_create(self.rows, batch_size=2_000)
        self.rows = []


def _link(rows: Rows, owner: str, key: int, other: str, keys: list[int]) -> None:
    for linked in keys:
        rows.rows.append([{"id": None, owner: key, other: linked}[name] for name in rows.place])


def _plain(value):
    """Return a value as it is written out; psycopg wraps what is JSON, with the encoder of its field."""
    return (value.dumps or json.dumps)(value.obj) if hasattr(value, "obj") and not isinstance(value, str) else value


def _shifted(sample: models.Model, place: int, days: timedelta):
    known = sample._meta.local_concrete_fields[place]
    value = getattr(sample, known.attname)
    return known.get_db_prep_save(value + days if value else value, connection)


def _moment(at: datetime):
    return connection.ops.adapt_datetimefield_value(at)


def _step(number: int) -> str:
    said = ""
    for _n in range(4):
        number, digit = divmod(number, len(LETTERS))
        said = LETTERS[digit] + said
    return said


def _last_step(item: Page) -> int:
    siblings = Page.objects.filter(path__startswith=item.path[:-4], depth=item.depth).order_by("-path")
    return int(siblings.values_list("path", flat=True)[0][-4:], 36)


def _event(event: Event) -> Event:
    session = {"date": DAY.isoformat(), "start": "09:00", "end_date": None, "end": "10:00"}
    block = event.sessions.stream_block.child_blocks["session"]
    event.sessions = [("session", block.to_python(session))]
    return event


def _somebody():
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get_or_create(username="editor", defaults={"is_superuser": True})[0]


def _vocabulary(chance: random.Random) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < 4_000:
        words["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
    return list(words)


def _count_on() -> None:
    """Tell PostgreSQL's counters that keys were given by hand, and both databases how large their tables are."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for model in (Page, Card):
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
                )
            cursor.execute("ANALYZE")
        else:
            take_stock()

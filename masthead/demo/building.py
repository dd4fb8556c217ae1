"""Building the demo: what the content folders hold becomes two titles of one house, dated from today."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone, translation
from wagtail.signal_handlers import disable_reference_index_auto_update

from masthead.articles.models import Article, HousePromotion, PartnerArticle
from masthead.catalogue.models import Organisation, Person, Story, Theme
from masthead.demo import hanging, mailing, nouns, showing
from masthead.demo.reading import read_content
from masthead.events.models import Event
from masthead.jobs.models import Job
from masthead.newsstand import founding, staffing
from masthead.newsstand.models import Holds
from masthead.partners.booking import book
from masthead.partners.models import Agreement, Contact, Place
from masthead.publication.models import LegalPage, Publication

TITLES = [("stromskifte", "127.0.0.1"), ("gridwise", showing.ENGLISH_HOST)]
EVENT_KINDS = {
    "webinar": "webinar",
    "kursus": "course",
    "course": "course",
    "konference": "conference",
    "conference": "conference",
    "seminar": "seminar",
    "morgenmøde": "meeting",
    "meeting": "meeting",
}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def build(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Build the demo house in the site's folder: database, pictures, two titles, log-ins. All of it or nothing."""
    founding.prepare_database(say)
    with _indexing_later(), transaction.atomic():
        editor = _log_ins()
        for name, host in TITLES:
            content = read_content(name)
            say(f"Setting {content.title.name}: {len(content.articles)} articles")
            with translation.override(content.title.language):
                Building(content, host, port, editor).build()
        _open_partners_door()
    showing.mark_built(folder)


@contextmanager
def _indexing_later() -> Iterator[None]:
    """Index everything in one go at the end: one by one, as a desk does it, takes longer than all the rest."""
    search: dict[str, Any] = settings.WAGTAILSEARCH_BACKENDS["default"]
    search["AUTO_UPDATE"] = False
    try:
        with disable_reference_index_auto_update():
            yield
    finally:
        del search["AUTO_UPDATE"]


class Building:
    """One title on its way from a content folder into the house."""

    def __init__(self, content: nouns.Content, host: str, port: int, editor):
        self.content, self.host, self.port, self.editor = content, host, port, editor
        self.today = date.today()
        self.pages: dict[str, Article | PartnerArticle] = {}

    def build(self) -> None:
        self.title = self._found()
        self.lists = {holds: founding.list_page(self.title, holds) for holds in Holds}
        self.themes = self._make(Theme, self.content.themes, lambda row: {"description": row.description})
        self.stories = self._make(Story, self.content.stories, lambda row: {})
        self.organisations = self._organisations()
        self.people = self._people()
        self._articles()
        self._promotions()
        self._events()
        self._jobs()
        self._agreements()
        mailing.start(self.title, self.content.title.newsletter, self.today)

    # The title

    def _found(self) -> Publication:
        given = self.content.title
        title = founding.found_title(
            given.name,
            language=given.language,
            country=given.country,
            hostname=self.host,
            port=self.port,
            tagline=given.tagline,
            time_zone=given.timezone,
            accent=given.accent,
            legal_name=given.legal_name,
            responsible_editor=given.responsible_editor,
            postal_address=given.address,
            contact_email=given.email,
            corrections_email=given.corrections_email,
            ownership=given.ownership,
            advertising_income=given.advertising_income,
        )
        front = title.site.root_page
        for page in given.pages:
            front.add_child(instance=LegalPage(title=page.title, slug=page.slug, body=page.html))
        return title

    def _make(self, noun, rows, more) -> dict:
        return {
            row.slug: noun.objects.create(
                publication=self.title,
                name=row.name,
                slug=row.slug,
                **({"position": place} if noun is Theme else {}),
                **more(row),
            )
            for place, row in enumerate(rows)
        }

    def _organisations(self) -> dict[str, Organisation]:
        for row in self.content.organisations:
            Organisation.objects.get_or_create(
                slug=row.slug, defaults={"name": row.name, "about": row.about, "website": row.website}
            )
        return {organisation.slug: organisation for organisation in Organisation.objects.all()}

    def _people(self) -> dict[str, Person]:
        for row in self.content.people:
            Person.objects.get_or_create(
                slug=row.slug,
                defaults={"name": row.name, "initials": row.printed, "role": row.role, "email": row.email},
            )
        return {person.slug: person for person in Person.objects.all()}

    # What it makes

    def _articles(self) -> None:
        rows = sorted(self.content.articles, key=lambda row: row.published_on(self.today))
        for row in rows:
            item = self._paid_piece(row) if row.kind == "partner" else Article()
            self._dress(item, row)
            item.body = [block for block in map(self._block, row.body) if block]
            holds = Holds.PARTNER if row.kind == "partner" else Holds.ARTICLES
            self.pages[row.slug] = self._add(item, holds, row, self._moment(row))
        for row in rows:
            if row.read_alsos:
                self._tie_read_alsos(row)

    def _paid_piece(self, row: nouns.Article) -> PartnerArticle:
        agreement = next((a for a in self.content.agreements if a.partner == row.payer), None)
        return PartnerArticle(
            payer=self.organisations[row.payer],
            reference=agreement.reference if agreement else "AFT-DEMO",
            commercial_only=True,
        )

    def _dress(self, item, row: nouns.Article) -> None:
        item.standfirst, item.byline, item.language = row.standfirst, row.printed_byline, row.language
        item.source = self.organisations.get(row.source)
        item.story = self.stories.get(row.story)
        if row.picture:
            item.picture, item.caption = hanging.hang(row.slug, row.picture), row.picture.caption
        item.people = [self.people[slug] for slug in row.byline]
        item.organisations = [self.organisations[slug] for slug in row.organisations]
        item.corrections = [
            ("correction", {"at": self._at(c.made_on(self.today), time(9, 30)), "text": c.text})
            for c in row.corrections
        ]

    def _block(self, block: nouns.Block):
        match block:
            case nouns.Paragraph(html):
                return "paragraph", str(html)
            case nouns.Subhead(text):
                return "subhead", text
            case nouns.Quote(text, speaker):
                return "quote", {"text": text, "speaker": speaker}
            case nouns.Facts(title, items):
                return "facts", {"heading": title, "items": list(items)}
        return None

    def _tie_read_alsos(self, row: nouns.Article) -> None:
        """Read-alsos are held by identity, so they are tied when every piece is there."""
        page = self.pages[row.slug]
        page.body = [
            ("read_also", {"page": self.pages[block.slug], "title": ""})
            if isinstance(block, nouns.ReadAlso)
            else self._block(block)
            for block in row.body
        ]
        type(page).objects.filter(pk=page.pk).update(body=page.body)

    def _promotions(self) -> None:
        for row in self.content.promotions:
            item = HousePromotion(standfirst=row.standfirst, target=row.url)
            self._add(item, Holds.HOUSE, row, timezone.now() - timedelta(days=3), headline=row.headline)

    def _events(self) -> None:
        for row in self.content.events:
            item = Event(
                standfirst=row.abstract,
                organiser=self.organisations[row.organiser],
                kind=EVENT_KINDS.get(row.kind, "other"),
                description=row.description,
                mode=row.mode,
                platform=row.platform,
                place=", ".join(filter(None, [row.place, row.city])),
                country=row.country or self.title.country.upper(),
                language=row.language,
                sign_up_url=row.signup_url,
                status="cancelled" if row.cancelled else "scheduled",
                **self._event_payer(row),
            )
            item.sessions = [
                ("session", {"date": s.day(self.today), "start": s.start, "end_date": None, "end": s.end})
                for s in row.sessions
            ]
            self._add(item, Holds.EVENTS, row, timezone.now() - timedelta(days=20), headline=row.title)

    def _event_payer(self, row: nouns.Event) -> dict:
        if not row.payer:
            return {}
        return {"disclosure": "paid", "payer": self.organisations[row.payer], "reference": self._reference(row.payer)}

    def _jobs(self) -> None:
        for row in self.content.jobs:
            item = Job(
                standfirst=row.abstract,
                employer=self.organisations[row.employer],
                payer=self.organisations[row.payer],
                reference=self._reference(row.payer),
                description=row.description,
                town=row.city,
                country=row.country,
                remote=row.remote == "fully",
                employment={"intern": "INTERN", "contractor": "CONTRACTOR"}.get(row.employment, row.employment.upper()),
                last_day=row.deadline(self.today),
                pay=_pay(row.pay, self.title.language) if row.pay else "",
                pay_reason=row.pay_reason,
                apply_url=row.apply_url,
            )
            self._add(item, Holds.JOBS, row, timezone.now() - timedelta(days=row.days_ago), headline=row.title)

    def _agreements(self) -> None:
        monday = self.today - timedelta(days=self.today.weekday())
        for row in self.content.agreements:
            agreement = Agreement.objects.create(
                publication=self.title,
                partner=self.organisations[row.partner],
                reference=row.reference,
                begins=self.today - timedelta(days=row.starts_days_ago),
                ends=self.today + timedelta(days=row.ends_in_days),
                articles=row.quota.articles,
                newsletter_slots=row.quota.newsletter_slots,
                web_weeks=row.quota.web_slots,
                events=row.quota.events,
                jobs=row.quota.jobs,
            )
            for booking in row.bookings:
                self._book(agreement, booking, monday)

    def _book(self, agreement: Agreement, row: nouns.Booking, monday: date) -> None:
        item = self.pages[row.piece] if row.piece else None
        for week in range(row.weeks):
            unit = monday + timedelta(weeks=row.starts_in_weeks + week)
            if row.place == Place.NEWSLETTER:
                unit += timedelta(days=WEEKDAYS.index(row.weekday))
            taken = {
                b.position
                for b in agreement.bookings.model.objects.standing().filter(
                    publication=self.title, place=row.place, unit=unit
                )
            }
            book(agreement, row.place, unit, min({1, 2} - taken), item)

    # What they share

    def _add(self, item, holds: Holds, row, moment: datetime, headline: str = ""):
        item.title, item.slug, item.title_of_house = headline or row.headline, row.slug, self.title
        item.themes = [self.themes[slug] for slug in getattr(row, "themes", ())]
        item.first_published_at = item.last_published_at = moment
        item.owner = item.approved_by = self.editor
        return self.lists[holds].add_child(instance=item)

    def _moment(self, row: nouns.Article) -> datetime:
        return min(self._at(row.published_on(self.today), row.at or time(6, 30)), timezone.now())

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.title.zone)

    def _reference(self, payer: str) -> str:
        agreement = next((a for a in self.content.agreements if a.partner == payer), None)
        return agreement.reference if agreement else f"ORDRE-{payer.upper()}"


def _pay(pay: nouns.Pay, language: str) -> str:
    mark = "." if language == "da" else ","
    low, high = (f"{amount:,}".replace(",", mark) for amount in (pay.low, pay.high))
    unit = {"da": {"hour": "i timen", "month": "om måneden", "year": "om året"}}.get(
        language, {"hour": "an hour", "month": "a month", "year": "a year"}
    )[pay.unit]
    return f"{low}–{high} {'kr.' if pay.currency == 'DKK' else pay.currency} {unit}"


def _log_ins():
    """Make the demo's log-ins, and return the editor: whoever published what is paid for."""
    staffing.staff_desk()
    editor = staffing.add_user(showing.EDITOR, showing.PASSWORD)
    for name, groups in ((showing.REPORTER, (staffing.REPORTERS,)), (showing.PARTNER, ())):
        user = staffing.add_user(name, None, groups=groups)
        user.password = editor.password  # the same password, and making its print takes a third of a second
        user.save()
    return editor


def _open_partners_door() -> None:
    agreement = Agreement.objects.earliest("reference")
    Contact.objects.create(user=get_user_model().objects.get(username=showing.PARTNER), partner=agreement.partner)

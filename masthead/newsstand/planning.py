"""The today page: what an editor must see first in the morning (story W1). Nothing on it is guesswork."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from masthead.articles.models import PartnerArticle
from masthead.catalogue import disclosure, shelves
from masthead.catalogue.items import Item
from masthead.partners.models import Agreement, Booking
from masthead.publication.models import Picture, Publication

WEEK = timedelta(days=7)
AHEAD = timedelta(days=14)
MOST = 12  # rows of a list; the rest is counted
DRAFTS = 500  # the newest partner articles, among which drafts are looked for


@dataclass(frozen=True)
class Row:
    """One sentence, and the address at the desk where it is mended."""

    sentence: str
    url: str


@dataclass(frozen=True)
class DayList:
    heading: str
    empty: str
    rows: list[Row]
    more: int = 0


def today(at: datetime | None = None) -> list[DayList]:
    """Return the lists of the today page, in the order of their urgency."""
    at = at or timezone.now()
    day = timezone.localdate(at)
    return [
        _list(_("Due today"), _("Nothing is due today."), _due(at, day)),
        _list(_("Embargoed"), _("Nothing waits for a later day."), _embargoed(day)),
        _list(_("Expiring this week"), _("Nothing runs out this week."), _expiring(at)),
        _list(_("Pictures without credit"), _("Every picture has its credit."), _pictures()),
        _list(_("Sold without copy"), _("Everything sold has its copy."), _sold_without_copy(day)),
        _list(_("Unlabelled risks"), _("Nothing looks paid for without saying so."), _unlabelled(day)),
    ]


def _list(heading: str, empty: str, found: Iterator[Row]) -> DayList:
    rows = list(found)
    return DayList(heading, empty, rows[:MOST], max(0, len(rows) - MOST))


def _due(at: datetime, day: date) -> Iterator[Row]:
    refused = Page.objects.filter(live=False, go_live_at__lte=at, first_published_at=None).order_by("-go_live_at")
    for page in refused.specific()[:MOST]:
        if isinstance(page, Item):
            item = page.get_latest_revision_as_object()
            why = " ".join(str(sentence) for _field, sentence in item.problems()) or _(
                "It was not published by anybody."
            )
            yield Row(
                _("“%(title)s” was due %(when)s and is not shown. %(why)s") % _words(page, page.go_live_at, why=why),
                _edit(page),
            )
    for revision in _scheduled(Q(approved_go_live_at__lt=_midnight_after(day))):
        yield Row(_("“%(title)s” goes live %(when)s.") % _said(revision), _edit_revision(revision))


def _embargoed(day: date) -> Iterator[Row]:
    for revision in _scheduled(Q(approved_go_live_at__gte=_midnight_after(day))):
        yield Row(_("“%(title)s” waits until %(when)s.") % _said(revision), _edit_revision(revision))


def _expiring(at: datetime) -> Iterator[Row]:
    for card in _over_titles(lambda title: shelves.ending(title, at + WEEK).take(MOST + 1, also=())):
        yield Row(_("“%(title)s” is shown until %(when)s.") % _words(card, card.valid_until), _edit(card.item))


def _pictures() -> Iterator[Row]:
    for picture in Picture.objects.filter(credit="").order_by("-created_at")[: MOST + 50]:
        yield Row(_("“%s” has no credit.") % picture.title, reverse("wagtailimages:edit", args=[picture.pk]))


def _sold_without_copy(day: date) -> Iterator[Row]:
    bookings = Booking.objects.without_copy().filter(unit__gte=day - WEEK, unit__lte=day + AHEAD)
    for booking in bookings.select_related("agreement__partner"):
        words = {
            "place": booking.get_place_display(),
            "unit": date_format(booking.unit, "j. F"),
            "partner": booking.agreement.partner.name,
        }
        sentence = _("%(place)s, %(unit)s: sold to %(partner)s, copy missing.") % words
        yield Row(sentence, reverse("wagtailsnippets_partners_booking:edit", args=[booking.pk]))


def _unlabelled(day: date) -> Iterator[Row]:
    for title in Publication.objects.select_related("site"):
        judged = disclosure.judge(title)
        if judged:
            yield Row(judged[1], reverse("wagtailsettings:edit", args=["publication", "publication", title.site_id]))
    texts = PartnerArticle.objects  # not a list: drafts, which no shelf holds
    drafts = texts.filter(pk__in=texts.order_by("-pk").values("pk")[:DRAFTS], live=False)
    for draft in drafts.filter(Q(payer=None) | Q(reference=""))[: MOST + 1]:
        yield Row(
            _("“%s” is partner content and does not say yet who pays, or under which agreement.") % draft.title,
            _edit(draft),
        )
    running = Agreement.objects.filter(begins__lte=day, ends__gte=day).values_list("partner_id", flat=True)
    for card in _over_titles(lambda title: shelves.unpaid_from(title, running).take(MOST + 1, also=())):
        words = {"title": card.title, "source": card.source_name}
        yield Row(
            _("“%(title)s” comes from %(source)s, a running partner, and is shown as editorial.") % words,
            _edit(card.item),
        )


def _over_titles(take: Callable) -> Iterator:
    for title in Publication.objects.select_related("site__root_page"):
        yield from take(title)


def _scheduled(which: Q):
    return Revision.page_revisions.filter(which, approved_go_live_at__isnull=False).order_by("approved_go_live_at")[
        : MOST + 50
    ]


def _said(revision: Revision) -> dict:
    return {"title": revision.content["title"], "when": _when(revision.approved_go_live_at)}


def _words(thing, moment: datetime, **more) -> dict:
    return {"title": thing.title, "when": _when(moment), **more}


def _when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j. F H:i")


def _edit(page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _edit_revision(revision: Revision) -> str:
    return reverse("wagtailadmin_pages:edit", args=[revision.object_id])


def _midnight_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time(0)))

"""Scheduling: which issues are promised, made, sold and free in the weeks ahead, and where two things clash."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from masthead.newsletters.models import Issue, Newsletter
from masthead.newsletters.timetable import Slot
from masthead.partners.models import POSITIONS, Booking, Place
from masthead.publication import typesetting


@dataclass(frozen=True)
class SoldPlace:
    """One place of an issue: free without a partner."""

    position: int
    partner: str = ""
    has_copy: bool = False


@dataclass
class Entry:
    """One day of one newsletter: its promised moment, the issue made for it, its places, and what to look at."""

    newsletter: Newsletter
    day: date
    at: datetime | None = None
    issue: Issue | None = None
    places: list[SoldPlace] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_missed(self) -> bool:
        """Whether its moment has gone by without an issue."""
        return self.issue is None and self.at is not None and self.at < timezone.now()


def calendar(newsletters: Iterable[Newsletter], first: date, last: date) -> list[Entry]:
    """Return the entries of these days, by day: each promised slot, each issue, and each day a place is sold for."""
    entries = [entry for newsletter in newsletters for entry in _entries(newsletter, first, last)]
    entries.sort(key=lambda entry: (entry.day, entry.newsletter.pk))
    by_day = defaultdict(list)
    for entry in entries:
        if entry.issue or entry.at:
            by_day[entry.day, entry.newsletter.publication_id].append(entry)
    for same_day in by_day.values():
        for entry in same_day if len(same_day) > 1 else []:
            others = ", ".join(str(other.newsletter) for other in same_day if other is not entry)
            entry.remarks.append(_("The same day as %s") % others)
    return entries


def _entries(newsletter: Newsletter, first: date, last: date) -> Iterable[Entry]:
    slots = {slot.day: slot for slot in newsletter.slots(max(first, newsletter.begun), last)}
    issues = _issues(newsletter, first, last)
    sold = _sold(newsletter, first, last)
    holidays = newsletter.holidays(range(first.year, last.year + 1))
    left_out = {
        day for day in holidays if max(first, newsletter.begun) <= day <= last and _is_promised(newsletter, day)
    }
    left_out -= set(slots)
    for day in sorted({*slots, *issues, *sold, *left_out}):
        slot, issue = slots.get(day), issues.get(day)
        entry = Entry(newsletter, day, slot.at if slot else None, issue)
        entry.places = _places(sold.get(day, [])) if newsletter.is_main and (slot or issue or day in sold) else []
        entry.remarks = [*_about_the_day(slot, day, holidays), *_about_places(entry, issue or slot)]
        yield entry


def _about_the_day(slot: Slot | None, day: date, holidays: dict[date, str]) -> Iterable[str]:
    if day in holidays:
        yield str(holidays[day])
    if slot and slot.moved_from:
        yield _("Moved from %s") % typesetting.day(slot.moved_from)


def _about_places(entry: Entry, comes) -> Iterable[str]:
    for place in entry.places:
        if place.partner and not comes:
            yield _("Place %(position)s is sold to %(partner)s for a day without an issue") % vars(place)
        elif place.partner and not place.has_copy:
            yield _("Place %(position)s is sold to %(partner)s, without copy") % vars(place)


def _is_promised(newsletter: Newsletter, day: date) -> bool:
    return not newsletter.weekdays or day.isoweekday() in newsletter.weekdays


def _issues(newsletter: Newsletter, first: date, last: date) -> dict[date, Issue]:
    made = newsletter.issues.exclude(state=Issue.State.CANCELLED).filter(day__range=(first, last)).order_by("number")
    return {issue.day: issue for issue in made}


def _sold(newsletter: Newsletter, first: date, last: date) -> dict[date, list[Booking]]:
    if not newsletter.is_main:
        return {}
    standing = Booking.objects.standing().filter(publication=newsletter.publication, place=Place.NEWSLETTER)
    found = defaultdict(list)
    for booking in standing.filter(unit__range=(first, last)).select_related("agreement__partner"):
        found[booking.unit].append(booking)
    return found


def _places(bookings: list[Booking]) -> list[SoldPlace]:
    sold = {b.position: SoldPlace(b.position, b.agreement.partner.name, b.item_id is not None) for b in bookings}
    return [sold.get(n, SoldPlace(n)) for n in range(1, POSITIONS[Place.NEWSLETTER] + 1)]

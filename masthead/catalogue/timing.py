"""Timing: when an event meets, read from what its card carries, as lists and letters print it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from masthead.catalogue.models import Card
from masthead.press.ingredients import note
from masthead.publication import typesetting

AGAIN = 3  # later sessions the agenda names


@dataclass(frozen=True)
class Meeting:
    """One session as it is printed."""

    starts: datetime
    ends: datetime | None
    first: date
    last: date
    announced: bool

    @property
    def days(self) -> str:
        return typesetting.days(self.first, self.last)

    @property
    def short_days(self) -> str:
        return typesetting.short_days(self.first, self.last)

    @property
    def several_days(self) -> bool:
        return self.first != self.last

    @property
    def hours(self) -> str:
        return typesetting.hours(self.starts, self.ends) if self.announced else ""

    @property
    def at_hours(self) -> str:
        """The hours of one day; of several days only when the first begins, "at 9.00"."""
        return typesetting.at(self.starts) if self.several_days else self.hours

    @property
    def is_over(self) -> bool:
        over = self.ends or datetime.combine(self.last + timedelta(days=1), time(0), self.starts.tzinfo)
        note("sessions", over)
        return over <= timezone.now()


@dataclass(frozen=True)
class When:
    """What the agenda prints of sessions: the day the row stands under, then days, hours and what follows."""

    starts: datetime
    days: str
    hours: str
    again: str


def coming(card: Card) -> list[Meeting]:
    """The sessions of an event that are not over, soonest first; all of them once the last is."""
    meetings = [_meeting(row) for row in card.facts.get("meetings", [])]
    return [m for m in meetings if not m.is_over] or meetings


def when(card: Card) -> When:
    """Return when an event is: its next session, and when it meets again."""
    next_one, *later = coming(card)
    run = _days_in_a_row(next_one, later)
    last, later = (later[run - 1].last, later[run:]) if run else (next_one.last, later)
    days = "" if last == next_one.first else typesetting.short_days(next_one.first, last)
    hours = (typesetting.at(next_one.starts) if days else next_one.hours) if next_one.announced else ""
    again = get_text_list([m.short_days for m in later[:AGAIN]], _("and")) if later else ""
    return When(next_one.starts, days, hours, again)


def as_meetings(rows: list[dict]) -> list[Meeting]:
    """The sessions of an event's own page."""
    return [Meeting(row["starts"], row["ends"], row["date"], row["end_date"], row["announced"]) for row in rows]


def _days_in_a_row(first: Meeting, later: list[Meeting]) -> int:
    """Count how many of `later` follow day by day: three days of a course are one thing, not three."""
    day, run = first.last, 0
    for meeting in later:
        if meeting.first != day + timedelta(days=1):
            break
        day, run = meeting.last, run + 1
    return run


def _meeting(row: dict) -> Meeting:
    zone = timezone.get_current_timezone()
    starts = datetime.fromisoformat(row["starts"]).astimezone(zone)
    ends = datetime.fromisoformat(row["ends"]).astimezone(zone) if row["ends"] else None
    return Meeting(starts, ends, date.fromisoformat(row["date"]), date.fromisoformat(row["end_date"]), row["announced"])

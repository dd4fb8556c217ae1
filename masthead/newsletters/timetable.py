"""The timetable of a newsletter: its promised days in local time, over holidays and changes of the clocks. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SEND, SKIP, MOVE = "send", "skip", "move"


@dataclass(frozen=True)
class Slot:
    """One promised moment. `moved_from` is the holiday it would have fallen on."""

    day: date
    at: datetime
    moved_from: date | None = None


@dataclass(frozen=True)
class Timetable:
    """The days of the week (ISO numbers, none for all), the time, and what happens on a holiday."""

    weekdays: Collection[int]
    at: time
    zone: ZoneInfo
    on_holidays: str = SEND
    holidays: Collection[date] = ()

    def slots(self, first: date, last: date) -> Iterator[Slot]:
        """Yield the slots of `first` to `last`, by day: one a promised day, whatever the clocks do in between."""
        found = {}
        for days in range((last - first).days + 8):
            day = first - 7 * DAY + days * DAY
            if self._is_promised(day):
                slot = self._slot(day)
                if slot and first <= slot.day <= last:
                    found.setdefault(slot.day, slot)
        yield from (found[day] for day in sorted(found))

    def moment(self, day: date) -> datetime:
        """Return the moment of a day in local time.

        A time that does not exist, as the clocks go forward, is as long after midnight as it would have been; one that
        comes twice is the first of the two.
        """
        return datetime.combine(day, self.at, self.zone).astimezone(UTC).astimezone(self.zone)

    def _is_promised(self, day: date) -> bool:
        return not self.weekdays or day.isoweekday() in self.weekdays

    def _slot(self, day: date) -> Slot | None:
        if self.on_holidays == SEND or day not in self.holidays:
            return Slot(day, self.moment(day))
        later = self._next_free(day) if self.on_holidays == MOVE else None
        return Slot(later, self.moment(later), moved_from=day) if later else None

    def _next_free(self, day: date) -> date | None:
        """The next day of the same ISO week that is neither a holiday nor promised itself; a week keeps its number."""
        rest = [day + DAY * n for n in range(1, 8 - day.isoweekday())]
        free = (d for d in rest if d not in self.holidays and not self._is_promised(d) and d.isoweekday() < 6)
        return next(free, None)

"""Pacing: how fast letters may leave, kept by all processes together through one row a limit.

A process that takes a chunk takes with it the seconds its letters need: they are added to the row's `next_at`, in the
transaction of the claim, so the next process's seconds come after. Nobody has to talk to anybody. A mail server that
asks us to wait moves the same row ahead, for everybody.

Seconds are of the wall clock, as processes on several machines share them; a row too far ahead is the work of a clock
that was put back, and is begun anew.
"""

import time
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F

from masthead.newsletters.models import Pace

ALL = ""  # the key of the limit for all letters
AHEAD = 1.0  # seconds a chunk may be taken before its first letter may leave
SLICE = 0.5  # seconds' worth of letters taken at once under a limit
BEHIND = 0.25  # seconds of a limit that may be caught up with, or commits would cost a tenth of the rate
LONGEST = 300.0  # seconds the mail server can make us wait at once


def limits() -> dict[str, float]:
    """Return letters a second by key: all of them, and those to single domains. Raises ImproperlyConfigured."""
    options = settings.MASTHEAD
    found = {ALL: float(options["mail_per_second"])} if options["mail_per_second"] else {}
    for line in options["mail_per_domain"]:
        domain, _equals, rate = line.partition("=")
        try:
            found[domain.strip().lower()] = float(rate)
        except ValueError:
            raise ImproperlyConfigured(
                f"mail_per_domain holds “{line}”: write a domain and letters a second, such as “example.com=5”."
            ) from None
    return {key: rate for key, rate in found.items() if rate > 0}


class Gates:
    """The limits as they stand in this transaction. Make it inside the one that takes chunks."""

    def __init__(self, rates: dict[str, float]):
        self.rates, self.now = rates, time.time()
        self.next_at = dict.fromkeys(rates, 0.0)
        self.struck: list[str] = []  # the keys under which we were asked to wait
        self._used: set[str] = set()
        for key, at, strikes in self._rows():
            self.next_at[key] = at if at < self.now + LONGEST * 2 else 0.0
            if strikes:
                self.struck.append(key)

    def _rows(self) -> list[tuple[str, float, int]]:
        lock = "FOR UPDATE" if self.rates and connection.features.has_select_for_update else ""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT key, next_at, strikes FROM {Pace._meta.db_table} ORDER BY key {lock}")  # noqa: S608
            return cursor.fetchall()

    def wait(self, key: str) -> float:
        """Return in how many seconds something under this limit may be taken; 0 for now."""
        every, domain = self.next_at.get(ALL, 0.0) - AHEAD, self.next_at.get(key, 0.0) if key else 0.0
        return max(0.0, every - self.now, domain - self.now)  # who waits for one domain holds up nobody else

    def closed(self) -> list[str]:
        """Return the domains nothing may be taken for now."""
        return [key for key in self.next_at if key and self.wait(key)]

    def take(self, key: str, n: int) -> list[float]:
        """Take the moments (seconds from now) for up to `n` letters. Fewer come back where a limit is narrow."""
        keys = [one for one in dict.fromkeys((ALL, key)) if one in self.rates]
        for one in keys:
            n = min(n, max(1, int(self.rates[one] * SLICE)))
        moments = [0.0] * n
        for one in keys:
            start = max(self.now - BEHIND, self.next_at[one])
            self.next_at[one] = start + n / self.rates[one]
            moments = [max(at, start + i / self.rates[one] - self.now) for i, at in enumerate(moments)]
            self._used.add(one)
        return moments

    def keep(self) -> None:
        """Write down what was taken."""
        for key in self._used:
            Pace.objects.update_or_create(key=key, defaults={"next_at": self.next_at[key]})


def hold_back(key: str) -> None:
    """The other side asks us to wait: a second, then twice as long each time, for every process."""
    pace, _new = Pace.objects.get_or_create(key=key)
    now = time.time()
    if now < pace.next_at < now + LONGEST * 2 and pace.strikes:
        return  # several lines heard the same refusal
    wait = min(LONGEST, 2.0**pace.strikes) + (0 if key else AHEAD)
    Pace.objects.filter(pk=pace.pk).update(next_at=now + wait, strikes=F("strikes") + 1)


def go_on(keys: Iterable[str]) -> None:
    """The other side takes letters again."""
    Pace.objects.filter(key__in=list(keys), strikes__gt=0).update(strikes=0)

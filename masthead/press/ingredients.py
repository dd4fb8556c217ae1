"""What a page was made of, noted while it is rendered.

Every shelf, card and named thing that is taken says so here; nobody lists a page's dependencies by hand. With them
stand the next moment at which the page changes by itself, and which of the addresses that lead to it is its own.

A name alone means: the page is another one when anything of that name changes. A name with a *place* means: only when
something comes to stand at that place of a list or before it (the list shows no further). Places are numbers, smaller
ones come first; a shelf sorted by date turns its dates into places.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo

from django.utils import timezone

EVERYTHING = "*"
HOSTS = "hosts"  # which title answers at which host
Names = Mapping[str, float | None]


@dataclass
class Ingredients:
    """Names of what was taken, such as `card:17`, each with the place it was taken down to, and the next change."""

    started: datetime = field(default_factory=timezone.now)
    names: dict[str, float | None] = field(default_factory=dict)
    next_change: datetime | None = None
    query: dict[str, str] = field(default_factory=dict)
    memory: dict = field(default_factory=dict)

    def note(self, name: str, changes_at: datetime | None = None, down_to: float | None = None) -> None:
        if name not in self.names:
            self.names[name] = down_to
        elif (known := self.names[name]) is not None:
            self.names[name] = None if down_to is None else max(known, down_to)
        # What was over before this page was begun is no change to come. What ran out since is one that was missed.
        if changes_at and changes_at > self.started and (self.next_change is None or changes_at < self.next_change):
            self.next_change = changes_at

    def take_over(self, part: "Ingredients") -> None:
        """Note all that a part of the page is made of."""
        for name, down_to in part.names.items():
            self.note(name, part.next_change, down_to)


_noting: ContextVar[Ingredients | None] = ContextVar("ingredients", default=None)


@contextmanager
def noting() -> Iterator[Ingredients]:
    """Note everything taken inside the block, and return it."""
    ingredients = Ingredients()
    token = _noting.set(ingredients)
    try:
        yield ingredients
    finally:
        _noting.reset(token)


def now_noting() -> Ingredients | None:
    """Return what the page being rendered is made of so far, if one is."""
    return _noting.get()


def note(name: str, changes_at: datetime | None = None, down_to: float | None = None) -> None:
    """Note one ingredient of the page being rendered, if one is; `down_to` where only places up to it are shown."""
    ingredients = _noting.get()
    if ingredients is not None:
        ingredients.note(name, changes_at, down_to)


def note_day(zone: tzinfo | None = None) -> None:
    """Note that a page depends on the day, in the title's time or in `zone`: it changes at midnight."""
    if _noting.get() is not None:
        now = timezone.localtime(timezone=zone)
        note("day", datetime.combine(now.date() + timedelta(days=1), time(0), now.tzinfo))


def note_query(said: Mapping[str, object]) -> None:
    """Say that this answer is the one to exactly this query; a page reached by any other is not kept.

    A view that says nothing is kept for the address without a query alone: nobody can fill the store with addresses.
    """
    ingredients = _noting.get()
    if ingredients is not None:
        ingredients.query = {name: str(value) for name, value in said.items()}


def number_of(name: str) -> int:
    """Return the number under which a name stands in an index: 64 bits, signed."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def concerns(changed: Names, made_of: Names) -> bool:
    """Whether a page made of `made_of` may be another one after `changed`."""
    if EVERYTHING in changed:
        return True
    for name, place in changed.items():
        if name in made_of:
            down_to = made_of[name]
            if place is None or down_to is None or place <= down_to:
                return True
    return False


def joined(*several: Names) -> dict[str, float | None]:
    """Return all names, each with its first place; a name that stands without a place once has none."""
    names: dict[str, float | None] = {}
    for one in several:
        for name, place in one.items():
            known = names.get(name, place)
            names[name] = None if place is None or known is None else min(place, known)
    return names

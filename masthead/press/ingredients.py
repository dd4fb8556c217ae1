"""What a page was made of, noted while it is rendered.

Every shelf and every card that is taken says so here; nobody lists a page's dependencies by hand. With them stands the
next moment at which a shelf changes by itself, so that a page is never kept longer than it is right.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Ingredients:
    """Names of what was taken, such as `card:17` or `shelf:3:theme:elbiler`, and the next change by the clock."""

    names: set[str] = field(default_factory=set)
    next_change: datetime | None = None

    def note(self, name: str, changes_at: datetime | None = None) -> None:
        self.names.add(name)
        if changes_at and (self.next_change is None or changes_at < self.next_change):
            self.next_change = changes_at


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


def note(name: str, changes_at: datetime | None = None) -> None:
    """Note one ingredient of the page being rendered, if one is."""
    ingredients = _noting.get()
    if ingredients is not None:
        ingredients.note(name, changes_at)

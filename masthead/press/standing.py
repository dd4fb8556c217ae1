"""Standing type: parts that many pages share are set once in a process, and stand ready for the next page.

A page that was recalled is rendered again, but most of what it shows is still right. Each part is kept with what it is
made of, like a printed page, and is let go by the same recalls (see board.py) and at the same moments. A page that
takes a part is made of all that the part is made of. Nothing stands where no press is open: in commands and in tests.
"""

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils import timezone
from django.utils.translation import get_language

from masthead.press.board import Board, Position
from masthead.press.ingredients import Ingredients, concerns, note_day, noting, now_noting

MOST = 4_000  # parts a process keeps
MICRO = 1_000_000
DOUBT = 60  # seconds without word from the database, after which nothing kept is used (promise 3)
Made = TypeVar("Made")


@dataclass(frozen=True)
class Part:
    made: object
    of: Ingredients


class Case:
    """The parts that stand in this process, and how far it has read the board."""

    def __init__(self, board: Board):
        self.board, self.pulse, self.read_to = board, board.open_pulse(), Position(0, 0)
        self.parts: dict[Hashable, Part] = {}
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Part | None:
        """Return a part that is right now, once everything posted on the board has been taken in."""
        self._take_in()
        part = self.parts.get(key)
        now = timezone.now()
        if part is None or (part.of.next_change and part.of.next_change <= now):
            return None
        return part if self._is_vouched_for(now.timestamp()) else None

    def keep(self, key: Hashable, part: Part, read_to: Position) -> None:
        """Keep a part, unless something was posted since its making began: it may be made of what that changed."""
        with self._lock:
            if self.read_to == read_to == self.board.position():
                if len(self.parts) >= MOST:
                    for old in list(self.parts)[: MOST // 2]:
                        del self.parts[old]
                self.parts[key] = part

    def _is_vouched_for(self, now: float) -> bool:
        """Whether somebody compared the board with the database lately: a host that is cut off must not go on."""
        if not self.pulse.is_the_hosts():
            self.pulse = self.board.open_pulse()
        return now - self.pulse.numbers[1] / MICRO < DOUBT

    def _take_in(self) -> None:
        with self._lock:
            here = self.board.position()
            if here == self.read_to:
                return
            recalled, here = self.board.since(self.read_to)
            for key in [key for key, part in self.parts.items() if concerns(recalled, part.of.names)]:
                del self.parts[key]
            self.read_to = here


_open: list[Case] = []  # the one of this process


def open_case(board: Board) -> Case:
    """Let parts stand in this process from now on; the caller sees to it that the board is watched."""
    _open[:] = [Case(board)]
    return _open[0]


def close_case() -> None:
    _open.clear()


@contextmanager
def nothing_stands() -> Iterator[None]:
    """Make everything anew inside the block, as for the first page of a process."""
    kept, _open[:] = list(_open), []
    try:
        yield
    finally:
        _open[:] = kept


def standing(key: tuple, make: Callable[[], Made], *names: str) -> Made:
    """Return what `make` makes, from the last time where that is still right. Whoever takes it must not change it.

    `names` are ingredients that were taken before `make` is called. The language and the day are always among what
    decides; whatever else does must be in `key`.
    """
    page = now_noting()
    if page is None or not _open:
        return make()
    case, key = _open[0], (get_language(), *key)
    part = case.find(key)
    if part is None:
        begun = case.read_to
        with noting() as of:
            note_day()
            for name in names:
                of.note(name)
            part = Part(make(), of)
        case.keep(key, part, begun)
    page.take_over(part.of)
    return part.made  # type: ignore[return-value]


def standing_each(
    kind: tuple,
    keys: Sequence[Hashable],
    make: Callable[[Sequence], Mapping],
    made_of: Callable[[Made], Ingredients],
) -> dict[Hashable, Made]:
    """Return what `make` makes for each key, by key; it is asked once for all those that don't stand yet.

    Each stands by itself, with what `made_of` says of it: in whichever company it was made, it is let go alone. What is
    made so must not depend on language or day. Keys that `make` finds nothing for are left out.
    """
    page = now_noting()
    case = _open[0] if _open and page is not None else None
    parts: dict[Hashable, Part] = {}
    if case:
        stand = ((key, case.find((kind, key))) for key in keys)
        parts = {key: part for key, part in stand if part is not None}
    missing = [key for key in keys if key not in parts]
    if missing:
        begun = case.read_to if case else None
        with noting():  # whose notes nobody needs: each is asked for its own
            made = make(missing)
        for key, one in made.items():
            parts[key] = Part(one, made_of(one))
            if case and begun:
                case.keep((kind, key), parts[key], begun)
    if page is not None:
        for part in parts.values():
            page.take_over(part.of)
    return {key: part.made for key, part in parts.items()}  # type: ignore[misc]


class Once(Generic[Made]):
    """Something made when it is first asked for, and noted by every part of the page that asks for it."""

    def __init__(self, make: Callable[[], Made]):
        self.make = make
        self.made: Part | None = None

    def __call__(self) -> Made:
        if self.made is None:
            with noting() as of:
                self.made = Part(self.make(), of)
        page = now_noting()
        if page is not None:
            page.take_over(self.made.of)
        return self.made.made  # type: ignore[return-value]

"""Mixing: where partner content and the house's own promotions stand among the news, by rule and with a reason each.

Pure: the same lists always give the same stream. What is booked has a place of its own and is not mixed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

SHARE = 4  # of so many rows counted from the top, one at most is paid
PAYER_ROWS = 8  # a payer stands once in so many rows
PAYER_PAID = 5  # and once in so many paid rows
HOUSE_ROWS = 8  # of so many rows one at most is the house's own

NEWS, PAID, HOUSE = "news", "paid", "house"
T = TypeVar("T")


@dataclass(frozen=True)
class Row(Generic[T]):
    """One row of a stream: what it shows, as which kind, who paid, and why here."""

    item: T
    kind: str
    payer: str
    why: str


def mix(
    news: Sequence[T], paid: Sequence[T], house: Sequence[T], rows: int, payer_of: Callable[[T], str]
) -> list[Row[T]]:
    """Return a stream of at most `rows` rows that breaks none of the rules; it ends where the news does.

    Each list keeps its order. A paid row that may not stand yet waits; the next payer's goes first.
    """
    stream: list[Row[T]] = []
    waiting_news, waiting_paid, waiting_house = list(news), list(paid), list(house)
    while len(stream) < rows:
        row = _paid_row(stream, waiting_paid, payer_of) or _house_row(stream, waiting_house)
        if row is None and waiting_news:
            row = Row(waiting_news.pop(0), NEWS, "", _("News, newest first"))
        if row is None:
            break
        stream.append(row)
    return stream


def judge(stream: Sequence[tuple[str, str]]) -> list[str]:
    """Say in sentences which rules a stream of (kind, payer) breaks; empty where it may be shown."""
    found = [*_judge_share(stream), *_judge_neighbours(stream), *_judge_payers(stream), *_judge_house(stream)]
    return list(dict.fromkeys(found))


def _paid_row(stream, waiting, payer_of) -> Row | None:
    taken = [row for row in stream if row.kind == PAID]
    if (len(taken) + 1) * SHARE > len(stream) + 1 or _after_something_labelled(stream):
        return None
    resting = {row.payer for row in taken[-(PAYER_PAID - 1) :]}
    resting |= {row.payer for row in stream[-(PAYER_ROWS - 1) :]}
    for item in waiting:
        payer = payer_of(item)
        if payer not in resting:
            waiting.remove(item)
            why = _("Partner content, one row in %(share)s; %(payer)s stands once in %(rows)s rows")
            return Row(item, PAID, payer, why % {"share": SHARE, "payer": payer, "rows": PAYER_ROWS})
    return None


def _house_row(stream, waiting) -> Row | None:
    if not waiting or len(stream) + 1 < HOUSE_ROWS - 2 or _after_something_labelled(stream):
        return None
    if any(row.kind == HOUSE for row in stream[-(HOUSE_ROWS - 1) :]):
        return None
    return Row(waiting.pop(0), HOUSE, "", _("Our own promotion, one row in %s") % HOUSE_ROWS)


def _after_something_labelled(stream) -> bool:
    return bool(stream) and stream[-1].kind != NEWS


def _judge_share(stream):
    paid = sum(kind == PAID for kind, _payer in stream)
    if paid * SHARE > len(stream):
        said = _("%(paid)s of %(rows)s rows are paid for; at most 1 in %(share)s may be.")
        yield said % {"paid": paid, "rows": len(stream), "share": SHARE}


def _judge_neighbours(stream):
    for i, ((kind, _a), (after, _b)) in enumerate(zip(stream, stream[1:], strict=False), start=1):
        if kind == after == PAID:
            said = _("Rows %(one)s and %(next)s are both paid for; two never follow each other.")
            yield said % {"one": i, "next": i + 1}


def _judge_payers(stream):
    paid = [(i, payer) for i, (kind, payer) in enumerate(stream) if kind == PAID]
    for n, (i, payer) in enumerate(paid):
        near = [p for j, p in paid[:n] if i - j < PAYER_ROWS] + [p for _j, p in paid[max(0, n - PAYER_PAID + 1) : n]]
        if payer in near:
            said = _("%(payer)s pays for more than one of %(paid)s paid rows, or of %(rows)s rows.")
            yield said % {"payer": payer, "paid": PAYER_PAID, "rows": PAYER_ROWS}


def _judge_house(stream):
    house = [i for i, (kind, _payer) in enumerate(stream) if kind == HOUSE]
    if any(b - a < HOUSE_ROWS for a, b in zip(house, house[1:], strict=False)):
        yield _("The house's own promotions stand more than once in %s rows.") % HOUSE_ROWS

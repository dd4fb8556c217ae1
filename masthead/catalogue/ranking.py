"""Ranking: cards in an order that was found elsewhere, such as by search, on a shelf like any other."""

from collections.abc import Sequence
from dataclasses import dataclass

from masthead.catalogue.models import Card, Counted
from masthead.catalogue.shelves import PICTURES, Shelf
from masthead.publication.models import Publication


@dataclass
class Ranked(Shelf):
    """A shelf whose order was found elsewhere, such as by search."""

    keys: Sequence[int] = ()
    _on_show: list[int] | None = None

    def take(self, n: int, start: int = 0, also: Sequence[str] = PICTURES) -> list[Card]:
        """Return up to `n` cards from position `start` of the ranking."""
        wanted = self._ranked()[start : start + n]
        part = Shelf(self.name, self.cards.filter(pk__in=wanted), self.at, title=self.title)
        return sorted(part.take(n, also=also), key=lambda card: wanted.index(card.pk))

    def count(self, most: int | None = None) -> Counted:
        return Counted(len(self._ranked()))

    def _ranked(self) -> list[int]:
        if self._on_show is None:
            shown = dict(self._shown().order_by().values_list("pk", "valid_until"))
            self._note(min(filter(None, shown.values()), default=None))
            self._on_show = [key for key in self.keys if key in shown]
        return self._on_show


def ranked(title: Publication, keys: Sequence[int], name: str, kind: str = "") -> Ranked:
    """Return a shelf of these cards (keys) in the order given; of one kind, if one is named."""
    cards = Card.objects.in_title(title).filter(pk__in=keys)
    return Ranked(name, cards.of_kind(kind) if kind else cards, title=title, keys=keys)

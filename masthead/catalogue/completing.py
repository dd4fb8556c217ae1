"""Completing: cards with all a place prints of them, looked up once a process and again when something changed."""

from collections.abc import Mapping, Sequence
from copy import copy

from django.db.models import Model

from masthead.catalogue.models import Card
from masthead.press.ingredients import Ingredients
from masthead.press.noted import Noted
from masthead.press.standing import standing_each
from masthead.publication.models import Publication


def complete(keys: Sequence[int], also: Sequence[str], title: Publication | None) -> list[Card]:
    """Return the cards of these keys in this order, with the relations in `also`; who is deleted is left out.

    Whether they are on show is not looked at. One query for the cards that don't stand in this process yet, and one for
    each of their relations. The caller may do with the cards what it likes: they are copies.
    """

    def look_up(missing: Sequence[int]) -> Mapping[int, Card]:
        cards = Card.objects.filter(pk__in=missing).complete().prefetch_related(*also)
        return {card.pk: card for card in cards}

    found = standing_each(("complete", *also), keys, look_up, _made_of)
    cards = [copy(found[key]) for key in keys if key in found]
    _tell_titles(cards, title)
    return cards


def _made_of(card: Card) -> Ingredients:
    """What the card and the rows that were read with it are recalled by."""
    of = Ingredients()
    of.note(f"card:{card.pk}")
    of.note(f"publication:{card.publication_id}")
    for row in _read_with(card):
        if isinstance(row, Noted):
            of.note(row.own_name)
    return of


def _read_with(card: Card) -> list[Model]:
    """Return a card and every row that was read with it, and with those."""
    found: dict[int, Model] = {id(card): card}
    to_see: list[Model] = [card]
    while to_see:
        row = to_see.pop()
        near = [*row._state.fields_cache.values()]
        for several in getattr(row, "_prefetched_objects_cache", {}).values():
            near += several
        new = {id(one): one for one in near if one is not None and id(one) not in found}
        found |= new
        to_see += new.values()
    return list(found.values())


def _tell_titles(cards: list[Card], title: Publication | None) -> None:
    """Give every card the title it stands in, as one object for all cards of a title."""
    known = {title.pk: title} if title else {}
    if others := {card.publication_id for card in cards} - set(known):
        known |= Publication.objects.select_related("site__root_page").in_bulk(others)
    for card in cards:
        card.publication = known[card.publication_id]

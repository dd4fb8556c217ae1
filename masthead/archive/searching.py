"""Search for readers, over cards, so that labels and time hold there too."""

from django.db.models import Case, IntegerField, When
from modelsearch.backends import get_search_backend

from masthead.catalogue import shelves
from masthead.catalogue.models import Card
from masthead.publication.models import Publication

MOST = 500  # hits ranked at once
LONGEST = 200  # characters of a query


def search(title: Publication, words: str, kind: str = "") -> shelves.Shelf:
    """Return the shelf of cards that match `words`, best first; empty for no words."""
    words = " ".join(words.split())[:LONGEST]
    if not words:
        return shelves.named(Card.objects.none(), "search")
    found = get_search_backend().search(words, Card.objects.in_title(title), operator="and")
    keys = [card.pk for card in found[:MOST]]
    place = Case(*(When(pk=key, then=i) for i, key in enumerate(keys)), default=MOST, output_field=IntegerField())
    cards = Card.objects.filter(pk__in=keys).order_by(place) if keys else Card.objects.none()
    return shelves.named(cards.of_kind(kind) if kind else cards, f"search:{title.pk}")

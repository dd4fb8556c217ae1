"""Search for readers, over cards, so that labels and time hold there too."""

import re

from django.db.models import Case, IntegerField, When
from modelsearch.backends import get_search_backend

from masthead.catalogue import shelves
from masthead.catalogue.models import Card
from masthead.publication.models import Publication

MOST = 500  # hits ranked at once
LONGEST = 200  # characters of a query


def search(title: Publication, words: str, kind: str = "") -> shelves.Shelf:
    """Return the shelf of cards that match `words`, best first; empty for no words."""
    words = " ".join(re.findall(r"\w+", words[:LONGEST]))  # the index has a language of signs; a reader has words
    if not words:
        return shelves.named(Card.objects.none(), "search")
    backend, cards = get_search_backend(), Card.objects.in_title(title)
    whole = backend.search(words, cards, operator="and")[:MOST]
    begun = backend.autocomplete(words, cards, operator="and")[:MOST]  # “kabelkø” finds “kabelkøen” in a headline
    keys = list(dict.fromkeys(card.pk for card in (*whole, *begun)))[:MOST]
    place = Case(*(When(pk=key, then=i) for i, key in enumerate(keys)), default=MOST, output_field=IntegerField())
    cards = Card.objects.filter(pk__in=keys).order_by(place) if keys else Card.objects.none()
    return shelves.named(cards.of_kind(kind) if kind else cards, f"search:{title.pk}", title)

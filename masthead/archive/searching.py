"""Search for readers, over cards, so that labels and time hold there too.

The index is the one Wagtail keeps in the database. It is asked here directly: Wagtail's own question weighs every hit
against every other, which takes minutes for a word that half the archive holds.
"""

import re

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from modelsearch.backends import get_search_backend

from masthead.catalogue import ranking, shelves
from masthead.catalogue.models import Card
from masthead.publication.models import Publication

MOST = 500  # hits shown
WEIGHED = 2_000  # hits weighed against each other; where there are more, the newest are shown
LONGEST = 200  # characters of a query
HITS = """
    SELECT card.id, {weight} FROM wagtailsearch_indexentry_fts AS found
    JOIN wagtailsearch_indexentry AS entry ON entry.id = found.rowid AND entry.content_type_id = %s
    JOIN catalogue_card AS card ON card.id = CAST(entry.object_id AS INTEGER) AND card.publication_id = %s
    WHERE wagtailsearch_indexentry_fts MATCH %s {order} LIMIT %s
"""
WEIGHT = "bm25(wagtailsearch_indexentry_fts, 2.0, 1.0, 4.0)"  # how a headline's word begins, body, headline


def search(title: Publication, words: str, kind: str = "") -> shelves.Shelf:
    """Return the shelf of cards that match `words`, best first; empty for no words."""
    words = " ".join(re.findall(r"\w+", words[:LONGEST]))  # the index has a language of signs; a reader has words
    if not words:
        return ranking.ranked(title, [], f"search:{title.pk}", kind)
    keys = _hits(title, words.split()) if connection.vendor == "sqlite" else _hits_by_backend(title, words)
    return ranking.ranked(title, keys[:MOST], f"search:{title.pk}", kind)


def _hits(title: Publication, words: list[str]) -> list[int]:
    """Return keys of cards that hold all the words, or whose headline's words begin so; see WEIGHED for the order."""
    whole, begun = " ".join(f'"{word}"' for word in words), " ".join(f'"{word}"*' for word in words)
    exact = f"{{title body}} : ({whole})"
    match = f"({exact}) OR ({{autocomplete}} : ({begun}))"  # “kabelkø” finds “kabelkøen”
    for said in (exact, match):  # beginnings are looked for where whole words are few: the index reads them all through
        given = [ContentType.objects.get_for_model(Card).pk, title.pk, said, WEIGHED + 1]
        newest = _ask(HITS.format(weight=0, order="ORDER BY found.rowid DESC"), given)
        if len(newest) > WEIGHED:
            return [key for key, _weight in newest]
    weighed = _ask(HITS.format(weight=WEIGHT, order=""), given)
    return [key for key, _weight in sorted(weighed, key=lambda hit: (hit[1], -hit[0]))]


def _ask(question: str, given: list) -> list[tuple[int, float]]:
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return cursor.fetchall()


def _hits_by_backend(title: Publication, words: str) -> list[int]:
    backend, cards = get_search_backend(), Card.objects.in_title(title).only("pk")
    whole = backend.search(words, cards, operator="and")[:MOST]
    begun = backend.autocomplete(words, cards, operator="and")[:MOST]
    return list(dict.fromkeys(card.pk for card in (*whole, *begun)))

"""Search for readers, over cards, so that labels and time hold there too.

The index is the one Wagtail keeps in the database. It is asked here directly, in each database's own language.
Wagtail's own question weighs every hit against every other on SQLite, which takes minutes for a word that half the
archive holds; on PostgreSQL it asks for two columns put together, which no index has, and reads all for every word.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from modelsearch.backends import get_search_backend

from masthead.catalogue import ranking, shelves
from masthead.catalogue.models import Card
from masthead.publication.models import Publication

MOST = 500  # hits shown
WEIGHED = 2_000  # hits weighed against each other; where there are more, the newest are shown
LONGEST = 200  # characters of a query


@dataclass(frozen=True)
class Question:
    """Some words as a database's index is asked for them: `whole` ones, or `begun` as well; a lighter hit is better."""

    hits: str
    newest_first: str
    whole: str
    begun: str
    weight: str
    given: dict[str, str]


def search(title: Publication, words: str, kind: str = "") -> shelves.Shelf:
    """Return the shelf of cards that match `words`, best first; empty for no words."""
    said = re.findall(r"\w+", words[:LONGEST])  # the index has a language of signs; a reader has words
    ask = _ask_sqlite if connection.vendor == "sqlite" else _ask_postgresql
    keys = _hits(title, ask(said)) if said else []
    return ranking.ranked(title, keys[:MOST], f"search:{title.pk}", kind)


def _hits(title: Publication, asked: Question) -> list[int]:
    """Return keys of cards that hold all the words, or whose headline's words begin so; see WEIGHED for the order."""
    given = asked.given | {"cards": ContentType.objects.get_for_model(Card).pk, "title": title.pk, "most": WEIGHED + 1}
    for match in (asked.whole, asked.begun):  # beginnings where whole words are few: the index reads them all through
        newest = _rows(asked.hits.format(weight=0, match=match, order=asked.newest_first), given)
        if len(newest) > WEIGHED:
            return [key for key, _weight in newest]
    weighed = _rows(asked.hits.format(weight=asked.weight, match=asked.begun, order=""), given)
    return [key for key, _weight in sorted(weighed, key=lambda hit: (hit[1], -hit[0]))]


def _rows(question: str, given: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return cursor.fetchall()


def _ask_sqlite(words: list[str]) -> Question:
    whole = "{title body} : (" + " ".join(f'"{word}"' for word in words) + ")"
    begun = "{autocomplete} : (" + " ".join(f'"{word}"*' for word in words) + ")"  # “kabelkø” finds “kabelkøen”
    return Question(
        hits="""
            SELECT card.id, {weight} FROM wagtailsearch_indexentry_fts AS found
            JOIN wagtailsearch_indexentry AS entry ON entry.id = found.rowid AND entry.content_type_id = %(cards)s
            JOIN catalogue_card AS card ON card.id = CAST(entry.object_id AS INTEGER)
            WHERE card.publication_id = %(title)s AND {match} {order} LIMIT %(most)s""",
        newest_first="ORDER BY found.rowid DESC",
        whole="wagtailsearch_indexentry_fts MATCH %(whole)s",
        begun="wagtailsearch_indexentry_fts MATCH %(begun)s",
        weight="bm25(wagtailsearch_indexentry_fts, 2.0, 1.0, 4.0)",  # how a headline's word begins, body, headline
        given={"whole": whole, "begun": f"({whole}) OR ({begun})"},
    )


def _ask_postgresql(words: list[str]) -> Question:
    stems = _stems(words)
    held = [f"(entry.title @@ %(w{n})s::tsquery OR entry.body @@ %(w{n})s::tsquery)" for n in range(len(stems))]
    whole = " AND ".join(held) or "FALSE"
    rank = "ts_rank(entry.title, %(all)s::tsquery) * entry.title_norm + ts_rank(entry.body, %(all)s::tsquery)"
    return Question(
        # OFFSET, so that a card is looked up for each entry found; else all cards are read to be joined with some.
        hits="""
            SELECT card.id, {weight} FROM wagtailsearch_indexentry AS entry JOIN LATERAL (
                SELECT id FROM catalogue_card
                WHERE id = CAST(entry.object_id AS bigint) AND publication_id = %(title)s OFFSET 0
            ) AS card ON TRUE
            WHERE entry.content_type_id = %(cards)s AND ({match}) {order} LIMIT %(most)s""",
        newest_first="ORDER BY entry.id DESC",
        whole=whole,
        begun=f"({whole}) OR entry.autocomplete @@ to_tsquery('simple', %(begun)s)",
        weight=f"CASE WHEN {whole} THEN -({rank}) ELSE 1 END",  # whole words before beginnings
        given={f"w{n}": stem for n, stem in enumerate(stems)}
        | {"all": " & ".join(stems), "begun": " & ".join(f"'{word}':*" for word in words)},
    )


def _stems(words: list[str]) -> list[str]:
    """Return what PostgreSQL's index keeps of these words; it keeps nothing of the smallest, such as “the”."""
    config = getattr(get_search_backend(), "config", None)
    kept = "plainto_tsquery(COALESCE(%(config)s::regconfig, get_current_ts_config()), word)::text"
    found = _rows(f"SELECT {kept} FROM unnest(%(words)s::text[]) AS word", {"config": config, "words": words})  # noqa: S608
    return [f"({stem})" for (stem,) in found if stem]

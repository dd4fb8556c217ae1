"""Shelving: on which lists by date a card stands, and the keeping of its place on those that are found by it.

The newest of everything are found by an index of the cards themselves. For the newest of a theme, an organisation, a
person or a pair of themes a row is kept for each card (Shelved), under the very name by which filing recalls the list.
"""

from collections.abc import Iterable
from itertools import combinations

from masthead.catalogue.disclosure import Kind
from masthead.catalogue.models import Card, CardKind, Shelved
from masthead.press.ingredients import Names, number_of


def newest(card: Card) -> float:
    """The place of a card where the newest stands first."""
    return -card.counts_from.timestamp()


def oldest(card: Card) -> float:
    """The place of a card where the oldest stands first."""
    return card.counts_from.timestamp()


def soonest(card: Card) -> float:
    """The place of an event where the soonest stands first."""
    return card.starts.timestamp() if card.starts else 0.0


def names_of(card: Card) -> Names:
    """Return the ingredients in which a card is, or could be: all shelves on which it stands, with its place there.

    Every shelf in shelves.py is named so that each of its cards has one of the shelf's names here. Filing recalls the
    names a card had and those it has now.
    """
    title, kind, place = card.publication_id, card.kind, newest(card)
    themes = [theme.pk for theme in card.themes.all()]
    names: dict[str, float | None] = {
        f"card:{card.pk}": None,
        f"item:{card.item_id}": None,
        f"cards:{title}": None,
        f"listed:{title}": None,
        f"everything:{title}:{kind}": place,
        f"{'latest' if _is_news(card) else 'labelled'}:{title}:{kind}": place,
    }
    if kind == CardKind.EVENT:
        names[f"agenda:{title}"] = soonest(card)
        names |= {f"agenda:{title}:{theme}": soonest(card) for theme in themes}
    names |= {f"theme:{theme}:{kind}": place for theme in themes}
    names |= dict.fromkeys(kept_lists(card), place)
    if card.story_id:
        names[f"in_story:{card.story_id}"] = oldest(card)
    if card.item:
        names[f"path:{card.item.url_path}"] = None
    return names


def kept_lists(card: Card) -> list[str]:
    """Return the names of the lists, newest first, on which a place is kept for a card."""
    title, themes = card.publication_id, sorted(theme.pk for theme in card.themes.all())
    mentioned = [organisation.pk for organisation in card.organisations.all()]
    names: list[str] = []
    if card.kind == CardKind.ARTICLE:
        names += [f"theme:{theme}:{'news' if _is_news(card) else 'partner'}" for theme in themes]
        if _is_news(card):  # what related reading looks for
            names += [f"themes:{one}+{other}" for one, other in combinations(themes, 2)]
            names += [f"organisation:{key}:news" for key in mentioned]
        else:
            names.append(f"labelled:{title}:{card.kind}")
    filed_under = dict.fromkeys([*mentioned, card.source_id, card.payer_id])
    names += [f"organisation:{title}:{key}" for key in filed_under if key]
    names += [f"person:{title}:{person.pk}" for person in card.people.all()]
    return names


def shelve(cards: Iterable[Card]) -> None:
    """Keep the places of these cards (a few thousand at most), and no others of theirs; nothing where all is well."""
    cards = list(cards)
    wanted = {(card.pk, number_of(name)): newest(card) for card in cards for name in kept_lists(card)}
    kept = Shelved.objects.filter(card__in=[card.pk for card in cards])
    wrong = []
    for card_key, shelf, place, key in kept.values_list("card_id", "shelf", "place", "pk"):
        if wanted.get((card_key, shelf)) == place:
            del wanted[card_key, shelf]
        else:
            wrong.append(key)
    if wrong:
        Shelved.objects.filter(pk__in=wrong).delete()
    if wanted:
        Shelved.objects.bulk_create(Shelved(card_id=k, shelf=n, place=place) for (k, n), place in wanted.items())


def _is_news(card: Card) -> bool:
    return card.disclosure == Kind.EDITORIAL

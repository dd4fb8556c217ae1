"""Counting: what cards are filed under, and how many stand there.

Nothing here reads an archive through. What is counted is counted up to a number that is stated; an overview asks of
each thing whether there is one card, and stops at the first.
"""

from collections.abc import Sequence
from functools import partial

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.db.models.functions import TruncMonth

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, CardKind, Counted, Organisation, Person, Theme
from masthead.press.ingredients import note
from masthead.press.standing import standing
from masthead.publication.models import Publication

MOST = 500  # cards that are counted of one theme or organisation among others


def themes(title: Publication) -> list[Theme]:
    """Return the themes of a title that hold an article on show, each with `n` (Counted), in the title's order."""
    note(f"everything:{title.pk}:{CardKind.ARTICLE}", Card.objects.in_title(title).next_end())
    found = list(Theme.objects.filter(publication=title))
    for theme in found:
        theme.n = Counted(0)
        for shelf in (shelves.news_of(theme), shelves.partner_content_of(theme)):
            if not theme.n.is_more:  # else nothing that is still counted changes what is printed
                more = shelf.cards.on_show(shelf.at).counted(MOST - theme.n)
                theme.n = Counted(theme.n + more, more.is_more)
    return [theme for theme in found if theme.n]


def held_themes(title: Publication) -> list[Theme]:
    """Return the themes of a title that hold an article on show, in the title's order: how many, it doesn't say."""
    articles = Card.objects.in_title(title).of_kind(CardKind.ARTICLE).on_show()
    filed = Card.themes.through.objects.filter(theme=OuterRef("pk"))
    lasting = Exists(filed.filter(Exists(articles.filter(pk=OuterRef("card"), valid_until=None))))
    any_at_all = Exists(filed.filter(Exists(articles.filter(pk=OuterRef("card")))))
    held = list(Theme.objects.filter(publication=title).annotate(lasts=lasting).filter(Q(lasts=True) | any_at_all))
    ending = [theme for theme in held if not theme.lasts]
    until = articles.filter(themes__in=ending).values_list("themes").annotate(until=Max("valid_until")).order_by()
    note(f"held:{title.pk}", min((last for _key, last in until), default=None) if ending else None)
    return held


def holds_another(theme_key: int, card: Card) -> bool:
    """Whether a theme holds an article on show beside this card."""
    articles = Card.objects.of_kind(CardKind.ARTICLE).on_show().filter(themes=theme_key)
    return articles.exclude(pk=card.pk).exists()


def organisations(title: Publication) -> list[Organisation]:
    """Return the organisations that something on show mentions, by name: how often, it doesn't say."""
    filed = Card.organisations.through.objects.filter(organisation=OuterRef("pk"))
    return list(Organisation.objects.filter(_is_held(title, filed)))


def people(title: Publication) -> list[Person]:
    """Return those who signed something on show, by name."""
    return list(Person.objects.filter(_is_held(title, Card.people.through.objects.filter(person=OuterRef("pk")))))


def mentioned_in(card: Card, organisations: Sequence[Organisation]) -> list[Organisation]:
    """Return the organisations a card mentions, each with `n` (Counted): what is found on its page. Most come first."""
    note(f"card:{card.pk}")
    title = card.publication
    for organisation in organisations:
        count = partial(shelves.by_organisation(title, organisation).count, MOST)
        organisation.n = standing(("pieces on", title.pk, organisation.pk), count)
    found = [organisation for organisation in organisations if organisation.n]
    return sorted(found, key=lambda organisation: (-organisation.n, organisation.name.lower()))


def agenda_counts(title: Publication, by: str, **filters) -> dict:
    """Return how many coming events there are by "kind", "mode", "month" ("2026-12") or "theme" (its key)."""
    shelf = shelves.agenda(title, **filters)
    cards = shelf.cards.on_show(shelf.at).order_by()
    note(f"agenda:{title.pk}", cards.aggregate(until=Min("valid_until"))["until"])
    if by == "month":
        months = cards.values_list(TruncMonth("starts", tzinfo=title.zone)).annotate(n=Count("pk"))
        return {month.strftime("%Y-%m"): n for month, n in months if month}
    counts = dict(cards.values_list("themes" if by == "theme" else f"facts__{by}").annotate(n=Count("pk")))
    counts.pop(None, None)
    return counts


def _is_held(title: Publication, filed) -> Exists:
    """Whether one of the cards filed there is on show; noted is the next end of any card: it may have been the one."""
    cards = Card.objects.in_title(title)
    note(f"cards:{title.pk}", cards.next_end())
    return Exists(filed.filter(Exists(cards.on_show().filter(pk=OuterRef("card")))))

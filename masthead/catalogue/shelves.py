"""Shelves: the only way to a list of cards.

A shelf knows its rule, never returns a card outside its time, and says while a page is rendered what was taken and when
it will next change by itself. Outside the catalogue nobody queries cards.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from masthead.catalogue.completing import complete
from masthead.catalogue.disclosure import Kind
from masthead.catalogue.models import (
    Card,
    CardKind,
    CardQuerySet,
    Counted,
    FilingRecord,
    Organisation,
    Person,
    Story,
    Theme,
)
from masthead.catalogue.shelving import newest, oldest, soonest
from masthead.press.ingredients import note
from masthead.publication.models import Publication

PICTURES = ("picture__renditions",)  # what a list prints beside the card itself …
FILED_UNDER = ("themes", "people")  # … and what a feed does


@dataclass
class Shelf:
    """An ordered list of cards with its rule. `name` is its ingredient; `at` the moment it is taken at.

    What puts a card on it is given in `shelving.names_of`: whatever is filed recalls the pages on which it could come
    to stand. `place` gives a card's place in the shelf's order, where that is one by date: then only what comes to
    stand among the cards taken changes a page.
    """

    name: str | tuple[str, ...]
    cards: CardQuerySet
    at: datetime = field(default_factory=lambda: timezone.now())
    place: Callable[[Card], float] | None = None
    title: Publication | None = None  # whose cards these are, where they are all of one
    _counted: Counted | None = None

    def take(self, n: int, start: int = 0, also: Sequence[str] = PICTURES) -> list[Card]:
        """Return up to `n` cards from position `start`, complete for printing.

        One query for which they are; then see `complete`. `also` is PICTURES, FILED_UNDER or none.
        """
        keys = list(self._shown().values_list("pk", flat=True)[start : start + n])
        cards = complete(keys, also, self.title)
        is_cut = len(cards) == n and n > 0 and self.place is not None
        down_to = self.place(cards[-1]) if is_cut and self.place else None
        self._note(min((c.valid_until for c in cards if c.valid_until), default=None), down_to)
        return cards

    def first(self) -> Card | None:
        return next(iter(self.take(1)), None)

    def count(self, most: int | None = None) -> Counted:
        """Return how many cards stand on the shelf now, counted no further than `most`, where that is given.

        Give it wherever a reader waits and the shelf grows with the archive.
        """
        if self._counted is None:
            self._note(self._next_end())
            self._counted = self._shown().counted(most)
        return self._counted

    def addresses(self, n: int, start: int = 0) -> list[tuple[str, datetime]]:
        """Return (path in its title, last changed) of up to `n` cards, in one light query and without headlines."""
        rows = self._shown().values_list(
            "item__url_path", "publication__site__root_page__url_path", "changed_at", "corrected_at", "valid_until"
        )[start : start + n]
        found = list(rows)
        self._note(min((until for *_rest, until in found if until), default=None))
        return [
            ("/" + path.removeprefix(root), max(changed, corrected or changed))
            for path, root, changed, corrected, _until in found
        ]

    def without(self, cards: Iterable[Card]) -> "Shelf":
        """The same shelf, less these cards."""
        taken = [card.pk for card in cards]
        return replace(self, cards=self.cards.exclude(pk__in=taken), _counted=None)

    def of(self, cards: CardQuerySet) -> "Shelf":
        """The same shelf, narrowed to some of its cards."""
        return replace(self, cards=cards, _counted=None)

    def holds(self, card: Card) -> bool:
        return self._shown().filter(pk=card.pk).exists()

    def _shown(self) -> CardQuerySet:
        return self.cards.on_show(self.at)

    def _next_end(self) -> datetime | None:
        """The next moment at which any card of the title ends: whether that one stands here costs more to ask."""
        return (_cards(self.title) if self.title else Card.objects).next_end(self.at)

    def _note(self, changes_at: datetime | None, down_to: float | None = None) -> None:
        for name in [self.name] if isinstance(self.name, str) else self.name:
            note(name, changes_at, down_to)


# The shelves of a title


def latest(title: Publication, *kinds: str) -> Shelf:
    """Everything nobody paid for, newest first; articles unless other kinds are named."""
    kinds = kinds or (CardKind.ARTICLE,)
    names = tuple(f"latest:{title.pk}:{kind}" for kind in kinds)
    return Shelf(names, _cards(title).organic().of_kind(*kinds).newest_first(), place=newest, title=title)


def everything(title: Publication, *kinds: str) -> Shelf:
    """All cards of these kinds, paid for or not, newest first; each carries its disclosure."""
    kinds = kinds or tuple(CardKind.values)
    names = tuple(f"everything:{title.pk}:{kind}" for kind in kinds)
    return Shelf(names, _cards(title).of_kind(*kinds).newest_first(), place=newest, title=title)


def partner_content(title: Publication) -> Shelf:
    """Articles that were paid for, newest first."""
    return kept(title, f"labelled:{title.pk}:{CardKind.ARTICLE}")


def promotions(title: Publication) -> Shelf:
    """The house's own promotions, newest first."""
    return everything(title, CardKind.PROMOTION)


def agenda(title: Publication, **filters) -> Shelf:
    """Events that are not over, soonest first. Filters: theme (Theme), kind, mode, month ("2026-12"), organiser."""
    cards, name = _cards(title).of_kind(CardKind.EVENT).not_over(), f"agenda:{title.pk}"
    theme = filters.get("theme")
    if theme:
        cards, name = cards.filter(themes=theme), f"{name}:{theme.pk}"
    if filters.get("organiser"):
        cards = cards.filter(source=filters["organiser"])
    for fact in ("kind", "mode"):
        if filters.get(fact):
            cards = cards.filter(**{f"facts__{fact}": filters[fact]})
    if filters.get("month"):
        year, month = filters["month"].split("-")
        cards = cards.filter(starts__year=int(year), starts__month=int(month))
    return Shelf(name, cards.soonest_first(), place=soonest, title=title)


def vacancies(title: Publication) -> Shelf:
    """Job ads whose last day is not past, newest first."""
    shelf = everything(title, CardKind.JOB)
    return shelf.of(_cards(title).of_kind(CardKind.JOB).not_over().newest_of_few_first())


def jobs_of(theme: Theme) -> Shelf:
    """Job ads of a theme whose last day is not past, newest first."""
    cards = vacancies(theme.publication).cards.filter(themes=theme)
    return Shelf(f"theme:{theme.pk}:{CardKind.JOB}", cards, place=newest, title=theme.publication)


def news_of(theme: Theme) -> Shelf:
    """Articles of a theme nobody paid for, newest first."""
    return kept(theme.publication, f"theme:{theme.pk}:news")


def partner_content_of(theme: Theme) -> Shelf:
    """Articles of a theme that were paid for, newest first."""
    return kept(theme.publication, f"theme:{theme.pk}:partner")


def by_organisation(title: Publication, organisation: Organisation) -> Shelf:
    """What mentions, comes from or is paid for by an organisation, newest first."""
    return kept(title, f"organisation:{title.pk}:{organisation.pk}")


def by_person(title: Publication, person: Person) -> Shelf:
    """What somebody signed, newest first."""
    return kept(title, f"person:{title.pk}:{person.pk}")


def kept(title: Publication, name: str) -> Shelf:
    """One of the lists on which each card's place is kept (shelving.kept_lists), newest first."""
    return Shelf(name, _cards(title).shelved(name), place=newest, title=title)


def in_story(story: Story) -> Shelf:
    """All pieces of one story, oldest first."""
    cards = _cards(story.publication).filter(story=story).of_kind(CardKind.ARTICLE)
    return Shelf(f"in_story:{story.pk}", cards.order_by("counts_from", "pk"), place=oldest, title=story.publication)


def since(title: Publication, moment: datetime | None, theme: Theme | None = None) -> Shelf:
    """Editorial articles first shown after `moment`, newest first, of a theme if one is named: the next issue's."""
    shelf = news_of(theme) if theme else latest(title)
    return shelf.of(shelf.cards.among(Card.objects.filter(valid_from__gt=moment))) if moment else shelf


def changed_within(title: Publication, moment: datetime) -> Shelf:
    """Editorial articles dated after `moment`, newest first: the news sitemap."""
    shelf = latest(title)
    return shelf.of(shelf.cards.filter(counts_from__gt=moment))


def listed(title: Publication, first: int, last: int) -> Shelf:
    """What a search engine may list of the cards with these keys, the last included: a part of the sitemap."""
    cards = _cards(title).filter(indexable=True, pk__range=(first, last))
    return Shelf(f"listed:{title.pk}", cards.order_by("pk"), title=title)


def first_and_last_key(title: Publication) -> tuple[int, int]:
    """Return the keys of the first and the last card ever filed in a title; (0, 0) for none."""
    note(f"listed:{title.pk}")
    keys = _cards(title).order_by("pk").values_list("pk", flat=True)
    return keys.first() or 0, keys.last() or 0


def labelled(title: Publication) -> Shelf:
    """Everything that carries a disclosure, the house's own promotions too: what the disclosure check looks at."""
    return Shelf(f"labelled:{title.pk}", _cards(title).exclude(disclosure=Kind.EDITORIAL).order_by("pk"), title=title)


def picked(title: Publication, card_keys: Sequence[int]) -> list[Card]:
    """Return the cards of these keys that are on show, in the order given."""
    for key in card_keys:
        note(f"card:{key}")
    cards = Card.objects.filter(pk__in=card_keys)
    found = {card.pk: card for card in Shelf("picked", cards, title=title).take(len(card_keys))}
    return [found[key] for key in card_keys if key in found]


def of_items(
    item_keys: Sequence[int], title: Publication | None = None, also: Sequence[str] = PICTURES
) -> dict[int, Card]:
    """Return the cards on show of these items (page keys), by item: the target of a read-also, or nothing.

    `title` is the one most of them stand in; it is looked up where it isn't given.
    """
    for key in item_keys:
        note(f"item:{key}")
    if not item_keys:
        return {}
    cards = Card.objects.filter(item_id__in=item_keys)
    return {card.item_id: card for card in Shelf("items", cards, title=title).take(len(item_keys), also=also)}


def items_at(title: Publication, paths: Sequence[str]) -> dict[str, int]:
    """Return the keys of the items that stand at these paths of a title and were once published, by path."""
    if not paths:
        return {}
    stored = {title.root_path + path.removeprefix("/"): path for path in paths}
    for url_path in stored:
        note(f"path:{url_path}")
    slugs = {path.rstrip("/").rpartition("/")[2] for path in stored}  # which are indexed; whole paths are not
    found = _cards(title).filter(item__slug__in=slugs).values_list("item__url_path", "item_id")
    return {stored[url_path]: key for url_path, key in found if url_path in stored}


def newest_keys(of: Sequence[Shelf], n: int) -> list[int]:
    """Return the keys of the first `n` cards of each of these shelves, in one question and without noting anything."""
    firsts = [shelf.cards.on_show(shelf.at).values_list("pk", flat=True)[:n] for shelf in of]
    asked = [cards.query.sql_with_params() for cards in firsts]
    if not asked:
        return []
    # SQLite takes no LIMIT in a part of a UNION, but in a question within it. What is put together is Django's own.
    parts = [f"SELECT * FROM ({sql}) AS part_{i}" for i, (sql, _given) in enumerate(asked)]  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(parts), [value for _sql, given in asked for value in given])
        return [key for (key,) in cursor.fetchall()]


def ever_filed(item_keys: Sequence[int]) -> set[int]:
    """Return which of these pages are items that were once published, on show or not."""
    return set(Card.objects.filter(item_id__in=item_keys).values_list("item_id", flat=True))


def ending(title: Publication, before: datetime) -> Shelf:
    """What leaves by itself before a moment, soonest first; events are left out, they end of themselves."""
    cards = _cards(title).exclude(kind=CardKind.EVENT).filter(valid_until__gt=timezone.now(), valid_until__lt=before)
    return Shelf(f"ending:{title.pk}", cards.order_by("valid_until", "pk"), title=title)


def unpaid_from(title: Publication, sources: Iterable[int]) -> Shelf:
    """Editorial articles whose source is one of these organisations (keys), newest first."""
    return Shelf(f"unpaid_from:{title.pk}", latest(title).cards.filter(source_id__in=list(sources)), title=title)


def last_change(title: Publication) -> datetime | None:
    """Return the latest moment at which anything began or ceased to be shown: no list of the title is newer.

    Filing is logged in one chain for the whole house, so this may be later than the title's own last change, never
    earlier.
    """
    filed = FilingRecord.objects.order_by("-pk").values_list("at", flat=True).first()
    over = _cards(title).filter(valid_until__lte=timezone.now())
    ended = over.order_by("-valid_until").values_list("valid_until", flat=True).first()
    return max(filter(None, [filed, ended]), default=None)


def published_under(reference: str) -> dict[str, int]:
    """Return how many cards were published under an agreement, by kind; what has run out counts too."""
    cards = Card.objects.filter(reference=reference).order_by()
    return dict(cards.values_list("kind").annotate(n=Count("pk")))


def _cards(title: Publication) -> CardQuerySet:
    return Card.objects.in_title(title)

"""Shelves: the only way to a list of cards.

A shelf knows its rule, never returns a card outside its time, and says while a page is rendered what was taken and when
it will next change by itself. Outside the catalogue nobody queries cards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from masthead.catalogue.disclosure import Kind
from masthead.catalogue.models import Card, CardKind, CardQuerySet, FilingRecord, Organisation, Person, Story, Theme
from masthead.press.ingredients import note
from masthead.publication.models import Publication

PAID = (Kind.PAID, Kind.FUNDED)
PICTURES = ("picture__renditions",)  # what a list prints beside the card itself …
FILED_UNDER = ("themes", "people")  # … and what a feed does


@dataclass
class Shelf:
    """An ordered list of cards with its rule. `name` is its ingredient; `at` the moment it is taken at."""

    name: str
    cards: CardQuerySet
    title: Publication | None = None  # whose cards these are, where they are all of one
    at: datetime = field(default_factory=timezone.now)
    _summary: tuple[int, datetime | None] | None = None

    def take(self, n: int, start: int = 0, also: Sequence[str] = PICTURES) -> list[Card]:
        """Return up to `n` cards from position `start`, complete for printing.

        One query for the cards, and one for each relation in `also`: PICTURES, FILED_UNDER or none.
        """
        cards = list(self._shown().complete().prefetch_related(*also)[start : start + n])
        _tell_titles(cards, self.title)
        note(self.name, min((c.valid_until for c in cards if c.valid_until), default=None))
        for card in cards:
            note(f"card:{card.pk}", card.valid_until)
        return cards

    def first(self) -> Card | None:
        return next(iter(self.take(1)), None)

    def count(self) -> int:
        """Return how many cards stand on the shelf now."""
        if self._summary is None:
            found = self._shown().order_by().aggregate(n=Count("pk"), until=Min("valid_until"))
            self._summary = found["n"], found["until"]
            note(self.name, found["until"])
        return self._summary[0]

    def addresses(self, n: int, start: int = 0) -> list[tuple[str, datetime]]:
        """Return (path in its title, last changed) of up to `n` cards, in one light query and without headlines."""
        rows = self._shown().values_list(
            "item__url_path", "publication__site__root_page__url_path", "changed_at", "corrected_at", "valid_until"
        )[start : start + n]
        found = list(rows)
        note(self.name, min((until for *_rest, until in found if until), default=None))
        return [
            ("/" + path.removeprefix(root), max(changed, corrected or changed))
            for path, root, changed, corrected, _until in found
        ]

    def without(self, cards: Iterable[Card]) -> "Shelf":
        """The same shelf, less these cards."""
        taken = [card.pk for card in cards]
        return Shelf(self.name, self.cards.exclude(pk__in=taken), self.title, self.at) if taken else self

    def holds(self, card: Card) -> bool:
        return self._shown().filter(pk=card.pk).exists()

    def _shown(self) -> CardQuerySet:
        return self.cards.on_show(self.at)


# The shelves of a title


def latest(title: Publication, *kinds: str) -> Shelf:
    """Everything nobody paid for, newest first; articles unless other kinds are named."""
    kinds = kinds or (CardKind.ARTICLE,)
    return Shelf(f"latest:{title.pk}:{'+'.join(kinds)}", _cards(title).organic().of_kind(*kinds).newest_first(), title)


def everything(title: Publication, *kinds: str) -> Shelf:
    """All cards of these kinds, paid for or not, newest first; each carries its disclosure."""
    kinds = kinds or tuple(CardKind.values)
    return Shelf(f"everything:{title.pk}:{'+'.join(kinds)}", _cards(title).of_kind(*kinds).newest_first(), title)


def partner_content(title: Publication) -> Shelf:
    """Articles that were paid for, newest first."""
    cards = _cards(title).of_kind(CardKind.ARTICLE).disclosed(*PAID)
    return Shelf(f"partner:{title.pk}", cards.newest_first(), title)


def promotions(title: Publication) -> Shelf:
    """The house's own promotions, newest first."""
    return Shelf(f"promotions:{title.pk}", _cards(title).of_kind(CardKind.PROMOTION).newest_first(), title)


def agenda(title: Publication, **filters) -> Shelf:
    """Events that are not over, soonest first. Filters: theme (Theme), kind, mode, month ("2026-12"), organiser."""
    cards, name = _cards(title).of_kind(CardKind.EVENT), f"agenda:{title.pk}"
    theme = filters.get("theme")
    if theme:
        cards, name = cards.filter(themes=theme), f"{name}:{theme.slug}"
    if filters.get("organiser"):
        cards = cards.filter(source=filters["organiser"])
    for fact in ("kind", "mode"):
        if filters.get(fact):
            cards = cards.filter(**{f"facts__{fact}": filters[fact]})
    if filters.get("month"):
        year, month = filters["month"].split("-")
        cards = cards.filter(starts__year=int(year), starts__month=int(month))
    return Shelf(name, cards.soonest_first(), title)


def vacancies(title: Publication) -> Shelf:
    """Job ads whose last day is not past, newest first."""
    return Shelf(f"jobs:{title.pk}", _cards(title).of_kind(CardKind.JOB).newest_first(), title)


def by_theme(theme: Theme, *kinds: str) -> Shelf:
    cards = _cards(theme.publication).filter(themes=theme).of_kind(*(kinds or (CardKind.ARTICLE,)))
    return Shelf(f"theme:{theme.pk}:{'+'.join(kinds)}", cards.newest_first(), theme.publication)


def news_of(theme: Theme) -> Shelf:
    """Articles of a theme nobody paid for, newest first."""
    shelf = latest(theme.publication)
    return Shelf(f"theme:{theme.pk}:news", shelf.cards.filter(themes=theme), shelf.title)


def partner_content_of(theme: Theme) -> Shelf:
    """Articles of a theme that were paid for, newest first."""
    shelf = partner_content(theme.publication)
    return Shelf(f"theme:{theme.pk}:partner", shelf.cards.filter(themes=theme), shelf.title)


def by_organisation(title: Publication, organisation: Organisation) -> Shelf:
    """What mentions, comes from or is paid for by an organisation, newest first."""
    about = Q(organisations=organisation) | Q(source=organisation) | Q(payer=organisation)
    keys = Card.objects.filter(about).values("pk")
    return Shelf(f"organisation:{title.pk}:{organisation.pk}", _cards(title).filter(pk__in=keys).newest_first(), title)


def by_person(title: Publication, person: Person) -> Shelf:
    return Shelf(f"person:{title.pk}:{person.pk}", _cards(title).filter(people=person).newest_first(), title)


def in_story(story: Story) -> Shelf:
    """All pieces of one story, oldest first."""
    cards = _cards(story.publication).filter(story=story).of_kind(CardKind.ARTICLE)
    return Shelf(f"story:{story.pk}", cards.order_by("counts_from", "pk"), story.publication)


def since(title: Publication, moment: datetime | None, theme: Theme | None = None) -> Shelf:
    """Editorial articles first shown after `moment`, newest first, of a theme if one is named: the next issue's."""
    shelf = news_of(theme) if theme else latest(title)
    return Shelf(shelf.name, shelf.cards.filter(valid_from__gt=moment), title) if moment else shelf


def changed_within(title: Publication, moment: datetime) -> Shelf:
    """Editorial articles dated after `moment`, newest first: the news sitemap."""
    shelf = latest(title)
    return Shelf(shelf.name, shelf.cards.filter(counts_from__gt=moment), title)


def listed(title: Publication) -> Shelf:
    """Everything a search engine may list: the sitemap."""
    return Shelf(f"listed:{title.pk}", _cards(title).filter(indexable=True).order_by("pk"), title)


def labelled(title: Publication) -> Shelf:
    """Everything that carries a disclosure, the house's own promotions too: what the disclosure check looks at."""
    return Shelf(f"labelled:{title.pk}", _cards(title).exclude(disclosure=Kind.EDITORIAL).order_by("pk"), title)


def named(cards: CardQuerySet, name: str, title: Publication | None = None) -> Shelf:
    """A shelf of cards another room of the catalogue's level found, such as search or related reading."""
    return Shelf(name, cards, title)


def picked(title: Publication, card_keys: Sequence[int]) -> list[Card]:
    """Return the cards of these keys that are on show, in the order given."""
    cards = Card.objects.filter(pk__in=card_keys)
    found = {card.pk: card for card in Shelf("picked", cards, title).take(len(card_keys))}
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
    return {card.item_id: card for card in Shelf("items", cards, title).take(len(item_keys), also=also)}


def items_at(title: Publication, paths: Sequence[str]) -> dict[str, int]:
    """Return the keys of the items that stand at these paths of a title and were once published, by path."""
    if not paths:
        return {}
    stored = {title.root_path + path.removeprefix("/"): path for path in paths}
    found = _cards(title).filter(item__url_path__in=stored).values_list("item__url_path", "item_id")
    return {stored[url_path]: key for url_path, key in found}


def ever_filed(item_keys: Sequence[int]) -> set[int]:
    """Return which of these pages are items that were once published, on show or not."""
    return set(Card.objects.filter(item_id__in=item_keys).values_list("item_id", flat=True))


def ending(title: Publication, before: datetime) -> Shelf:
    """What leaves by itself before a moment, soonest first; events are left out, they end of themselves."""
    cards = _cards(title).exclude(kind=CardKind.EVENT).filter(valid_until__lt=before)
    return Shelf(f"ending:{title.pk}", cards.order_by("valid_until", "pk"), title)


def unpaid_from(title: Publication, sources: Iterable[int]) -> Shelf:
    """Editorial articles whose source is one of these organisations (keys), newest first."""
    return Shelf(f"unpaid_from:{title.pk}", latest(title).cards.filter(source_id__in=list(sources)), title)


# What cards are filed under, with counts


def theme_row(title: Publication) -> list[Theme]:
    """Return the themes of a title that hold an article on show, uncounted: what every page's row prints."""
    note(f"counts:{title.pk}:themes")
    filed = Card.themes.through.objects.filter(theme=OuterRef("pk"))
    holding = _cards(title).of_kind(CardKind.ARTICLE).on_show().filter(pk=OuterRef("card"))
    return list(Theme.objects.filter(Exists(filed.filter(Exists(holding))), publication=title))


def themes(title: Publication) -> list[Theme]:
    """Return the themes of a title that hold an article on show, each with `n`, in the title's order."""
    note(f"counts:{title.pk}:themes")
    articles = _cards(title).of_kind(CardKind.ARTICLE)
    return _counted(Theme.objects.filter(publication=title), articles, "themes")


def organisations(title: Publication) -> list[Organisation]:
    """Return the organisations that something on show mentions, each with `n`, most mentioned first."""
    note(f"counts:{title.pk}:organisations")
    return _most_first(_counted(Organisation.objects.all(), _cards(title), "organisations"))


def people(title: Publication) -> list[Person]:
    """Return those who signed something on show, each with `n`, most signed first."""
    note(f"counts:{title.pk}:people")
    return _most_first(_counted(Person.objects.all(), _cards(title), "people"))


def mentioned_in(card: Card, organisations: Sequence[Organisation]) -> list[Organisation]:
    """Return the organisations a card mentions, each with `n`, the number of cards on show that mention it."""
    note(f"card:{card.pk}")
    if not organisations:
        return []
    cards = _cards(card.publication).filter(organisations__in=organisations)
    return _most_first(_counted(organisations, cards, "organisations"))


def last_change(title: Publication) -> datetime | None:
    """Return the latest moment at which anything began or ceased to be shown: no list of the title is newer.

    Filing is logged in one chain for the whole house, so this may be later than the title's own last change, never
    earlier.
    """
    filed = FilingRecord.objects.order_by("-pk").values_list("at", flat=True).first()
    over = _cards(title).filter(valid_until__lte=timezone.now())
    ended = over.order_by("-valid_until").values_list("valid_until", flat=True).first()
    return max(filter(None, [filed, ended]), default=None)


def agenda_counts(title: Publication, by: str, **filters) -> dict:
    """Return how many coming events there are by "kind", "mode", "month" ("2026-12") or "theme" (its key)."""
    shelf = agenda(title, **filters)
    note(shelf.name)
    cards = shelf.cards.on_show(shelf.at)
    if by == "theme":
        return _counts(cards, "themes")
    if by == "month":
        months = cards.order_by().values_list(TruncMonth("starts", tzinfo=title.zone)).annotate(n=Count("pk"))
        return {month.strftime("%Y-%m"): n for month, n in months if month}
    return dict(cards.order_by().values_list(f"facts__{by}").annotate(n=Count("pk")))


def theme_counts(title: Publication, *kinds: str) -> dict[int, int]:
    """Return how many cards of these kinds are on show, by theme key."""
    return _counts(_cards(title).of_kind(*kinds), "themes")


def published_under(reference: str) -> dict[str, int]:
    """Return how many cards were published under an agreement, by kind; what has run out counts too."""
    cards = Card.objects.filter(reference=reference).order_by()
    return dict(cards.values_list("kind").annotate(n=Count("pk")))


def _tell_titles(cards: list[Card], title: Publication | None) -> None:
    """Give every card the title it stands in, as one object for all cards of a title."""
    known = {title.pk: title} if title else {}
    if others := {card.publication_id for card in cards} - set(known):
        known |= Publication.objects.select_related("site__root_page").in_bulk(others)
    for card in cards:
        card.publication = known[card.publication_id]


def _counted(things, cards: CardQuerySet, through: str) -> list:
    counts = _counts(cards, through)
    found = [thing for thing in things if thing.pk in counts]
    for thing in found:
        thing.n = counts[thing.pk]
    return found


def _counts(cards: CardQuerySet, through: str) -> dict[int, int]:
    shown = cards.on_show().order_by().exclude(**{through: None})
    return dict(shown.values_list(through).annotate(n=Count("pk", distinct=True)))


def _most_first(things: list) -> list:
    return sorted(things, key=lambda thing: (-thing.n, thing.name.lower()))


def _cards(title: Publication) -> CardQuerySet:
    return Card.objects.in_title(title)

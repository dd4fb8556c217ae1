"""Shelves: the only way to a list of cards.

A shelf knows its rule, never returns a card outside its time, and says while a page is rendered what was taken and when
it will next change by itself. Outside the catalogue nobody queries cards.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from masthead.catalogue.completing import complete
from masthead.catalogue.disclosure import Kind
from masthead.catalogue.models import Card, CardKind, CardQuerySet, FilingRecord, Organisation, Person, Story, Theme
from masthead.press.ingredients import Names, note
from masthead.publication.models import Publication

PAID = (Kind.PAID, Kind.FUNDED)
PICTURES = ("picture__renditions",)  # what a list prints beside the card itself …
FILED_UNDER = ("themes", "people")  # … and what a feed does


@dataclass
class Shelf:
    """An ordered list of cards with its rule. `name` is its ingredient; `at` the moment it is taken at.

    What puts a card on it is given in `names_of`: whatever is filed recalls the pages on which it could come to stand.
    `place` gives a card's place in the shelf's order, where that is one by date: then only what comes to stand among
    the cards taken changes a page.
    """

    name: str | tuple[str, ...]
    cards: CardQuerySet
    at: datetime = field(default_factory=lambda: timezone.now())
    place: Callable[[Card], float] | None = None
    title: Publication | None = None  # whose cards these are, where they are all of one
    _summary: tuple[int, datetime | None] | None = None

    def take(self, n: int, start: int = 0, also: Sequence[str] = PICTURES) -> list[Card]:
        """Return up to `n` cards from position `start`, complete for printing.

        One query for which they are; then see `complete`. `also` is PICTURES, FILED_UNDER or none.
        """
        keys = list(self._shown().values_list("pk", flat=True)[start : start + n])
        cards = complete(keys, also, self.title)
        is_cut = len(cards) == n and n > 0 and self.place is not None
        down_to = self.place(cards[-1]) if is_cut and self.place else None
        self._note(min((c.valid_until for c in cards if c.valid_until), default=None), down_to)
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
            self._note(found["until"])
        return self._summary[0]

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
        return replace(self, cards=self.cards.exclude(pk__in=taken), _summary=None)

    def of(self, cards: CardQuerySet) -> "Shelf":
        """The same shelf, narrowed to some of its cards."""
        return replace(self, cards=cards, _summary=None)

    def holds(self, card: Card) -> bool:
        return self._shown().filter(pk=card.pk).exists()

    def _shown(self) -> CardQuerySet:
        return self.cards.on_show(self.at)

    def _note(self, changes_at: datetime | None, down_to: float | None = None) -> None:
        for name in [self.name] if isinstance(self.name, str) else self.name:
            note(name, changes_at, down_to)


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

    Every shelf below is named so that each of its cards has one of the shelf's names here. Filing recalls the names a
    card had and those it has now.
    """
    title, kind, place = card.publication_id, card.kind, newest(card)
    is_article, is_news = kind == CardKind.ARTICLE, card.disclosure == Kind.EDITORIAL
    themes = sorted(theme.pk for theme in card.themes.all())
    mentioned = [organisation.pk for organisation in card.organisations.all()]
    names: dict[str, float | None] = {
        f"card:{card.pk}": None,
        f"item:{card.item_id}": None,
        f"cards:{title}": None,
        f"listed:{title}": None,
        f"everything:{title}:{kind}": place,
        f"latest:{title}:{kind}" if is_news else f"labelled:{title}:{kind}": place,
    }
    if kind == CardKind.EVENT:
        names[f"agenda:{title}"] = soonest(card)
        names |= {f"agenda:{title}:{theme}": soonest(card) for theme in themes}
    names |= {f"theme:{theme}:{kind}": place for theme in themes}
    if is_article:
        names |= {f"theme:{theme}:{'news' if is_news else 'partner'}": place for theme in themes}
    if is_article and is_news:  # what related reading looks for
        names |= {f"themes:{one}+{other}": None for one, other in combinations(themes, 2)}
        names |= {f"organisation:{key}:news": None for key in mentioned}
    for key in {*mentioned, card.source_id, card.payer_id} - {None}:
        names[f"organisation:{title}:{key}"] = place
    names |= {f"mentions:{key}": None for key in mentioned}
    names |= {f"person:{title}:{person.pk}": place for person in card.people.all()}
    if card.story_id:
        names[f"in_story:{card.story_id}"] = oldest(card)
    if card.item:
        names[f"path:{card.item.url_path}"] = None
    return names


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
    cards = _cards(title).of_kind(CardKind.ARTICLE).disclosed(*PAID)
    return Shelf(f"labelled:{title.pk}:{CardKind.ARTICLE}", cards.newest_first(), place=newest, title=title)


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


def by_theme(theme: Theme, *kinds: str) -> Shelf:
    kinds = kinds or (CardKind.ARTICLE,)
    cards = _cards(theme.publication).filter(themes=theme).of_kind(*kinds)
    return Shelf(
        tuple(f"theme:{theme.pk}:{kind}" for kind in kinds), cards.newest_first(), place=newest, title=theme.publication
    )


def news_of(theme: Theme) -> Shelf:
    """Articles of a theme nobody paid for, newest first."""
    shelf = latest(theme.publication)
    return Shelf(f"theme:{theme.pk}:news", shelf.cards.filter(themes=theme), place=newest, title=shelf.title)


def partner_content_of(theme: Theme) -> Shelf:
    """Articles of a theme that were paid for, newest first."""
    shelf = partner_content(theme.publication)
    return Shelf(f"theme:{theme.pk}:partner", shelf.cards.filter(themes=theme), place=newest, title=shelf.title)


def by_organisation(title: Publication, organisation: Organisation) -> Shelf:
    """What mentions, comes from or is paid for by an organisation, newest first."""
    about = Q(organisations=organisation) | Q(source=organisation) | Q(payer=organisation)
    keys = Card.objects.filter(about).values("pk")
    cards = _cards(title).filter(pk__in=keys).newest_first()
    return Shelf(f"organisation:{title.pk}:{organisation.pk}", cards, place=newest, title=title)


def by_person(title: Publication, person: Person) -> Shelf:
    return Shelf(
        f"person:{title.pk}:{person.pk}", _cards(title).filter(people=person).newest_first(), place=newest, title=title
    )


def in_story(story: Story) -> Shelf:
    """All pieces of one story, oldest first."""
    cards = _cards(story.publication).filter(story=story).of_kind(CardKind.ARTICLE)
    return Shelf(f"in_story:{story.pk}", cards.order_by("counts_from", "pk"), place=oldest, title=story.publication)


def since(title: Publication, moment: datetime | None, theme: Theme | None = None) -> Shelf:
    """Editorial articles first shown after `moment`, newest first, of a theme if one is named: the next issue's."""
    shelf = news_of(theme) if theme else latest(title)
    return shelf.of(shelf.cards.filter(valid_from__gt=moment)) if moment else shelf


def changed_within(title: Publication, moment: datetime) -> Shelf:
    """Editorial articles dated after `moment`, newest first: the news sitemap."""
    shelf = latest(title)
    return shelf.of(shelf.cards.filter(counts_from__gt=moment))


def listed(title: Publication) -> Shelf:
    """Everything a search engine may list: the sitemap."""
    return Shelf(f"listed:{title.pk}", _cards(title).filter(indexable=True).order_by("pk"), title=title)


def labelled(title: Publication) -> Shelf:
    """Everything that carries a disclosure, the house's own promotions too: what the disclosure check looks at."""
    return Shelf(f"labelled:{title.pk}", _cards(title).exclude(disclosure=Kind.EDITORIAL).order_by("pk"), title=title)


def named(cards: CardQuerySet, name: str | tuple[str, ...], title: Publication | None = None) -> Shelf:
    """A shelf of cards another room of the catalogue's level found, such as search or related reading."""
    return Shelf(name, cards, title=title)


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


def ever_filed(item_keys: Sequence[int]) -> set[int]:
    """Return which of these pages are items that were once published, on show or not."""
    return set(Card.objects.filter(item_id__in=item_keys).values_list("item_id", flat=True))


def ending(title: Publication, before: datetime) -> Shelf:
    """What leaves by itself before a moment, soonest first; events are left out, they end of themselves."""
    cards = _cards(title).exclude(kind=CardKind.EVENT).filter(valid_until__lt=before)
    return Shelf(f"ending:{title.pk}", cards.order_by("valid_until", "pk"), title=title)


def unpaid_from(title: Publication, sources: Iterable[int]) -> Shelf:
    """Editorial articles whose source is one of these organisations (keys), newest first."""
    return Shelf(f"unpaid_from:{title.pk}", latest(title).cards.filter(source_id__in=list(sources)), title=title)


# What cards are filed under, with counts


def themes(title: Publication) -> list[Theme]:
    """Return the themes of a title that hold an article on show, each with `n`, in the title's order."""
    note(f"everything:{title.pk}:{CardKind.ARTICLE}")
    articles = _cards(title).of_kind(CardKind.ARTICLE)
    return _counted(Theme.objects.filter(publication=title), articles, "themes")


def held_themes(title: Publication) -> list[Theme]:
    """Return the themes of a title that hold an article on show, in the title's order: how many, it doesn't say."""
    articles = _cards(title).of_kind(CardKind.ARTICLE).on_show()
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
    """Return the organisations that something on show mentions, each with `n`, most mentioned first."""
    note(f"cards:{title.pk}")
    return _most_first(_counted(Organisation.objects.all(), _cards(title), "organisations"))


def people(title: Publication) -> list[Person]:
    """Return those who signed something on show, each with `n`, most signed first."""
    note(f"cards:{title.pk}")
    return _most_first(_counted(Person.objects.all(), _cards(title), "people"))


def mentioned_in(card: Card, organisations: Sequence[Organisation]) -> list[Organisation]:
    """Return the organisations a card mentions, each with `n`, the number of cards on show that mention it."""
    note(f"card:{card.pk}")
    for organisation in organisations:
        note(f"mentions:{organisation.pk}")
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
    cards = shelf.cards.on_show(shelf.at)
    note(f"agenda:{title.pk}", cards.aggregate(until=Min("valid_until"))["until"])
    if by == "theme":
        return _counts(cards, "themes")
    if by == "month":
        months = cards.order_by().values_list(TruncMonth("starts", tzinfo=title.zone)).annotate(n=Count("pk"))
        return {month.strftime("%Y-%m"): n for month, n in months if month}
    return dict(cards.order_by().values_list(f"facts__{by}").annotate(n=Count("pk")))


def published_under(reference: str) -> dict[str, int]:
    """Return how many cards were published under an agreement, by kind; what has run out counts too."""
    cards = Card.objects.filter(reference=reference).order_by()
    return dict(cards.values_list("kind").annotate(n=Count("pk")))


def _counted(things, cards: CardQuerySet, through: str) -> list:
    counts = _counts(cards, through)
    found = [thing for thing in things if thing.pk in counts]
    for thing in found:
        thing.n = counts[thing.pk]
    return found


def _counts(cards: CardQuerySet, through: str) -> dict[int, int]:
    shown = cards.on_show().order_by().exclude(**{through: None})
    found = list(shown.values_list(through).annotate(n=Count("pk", distinct=True), until=Min("valid_until")))
    note("counts", min((until for _key, _n, until in found if until), default=None))
    return {key: n for key, n, _until in found}


def _most_first(things: list) -> list:
    return sorted(things, key=lambda thing: (-thing.n, thing.name.lower()))


def _cards(title: Publication) -> CardQuerySet:
    return Card.objects.in_title(title)

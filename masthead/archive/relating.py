"""Related reading: what else the archive knows about the subject of a card."""

from collections.abc import Iterable
from itertools import combinations

from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, Organisation, Theme
from masthead.press.ingredients import note

STORY, ORGANISATION, THEME = 8, 3, 1
NEWEST = 60  # pieces of the story, and on the organisations, that are weighed, however large the archive


def related(card: Card, n: int, themes: Iterable[Theme], organisations: Iterable[Organisation]) -> list[Card]:
    """Return up to `n` editorial cards about the same story, organisations or themes, most in common first.

    Money is never mixed in: a paid card is no candidate. Of equals the newest comes first. Weighed are the newest 60
    of the story, the newest 60 on each of the organisations, and the newest `n` on each two of the themes and each one.
    """
    about = About(card, sorted(theme.pk for theme in themes), [organisation.pk for organisation in organisations], n)
    common = about.most_in_common(n)
    found = shelves.picked(card.publication, list(common)) if common else []
    is_full = len(found) == n
    _note_what_could_enter(about, found[-1] if is_full else None, common[found[-1].pk] if is_full else 0)
    return found


class About:
    """What a card is about: the few cards near it, and for what each gets its points."""

    def __init__(self, card: Card, themes: list[int], organisations: list[int], n: int):
        self.card, self.themes, self.organisations = card, themes, organisations
        self.near, self.points = Q(), dict[str, Combinable]()
        news = shelves.latest(card.publication).without([card])
        if card.story_id:
            of_story = news.of(news.cards.filter(story=card.story_id))
            self._weigh("story_points", shelves.newest_keys([of_story], NEWEST), Value(STORY))
        if organisations:
            shared = Count("organisations", filter=Q(organisations__in=organisations), distinct=True)
            about = self._kept(f"organisation:{key}:news" for key in organisations)
            self._weigh("organisation_points", shelves.newest_keys(about, NEWEST), ORGANISATION * shared)
        if themes:
            shared = Count("themes", filter=Q(themes__in=themes), distinct=True)
            pairs = self._kept(f"themes:{one}+{other}" for one, other in combinations(themes, 2))
            alone = self._kept(f"theme:{key}:news" for key in themes)
            # Whoever is near gets these, however it came near: else a piece would gain or lose one when another left.
            self.near |= Q(pk__in=shelves.newest_keys([*pairs, *alone], n))
            self.points["theme_points"] = THEME * shared

    def most_in_common(self, n: int) -> dict[int, int]:
        """Return the points of the `n` cards that have most in common with this one, by key, the best first."""
        points = [F(name) for name in self.points]
        if not points:
            return {}
        scored = Card.objects.filter(self.near).annotate(**self.points).annotate(common=sum(points[1:], points[0]))
        return dict(scored.order_by("-common", "-counts_from", "-pk").values_list("pk", "common")[:n])

    def _kept(self, names: Iterable[str]) -> list[shelves.Shelf]:
        return [shelves.kept(self.card.publication, name).without([self.card]) for name in names]

    def _weigh(self, name: str, keys: list[int], points) -> None:
        """Give `points` to these cards and to no others: older ones on an organisation are not looked for."""
        if keys:  # else a 0 alone would be left, which PostgreSQL takes for the number of a column to group by
            near = Q(pk__in=keys)
            self.near |= near
            self.points[name] = Case(When(near, then=points), default=Value(0), output_field=IntegerField())


def _note_what_could_enter(about: About, last: Card | None, common: int) -> None:
    """Note which filings could change the list: a piece that has no more in common than its last must be newer."""
    if about.card.story_id:
        note(f"in_story:{about.card.story_id}")
    for key in about.organisations:
        note(f"organisation:{key}:news")
    for one, other in combinations(about.themes, 2):
        note(f"themes:{one}+{other}")
    if last is None or common <= THEME:
        for key in about.themes:
            note(f"theme:{key}:news", down_to=shelves.newest(last) if last else None)

"""Related reading: what else the archive knows about the subject of a card."""

from itertools import combinations

from django.db.models import Case, Count, IntegerField, Q, Value, When

from masthead.catalogue import shelves
from masthead.catalogue.models import Card
from masthead.press.ingredients import note

STORY, ORGANISATION, THEME = 8, 3, 1


def related(card: Card, n: int) -> list[Card]:
    """Return up to `n` editorial cards about the same story, organisations or themes, most in common first.

    Money is never mixed in: a paid card is no candidate. Of equals the newest comes first.
    """
    themes = list(card.themes.values_list("pk", flat=True))
    organisations = list(card.organisations.values_list("pk", flat=True))
    shelf = shelves.latest(card.publication).without([card])
    same_story = (
        Value(0)
        if card.story_id is None
        else Case(When(story=card.story_id, then=Value(STORY)), default=Value(0), output_field=IntegerField())
    )
    scored = shelf.cards.annotate(
        common=same_story
        + ORGANISATION * Count("organisations", filter=Q(organisations__in=organisations), distinct=True)
        + THEME * Count("themes", filter=Q(themes__in=themes), distinct=True)
    ).filter(common__gt=0)
    found = shelves.named(scored.order_by("-common", "-counts_from", "-pk"), f"related:{card.pk}").take(n)
    _note_what_could_enter(card, found[-1] if len(found) == n else None, themes, organisations)
    return found


def _note_what_could_enter(card: Card, last: Card | None, themes: list[int], organisations: list[int]) -> None:
    """Note which filings could change the list: a piece that has no more in common than its last must be newer."""
    if card.story_id:
        note(f"in_story:{card.story_id}")
    for key in organisations:
        note(f"organisation:{key}:news")
    for one, other in combinations(sorted(themes), 2):
        note(f"themes:{one}+{other}")
    if last is None or last.common <= THEME:
        for key in themes:
            note(f"theme:{key}:news", down_to=shelves.newest(last) if last else None)

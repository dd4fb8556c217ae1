"""Related reading: what else the archive knows about the subject of a card."""

from collections.abc import Iterable

from django.db.models import Case, Count, IntegerField, Q, Value, When

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, Organisation, Theme

STORY, ORGANISATION, THEME = 8, 3, 1
NEWEST = 60  # of the story, of the organisations and of the themes: what is weighed, however large the archive


def related(card: Card, n: int, themes: Iterable[Theme], organisations: Iterable[Organisation]) -> list[Card]:
    """Return up to `n` editorial cards about the same story, organisations or themes, most in common first.

    Money is never mixed in: a paid card is no candidate. Of equals the newest comes first. Weighed are the newest 60
    that share the story, the newest 60 that share an organisation, and the newest 60 that share a theme.
    """
    theme_keys, organisation_keys = [t.pk for t in themes], [o.pk for o in organisations]
    shelf = shelves.latest(card.publication).without([card])
    shared = [Q(story=card.story_id)] if card.story_id else []
    shared += [Q(organisations__in=organisation_keys)] if organisation_keys else []
    shared += [Q(themes__in=theme_keys)] if theme_keys else []
    near = Q()
    for about in shared:
        near |= Q(pk__in=shelf.cards.filter(about).on_show(shelf.at).values("pk")[:NEWEST])
    if not near:
        return []
    same_story = (
        Value(0)
        if card.story_id is None
        else Case(When(story=card.story_id, then=Value(STORY)), default=Value(0), output_field=IntegerField())
    )
    scored = Card.objects.filter(near).annotate(
        common=same_story
        + ORGANISATION * Count("organisations", filter=Q(organisations__in=organisation_keys), distinct=True)
        + THEME * Count("themes", filter=Q(themes__in=theme_keys), distinct=True)
    )
    ranked = scored.order_by("-common", "-counts_from", "-pk")
    return shelves.named(ranked, f"related:{card.pk}", card.publication).take(n)

"""Proposing: what the shelves offer the next issue, chosen by rule and with a reason each.

Articles since the last issue, in proportion to the weights of their themes; events and jobs soonest and newest first;
the house promotion that rested longest. Nothing that stood in an issue before, but promotions, which only rest.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, Theme
from masthead.newsletters.models import Issue, IssueItem, Newsletter, Section

FIRST_ISSUE_LOOKS_BACK = timedelta(days=7)
POOL = 120  # new articles among which weights choose
REST = 4  # issues a house promotion rests
ORDINARY = 1  # the weight of a theme nobody weighed


class Proposed(NamedTuple):
    """A card and why it is proposed, as IssueItem.why keeps it."""

    card: Card
    why: str


def proposals(issue: Issue, besides: Iterable[Card] = ()) -> dict[Section, list[Proposed]]:
    """Return what the shelves offer an issue, by section, without what stood before and what is in it `besides`."""
    newsletter, title = issue.newsletter, issue.publication
    used = [Card(pk=key) for key in stood_before(issue).values_list("card_id", flat=True)] + list(besides)
    events = shelves.agenda(title, theme=_theme(newsletter))
    return {
        Section.ARTICLES: _articles(issue, used),
        Section.EVENTS: [Proposed(card, "soonest") for card in _held(events.without(used), newsletter.events)],
        Section.JOBS: [Proposed(c, "newest") for c in shelves.vacancies(title).without(used).take(newsletter.jobs)],
        Section.PROMOTIONS: [Proposed(c, "rested") for c in _rested(issue, list(besides))],
    }


def stood_before(issue: Issue) -> QuerySet[IssueItem]:
    """Return the items of other issues that this one proposes nothing of again, by its newsletter's setting."""
    newsletter = issue.newsletter
    items = (
        IssueItem.objects.exclude(issue_id=issue.pk or 0).exclude(issue__state=Issue.State.CANCELLED).exclude(card=None)
    )
    if newsletter.not_twice == Newsletter.NotTwice.TITLE:
        return items.filter(issue__newsletter__publication=newsletter.publication_id)
    return items.filter(issue__newsletter=newsletter)


def stands_again(issue: Issue) -> list[IssueItem]:
    """Return the items of an issue that its readers have had; sold places and promotions may come again."""
    own = issue.items.exclude(section__in=[Section.PARTNERS, Section.PROMOTIONS])
    return list(own.filter(card__in=stood_before(issue).values("card")).select_related("card"))


def new_articles(newsletter: Newsletter) -> shelves.Shelf:
    """Return the shelf of what was published since the last issue, of the newsletter's theme if it has one."""
    last = newsletter.last_gone()
    since = last.approved_at if last else timezone.now() - FIRST_ISSUE_LOOKS_BACK
    return shelves.since(newsletter.publication, since, _theme(newsletter))


def waiting(newsletter: Newsletter) -> int:
    """Return how many new articles wait for the next issue."""
    return new_articles(newsletter).without(_had(newsletter)).count()


def weighed(cards: Sequence[Card], weights: Mapping[str, int], n: int) -> list[tuple[Card, str]]:
    """Choose `n` of `cards` (newest first) in proportion to the weights of their themes; return each with its theme.

    By highest averages, as seats are given to lists: the next place goes to the theme with the highest weight for each
    place it would then have, and of two alike to the one with the newer card. Without weights, simply the newest.
    """
    if not weights:
        return [(card, "") for card in cards[:n]]
    waiting_cards: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        theme = max((t.slug for t in card.themes.all() if t.slug in weights), key=weights.__getitem__, default="")
        if weights.get(theme, ORDINARY) > 0:
            waiting_cards[theme].append(card)
    newness = {card.pk: -place for place, card in enumerate(cards)}
    chosen: list[tuple[Card, str]] = []
    taken: Counter[str] = Counter()
    while len(chosen) < n and waiting_cards:
        theme = max(
            waiting_cards,
            key=lambda t: (weights.get(t, ORDINARY) / (taken[t] + 1), newness[waiting_cards[t][0].pk]),
        )
        chosen.append((waiting_cards[theme].pop(0), theme))
        taken[theme] += 1
        if not waiting_cards[theme]:
            del waiting_cards[theme]
    return chosen


def said_why(item: IssueItem) -> str:
    """Say in a few words why an item stands in its issue: "why here" at the desk (wish N-5)."""
    reason, _colon, named = item.why.partition(":")
    words = {
        "new": _("New since the last issue"),
        "theme": _("New, theme %s"),
        "soonest": _("Next in the agenda"),
        "newest": _("Newest job ad"),
        "rested": _("Own promotion that rested longest"),
        "sold": _("Sold place %s"),
        "hand": _("Added by %s"),
    }
    said = words.get(reason, "")
    return said % named if "%s" in said else said


def _articles(issue: Issue, used: list[Card]) -> list[Proposed]:
    newsletter = issue.newsletter
    pool = new_articles(newsletter).without(used).take(max(POOL, newsletter.articles))
    weights = newsletter.theme_weights
    chosen = weighed(pool, weights, newsletter.articles)
    return [Proposed(card, f"theme:{theme}, {weights[theme]}" if theme else "new") for card, theme in chosen]


def _held(events: shelves.Shelf, n: int) -> list[Card]:
    """The next events that take place; a cancelled one is news for who had it before, and added by hand."""
    return [card for card in events.take(n + POOL // 4) if card.facts.get("status") != "cancelled"][:n] if n else []


def _rested(issue: Issue, besides: list[Card]) -> list[Card]:
    """House promotions, the one that rested longest first; none that stood in the last issues."""
    before = stood_before(issue).filter(section=Section.PROMOTIONS)
    last = dict(before.order_by().values_list("card_id").annotate(last=Max("issue__number")))
    offered = shelves.promotions(issue.publication).without(besides).take(POOL)
    rested = [card for card in offered if last.get(card.pk, 0) < issue.number - REST or card.pk not in last]
    return sorted(rested, key=lambda card: last.get(card.pk, 0))[: issue.newsletter.promotions]


def _had(newsletter: Newsletter) -> list[Card]:
    draft = newsletter.draft() or Issue(newsletter=newsletter)
    return [Card(pk=key) for key in stood_before(draft).values_list("card_id", flat=True)]


def _theme(newsletter: Newsletter) -> Theme | None:
    if not newsletter.theme:
        return None
    return Theme.objects.filter(publication=newsletter.publication_id, slug=newsletter.theme).first()

"""Composing: an issue proposes itself from what was published since the last one; the editor has the last word."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, CardKind
from masthead.mail.letters import FrozenLetter
from masthead.newsletters.linking import lay, links_of
from masthead.newsletters.models import Issue, IssueItem, Newsletter, Section
from masthead.newsletters.promising import kept_words
from masthead.newsletters.rendering import Sheet, letter_of
from masthead.partners.models import Booking, Place
from masthead.partners.placing import placed

FIRST_ISSUE_LOOKS_BACK = timedelta(days=7)
SECTION_OF: dict[str, Section] = {
    CardKind.ARTICLE: Section.ARTICLES,
    CardKind.EVENT: Section.EVENTS,
    CardKind.JOB: Section.JOBS,
    CardKind.PROMOTION: Section.PROMOTIONS,
}


class CannotChange(ValueError):
    """The issue is on its way, or the item must stay; the message says which."""


def propose(newsletter: Newsletter) -> Issue:
    """Make the next issue with what stands on the shelves now, and return it; the one being made if there is one."""
    with transaction.atomic():
        Newsletter.objects.select_for_update().get(pk=newsletter.pk)
        issue = newsletter.draft()
        if issue:
            return issue
        numbers = newsletter.issues.order_by("-number").values_list("number", flat=True)
        day = timezone.localdate(newsletter.next_slot(_after_the_last(newsletter)), newsletter.zone)
        issue = Issue.objects.create(newsletter=newsletter, number=(numbers.first() or 0) + 1, day=day)
        fill(issue)
    return issue


def fill(issue: Issue) -> None:
    """Put what the shelves propose into an empty issue."""
    for section, cards in _proposals(issue).items():
        for position, card in enumerate(cards):
            IssueItem.objects.get_or_create(issue=issue, card=card, defaults={"section": section, "position": position})
    place_sold(issue)
    issue.void(_("it was changed at the desk"))


def place_sold(issue: Issue) -> None:
    """Bring the sold places up to date with the bookings of the issue's day: what is booked is what is shown."""
    with transaction.atomic():
        booked = _booked(issue)
        issue.items.filter(section=Section.PARTNERS).exclude(card__in=booked).delete()
        for position, card in enumerate(booked):
            IssueItem.objects.update_or_create(
                issue=issue,
                card=card,
                defaults={"section": Section.PARTNERS, "position": position, "slot": position + 1},
            )


def sold_empty(issue: Issue) -> list[Booking]:
    """Return the places sold for the issue's day in which nothing can be shown."""
    if not issue.newsletter.is_main:
        return []
    standing = Booking.objects.standing().filter(publication=issue.publication, place=Place.NEWSLETTER, unit=issue.day)
    shown = {card.item_id for card in _booked(issue)}
    return [b for b in standing.select_related("agreement__partner").order_by("position") if b.item_id not in shown]


def add(issue: Issue, card: Card) -> IssueItem:
    """Add a card at the end of its section. Raises CannotChange where the issue is on its way."""
    _refuse_if_gone(issue)
    section = SECTION_OF[CardKind(card.kind)]
    last = issue.items.filter(section=section).order_by("-position").values_list("position", flat=True).first()
    position = 0 if last is None else last + 1
    item, _new = IssueItem.objects.get_or_create(
        issue=issue, card=card, defaults={"section": section, "position": position}
    )
    issue.void(_("it was changed at the desk"))
    return item


def remove(item: IssueItem) -> None:
    """Take an item out. Raises CannotChange for a place that is sold: a booking is cancelled, not overlooked."""
    _refuse_if_gone(item.issue)
    if item.section == Section.PARTNERS:
        raise CannotChange(_("This place is sold. Change or cancel the booking instead."))
    item.delete()
    item.issue.void(_("it was changed at the desk"))


def order(issue: Issue, section: str, item_keys: list[int]) -> None:
    """Put the items of a section in this order; those not named follow as they stood."""
    _refuse_if_gone(issue)
    if section == Section.PARTNERS:
        raise CannotChange(_("Sold places stand in the order they were sold in."))
    items = {item.pk: item for item in issue.items.filter(section=section)}
    named = [key for key in item_keys if key in items]
    for position, key in enumerate([*named, *(key for key in items if key not in named)]):
        items[key].position = position
    IssueItem.objects.bulk_update(items.values(), ["position"])
    issue.void(_("it was changed at the desk"))


def shift(item: IssueItem, by: int) -> None:
    """Move an item one up (-1) or down (1) in its section."""
    keys = list(item.issue.items.filter(section=item.section).values_list("pk", flat=True))
    at = keys.index(item.pk)
    to = max(0, min(len(keys) - 1, at + by))
    keys.insert(to, keys.pop(at))
    order(item.issue, item.section, keys)


def write(issue: Issue, **words) -> None:
    """Set subject, preheader or day. A letter approved before is no longer approved."""
    _refuse_if_gone(issue)
    for name, value in words.items():
        setattr(issue, name, value)
    issue.save(update_fields=list(words))
    if "day" in words:
        place_sold(issue)
    issue.void(_("it was changed at the desk"))


def cards_of(issue: Issue) -> dict[str, list[Card]]:
    """Return the cards of an issue that are on show, by section, in order."""
    items = list(issue.items.all())
    shown = {card.pk: card for card in shelves.picked(issue.publication, [i.card_id for i in items if i.card_id])}
    return {
        section: [shown[item.card_id] for item in items if item.section == section and item.card_id in shown]
        for section in Section.values
    }


def off_show(issue: Issue) -> list[IssueItem]:
    """Return the items that a reader can't see any more: unpublished, past their time, or deleted."""
    shown = {card.pk for cards in cards_of(issue).values() for card in cards}
    return [item for item in issue.items.all() if item.card_id not in shown]


def withdrawn(issue: Issue) -> list[IssueItem]:
    """Return the items that were taken off before their time: not an event that is over, but a piece unpublished."""
    return [item for item in off_show(issue) if not _ran_out(item)]


def sheet_of(issue: Issue) -> Sheet:
    with translation.override(issue.publication.language):
        return Sheet(
            newsletter=issue.newsletter,
            number=issue.number,
            day=issue.day,
            subject=issue.subject,
            preheader=issue.preheader,
            kept=kept_words(issue),
            web_path=issue.url,
            cards=cards_of(issue),
            links=links_of(issue),
        )


def compose(issue: Issue) -> FrozenLetter:
    """Return the letter as it would go out now; where its short addresses lead is stored."""
    place_sold(issue)
    sheet = sheet_of(issue)
    letter = letter_of(sheet)
    if issue.is_changeable and sheet.links:
        lay(sheet.links)
    return letter


def _proposals(issue: Issue) -> dict[str, list[Card]]:
    newsletter, title = issue.newsletter, issue.publication
    before = IssueItem.objects.filter(issue__newsletter=newsletter).exclude(issue=issue)
    before = before.exclude(issue__state=Issue.State.CANCELLED).exclude(card=None)
    used = [Card(pk=key) for key in before.values_list("card_id", flat=True)]
    used += _booked(issue)
    last = newsletter.last_gone()
    since = last.approved_at if last else timezone.now() - FIRST_ISSUE_LOOKS_BACK
    wanted = {
        Section.ARTICLES: (shelves.since(title, since), newsletter.articles),
        Section.EVENTS: (shelves.agenda(title), newsletter.events),
        Section.JOBS: (shelves.vacancies(title), newsletter.jobs),
        Section.PROMOTIONS: (shelves.promotions(title), newsletter.promotions),
    }
    return {section: shelf.without(used).take(n) for section, (shelf, n) in wanted.items() if n}


def _after_the_last(newsletter: Newsletter) -> datetime:
    """The end of the day of the last issue made, or now: two issues are never dated the same day by themselves."""
    now = timezone.now()
    day = newsletter.issues.exclude(state=Issue.State.CANCELLED).order_by("-day").values_list("day", flat=True).first()
    return max(now, datetime.combine(day, time.max, newsletter.zone)) if day else now


def _ran_out(item: IssueItem) -> bool:
    until = item.card.valid_until if item.card else None
    return until is not None and until <= timezone.now()


def _booked(issue: Issue) -> list[Card]:
    return placed(issue.publication, Place.NEWSLETTER, issue.day) if issue.newsletter.is_main else []


def _refuse_if_gone(issue: Issue) -> None:
    if not issue.is_changeable:
        raise CannotChange(_("This issue is %s and can't be changed any more.") % issue.get_state_display())

"""Composing: an issue proposes itself from what was published since the last one; the editor has the last word."""

from datetime import datetime, time

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, CardKind
from masthead.mail.letters import FrozenLetter
from masthead.newsletters.linking import lay, links_of
from masthead.newsletters.models import Issue, IssueItem, Newsletter, Section
from masthead.newsletters.promising import kept_words
from masthead.newsletters.proposing import proposals
from masthead.newsletters.rendering import Sheet, letter_of
from masthead.partners.models import Booking, Place
from masthead.partners.placing import placed

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
    """Put what the shelves propose into an empty issue, each with its reason."""
    for section, proposed in proposals(issue, _booked(issue)).items():
        for position, (card, why) in enumerate(proposed):
            IssueItem.objects.get_or_create(
                issue=issue, card=card, defaults={"section": section, "position": position, "why": why}
            )
    place_sold(issue)
    issue.void(_("it was changed at the desk"))


def place_sold(issue: Issue) -> None:
    """Bring the sold places up to date with the bookings of the issue's day: what is booked is what is shown."""
    with transaction.atomic():
        booked = _booked(issue)
        issue.items.filter(section=Section.PARTNERS).exclude(card__in=booked).delete()
        sold_as: dict[int | None, int] = dict(_sold(issue).values_list("item_id", "position")) if booked else {}
        for position, card in enumerate(booked):
            slot = sold_as[card.item_id]
            stands = {"section": Section.PARTNERS, "position": position, "slot": slot, "why": f"sold:{slot}"}
            IssueItem.objects.update_or_create(issue=issue, card=card, defaults=stands)


def sold_empty(issue: Issue) -> list[Booking]:
    """Return the places sold for the issue's day in which nothing can be shown."""
    if not issue.newsletter.is_main:
        return []
    shown = {card.item_id for card in _booked(issue)}
    sold = _sold(issue).select_related("agreement__partner").order_by("position")
    return [booking for booking in sold if booking.item_id not in shown]


def add(issue: Issue, card: Card, by: str = "") -> IssueItem:
    """Add a card at the end of its section, `by` somebody. Raises CannotChange where the issue is on its way."""
    _refuse_if_gone(issue)
    section = SECTION_OF[CardKind(card.kind)]
    item, _new = IssueItem.objects.get_or_create(
        issue=issue,
        card=card,
        defaults={"section": section, "position": _end_of(issue, section), "why": f"hand:{by}" if by else ""},
    )
    issue.void(_("it was changed at the desk"))
    return item


def sections_for(item: IssueItem) -> list[Section]:
    """Return the sections an item may be moved to: among the articles, and back to those of its own kind."""
    if item.section == Section.PARTNERS or item.card is None:
        return []
    own = SECTION_OF[CardKind(item.card.kind)]
    return [section for section in dict.fromkeys([Section.ARTICLES, own]) if section != item.section]


def move(item: IssueItem, section: str) -> None:
    """Move an item to the end of another section. Raises CannotChange where it has no place there."""
    _refuse_if_gone(item.issue)
    if section not in sections_for(item):
        raise CannotChange(_("It has no place in that section."))
    item.section, item.position = section, _end_of(item.issue, section)
    item.save(update_fields=["section", "position"])
    item.issue.void(_("it was changed at the desk"))


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


def _after_the_last(newsletter: Newsletter) -> datetime:
    """The end of the day of the last issue made, or now: two issues are never dated the same day by themselves."""
    now = timezone.now()
    day = newsletter.issues.exclude(state=Issue.State.CANCELLED).order_by("-day").values_list("day", flat=True).first()
    return max(now, datetime.combine(day, time.max, newsletter.zone)) if day else now


def _ran_out(item: IssueItem) -> bool:
    until = item.card.valid_until if item.card else None
    return until is not None and until <= timezone.now()


def _sold(issue: Issue) -> QuerySet[Booking]:
    return Booking.objects.standing().filter(publication=issue.publication, place=Place.NEWSLETTER, unit=issue.day)


def _end_of(issue: Issue, section: str) -> int:
    last = issue.items.filter(section=section).order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def _booked(issue: Issue) -> list[Card]:
    return placed(issue.publication, Place.NEWSLETTER, issue.day) if issue.newsletter.is_main else []


def _refuse_if_gone(issue: Issue) -> None:
    if not issue.is_changeable:
        raise CannotChange(_("This issue is %s and can't be changed any more.") % issue.get_state_display())

"""What an editor does with the items of an issue at the desk: write, add, sort, move, take out."""

from collections.abc import Callable

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from masthead.archive.searching import search
from masthead.catalogue import shelves
from masthead.catalogue.models import Card, CardKind
from masthead.newsletters import composing, proposing
from masthead.newsletters.forms import WordsForm
from masthead.newsletters.models import Issue, IssueItem, Section

OFFERED = {CardKind.ARTICLE: 6, CardKind.EVENT: 4, CardKind.JOB: 3, CardKind.PROMOTION: 2}  # where nobody searched
FOUND = 15


# What can be done


def _write(issue: Issue, data, user):
    form = WordsForm(data, instance=Issue.objects.select_related("newsletter__publication__site").get(pk=issue.pk))
    if not form.is_valid():
        raise ValueError(" ".join(sentence for found in form.errors.values() for sentence in found))
    if not form.changed_data:
        return ""
    composing.write(issue, **{name: form.cleaned_data[name] for name in form.changed_data})
    return _("Saved.")


def _add(issue: Issue, data, user):
    cards = shelves.picked(issue.publication, [int(key) for key in data.getlist("card") if key.isdecimal()])
    for card in cards:
        composing.add(issue, card, by=user.get_username())
    return " ".join(_("“%s” is added.") % card.title for card in cards)


def _remove(issue: Issue, data, user):
    item = _item(issue, data)
    composing.remove(item)
    return _("“%s” is taken out.") % item.headline


def _up(issue: Issue, data, user):
    composing.shift(_item(issue, data), -1)


def _down(issue: Issue, data, user):
    composing.shift(_item(issue, data), 1)


def _move(issue: Issue, data, user):
    item = _item(issue, data)
    composing.move(item, data.get("to", ""))
    return _("“%(title)s” stands under %(section)s now.") % {
        "title": item.headline,
        "section": Section(item.section).label,
    }


def _order(issue: Issue, data, user):
    keys = [int(key) for key in data.get("items", "").split(",") if key.isdecimal()]
    composing.order(issue, data.get("section", ""), keys)


ACTIONS: dict[str, Callable] = {
    "write": _write,
    "add": _add,
    "remove": _remove,
    "up": _up,
    "down": _down,
    "move": _move,
    "order": _order,
}


# What the page shows


def sections(issue: Issue) -> list[dict]:
    """The items of an issue by section, each with why it is there; those off show are named, not left out."""
    shown = {card.pk: card for cards in composing.cards_of(issue).values() for card in cards}
    items = list(issue.items.select_related("card"))
    for item in items:
        item.shown = shown.get(item.card_id)
        item.said_why = proposing.said_why(item)
        item.elsewhere = [(section, Section(section).label) for section in composing.sections_for(item)]
    return [
        {
            "section": section,
            "label": Section(section).label,
            "is_sold": section == Section.PARTNERS,
            "items": [item for item in items if item.section == section],
        }
        for section in Section.values
    ]


def choices(issue: Issue, query: str) -> list[Card]:
    """What can be added: what a search found, or the newest of each kind that is not in the issue."""
    held = set(issue.items.values_list("card_id", flat=True))
    title = issue.publication
    if query.strip():
        return [card for card in search(title, query).take(FOUND + len(held)) if card.pk not in held][:FOUND]
    found: list[Card] = []
    to_come = {CardKind.EVENT: shelves.agenda, CardKind.JOB: shelves.vacancies}
    for kind, offered in OFFERED.items():
        shelf = to_come[kind](title) if kind in to_come else shelves.everything(title, kind)
        found += [card for card in shelf.take(offered + len(held)) if card.pk not in held][:offered]
    return found


def _item(issue: Issue, data) -> IssueItem:
    return get_object_or_404(issue.items.select_related("issue__newsletter", "card"), pk=data.get("item") or 0)

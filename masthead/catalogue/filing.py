"""Filing: an item becomes a card, in the item's own transaction, and what changed is recalled on commit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.html import strip_tags

from masthead.catalogue import counting, shelving
from masthead.catalogue.disclosure import Disclosure, Kind, disclose
from masthead.catalogue.models import Card, CardKind, FilingRecord
from masthead.press.ingredients import Names, joined
from masthead.press.recalling import recall

if TYPE_CHECKING:
    from masthead.catalogue.items import Item

# What a saved draft changes of a page's row, and no reader sees.
OF_DRAFTS = {
    "draft_title",
    "go_live_at",
    "has_unpublished_changes",
    "latest_revision",
    "latest_revision_created_at",
    "locked",
    "locked_at",
    "locked_by",
    "wagtail_admin_comments",
}
FILED_UNDER = ("themes", "organisations", "people")
TEXT_LIMIT = 100_000  # characters kept for search


def file(item: "Item") -> Card | None:
    """Bring the card of `item` up to date and return it; None for an item that was never live.

    Called by Item.save() inside its transaction. Raises MissingPayer for a paid item that names nobody, and
    OutsideEveryTitle for one that stands below no front page.
    """
    card = Card.objects.filter(item_id=item.pk).prefetch_related(*FILED_UNDER).first()
    if card is None and not item.live:
        return None
    title = item.title_of_house
    was = _names(card) if card else {}
    card = card or Card(item_id=item.pk)
    if item.live:
        _fill(card, item, title)
        card.save()
        card.themes.set(item.themes.all())
        card.organisations.set(item.organisations)
        card.people.set(item.people.all())
        prefetch_related_objects([card], *FILED_UNDER)  # asked for by each of those that follow
        shelving.shelve([card])
    item.__dict__.pop("card", None)
    recall(places=joined(was, _names(card)))
    _log(card, "shown" if item.live else "withdrawn", item.approved_by)
    return card


def is_of_drafts(columns: Iterable[str] | None) -> bool:
    """Whether saving only these columns changes nothing a reader sees; the item in memory may be a draft then."""
    return columns is not None and OF_DRAFTS.issuperset(columns)


def recall_card(item_key: int) -> bool:
    """Recall every page that shows the card of an item, or on which it stands; False where it has none."""
    card = Card.objects.filter(item_id=item_key).first()
    if card:
        recall(places=_names(card))
    return card is not None


def _names(card: Card) -> Names:
    """Every name a card is recalled by now; with the row of themes where it alone fills one of them."""
    held = [theme.pk for theme in card.themes.all() if card.kind == CardKind.ARTICLE]
    alone = any(not counting.holds_another(key, card) for key in held)
    return joined(shelving.names_of(card), {f"held:{card.publication_id}": None} if alone else {})


def withdraw(item: "Item", why: str) -> None:
    """Log that `item` is no longer shown. Its card stays, without an item, so that old lists can be proved."""
    card = Card.objects.filter(item_id=item.pk).first()
    if card:
        _log(card, why, None)


def disclosure_of(item: "Item", card: Card | None) -> Disclosure:
    """Return what `item` is shown with: frozen at publication, unless the editor named another payer or kind.

    A payer that was renamed, unpublished or deleted since changes nothing (rule D9).
    """
    payer = item.payer_to_name()
    if card and card.pk and card.disclosure == item.disclosure and (payer is None or payer.pk == card.payer_id):
        return card.disclosed
    if item.disclosure == Kind.EDITORIAL:
        return Disclosure()  # without asking for the title: a draft outside every title is nobody's advertisement
    return disclose(item.title_of_house, item.disclosure, payer.name if payer else "")


def _fill(card: Card, item: "Item", title) -> None:
    disclosed = disclosure_of(item, card)
    if not card.pk or item.payer_to_name():
        card.payer = item.payer_to_name() if disclosed.is_paid else None
    card.disclosure, card.label, card.payer_name = disclosed.kind, disclosed.label, disclosed.payer
    card.__dict__.pop("disclosed", None)
    card.reference = item.reference
    card.publication = title
    card.kind = item.card_kind
    card.title, card.standfirst, card.picture = item.title, item.standfirst, item.picture
    card.language = item.spoken_language
    card.source, card.source_name = item.source, item.source_name()
    card.story, card.indexable = item.story, item.indexable
    card.counts_from = item.counts_from()
    card.changed_at = item.last_published_at or timezone.now()
    card.corrected_at = item.corrected_at()
    card.starts, card.ends = item.dates()
    card.valid_from = item.first_published_at or timezone.now()
    until = item.valid_until()
    card.valid_until = max(until, card.valid_from) if until else None
    card.facts = item.facts()
    card.text = strip_tags(item.search_text())[:TEXT_LIMIT]


def _log(card: Card, action: str, approver) -> None:
    content = {
        "action": action,
        "card": card.pk,
        "item": card.item_id,
        "publication": card.publication_id,
        "kind": card.kind,
        "title": card.title,
        "standfirst": card.standfirst,
        "disclosure": card.disclosure,
        "label": card.label,
        "payer": card.payer_name,
        "reference": card.reference,
        "approved_by": approver.get_username() if approver else None,
        "valid_until": card.valid_until.isoformat() if card.valid_until else None,
        "facts": card.facts,
    }
    with transaction.atomic():
        last = FilingRecord.objects.filter(card_id=card.pk).order_by("-pk").values_list("content", flat=True).first()
        if last != content:
            FilingRecord.append(content, card_id=card.pk)


class OutsideEveryTitle(ValueError):
    """An item that belongs to no title, and so can't be shown in one."""

"""Recalling pages of Wagtail's own: what moves, is renamed, closed off or deleted without an item being saved.

An item recalls what shows it when it is filed. Here come the front page, lists and pages about a title, on which the
addresses of everything depend, so that the whole title is recalled; and Wagtail's ways of changing an item's row alone.
"""

from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.models import Page, PageViewRestriction, Site

from masthead.catalogue import filing
from masthead.press.ingredients import EVERYTHING, HOSTS
from masthead.press.recalling import recall
from masthead.publication.models import Publication


def recall_page(page: Page) -> None:
    """Recall what shows a page: of an item its card's places, of any other page the whole title."""
    if filing.recall_card(page.pk):
        return
    if getattr(page.specific_class, "card_kind", None):
        return  # an item that was never filed: nothing shows it
    title = Publication.of_page(page)
    recall(f"publication:{title.pk}" if title else EVERYTHING)


def _saved(sender, instance, update_fields=None, raw=False, **_more) -> None:
    is_filed = sender is not Page and hasattr(sender, "card_kind")  # an item's own save recalls what shows it
    if not raw and not is_filed and not filing.is_of_drafts(update_fields):
        recall_page(instance)


def _deleted(sender, instance, **_more) -> None:
    recall_page(instance)


def _closed_or_opened(sender, instance, **_more) -> None:
    title = Publication.of_page(instance.page)
    recall(f"publication:{title.pk}" if title else EVERYTHING)


def _moved_house(sender, **_more) -> None:
    recall(EVERYTHING, HOSTS)


def listen(models) -> None:
    """Hear of every change to a page of these models, to who may see one, and to which host leads where."""
    for model in models:
        if issubclass(model, Page):
            post_save.connect(_saved, sender=model, dispatch_uid=f"recall saved {model._meta.label}")
    pre_delete.connect(_deleted, sender=Page, dispatch_uid="recall deleted page")
    for signal in (post_save, post_delete):
        signal.connect(_closed_or_opened, sender=PageViewRestriction, dispatch_uid=f"recall closed {id(signal)}")
        signal.connect(_moved_house, sender=Site, dispatch_uid=f"recall hosts {id(signal)}")

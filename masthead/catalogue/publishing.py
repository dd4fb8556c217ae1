"""Publishing by the clock: what is due goes live, what is past its time goes off, each on its own."""

import logging

from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import Page, Revision

log = logging.getLogger(__name__)


def publish_due() -> int:
    """Publish every revision whose moment has come, and return how many.

    One that may not be shown (no credit, no payer) is left a draft and logged; the others go on. The today page lists
    it with the reason, because its moment is past and it is not live.
    """
    due = Revision.objects.filter(approved_go_live_at__lte=timezone.now()).order_by("approved_go_live_at")
    return sum(_publish(revision) for revision in due)


def expire_due() -> int:
    """Unpublish every page past its time, and return how many. Shelves dropped them at that moment already."""
    pages = Page.objects.filter(live=True, expire_at__lte=timezone.now()).order_by("expire_at")
    for page in pages.specific():
        page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return len(pages)


def _publish(revision: Revision) -> bool:
    try:
        revision.publish(log_action="wagtail.publish.scheduled")
    except ValidationError as refused:
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        log.error("“%s” was due and may not be shown: %s", revision.object_str, " ".join(refused.messages))
        return False
    return True

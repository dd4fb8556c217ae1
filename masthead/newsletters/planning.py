"""Planning: one delivery for each reader, written down once; whoever resumes uses this list and no other."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from masthead.newsletters import approving, doctoring, promising
from masthead.newsletters.models import Chunk, Delivery, Issue
from masthead.subscribers.addressing import Audience, audience

log = logging.getLogger(__name__)

WINDOW = 50  # deliveries a chunk: what one process may hand over between two looks at the books
GRACE = timedelta(hours=6)  # an issue later than this asks instead of going out by itself


class CannotPlan(ValueError):
    """The issue can't go out as it was approved; the message says why. It stands still until somebody acts."""


def plan_due() -> int:
    """Plan every approved issue whose moment has come, and return how many. One that can't go says why on its page."""
    due = Issue.objects.filter(state=Issue.State.APPROVED, send_at__lte=timezone.now())
    planned = 0
    for issue in due.select_related("newsletter__publication__site").order_by("send_at"):
        try:
            plan(issue)
            planned += 1
        except (CannotPlan, promising.BeyondPromise, doctoring.Unwell) as refused:
            log.warning("%s does not go out: %s", issue, refused)
    return planned


def plan(issue: Issue) -> Issue:
    """Write one delivery for each confirmed, unsuppressed, unpaused reader, in one transaction, and make it ready.

    Raises CannotPlan where it would no longer be the approved letter or its moment is long past, BeyondPromise, Unwell.
    """
    _refuse_when_late(issue)
    _refuse_when_changed(issue)
    _refuse_by_rule(issue)
    with transaction.atomic():
        if not issue.move(Issue.State.APPROVED, Issue.State.PLANNING, to=Issue.State.PLANNING):
            raise CannotPlan(_("Only an approved issue can be planned."))
        found = recipients_of(issue)
        Delivery.objects.bulk_create(_deliveries(issue, found), batch_size=1000)
        planned = issue.deliveries.count()
        Chunk.objects.bulk_create([Chunk(issue=issue, no=no) for no in range(_chunks(planned))], batch_size=1000)
        issue.move(
            Issue.State.PLANNING,
            to=Issue.State.READY,
            planned_count=planned,
            excluded=dict(found.excluded),
            note="",
        )
        issue.log("planned", planned=planned, excluded=dict(found.excluded), seal=issue.approved_hash)
    return issue


def recipients_of(issue: Issue) -> Audience:
    """Return who would get it now, and how many not, by reason: what the confirmation page shows."""
    newsletter = issue.newsletter
    return audience(newsletter.publication, newsletter.kind, newsletter.theme)


def _refuse_when_late(issue: Issue) -> None:
    if issue.send_at and issue.send_at < timezone.now() - GRACE:
        issue.move(
            Issue.State.APPROVED, to=Issue.State.APPROVED, send_at=None, note=_("Its moment was missed by hours.")
        )
        raise CannotPlan(_("Its moment was missed by hours. Choose a new one."))


def _refuse_when_changed(issue: Issue) -> None:
    if not approving.still_as_approved(issue):
        issue.void(_("something in it was changed or taken off after approval"))
        raise CannotPlan(str(issue.note))


def _refuse_by_rule(issue: Issue) -> None:
    """What somebody may allow by name: one issue more than promised, and bulk mail the doctor warns of."""
    try:
        promising.refuse_beyond(issue)
        doctoring.refuse_ill(issue)
    except (promising.BeyondPromise, doctoring.Unwell) as refused:
        issue.move(Issue.State.APPROVED, to=Issue.State.APPROVED, send_at=None, note=str(refused)[:400])
        raise


def _deliveries(issue: Issue, found: Audience) -> list[Delivery]:
    return [
        Delivery(
            issue=issue,
            subscriber_id=recipient.subscriber,
            subject=recipient.subject,
            address=recipient.address,
            normalised=recipient.normalised,
            chunk_no=n // WINDOW,
        )
        for n, recipient in enumerate(found.recipients)
    ]


def _chunks(planned: int) -> int:
    return -(-planned // WINDOW)

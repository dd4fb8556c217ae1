"""Planning: one delivery for each reader, written down once; whoever resumes uses this list and no other."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from masthead.newsletters import approving, capping, doctoring, pacing, promising
from masthead.newsletters.models import Chunk, Delivery, Issue
from masthead.subscribers.addressing import Audience, Why, addressed, audience
from masthead.subscribers.models import SubscriptionQuerySet

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
        capping.wait_for_turn(issue.newsletter.publication)
        if not issue.move(Issue.State.APPROVED, Issue.State.PLANNING, to=Issue.State.PLANNING):
            raise CannotPlan(_("Only an approved issue can be planned."))
        rows = readers_of(issue)
        excluded, planned = audience(rows).excluded, write_down(issue, rows)
        if excluded.pop(Why.CAP.value, 0):
            planned += capping.note_skipped(issue, rows)
        issue.move(Issue.State.PLANNING, to=Issue.State.READY, planned_count=planned, excluded=excluded, note="")
        issue.log("planned", planned=planned, excluded=excluded, seal=issue.approved_hash)
    return issue


def readers_of(issue: Issue) -> SubscriptionQuerySet:
    """Return everybody an issue is for, each with `why` it does not go there; empty for who gets it."""
    newsletter = issue.newsletter
    return capping.judged(addressed(newsletter.publication, newsletter.kind, newsletter.theme), issue)


def recipients_of(issue: Issue) -> Audience:
    """Return how many would get it now, and how many not, by reason: what the confirmation page shows."""
    return audience(readers_of(issue))


def write_down(issue: Issue, rows: SubscriptionQuerySet) -> int:
    """Write a delivery for each of the rows nothing stands against, and their chunks; return how many.

    The database does it by itself, so that a million readers pass through no process's memory.
    """
    columns = ("subscriber_id", "subscriber__subject", "subscriber__address", "subscriber__normalised")
    readers, parameters = rows.filter(why="").order_by().values_list(*columns).query.sql_with_params()
    limited = sorted(key for key in pacing.limits() if key)
    place, places = _place(limited)
    delivery, chunk = Delivery._meta.db_table, Chunk._meta.db_table
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL work_mem = '128MB'")  # a million readers are sorted in memory, not on the disk
        cursor.execute(
            f"""INSERT INTO {delivery} (issue_id, subscriber_id, address, normalised, subject, state, chunk_no,
                    reason, attempts, stage, code, reply, message_id, changed_at)
                WITH reader (subscriber_id, subject, address, normalised) AS ({readers}),
                    placed AS (SELECT reader.*, {place} AS place FROM reader),
                    numbered AS (SELECT placed.*,
                        (ROW_NUMBER() OVER (PARTITION BY place ORDER BY subscriber_id) - 1) / %s AS part FROM placed)
                SELECT %s, subscriber_id, address, normalised, subject, 'queued',
                    DENSE_RANK() OVER (ORDER BY part, place) - 1, '', 0, '', 0, '', '', %s FROM numbered
                ORDER BY subscriber_id""",  # noqa: S608 - names of tables and a query of the ORM; values are parameters
            [*parameters, *places, WINDOW, issue.pk, now],
        )
        planned = cursor.rowcount
        cursor.execute(
            f"""INSERT INTO {chunk} (issue_id, no, domain, state, owner, epoch)
                SELECT issue_id, chunk_no, MIN({place}), %s, '', 0
                FROM {delivery} WHERE issue_id = %s GROUP BY issue_id, chunk_no""",  # noqa: S608
            [*places, Chunk.State.FREE, issue.pk],
        )
    return planned


def _place(limited: list[str]) -> tuple[str, list[str]]:
    """SQL for the domain whose chunks a reader stands in: one with a limit of its own, or "" for all others."""
    if not limited:
        return "''", []
    after_at = {
        "sqlite": "SUBSTR(normalised, INSTR(normalised, '@') + 1)",
        "postgresql": "SPLIT_PART(normalised, '@', 2)",
    }[connection.vendor]
    marks = ", ".join(["%s"] * len(limited))
    return f"CASE WHEN {after_at} IN ({marks}) THEN {after_at} ELSE '' END", limited


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

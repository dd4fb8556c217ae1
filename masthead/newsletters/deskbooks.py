"""The books of an issue at the editors' desk: who got it, when, with which answer; and what a person decides of it."""

import csv
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from masthead.catalogue.outputs import shows_no_cards
from masthead.newsletters import holding, settling
from masthead.newsletters.models import Delivery, Issue

MAY_SEND = "newsletters.send_issue"
COLUMNS = ("address", "state", "reason", "changed_at", "code", "stage", "reply", "attempts", "message_id")
FAILED = (Delivery.State.REJECTED, Delivery.State.EXPIRED)


@shows_no_cards
@require_safe
def books(request, key):
    """All deliveries of an issue as CSV, as they stand while it runs: a row a reader, sent as it is read."""
    if not request.user.has_perm(MAY_SEND):
        raise PermissionDenied
    issue = get_object_or_404(Issue.objects.select_related("newsletter"), pk=key)
    answer = StreamingHttpResponse(_lines(issue), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{issue.newsletter.slug}-{issue.number}.csv"'
    return answer


def shown(issue: Issue) -> dict:
    """What the page of an issue under way says beside its books."""
    states = issue.books()
    return {
        "held": holding.why_held(),
        "failed": sum(states[state] for state in FAILED),
        "all_uncertain": states[Delivery.State.AMBIGUOUS],
    }


def _lines(issue: Issue) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in issue.deliveries.order_by("pk").values_list(*COLUMNS).iterator(2000):
        yield writer.writerow([_cell(value) for value in row])


def _cell(value) -> str:
    """One value as text; what a spreadsheet would take for a formula is marked as text."""
    text = value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


class _Line:
    """What csv writes to: it gives the line back."""

    def write(self, line: str) -> str:
        return line


# What can be done, as the desk's table of actions takes it


def decide(issue, data, user):
    keys = None if data.get("all") else [int(key) for key in data.getlist("delivery") if key.isdecimal()]
    state = Delivery.State.QUEUED if data.get("as") == "queued" else Delivery.State.SENT
    return _("%s decided.") % settling.decide(issue, keys, state, user)


def again(issue, data, user):
    return _("%s readers are tried again.") % settling.try_again(issue, user)


def release(issue, data, user):
    holding.release(user.get_username())
    return _("Mail leaves from here again. Look at each paused issue before you let it go on.")


ACTIONS = {"decide": (decide, MAY_SEND), "again": (again, MAY_SEND), "release": (release, MAY_SEND)}

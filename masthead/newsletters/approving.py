"""Approving: a named person says yes to exactly these bytes. Any later change takes the yes away."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from masthead.catalogue.models import Card
from masthead.newsletters import checking, composing, doctoring
from masthead.newsletters.models import Delivery, Issue, IssueItem
from masthead.newsletters.promising import refuse_beyond
from masthead.newsletters.rendering import snapshot


class NotReady(ValueError):
    """The issue can't be approved yet; `problems` say why."""

    def __init__(self, problems: list[checking.Problem]):
        super().__init__(" ".join(str(problem.sentence) for problem in problems))
        self.problems = problems


class NotApproved(ValueError):
    """Only an approved issue can be sent; the message says what happened to its approval."""


def approve(issue: Issue, user) -> Issue:
    """Freeze the letter and bind the approval to its hash. Raises NotReady with every problem found."""
    with transaction.atomic():
        letter = composing.compose(issue)
        found = checking.problems(issue, letter)
        if found:
            raise NotReady(found)
        if not issue.is_changeable:
            raise composing.CannotChange(_("This issue is %s already.") % issue.get_state_display())
        issue.frozen = letter.to_bytes()
        issue.approved_hash, issue.approved_by, issue.approved_at = issue.seal(), user, timezone.now()
        issue.state, issue.note = Issue.State.APPROVED, ""
        issue.save()
        _keep_what_is_printed(issue)
        issue.log("approved", by=user.get_username(), seal=issue.approved_hash)
    return issue


def schedule(issue: Issue, user, at: datetime | None = None) -> Issue:
    """Let an approved issue go out at `at` (now). Raises NotApproved, BeyondPromise (quoted), and doctoring.Unwell."""
    moment = at or timezone.now()
    doctoring.refuse_ill(issue)  # may ask the net: not while others wait for the database
    with transaction.atomic():
        refuse_beyond(issue)
        if not issue.move(Issue.State.APPROVED, to=Issue.State.APPROVED, send_at=moment, note=""):
            raise NotApproved(_("Approve the issue first."))
        issue.log("scheduled", by=user.get_username(), at=moment.isoformat())
    return issue


def still_as_approved(issue: Issue) -> bool:
    """Whether the letter would come out the same now: no card, template or rule has changed since approval."""
    return issue.is_as_approved() and composing.compose(issue).to_bytes() == issue.frozen_bytes()


def cancel(issue: Issue, user) -> bool:
    """Give an issue up before anything of it has left; False once it is under way."""
    with transaction.atomic():
        given_up = issue.move("draft", "composed", "approved", "ready", to=Issue.State.CANCELLED)
        if given_up:
            issue.deliveries.filter(state=Delivery.State.QUEUED).update(
                state=Delivery.State.SKIPPED, reason="cancelled"
            )
            issue.log("cancelled", by=user.get_username())
    return given_up


def _keep_what_is_printed(issue: Issue) -> None:
    cards: dict[int | None, Card] = {card.pk: card for cards in composing.cards_of(issue).values() for card in cards}
    items = list(issue.items.all())
    with translation.override(issue.publication.language):  # whatever language the desk speaks
        for item in items:
            item.snapshot = snapshot(cards[item.card_id])
    IssueItem.objects.bulk_update(items, ["snapshot"])

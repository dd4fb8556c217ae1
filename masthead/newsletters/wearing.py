"""Wearing out: addresses that fail again and again without proof, and issues that are refused for what we are."""

import logging
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from masthead.mail.bounces import Understanding, understand_reply
from masthead.mail.transport import Stage
from masthead.newsletters.models import Delivery, Issue, IssueRecord
from masthead.newsletters.returns import BounceScore, Return
from masthead.publication.models import Publication
from masthead.subscribers.models import print_of

log = logging.getLogger(__name__)

WINDOW = timedelta(hours=24)  # in which refusals are set against letters
FEWEST, SHARE = 5, 0.05  # as many refusals, and as large a part of the letters, make an issue stand still
QUIET = timedelta(days=5)  # a letter that has not come back by then has arrived: servers try for five days


def wear(delivery: Delivery, day: date) -> bool:
    """Count a failure against an address, once a day and letter, and return whether it is worn out now.

    The score is forgotten after the option `bounce_days` without one, and when a letter in between arrived.
    """
    title, options = delivery.issue.publication, settings.MASTHEAD
    scores = BounceScore.objects.select_for_update()
    score = scores.get_or_create(publication=title, print=print_of(delivery.address))[0]
    if score.on == day or score.delivery == delivery.pk:
        return False
    if score.is_stale(day, options["bounce_days"]) or _arrived_since(score, delivery):
        score.points = 0
    score.points, score.on, score.delivery = score.points + 1, day, delivery.pk
    if score.points >= options["bounce_score"]:
        score.delete()
        return True
    score.save()
    return False


def mend(title: Publication, address: str) -> None:
    """Forget what was counted against an address: a letter to it has arrived."""
    BounceScore.objects.filter(publication=title, print=print_of(address)).delete()


def watch(issue: Issue) -> bool:
    """Let an issue stand still when too many servers refuse it for what we are or what we wrote; return whether.

    An issue that is all out gets the note alone. What was refused before a person let it go on is not held against it.
    """
    going = issue.state in (Issue.State.READY, Issue.State.SENDING)
    if not going and (issue.state != Issue.State.FINISHED or issue.note):
        return False
    since = _since(issue)
    refused = Return.objects.about_us().filter(delivery__issue=issue, at__gte=since).count()
    out = issue.deliveries.filter(state__in=[Delivery.State.SENT, Delivery.State.REJECTED], changed_at__gte=since)
    if refused < FEWEST or refused < SHARE * (handed := out.count()):
        return False
    note = _("%(n)s of %(all)s letters were refused for what we are or what we wrote, not for the reader. See Returns.")
    note %= {"n": refused, "all": handed}
    to = Issue.State.PAUSED if going else Issue.State.FINISHED
    if issue.move(Issue.State.READY, Issue.State.SENDING, Issue.State.FINISHED, to=to, note=note[:400]):
        issue.log("paused" if going else "refused", why=note)
        log.error("%s: %s", issue, note)
    return True


def unjudged(limit: int = 500) -> list[Delivery]:
    """Return deliveries refused for good at hand-over of which nobody has said yet what that proves."""
    recent = Issue.objects.filter(started_at__gte=timezone.now() - timedelta(days=8))
    refused = Delivery.objects.filter(
        issue__in=list(recent.values_list("pk", flat=True)),
        state__in=[Delivery.State.REJECTED, Delivery.State.EXPIRED],
        returns__isnull=True,
    ).exclude(stage=Stage.LOCAL)
    return list(refused.select_related("issue__newsletter__publication__site").order_by("pk")[:limit])


def said_at_once(delivery: Delivery) -> Understanding:
    """What a refusal at hand-over means: at MAIL and DATA it is about us, else the server's words decide."""
    meant = understand_reply(delivery.code, delivery.reply)
    if delivery.state == Delivery.State.REJECTED and delivery.stage in (Stage.CONNECT, Stage.MAIL, Stage.DATA):
        return Understanding(None, "soft", meant.status, meant.reason, None, policy=True)
    return meant


def _arrived_since(score: BounceScore, delivery: Delivery) -> bool:
    """Whether a letter between the last that failed and this one was taken and never came back."""
    between = Delivery.objects.filter(
        subscriber=delivery.subscriber_id,
        state=Delivery.State.SENT,
        pk__gt=score.delivery,
        pk__lt=delivery.pk,
        changed_at__lt=timezone.now() - QUIET,
    )
    return delivery.subscriber_id is not None and between.exclude(returns__kind__in=["hard", "soft"]).exists()


def _since(issue: Issue):
    resumed = IssueRecord.objects.filter(issue=issue, content__action="resumed").order_by("-pk").first()
    window = timezone.now() - WINDOW
    return max(window, resumed.at) if resumed else window

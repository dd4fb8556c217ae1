"""Addressing: who gets a mailing now, and who does not and why. Asked at planning and again at hand-over.

The database judges: a list may be long, and one rule holds for a million readers and for the fifty in hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masthead.publication.models import Publication
from masthead.subscribers.models import Subscriber, Subscription, SubscriptionQuerySet, Suppression


class Why(models.TextChoices):
    """Why somebody gets no mail."""

    UNCONFIRMED = "unconfirmed", _("asked and not confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SUPPRESSED = "suppressed", _("suppressed")
    PAUSED = "paused", _("paused by the reader")
    SAME_ADDRESS = "same_address", _("same address as another subscriber")
    ERASED = "erased", _("erased")
    CAP = "cap", _("has had as many mails as one reader gets")


@dataclass(frozen=True)
class Audience:
    """How many get it, and how many do not, by reason. `confirmed` = recipients + those excluded."""

    recipients: int
    excluded: dict[str, int]

    @property
    def confirmed(self) -> int:
        return self.recipients + sum(self.excluded.values())


def judged(title: Publication, kind: str, theme: str = "") -> SubscriptionQuerySet:
    """Return the subscriptions to this, each with `why` its reader gets no mail now; empty for one who does."""
    suppressed = Suppression.objects.standing().filter(publication=title, print=OuterRef("subscriber__print"))
    why = Case(
        When(state=Subscription.State.ASKED, then=Value(Why.UNCONFIRMED.value)),
        When(state=Subscription.State.WITHDRAWN, then=Value(Why.WITHDRAWN.value)),
        When(Exists(suppressed), then=Value(Why.SUPPRESSED.value)),
        When(paused_until__gte=timezone.localdate(timezone=title.zone), then=Value(Why.PAUSED.value)),
        default=Value(""),
    )
    return Subscription.objects.of(title, kind, theme).annotate(why=why)


def addressed(title: Publication, kind: str, theme: str = "") -> SubscriptionQuerySet:
    """Return everybody who confirmed this, judged; of two rows with one address the second gets no mail."""
    prints = Subscriber.objects.filter(publication=title).order_by().values("print")
    shared = prints.annotate(n=Count("pk")).filter(n__gt=1).values("print")
    earlier = Subscription.objects.of(title, kind, theme).confirmed()
    earlier = earlier.filter(subscriber__print=OuterRef("subscriber__print"), subscriber__lt=OuterRef("subscriber"))
    second = When(Q(subscriber__print__in=shared) & Exists(earlier), then=Value(Why.SAME_ADDRESS.value))
    rows = judged(title, kind, theme).confirmed()
    return rows.annotate(why=Case(When(~Q(why=""), then=F("why")), second, default=Value("")))


def audience(rows: SubscriptionQuerySet) -> Audience:
    """Return how many of these judged rows get it, and how many do not, by reason."""
    counted = dict(rows.order_by().values_list("why").annotate(n=Count("pk")))
    return Audience(counted.pop("", 0), counted)


class Stopped:
    """The look just before hand-over, asked of one mailing again and again: put into SQL once."""

    def __init__(self, title: Publication, kind: str, theme: str = ""):
        rows = judged(title, kind, theme).order_by().values_list("subscriber_id", "why")
        self._rows, self._parameters = rows.query.sql_with_params()

    def among(self, subscriber_keys: Sequence[int]) -> dict[int, Why]:
        """Return who of these must not get it any more, with the reason."""
        if not subscriber_keys:
            return {}
        marks = ", ".join(["%s"] * len(subscriber_keys))
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH judged (subscriber_id, why) AS ({self._rows})"  # noqa: S608 - a query of the ORM
                f" SELECT subscriber_id, why FROM judged WHERE subscriber_id IN ({marks})",
                [*self._parameters, *subscriber_keys],
            )
            standing = dict(cursor.fetchall())
        found = {key: standing.get(key, Why.ERASED.value) for key in subscriber_keys}
        return {key: Why(why) for key, why in found.items() if why}


def stopped(title: Publication, kind: str, theme: str, subscriber_keys: Sequence[int]) -> dict[int, Why]:
    """Return who of these must not get this any more, with the reason."""
    return Stopped(title, kind, theme).among(subscriber_keys)

"""Addressing: who gets a mailing now, and who does not and why. Asked at planning and again at hand-over."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masthead.mail.addresses import normalise
from masthead.publication.models import Publication
from masthead.subscribers.models import Subscription, Suppression, print_of


class Why(models.TextChoices):
    """Why somebody gets no mail."""

    UNCONFIRMED = "unconfirmed", _("asked and not confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SUPPRESSED = "suppressed", _("suppressed")
    PAUSED = "paused", _("paused by the reader")
    SAME_ADDRESS = "same_address", _("same address as another subscriber")
    ERASED = "erased", _("erased")


@dataclass(frozen=True)
class Recipient:
    subscriber: int
    subject: str
    address: str
    normalised: str


@dataclass
class Audience:
    """Those who get it, and how many do not, by reason. `confirmed` = recipients + those excluded."""

    recipients: list[Recipient] = field(default_factory=list)
    excluded: Counter = field(default_factory=Counter)

    @property
    def confirmed(self) -> int:
        return len(self.recipients) + sum(self.excluded.values())


def audience(title: Publication, kind: str, theme: str = "") -> Audience:
    """Return everybody who confirmed this kind, less the suppressed, the paused and second rows of one address."""
    rows = Subscription.objects.of(title, kind, theme).confirmed().order_by("subscriber_id")
    suppressed = set(Suppression.objects.standing().filter(publication=title).values_list("print", flat=True))
    today, found, seen = timezone.localdate(timezone=title.zone), Audience(), set()
    columns = ("subscriber_id", "subscriber__subject", "subscriber__address", "paused_until")
    for key, subject, address, paused_until in rows.values_list(*columns).iterator(2000):
        one = normalise(address)
        why = _why_not(bool(suppressed) and print_of(one) in suppressed, paused_until, today)
        if why is None and one in seen:
            why = Why.SAME_ADDRESS
        if why:
            found.excluded[why.value] += 1
        else:
            seen.add(one)
            found.recipients.append(Recipient(key, subject, address, one))
    return found


def stopped(title: Publication, kind: str, theme: str, subscriber_keys: Sequence[int]) -> dict[int, Why]:
    """Return who of these must not get this any more, with the reason: the look just before hand-over."""
    rows = Subscription.objects.of(title, kind, theme).filter(subscriber_id__in=subscriber_keys)
    standing = {row.subscriber_id: row for row in rows.select_related("subscriber")}
    suppressed = Suppression.objects.among(title, [row.subscriber.address for row in standing.values()])
    today = timezone.localdate(timezone=title.zone)
    found = {}
    for key in subscriber_keys:
        why = _why_not_now(standing.get(key), suppressed, today)
        if why:
            found[key] = why
    return found


def _why_not_now(row: Subscription | None, suppressed: set[str], today) -> Why | None:
    if row is None:
        return Why.ERASED
    if row.state == Subscription.State.ASKED:
        return Why.UNCONFIRMED
    if row.state == Subscription.State.WITHDRAWN:
        return Why.WITHDRAWN
    return _why_not(normalise(row.subscriber.address) in suppressed, row.paused_until, today)


def _why_not(is_suppressed: bool, paused_until, today) -> Why | None:
    if is_suppressed:
        return Why.SUPPRESSED
    if paused_until and paused_until >= today:
        return Why.PAUSED
    return None

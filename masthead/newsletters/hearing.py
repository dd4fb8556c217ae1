"""Hearing: what a provider tells of a letter changes what a bounce by mail would, once, in whatever order it comes.

An event names its delivery by our own keyed name of it, sent along as metadata, so that another house at the same
provider is never answered for. Opens and clicks are not listened to.
"""

import hashlib

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.utils import timezone

from masthead.mail.addresses import normalise
from masthead.mail.bounces import Understanding
from masthead.mail.bounces.judging import evidence, judge
from masthead.newsletters import receiving, returning, wearing
from masthead.newsletters.models import BounceScore, Delivery, host_of
from masthead.subscribers.models import print_of

NAME = "delivery"  # of the metadata
ARRIVED = "delivered"  # the reason of a delivery of which the provider told that
ACCEPTED = {EventType.QUEUED, EventType.SENT, EventType.DEFERRED}  # proves that the provider has the letter
NOT_SENT = {EventType.REJECTED, EventType.FAILED}  # the provider took it and let it drop
HEARD = {*ACCEPTED, *NOT_SENT, EventType.DELIVERED, EventType.BOUNCED, EventType.COMPLAINED, EventType.UNSUBSCRIBED}
HARD_WORDS = {"HardBounce", "BadEmailAddress", "Permanent"}  # as providers call it


class NotYet(Exception):
    """The letter is still in the hands of the process that sends it: let the provider tell again in a while."""


def hear(event: AnymailTrackingEvent, provider: str) -> Delivery | None:
    """Take one authenticated event in and return the delivery it is about, None if it is about none of ours.

    It is safe to hear the same event again, and events in any order. Raises NotYet.
    """
    if event.event_type not in HEARD:
        return None
    delivery = _delivery_of(event)
    if delivery is None:
        return None
    if delivery.state == Delivery.State.HANDING:
        raise NotYet(f"Delivery {delivery.pk} is being handed over.")
    _settle(delivery, event)
    meant = _meaning(event, delivery)
    if meant:
        receiving.take_event(delivery, meant, via=provider[:20], event=_key_of(event))
    return delivery


def name_of(message_id: str) -> str:
    """Return what names a delivery to a provider: the keyed part of its Message-ID, short enough for all of them."""
    return message_id.partition("@")[0]


def _delivery_of(event: AnymailTrackingEvent) -> Delivery | None:
    said = (event.metadata or {}).get(NAME) or name_of((event.message_id or "").strip("<> "))
    key = returning.delivery_named_by(f"{said}@any")
    if key is None:
        return None
    found = Delivery.objects.filter(pk=key).select_related("issue__newsletter__publication__site")
    delivery = found.first()
    if delivery is None or said not in _names_of(delivery):
        return None
    if event.recipient and normalise(event.recipient) != delivery.normalised:
        return None
    return delivery


def _names_of(delivery: Delivery) -> set[str]:
    """The name written down with the delivery, and the one made anew while it is not written down yet."""
    host = host_of(delivery.issue.publication)
    anew = returning.message_id(delivery.pk, delivery.issue_id, delivery.normalised, host)
    return {name_of(delivery.message_id), name_of(anew)} - {""}


def _settle(delivery: Delivery, event: AnymailTrackingEvent) -> None:
    """Bring into the books what the event proves of the hand-over itself."""
    mine, now = Delivery.objects.filter(pk=delivery.pk), timezone.now()
    if event.event_type in NOT_SENT:
        taken = [Delivery.State.SENT, Delivery.State.AMBIGUOUS]
        reply = _words(event)[:300]
        mine.filter(state__in=taken).update(
            state=Delivery.State.REJECTED, reason="not sent", reply=reply, changed_at=now
        )
        return
    # Nothing is told of a letter the provider does not have: what was uncertain is settled, and what waits to be handed
    # over again, because the provider had said it was not taken, must not go out twice.
    not_known = [Delivery.State.AMBIGUOUS, Delivery.State.QUEUED, Delivery.State.DEFERRED]
    mine.filter(state__in=not_known).update(state=Delivery.State.SENT, reason="told", changed_at=now)
    if event.event_type == EventType.DELIVERED:
        mine.filter(state=Delivery.State.SENT).update(reason=ARRIVED)
        newer = BounceScore.objects.filter(print=print_of(delivery.address), delivery__gt=delivery.pk)
        if delivery.address and not newer.exists():
            wearing.mend(delivery.issue.publication, delivery.address)


def _meaning(event: AnymailTrackingEvent, delivery: Delivery) -> Understanding | None:
    """What the event means for the reader, None for nothing."""
    kind = {EventType.COMPLAINED: "complaint", EventType.UNSUBSCRIBED: "optout"}.get(event.event_type)
    if event.event_type == EventType.REJECTED:
        refused = {RejectReason.SPAM: "complaint", RejectReason.UNSUBSCRIBED: "optout"}
        kind = refused.get(event.reject_reason)
    if kind:
        return Understanding(None, kind, None, _words(event), None)
    if event.event_type in (EventType.BOUNCED, *NOT_SENT):
        meant = _failure(event)
        # A server that took the letter at last has taken back what it said before.
        return None if meant.kind == "soft" and delivery.reason == ARRIVED else meant
    return None


def _failure(event: AnymailTrackingEvent) -> Understanding:
    """Judged by the receiving server's own words; the provider's verdict counts where those prove nothing."""
    words = _words(event)
    found = evidence(event.mta_response or words)
    verdict = judge(found)
    kind = verdict.kind
    if kind is None or (kind == "soft" and not event.mta_response and not verdict.policy):
        kind = "hard" if _says_hard(event) else "soft"
    policy = verdict.policy and event.event_type == EventType.BOUNCED
    return Understanding(None, kind, found.status, words, None, policy=policy)


def _says_hard(event: AnymailTrackingEvent) -> bool:
    if event.reject_reason == RejectReason.INVALID:
        return True
    said = event.esp_event if isinstance(event.esp_event, dict) else {}
    data = said.get("data")
    bounce = data.get("bounce") if isinstance(data, dict) else None
    kinds = [said.get("Type"), bounce.get("type") if isinstance(bounce, dict) else None]
    suppressed = isinstance(bounce, dict) and bounce.get("subType") == "Suppressed"
    return any(kind in HARD_WORDS for kind in kinds) and not suppressed


def _words(event: AnymailTrackingEvent) -> str:
    said = [event.mta_response, event.description, event.reject_reason]
    return " ".join(" ".join([part for part in said if part]).split()) or event.event_type


def _key_of(event: AnymailTrackingEvent) -> str:
    """The provider's id of the event; where it gives none, what it says, which is the same when it is told again."""
    if event.event_id:
        return f"{event.event_type}:{event.event_id}"
    said = [event.event_type, event.message_id, event.recipient, event.timestamp, _words(event)]
    return hashlib.sha256("\0".join(map(str, said)).encode()).hexdigest()

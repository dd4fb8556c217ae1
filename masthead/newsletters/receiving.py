"""Receiving: what a mail that came back changes, in one transaction, and what a forged one must not.

Anybody can write to the address that bounces go to, so a mail is believed only as far as it proves whom it is about:

- it carries the signed return path of a delivery of the last 60 days: it is about that delivery, whatever it says. Only
  the server that took the letter, and those it was passed on to, have seen that path;
- without one, it quotes the Message-ID of a delivery of ours, which holds a keyed digest, and names the address that
  letter went to. Complaints hide or change that address (RFC 6590): there the Message-ID or our unsubscribe link is
  enough;
- "stop" by mail is a signed link by another way: the token in its subject decides, and nothing else in it.

What is left to a stranger who was shown one whole letter, headers and all: he can make that one reader bounce. He could
as well click the unsubscribe link in it.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from masthead.mail import returnpath
from masthead.mail.addresses import normalise
from masthead.mail.bounces import Understanding, understand
from masthead.mail.bounces.judging import without_addresses
from masthead.mail.bounces.reading import Letter, read
from masthead.newsletters import returning, wearing
from masthead.newsletters.models import Delivery
from masthead.newsletters.returns import Return
from masthead.subscribers import leaving
from masthead.subscribers.models import Subscriber, Suppression
from masthead.subscribers.tokens import BadLink, Stop, read_stop

# What mail systems add on the way, so that one bounce taken in by two ways is one bounce.
_TRACE = re.compile(
    rb"^(?:Received|Return-Path|Delivered-To|X-Original-To|Envelope-To|X-[\w-]+|ARC-[\w-]+|Authentication-Results|"
    rb"Received-SPF|From )(?:(?!\n[^ \t]).)*\n",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_STOP = re.compile(r"\s*stop\s+(\S+)\s*", re.IGNORECASE)
_STOP_LINK = re.compile(r"https?://[^\s<>]+/([\w.:=-]{20,200})/?>")


class Taken(NamedTuple):
    """The row of a mail that was taken in; `again` when it had been before."""

    row: Return
    again: bool

    @property
    def to_be_kept(self) -> bool:
        """Whether the mail itself is kept, for a person to read."""
        return self.row.effect == Return.Effect.UNREAD


def take_in(raw: bytes, *, via: str, recipient: str = "", keep: Callable[[bytes, str], None] | None = None) -> Taken:
    """Take one mail in that came back, and return what it changed. It is safe to do so again; any bytes will do.

    `recipient` is the envelope's, where the way it came by knows it: headers need not name it. `keep` is called with
    mail and digest where a person must read it, before anything is committed.
    """
    if recipient and not re.search(r"[\s<>]", recipient):
        raw = f"Delivered-To: {recipient}\r\n".encode() + raw
    meant, letter = understand(raw), read(raw)
    stop = _asked_to_stop(letter)
    digest = _digest(raw, meant.token)
    with transaction.atomic():
        row, new = Return.objects.get_or_create(digest=digest, defaults=_columns(meant, via))
        if new:
            row.effect = _stopped(stop, "mail") if stop else _follow(row, meant, letter)
            row.kind = Return.Kind.OPTOUT if stop else row.kind
            row.save()
        taken = Taken(row, not new)
        if new and keep and taken.to_be_kept:
            keep(raw, digest)
    return taken


def take_event(delivery: Delivery, meant: Understanding, *, via: str, event: str) -> Taken:
    """Take in what a provider tells of a delivery, authenticated by whoever calls. `event` is its own id of it."""
    digest = hashlib.sha256(f"{via}:{event}".encode()).hexdigest()
    with transaction.atomic():
        row, new = Return.objects.get_or_create(digest=digest, defaults=_columns(meant, via) | {"delivery": delivery})
        if new:
            row.effect = change(delivery, meant)
            row.save()
    return Taken(row, not new)


def judge_refusals() -> int:
    """Judge what mail servers refused at hand-over like what comes back by mail, and return how many were judged."""
    refused = wearing.unjudged()
    for delivery in refused:
        meant, event = wearing.said_at_once(delivery), f"{delivery.pk}.{delivery.attempts}"
        take_event(delivery, meant, via="reply", event=event)
    return len(refused)


def change(delivery: Delivery, meant: Understanding) -> str:
    """Do what a delivery's bounce, complaint or arrival asks for, and return the effect. Call it in a transaction."""
    if not delivery.address:
        return Return.Effect.NOTHING  # erased since
    if meant.kind == "hard":
        return _suppress(delivery, Suppression.Reason.BOUNCED, meant)
    if meant.kind == "complaint":
        return _suppress(delivery, Suppression.Reason.COMPLAINED, meant)
    if meant.kind == "optout":
        newsletter = delivery.issue.newsletter
        return _stopped(Stop(delivery.subject, newsletter.kind, newsletter.theme), "feedback report")
    return _fail(delivery, meant) if meant.kind == "soft" else _arrive(delivery, meant)


def _follow(row: Return, meant: Understanding, letter: Letter) -> str:
    """Find whom the mail is about and change what it asks for."""
    if meant.token:
        try:
            key = returnpath.verify(meant.token, returning.keys(), timezone.now().date())
        except returnpath.OldPath:
            return Return.Effect.OLD
        except returnpath.ForgedPath:
            return Return.Effect.FORGED
        delivery = _delivery(pk=key)
    else:
        delivery = _delivery_quoted(meant)
    if delivery is None:
        return _without_delivery(meant, letter)
    # Nothing comes back that was not taken before: what was uncertain is settled.
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.AMBIGUOUS).update(
        state=Delivery.State.SENT, reason="came back", changed_at=timezone.now()
    )
    row.delivery = delivery
    about = _about(delivery, meant)
    row.kind, row.status, row.policy = about.kind, about.status or "", about.policy
    row.save()
    return change(delivery, about)


def _delivery(**which) -> Delivery | None:
    found = Delivery.objects.filter(**which).select_related("issue__newsletter__publication__site")
    return found.first()


def _delivery_quoted(meant: Understanding) -> Delivery | None:
    """The delivery whose Message-ID the mail quotes, if it is young enough and the mail is about its reader."""
    said = (meant.message_id or "").strip("<> ")
    key = returning.delivery_named_by(said)
    since = timezone.now() - timedelta(days=returnpath.DAYS)
    delivery = _delivery(pk=key, message_id=said, changed_at__gte=since) if key else None
    if delivery is None:
        return None
    named = {normalise(u.address) for u in (meant, *meant.others) if u.address}
    return delivery if meant.kind in ("complaint", "optout") or delivery.normalised in named else None


def _without_delivery(meant: Understanding, letter: Letter) -> str:
    """A mail that proves no delivery: a complaint may still hold our unsubscribe link, anything odd is for a person."""
    if meant.kind in ("complaint", "optout"):
        for stop in _stop_links(letter):
            if subscriber := Subscriber.objects.filter(subject=stop.subject).select_related("publication").first():
                return _complained(subscriber, stop, meant)
        return Return.Effect.UNREAD
    return Return.Effect.UNMATCHED if meant.understood else Return.Effect.UNREAD


def _complained(subscriber: Subscriber, stop: Stop, meant: Understanding) -> str:
    if meant.kind == "optout":
        return _stopped(stop, "feedback report")
    leaving.suppress(subscriber.publication, subscriber.address, Suppression.Reason.COMPLAINED)
    return Return.Effect.SUPPRESSED


def _fail(delivery: Delivery, meant: Understanding) -> str:
    if meant.policy:
        wearing.watch(delivery.issue)
        return Return.Effect.NOTHING
    if wearing.wear(delivery, timezone.localdate(timezone=delivery.issue.publication.zone)):
        return _suppress(delivery, Suppression.Reason.BOUNCED, meant)
    return Return.Effect.SCORED


def _arrive(delivery: Delivery, meant: Understanding) -> str:
    if not meant.delivered:
        return Return.Effect.NOTHING if meant.understood else Return.Effect.UNREAD
    wearing.mend(delivery.issue.publication, delivery.address)
    return Return.Effect.ARRIVED


def _about(delivery: Delivery, meant: Understanding) -> Understanding:
    """What a report about several says of this delivery's reader.

    Where none of them is the reader, the address is a list's or an alias: one dead member proves nothing against it.
    """
    if not meant.others:
        return meant
    ours = [u for u in meant.others if u.address and normalise(u.address) == delivery.normalised]
    gentle = [u for u in meant.others if u.kind != "hard"]
    return (ours or gentle or [meant])[0]


def _suppress(delivery: Delivery, reason: str, meant: Understanding) -> str:
    leaving.suppress(delivery.issue.publication, delivery.address, reason)
    delivery.issue.log("suppressed", delivery=delivery.pk, why=reason, status=meant.status or "", kind=meant.kind)
    return Return.Effect.SUPPRESSED


def _asked_to_stop(letter: Letter) -> Stop | None:
    """What the mail's subject asks to stop, if it is a token of ours: the mailto: in List-Unsubscribe (RFC 2369)."""
    found = _STOP.fullmatch(letter.headers.get("subject"))
    return _read_stop(found[1]) if found else None


def _stopped(stop: Stop, method: str) -> str:
    leaving.withdraw(stop, method=method)
    return Return.Effect.UNSUBSCRIBED


def _stop_links(letter: Letter) -> Iterator[Stop]:
    for original in letter.originals:
        inner = read(original.text.encode("utf-8", "replace"))
        for field in inner.headers.all("list-unsubscribe"):
            for token in _STOP_LINK.findall(field):
                if stop := _read_stop(token):
                    yield stop


def _read_stop(token: str) -> Stop | None:
    try:
        return read_stop(token)
    except BadLink:
        return None  # somebody else's link, or a cut one: it asks for nothing


def _digest(raw: bytes, token: str | None) -> str:
    head, _, rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return hashlib.sha256(b"\0".join([(token or "").encode(), _TRACE.sub(b"", head + b"\n"), rest])).hexdigest()


def _columns(meant: Understanding, via: str) -> dict:
    return {
        "via": via,
        "kind": meant.kind,
        "status": (meant.status or "")[:12],
        "reason": without_addresses(meant.reason)[:300],
        "policy": meant.policy,
    }

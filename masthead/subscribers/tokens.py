"""Links that act for one subscriber: signed, each for one purpose. A changed, cut or foreign one is worth nothing.

They outlive a change of the secret key as long as the old one stands in SECRET_KEY_FALLBACKS.
"""

import hashlib
import hmac
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.core import signing

from masthead.subscribers.models import Subscriber, Subscription

CONFIRM_WITHIN = timedelta(days=7)
UNDO_WITHIN = timedelta(days=1)


class BadLink(ValueError):
    """The link is not one of ours, or was cut on its way."""


class OldLink(BadLink):
    """The link was ours, and its time is over or its work is done."""


class Stop(NamedTuple):
    """What an unsubscribe link names: a subscriber's subject, a kind, and a theme or nothing."""

    subject: str
    kind: str
    theme: str


def confirm_token(subscriber: Subscriber) -> str:
    """Return the link part that opens the page on which this asking is confirmed, once, within seven days."""
    return signing.TimestampSigner(salt="masthead.confirm").sign(f"{subscriber.subject}.{subscriber.asked_with}")


def read_confirm(token: str) -> Subscriber:
    """Return who is asking. Raises BadLink, and OldLink for one that is past its time or used."""
    subject, asked_with = _read(token, "masthead.confirm", CONFIRM_WITHIN).split(".")
    subscriber = Subscriber.objects.filter(subject=subject).first()
    if subscriber is None or not asked_with or subscriber.asked_with != asked_with:
        raise OldLink("This link has been used, or a newer one was sent.")
    return subscriber


def stop_token(subject: str, kind: str, theme: str = "") -> str:
    """Return the link part that stops one kind of mail. It never runs out (RFC 8058)."""
    return _signed("masthead.stop", f"{subject}.{kind}.{theme}")


def read_stop(token: str) -> Stop:
    return Stop(*_read(token, "masthead.stop").split("."))


def undo_token(subscription: Subscription) -> str:
    """Return what takes back a withdrawal, within a day and only the withdrawal just made."""
    at = int(subscription.withdrawn_at.timestamp())
    return signing.TimestampSigner(salt="masthead.undo").sign(f"{subscription.pk}.{at}")


def read_undo(token: str) -> Subscription:
    key, at = _read(token, "masthead.undo", UNDO_WITHIN).split(".")
    subscription = Subscription.objects.select_related("subscriber").filter(pk=key).first()
    withdrawn = subscription and subscription.withdrawn_at
    if not withdrawn or subscription.state != Subscription.State.WITHDRAWN or int(withdrawn.timestamp()) != int(at):
        raise OldLink("This was taken back already, or changed since.")
    return subscription


def choices_token(subject: str) -> str:
    """Return the link part of a subscriber's own page."""
    return _signed("masthead.choices", subject)


def read_choices(token: str) -> Subscriber:
    subscriber = Subscriber.objects.filter(subject=_read(token, "masthead.choices")).first()
    if subscriber is None:
        raise OldLink("Nothing is kept under this link any more.")
    return subscriber


def never_token(print_: str) -> str:
    """Return the link part by which an address asks never to be written to, or takes that back. It never runs out.

    It names the address by its print, because it must work when nothing else is kept of it.
    """
    return signing.Signer(salt="masthead.never").sign(print_)


def read_never(token: str) -> str:
    """Return the print of the address. Raises BadLink."""
    return _read(token, "masthead.never")


def _signed(salt: str, value: str) -> str:
    """What `signing.Signer(salt=salt).sign(value)` gives, without deriving its key anew for every reader."""
    signature = hmac.digest(_key(salt, settings.SECRET_KEY), value.encode(), "sha256")
    return f"{value}:{signing.b64_encode(signature).decode()}"


@lru_cache(maxsize=8)
def _key(salt: str, secret: str) -> bytes:
    return hashlib.sha256(f"{salt}signer{secret}".encode()).digest()


def _read(token: str, salt: str, within: timedelta | None = None) -> str:
    try:
        if within:
            return signing.TimestampSigner(salt=salt).unsign(token, max_age=within)
        return signing.Signer(salt=salt).unsign(token)
    except signing.SignatureExpired as error:
        raise OldLink("This link was valid for a few days, and they are over.") from error
    except signing.BadSignature as error:
        raise BadLink("This link is not complete. Copy the whole of it from the mail.") from error

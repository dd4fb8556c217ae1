"""Choosing: a subscriber's own page, where each kind and theme is turned on and off, paused, taken home or erased."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from masthead.subscribers import proving
from masthead.subscribers.models import Subscriber, Subscription
from masthead.subscribers.texts import ConsentText

LONGEST_PAUSE = 26  # weeks

Choice = tuple[str, str]  # kind, and a theme's address or nothing


def chosen(subscriber: Subscriber) -> set[Choice]:
    """Return what is confirmed, as (kind, theme)."""
    return set(subscriber.confirmed().values_list("kind", "theme"))


def choose(subscriber: Subscriber, choices: Collection[Choice], texts: Collection[ConsentText], *, page: str) -> None:
    """Make exactly `choices` hold; `texts` are the words that stood on the page, by which new ones are confirmed.

    Following one theme is a yes to mail about themes. The link came by mail, so no second mail asks back.
    """
    words = {text.kind: text for text in texts}
    wanted = {(kind, theme) for kind, theme in choices if kind in words}
    wanted |= {(kind, "") for kind, theme in wanted if theme}
    with transaction.atomic():
        before = {(s.kind, s.theme): s for s in subscriber.subscriptions.select_related("text", "subscriber")}
        for choice, subscription in before.items():
            if subscription.state == Subscription.State.CONFIRMED and choice not in wanted:
                subscription.withdraw(method="choices")
        for kind, theme in sorted(wanted):
            subscription = before.get((kind, theme)) or Subscription(subscriber=subscriber, kind=kind, theme=theme)
            if subscription.state != Subscription.State.CONFIRMED:
                subscription.text = words[kind]
                subscription.confirm(page=page, method="choices")


def pause(subscriber: Subscriber, weeks: int) -> None:
    """Stop all mail for some weeks, or with 0 let it come again at once. Consent stays as it is; the log notes it."""
    weeks = max(0, min(weeks, LONGEST_PAUSE))
    until = timezone.localdate(timezone=subscriber.publication.zone) + timedelta(weeks=weeks) if weeks else None
    with transaction.atomic():
        if subscriber.confirmed().exclude(paused_until=until).update(paused_until=until):
            subscriber.log("paused" if until else "pause ended", method="choices", until=until)


def speak(subscriber: Subscriber, language: str) -> None:
    """Speak this language to a subscriber on their own page and in mails that ask; issues keep their title's."""
    Subscriber.objects.filter(pk=subscriber.pk).update(language=language)
    subscriber.language = language


def export(subscriber: Subscriber) -> dict:
    """Return everything kept of a subscriber, as plain JSON: address, choices, evidence (GDPR art. 15 and 20)."""
    kept = proving.sheet(subscriber.publication, subscriber.address)
    return kept | {"evidence": kept.pop("records")}

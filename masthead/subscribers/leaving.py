"""Leaving: one kind stopped at a click, taken back, or everything erased; and never written to again."""

from django.db import transaction
from django.utils import timezone

from masthead.mail.addresses import normalise
from masthead.publication.models import Publication
from masthead.subscribers.models import ConsentRecord, Subscriber, Subscription, Suppression, print_of
from masthead.subscribers.tokens import Stop


def withdraw(stop: Stop, *, method: str) -> Subscription | None:
    """Stop one kind of mail for one subscriber, and return the subscription; None where nothing is kept any more.

    Stopping the themes as a whole stops each theme that is followed. It holds for all mail not yet handed over.
    """
    with transaction.atomic():
        found = Subscription.objects.filter(subscriber__subject=stop.subject, kind=stop.kind)
        for subscription in found.confirmed().filter(**_reach(stop)).select_related("text", "subscriber__publication"):
            subscription.withdraw(method=method)
        return found.filter(theme=stop.theme).select_related("subscriber__publication", "text").first()


def take_back(subscription: Subscription, *, page: str) -> None:
    """Undo a withdrawal just made, from the page that told of it."""
    subscription.confirm(page=page, method="undo")


def suppress(title: Publication, address: str, reason: str) -> Suppression:
    """Never write to an address again. The print is kept, not the address; one that stands already stays as it is."""
    with transaction.atomic():
        known = Subscriber.objects.filter(publication=title, normalised=normalise(address)).first()
        suppression, new = Suppression.objects.get_or_create(
            publication=title,
            print=print_of(address),
            lifted_at=None,
            defaults={"reason": reason, "subject": known.subject if known else ""},
        )
        if new:
            _log(suppression.subject, title, "suppressed", reason)
    return suppression


def erase(subscriber: Subscriber) -> None:
    """Erase a subscriber: address, choices and mails. A print stays, so that nobody imports it again (rule T9).

    The log keeps what was said yes to, without the address, and that it was erased. What rooms above keep of the
    subscriber they erase in the same transaction (`newsletters.forgetting`).
    """
    with transaction.atomic():
        suppress(subscriber.publication, subscriber.address, Suppression.Reason.ERASED)
        _log(subscriber.subject, subscriber.publication, "erased", "by the subscriber")
        subscriber.delete()


def _reach(stop: Stop) -> dict:
    return {"theme": stop.theme} if stop.theme else {}


def _log(subject: str, title: Publication, action: str, method: str) -> None:
    content = {"action": action, "subject": subject, "publication": title.pk, "method": method}
    ConsentRecord.append(content | {"at": timezone.now().isoformat()}, subject=subject)

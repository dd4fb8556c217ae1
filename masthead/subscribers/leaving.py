"""Leaving: one kind stopped at a click, taken back, or everything erased; and never written to again."""

from django.db import transaction
from django.utils import timezone

from masthead.mail.addresses import normalise
from masthead.publication.models import Publication
from masthead.subscribers.models import (
    ConsentRecord,
    Subscriber,
    Subscription,
    Suppression,
    SuppressionQuerySet,
    new_subject,
    print_of,
)
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


def suppress(title: Publication, address: str, reason: str, *, note: str = "") -> Suppression:
    """Never write to an address again. The print is kept, not the address; one that stands already stays as it is."""
    known = Subscriber.objects.filter(publication=title, normalised=normalise(address)).first()
    return _suppress(title, print_of(address), reason, known.subject if known else new_subject(), note)


def never_write(title: Publication, print_: str) -> None:
    """Never write to an address again at its own wish, not even a mail that asks; it overrules other reasons."""
    with transaction.atomic():
        standing = Suppression.objects.standing().filter(publication=title, print=print_).first()
        if standing and standing.reason == Suppression.Reason.NEVER:
            return
        if standing:
            Suppression.objects.filter(pk=standing.pk).update(lifted_at=timezone.now())
        _suppress(title, print_, Suppression.Reason.NEVER, standing.subject if standing else new_subject(), "")


def write_again(title: Publication, print_: str) -> None:
    """Take back the wish never to be written to. Nobody gets mail by it: only a sign-up is answered again."""
    _lift(Suppression.objects.standing().filter(publication=title, print=print_, reason=Suppression.Reason.NEVER))


def lift(title: Publication, address: str) -> None:
    """Let an address be written to again, because the address itself has just said yes."""
    standing = Suppression.objects.standing().filter(publication=title, print=print_of(address))
    _lift(standing.exclude(reason=Suppression.Reason.NEVER))


def erase(subscriber: Subscriber, *, by: str = "by the subscriber") -> None:
    """Erase a subscriber: address, choices and mails. A print stays, so that nobody imports it again (rule T9).

    The log keeps what was said yes to, without the address, and that it was erased. What rooms above keep of the
    subscriber they erase in the same transaction (`newsletters.forgetting`).
    """
    title, subject = subscriber.publication, subscriber.subject
    with transaction.atomic():
        standing = suppress(title, subscriber.address, Suppression.Reason.ERASED)
        if standing.subject != subject:
            # An older suppression stands. A second row, lifted at once, is only the way from the print to the log.
            Suppression.objects.create(
                publication=title,
                print=standing.print,
                reason=Suppression.Reason.ERASED,
                subject=subject,
                lifted_at=timezone.now(),
            )
        _log(subject, title, "erased", method=by)
        subscriber.delete()


def _suppress(title: Publication, print_: str, reason: str, subject: str, note: str) -> Suppression:
    with transaction.atomic():
        suppression, new = Suppression.objects.get_or_create(
            publication=title,
            print=print_,
            lifted_at=None,
            defaults={"reason": reason, "subject": subject, "note": note},
        )
        if new:
            _log(suppression.subject, title, "suppressed", method=reason, **({"note": note} if note else {}))
    return suppression


def _lift(standing: SuppressionQuerySet) -> None:
    with transaction.atomic():
        for suppression in standing.select_related("publication"):
            _log(suppression.subject, suppression.publication, "suppression lifted", method=suppression.reason)
        standing.update(lifted_at=timezone.now())


def _reach(stop: Stop) -> dict:
    return {"theme": stop.theme} if stop.theme else {}


def _log(subject: str, title: Publication, action: str, **how: str) -> None:
    content = {"action": action, "subject": subject, "publication": title.pk, **how}
    ConsentRecord.append(content, subject=subject)

"""Subscribing: somebody asks, a mail asks back, and a button behind its link makes the yes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from masthead.mail.addresses import check_address, normalise
from masthead.publication.models import Publication
from masthead.subscribers import leaving, posting
from masthead.subscribers.models import (
    SignUp,
    Subscriber,
    Subscription,
    Suppression,
    new_subject,
    print_of,
)
from masthead.subscribers.texts import ConsentText
from masthead.subscribers.tokens import choices_token, confirm_token, never_token

ONE_MAIL_IN = timedelta(hours=24)
UNCONFIRMED_KEPT = timedelta(days=14)


def note_sign_up(title: Publication, address: str, texts: Iterable[ConsentText], *, page: str) -> None:
    """Note what a form said; the clock answers it within seconds. Nothing is looked up, so nobody can measure anything.

    `texts` are the very words that were shown, one for each kind ticked; `page` is the path the form stood on.
    Raises BadAddress.
    """
    keys = [text.pk for text in texts]
    SignUp.objects.create(publication=title, address=check_address(address), texts=keys, page=page)


def answer_sign_ups() -> int:
    """Answer what forms have said, oldest first, and return how many; two clocks at once answer each only once."""
    answered = 0
    for row in SignUp.objects.select_related("publication__site").order_by("pk").iterator():
        with transaction.atomic():
            if SignUp.objects.filter(pk=row.pk).delete()[0]:
                texts = ConsentText.objects.filter(publication=row.publication, pk__in=row.texts)
                sign_up(row.publication, row.address, texts, page=row.page, at=row.at)
                answered += 1
    return answered


def sign_up(
    title: Publication, address: str, texts: Iterable[ConsentText], *, page: str, at: datetime | None = None
) -> None:
    """Keep what somebody asked for and queue the mail that asks to confirm; at most one mail a day goes to an address.

    `at` is when the form was sent, where that was before now. Raises BadAddress.
    """
    address = check_address(address)
    texts = list(texts)
    if not texts or _is_never_written_to(title, address):
        return
    with transaction.atomic():
        subscriber = _subscriber(title, address)
        wanted = [found for found in (_wanted(subscriber, text) for text in texts) if found]
        if subscriber.mailed_at and subscriber.mailed_at > timezone.now() - ONE_MAIL_IN:
            _add_to_what_was_asked(subscriber, wanted, page, at)
            return
        subscriber.asked_with = new_subject() if wanted else subscriber.asked_with
        subscriber.mailed_at = timezone.now()
        subscriber.save()
        mail = _ask_back(subscriber, [text for _subscription, text in wanted])
        for subscription, text in wanted:
            subscription.ask(text, page=page, mail=mail.digest, at=at)


def confirm(subscriber: Subscriber, subscription_keys: Sequence[int], *, page: str) -> list[Subscription]:
    """Confirm what the page behind the link showed, and return it. The link is used up.

    A suppression of the address is lifted: this yes is newer, and only who reads its mail could give it.
    """
    with transaction.atomic():
        asked = list(subscriber.asked().filter(pk__in=subscription_keys).select_related("text", "subscriber"))
        for subscription in asked:
            subscription.confirm(page=page, method="link", mail=_mail_on_its_way(subscriber))
        Subscriber.objects.filter(pk=subscriber.pk).update(asked_with="")
        if asked:
            leaving.lift(subscriber.publication, subscriber.address)
    return asked


def forget_unconfirmed() -> int:
    """Delete what was asked for and not confirmed in 14 days, and whoever has nothing else here (rule T2)."""
    with transaction.atomic():
        lapsed = Subscription.objects.asked_before(timezone.now() - UNCONFIRMED_KEPT)
        keys = set(lapsed.values_list("subscriber_id", flat=True))
        lapsed.delete()
        Subscriber.objects.filter(pk__in=keys, subscriptions=None).delete()
    return len(keys)


def _is_never_written_to(title: Publication, address: str) -> bool:
    standing = Suppression.objects.standing().filter(publication=title, reason=Suppression.Reason.NEVER)
    return standing.filter(print=print_of(address)).exists()


def _subscriber(title: Publication, address: str) -> Subscriber:
    """The subscriber of an address, held until the transaction ends, so that two sign-ups at once send one mail."""
    one = normalise(address)
    Subscriber.objects.get_or_create(
        publication=title, normalised=one, defaults={"address": address, "language": title.language}
    )
    return (
        Subscriber.objects.select_for_update(of=["self"])
        .select_related("publication")
        .get(publication=title, normalised=one)
    )


def _wanted(subscriber: Subscriber, text: ConsentText) -> tuple[Subscription, ConsentText] | None:
    found = subscriber.subscriptions.filter(kind=text.kind, theme="").first()
    if found and found.state == Subscription.State.CONFIRMED:
        return None
    return found or Subscription(subscriber=subscriber, kind=text.kind), text


def _add_to_what_was_asked(subscriber: Subscriber, wanted: list, page: str, at: datetime | None) -> None:
    """Let the link that is on its way confirm this too: its page lists everything that was asked for."""
    if subscriber.asked_with:
        for subscription, text in wanted:
            if subscription.state != Subscription.State.ASKED:
                subscription.ask(text, page=page, mail=_mail_on_its_way(subscriber), at=at)


def _mail_on_its_way(subscriber: Subscriber) -> str:
    """The digest of the last mail that asked: its link is the one that confirms."""
    return subscriber.service_mails.order_by("-pk").values_list("digest", flat=True).first() or ""


def _ask_back(subscriber: Subscriber, texts: list[ConsentText]):
    """The mail that asks to confirm; to one who has confirmed all of it, the way to the page of choices."""
    title = subscriber.publication
    with override(subscriber.language):
        if texts:
            path = reverse("mail_confirm", args=[confirm_token(subscriber)])
            template, subject = "subscribers/confirm_mail.txt", _("Confirm: mail from %s") % title.name
        else:
            path = reverse("mail_choices", args=[choices_token(subscriber.subject)])
            template, subject = "subscribers/known_mail.txt", _("You get mail from %s already") % title.name
        never = title.root_url + reverse("mail_never", args=[never_token(subscriber.print)])
        context = {"title": title, "texts": texts, "link": title.root_url + path, "never": never}
        return posting.write(subscriber, subject, render_to_string(template, context))

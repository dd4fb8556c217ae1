"""Posting service mails: what somebody asked for by an action of their own, such as the mail that asks to confirm.

A mail is written in the transaction of what it is about, and leaves by the clock. So the answer to a form takes as long
for an address we know as for one we don't, and a mail server that is away loses nothing.
"""

import hashlib
import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from masthead.mail.addresses import wire_address
from masthead.mail.letters import Mailbox, plain_letter
from masthead.mail.transport import Connection, Envelope, Id, Outcome, Result, Server, ServerGone, Tls, deliver
from masthead.publication.models import Publication
from masthead.subscribers.models import ServiceMail, Subscriber

log = logging.getLogger(__name__)

AT_ONCE = 50
ATTEMPTS = 6
FIRST_WAIT = timedelta(minutes=1)  # then doubled: half an hour in all
STUCK_AFTER = timedelta(minutes=30)  # longer than the longest wait for a server's answer
KEPT = timedelta(days=30)


def server() -> Server:
    """Return the house's mail server as the options name it."""
    options = settings.MASTHEAD
    return Server(
        options["smtp_host"],
        int(options["smtp_port"]),
        tls={"none": Tls.NONE, "starttls": Tls.STARTTLS, "tls": Tls.IMPLICIT}[options["smtp_security"]],
        user=options["smtp_user"],
        password=options["smtp_password"],
        max_messages=options["mail_per_connection"],
    )


def sender_domain() -> str:
    """The domain of our Message-IDs and return paths: that of the option `mail_from`."""
    return wire_address(settings.MASTHEAD["mail_from"]).rpartition("@")[2]


def write(subscriber: Subscriber, subject: str, text: str) -> ServiceMail:
    """Write a mail to a subscriber and queue it. Call it inside the transaction of what it is about."""
    title = subscriber.publication
    body = plain_letter(
        {
            "From": Mailbox(title.name, settings.MASTHEAD["mail_from"]),
            "To": Mailbox("", subscriber.address),
            "Subject": subject,
            "Date": timezone.localtime(timezone=title.zone),
            "Message-ID": f"<{subscriber.asked_with or subscriber.subject}.{_stamp()}@{sender_domain()}>",
            "Auto-Submitted": "auto-replied",  # RFC 3834: no holiday notice is sent back
        },
        text,
        lang=subscriber.language,
    )
    return ServiceMail.objects.create(subscriber=subscriber, body=body, digest=hashlib.sha256(body).hexdigest())


def post_due(to: Server | None = None) -> int:
    """Hand over every mail that waits, and return how many were taken. One that may have left is never sent again."""
    now = timezone.now()
    handing = ServiceMail.objects.filter(state=ServiceMail.State.HANDING, not_before__lt=now - STUCK_AFTER)
    handing.update(state=ServiceMail.State.UNCERTAIN, body=b"")
    mails = [mail for mail in _waiting(now) if _claim(mail, now)]
    return sum(_settle(mail, result) for mail, result in _handed_over(mails, to or server())) if mails else 0


def tidy_posted() -> int:
    """Delete service mails a month after they were written; their digest stays in the consent log."""
    return (
        ServiceMail.objects.exclude(state=ServiceMail.State.WAITING)
        .filter(written_at__lt=timezone.now() - KEPT)
        .delete()[0]
    )


def return_path_of(title: Publication) -> str:
    return settings.MASTHEAD["mail_from"]


def _stamp() -> str:
    return f"{timezone.now().timestamp():.6f}"


def _waiting(now):
    waiting = ServiceMail.objects.filter(state=ServiceMail.State.WAITING, not_before__lte=now)
    return waiting.select_related("subscriber__publication__site").order_by("pk")[:AT_ONCE]


def _claim(mail: ServiceMail, now) -> bool:
    mine = ServiceMail.objects.filter(pk=mail.pk, state=ServiceMail.State.WAITING)
    return mine.update(state=ServiceMail.State.HANDING, attempts=F("attempts") + 1, not_before=now) == 1


def _handed_over(mails: list[ServiceMail], to: Server):
    """Yield each mail with what became of it; what was not taken goes back to waiting."""
    by_key: dict[Id, ServiceMail] = {mail.pk: mail for mail in mails}
    envelopes = [
        Envelope(m.pk, return_path_of(m.subscriber.publication), m.subscriber.address, bytes(m.body)) for m in mails
    ]
    try:
        with Connection(to) as connection:
            for result in deliver(connection, envelopes):
                yield by_key.pop(result.id), result
    except ServerGone as gone:
        log.warning("%s service mails wait: %s", len(by_key), gone)
    for mail in by_key.values():
        _put_back(mail, "")


def _settle(mail: ServiceMail, result: Result) -> bool:
    reply = f"{result.code} {result.text}"[:300].strip()
    states = {
        Outcome.ACCEPTED: ServiceMail.State.POSTED,
        Outcome.REJECTED: ServiceMail.State.FAILED,
        Outcome.AMBIGUOUS: ServiceMail.State.UNCERTAIN,
    }
    if result.outcome in states:
        ServiceMail.objects.filter(pk=mail.pk).update(state=states[result.outcome], reply=reply, body=b"")
    elif mail.attempts + 1 >= ATTEMPTS and result.outcome == Outcome.DEFERRED:
        ServiceMail.objects.filter(pk=mail.pk).update(state=ServiceMail.State.FAILED, reply=reply, body=b"")
    else:
        _put_back(mail, reply)
    return result.outcome == Outcome.ACCEPTED


def _put_back(mail: ServiceMail, reply: str) -> None:
    wait = FIRST_WAIT * 2 ** min(mail.attempts, 5)
    with transaction.atomic():
        ServiceMail.objects.filter(pk=mail.pk, state=ServiceMail.State.HANDING).update(
            state=ServiceMail.State.WAITING, reply=reply, not_before=timezone.now() + wait
        )

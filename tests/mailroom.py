"""The mailroom of the tests: a newsletter with readers, and a mail server that does as it is told."""

import re
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone, translation

from masthead.mail import returnpath, transport
from masthead.mail.letters import normalise
from masthead.newsletters import approving, carrying, composing, founding, returning, sending
from masthead.newsletters.models import Issue, Newsletter
from masthead.publication.models import Publication
from masthead.subscribers import posting
from masthead.subscribers.models import ConsentKind, ConsentText, ServiceMail, Subscriber, Subscription

PROMISE = "Tirsdag og torsdag kl. 7.30, højst to gange om ugen."


def newsletter(title: Publication, **more) -> Newsletter:
    more = {"promise": PROMISE, "weekdays": [2, 4], "sender_address": "brev@example.org", **more}
    return founding.found_newsletter(title, more.pop("name", "Nyhedsbrevet"), **more)


def reader(title: Publication, address="laeser@example.org", kind=ConsentKind.NEWSLETTER, theme="") -> Subscriber:
    """Somebody who confirmed this kind."""
    subscriber = Subscriber.objects.get_or_create(
        publication=title, normalised=normalise(address), defaults={"address": address, "language": title.language}
    )[0]
    text = ConsentText.current(title, kind, title.language)
    Subscription(subscriber=subscriber, kind=kind, theme=theme, text=text).confirm(page="/", method="link")
    return subscriber


def editor(name="redaktionen"):
    return get_user_model().objects.get_or_create(username=name, defaults={"is_superuser": True, "is_staff": True})[0]


def approved(letter: Newsletter, subject="Kabelkøen vokser igen") -> Issue:
    """The next issue, composed and approved."""
    issue = composing.propose(letter)
    composing.write(issue, subject=subject)
    return approving.approve(issue, editor())


def ready(letter: Newsletter, **more) -> Issue:
    """The next issue, approved, scheduled for now and planned."""
    from masthead.newsletters import planning

    issue = approving.schedule(approved(letter, **more), editor())
    return planning.plan(issue)


def gone_out(letter: Newsletter, day) -> Issue:
    """An issue of an earlier day that went out to nobody."""
    number = letter.issues.count() + 1
    moment = datetime.combine(day, letter.at, letter.zone)
    return Issue.objects.create(
        newsletter=letter,
        number=number,
        day=day,
        state=Issue.State.FINISHED,
        subject=f"Nr. {number}",
        frozen=b"{}",
        approved_hash="0" * 64,
        approved_at=moment,
        planned_count=0,
        finished_at=moment,
    )


def return_path(delivery) -> str:
    """What a server writes to that has to tell of this delivery, sent today."""
    return returnpath.make(delivery.pk, timezone.now().date(), posting.sender_domain(), returning.keys()[0])


def link_in(mail: ServiceMail | bytes, part: str) -> str:
    """The path of the first link with `part` in a mail that waits."""
    from masthead.newsletters.rendering import read

    body = mail if isinstance(mail, bytes) else bytes(mail.body)
    found = re.search(rf"https?://[^/\s]+(/mail/{part}/[^\s>]+)", read(body).text)
    assert found, f"no link to {part} in {read(body).text}"
    return found[1]


class Post:
    """A mail server that takes everything, or does by address what `replies` says: "4", "5", "silence", "gone", ...

    "kill before the answer" and "kill after the answer" end the process that sends.
    """

    def __init__(self):
        self.bodies: list[tuple[str, bytes]] = []
        self.replies: dict[str, str] = {}
        self.before_each = lambda envelope: None

    @property
    def addresses(self) -> list[str]:
        return [address for address, _body in self.bodies]

    def deliver(self, connection, envelopes, *, before_body=lambda id: None, after_reply=lambda id, result: None):
        for envelope in filter(None, envelopes):
            self.before_each(envelope)
            reply = self.replies.get(envelope.recipient, "2")
            if reply == "gone":
                yield transport.Result(envelope.id, transport.Outcome.REQUEUE, transport.Stage.CONNECT, 0, "gone")
                raise transport.ServerGone("The server is gone.")
            before_body(envelope.id)
            if reply == "kill before the answer":
                self.bodies.append((envelope.recipient, envelope.body))
                raise Killed
            result = self._result(envelope, reply)
            if result.outcome != transport.Outcome.AMBIGUOUS:
                after_reply(envelope.id, result)
            if reply == "kill after the answer":
                raise Killed
            yield result

    def _result(self, envelope, reply):
        outcome, code = {
            "4": (transport.Outcome.DEFERRED, 451),
            "5": (transport.Outcome.REJECTED, 550),
            "silence": (transport.Outcome.AMBIGUOUS, 0),
        }.get(reply, (transport.Outcome.ACCEPTED, 250))
        if outcome in (transport.Outcome.ACCEPTED, transport.Outcome.AMBIGUOUS):
            self.bodies.append((envelope.recipient, envelope.body))
        stage = transport.Stage.RCPT if reply == "5" else transport.Stage.BODY
        return transport.Result(envelope.id, outcome, stage, code, "as told")


class Killed(BaseException):
    """kill -9, as near as one process gets: nothing after it runs that a kill would not leave undone."""


@contextmanager
def a_kill():
    """Swallow the kill of a sending process; its journal stays behind unlocked."""
    try:
        yield
    except Killed:
        return
    raise AssertionError("nobody was killed")


def post_office(monkeypatch, tmp_path) -> Post:
    """Put a `Post` in the place of the wire, and the journals into a folder of the test."""
    post = Post()
    monkeypatch.setattr(sending, "deliver", post.deliver)
    monkeypatch.setattr(carrying, "deliver", post.deliver)
    monkeypatch.setattr(posting, "deliver", post.deliver)
    monkeypatch.setattr("masthead.newsletters.settling.journals", lambda: tmp_path / "journals")
    return post


def later(**units):
    return timezone.now() + timedelta(**units)


def path(name: str, *args) -> str:
    """An address in the words of the Danish title of the tests."""
    with translation.override("da"):
        return reverse(name, args=args)


def danish(sentence: str) -> str:
    with translation.override("da"):
        return translation.gettext(sentence)

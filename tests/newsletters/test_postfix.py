"""The real thing once: Debian's Postfix takes an issue, delivers it, and sends back what it cannot deliver."""

import shutil
import tempfile
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.utils import timezone, translation

from masthead.catalogue.inspecting import inspect
from masthead.catalogue.telling import Shown
from masthead.mail import returnpath
from masthead.mail.bounces import understand
from masthead.mail.transport import Server, Tls
from masthead.newsletters import approving, composing, planning, receiving, rendering, returning, sending
from masthead.newsletters.checking import said
from masthead.newsletters.models import Delivery, Issue, Return
from masthead.subscribers.models import Suppression
from tests.mail import postfix
from tests.mailroom import editor, newsletter, reader
from tests.newsletters.test_composing import sell
from tests.newsroom import article, partner_article

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.smtp,
    pytest.mark.skipif(bool(postfix.why_not()), reason=postfix.why_not() or "Postfix is here."),
]
OURS, THEIRS = "kabelbladet.test", "laesere.test"


@pytest.fixture
def mta(settings, monkeypatch, tmp_path):
    settings.MASTHEAD = {**settings.MASTHEAD, "mail_from": f"brev@{OURS}"}
    monkeypatch.setattr("masthead.newsletters.settling.journals", lambda: tmp_path / "journals")
    home = Path(tempfile.mkdtemp(prefix="masthead-postfix-"))  # pytest's own folders are closed to Postfix's users
    home.chmod(0o755)
    try:
        with postfix.Postfix(home, OURS, THEIRS) as running:
            running.server = Server("127.0.0.1", running.port, tls=Tls.NONE)
            yield running
    finally:
        shutil.rmtree(home)


@pytest.fixture
def issue(title):
    """An issue with something paid for in it, ready for one reader who is there and one who is not."""
    article(title, "Kabelkøen vokser", standfirst="Tolv projekter venter på strøm.")
    letter = newsletter(title, sender_address=f"brev@{OURS}")
    made = composing.propose(letter)
    sell(made, item=partner_article(title, "Flåden på strøm"))
    composing.write(made, subject="Kabelkøen vokser – og køen bag den")
    for name in ("anna", "ukendt"):
        reader(title, f"{name}@{THEIRS}")
    return planning.plan(approving.schedule(approving.approve(made, editor()), editor()))


def test_an_issue_arrives_as_it_was_written_and_a_bounce_finds_its_delivery(mta, issue):
    sending.send_due(mta.server)
    issue.refresh_from_db()
    assert issue.state == Issue.State.FINISHED
    assert {d.address: d.state for d in issue.deliveries.all()} == {
        f"anna@{THEIRS}": Delivery.State.SENT,
        f"ukendt@{THEIRS}": Delivery.State.SENT,
    }
    (arrived,) = mta.arrived("anna")
    delivery = issue.deliveries.get(address=f"anna@{THEIRS}")
    _it_can_be_signed(arrived)
    _it_says_who_it_is_and_how_to_leave(arrived, delivery)
    _it_says_who_paid(arrived, issue)
    (returned,) = mta.arrived("returns")
    _the_bounce_names_its_delivery(returned, issue.deliveries.get(address=f"ukendt@{THEIRS}"))


def _it_can_be_signed(arrived: bytes) -> None:
    """What DKIM wants of a letter: nothing that a server on its way would have to mend (RFC 6376 5.3)."""
    added, _, ours = arrived.partition(b"From: ")
    assert all(
        line.split(b":")[0] in (b"Return-Path", b"X-Original-To", b"Delivered-To", b"Received") or line[:1] == b"\t"
        for line in added.splitlines()
    )
    assert ours.isascii()
    assert b"\r" not in ours  # the maildir's own line ends: no stray CR among them
    head, _, body = ours.partition(b"\n\n")
    assert max(map(len, body.splitlines())) <= 76
    assert [line for line in head.splitlines() if len(line) > 78 and b"stop" not in line] == []
    assert max(map(len, head.splitlines())) < 998  # a link can't be folded (RFC 2369 2), and need not (RFC 5322 2.1.1)
    message = message_from_bytes(arrived, policy=policy.default)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe"):
        assert len(message.get_all(name)) == 1, name
    assert [part.defects for part in message.walk()] == [[]] * 3


def _it_says_who_it_is_and_how_to_leave(arrived: bytes, delivery: Delivery) -> None:
    message = message_from_bytes(arrived, policy=policy.default)
    assert message["To"] == f"anna@{THEIRS}"
    assert message["Message-ID"] == f"<{delivery.message_id}>"
    assert message["Subject"] == "Kabelkøen vokser – og køen bag den"
    page, by_mail = str(message["List-Unsubscribe"]).split(", ")
    assert "/mail/stop/" in page
    assert by_mail.startswith(f"<mailto:brev@{OURS}?subject=stop")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"]
    path = message["Return-Path"].strip("<>")
    assert returnpath.verify(returnpath.token_in(path), returning.keys(), timezone.now().date()) == delivery.pk


def _it_says_who_paid(arrived: bytes, issue: Issue) -> None:
    card = next(item.card for item in issue.items.all() if item.card.disclosed.kind != "editorial")
    shown = Shown(card.title, card.url, card.full_url, card.disclosed, frozenset({card.url}))
    assert inspect("mail", arrived, shown).problems == []
    with translation.override("da"):
        line = card.disclosed.line
    reading = rendering.read(arrived)
    assert line in said(reading.html)
    assert f"[{line}]\nFlåden på strøm" in reading.text


def _the_bounce_names_its_delivery(returned: bytes, delivery: Delivery) -> None:
    meant = understand(returned)
    assert (meant.kind, meant.status, meant.address) == ("hard", "5.1.1", f"ukendt@{THEIRS}")
    assert returnpath.verify(meant.token, returning.keys(), timezone.now().date()) == delivery.pk
    taken = receiving.take_in(returned, via="maildir")
    assert (taken.row.effect, taken.row.delivery) == (Return.Effect.SUPPRESSED, delivery)
    assert Suppression.objects.among(delivery.issue.publication, [delivery.address]) == {delivery.normalised}

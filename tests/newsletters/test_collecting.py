"""A mail is taken out of its mailbox only after it was taken in, by whatever way it comes."""

import smtplib

import pytest
from click.testing import CliRunner
from django.contrib.auth import get_user_model

from masthead.cli import main
from masthead.mail.inbox import open_inbox
from masthead.mail.listening import LmtpDoor
from masthead.newsletters import collecting, receiving
from masthead.newsletters.returns import Return
from masthead.subscribers.models import Suppression
from tests.mail.bounces.dialects import mail, postfix
from tests.mail.boxes import Box, Imap, Pop
from tests.mailroom import editor, return_path
from tests.newsletters.test_receiving import GONE, about, delivery  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
DESK = "/desk/newsletters/returns/"
STRANGE = mail("A reader <a.reader@example.org>", "Your depots", "Thanks, I liked it.\n")


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


@pytest.mark.parametrize(("protocol", "scheme"), [(Imap, "imap"), (Pop, "pop3")])
def test_what_came_back_is_fetched_taken_in_and_removed(title, delivery, settings, protocol, scheme, data):  # noqa: F811
    with Box(protocol, [about(postfix(*GONE), delivery), STRANGE]) as box:
        settings.MASTHEAD = settings.MASTHEAD | {"returns": f"{scheme}://me:x@127.0.0.1:{box.port}"}
        assert collecting.collect() == {"suppressed": 1, "unread": 1}
        assert box.letters == {}
    assert set(Return.objects.values_list("via", flat=True)) == {scheme}
    (kept,) = (data / "unread").iterdir()
    assert kept.name == f"{Return.objects.to_read().get().digest}.eml"
    assert kept.read_bytes().replace(b"\r\n", b"\n").rstrip() == STRANGE.rstrip()


def test_nothing_is_removed_before_its_result_is_committed(title, delivery, settings, monkeypatch):  # noqa: F811
    seen = []
    with Box(Imap, [about(postfix(*GONE), delivery)]) as box:
        settings.MASTHEAD = settings.MASTHEAD | {"returns": f"imap://me:x@127.0.0.1:{box.port}"}
        real = receiving.take_in

        def watched(*args, **more):
            taken = real(*args, **more)
            seen.append((len(box.letters), any("STORE" in line for line in box.log)))
            return taken

        monkeypatch.setattr(receiving, "take_in", watched)
        collecting.collect()
    assert seen == [(1, False)]


def test_a_mail_that_cannot_be_taken_in_stays_and_keeps_nobody_waiting(title, delivery, monkeypatch, caplog):  # noqa: F811
    real = receiving.take_in

    def failing(raw, **more):
        if raw == STRANGE:
            raise RuntimeError("a fault of ours")
        return real(raw, **more)

    monkeypatch.setattr(receiving, "take_in", failing)
    with Box(Imap, [STRANGE, about(postfix(*GONE), delivery)]) as box:
        effects = collecting.collect(open_inbox(f"imap://me:x@127.0.0.1:{box.port}"))
        assert effects == {"failed": 1, "suppressed": 1} and box.letters == {1: STRANGE}
    assert "could not be taken in" in caplog.text


def test_a_stop_between_taking_in_and_removing_counts_nothing_twice(title, delivery):  # noqa: F811
    raw = about(postfix(*GONE), delivery)
    with Box(Pop, [raw], cut_after="QUIT") as box:
        collecting.collect(open_inbox(f"pop3://me:x@127.0.0.1:{box.port}"))
        assert len(box.letters) == 1
        box.cut_after = ""
        collecting.collect(open_inbox(f"pop3://me:x@127.0.0.1:{box.port}"))
        assert box.letters == {}
    assert Return.objects.count() == Suppression.objects.count() == 1


def test_without_a_mailbox_nothing_is_collected(settings):
    settings.MASTHEAD = settings.MASTHEAD | {"returns": ""}
    assert collecting.collect() == {}


def test_a_mailbox_that_is_away_is_told_without_its_password(settings, caplog):
    settings.MASTHEAD = settings.MASTHEAD | {"returns": "imap://me:secret@127.0.0.1:1"}
    assert collecting.collect() == {}
    assert "tried again" in caplog.text and "secret" not in caplog.text


def test_kept_mails_are_forgotten_after_ninety_days(data):
    import os

    collecting.keep(b"old", "a" * 64)
    collecting.keep(b"new", "b" * 64)
    os.utime(data / "unread" / f"{'a' * 64}.eml", (0, 0))
    assert collecting.tidy_unread() == 1
    assert [path.name[0] for path in (data / "unread").iterdir()] == ["b"]


def test_by_lmtp_each_recipient_is_answered_apart_and_the_envelope_counts(title, delivery, monkeypatch):  # noqa: F811
    taken = []

    def receive(raw, recipient):
        if recipient.startswith("fails"):
            raise RuntimeError
        taken.append((raw.replace(b"\r\n", b"\n"), recipient))

    path = return_path(delivery)
    with LmtpDoor(receive) as door, smtplib.LMTP("127.0.0.1", door.port) as client:
        client.ehlo()
        client.docmd("MAIL", "FROM:<>")
        client.docmd("RCPT", f"TO:<{path}>")
        client.docmd("RCPT", "TO:<fails@avis.example>")
        client.docmd("DATA")
        client.send(STRANGE.replace(b"\n", b"\r\n") + b"\r\n.\r\n")
        answers = [client.getreply()[0] for _ in range(2)]
    assert answers == [250, 451]
    assert [recipient for _raw, recipient in taken] == [path]
    raw, recipient = taken[0]
    assert collecting.receive(raw, via="lmtp", recipient=recipient).delivery == delivery


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Run a command as the site would, in this process and its database."""
    monkeypatch.setenv("MASTHEAD_SITE", str(tmp_path))

    def run(*arguments, **more):
        return CliRunner().invoke(main, [*arguments, "--site", str(tmp_path)], **more)

    return run


def test_by_pipe_one_mail_is_read_from_standard_input(title, delivery, command):  # noqa: F811
    done = command("mail", "take-in", input=about(postfix(*GONE), delivery))
    assert (done.exit_code, done.output) == (0, "hard: suppressed\n")


def test_a_pipe_that_fails_tells_the_mail_server_to_keep_the_mail(command, monkeypatch):
    monkeypatch.setattr(receiving, "take_in", lambda *_, **__: 1 / 0)
    done = command("mail", "take-in", input=STRANGE)
    assert done.exit_code == 75


def test_what_came_back_is_printed_by_day(title, delivery, command):  # noqa: F811
    collecting.receive(about(postfix(*GONE), delivery), via="imap")
    collecting.receive(STRANGE, via="imap")
    done = command("mail", "returned")
    assert "1  hard       suppressed" in done.output
    assert "1 kept for a person to read" in done.output


def test_collecting_without_a_mailbox_says_what_to_write(command):
    done = command("mail", "collect")
    assert done.exit_code == 1 and "`returns`" in done.output


# At the desk


def test_the_desk_shows_what_came_back_and_lets_a_person_read_what_nobody_understood(title, delivery, client, data):  # noqa: F811
    collecting.receive(about(postfix(*GONE), delivery), via="imap")
    row = collecting.receive(STRANGE, via="imap")
    client.force_login(editor())
    page = client.get(DESK).content.decode()
    assert "never written to again" in page and "an ordinary mail" in page
    shown = client.get(f"{DESK}{row.digest}/")
    assert shown.content == STRANGE and shown["Content-Type"].startswith("text/plain")
    client.post(f"{DESK}{row.digest}/done/")
    assert list((data / "unread").iterdir()) == [] and not Return.objects.to_read().exists()


def test_who_does_not_work_on_issues_reads_no_mail_and_no_other_file_is_shown(title, delivery, client, data):  # noqa: F811
    row = collecting.receive(STRANGE, via="imap")
    client.force_login(get_user_model().objects.create_user("skribent", is_staff=True))
    assert client.get(f"{DESK}{row.digest}/").status_code in (302, 403)
    assert client.post(f"{DESK}{row.digest}/done/").status_code in (302, 403)
    assert Return.objects.to_read().exists()
    client.force_login(editor())
    assert client.get(f"{DESK}..%2Fmasthead.sqlite3/").status_code == 404
    assert client.get(f"{DESK}{'0' * 64}/").status_code == 404

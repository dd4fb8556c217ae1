"""Every planned reader ends in exactly one listed state, nobody twice, also when a process is killed."""

import threading
from collections import Counter
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from masthead.mail import returnpath
from masthead.mail.letters import LetterError
from masthead.mail.transport import Stage
from masthead.newsletters import (
    approving,
    carrying,
    forgetting,
    journal,
    planning,
    returning,
    sending,
    settling,
    working,
)
from masthead.newsletters.models import Chunk, Delivery, Issue, Newsletter
from masthead.newsletters.rendering import read
from masthead.subscribers import leaving, posting
from masthead.subscribers.choosing import pause
from masthead.subscribers.models import ConsentKind, Subscriber, Subscription
from masthead.subscribers.tokens import Stop
from tests.mailroom import Post, a_kill, approved, editor, later, newsletter, reader, ready
from tests.newsroom import article

pytestmark = pytest.mark.django_db


def readers(title, n):
    return [reader(title, f"laeser{i}@example.org") for i in range(n)]


def states(issue):
    return [d.state for d in issue.deliveries.order_by("pk")]


def test_each_reader_gets_one_letter_and_the_books_close(title, letter, post):
    readers(title, 3)
    issue = ready(letter)
    assert sending.send(issue) == 3
    issue.refresh_from_db()
    assert sorted(post.addresses) == [f"laeser{i}@example.org" for i in range(3)]
    assert issue.state == Issue.State.FINISHED
    assert issue.books()["sent"] == issue.planned_count == 3


def test_sending_again_sends_nothing(title, letter, post):
    readers(title, 2)
    issue = ready(letter)
    sending.send(issue)
    sending.send(issue)
    sending.send_due()
    assert len(post.bodies) == 2


def test_nobody_unconfirmed_gets_a_delivery(title, letter, post):
    person = reader(title, "ja@example.org")
    asked = Subscriber.objects.create(publication=title, address="spurgt@example.org", language="da")
    Subscription(subscriber=asked, kind=ConsentKind.NEWSLETTER).ask(person.subscriptions.get().text, page="/", mail="x")
    issue = ready(letter)
    assert list(issue.deliveries.values_list("address", flat=True)) == ["ja@example.org"]


def test_only_who_said_yes_to_this_kind_gets_it(title, letter, post):
    reader(title, "events@example.org", ConsentKind.EVENTS)
    assert ready(letter).planned_count == 0


def test_suppressed_and_paused_readers_are_left_out_and_counted_by_reason(title, letter, post):
    first, second, _third = readers(title, 3)
    leaving.suppress(title, first.address, "bounced")
    pause(second, 2)
    issue = ready(letter)
    assert issue.planned_count == 1
    assert issue.excluded == {"suppressed": 1, "paused": 1}


def test_a_reader_who_leaves_while_it_is_sent_is_skipped(title, letter, post, monkeypatch):
    monkeypatch.setattr(planning, "WINDOW", 1)
    first, second, third = readers(title, 3)

    def leave(envelope):
        if envelope.recipient == first.address:
            leaving.withdraw(Stop(second.subject, "newsletter", ""), method="one click")
            leaving.suppress(title, third.address, "complained")

    post.before_each = leave
    issue = ready(letter)
    sending.send(issue)
    assert post.addresses == [first.address]
    assert list(issue.deliveries.order_by("pk").values_list("state", "reason")) == [
        ("sent", ""),
        ("skipped", "withdrawn"),
        ("skipped", "suppressed"),
    ]
    assert issue.books_balance()


def test_a_chunk_that_is_no_longer_fresh_is_looked_at_again(title, letter, post, monkeypatch):
    first, second = readers(title, 2)
    post.before_each = lambda envelope: leaving.withdraw(Stop(second.subject, "newsletter", ""), method="one click")
    clock = iter([0, 0, 100])
    monkeypatch.setattr(carrying.time, "monotonic", lambda: next(clock, 0))
    issue = ready(letter)
    sending.send(issue)
    assert post.addresses == [first.address]
    assert states(issue) == ["sent", "skipped"]


def test_two_subscribers_with_one_address_get_one_letter(title, letter, post):
    reader(title, "desk@example.org")
    twin = Subscriber.objects.create(publication=title, address="Desk@example.org", normalised="Desk@x", language="da")
    text = Subscription.objects.first().text
    Subscription(subscriber=twin, kind=ConsentKind.NEWSLETTER, text=text).confirm(page="/", method="link")
    issue = ready(letter)
    sending.send(issue)
    assert post.addresses == ["desk@example.org"]
    assert issue.excluded == {"same_address": 1}


@pytest.mark.parametrize("same", ["subscriber", "normalised"])
def test_the_database_refuses_a_second_delivery(title, letter, post, same):
    reader(title)
    issue = ready(letter)
    one = issue.deliveries.get()
    fields = {"subscriber": one.subscriber, "normalised": "x@example.org"}
    if same == "normalised":
        fields = {"subscriber": None, "normalised": one.normalised}
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(issue=issue, chunk_no=0, **fields)


def test_the_database_refuses_to_plan_what_nobody_approved(letter):
    issue = Issue.objects.create(newsletter=letter, number=9, day="2026-11-24")
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=issue.pk).update(state="ready", planned_count=0)


# Killed


def test_killed_before_the_answer_leaves_one_uncertain_and_never_sends_it_again(title, letter, post):
    first, second, third = readers(title, 3)
    post.replies[second.address] = "kill before the answer"
    issue = ready(letter)
    with a_kill():
        sending.send(issue)
    assert states(issue) == ["handing"] * 3
    assert issue.books_balance()

    post.replies.clear()
    sending.send_due()
    issue.refresh_from_db()
    assert states(issue) == ["sent", "ambiguous", "sent"]
    assert post.addresses == [first.address, second.address, third.address]
    assert issue.state == Issue.State.FINISHED


def test_killed_after_the_answer_leaves_nothing_uncertain(title, letter, post):
    first, second = readers(title, 2)
    post.replies[first.address] = "kill after the answer"
    issue = ready(letter)
    with a_kill():
        sending.send(issue)
    post.replies.clear()
    sending.send_due()
    assert states(issue) == ["sent", "sent"]
    assert post.addresses == [first.address, second.address]


def test_without_its_journal_everything_in_hand_is_uncertain(title, letter, post, tmp_path):
    first, *_others = readers(title, 3)
    post.replies[first.address] = "kill before the answer"
    issue = ready(letter)
    with a_kill():
        sending.send(issue)
    for path in (tmp_path / "journals").iterdir():
        path.unlink()
    post.replies.clear()
    sending.send_due()
    assert states(issue) == ["ambiguous"] * 3
    assert len(post.bodies) == 1


def test_a_journal_of_an_earlier_boot_is_not_believed(title, letter, post, monkeypatch):
    first, second = readers(title, 2)
    post.replies[second.address] = "kill before the answer"
    issue = ready(letter)
    with a_kill():
        sending.send(issue)
    monkeypatch.setattr(journal, "boot_id", lambda: "another")
    assert settling.recover() == 2
    assert states(issue) == ["ambiguous", "ambiguous"]


def test_a_living_process_is_left_alone(title, letter, post, tmp_path):
    readers(title, 2)
    issue = ready(letter)
    Issue.objects.filter(pk=issue.pk).update(state="sending")
    alive = journal.Journal(tmp_path / "journals")
    Chunk.objects.update(state="handing", owner=alive.name)
    issue.deliveries.update(state="handing")
    assert settling.recover() == 0
    assert states(issue) == ["handing", "handing"]
    alive.abandon()
    assert settling.recover() == 0
    assert states(issue) == ["queued", "queued"]


def test_a_process_of_another_machine_is_left_alone(title, letter, post):
    readers(title, 1)
    issue = ready(letter)
    Chunk.objects.update(state="handing", owner="elsewhere.1.ab")
    issue.deliveries.update(state="handing")
    settling.recover()
    assert states(issue) == ["handing"]


def test_a_process_killed_with_nothing_in_hand_leaves_no_journal(title, letter, post, tmp_path):
    idle, alive = journal.Journal(tmp_path / "journals"), journal.Journal(tmp_path / "journals")
    idle.abandon()
    settling.recover()
    assert not idle.path.exists()
    assert alive.path.exists()
    alive.close()


def test_a_cut_last_line_of_a_journal_is_not_an_answer():
    told = journal._read(f"boot {journal.boot_id()}\nB 1;\nR 1 accepted body 250 ok;\nB 2;\nR 2 accepted bo")
    assert told.believed
    assert told.begun == {1, 2}
    assert list(told.answered) == [1]


# What the server says


def test_silence_after_the_dot_is_uncertain_and_not_sent_again(title, letter, post):
    (first,) = readers(title, 1)
    post.replies[first.address] = "silence"
    issue = ready(letter)
    sending.send(issue)
    sending.send_due()
    assert states(issue) == ["ambiguous"]
    assert len(post.bodies) == 1


def test_refused_for_now_is_sent_once_later(title, letter, post):
    (first,) = readers(title, 1)
    post.replies[first.address] = "4"
    issue = ready(letter)
    sending.send(issue)
    assert states(issue) == ["deferred"]
    sending.send_due()
    assert states(issue) == ["deferred"]
    post.replies.clear()
    issue.deliveries.update(next_at=later(seconds=-1))
    sending.send_due()
    issue.refresh_from_db()
    assert states(issue) == ["sent"]
    assert issue.state == Issue.State.FINISHED


def test_refused_for_a_day_is_given_up(title, letter, post):
    (first,) = readers(title, 1)
    post.replies[first.address] = "4"
    issue = ready(letter)
    sending.send(issue)
    Issue.objects.filter(pk=issue.pk).update(started_at=later(hours=-25))
    sending.send_due()
    issue.refresh_from_db()
    assert states(issue) == ["expired"]
    assert issue.state == Issue.State.FINISHED


def test_a_server_that_is_gone_loses_nobody(title, letter, post):
    first, second = readers(title, 2)
    post.replies[second.address] = "gone"
    issue = ready(letter)
    sending.send(issue)
    issue.refresh_from_db()
    assert states(issue) == ["sent", "queued"]
    assert issue.state == Issue.State.SENDING
    assert issue.note
    post.replies.clear()
    sending.send_due()
    assert states(issue) == ["sent", "sent"]
    assert post.addresses == [first.address, second.address]


def test_a_server_that_refuses_us_pauses_the_issue(title, letter, post, monkeypatch):
    readers(title, 6)
    monkeypatch.setattr(Post, "_result", _refused_at_mail)
    issue = ready(letter)
    sending.send(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.PAUSED
    assert "553" in issue.note


def _refused_at_mail(self, envelope, reply):
    from masthead.mail.transport import Outcome, Result

    return Result(envelope.id, Outcome.REJECTED, Stage.MAIL, 553, "sender refused")


# What people decide


def test_an_uncertain_letter_is_sent_again_only_by_name_and_with_the_same_message_id(title, letter, post):
    (first,) = readers(title, 1)
    post.replies[first.address] = "silence"
    issue = ready(letter)
    sending.send(issue)
    post.replies.clear()
    assert settling.decide(issue, [issue.deliveries.get().pk], "queued", editor()) == 1
    sending.send_due()
    assert states(issue) == ["sent"]
    ids = {read(body).headers["message-id"] for _address, body in post.bodies}
    assert len(post.bodies) == 2
    assert len(ids) == 1
    assert issue.records.filter(content__action="decided", content__by="redaktionen").exists()


def test_a_paused_issue_sends_nothing_until_it_goes_on(title, letter, post):
    readers(title, 1)
    issue = ready(letter)
    sending.pause(issue, editor())
    sending.send_due()
    assert post.bodies == []
    sending.resume(issue, editor())
    sending.send_due()
    assert len(post.bodies) == 1


def test_a_piece_taken_off_after_approval_holds_the_issue(title, letter, post):
    readers(title, 1)
    piece = article(title, "Trukket tilbage")
    issue = ready(letter)
    piece.unpublish()
    sending.send_due()
    issue.refresh_from_db()
    assert post.bodies == []
    assert issue.state == Issue.State.PAUSED
    assert "Trukket tilbage" in issue.note


def test_an_erased_reader_leaves_the_books_balanced_and_no_address(title, letter, post):
    first, second = readers(title, 2)
    issue = ready(letter)
    forgetting.erase(second)
    sending.send(issue)
    forgetting.erase(first)
    assert post.addresses == [first.address]
    assert states(issue) == ["sent", "skipped"]
    assert issue.books_balance()
    assert not issue.deliveries.exclude(address="").exists()


def test_stopping_for_good_leaves_out_the_rest_and_closes_the_books(title, letter, post):
    readers(title, 2)
    issue = ready(letter)
    Issue.objects.filter(pk=issue.pk).update(state="sending")
    issue.state = "sending"
    assert settling.give_up_the_rest(issue, editor()) == 2
    issue.refresh_from_db()
    assert issue.state == Issue.State.FINISHED
    assert issue.books_balance()


def test_a_themed_newsletter_goes_to_who_follows_the_theme(title, letter, post):
    reader(title, "elbiler@example.org", ConsentKind.THEMES, "elbiler")
    reader(title, "alle@example.org", ConsentKind.THEMES)
    themed = newsletter(title, name="Elbiler", kind="themes", theme="elbiler")
    sending.send(ready(themed))
    assert post.addresses == ["elbiler@example.org"]


def test_who_has_no_letter_is_left_out_with_the_reason_and_the_rest_goes_out(title, letter, post, monkeypatch):
    first, second, third = readers(title, 3)
    whole = carrying.IssueLetters.letter

    def fails_for_one(self, row):
        if row.address == second.address:
            raise LetterError("The slot name takes text.")
        return whole(self, row)

    monkeypatch.setattr(carrying.IssueLetters, "letter", fails_for_one)
    issue = ready(letter)
    sending.send(issue)
    assert post.addresses == [first.address, third.address]
    out = issue.deliveries.get(state="skipped")
    assert (out.address, out.reason, out.reply) == (second.address, "unfit", "The slot name takes text.")
    issue.refresh_from_db()
    assert issue.state == Issue.State.FINISHED


def test_an_address_that_cannot_travel_is_left_out_and_the_rest_goes_out(title, letter, post):
    first, second = readers(title, 2)
    issue = ready(letter)
    issue.deliveries.filter(address=first.address).update(address="gæst@example.org")
    sending.send(issue)
    assert post.addresses == [second.address]
    assert states(issue) == ["skipped", "sent"]


def test_a_newsletter_set_to_rather_send_twice_sends_an_uncertain_letter_once_more(title, letter, post):
    (first,) = readers(title, 1)
    Newsletter.objects.update(when_uncertain="delivery")
    post.replies[first.address] = "silence"
    issue = ready(Newsletter.objects.get())
    sending.send(issue)
    assert states(issue) == ["deferred"]
    issue.deliveries.update(next_at=later(seconds=-1))
    sending.send_due()
    assert states(issue) == ["ambiguous"], "once more, not for ever"
    assert len(post.bodies) == 2


def test_what_a_journal_said_of_an_earlier_attempt_is_over():
    lines = ["R 1 requeue body 0 gone;", "T 1;", "B 1;"]
    told = journal._read("\n".join([f"boot {journal.boot_id()}", "B 1;", *lines, ""]))
    assert (told.begun, told.answered) == ({1}, {})
    told = journal._read("\n".join([f"boot {journal.boot_id()}", "B 1;", *lines[:2], ""]))
    assert (told.begun, told.answered) == (set(), {})


def test_a_journal_without_room_lets_nothing_leave(title, letter, post, monkeypatch):
    first, second = readers(title, 2)
    issue = ready(letter)
    write, full = journal.os.write, []

    def full_disk(file, content):
        if b"B " in content and post.bodies and not full:
            full.append(write(file, content[:3]))
            return 3
        return write(file, content)

    monkeypatch.setattr(journal.os, "write", full_disk)
    with pytest.raises(OSError, match="no room"):
        sending.send(issue)
    assert full
    assert post.addresses == [first.address]
    assert states(issue) == ["sent", "queued"]
    sending.send_due()
    assert post.addresses == [first.address, second.address]
    assert states(issue) == ["sent", "sent"]


def test_books_that_cannot_be_written_are_written_later_and_nobody_gets_it_twice(title, letter, post, monkeypatch):
    readers(title, 2)
    issue = ready(letter)
    enter, tried = settling.enter, []

    def full_disk(*args):
        tried.append(1)
        if len(tried) < 3:
            raise OperationalError("database or disk is full")
        enter(*args)

    monkeypatch.setattr(settling, "enter", full_disk)
    monkeypatch.setattr(sending, "RETRY", 0)
    sending.send(issue)
    assert states(issue) == ["sent", "sent"]
    assert len(post.bodies) == 2


def test_a_full_disk_stops_the_sending_and_is_said_on_the_page(title, letter, post, monkeypatch):
    readers(title, 1)
    issue = ready(letter)
    full = working.RESERVE - 1
    monkeypatch.setattr(working.shutil, "disk_usage", lambda _path: SimpleNamespace(free=full))
    with sending.Crew([carrying.ByServer(None)], settling.journals()) as crew:
        assert working.one_round(crew, lambda: False) == 0
        issue.refresh_from_db()
        assert "disk is full" in issue.note
        full = working.RESERVE
        assert working.one_round(crew, lambda: False) == 1
    issue.refresh_from_db()
    assert issue.state == Issue.State.FINISHED


def test_an_issue_whose_books_do_not_balance_is_not_finished(title, letter, post):
    readers(title, 2)
    issue = ready(letter)
    Issue.objects.filter(pk=issue.pk).update(planned_count=3)
    sending.send(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.SENDING
    assert not settling.finish(issue)


def test_every_letter_has_a_return_path_of_its_own_that_leads_to_its_delivery(title, letter, post):
    readers(title, 2)
    seen = {}
    post.before_each = lambda envelope: seen.__setitem__(envelope.id, envelope.sender)
    issue = ready(letter)
    sending.send(issue)
    today = timezone.now().date()
    for key, path in seen.items():
        assert returnpath.verify(returnpath.token_in(path), returning.keys(), today) == key
        assert path.endswith("@" + posting.sender_domain())
    one = issue.deliveries.first()
    assert returning.delivery_named_by(f"<{one.message_id}>") == one.pk


def test_many_readers_are_planned_in_chunks_of_fifty_by_the_database(
    title, letter, post, django_assert_max_num_queries
):
    for n in range(120):
        reader(title, f"laeser{n}@example.org")
    issue = approving.schedule(approved(letter), editor())
    with django_assert_max_num_queries(60):
        planning.plan(issue)
    numbers = Counter(issue.deliveries.values_list("chunk_no", flat=True))
    assert sorted(numbers.items()) == [(0, 50), (1, 50), (2, 20)]
    assert sorted(issue.chunks.values_list("no", flat=True)) == [0, 1, 2]


class Silent:
    """A carrier whose other side holds its answer back until it is told to let go."""

    def __init__(self):
        self.hold, self.begun = threading.Event(), threading.Event()

    def carry(self, parcel):
        letter = next(parcel.letters())
        parcel.begin(letter.id)
        self.begun.set()
        self.hold.wait(20)

    def close(self):
        self.hold.set()


def test_told_to_stop_a_process_waits_only_so_long_for_a_silent_server(title, letter, post, monkeypatch):
    readers(title, 3)
    issue = ready(letter)
    silent, idle = Silent(), Silent()
    monkeypatch.setattr(sending, "PATIENCE", -1)
    with pytest.raises(sending.StillUnanswered), sending.Crew([idle, silent], settling.journals()) as crew:
        crew.told_to_stop = silent.begun.is_set
        sending.hand_over(issue, crew, lambda: False)
    assert settling.recover() == 1
    silent.close()
    assert states(issue) == ["ambiguous", "queued", "queued"]


def test_the_end_of_a_turn_is_no_reason_to_leave_a_slow_server(title, letter, post, monkeypatch):
    readers(title, 1)
    issue = ready(letter)
    slow, idle = Silent(), Silent()
    monkeypatch.setattr(sending, "PATIENCE", -1)
    threading.Timer(0.3, slow.close).start()
    with sending.Crew([idle, slow], settling.journals()) as crew:
        sending.hand_over(issue, crew, slow.begun.is_set)
    assert states(issue) == ["ambiguous"]

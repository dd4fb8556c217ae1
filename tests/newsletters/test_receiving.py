"""What a mail that came back changes: for the reader it is about, once, and only if it proves whom it is about."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from masthead.mail import returnpath
from masthead.mail.bounces import understand_reply
from masthead.mail.transport import Stage
from masthead.newsletters import forgetting, receiving, returning, sending, wearing
from masthead.newsletters.models import Delivery, Issue
from masthead.newsletters.receiving import judge_refusals, take_event, take_in
from masthead.newsletters.returns import BounceScore, Return
from masthead.subscribers.models import ConsentRecord, Subscription, Suppression
from masthead.subscribers.tokens import stop_token
from tests.mail.bounces.dialects import MESSAGE_ID, READER, US, bare, exim, fields, mail, postfix, report
from tests.mail.bounces.test_bystanders import complaint
from tests.mailroom import editor, newsletter, reader, ready, return_path
from tests.newsroom import article

pytestmark = pytest.mark.django_db

GONE = ("5.1.1", "550", "5.1.1 User unknown")
FULL = ("5.2.2", "552", "5.2.2 Over quota")
SPAM = ("5.7.1", "554", "5.7.1 Message cannot be accepted, spam rejection")


@pytest.fixture
def delivery(title, letter, post) -> Delivery:
    """A letter that was taken by the mail server."""
    reader(title)
    return sent(letter)


def sent(letter) -> Delivery:
    issue = ready(letter)
    sending.send(issue)
    return issue.deliveries.get()


def about(raw: bytes, delivery: Delivery, *, path: bool = True, quoted: bool = True) -> bytes:
    """A bounce of the corpus as if it were about this delivery: to its return path, quoting its Message-ID."""
    here = return_path(delivery) if path else "returns@avis.example"
    said = f"<{delivery.message_id}>" if quoted else "<other@avis.example>"
    for old, new in ((READER, delivery.address), (US, here), (MESSAGE_ID, said)):
        raw = raw.replace(old.encode(), new.encode())
    return raw


def suppressed(title) -> list[str]:
    return list(Suppression.objects.standing().filter(publication=title).values_list("reason", flat=True))


# Whom it is about


def test_a_hard_bounce_to_a_valid_return_path_suppresses_the_reader_and_the_books_stay(title, delivery):
    taken = take_in(about(postfix(*GONE), delivery), via="imap")
    assert (taken.row.kind, taken.row.effect, taken.row.status) == ("hard", "suppressed", "5.1.1")
    assert suppressed(title) == ["bounced"]
    delivery.refresh_from_db()
    assert delivery.state == "sent" and delivery.returns.get() == taken.row
    assert delivery.issue.books_balance()
    assert ConsentRecord.objects.order_by("-pk").first().content["action"] == "suppressed"
    assert delivery.issue.records.order_by("-pk").first().content["delivery"] == delivery.pk


def test_the_path_and_the_message_id_a_letter_leaves_with_lead_back_to_it(title, letter, post):
    senders = []
    post.before_each = lambda envelope: senders.append(envelope.sender)
    reader(title)
    delivery = sent(letter)
    (sender,) = senders
    assert returnpath.verify(returnpath.token_in(sender), returning.keys(), timezone.now().date()) == delivery.pk
    assert returning.delivery_named_by(delivery.message_id) == delivery.pk
    assert f"Message-ID: <{delivery.message_id}>".encode() in post.bodies[0][1]


def test_it_finds_the_delivery_whatever_the_text_says(title, delivery):
    raw = about(bare(*GONE), delivery).replace(delivery.address.encode(), b"somebody@elsewhere.example")
    take_in(raw, via="imap")
    assert suppressed(title) == ["bounced"]


def test_a_changed_return_path_changes_nothing_and_is_counted(title, delivery):
    path = return_path(delivery)
    token = returnpath.token_in(path)
    other = token[:-1] + ("a" if token[-1] != "a" else "b")
    taken = take_in(about(postfix(*GONE), delivery).replace(token.encode(), other.encode()), via="imap")
    assert taken.row.effect == "forged" and taken.row.delivery is None and suppressed(title) == []


@pytest.mark.parametrize(("days", "effect"), [(60, "suppressed"), (61, "old")])
def test_a_return_path_is_believed_for_sixty_days(title, delivery, days, effect):
    old = returnpath.make(delivery.pk, timezone.now().date() - timedelta(days), "x.example", returning.keys()[0])
    raw = postfix(*GONE).replace(US.encode(), old.encode())
    assert take_in(raw, via="imap").row.effect == effect


def test_a_return_path_outlives_a_change_of_the_secret_key(title, delivery, settings):
    raw = about(postfix(*GONE), delivery)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a newer one"
    assert take_in(raw, via="imap").row.effect == "suppressed"


def test_without_a_return_path_it_must_quote_our_message_id_and_name_the_reader(title, delivery):
    unknown = about(postfix(*GONE), delivery, path=False, quoted=False)
    assert take_in(unknown, via="imap").row.effect == "unmatched"
    somebody_else = about(postfix(*GONE), delivery, path=False).replace(delivery.address.encode(), b"x@y.example")
    assert take_in(somebody_else, via="imap").row.effect == "unmatched"
    made_up = about(postfix(*GONE), delivery, path=False).replace(delivery.message_id[:6].encode(), b"000000")
    assert take_in(made_up, via="imap").row.effect == "unmatched"
    assert suppressed(title) == []
    assert take_in(about(exim(*GONE), delivery, path=False), via="imap").row.effect == "suppressed"


def test_the_path_in_the_envelope_is_enough(title, delivery):
    raw = about(postfix(*GONE), delivery, path=False, quoted=False)
    taken = take_in(raw, via="lmtp", recipient=return_path(delivery))
    assert taken.row.effect == "suppressed"


def test_an_envelope_recipient_cannot_smuggle_fields_in(title, delivery):
    evil = f"x@y.example\r\nTo: {return_path(delivery)}"
    raw = about(postfix(*GONE), delivery, path=False, quoted=False)
    assert take_in(raw, via="lmtp", recipient=evil).row.effect == "unmatched"


def test_an_alias_with_one_dead_member_is_not_dead(title, delivery):
    members = fields(*("5.1.1", "smtp; 550 User unknown"), recipient="a@team.example") + "\n"
    members += fields("5.2.2", "smtp; 552 full", recipient="b@team.example")
    taken = take_in(about(report("Failed.", members), delivery), via="imap")
    assert (taken.row.kind, suppressed(title)) == ("soft", [])


def test_the_same_bounce_counts_once_whatever_way_it_comes(title, delivery):
    raw = about(postfix(*FULL), delivery)
    first = take_in(raw, via="imap")
    by_pipe = b"From MAILER-DAEMON Tue Mar  3\nReceived: by pipe\n\tid 7\n" + raw.replace(b"\n", b"\r\n")
    again = take_in(by_pipe, via="pipe")
    assert (first.again, again.again) == (False, True) and again.row == first.row
    assert BounceScore.objects.get().points == 1 and Return.objects.count() == 1


def test_a_row_holds_no_address(title, delivery):
    take_in(about(postfix("5.1.1", "550", f"5.1.1 <{READER}>: User unknown"), delivery), via="imap")
    assert "@" not in Return.objects.get().reason


def test_what_comes_back_settles_an_uncertain_delivery(title, delivery):
    Delivery.objects.filter(pk=delivery.pk).update(state="ambiguous")
    take_in(about(postfix(*SPAM), delivery), via="imap")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("sent", "came back")


# Failures without proof


@pytest.fixture
def daily(title, post):
    """A newsletter that may come any day, with one reader."""
    letter = newsletter(title, most_per_week=14, weekdays=[1, 2, 3, 4, 5, 6, 7])
    reader(title)
    return letter


def fail(letter, day: int, monkeypatch) -> str:
    """Send the next letter and let it come back, mailbox full, on a day of March; return the effect."""
    row = next_letter(letter, day)
    with monkeypatch.context() as patch:
        patch.setattr(receiving.timezone, "localdate", lambda **_zone: date(2026, 3, 1) + timedelta(day))
        return take_in(about(postfix(*FULL), row), via="imap").row.effect


def next_letter(letter, n: int) -> Delivery:
    article(letter.publication, f"Historie {n}", standfirst="Ny.")
    return sent(letter)


def test_five_days_of_failures_wear_an_address_out(title, daily, monkeypatch):
    assert [fail(daily, day, monkeypatch) for day in range(5)] == ["scored"] * 4 + ["suppressed"]
    assert suppressed(title) == ["bounced"] and not BounceScore.objects.exists()


def test_two_failures_a_day_count_once_and_a_week_of_quiet_begins_anew(title, daily, monkeypatch):
    for day in (0, 0, 1, 8):
        fail(daily, day, monkeypatch)
    assert BounceScore.objects.get().points == 3
    fail(daily, 16, monkeypatch)
    assert BounceScore.objects.get().points == 1


def test_two_notices_of_one_letter_count_once_though_they_come_on_two_days(title, delivery, monkeypatch):
    for day, words in enumerate(["5.2.2 Over quota", "5.2.2 Over quota still"]):
        monkeypatch.setattr(receiving.timezone, "localdate", lambda day=day, **_zone: date(2026, 3, 1) + timedelta(day))
        take_in(about(postfix("5.2.2", "552", words), delivery), via="imap")
    assert BounceScore.objects.get().points == 1


def test_a_letter_that_arrived_makes_the_address_well_again(title, delivery):
    take_in(about(postfix(*FULL), delivery), via="imap")
    arrived = report("Delivered.", fields("2.0.0", "smtp; 250 ok", "delivered"))
    assert take_in(about(arrived, delivery), via="imap").row.effect == "arrived"
    assert not BounceScore.objects.exists()


def test_a_letter_in_between_that_never_came_back_makes_it_well_again_too(title, daily, monkeypatch):
    fail(daily, 0, monkeypatch)
    quiet = next_letter(daily, 1)
    long_ago = timezone.now() - wearing.QUIET - timedelta(hours=1)
    Delivery.objects.filter(pk=quiet.pk).update(changed_at=long_ago)
    fail(daily, 6, monkeypatch)
    assert BounceScore.objects.get().points == 1


@pytest.mark.parametrize("words", ["late", "answer"])
def test_a_late_notice_and_an_automatic_answer_change_nothing(title, delivery, words):
    raw = {
        "late": report("Late.", fields("4.4.1", "smtp; 451 later", "delayed")),
        "answer": mail(f"<{READER}>", "Out of office", "User unknown.\n"),
    }[words]
    taken = take_in(about(raw, delivery), via="imap")
    assert (taken.row.effect, taken.to_be_kept) == ("nothing", False)
    assert suppressed(title) == [] and not BounceScore.objects.exists()


# Refused for what we are


def many(title, letter, n):
    for i in range(n):
        reader(title, f"laeser{i}@example.org")
    issue = ready(letter)
    sending.send(issue)
    return issue


def test_refusals_for_what_we_are_suppress_nobody_and_let_the_issue_stand_still(title, letter, post):
    issue = many(title, letter, 40)
    Issue.objects.filter(pk=issue.pk).update(state="sending")
    for row in issue.deliveries.order_by("pk")[:4]:
        take_in(about(postfix(*SPAM), row), via="imap")
    issue.refresh_from_db()
    assert (issue.state, suppressed(title)) == ("sending", [])
    take_in(about(postfix(*SPAM), issue.deliveries.order_by("pk")[4]), via="imap")
    issue.refresh_from_db()
    assert issue.state == "paused" and issue.note.startswith("5 ")
    assert issue.records.order_by("-pk").first().content["action"] == "paused"


def test_what_was_refused_before_somebody_let_it_go_on_is_not_held_against_it(title, letter, post):
    issue = many(title, letter, 40)
    Issue.objects.filter(pk=issue.pk).update(state="sending")
    rows = list(issue.deliveries.order_by("pk")[:6])
    for row in rows[:5]:
        take_in(about(postfix(*SPAM), row), via="imap")
    issue.refresh_from_db()
    sending.resume(issue, editor())
    take_in(about(postfix(*SPAM), rows[5]), via="imap")
    issue.refresh_from_db()
    assert issue.state == "sending"


def test_a_few_refusals_of_many_letters_stop_nothing(title, letter, post):
    issue = many(title, letter, 120)
    Issue.objects.filter(pk=issue.pk).update(state="sending")
    for row in issue.deliveries.order_by("pk")[:5]:
        take_in(about(postfix(*SPAM), row), via="imap")
    issue.refresh_from_db()
    assert issue.state == "sending"


def test_an_issue_that_is_all_out_gets_a_note_once(title, letter, post):
    issue = many(title, letter, 6)
    for row in issue.deliveries.all():
        take_in(about(postfix(*SPAM), row), via="imap")
    issue.refresh_from_db()
    assert issue.state == "finished" and issue.note.startswith("5 ")
    assert issue.records.filter(content__action="refused").count() == 1


# Complaints and wishes to leave


def test_a_complaint_suppresses_at_once(title, delivery):
    assert take_in(about(complaint("abuse"), delivery), via="imap").row.effect == "suppressed"
    assert suppressed(title) == ["complained"]


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_reports_that_are_no_complaints_change_nothing(title, delivery, kind):
    assert take_in(about(complaint(kind), delivery), via="imap").row.effect == "nothing"
    assert suppressed(title) == []


def test_a_redacted_complaint_is_resolved_by_our_message_id(title, delivery):
    raw = about(complaint("abuse", "Redacted-Address: redacted\n"), delivery, path=False)
    raw = raw.replace(delivery.address.encode(), b"redacted@example.org")
    assert take_in(raw, via="imap").row.effect == "suppressed"


def test_a_complaint_that_hides_everything_else_is_resolved_by_our_unsubscribe_link(title, delivery, post):
    body = post.bodies[-1][1].decode()
    link = (
        f"List-Unsubscribe: <https://avis.example/mail/stop/{stop_token(delivery.subject, 'newsletter')}/>, <mailto:x>"
    )
    original = f"To: hidden\nSubject: x\n{link}\n\n"
    assert "List-Unsubscribe:" in body
    raw = complaint("abuse", "Redacted-Address: redacted\n", original)
    assert take_in(raw, via="imap").row.effect == "suppressed"
    assert suppressed(title) == ["complained"]


def test_the_letter_as_it_left_the_house_leads_back_by_its_link_alone(title, delivery, post):
    whole = post.bodies[-1][1].decode().replace("\r\n", "\n").replace(delivery.address, "hidden@hidden.example")
    whole = whole.replace(delivery.message_id, "gone@hidden.example")
    taken = take_in(complaint("abuse", "", whole), via="imap")
    assert taken.row.effect == "suppressed"


def test_a_complaint_about_nothing_of_ours_is_kept_for_a_person(title, delivery):
    taken = take_in(complaint("abuse", "", "From: a@b.example\nSubject: x\n\nhello\n"), via="imap")
    assert taken.to_be_kept and suppressed(title) == []


def test_an_opt_out_report_unsubscribes_from_that_newsletter(title, delivery):
    assert take_in(about(complaint("opt-out"), delivery), via="imap").row.effect == "unsubscribed"
    assert Subscription.objects.get().state == "withdrawn" and suppressed(title) == []


def test_stop_by_mail_unsubscribes_by_the_token_in_the_subject(title, delivery):
    token = stop_token(delivery.subject, "newsletter")
    taken = take_in(mail(f"<{READER}>", f"stop {token}", ""), via="imap")
    assert (taken.row.kind, taken.row.effect) == ("optout", "unsubscribed")
    assert Subscription.objects.get().state == "withdrawn"


@pytest.mark.parametrize("subject", ["stop", "unsubscribe", "stop {token}x", "stop now please"])
def test_stop_by_mail_without_a_valid_token_is_kept_for_a_person(title, delivery, subject):
    said = subject.format(token=stop_token(delivery.subject, "newsletter"))
    taken = take_in(mail(f"<{delivery.address}>", said, ""), via="imap")
    assert taken.to_be_kept and Subscription.objects.get().state == "confirmed"


def test_a_mail_of_a_person_is_kept_for_a_person(title, delivery):
    taken = take_in(
        about(mail("A reader <a.reader@example.org>", "Your depots", "Thanks, I liked it.\n"), delivery), via="imap"
    )
    assert taken.to_be_kept


# Refused at hand-over


def refused(delivery, reply, stage=Stage.RCPT, code=550, state="rejected"):
    Delivery.objects.filter(pk=delivery.pk).update(state=state, stage=stage, code=code, reply=reply)
    return judge_refusals()


@pytest.mark.parametrize(
    ("reply", "stage", "kind", "policy"),
    [
        ("5.1.1 User unknown", Stage.RCPT, "hard", False),
        ("5.2.2 Over quota", Stage.RCPT, "soft", False),
        ("5.7.1 blocked", Stage.RCPT, "soft", True),
        ("5.1.1 User unknown", Stage.MAIL, "soft", True),
        ("5.6.0 content", Stage.DATA, "soft", True),
    ],
)
def test_a_refusal_at_hand_over_is_judged_like_a_bounce(title, delivery, reply, stage, kind, policy):
    assert refused(delivery, reply, stage) == 1
    row = Return.objects.get()
    assert (row.kind, row.policy, row.via) == (kind, policy, "reply")
    assert suppressed(title) == (["bounced"] if kind == "hard" else [])
    assert judge_refusals() == 0, "a second look judges nothing again"


def test_what_was_refused_until_it_was_too_late_counts_against_the_address(title, delivery):
    refused(delivery, "4.2.2 mailbox full", code=452, state="expired")
    assert BounceScore.objects.get().points == 1


def test_what_was_our_own_fault_is_judged_by_nobody(title, delivery):
    assert refused(delivery, "user unknown", Stage.LOCAL, code=0) == 0


# From a provider


def test_an_event_of_a_provider_changes_the_same_and_once(title, delivery):
    meant = understand_reply(550, "5.1.1 User unknown")
    first = take_event(delivery, meant, via="provider", event="17")
    again = take_event(delivery, meant, via="provider", event="17")
    assert (first.row.effect, first.again, again.again) == ("suppressed", False, True)


# Erased


def test_a_bounce_of_an_erased_reader_changes_nothing_more(title, delivery):
    raw = about(postfix(*GONE), delivery)
    take_in(about(postfix(*FULL), delivery), via="imap")
    forgetting.erase(delivery.subscriber)
    assert not BounceScore.objects.exists()
    taken = take_in(raw, via="imap")
    assert taken.row.effect == "nothing" and suppressed(title) == ["erased"]

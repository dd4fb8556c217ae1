"""What comes back without anything having failed for good, what complains, and what wants to leave."""

import pytest

from masthead.mail import returnpath
from masthead.mail.bounces import understand
from tests.mail.bounces.dialects import MESSAGE_ID, ORIGINAL, READER, US, fields, mail, report

LATE = (
    ("Delivery Status Notification (Delay)", "This is an automatically generated notification.\n\nTHIS IS A WARNING "
     f"MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n     {READER}\n"),
    ("Warning: message 1abc delayed 24 hours", "A message that you sent has not yet been delivered to one or more of "
     f"its\nrecipients after more than 24 hours on the queue.\n\n  {READER}\n    Delay reason: Connection timed out\n"),
    ("Warning: could not send message for past 4 hours", f"  ** THIS IS A WARNING MESSAGE ONLY **\n\n<{READER}>... "
     "Deferred: Connection refused by mx.reader.example.\n"),
    ("Verzögerte Zustellung", f"Ihre Nachricht an {READER} wurde verzögert und wird weiter versucht.\n"),
)  # fmt: skip
AUTOMATIC = (
    ("Out of office: Depots", ""),
    ("Automatic reply: Depots", "X-Auto-Response-Suppress: All\n"),
    ("Abwesenheitsnotiz", ""),
    ("Autosvar: Depots", ""),
    ("Re: Depots", "Auto-Submitted: auto-replied (vacation)\n"),
    ("Re: Depots", "Precedence: auto_reply\n"),
    ("Réponse automatique : Depots", ""),
    ("自动回复: Depots", ""),
)
LEAVING = ("unsubscribe", "STOP", "Afmeld", "Abmelden", "désabonner", "baja", "Please remove me", "отписаться")


@pytest.mark.parametrize(("subject", "said"), LATE, ids=[subject for subject, _ in LATE])
def test_a_notice_that_a_mail_is_late_changes_nothing(subject, said):
    meant = understand(mail("Mail Delivery Subsystem <MAILER-DAEMON@mx.relay.example>", subject, said))
    assert (meant.kind, meant.address) == ("ignore", READER)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_of_anything_but_a_failure_changes_nothing(action):
    status = "4.4.1" if action == "delayed" else "2.0.0"
    meant = understand(report("About your mail.", fields(status, "smtp; 250 User unknown to nobody", action)))
    assert (meant.kind, meant.address, meant.status) == ("ignore", READER, status)


@pytest.mark.parametrize(("subject", "more"), AUTOMATIC)
def test_an_automatic_answer_changes_nothing(subject, more):
    said = "I have left the company; this account is disabled, the address no longer exists.\n"
    meant = understand(mail(f"News desk <{READER}>", subject, said, more))
    assert (meant.kind, meant.address) == ("ignore", READER)


def test_a_receipt_that_somebody_read_it_changes_nothing():
    said = f"--=r\nContent-Type: text/plain\n\nYour message to {READER} was displayed.\n"
    said += f"--=r\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{READER}\n"
    said += "Disposition: manual-action/MDN-sent-manually; displayed\n\n--=r--\n"
    kind = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="=r"\n'
    assert understand(mail(f"<{READER}>", "Read: Depots", said, kind)).kind == "ignore"


def test_a_filter_that_asks_who_we_are_changes_nothing():
    said = "To control spam I only accept mail from approved senders. Click the link to have your message delivered.\n"
    assert understand(mail(f"<{READER}>", "Please confirm your message", said)).kind == "ignore"


@pytest.mark.parametrize("word", LEAVING)
def test_a_mail_that_says_only_that_somebody_leaves_is_a_wish_to_leave(word):
    meant = understand(mail(f"News desk <{READER}>", word, "\n--\nThe news desk\n"))
    assert (meant.kind, meant.address) == ("optout", READER)
    assert understand(mail(f"News desk <{READER}>", "", f"{word}\n\nOn Tue you wrote:\n> Depots\n")).kind == "optout"


def test_a_letter_to_the_editor_about_stopping_is_nothing_of_the_kind():
    said = "You write that the trams stop at the depot. They don't. Unsubscribe me from such errors!\n" * 3
    meant = understand(mail(f"News desk <{READER}>", "Trams that stop", said))
    assert (meant.kind, meant.understood) == ("ignore", False)


def complaint(kind: str, recipient: str = f"Original-Rcpt-To: {READER}\n", original: str = ORIGINAL) -> bytes:
    parts = (
        ("text/plain", "This is an email abuse report."),
        ("message/feedback-report", f"Feedback-Type: {kind}\nUser-Agent: Loop/1.0\nVersion: 1\n{recipient}"),
        ("message/rfc822", original),
    )
    body = "".join(f"--=a\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts) + "--=a--\n"
    more = 'Content-Type: multipart/report; report-type=feedback-report; boundary="=a"\n'
    return mail("feedback@loop.example", "FW: Depots", body, more)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("abuse", "complaint"),
        ("fraud", "complaint"),
        ("virus", "complaint"),
        ("opt-out", "optout"),
        ("not-spam", "ignore"),
        ("auth-failure", "ignore"),
        ("dmarc", "ignore"),
        ("other", "ignore"),
    ],
)
def test_a_feedback_report_means_what_its_type_says(said, kind):
    meant = understand(complaint(said))
    assert (meant.kind, meant.address, meant.message_id) == (kind, READER, MESSAGE_ID)


def test_a_redacted_complaint_still_names_the_letter():
    hidden = ORIGINAL.replace(READER, "redacted@reader.example")
    meant = understand(complaint("abuse", "Redacted-Address: redacted\n", hidden))
    assert (meant.kind, meant.address, meant.message_id) == ("complaint", None, MESSAGE_ID)


def test_the_junk_report_of_a_large_mail_house_is_a_complaint_though_it_follows_no_standard():
    body = f"--=j\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: {READER}\n{ORIGINAL}\n--=j--\n"
    meant = understand(
        mail("staff@house.example", "complaint about message from 192.0.2.9", body,
             'Content-Type: multipart/mixed; boundary="=j"\n')
    )  # fmt: skip
    assert (meant.kind, meant.address) == ("complaint", READER)


def test_our_own_return_path_is_found_wherever_it_stands():
    from datetime import date

    path = returnpath.make(4711, date(2026, 3, 3), "mail.sender.example", b"key")
    token = returnpath.token_in(path)
    in_the_header = mail("MAILER-DAEMON@x.example", "failure notice", "Something failed.\n").replace(
        US.encode(), path.upper().encode()
    )
    in_the_original = report("Failed.", fields("5.1.1", "")).replace(US.encode(), path.encode())
    encoded = mail("x@x.example", "y", "=\n".join(path), "Content-Transfer-Encoding: quoted-printable\n")
    assert [understand(raw).token for raw in (in_the_header, in_the_original, encoded)] == [token] * 3


def test_several_recipients_are_told_apart():
    second = "front.desk@reader.example"
    both = fields("5.1.1", "smtp; 550 5.1.1 User unknown") + "\n" + fields("5.2.2", "smtp; 552 full", recipient=second)
    meant = understand(report("Failed.", both.replace("\nReporting-MTA: dns; mx.relay.example\n", "")))
    assert [(u.address, u.kind) for u in meant.others] == [(READER, "hard"), (second, "soft")]


def test_what_a_gateway_puts_under_every_mail_is_no_evidence():
    said = f"Delivery to the following recipients failed.\n\n    {READER}\n\n{'_' * 40}\n"
    said += "**** This mail has been scanned for all viruses and offensive content ****\n"
    assert understand(report(said, fields("5.1.1", ""))).kind == "hard"


def test_a_failure_without_any_reason_is_no_evidence_about_the_mailbox():
    assert understand(report("It failed.", fields("5.0.0", ""))).kind == "soft"

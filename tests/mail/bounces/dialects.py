"""Returned mails as mail systems write them: invented readers at example domains, each system's own way of saying it.

`DIALECTS` are functions of (status, reply, words) that return a whole mail about `READER`; `REASONS` is what servers
say and what a careful person makes of it. Crossed with each other they are the corpus.
"""

from textwrap import dedent

READER = "news.desk@reader.example"
US = "b@sender.example"
MESSAGE_ID = "<5f2c.17@sender.example>"
ORIGINAL = f"""Return-Path: <{US}>
From: The Tram Gazette <letter@sender.example>
To: {READER}
Subject: Depots, doors and a new spam filter
Date: Tue, 3 Mar 2026 07:30:00 +0100
Message-ID: {MESSAGE_ID}
List-Id: The letter <letter.sender.example>

User unknown, mailbox full, account disabled: words of a letter prove nothing.
"""


def mail(sender: str, subject: str, body: str, more: str = "") -> bytes:
    """A mail to us in which nothing is taken for granted but its lines."""
    head = f"From: {sender}\nTo: {US}\nSubject: {subject}\nDate: Tue, 3 Mar 2026 07:31:00 +0100\n{more}"
    return f"{head}\n{body}".encode()


def report(said: str, fields: str, *, sender="MAILER-DAEMON@mx.relay.example", subject="Undelivered Mail") -> bytes:
    """A delivery report by RFC 3464: words for people, fields for machines, the letter itself."""
    parts = ("text/plain; charset=utf-8", said), ("message/delivery-status", fields), ("message/rfc822", ORIGINAL)
    body = "".join(f"--=b0\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts) + "--=b0--\n"
    kind = 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="=b0"\n'
    return mail(sender, subject, body, kind)


def fields(status: str, diagnostic: str, action="failed", recipient=READER) -> str:
    said = f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    return (
        f"Reporting-MTA: dns; mx.relay.example\n\nFinal-Recipient: rfc822; {recipient}\nAction: {action}\n"
        f"Status: {status}\n{said}"
    )


def postfix(status, reply, words):
    said = f"<{READER}>: host mx.reader.example[192.0.2.7] said: {reply} {words} (in reply to\n    RCPT TO command)"
    hello = "This is the mail system at host mx.relay.example.\n\nI'm sorry to have to inform you that your message\n"
    hello += "could not be delivered to one or more recipients.\n\n                   The mail system\n\n"
    return report(hello + said, fields(status or "5.0.0", f"smtp; {reply} {words}"))


def sendmail(status, reply, words):
    said = (
        "The original message was received at Tue, 3 Mar 2026 07:30:01 +0100\nfrom localhost\n\n"
        f"   ----- The following addresses had permanent fatal errors -----\n<{READER}>\n"
        f"    (reason: {reply} {words})\n\n"
        "   ----- Transcript of session follows -----\n... while talking to mx.reader.example.:\n"
        f">>> RCPT To:<{READER}>\n<<< {reply} {words}\n"
    )
    return report(said, fields(status or "5.0.0", f"SMTP; {reply} {words}"), subject="Returned mail: see transcript")


def exim(status, reply, words):
    said = f"""
        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          {READER}
            SMTP error from remote mail server after RCPT TO:<{READER}>:
            host mx.reader.example [192.0.2.7]: {reply} {words}

        ------ This is a copy of the message, including all the headers. ------

        """
    more = f"X-Failed-Recipients: {READER}\nAuto-Submitted: auto-replied\n"
    return mail(
        "Mail Delivery System <Mailer-Daemon@relay.example>", "Mail delivery failed", dedent(said) + ORIGINAL, more
    )


def qmail(status, reply, words):
    said = f"""
        Hi. This is the qmail-send program at relay.example.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <{READER}>:
        192.0.2.7 does not like recipient.
        Remote host said: {reply} {words}
        Giving up on 192.0.2.7.

        --- Below this line is a copy of the message.

        """
    return mail("MAILER-DAEMON@relay.example", "failure notice", dedent(said) + ORIGINAL, "Return-Path: <>\n")


def gmail(status, reply, words):
    said = f"""
        Delivery to the following recipient failed permanently:

             {READER}

        Technical details of permanent failure:
        Google tried to deliver your message, but it was rejected by the server for the recipient domain
        reader.example by mx.reader.example. [192.0.2.7].

        The error that the other server returned was:
        {reply} {words}

        ----- Original message -----

        """
    subject = "Delivery Status Notification (Failure)"
    return mail("Mail Delivery Subsystem <mailer-daemon@googlemail.example>", subject, dedent(said) + ORIGINAL)


def office(status, reply, words):
    said = (
        f"Delivery has failed to these recipients or groups:\n\n{READER}\nYour message couldn't be delivered.\n\n"
        "Diagnostic information for administrators:\n\nGenerating server: AM0PR01.eur.relay.example\n\n"
        f"{READER}\nRemote Server returned '{reply} {words}'\n"
    )
    sender = "postmaster@tenant.example"
    return report(
        said, fields(status or "5.0.0", f"smtp;{reply} {words}"), sender=sender, subject="Undeliverable: Depots"
    )


def gateway(status, reply, words):
    said = f"""
        Your message:
           From:    {US}
           Subject: Depots, doors and a new spam filter

        Could not be delivered because of

        {reply} {words}

        The following recipients were affected:
            {READER}

        """
    return mail("postmaster@gateway.example", 'Undeliverable Mail: "Depots"', dedent(said))


def filter_in_japanese(status, reply, words):
    said = (
        "このメールは自動的に生成して送信しています。\n以下のメールアドレスへの送信に失敗しました。\n"
        f"{READER}\n\n\n-------server message\n{reply} {words}\n\n-------SMTP command\nRCPT\n\n"
        "-------original message\n"
    )
    return mail("POSTMASTER <postmaster@filter.example>", "failure notice", said + ORIGINAL)


def bare(status, reply, words):
    """A report without a word for people, as appliances send it."""
    return report("", fields(status or "5.0.0", f"smtp; {reply} {words}"))


DIALECTS = (postfix, sendmail, exim, qmail, gmail, office, gateway, filter_in_japanese, bare)

# (status, reply, words, kind, whether it is about us)
REASONS = (
    # no such mailbox
    ("5.1.1", "550", f"5.1.1 <{READER}>: Recipient address rejected: User unknown in virtual mailbox table", "hard"),
    ("5.1.1", "550", "5.1.1 The email account that you tried to reach does not exist. Learn more at x.example", "hard"),
    ("", "550", f"<{READER}>... User unknown", "hard"),
    ("", "550", f"{READER}...No such user here", "hard"),
    ("", "550", "Requested action not taken: mailbox unavailable", "hard"),
    ("", "550", "Sorry, no mailbox here by that name. (#5.1.1)", "hard"),
    ("", "550", "** No mail box available for this user **", "hard"),
    ("", "550", "BAD_RECIPIENT - see http://mail.reader.example/why?e=5", "hard"),
    ("", "554", f"delivery error: dd This user doesn't have a reader.example account ({READER}) [0]", "hard"),
    ("5.1.10", "550", "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "hard"),
    ("5.4.1", "550", "5.4.1 Recipient address rejected: Access denied. [DB5.eur.reader.example]", "hard"),
    ("5.7.1", "550", "5.7.1 No such user!", "hard"),
    ("5.1.6", "551", "not our customer", "hard"),
    ("5.1.0", "550", f"#5.1.0 Address rejected. {READER}", "hard"),
    ("", "550", "Unrouteable address", "hard"),
    ("5.1.3", "501", "5.1.3 Bad recipient address syntax", "hard"),
    ("5.1.1", "550", "5.1.1 unknown or illegal alias", "hard"),
    # closed
    ("5.2.1", "550", "5.2.1 The email account that you tried to reach is disabled.", "hard"),
    ("", "554", "delivery error: dd Sorry. This account has been disabled or discontinued [#102].", "hard"),
    ("", "551", f"<{READER}> is a deactivated mailbox", "hard"),
    # no such domain
    ("5.1.2", "550", "Host unknown (Name server: reader.example: host not found)", "hard"),
    ("5.4.4", "550", "5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain", "hard"),
    # in other languages
    ("", "550", "Empfänger unbekannt", "hard"),
    ("5.1.1", "550", "5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416", "hard"),
    ("", "550", "El usuario no existe en este servidor", "hard"),
    ("", "550", "Nieznany adresat: nie ma takiego konta", "hard"),
    ("", "550", "Modtageren findes ikke", "hard"),
    ("", "550", "пользователь не найден", "hard"),
    ("", "550", "用户不存在", "hard"),
    # full, too large, not now
    ("5.2.2", "552", "5.2.2 Over quota", "soft"),
    ("5.1.1", "550", "5.1.1 mailbox full", "soft"),
    ("", "552", "Mailbox size limit exceeded", "soft"),
    ("", "552", "sorry, that message size exceeds my databytes limit (#5.3.4)", "soft"),
    ("", "550", "Postfach voll", "soft"),
    ("5.2.1", "550", "5.2.1 The user you are trying to contact is receiving mail at a rate that is too high", "soft"),
    ("4.2.2", "452", "4.2.2 The email account that you tried to reach is over quota", "soft"),
    ("4.4.7", "450", "4.1.1 User unknown in local recipient table", "soft"),
    ("5.4.6", "554", "5.4.6 Hop count exceeded - possible mail loop", "soft"),
    # about us
    ("5.7.1", "554", "5.7.1 Message cannot be accepted, spam rejection", "policy"),
    (
        "5.7.515",
        "550",
        "5.7.515 Access denied, sending domain SENDER.EXAMPLE does not meet the required level",
        "policy",
    ),
    ("5.7.26", "550", "5.7.26 This mail has been blocked because the sender is unauthenticated.", "policy"),
    ("5.1.1", "550", "5.1.1 blocked using zen.list.example; see http://list.example/192.0.2.9", "policy"),
    ("5.1.8", "501", "5.1.8 Sender domain does not exist", "policy"),
    ("5.1.7", "501", "5.1.7 Invalid address [MAIL_FROM]", "policy"),
    ("", "550", "Sender verify failed: no such user", "policy"),
    ("5.7.1", "553", "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "policy"),
    ("5.7.1", "550", "5.7.1 You do not have permission to send to this recipient.", "policy"),
    ("", "550", "Your domain does not exist", "policy"),
    ("", "554", "Transaction failed. Reject due to policy restrictions.", "policy"),
)

"""Understands what comes back: bounces, complaints, wishes to leave, and everything that only looks like them.

`understand` reads one mail in layers, and the first that answers decides:

1. our own signed return path, found anywhere in the mail, is reported as `token` whatever the rest says;
2. feedback reports (RFC 5965), and the shapes Microsoft and others use for them;
3. delivery reports (RFC 3464), also malformed ones;
4. receipts, automatic answers, challenges, delay notices;
5. prose of mail systems that know no standard;
6. a person's mail saying only that they want to leave.

What suppresses a reader and what does not. A permanent *code* is not a permanent *address*: read that way, three of
four innocent addresses in a set of real bounces would have been removed. Hard needs positive evidence about the mailbox
or its domain, in the code or in the words; everything else that failed is soft.

============================================  ======  ==================================================================
what is said                                  kind    source
============================================  ======  ==================================================================
5.1.1 no such mailbox                         hard    RFC 3463 3.2; "user unknown" and its like in 20 languages
5.1.2 no such domain; NXDOMAIN                hard    RFC 3463 3.2; only if the name server said so for good
5.1.3 bad syntax; 5.1.6 moved                 hard    RFC 3463 3.2
5.1.10 null MX, "RecipientNotFound"           hard    RFC 7505 (IANA registry); Exchange Online uses it for 5.1.1
5.2.1 disabled, closed, suspended             hard    RFC 3463 3.3
5.7.17, 5.7.18 mailbox or domain changed      hard    RFC 7293: another person would get the mail
owner
5.4.1 "recipient address rejected: access     hard    Exchange Online's directory-based edge blocking: no such mailbox
denied"
5.0.0, 5.1.0, 5.2.0, 5.3.0, 5.5.0 and the     words   RFC 3463: "other or undefined"; hard only if the words name the
like; no code at all                                  mailbox or domain
5.1.1 with words of policy, spam, blocking    soft    the words come from the server that refused; the code from anybody
5.1.7, 5.1.8 sender's address                 soft    RFC 3463 3.2: about us
5.2.2 full, 5.2.3 / 5.3.4 too large           soft    RFC 3463 3.3, 3.4
5.3.x system, 5.4.x network, 5.4.6 loop       soft    RFC 3463 3.4, 3.5, but see the domain above
5.5.x protocol, 5.6.x content                 soft    RFC 3463 3.6, 3.7
5.7.x policy, SPF, DKIM, DMARC, blocked,      soft    RFC 3463 3.8, RFC 7372, RFC 5248; unless the words say plainly
relaying denied                                       that there is no such user
4.x.x, 4yz, expired in the queue              soft    RFC 3463 2, RFC 5321 4.2.1
failed without any reason                     soft    no evidence
delayed, delivered, relayed, expanded         ignore  RFC 3464 2.3.3
feedback: abuse, fraud, virus                 complaint  RFC 5965 7.3
feedback: opt-out                             optout  RFC 5965 drafts, still sent
feedback: not-spam, auth-failure, other       ignore  RFC 6430, RFC 6591
receipt, automatic answer, challenge,         ignore  RFC 8098, RFC 3834
DMARC report, any other mail
============================================  ======  ==================================================================
"""

import re
from dataclasses import dataclass, replace

from masthead.mail.bounces import bystanders
from masthead.mail.bounces.addresses import (
    Mention,
    address_in,
    headers_behind,
    mentions,
    notice,
    reader_of,
    without_footer,
)
from masthead.mail.bounces.complaints import complaint_in, original_headers
from masthead.mail.bounces.judging import Evidence, Verdict, evidence, judge
from masthead.mail.bounces.reading import MOST_BYTES, Headers, Letter, decoded, read
from masthead.mail.bounces.reports import Recipient, recipients
from masthead.mail.returnpath import token_in

__all__ = ["Understanding", "understand", "understand_reply"]

_UNDER_WAY = {
    "delayed": "late, still under way",
    "delivered": "delivered",
    "relayed": "passed on",
    "expanded": "passed on",
}


@dataclass(frozen=True)
class Understanding:
    """What a returned mail means.

    `kind` is "hard", "soft", "complaint", "optout" or "ignore"; only hard and complaint suppress, optout unsubscribes.
    `status` is an enhanced status code (RFC 3463) like "5.1.1", `reason` one sentence with what the server said,
    `token` the signed part of our own return path (still to be verified, see `returnpath.verify`). `others` holds every
    recipient, the first included, when the mail is about several. `message_id` is the returned mail's, with brackets: a
    redacted complaint is resolved by it. `policy` says that we were refused and not the address: such refusals are
    counted over an issue. `delivered` is the proof that it arrived; not `understood` is what a person should read.
    """

    address: str | None
    kind: str
    status: str | None
    reason: str
    token: str | None
    others: tuple["Understanding", ...] = ()
    message_id: str | None = None
    policy: bool = False
    delivered: bool = False
    understood: bool = True


def understand(raw: bytes) -> Understanding:
    """What one returned mail means; any bytes will do, none raise. What cannot be read is "ignore" and says so."""
    token = token_in(decoded(raw[:MOST_BYTES]))
    try:
        letter = read(raw)
        meant = _meaning(letter)
        token = token or token_in(" ".join([letter.text, *letter.reports, *(part.text for part in letter.originals)]))
    except Exception as fault:
        # A mail that breaks the reading must not stop the mailbox: it is handed on as unread, never as a suppression.
        return _ignored(f"This mail could not be read ({type(fault).__name__}).", token=token, understood=False)
    return replace(meant, token=token, others=tuple(replace(o, token=token) for o in meant.others))


def understand_reply(code: int, text: str) -> Understanding:
    """What a mail server's refusal means that came at once, as the answer to a letter: the same judgement, no mail."""
    found = evidence(f"{code} {text}")
    return _understanding(None, found, judge(found), text)


def _meaning(letter: Letter, nested: bool = False) -> Understanding:
    said, rest = notice(letter.text)
    original = original_headers(letter) or headers_behind(rest)
    message_id = original.get("message-id").strip() or None
    for layer in (_complaint, _report, _nested, _bystander, _prose, _leaving):
        if layer is _nested and nested:
            continue
        if meant := layer(letter, said, original):
            return replace(meant, message_id=message_id)
    return _ignored("Nothing failed: an ordinary mail.", understood=False)


def _complaint(letter: Letter, said: str, original: Headers) -> Understanding | None:
    found = complaint_in(letter)
    return Understanding(found.address, found.kind, None, found.reason, None) if found else None


def _report(letter: Letter, said: str, original: Headers) -> Understanding | None:
    reports = letter.reports
    if not reports and bystanders.by_a_machine_for_mail(letter):
        # Gateways rewrite the report to plain text and keep its fields.
        reports = [text for text in letter.texts if re.search(r"(?im)^final-recipient:[^\n]*@", text)]
    listed = [recipient for report in reports for recipient in recipients(report)]
    if not any(r.address or r.status or r.action for r in listed):
        return None
    understood = [_of_recipient(recipient, letter, said, original) for recipient in listed]
    failed = [u for u in understood if u.kind != "ignore"]
    return _together(failed or understood)


def _of_recipient(recipient: Recipient, letter: Letter, said: str, original: Headers) -> Understanding:
    address = recipient.address or _only_mention(letter, said, original)
    found = evidence(recipient.diagnostic, recipient.status)
    if recipient.action in _UNDER_WAY:
        return _nothing_failed(address, found.status, _UNDER_WAY[recipient.action])
    if not recipient.action and found.status and found.status[0] == "2":
        return _nothing_failed(address, found.status, "delivered")
    verdict, words = judge(found), recipient.diagnostic
    if verdict.kind is None or len(found.words) < 12:
        # The report alone says too little: what the same server wrote for people is heard as well.
        told = next((m.words for m in mentions(letter, said) if m.address == address), said)
        found = evidence(recipient.diagnostic, recipient.status, without_footer(told))
        verdict, words = judge(found), recipient.diagnostic or told
    return _understanding(address, found, verdict, words)


def _nested(letter: Letter, said: str, original: Headers) -> Understanding | None:
    """A gateway that wraps the report of another server into a mail of its own."""
    if letter.reports or not bystanders.by_a_machine_for_mail(letter):
        return None
    for part in letter.originals:
        inner = read(part.text.encode("utf-8", "replace"))
        if inner.reports and bystanders.by_a_machine_for_mail(inner):
            return _meaning(inner, nested=True)
    return None


def _bystander(letter: Letter, said: str, original: Headers) -> Understanding | None:
    subject = letter.headers.get("subject")
    if letter.receipts and not re.search(r"(?i)reject|refus|den(?:y|ied)", subject + said[:300]):
        return _ignored("A receipt: read or deleted, not returned.")
    if re.search(r"(?i)report[- ]domain:", subject):
        return _ignored("A DMARC report.")
    machine = bystanders.by_a_machine_for_mail(letter)
    failed = bystanders.says_it_failed(letter, said)
    if bystanders.automatic(letter) and not (machine and failed):
        return _ignored("An automatic answer.", address_in(letter.headers.get("from")))
    if bystanders.challenging(letter, said) and not (machine and failed):
        return _ignored("A filter asks the sender to confirm.", address_in(letter.headers.get("from")))
    if machine and not failed and bystanders.arrived(letter, said):
        return Understanding(_only_mention(letter, said, original), "ignore", None, "Nothing failed: a receipt.", None)
    return None


def _prose(letter: Letter, said: str, original: Headers) -> Understanding | None:
    machine = bystanders.by_a_machine_for_mail(letter)
    named = mentions(letter, said)
    speaks = bystanders.says_it_failed(letter, said) or bystanders.waiting(letter, said)
    speaks = speaks or bystanders.surely_a_machine(letter) and bool(named)
    if not (machine and speaks) and not bystanders.both_say_it_failed(letter, said):
        return None
    named = named or [Mention(reader_of(original, letter) or "", said)]
    if bystanders.waiting(letter, said):
        return _together([_late(m) for m in named])
    if bystanders.arrived(letter, said):
        return _ignored("Nothing failed: a receipt.", named[0].address)
    return _together([_of_mention(m, said, letter.headers.get("subject")) for m in named])


def _of_mention(mention: Mention, said: str, subject: str) -> Understanding:
    found = evidence(_about(mention))
    verdict = judge(found)
    if verdict.kind is None:
        # Some name the reason before the addresses, or in the subject only.
        found = evidence(f"{said}\n{subject}")
        verdict = judge(found)
    return _understanding(mention.address or None, found, verdict, _about(mention))


def _about(mention: Mention) -> str:
    """The words from the address on, if there are enough of them: what stands before is the server's greeting."""
    at = mention.words.lower().find(mention.address.lower()) if mention.address else 0
    behind = mention.words[max(at, 0) :]
    return behind if len(behind) > len(mention.address) + 15 else mention.words


def _late(mention: Mention) -> Understanding:
    status = evidence(mention.words).status
    return Understanding(mention.address or None, "ignore", status, "Nothing failed yet: late, still under way.", None)


def _leaving(letter: Letter, said: str, original: Headers) -> Understanding | None:
    if not bystanders.wants_to_leave(letter):
        return None
    return Understanding(address_in(letter.headers.get("from")), "optout", None, "The reader asks to leave.", None)


def _only_mention(letter: Letter, said: str, original: Headers) -> str | None:
    named = mentions(letter, said)
    return named[0].address if named else reader_of(original, letter)


def _understanding(address: str | None, found: Evidence, verdict: Verdict, words: str) -> Understanding:
    said = re.sub(r"\s+", " ", words).strip()
    if address and said.lower().startswith(address.lower()):
        said = said[len(address) :].lstrip(" >:")
    reason = verdict.why[0].upper() + verdict.why[1:]
    reason = f"{reason}: {said[:200]}" if said else f"{reason}."
    return Understanding(address, verdict.kind or "soft", found.status, reason, None, policy=verdict.policy)


def _nothing_failed(address: str | None, status: str | None, what: str) -> Understanding:
    arrived = what == _UNDER_WAY["delivered"]
    return Understanding(address, "ignore", status, f"Nothing failed: {what}.", None, delivered=arrived)


def _ignored(
    reason: str, address: str | None = None, *, token: str | None = None, understood: bool = True
) -> Understanding:
    return Understanding(address or None, "ignore", None, reason, token, understood=understood)


def _together(understood: list[Understanding]) -> Understanding:
    """The first recipient speaks for the mail; all of them stand in `others` when there are several."""
    distinct = list({(u.address or "").lower(): u for u in reversed(understood)}.values())[::-1]
    return replace(distinct[0], others=tuple(distinct) if len(distinct) > 1 else ())

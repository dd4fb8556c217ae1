"""Complaints: feedback reports (RFC 5965), and what large mail houses send instead of them."""

import re
from dataclasses import dataclass

from masthead.mail.bounces.addresses import address_in
from masthead.mail.bounces.reading import Headers, Letter, headers_in, read_part

# RFC 5965 7.3, RFC 6430 (not-spam), RFC 6591 (auth-failure); opt-out was in the drafts of RFC 5965 and is still sent.
_COMPLAINING = {"abuse", "fraud", "virus", "phishing", "spam", "abuse-report", "complaint"}
_LEAVING = {"opt-out", "opt-out-list", "optout", "unsubscribe"}

_HOUSE_SENDER = re.compile(
    r"^(?:staff@hotmail\.com|[\w.+-]*(?:fbl|feedback|scomp|complaint|abuse|spamreport|spam-report|arf|jmrp)[\w.+-]*@)",
    re.IGNORECASE,
)
_HOUSE_SUBJECT = re.compile(
    r"^complaint about message from|\bfeedback (?:report|loop)|\bspam (?:complaint|report|fbl)|\bfbl\b|"
    r"\babuse (?:report|complaint|feedback)|^email feedback report|\breported as spam|\bjunk (?:e-?mail )?report|"
    r"\bclient tos notification|^\[spamcop \(",
    re.IGNORECASE,
)
_REDACTED = re.compile(r"redact|undisclosed|suppressed|removed|anonymi|^x{3,}@|unknown@", re.IGNORECASE)
_WHO = (
    "x-hmxmroriginalrecipient",
    "x-original-recipient",
    "x-rcpt-to",
    "x-original-to",
    "x-failed-recipients",
    "x-subscriber",
)


@dataclass(frozen=True)
class Complaint:
    """`kind` as in an Understanding; `address` None where the house has redacted it."""

    kind: str
    address: str | None
    reason: str


def complaint_in(letter: Letter) -> Complaint | None:
    """The complaint in a mail, or None when it is none."""
    original = original_headers(letter)
    if letter.complaints or letter.report_type == "feedback-report":
        return _standard(headers_in("\n".join(letter.complaints)), original)
    sender = address_in(letter.headers.get("from")) or ""
    subject = letter.headers.get("subject")
    reported = bool(letter.originals) and _HOUSE_SUBJECT.search(subject)
    if reported and (_HOUSE_SENDER.match(sender) or "feedback" in sender or subject.lower().startswith("[spamcop")):
        return Complaint("complaint", _complainer(Headers(), original), f"Reported as spam: {subject[:120]}")
    if original.get("x-hmxmroriginalrecipient") and letter.originals:
        return Complaint("complaint", _complainer(Headers(), original), "Reported as junk at a Microsoft mailbox.")
    return None


def original_headers(letter: Letter) -> Headers:
    """The header fields of the attached original, empty when there is none."""
    for part in letter.originals:
        inner = read_part(part.text.encode("utf-8", "replace"))
        if inner.headers:
            return inner.headers
    return Headers()


def _standard(report: Headers, original: Headers) -> Complaint:
    kind = report.get("feedback-type").strip().lower() or "abuse"
    address = _complainer(report, original)
    if kind in _LEAVING:
        return Complaint("optout", address, "A feedback report says the reader opted out.")
    if kind in _COMPLAINING:
        return Complaint("complaint", address, f"A feedback report of type {kind}.")
    return Complaint("ignore", address, f"A feedback report of type {kind[:40]} is no complaint of a reader.")


def _complainer(report: Headers, original: Headers) -> str | None:
    fields = report.all("original-rcpt-to", "removal-recipient", "redacted-address", "original-recipient")
    fields += original.all(*_WHO) + original.all("delivered-to", "to")
    for value in fields:
        address = address_in(value)
        if address and not _REDACTED.search(address):
            return address
    return None

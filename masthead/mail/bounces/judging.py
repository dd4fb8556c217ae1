"""What a status code and a server's words prove about a mailbox. The policy is in `masthead.mail.bounces`."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from masthead.mail.bounces import languages, wordings

_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"']{1,80}@\w[\w-]{0,62}(?:\.[\w-]{1,63}){0,9}")
_LINK = re.compile(r"\b(?:https?|ftp|mailto):\S{1,500}|\bwww\.\S{1,300}", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w.-])(?=[\w.-]{0,250}[a-zA-Z])\w[\w-]{0,62}(?:\.[\w-]{1,63}){1,8}\.?(?![\w-])")
_ENHANCED = re.compile(r"(?<![\w.])([245])\.([0-9])\.(\d{1,3})(?![\d]|\.\d)")
_REPLY = re.compile(
    r"(?:^|[;|:<>(\[{]|\b(?:said|code|replied|response(?: was)?|error|returned|reply|smtp|was)\b[:;]?)"
    r"[\s\"'<:(\[]{0,8}([45][0-5]\d)(?=[\s\-:#,;.)\]]|$)(?!\.\d)",
    re.IGNORECASE | re.MULTILINE,
)
_DIRECTORY_BLOCK = re.compile(r"recipient address rejected:? access denied", re.IGNORECASE)

# Codes that say nothing by themselves: the words decide (RFC 3463 section 3: X.0.0 "other undefined status").
_GENERIC = re.compile(r"[245]\.(?:0\.\d+|\d\.0)")
_HARD_STATUS = {
    "5.1.1": "no such mailbox",
    "5.1.2": "no such domain",
    "5.1.3": "not a valid address",
    "5.1.6": "mailbox has moved",
    "5.1.10": "address does not accept mail",
    "5.2.1": "mailbox disabled",
    "5.7.17": "mailbox has a new owner",
    "5.7.18": "domain has a new owner",
}


_ABOUT_US = {"5.1.7", "5.1.8"}  # bad sender's mailbox, bad sender's domain


class Verdict(NamedTuple):
    """`kind` is "hard", "soft", or None when nothing was proved; `why` the finding in a few words.

    `policy` says that we were refused, not the address: our server, our name, what we wrote.
    """

    kind: str | None
    why: str
    policy: bool = False


@dataclass(frozen=True)
class Evidence:
    """What one recipient's report says: enhanced status codes, basic reply codes, and the words."""

    statuses: tuple[str, ...]
    replies: tuple[str, ...]
    words: str

    @property
    def status(self) -> str | None:
        """The most telling status code: the first that is not generic."""
        telling = [s for s in self.statuses if not _GENERIC.fullmatch(s)]
        return next(iter(telling or self.statuses), None)

    @property
    def only_for_now(self) -> bool:
        if any(status[0] == "4" for status in self.statuses):
            return True
        return bool(self.replies) and all(reply[0] == "4" for reply in self.replies)

    @property
    def final(self) -> bool:
        return any(s[0] == "5" for s in self.statuses) or any(r[0] == "5" for r in self.replies)


def evidence(words: str, status: str = "", told: str = "") -> Evidence:
    """Collects the codes out of a Status field and a diagnostic text, and what was `told` to people beside them.

    The prose gives words only where the fields hold a code: a version number in it looks like one.
    """
    statuses = [_as_status(m) for m in _ENHANCED.finditer(status)] + _statuses(words)
    replies = _REPLY.findall(words)
    if told and not (statuses or replies):
        statuses, replies = _statuses(told), _REPLY.findall(told)
    return Evidence(
        tuple(dict.fromkeys(statuses)), tuple(dict.fromkeys(replies)), cleaned(f"{words} | {told}" if told else words)
    )


def judge(found: Evidence) -> Verdict:
    """Hard only with positive evidence about the mailbox or its domain; see the table in `masthead.mail.bounces`."""
    words = found.words
    if found.only_for_now:
        return Verdict("soft", "not delivered for now")
    if _DIRECTORY_BLOCK.search(words) and "5.4.1" in found.statuses:
        return Verdict("hard", "no such mailbox")
    if not _ABOUT_US.isdisjoint(found.statuses):
        return Verdict("soft", "our sender's address was refused", policy=True)
    if wordings.POLICY.search(words):
        return Verdict("soft", "refused by policy or for its content", policy=True)
    if wordings.FULL_OR_LARGE.search(words) or languages.FULL_OR_LARGE.search(words):
        return Verdict("soft", "mailbox full or mail too large")
    if wordings.TEMPORARY.search(words):
        return Verdict("soft", "a passing fault or a loop")
    return _gone(found) or _by_status(found)


def _statuses(words: str) -> list[str]:
    return [_as_status(m) for m in _ENHANCED.finditer(words) if m.group(1) != "2"]


def cleaned(words: str) -> str:
    """The words without addresses, links and host names, on one line."""
    words = _ADDRESS.sub(" (addr) ", _LINK.sub(" (link) ", words))
    words = _HOST.sub(_without_host, words)
    return re.sub(r"\s+", " ", words).strip()


def without_addresses(words: str) -> str:
    """The words as they are, with every address taken out: what may be kept when its reader is forgotten."""
    return _ADDRESS.sub("…", words)


def _without_host(found: re.Match[str]) -> str:
    # RESOLVER.ADR.RecipNotFound and the like are Exchange's diagnoses, not hosts: their last label is no top domain.
    last = found.group().rstrip(".").rpartition(".")[2]
    return " (host) " if last.islower() or last.isdigit() and not _ENHANCED.match(found.group()) else found.group()


def _gone(found: Evidence) -> Verdict | None:
    words = found.words
    if wordings.MAILBOX_GONE.search(words) or languages.MAILBOX_GONE.search(words):
        return Verdict("hard", "no such mailbox")
    if wordings.MAILBOX_OFF.search(words):
        return Verdict("hard", "mailbox closed or disabled")
    if wordings.CONNECTION.search(words) and found.status not in _HARD_STATUS:
        return Verdict("soft", "server not reached")
    if wordings.DOMAIN_GONE.search(words):
        return Verdict("hard", "no such domain")
    if found.final and wordings.MAILBOX_UNAVAILABLE.search(words):
        return Verdict("hard", "no such mailbox")
    return None


def _by_status(found: Evidence) -> Verdict:
    if any(s.startswith("5.7.") and s not in _HARD_STATUS for s in found.statuses):
        return Verdict("soft", "refused by policy", policy=True)
    for status in found.statuses:
        if status in _HARD_STATUS:
            return Verdict("hard", _HARD_STATUS[status])
    if found.status and not _GENERIC.fullmatch(found.status):
        return Verdict("soft", "not about the mailbox")
    return Verdict(None, "no reason given that concerns the mailbox")


def _as_status(found: re.Match[str]) -> str:
    # Some servers write 5.1.01: RFC 3463 allows no leading zeros, people do.
    return ".".join(str(int(number)) for number in found.groups())

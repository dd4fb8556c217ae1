"""Delivery reports (RFC 3464), also as servers really write them."""

import re
from dataclasses import dataclass

from masthead.mail.bounces.addresses import ADDRESS, address_in, tidy

_FIELD = re.compile(r"^([A-Za-z][\w-]{1,60})[ \t]*:[ \t]*(.*)$")
_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient", "x-original-recipient")
_UNDOTTED = re.compile(r"([^\s;<>()]{1,64}@[^\s;<>()]{1,255})")


@dataclass(frozen=True)
class Recipient:
    """One recipient of a report; `action` is one word (failed, delayed, delivered, relayed, expanded) or empty."""

    address: str | None
    action: str
    status: str
    diagnostic: str


def recipients(report: str) -> list[Recipient]:
    """All recipients of a delivery report in order; the blank lines between groups may be missing or too many."""
    return [
        _recipient(group)
        for group in _groups(report)
        if any(name in group for name in (*_RECIPIENT, "action", "status"))
    ]


def _groups(report: str) -> list[dict[str, str]]:
    groups: list[dict[str, str]] = [{}]
    name = ""
    for line in report.splitlines():
        if not line.strip():
            # RFC 3464 2.1 separates recipients by a blank line; some servers put one between any two fields.
            if {"action", "status"} & groups[-1].keys() and set(_RECIPIENT) & groups[-1].keys():
                groups.append({})
            name = ""
        elif line[0] in " \t" and name:
            groups[-1][name] += " " + line.strip()
        elif found := _FIELD.match(line):
            name = found.group(1).lower()
            if name in groups[-1] and name in ("final-recipient", "action", "status"):
                groups.append({})
            groups[-1].setdefault(name, found.group(2).strip())
    return groups


def _recipient(group: dict[str, str]) -> Recipient:
    action = re.match(r"[a-z]*", group.get("action", "").lower())
    comments = " ".join(group.get(name, "") for name in ("action", "status"))
    words = " ".join(group.get(n, "") for n in ("diagnostic-code", "x-supplementary-info", "x-display-name-diagnostic"))
    if not group.get("diagnostic-code"):
        words = f"{_after_code(comments)} {words}"
    return Recipient(_address(group), action.group() if action else "", group.get("status", ""), words.strip())


def _after_code(comments: str) -> str:
    """What a server put behind the word or code, where only the word or code belongs."""
    said = re.sub(r"^(?:fail\w*|error)\b", "", comments.strip(), flags=re.IGNORECASE)
    return re.sub(r"(?<![\d.])[245]\.\d\.\d{1,3}(?![\d.])", "", said).strip(" ()")


def _address(group: dict[str, str]) -> str | None:
    # The original recipient is the address we wrote to; the final one may be what a forwarding made of it.
    values = [group[n] for n in ("original-recipient", "x-original-recipient", *_RECIPIENT) if n in group]
    for value in values:
        if not value.lower().startswith("x400") and (found := address_in(value.rpartition(";")[2])):
            return found
    bare = [_UNDOTTED.search(value) for value in values]
    return next((tidy(m.group(1)) for m in bare if m and not ADDRESS.search(m.group(1))), None)

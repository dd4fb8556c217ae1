"""DMARC and DKIM as a domain publishes them: whose word counts for a From address, and which key signs.

The organisational domain is found by walking up the tree of names, as the standard's second edition does (DMARCbis,
4.10): it needs no list of public suffixes.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from masthead.mail.names import Names

MOST_STEPS = 8  # labels looked at


@dataclass(frozen=True)
class Dmarc:
    """A record, where it stands, and the organisational domain of the name it was asked for."""

    domain: str
    organisation: str
    tags: dict[str, str] = field(default_factory=dict)

    def policy_for(self, domain: str) -> str:
        """Returns "none", "quarantine" or "reject": what receivers shall do with forgeries of this domain."""
        policy = self.tags.get("p", "none").lower()
        return policy if domain == self.domain else self.tags.get("sp", policy).lower()


@dataclass(frozen=True)
class Key:
    """A published DKIM key. `bits` is 0 where its length does not say how strong it is (Ed25519).

    `is_key` is False where the record is no key, or where there are several.
    """

    kind: str
    bits: int
    is_revoked: bool = False
    is_testing: bool = False
    is_key: bool = True


def record_for(names: Names, domain: str) -> Dmarc | None:
    """Returns the record that speaks for a From address of this domain. Raises NotAnswered."""
    found = _walk(names, domain)
    if not found:
        return None
    place = domain if domain in found else _organisation(found, domain)
    return Dmarc(place, _organisation(found, domain), found.get(place, {}))


def organisation_of(names: Names, domain: str) -> str:
    """Returns the domain that owns this one, as far as DMARC records tell. Raises NotAnswered."""
    return _organisation(_walk(names, domain), domain)


def aligned(names: Names, one: str, other: str, *, strictly: bool) -> bool:
    """Whether two domains count as the same sender: equal, or of one organisation where that is enough."""
    if one.lower() == other.lower():
        return True
    return not strictly and organisation_of(names, one.lower()) == organisation_of(names, other.lower())


def key_of(names: Names, selector: str, domain: str) -> Key | None:
    """Returns the DKIM key under a selector (RFC 6376 3.6.1), or None where no key is published. Raises NotAnswered."""
    records = names.ask(f"{selector}._domainkey.{domain}", "TXT")
    if not records:
        return None
    tags = tags_of(records[0])
    kind, public = tags.get("k", "rsa").lower(), re.sub(r"\s", "", tags.get("p", ""))
    testing = "y" in tags.get("t", "").split(":")
    if len(records) > 1 or tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        return Key(kind, 0, is_testing=testing, is_key=False)
    if not public:
        return Key(kind, 0, is_revoked=True, is_testing=testing)
    try:
        decoded = base64.b64decode(public, validate=True)
        return Key(kind, _rsa_bits(decoded) if kind == "rsa" else 0, is_testing=testing)
    except (binascii.Error, ValueError, IndexError):
        return Key(kind, 0, is_testing=testing, is_key=False)


def tags_of(record: str) -> dict[str, str]:
    """Returns the tags of a list like "v=DMARC1; p=none"."""
    pairs = (part.partition("=") for part in record.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _walk(names: Names, domain: str) -> dict[str, dict[str, str]]:
    """The records found from a domain up to its top, each under its own name, longest first."""
    labels = domain.lower().split(".")
    steps = [labels, *(labels[at:] for at in range(max(1, len(labels) - MOST_STEPS + 1), len(labels)))]
    found = {}
    for step in steps:
        name = ".".join(step)
        records = [tags_of(text) for text in names.ask(f"_dmarc.{name}", "TXT") if _is_dmarc(text)]
        if len(records) == 1:
            found[name] = records[0]
            if records[0].get("psd") == "n":
                break
    return found


def _is_dmarc(text: str) -> bool:
    return bool(re.match(r"v\s*=\s*DMARC1\s*(;|$)", text))


def _organisation(found: dict[str, dict[str, str]], domain: str) -> str:
    for name, tags in found.items():
        if tags.get("psd") == "n":
            return name
        if tags.get("psd") == "y" and name != domain:
            below = domain.removesuffix(f".{name}").split(".")[-1]
            return f"{below}.{name}"
    return min(found, key=lambda name: name.count("."), default=domain)


def _rsa_bits(der: bytes) -> int:
    """The length of an RSA modulus, in a SubjectPublicKeyInfo (RFC 5280) or by itself (RFC 8017 A.1.1)."""
    inside = _value(der, 0x30)
    if inside[0] == 0x30:
        inside = _value(_value(_behind(inside), 0x03)[1:], 0x30)
    return int.from_bytes(_value(inside, 0x02), "big").bit_length()


def _value(der: bytes, tag: int) -> bytes:
    if der[0] != tag:
        raise ValueError("not the DER of a public key")
    start, size = _measured(der)
    if len(der) < start + size:
        raise ValueError("the key is cut off")
    return der[start : start + size]


def _behind(der: bytes) -> bytes:
    start, size = _measured(der)
    return der[start + size :]


def _measured(der: bytes) -> tuple[int, int]:
    if der[1] < 0x80:
        return 2, der[1]
    many = der[1] & 0x7F
    return 2 + many, int.from_bytes(der[2 : 2 + many], "big")

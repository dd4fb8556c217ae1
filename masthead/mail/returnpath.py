"""Signed return paths: each letter has its own, so that what comes back names its delivery whatever the text says.

    b+<id>-<day>-<signature>@mail.example.com        all in base 32, lower case: mail systems change the case

Known as VERP (variable envelope return path). The signature keeps strangers from removing readers with forged bounces;
the day lets an old one run out: nobody bounces after two months, but harvested addresses are written to for years.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import date

DAYS = 60  # how long after its letter a return path is believed
PREFIX = "b+"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_SIGNATURE = 16  # characters of 5 bits
_TOKEN = re.compile(
    rf"(?<![a-z0-9+]){re.escape(PREFIX)}([a-z2-7]{{1,13}}-[a-z2-7]{{1,5}}-[a-z2-7]{{{_SIGNATURE}}})(?=@|=40)",
    re.IGNORECASE,
)


class ForgedPath(ValueError):
    """The token is not one of ours, or was changed; the mail that carried it changes nothing."""


class OldPath(ForgedPath):
    """The token was ours and is older than `DAYS`: it is not believed any more."""


def make(id: int, day: date, domain: str, key: bytes) -> str:
    """Returns the return path of one letter: `id` is our key of its delivery, not negative; `day` the day it leaves."""
    said = f"{_in_base_32(id)}-{_in_base_32(day.toordinal())}"
    return f"{PREFIX}{said}-{_signature(said, key)}@{domain}"


def token_in(text: str) -> str | None:
    """Returns the token of the first of our return paths in a text, in lower case, or None. It is not verified."""
    found = _TOKEN.search(text)
    return found[1].lower() if found else None


def verify(token: str, keys: Iterable[bytes], today: date) -> int:
    """Returns the delivery's id, if one of `keys` signed it in the last `DAYS` days. Raises ForgedPath, OldPath."""
    said, _, signature = token.lower().rpartition("-")
    if not any(hmac.compare_digest(_signature(said, key), signature) for key in keys):
        raise ForgedPath("The return path is not signed by us.")
    id, _, day = said.partition("-")
    age = today.toordinal() - _from_base_32(day)
    if not -1 <= age <= DAYS:
        raise OldPath(f"The return path is of {date.fromordinal(_from_base_32(day)):%Y-%m-%d}.")
    return _from_base_32(id)


def _signature(said: str, key: bytes) -> str:
    number = int.from_bytes(hmac.digest(key, said.encode(), hashlib.sha256)[:10], "big")
    return "".join([_ALPHABET[number >> shift & 31] for shift in range(0, 5 * _SIGNATURE, 5)])


def _in_base_32(number: int) -> str:
    digits = _ALPHABET[number & 31]
    while number := number >> 5:
        digits = _ALPHABET[number & 31] + digits
    return digits


def _from_base_32(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number << 5 | _ALPHABET.index(digit)
    return number

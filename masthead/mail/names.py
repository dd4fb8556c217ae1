"""Names: what the domain name system says, behind one small seam, so that a test can say it instead."""

from typing import Protocol

import dns.exception
import dns.resolver
import dns.reversename

PATIENCE = 4.0  # seconds for one question, all servers and repetitions together
SILENCES = 2  # questions without any answer after which no more are asked: somebody waits, and the line is dead


class NotAnswered(Exception):
    """The name servers gave no answer: nothing is known, not even that there is no such record."""


class Names(Protocol):
    """Whoever answers questions about names."""

    def ask(self, name: str, kind: str) -> list[str]:
        """Returns the records of one kind, empty where there is none. Raises NotAnswered.

        TXT: one text a record, its strings joined. MX: "10 mail.example.com". PTR: `name` is an address, the answers
        are names. No name ends in a dot, but for the MX of a domain that takes no mail, which is "0 ." (RFC 7505).
        """


class DomainNames:
    """The real ones, each question asked once."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._known: dict[tuple[str, str], list[str]] = {}
        self._patience = patience
        self._silences = 0

    def ask(self, name: str, kind: str) -> list[str]:
        key = (name.lower(), kind)
        if key not in self._known:
            self._known[key] = self._asked(name, kind)
        return self._known[key]

    def _asked(self, name: str, kind: str) -> list[str]:
        if self._silences >= SILENCES:
            raise NotAnswered(f"{name} {kind}: no name server answers from here")
        try:
            asked = dns.reversename.from_address(name) if kind == "PTR" else name
            answer = dns.resolver.resolve(asked, kind, search=False, lifetime=self._patience)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            self._silences += isinstance(error, dns.exception.Timeout | OSError)
            raise NotAnswered(f"{name} {kind}: {error}") from error
        return [_as_text(record, kind) for record in answer]


def _as_text(record, kind: str) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")
    said = record.to_text()
    return said if said.endswith(" .") else said.removesuffix(".")

"""Addresses: which may be written to, how they are spelled on the wire, and when two are the same.

    >>> check_address(" Desk@Bücher.Example ")        # at sign-up: tidy it, or say why not
    'Desk@bücher.example'
    >>> normalise("Desk@Bücher.Example")              # the key for "one person, one mail" and for suppression
    'desk@xn--bcher-kva.example'
    >>> wire_address("Desk@bücher.example")           # what SMTP and the To header get
    'Desk@xn--bcher-kva.example'

Keep the checked address for sending and the normalised one for comparing. Never send to the normalised one: RFC 5321
2.4 lets a host tell `Desk` from `desk`, and a few do.
"""

import re
import unicodedata
from typing import NamedTuple

import idna

LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3 gives 256 for a path, which includes the two angle brackets
LONGEST_LOCAL_PART = 64

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PLAIN_WIRE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_PASTED_EDGES = " \t\u00a0\u200b\u200c\u200d\u2060\ufeff"


class Mailbox(NamedTuple):
    """A name and an address, as in `To: name <address>`; the name may be empty and in any script."""

    name: str
    address: str


class BadAddress(ValueError):
    """The address cannot be used. `str(error)` is one sentence for the person who typed it; `code` is for translators.

    Codes: empty, control, space, parts, local, domain, long, smtputf8.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class UndeliverableAddress(BadAddress):
    """The address is well formed, but mail to it needs SMTPUTF8 (RFC 6531), which the path does not offer."""

    def __init__(self, address: str) -> None:
        super().__init__(
            "smtputf8",
            f"Mail to {address} needs letters before the @ that not every mail server carries: "
            "give an address with only a-z, 0-9 and . _ - + before the @.",
        )


def check_address(address: str, *, smtputf8: bool = False) -> str:
    """Returns the address fit for sending, or says in one sentence why it is not.

    Tidied: blanks at both ends, Unicode form (NFC), the domain in lower case. Quoted local parts are kept.
    `smtputf8=True` lets non-ASCII letters before the @ pass. Raises `BadAddress`, `UndeliverableAddress`.
    """
    tidy = _tidy(address)
    if not tidy:
        raise BadAddress("empty", "Write an e-mail address.")
    local, domain = _parts(tidy)
    _check_local(local)
    _check_domain(domain)
    if not local.isascii() and not smtputf8:
        raise UndeliverableAddress(tidy)
    if len(f"{local}@{_ascii_domain(domain)}".encode()) > LONGEST_ADDRESS:
        raise BadAddress("long", f"The address is longer than {LONGEST_ADDRESS} characters: check it.")
    return f"{local}@{domain.lower()}"


def normalise(address: str) -> str:
    """Returns the one spelling under which an address is unique and suppressed; the same for what it returns.

    The policy: blanks at both ends go; the domain becomes its lower-case A-label; the local part becomes NFC and
    loses its case, because someone who unsubscribed as `Desk@` must not be mailed as `desk@` (RFC 5321 2.4 allows a
    host to tell them apart: to merge two such people costs one mail, to split one person breaks a promise). Needless
    quotes go. Dots and +tags stay: only some hosts ignore them. Raises `BadAddress` when there is no address in it.
    """
    local, domain = _parts(_tidy(address))
    return f"{_quoted_if_needed(_without_case(_unquoted(local)))}@{_ascii_domain(domain)}"


def wire_address(address: str, *, smtputf8: bool = False) -> str:
    """Returns the address as it travels: IDN domain as A-labels (RFC 5891), nothing that could break out of `<...>`.

    Checks less than `check_address`, because what was accepted years ago must still be mailed or refused by its own
    server. Raises `BadAddress`, and `UndeliverableAddress` for non-ASCII before the @ unless `smtputf8`.
    """
    if _PLAIN_WIRE.fullmatch(address):
        return address
    local, domain = _parts(_tidy(address))
    if not (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local) or re.fullmatch(rf"(?:{_ATOM}|\.)+", local)):
        raise BadAddress("local", f"“{local}” cannot stand before the @ of an address.")
    if re.search(r"[\s<>,;:\"\\]", domain.removeprefix("[IPv6:")):
        raise BadAddress("domain", f"“{domain}” is not a domain name.")
    if not local.isascii() and not smtputf8:
        raise UndeliverableAddress(address)
    return f"{local}@{domain if domain.startswith('[') else _ascii_domain(domain, keep_case=True)}"


def _tidy(address: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") for char in address.strip(_PASTED_EDGES)):
        raise BadAddress("control", "The address contains a line break or another control character: type it again.")
    return unicodedata.normalize("NFC", address.strip(_PASTED_EDGES))


def _parts(address: str) -> tuple[str, str]:
    local, at, domain = address.rpartition("@")
    if not (at and local and domain):
        raise BadAddress("parts", "An address has a name, an @ and a domain, like name@example.com.")
    return local, domain


def _check_local(local: str) -> None:
    if len(local.encode()) > LONGEST_LOCAL_PART:
        raise BadAddress("long", f"The part before the @ is longer than {LONGEST_LOCAL_PART} characters: check it.")
    if _QUOTED.fullmatch(local) and local != '""':
        return
    if re.search(r"\s", local):
        raise BadAddress("space", "The address contains a blank: write only the address, without a name.")
    if not _DOT_ATOM.fullmatch(local):
        raise BadAddress("local", f"“{local}” cannot stand before the @ of an address: check dots and special signs.")


def _check_domain(domain: str) -> None:
    if re.search(r"\s", domain):
        raise BadAddress("space", "The address contains a blank: write only the address, without a name.")
    labels = _ascii_domain(domain).split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("domain", f"“{domain}” is not a domain that takes mail: write it like example.com.")


def _ascii_domain(domain: str, *, keep_case: bool = False) -> str:
    # idna refuses some host names that exist (underscores) and some A-labels of IDNA 2003; what is already ASCII is
    # therefore only lowered, never judged.
    if domain.isascii():
        return domain if keep_case else domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise BadAddress("domain", f"“{domain}” is not a domain that takes mail: write it like example.com.") from error


def _without_case(local: str) -> str:
    # Case folding can undo NFC and NFC can bring back foldable letters; two or three rounds settle it.
    folded = local
    while (again := unicodedata.normalize("NFC", folded.casefold())) != folded:
        folded = again
    return folded


def _unquoted(local: str) -> str:
    return re.sub(r"\\(.)", r"\1", local[1:-1]) if _QUOTED.fullmatch(local) else local


def _quoted_if_needed(local: str) -> str:
    if re.search(r'[\s"\\(),:;<>@\[\]]', local) or not local:
        return '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
    return local

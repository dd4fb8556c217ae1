"""SPF: may this address send for this domain? Evaluated as a receiver does (RFC 7208), with its limits."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from masthead.mail.names import Names, NotAnswered

MOST_LOOKUPS = 10  # RFC 7208 4.6.4: terms that ask the name system
MOST_VOIDS = 2  # of these may find nothing
MOST_HOSTS = 10  # names behind one mx or ptr

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TERM = re.compile(r"(?P<sign>[+\-~?]?)(?P<name>[a-z][a-z0-9]*)(?P<rest>[:/].*)?", re.IGNORECASE)
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9._-]*)=(?P<value>.*)", re.IGNORECASE)
_HOSTS = re.compile(r"(?::(?P<domain>[^/]+))?(?:/(?P<four>\d{1,2}))?(?://(?P<six>\d{1,3}))?")
_MACRO = re.compile(r"%\{(?P<letter>[a-z])(?P<last>\d*)(?P<turned>r?)(?P<cut>[.\-+,/_=]*)\}|%(?P<sign>[%_-])", re.I)


class SpfResult(StrEnum):
    """What a receiver makes of it (RFC 7208 2.6)."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    PERMERROR = "permerror"
    TEMPERROR = "temperror"


@dataclass(frozen=True)
class Spf:
    """The result, how many look-ups it took, and for an error what is wrong."""

    result: SpfResult
    lookups: int = 0
    why: str = ""


def check(names: Names, address: str, sender: str) -> Spf:
    """Returns what a receiver says to `sender` (an address of ours) arriving from the IP `address`.

    With an empty `address` nothing but `all` matches, so the whole record is walked: its faults and its price.
    """
    walk = _Walk(names, ipaddress.ip_address(address) if address else None, sender)
    try:
        result = walk.host(sender.rpartition("@")[2])
    except _Broken as broken:
        return Spf(SpfResult.PERMERROR, walk.lookups, str(broken))
    except NotAnswered as silent:
        return Spf(SpfResult.TEMPERROR, walk.lookups, str(silent))
    return Spf(result, walk.lookups)


def record_of(names: Names, domain: str) -> str | None:
    """Returns the SPF record of a domain. Raises `ValueError` where there is more than one (RFC 7208 4.5)."""
    found = [text for text in names.ask(domain, "TXT") if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)]
    if len(found) > 1:
        raise _Broken(f"{domain} has {len(found)} SPF records")
    return found[0] if found else None


class _Broken(ValueError):
    """The record cannot be used: a permanent error."""


_RESULTS = {"": SpfResult.PASS, "+": SpfResult.PASS, "-": SpfResult.FAIL, "~": SpfResult.SOFTFAIL}


class _Walk:
    """One evaluation; it counts what it costs over all includes."""

    def __init__(self, names: Names, address: Address | None, sender: str) -> None:
        self.names, self.address, self.sender = names, address, sender
        self.lookups = self.voids = 0

    def host(self, domain: str) -> SpfResult:
        record = record_of(self.names, domain)
        if record is None:
            return SpfResult.NONE
        directives, redirect = _parsed(record, domain)
        for sign, name, rest in directives:
            if self._matches(name, rest, domain):
                return _RESULTS.get(sign, SpfResult.NEUTRAL)
        if not redirect:
            return SpfResult.NEUTRAL
        self._pay()
        result = self.host(self._expanded(redirect, domain))
        if result is SpfResult.NONE:
            raise _Broken(f"redirect={redirect} leads to no SPF record")
        return result

    def _matches(self, name: str, rest: str, domain: str) -> bool:
        if name == "all":
            return True
        if name in ("ip4", "ip6"):
            return self._within(_network(name, rest))
        self._pay()
        ways = {"include": self._include, "exists": self._exists, "ptr": self._ptr, "a": self._a, "mx": self._mx}
        return ways[name](rest, domain)

    def _include(self, rest: str, domain: str) -> bool:
        target = self._expanded(_needed(rest, "include"), domain)
        result = self.host(target)
        if result is SpfResult.NONE:
            raise _Broken(f"include:{target} leads to no SPF record")
        return result is SpfResult.PASS

    def _exists(self, rest: str, domain: str) -> bool:
        target = self._expanded(_needed(rest, "exists"), domain)
        return self.address is not None and bool(self._ask(target, "A"))

    def _a(self, rest: str, domain: str) -> bool:
        return self._among(*self._hosts(rest, domain), pays=True)

    def _mx(self, rest: str, domain: str) -> bool:
        target, four, six = self._hosts(rest, domain)
        hosts = [host for _, _, host in (record.partition(" ") for record in self._ask(target, "MX")) if host != "."]
        if len(hosts) > MOST_HOSTS:
            raise _Broken(f"mx:{target} has more than {MOST_HOSTS} servers")
        return any([self._among(host, four, six) for host in hosts])

    def _ptr(self, rest: str, domain: str) -> bool:
        target = self._expanded(rest[1:], domain) if rest else domain
        if self.address is None:
            return False
        hosts = self.names.ask(str(self.address), "PTR")[:MOST_HOSTS]
        near = [host for host in hosts if f".{host}".lower().endswith(f".{target}".lower())]
        return any([self._among(host, "", "") for host in near])

    def _hosts(self, rest: str, domain: str) -> tuple[str, str, str]:
        found = _HOSTS.fullmatch(rest)
        if not found:
            raise _Broken(f"“{rest}” is no host and prefix")
        return self._expanded(found["domain"] or domain, domain), found["four"] or "", found["six"] or ""

    def _among(self, host: str, four: str, six: str, pays: bool = False) -> bool:
        kind = "AAAA" if isinstance(self.address, ipaddress.IPv6Address) else "A"
        addresses = self._ask(host, kind) if pays else self.names.ask(host, kind)
        prefix = (six or "128") if kind == "AAAA" else (four or "32")
        try:
            return any([self._within(ipaddress.ip_network(f"{one}/{prefix}", strict=False)) for one in addresses])
        except ValueError as error:
            raise _Broken(f"{host}: {error}") from error

    def _within(self, network) -> bool:
        return self.address is not None and self.address.version == network.version and self.address in network

    def _ask(self, name: str, kind: str) -> list[str]:
        found = self.names.ask(name, kind)
        self.voids += not found
        if self.voids > MOST_VOIDS:
            raise _Broken(f"more than {MOST_VOIDS} names in it lead to nothing, the last of them {name}")
        return found

    def _pay(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise _Broken(f"it takes more than {MOST_LOOKUPS} look-ups")

    def _expanded(self, text: str, domain: str) -> str:
        return _MACRO.sub(lambda found: self._macro(found, domain), text) if "%" in text else text

    def _macro(self, found: re.Match[str], domain: str) -> str:
        if found["sign"]:
            return {"%": "%", "_": " ", "-": "%20"}[found["sign"]]
        local, _, own = self.sender.rpartition("@")
        address = self.address or ipaddress.ip_address("0.0.0.0")  # noqa: S104 - matches nothing
        six = isinstance(address, ipaddress.IPv6Address)
        values = {
            "s": self.sender,
            "l": local or "postmaster",
            "o": own,
            "d": domain,
            "h": own,
            "p": "unknown",
            "v": "ip6" if six else "in-addr",
            "i": ".".join(address.exploded.replace(":", "")) if six else str(address),
        }
        if found["letter"].lower() not in values:
            raise _Broken(f"“{found[0]}” is no macro of SPF")
        parts = re.split(f"[{re.escape(found['cut'] or '.')}]", values[found["letter"].lower()])
        parts = parts[::-1] if found["turned"] else parts
        return ".".join(parts[-int(found["last"]) :] if found["last"] else parts)


_MECHANISMS = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"}


def _parsed(record: str, domain: str) -> tuple[list[tuple[str, str, str]], str]:
    """The directives (sign, name, rest) in their order, and where `redirect=` leads."""
    directives, redirects = [], []
    for term in record.split()[1:]:
        modifier = _MODIFIER.fullmatch(term)
        if modifier:
            redirects += [modifier["value"]] if modifier["name"].lower() == "redirect" else []
            continue
        found = _TERM.fullmatch(term)
        if not found or found["name"].lower() not in _MECHANISMS:
            raise _Broken(f"{domain} says “{term}”, which SPF does not know")
        directives.append((found["sign"], found["name"].lower(), found["rest"] or ""))
    if len(redirects) > 1:
        raise _Broken(f"{domain} redirects twice")
    return directives, redirects[0] if redirects else ""


def _needed(rest: str, name: str) -> str:
    if not rest.startswith(":") or not rest[1:]:
        raise _Broken(f"“{name}{rest}” names no domain")
    return rest[1:]


def _network(name: str, rest: str):
    try:
        network = ipaddress.ip_network(_needed(rest, name), strict=False)
    except ValueError as error:
        raise _Broken(f"“{name}{rest}” is no network") from error
    if network.version != int(name[-1]):
        raise _Broken(f"“{name}{rest}” is a network of the other kind")
    return network

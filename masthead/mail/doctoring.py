"""The mail doctor: would a large receiver take bulk mail from here? Asked before the first of it leaves.

What Gmail, Yahoo and Microsoft want of bulk senders since 2024 and 2025 (SPF, DKIM and DMARC that fit the From address,
a name for the outgoing address, TLS, one-click unsubscribing), and what we want ourselves: that bounces find their way
back. Each finding is green, yellow or red and says in one sentence what to do. What the name servers did not answer is
yellow: it is not known, and not held against anybody.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from masthead.mail import dmarc, spf
from masthead.mail.names import Names, NotAnswered
from masthead.mail.smtp import Connection, Server, ServerGone, Tls, Waits
from masthead.mail.spf import SpfResult

__all__ = ["Finding", "Light", "Patient", "examine", "worst"]

WEAK, ADVISED = 1024, 2048  # bits of an RSA key: less is refused (RFC 8301 3.2), more is advised
NOWHERE = re.compile(r"(?:.*\.)?(?:localhost|localdomain|local|internal|test|invalid|example)|[^.]*")
SHORTLY = Waits(connect=5, greeting=10, command=10)  # somebody waits for the doctor
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 3.1


class Light(StrEnum):
    """How bad it is. Red stops the first bulk mail."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `says` is an English sentence with %(names)s, so that a desk can translate it."""

    check: str
    light: Light
    says: str
    values: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.says % self.values


@dataclass(frozen=True)
class Patient:
    """What is examined: a sender, how its mail leaves, and a letter as readers get it.

    `keys` are (selector, domain) of DKIM. `addresses` are those from which mail reaches receivers; `is_guess` says that
    nobody named them, so that they prove nothing against the sender. `provider` is the name of the company whose HTTP
    interface takes the mail, else `server` takes it. `headers` of the letter in lower case; `root` is the title's own
    address on the web.
    """

    sender: str
    return_path: str
    headers: Mapping[str, str]
    root: str
    server: Server | None = None
    provider: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    addresses: tuple[str, ...] = ()
    is_guess: bool = False
    reads_returns: bool = False

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2].lower()

    @property
    def return_domain(self) -> str:
        return self.return_path.rpartition("@")[2].lower()


def examine(patient: Patient, names: Names, connect: Callable[[Server], Connection] = Connection) -> list[Finding]:
    """Returns what was found, at least one finding a check; never raises for what the world answers."""
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [("sender", lambda: _sender(patient))]
    if not patient.provider:
        checks.append(("spf", lambda: _spf(patient, names)))
    checks += [("dkim", lambda: _dkim(patient, names)), ("dmarc", lambda: _dmarc(patient, names))]
    if not patient.provider:
        checks += [("ptr", lambda: _ptr(patient, names)), ("tls", lambda: _tls(patient, connect))]
    checks += [("bounces", lambda: _bounces(patient, names)), ("one-click", lambda: _one_click(patient))]
    return [finding for name, look in checks for finding in _looked(name, look)]


def worst(findings: list[Finding]) -> Light:
    """Returns the light of the whole."""
    lights = {finding.light for finding in findings}
    return next((light for light in (Light.RED, Light.YELLOW) if light in lights), Light.GREEN)


def _(sentence: str) -> str:
    """Marks a sentence for whoever translates it; it stays English here."""
    return sentence


def _looked(name: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except NotAnswered as silent:
        sentence = _("The name servers did not answer (%(why)s): ask the doctor again.")
        return [Finding(name, Light.YELLOW, sentence, {"why": str(silent)})]


def _sender(patient: Patient) -> Iterator[Finding]:
    for domain in dict.fromkeys([patient.domain, patient.return_domain]):
        if NOWHERE.fullmatch(domain):
            says = _("%(domain)s is no domain on the Internet: send from a domain of your own.")
            yield Finding("sender", Light.RED, says, {"domain": domain or patient.sender})
        else:
            yield Finding("sender", Light.GREEN, _("%(domain)s is a domain of the Internet."), {"domain": domain})


def _spf(patient: Patient, names: Names) -> Iterator[Finding]:
    domain = patient.return_domain
    if NOWHERE.fullmatch(domain):
        return
    whole = spf.check(names, "", f"news@{domain}")
    if whole.result is SpfResult.TEMPERROR:
        raise NotAnswered(whole.why)
    if whole.result is SpfResult.NONE:
        says = _("%(domain)s has no SPF record: publish one that names your mail server, ending in ~all or -all.")
        yield Finding("spf", Light.RED, says, {"domain": domain})
    elif whole.result is SpfResult.PERMERROR:
        says = _("The SPF record of %(domain)s cannot be used: %(why)s. Mend it.")
        yield Finding("spf", Light.RED, says, {"domain": domain, "why": whole.why})
    elif not patient.addresses:
        says = _("%(domain)s has an SPF record; name the outgoing address in `outgoing_addresses` to have it checked.")
        yield Finding("spf", Light.YELLOW, says, {"domain": domain})
    else:
        for address in patient.addresses:
            yield _spf_of(patient, names, address)


def _spf_of(patient: Patient, names: Names, address: str) -> Finding:
    domain = patient.return_domain
    said = spf.check(names, address, f"news@{domain}")
    values = {"domain": domain, "address": address, "lookups": str(said.lookups)}
    if said.result is SpfResult.PASS:
        return Finding("spf", Light.GREEN, _("%(domain)s lets %(address)s send (%(lookups)s look-ups of 10)."), values)
    if patient.is_guess:
        says = _("%(domain)s does not let %(address)s send: if mail leaves from elsewhere, name `outgoing_addresses`.")
        return Finding("spf", Light.YELLOW, says, values)
    says = _("%(domain)s does not let %(address)s send: add it to the SPF record.")
    return Finding("spf", Light.RED, says, values)


def _dkim(patient: Patient, names: Names) -> Iterator[Finding]:
    if not patient.keys:
        says = _("No DKIM key is known: let the mail server sign, and name its selector in `dkim_selectors`.")
        yield Finding("dkim", Light.RED, says)
    for selector, domain in patient.keys:
        yield _judged_key(dmarc.key_of(names, selector, domain), f"{selector}._domainkey.{domain}")


def _judged_key(key: dmarc.Key | None, place: str) -> Finding:
    values = {"place": place, "bits": str(key.bits if key else 0)}
    weak = key is not None and key.kind == "rsa" and key.bits < WEAK
    if key is None:
        light, says = Light.RED, _("There is no DKIM key at %(place)s: publish it as a TXT record.")
    elif not key.is_key:
        light, says = Light.RED, _("What stands at %(place)s is not one DKIM key: publish it again, in one piece.")
    elif key.is_revoked:
        light, says = Light.RED, _("The key at %(place)s is revoked: sign with another one.")
    elif weak:
        light, says = Light.RED, _("The key at %(place)s has %(bits)s bits, too few to be believed: make one of 2048.")
    elif key.is_testing:
        light, says = Light.YELLOW, _("The key at %(place)s says it is a test: take t=y away.")
    elif key.kind == "rsa" and key.bits < ADVISED:
        light, says = Light.YELLOW, _("The key at %(place)s has %(bits)s bits: make one of 2048.")
    elif key.kind != "rsa":
        light, says = Light.YELLOW, _("The key at %(place)s is not RSA, which some receivers cannot read: add one.")
    else:
        light, says = Light.GREEN, _("The key at %(place)s is published; whether mail is signed, a test mail shows.")
    return Finding("dkim", light, says, values)


def _dmarc(patient: Patient, names: Names) -> Iterator[Finding]:
    domain = patient.domain
    if NOWHERE.fullmatch(domain):
        return
    record = dmarc.record_for(names, domain)
    if record is None:
        says = _("%(domain)s has no DMARC record: publish “v=DMARC1; p=none; rua=mailto:…” at _dmarc.%(domain)s.")
        yield Finding("dmarc", Light.RED, says, {"domain": domain})
        return
    policy, values = record.policy_for(domain), {"domain": record.domain}
    if policy not in ("none", "quarantine", "reject"):
        says = _("The DMARC record of %(domain)s says neither none, quarantine nor reject: mend its p=.")
        yield Finding("dmarc", Light.RED, says, values)
    elif policy == "none":
        says = _("The DMARC record of %(domain)s only watches (p=none): go to quarantine when its reports are clean.")
        yield Finding("dmarc", Light.YELLOW, says, values)
    else:
        says = _("The DMARC record of %(domain)s keeps forgeries away.")
        yield Finding("dmarc", Light.GREEN, says, values)
    yield _alignment(patient, names, record)


def _alignment(patient: Patient, names: Names, record: dmarc.Dmarc) -> Finding:
    """Whether SPF or DKIM vouches for the very domain readers see (RFC 7489 3.1)."""
    domain, modes = patient.domain, record.tags
    by_key = [
        place
        for _selector, place in patient.keys
        if dmarc.aligned(names, place, domain, strictly=modes.get("adkim", "r").lower() == "s")
    ]
    by_path = not patient.provider and dmarc.aligned(
        names, patient.return_domain, domain, strictly=modes.get("aspf", "r").lower() == "s"
    )
    values = {"domain": domain, "path": patient.return_domain}
    if by_key:
        return Finding("dmarc", Light.GREEN, _("The signature speaks for %(domain)s."), values)
    if by_path:
        says = _("Only the return path speaks for %(domain)s, which forwarding breaks: sign with %(domain)s too.")
        return Finding("dmarc", Light.YELLOW, says, values)
    says = _("Neither the signature nor the return path (%(path)s) speaks for %(domain)s: sign with %(domain)s.")
    return Finding("dmarc", Light.RED, says, values)


def _ptr(patient: Patient, names: Names) -> Iterator[Finding]:
    if not patient.addresses:
        says = _("The outgoing address is not known: name it in `outgoing_addresses` to have its name checked.")
        yield Finding("ptr", Light.YELLOW, says)
    for address in patient.addresses:
        kind = "AAAA" if ":" in address else "A"
        hosts = names.ask(address, "PTR")
        confirmed = [host for host in hosts if _same(address, names.ask(host, kind))]
        bad = Light.YELLOW if patient.is_guess else Light.RED
        values = {"address": address, "host": (confirmed or hosts or [""])[0]}
        if not hosts:
            says = _("%(address)s has no name (PTR): ask whoever gave you the address to set one.")
            yield Finding("ptr", bad, says, values)
        elif not confirmed:
            says = _("%(address)s is called %(host)s, which does not lead back to it: make both agree.")
            yield Finding("ptr", bad, says, values)
        else:
            yield Finding("ptr", Light.GREEN, _("%(address)s is called %(host)s, and that leads back to it."), values)


def _same(address: str, found: list[str]) -> bool:
    return ipaddress.ip_address(address) in {ipaddress.ip_address(one) for one in found}


def _tls(patient: Patient, connect: Callable[[Server], Connection]) -> Iterator[Finding]:
    server = patient.server
    if server is None:
        return
    values = {"host": server.host, "port": str(server.port)}
    try:
        with connect(replace(server, waits=SHORTLY)) as line:
            line.open()
            offered = "STARTTLS" in line.extensions
    except ServerGone as gone:
        says = _("The mail server cannot be used: %(why)s. Look at the options `smtp_…`.")
        yield Finding("tls", Light.RED, says, {**values, "why": str(gone).rstrip(".")})
        return
    if server.tls is not Tls.NONE:
        yield Finding("tls", Light.GREEN, _("%(host)s takes mail over TLS, with a certificate that holds."), values)
    elif is_loopback(server.host):
        yield Finding("tls", Light.GREEN, _("The mail server is on this machine: no line to listen on."), values)
    elif offered:
        says = _("Letters go to %(host)s in the clear although it offers TLS: set smtp_security to starttls.")
        yield Finding("tls", Light.RED, says, values)
    else:
        says = _("Letters go to %(host)s in the clear: use a port with TLS, and set smtp_security.")
        yield Finding("tls", Light.YELLOW if _is_private(server.host) else Light.RED, says, values)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    return host.lower() == "localhost" or host.startswith("127.") or host == "::1"


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def _bounces(patient: Patient, names: Names) -> Iterator[Finding]:
    domain, values = patient.return_domain, {"domain": patient.return_domain, "provider": patient.provider}
    if patient.provider:
        if patient.reads_returns:
            yield Finding("bounces", Light.GREEN, _("%(provider)s tells us of bounces and complaints."), values)
        else:
            says = _("%(provider)s cannot tell us of bounces: set `esp_webhook_secret`, and give it our address.")
            yield Finding("bounces", Light.RED, says, values)
        return
    if NOWHERE.fullmatch(domain):
        return
    servers = names.ask(domain, "MX")
    refuses = any(record.rpartition(" ")[2] == "." for record in servers)
    if refuses or not (servers or names.ask(domain, "A") or names.ask(domain, "AAAA")):
        says = _("No mail can come back to %(domain)s: publish an MX record for it.")
        yield Finding("bounces", Light.RED, says, values)
    elif patient.reads_returns:
        yield Finding("bounces", Light.GREEN, _("Bounces come back to %(domain)s and are read."), values)
    else:
        says = _("Bounces come back to %(domain)s and nobody reads them: set `returns`.")
        yield Finding("bounces", Light.YELLOW, says, values)


def _one_click(patient: Patient) -> Iterator[Finding]:
    address = re.search(r"<https://([^/>]+)/[^>]*>", patient.headers.get("list-unsubscribe", ""))
    if patient.headers.get("list-unsubscribe-post", "").strip() != ONE_CLICK:
        yield Finding("one-click", Light.RED, _("The letter lacks List-Unsubscribe-Post: compose it again."))
    elif not address or not patient.root.startswith("https://"):
        says = _("The link to unsubscribe does not begin with https: give the title a host name with port 443.")
        yield Finding("one-click", Light.RED, says)
    elif NOWHERE.fullmatch(address[1].partition(":")[0].lower()) or is_loopback(address[1]):
        says = _("The link to unsubscribe leads to %(host)s, which readers cannot reach: give the title its host name.")
        yield Finding("one-click", Light.RED, says, {"host": address[1]})
    else:
        says = _("Readers unsubscribe with one click at %(host)s.")
        yield Finding("one-click", Light.GREEN, says, {"host": address[1]})

"""Doctoring: the mail doctor is asked before the first bulk mail, and red holds it back (rule M6).

Small mailings are not held: receivers' rules for bulk begin at thousands a day, and a new house must be able to try.
Neither is the demo, whose mail leaves the machine never.
"""

import ipaddress
import socket
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from masthead.mail.doctoring import Patient, examine, is_loopback
from masthead.mail.names import DomainNames, Names, NotAnswered
from masthead.mail.smtp import Connection, Server
from masthead.newsletters import rendering
from masthead.newsletters.models import Issue, Newsletter
from masthead.newsletters.providing import PROVIDERS
from masthead.newsletters.reports import Examination
from masthead.subscribers import posting
from masthead.subscribers.models import Subscription

FRESH = timedelta(days=7)  # a good finding holds so long
AGAIN = timedelta(minutes=1)  # a red one is looked at again after this, so that what was mended counts at once
OVERRIDE = "mail-doctor"


class Unwell(ValueError):
    """The mail doctor sees red, and this is bulk mail; the message holds the reasons, each saying what to do."""


def ask(newsletter: Newsletter, names: Names | None = None, connect: Callable[[Server], Connection] = Connection):
    """Examine how this newsletter's mail leaves, and keep and return what was found. Takes seconds: it asks the net."""
    names = names or DomainNames()
    return Examination.keep(newsletter, examine(patient(newsletter, names), names, connect))


def patient(newsletter: Newsletter, names: Names) -> Patient:
    """Return what is to be examined: this newsletter's sender, and the house's options."""
    options, server = settings.MASTHEAD, posting.server()
    domain = newsletter.sender_address.rpartition("@")[2]
    named = tuple(options["outgoing_addresses"])
    title, provider = newsletter.publication, PROVIDERS.get(options["esp"])
    return Patient(
        sender=newsletter.sender_address,
        return_path=posting.return_path_of(title),
        headers=_a_letter(newsletter).headers,
        root=title.root_url,
        server=None if provider else server,
        provider=provider.name if provider else "",
        keys=tuple(_key(said, domain) for said in options["dkim_selectors"]),
        addresses=() if provider else named or _leaves_from(server.host, names),
        is_guess=not named,
        reads_returns=bool(options["esp_webhook_secret" if provider else "returns"]),
    )


def refuse_ill(issue: Issue) -> None:
    """Raise Unwell where this would be bulk mail, the doctor sees red, and nobody allowed it by name."""
    if not is_bulk(issue) or is_allowed(issue):
        return
    last = Examination.last_of(issue.newsletter)
    if last is None or last.is_older_than(AGAIN if last.is_red else FRESH):
        last = ask(issue.newsletter)
    if last.is_red:
        reasons = " ".join(row["says"] for row in last.sentences if row["light"] == "red")
        raise Unwell(_("The mail doctor sees red: %s") % reasons)


def is_bulk(issue: Issue) -> bool:
    """Whether this goes to so many readers that large receivers want SPF, DKIM and DMARC of us."""
    limit = settings.MASTHEAD["doctor_from"]
    if not limit or settings.MASTHEAD["demo"]:
        return False
    newsletter = issue.newsletter
    confirmed = Subscription.objects.of(newsletter.publication, newsletter.kind, newsletter.theme).confirmed()
    return confirmed[:limit].count() >= limit


def is_allowed(issue: Issue) -> bool:
    return any(override["code"] == OVERRIDE for override in issue.overrides)


def _a_letter(newsletter: Newsletter) -> rendering.Reading:
    """An empty letter of this newsletter: its headers are those of every issue."""
    sheet = rendering.Sheet(newsletter, 1, timezone.localdate(timezone=newsletter.zone), newsletter.name)
    return rendering.read(rendering.specimen(rendering.letter_of(sheet), newsletter))


def _key(said: str, domain: str) -> tuple[str, str]:
    selector, _at, place = said.partition("@")
    return selector, place or domain


def _leaves_from(host: str, names: Names) -> tuple[str, ...]:
    """The public addresses mail may leave from: this machine's, or those of a mail server elsewhere."""
    if is_loopback(host):
        return _public([_own_address()])
    try:
        return _public([host] if _is_address(host) else [*names.ask(host, "A"), *names.ask(host, "AAAA")])
    except NotAnswered:
        return ()


def _own_address() -> str:
    """The address this machine would use towards the Internet; no packet is sent. Empty where it has no way there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737): only the routing table is asked
        except OSError:
            return ""
        return str(line.getsockname()[0])


def _public(addresses: list[str]) -> tuple[str, ...]:
    return tuple(one for one in addresses if _is_address(one) and ipaddress.ip_address(one).is_global)


def _is_address(said: str) -> bool:
    try:
        ipaddress.ip_address(said)
    except ValueError:
        return False
    return True

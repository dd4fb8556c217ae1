"""The method: which clicks were probably people's. Published, versioned and pure (wish N-8).

The same log always gives the same figures, in whatever order it is read. What is changed here gets a new VERSION:
sums keep the version they were made by.
"""

import ipaddress
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

VERSION = 1
SINCE = date(2026, 11, 26)

MANY, SECONDS = 5, timedelta(seconds=10)  # so many different links of one letter so soon after each other
ALL_WITHIN = timedelta(minutes=1)  # or all of them
TOO_SOON = timedelta(seconds=5)  # after the first letter left: nobody has read it yet

# Programs that say who they are: search engines, link previews, mail filters, libraries. (Cubot is a telephone.)
AGENTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|preview|facebookexternalhit|whatsapp|scanner|monitor|validator|headless|phantomjs"
    r"|microsoft office|ms-?office|barracuda|mimecast|proofpoint|symantec|forcepoint|trend ?micro|sophos|fortinet"
    r"|curl/|wget/|python|aiohttp|httpx|go-http-client|java/|okhttp|libwww|apache-httpclient|node-fetch|axios|ruby",
    re.IGNORECASE,
)

# Networks of makers of mail filters, in which nobody sits and reads. Address registries' entries, as known in 2026.
NETWORKS = {
    "Microsoft, Exchange Online Protection": ("40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14", "104.47.0.0/17"),
    "Proofpoint": ("67.231.144.0/20", "148.163.128.0/19"),
    "Barracuda": ("64.235.144.0/20", "209.222.80.0/21"),
    "Cisco, IronPort": ("68.232.128.0/19",),
}
_NETWORKS = [ipaddress.ip_network(network) for networks in NETWORKS.values() for network in networks]

RULES = (
    _("A request that only asks for the head of an answer, or says that it is made in advance, is a machine's."),
    _("So is one from a program that names itself as no browser, or names nothing."),
    _("So is one from the networks of makers of mail filters."),
    _("So is one within five seconds after the first letter of the issue left: nobody has read it yet."),
    _("Each HTML mail holds one link that no person can see. Who follows it is a machine."),
    _("Who follows five different links of an issue within ten seconds, or all of them within a minute, is a machine."),
    _("What one request gives away holds for everything the same visitor followed in that issue on that day."),
    _("Of what is left, each visitor counts once a link and day as probably a person."),
)


class Seen(NamedTuple):
    """One request for a link, as the method sees it: no address, no name. `sign` is what gave it away at once."""

    link: str
    at: datetime
    visitor: str
    sign: str = ""


class Figures(NamedTuple):
    """How often a link was followed: every request; those of machines; people, probably, once a visitor and day."""

    raw: int = 0
    machine: int = 0
    human: int = 0

    def plus(self, other: "Figures") -> "Figures":
        return Figures(*(a + b for a, b in zip(self, other, strict=True)))


def judge(
    seen: Iterable[Seen], *, began: datetime | None, links: int, traps: Collection[str] = ()
) -> dict[tuple[str, datetime], Figures]:
    """Return the figures of one letter's links by (link, hour), from the requests of one day.

    `began` is when its first letter left, `links` how many it holds that a person can see, `traps` those nobody can.
    """
    by_visitor = defaultdict(list)
    for click in seen:
        by_visitor[click.visitor].append(click)
    figures: dict[tuple[str, datetime], Figures] = defaultdict(Figures)
    for own in by_visitor.values():
        own.sort(key=lambda click: (click.at, click.link, click.sign))
        is_machine = _gives_itself_away(own, links, traps)
        counted: set[str] = set()
        for click in own:
            machine = is_machine or bool(began and click.at - began < TOO_SOON)
            human = not machine and click.link not in counted
            counted.update([click.link] if human else [])
            key = click.link, click.at.replace(minute=0, second=0, microsecond=0)
            figures[key] = figures[key].plus(Figures(1, machine, human))
    return dict(figures)


def totals(figures: Mapping[tuple[str, datetime], Figures]) -> dict[str, Figures]:
    """Return the figures of each link over all hours."""
    found: dict[str, Figures] = defaultdict(Figures)
    for (link, _hour), figure in figures.items():
        found[link] = found[link].plus(figure)
    return dict(found)


def sign_of(method: str, headers: Mapping[str, str], address: str) -> str:
    """Return what gives a request away by itself: "head", "ahead", "agent", "network", or nothing."""
    if method == "HEAD":
        return "head"
    if "prefetch" in (headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")):
        return "ahead"
    agent = headers.get("User-Agent", "")
    if not agent.strip() or AGENTS.search(agent):
        return "agent"
    return "network" if _is_of_a_filter(address) else ""


def _gives_itself_away(own: list[Seen], links: int, traps: Collection[str]) -> bool:
    if any(click.sign or click.link in traps for click in own):
        return True
    return _in_a_burst(own, MANY, SECONDS) or (links >= 2 and _in_a_burst(own, links, ALL_WITHIN))


def _in_a_burst(own: list[Seen], many: int, within: timedelta) -> bool:
    """Whether `many` different links stand in `own` (by time) within so much time."""
    window: Counter[str] = Counter()
    start = 0
    for click in own:
        window[click.link] += 1
        while click.at - own[start].at > within:
            gone = own[start].link
            window[gone] -= 1
            if not window[gone]:
                del window[gone]
            start += 1
        if len(window) >= many:
            return True
    return False


def _is_of_a_filter(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in _NETWORKS if network.version == found.version)

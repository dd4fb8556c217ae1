"""Counting: a link is followed, and the day it was followed on becomes sums by hour.

What is kept of a request until its day (UTC) is over: the link, the time, a mark that says "the same visitor" within
that day, and whether it gave itself away as a machine. Then the method makes sums of it, and marks and salt are
destroyed. A burst seen late still moves the clicks before it: nothing is final before the day is.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from itertools import groupby

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from masthead.readership.method import VERSION, Figures, Seen, judge, sign_of, totals
from masthead.readership.models import Click, Link, Salt, Tally

BATCH = 500
_salts: dict[date, bytes] = {}  # today's only, so that a click needs no query for it


def lay(source: str, targets: Mapping[str, str], trap: str = "") -> None:
    """Make these (token → target) the links of a source; `trap` is the token of the hidden one.

    Before it goes out, links it no longer holds are taken away; after that none ever is, so that they work for years.
    """
    Link.objects.filter(source=source, begun=None).exclude(token__in=targets).delete()
    known = set(Link.objects.filter(token__in=targets).values_list("token", flat=True))
    new = [Link(token=t, source=source, target=to, is_trap=t == trap) for t, to in targets.items() if t not in known]
    Link.objects.bulk_create(new, ignore_conflicts=True)


def begin(source: str, at: datetime) -> None:
    """Let the links of a source count from `at`, the moment its first letter left."""
    Link.objects.filter(source=source, begun=None).update(begun=at)


def follow(link: Link, method: str, headers: Mapping[str, str], address: str) -> Click:
    """Note that a link was followed. Neither address nor headers are kept."""
    now = timezone.now()
    mark = visitor(_salt_of(now.astimezone(UTC).date()), address, headers.get("User-Agent", ""))
    return Click.objects.create(link=link, at=now, visitor=mark, sign=sign_of(method, headers, address))


def visitor(salt: bytes, address: str, agent: str) -> str:
    """Return the mark of a visitor: equal for the same network address and program as long as the salt is."""
    try:
        found = ipaddress.ip_address(address)
        if found.version == 6:  # a household or office has a whole /64
            address = str(ipaddress.ip_network(f"{found}/64", strict=False).network_address)
    except ValueError:
        address = ""
    return hashlib.blake2b(f"{address}\n{agent}".encode(), key=salt, digest_size=12).hexdigest()


def figures_by_hour(source: str) -> dict[tuple[str, datetime], Figures]:
    """Return the figures of a source's links by (token, hour): the sums of its past days, and today's as they stand."""
    found = _judged(source, Click.objects.filter(link__source=source).order_by("at", "pk"))
    for tally in Tally.objects.filter(link__source=source):
        key = tally.link_id, tally.hour
        found[key] = found.get(key, Figures()).plus(Figures(tally.raw, tally.machine, tally.human))
    return found


def figures(source: str) -> dict[str, Figures]:
    """Return the figures of each of a source's links, by token."""
    return totals(figures_by_hour(source))


def versions(source: str) -> list[int]:
    """Return the versions of the method by which a source was counted."""
    used = set(Tally.objects.filter(link__source=source).values_list("method", flat=True))
    return sorted(used) or [VERSION]


def close_days() -> int:
    """Make sums of every day that is over and destroy its marks and its salt; return how many clicks were summed up.

    Two who do this at once add nothing twice: the rows are locked, and gone when the second gets them.
    """
    midnight = datetime.combine(timezone.now().astimezone(UTC).date(), time(0), UTC)
    over = Click.objects.filter(at__lt=midnight)
    with transaction.atomic():
        clicks = list(over.select_related("link").select_for_update(of=("self",)).order_by("link__source", "at", "pk"))
        for source, of_source in groupby(clicks, key=lambda click: click.link.source):
            for (token, hour), figure in _judged(source, of_source).items():
                tally, _new = Tally.objects.get_or_create(link_id=token, hour=hour, method=VERSION)
                added = {name: F(name) + number for name, number in figure._asdict().items()}
                Tally.objects.filter(pk=tally.pk).update(**added)
        keys = [click.pk for click in clicks]
        for start in range(0, len(keys), BATCH):
            Click.objects.filter(pk__in=keys[start : start + BATCH]).delete()
        Salt.objects.filter(day__lt=midnight.date()).delete()
    for day in [day for day in _salts if day < midnight.date()]:
        del _salts[day]
    return len(clicks)


def _judged(source: str, clicks: Iterable[Click]) -> dict[tuple[str, datetime], Figures]:
    """Judge the clicks (by time) of one source, day by day: a visitor's mark means nothing beyond its day."""
    links = list(Link.objects.filter(source=source))
    traps = {link.token for link in links if link.is_trap}
    began = next((link.begun for link in links if link.begun), None)
    found: dict[tuple[str, datetime], Figures] = {}
    for _day, of_day in groupby(clicks, key=lambda click: click.at.astimezone(UTC).date()):
        seen = [Seen(click.link_id, click.at.astimezone(UTC), click.visitor, click.sign) for click in of_day]
        found |= judge(seen, began=began, links=len(links) - len(traps), traps=traps)
    return found


def _salt_of(day: date) -> bytes:
    """Return the salt of today. Whoever needs it first makes it, and destroys those of the days before."""
    if day not in _salts:
        Salt.objects.filter(day__lt=day).delete()
        Salt.objects.bulk_create([Salt(day=day, salt=secrets.token_bytes(32))], ignore_conflicts=True)
        _salts.clear()
        _salts[day] = bytes(Salt.objects.get(day=day).salt)
    return _salts[day]

"""Probing: do the addresses elsewhere in a letter answer? Asked by the clock or a button, and kept with the issue.

Addresses of the title itself are not asked for over the network: the house knows what stands there. A house without a
network sends all the same: what could not be asked is said, and stops nothing.
"""

import ipaddress
import logging
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from wagtail.models import Page
from wagtail.views import serve

from masthead.newsletters.linking import leads_of
from masthead.newsletters.models import Issue
from masthead.publication.models import Publication

log = logging.getLogger(__name__)

SECONDS = 5.0  # an address may take to answer
AT_ONCE = 8
FRESH = timedelta(hours=1)  # an answer is believed
MOST = 40  # addresses asked of one issue
AGENT = "Mozilla/5.0 (compatible; Masthead link check)"
GONE = frozenset({400, 404, 410, 451, *range(500, 600)})
ASK_AGAIN = frozenset({403, 405, 406, 501})  # some servers answer HEAD so, and GET well

ALIVE, DEAD, UNKNOWN = "alive", "dead", "unknown"


class MayNotAsk(OSError):
    """The address leads into the house's own network, where nobody asks on an editor's behalf."""


def foreign(issue: Issue) -> list[str]:
    """Return the addresses elsewhere that the links of an issue lead to."""
    root = issue.publication.root_url
    return sorted({to for to in leads_of(issue).values() if not _is_at(to, root)})


def dead_within(issue: Issue) -> list[str]:
    """Return the addresses of the title itself in an issue's links at which nothing stands."""
    title = issue.publication
    own = {to for to in leads_of(issue).values() if _is_at(to, title.root_url)}
    paths = {urlsplit(address).path for address in own} - {issue.url, "", "/"}
    return sorted(path for path in paths if not _stands(title, unquote(path)))


def answered(issue: Issue) -> dict[str, str]:
    """Return what is known of each address elsewhere: "alive", "dead: 404", "unknown: …", or "" where nobody asked."""
    return {address: issue.links_asked.get(address, {}).get("said", "") for address in foreign(issue)}


def probe(issue: Issue, ask: Callable[[str], str] | None = None) -> int:
    """Ask every address elsewhere that was not asked within the hour, several at once; return how many were asked."""
    due = [address for address in foreign(issue) if not _is_fresh(issue, address)][:MOST]
    if not due:
        return 0
    now = timezone.now().isoformat()
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        said = dict(zip(due, at_once.map(ask or ask_politely, due), strict=True))
    kept = {address: issue.links_asked[address] for address in foreign(issue) if address in issue.links_asked}
    issue.links_asked = kept | {address: {"said": words, "at": now} for address, words in said.items()}
    Issue.objects.filter(pk=issue.pk).update(links_asked=issue.links_asked)
    return len(due)


def probe_due() -> int:
    """Ask for the issues being made; return how many addresses were asked."""
    making = Issue.objects.filter(state__in=Issue.CHANGEABLE).select_related("newsletter__publication__site")
    return sum(probe(issue) for issue in making)


def ask_politely(address: str) -> str:
    """Ask one address by HEAD, then GET where HEAD is not liked, and return what is known of it."""
    try:
        _refuse_own_network(address)
        code = _code_of(address, "HEAD")
        code = _code_of(address, "GET") if code in ASK_AGAIN else code
    except (OSError, ValueError, UnicodeError) as error:
        log.info("%s could not be asked: %s", address, error)
        return f"{UNKNOWN}: {getattr(error, 'reason', error)}"[:200]
    return f"{DEAD}: {code}" if code in GONE else ALIVE


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer; following it could lead anywhere."""

    def redirect_request(self, *args):
        return None


_open = urllib.request.build_opener(_Stay).open


def _code_of(address: str, method: str) -> int:
    request = urllib.request.Request(address, method=method, headers={"User-Agent": AGENT})  # noqa: S310 http(s) only
    try:
        with _open(request, timeout=SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _refuse_own_network(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MayNotAsk("not an address of the web")
    for *_rest, place in socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(place[0]).is_global:
            raise MayNotAsk("an address within the house's own network")


def _is_fresh(issue: Issue, address: str) -> bool:
    asked = issue.links_asked.get(address)
    return bool(asked) and datetime.fromisoformat(asked["at"]) > timezone.now() - FRESH


def _is_at(address: str, root: str) -> bool:
    return address == root or address.startswith((f"{root}/", f"{root}?", f"{root}#"))


def _stands(title: Publication, path: str) -> bool:
    """Whether something live stands at a path of a title: a view of the house's, or a page."""
    with translation.override(title.language):  # the words of addresses are the title's
        try:
            if resolve(path).func is not serve:
                return True
        except Resolver404:
            return False
    url_path = title.root_path + path.removeprefix("/").rstrip("/") + "/"
    return Page.objects.live().filter(url_path=url_path).exists()

"""Telling: what `masthead press` says of the store, and of nginx."""

import time
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Site

from masthead.press import nginx
from masthead.press.middleware import host_of
from masthead.press.opening import print_front_page, rules
from masthead.press.recalling import store
from masthead.press.serving import DOUBT


class NotAnswered(ValueError):
    """A title whose front page does not answer; the message says what to do."""


def status() -> list[str]:
    """Return what is in this host's store, a line each."""
    here = store()
    if not here.folder.is_dir():
        return ["Nothing is printed yet. Pages are printed as readers ask for them while `masthead serve` runs."]
    said = here.status()
    vouched = here.board.open_pulse().numbers[1] / 1_000_000
    ago = time.time() - vouched
    words = f"{ago:.0f} seconds ago" if vouched and ago < DOUBT else "not in the last minute: nothing kept is sent now"
    return [
        f"{said.pages} pages, {said.bytes / 1_048_576:.1f} MiB of {settings.MASTHEAD['press_bytes'] / 1_048_576:.0f}",
        f"edition {said.edition} in {here.folder}",
        f"compared with the database {words}",
    ]


def empty() -> int:
    """Throw every printed page of this host away, and return how many there were."""
    here = store()
    pages = here.status().pages if here.folder.is_dir() else 0
    here.empty()
    return pages


def nginx_configuration(upstream: str, listen: str) -> str:
    """Return nginx's configuration for every title of the house. Raises NotAnswered where one's front page fails."""
    house = nginx.House(
        printed=store().folder.resolve(),
        media=settings.MEDIA_ROOT,
        media_url=settings.MEDIA_URL,
        upstream=upstream,
        listen=listen,
        cookies=rules().cookies,
    )
    return nginx.configuration(house, [_server(site) for site in Site.objects.order_by("pk")])


def _server(site: Site) -> nginx.Server:
    printed = print_front_page(site)
    if printed.page is None:
        host = urlsplit(site.root_url).netloc
        raise NotAnswered(
            f"The front page of {host} answers {printed.status}. Add the host to `hosts`, or correct it under "
            "Settings, Sites; then write the configuration again."
        )
    return nginx.Server(site.hostname, host_of(site), dict(printed.page.headers))

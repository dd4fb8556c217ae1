"""Telling: what `masthead press` says of the store, and to the web server in front."""

import re
import shutil
import subprocess
import time
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Site

from masthead.press import caddy, nginx
from masthead.press.fronts import House, Server
from masthead.press.middleware import HOST, host_of
from masthead.press.opening import print_front_page, rules
from masthead.press.recalling import store
from masthead.press.serving import DOUBT

DIGITS = "0123456789."
NEW_CADDY = (2, 11)


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


def nginx_configuration(upstream: str, listen: str = "") -> str:
    """Return nginx's configuration for every title of the house. Raises NotAnswered where one's front page fails."""
    return nginx.configuration(_house(upstream), _servers(), listen)


def caddyfile(upstream: str, port: int | None = None) -> str:
    """Return a Caddyfile for every title of the house. Raises NotAnswered where one's front page fails."""
    return caddy.configuration(_house(upstream), _servers(), port, version_of_caddy())


def version_of_caddy() -> tuple[int, ...]:
    """Return the version of this machine's Caddy, or a new one's where there is none: some words differ."""
    program = shutil.which("caddy")
    if program is None:
        return NEW_CADDY
    said = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return tuple(map(int, re.findall(r"\d+", said)[:3]))


def _house(upstream: str) -> House:
    return House(
        printed=store().folder.resolve(),
        media=None if settings.MASTHEAD["media"] else settings.MEDIA_ROOT,
        media_url=settings.MEDIA_URL,
        upstream=upstream,
        https=settings.MASTHEAD["https"],
        cookies=rules().cookies,
    )


def _servers() -> list[Server]:
    sites = list(Site.objects.order_by("pk"))
    hosts = [site.hostname for site in sites]
    for host in hosts:
        if hosts.count(host) > 1:
            raise NotAnswered(
                f"Two titles have the host {host}, and nothing else tells them apart. Give each its own under "
                "Settings, Sites; then write the configuration again."
            )
    return [_server(site, _other_names(hosts) if site.is_default_site else []) for site in sites]


def _other_names(hosts: list[str]) -> list[str]:
    """Return the names in the option `hosts` that are no title's, such as www.: there the first title answers."""
    named = [host for host in settings.ALLOWED_HOSTS if HOST.fullmatch(host) and "." in host.strip(DIGITS)]
    return [host for host in named if host not in hosts]


def _server(site: Site, more: list[str]) -> Server:
    printed = print_front_page(site)
    if printed.page is None:
        host = urlsplit(site.root_url).netloc
        raise NotAnswered(
            f"The front page of {host} answers {printed.status}. Add the host to `hosts`, or correct it under "
            "Settings, Sites; then write the configuration again."
        )
    return Server((site.hostname, *more), host_of(site), dict(printed.page.headers))

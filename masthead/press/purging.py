"""Purging: a content delivery network hears of what was recalled here, so that it asks again at once.

Nothing depends on it: no answer of ours may be kept elsewhere for more than a minute. None of Wagtail's back ends can
purge by tag (8.0), so the addresses that were kept here are purged; a back end of one's own that has `purge_tags` gets
the names of what changed, which stand in `Surrogate-Key` and `Cache-Tag` of every page.
"""

import logging
import threading

from django.conf import settings
from wagtail.contrib.frontend_cache.utils import get_backends, purge_urls_from_cache

from masthead.press.ingredients import EVERYTHING, Names
from masthead.press.recalling import on_recalled

log = logging.getLogger("masthead.press")
LONGEST = 8_000  # characters of a header of tags


def tags(names: Names) -> dict[str, str]:
    """Return the headers that name what a page is made of: the network's side of a recall by tag."""
    kept: list[str] = []
    length = 0
    for name in sorted(set(names) - {EVERYTHING}):
        length += len(name) + 1
        if length > LONGEST:
            break
        kept.append(name)
    return {"Surrogate-Key": " ".join(kept), "Cache-Tag": ",".join(kept)}


def listen() -> None:
    """Purge whatever is recalled on this host from now on, if the house names a network."""
    if settings.MASTHEAD["cdn"] and purge not in on_recalled:
        on_recalled.append(purge)


def purge(keys: list[str], names: Names) -> None:
    """Purge the pages at these addresses, and what is tagged with these names; who published does not wait for it."""
    threading.Thread(target=_purge, args=[[url_of(key) for key in keys], list(names)], daemon=True).start()


def url_of(key: str) -> str:
    """Return the full address of a kept page."""
    host, slash, rest = key.partition("/")
    scheme = "https" if settings.SECURE_SSL_REDIRECT else "http"
    return f"{scheme}://{host.replace('_', ':')}{slash}{rest}"


def _purge(urls: list[str], names: list[str]) -> None:
    try:
        purge_urls_from_cache(urls)
        for backend in get_backends().values():
            if hasattr(backend, "purge_tags"):
                backend.purge_tags(names)
    except Exception:
        log.exception("%s pages could not be purged; they are right again within a minute", len(urls))

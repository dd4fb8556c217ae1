"""Fronts: what a web server in front of Masthead must know to send printed pages from the disk with Django's heads."""

from dataclasses import dataclass
from pathlib import Path

from masthead.press.pages import FRESH, IN_EVERY_HEAD, LONGEST, MEDIA

LASTING = f"public, max-age={FRESH}, stale-while-revalidate={LONGEST - FRESH}"
VARY = ("Vary", "Accept-Encoding")
LARGEST = 26  # MiB of a request; the desk's largest picture and its form
TYPES = {suffix: f"{media}; charset=utf-8" for suffix, media in MEDIA.items()}


@dataclass(frozen=True)
class House:
    """A site: its folders are absolute, `upstream` is where Masthead listens, `media` is None where it is elsewhere."""

    printed: Path
    media: Path | None
    media_url: str
    upstream: str
    https: bool
    cookies: tuple[str, ...]


@dataclass(frozen=True)
class Server:
    """One title: its hosts, the name its pages are kept under, and the headers of its front page."""

    hosts: tuple[str, ...]
    kept_as: str
    headers: dict[str, str]

    def own_headers(self) -> list[tuple[str, str]]:
        """Return the headers that every answer of the title has."""
        return [(name, value) for name, value in self.headers.items() if name.lower() in IN_EVERY_HEAD]

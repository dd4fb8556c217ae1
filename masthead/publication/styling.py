"""Styling: the one stylesheet of a title, with its own colours last, at an address made from its content."""

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from django.contrib.staticfiles import finders
from django.urls import reverse

from masthead.publication.models import Publication

SHEET = Path(__file__).parent / "static" / "publication" / "masthead.css"
LARGEST_ICON = 1_000  # characters
SCRIPT = SHEET.with_name("masthead.js")


def stylesheet(title: Publication) -> str:
    """Return the whole stylesheet of a title. Amber, the colour of what is paid, is not a title's to change."""
    return _common() + _own(title.accent, title.accent_dark, title.headlines)


def digest(title: Publication) -> str:
    """Return the part of the address that changes with the stylesheet, so that browsers may keep it for a year."""
    return _digest(title.accent, title.accent_dark, title.headlines, SHEET.stat().st_mtime_ns)


def address(title: Publication) -> str:
    return reverse("look", args=[digest(title)])


@lru_cache
def script_version() -> str:
    return hashlib.sha256(SCRIPT.read_bytes()).hexdigest()[:8]


@lru_cache
def icon_inside() -> str:
    """Return the icon as a data: address, or nothing where a site's own is larger than a page should carry."""
    drawn = Path(str(finders.find("publication/icon.svg"))).read_text(encoding="utf-8").strip()
    return f"data:image/svg+xml,{quote(drawn)}" if len(drawn) <= LARGEST_ICON else ""


def _common() -> str:
    return SHEET.read_text(encoding="utf-8")


@lru_cache
def _digest(accent: str, accent_dark: str, headlines: str, _mtime: int) -> str:
    return hashlib.sha256((_common() + _own(accent, accent_dark, headlines)).encode()).hexdigest()[:12]


def _own(accent: str, accent_dark: str, headlines: str) -> str:
    letters = "--head:var(--sans);" if headlines == "sans" else ""
    return (
        f":root{{--accent:{accent};{letters}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{--accent:{accent_dark}}}}}"
        "@media print{:root{--accent:#000}}"
    )

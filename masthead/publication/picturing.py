"""Picturing: a picture in the sizes and formats a page offers, made once and then only looked up."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import Filter, SourceImageIOError

from masthead.publication.models import Picture

WIDTHS = (400, 800, 1200)  # pixels; a narrower picture is never made wider
FORMATS = ("avif", "webp")
USUAL = 800
FRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Source:
    """One format of a picture: its media type and `srcset`."""

    media: str
    srcset: str


@dataclass(frozen=True)
class Printed:
    """What a page needs to print a picture: its sources, the file for browsers that know neither, width and height."""

    sources: tuple[Source, ...]
    src: str
    width: int
    height: int


def spec(width: int, form: str) -> str:
    return f"width-{width}|format-{form}"


SPECS = tuple(spec(width, form) for form in FORMATS for width in WIDTHS)


def printed(picture: Picture) -> Printed | None:
    """Return a picture as a page prints it, or None where its file is gone.

    With its renditions prefetched this asks the database nothing; one that is missing is made here, once.
    """
    try:
        made = picture.get_renditions(*(Filter(spec=name) for name in SPECS))
    except (SourceImageIOError, InvalidFilterSpecError, FileNotFoundError):
        return None
    usual = made[spec(USUAL, "webp")]
    largest = made[spec(max(WIDTHS), "webp")]
    sources = tuple(Source(f"image/{form}", _srcset([made[spec(width, form)] for width in WIDTHS])) for form in FORMATS)
    return Printed(sources, usual.url, largest.width, largest.height)


def prepare_new(most: int = 3) -> int:
    """Make every size of up to `most` pictures that came in within the hour, so that no reader waits for it."""
    made = Count("renditions", filter=Q(renditions__filter_spec__in=SPECS))
    new = Picture.objects.filter(created_at__gt=timezone.now() - FRESH).annotate(made=made)
    waiting = list(new.filter(made__lt=len(SPECS)).order_by("-pk")[:most])
    return sum(printed(picture) is not None for picture in waiting)


def _srcset(renditions) -> str:
    by_width = {rendition.width: rendition.url for rendition in renditions}
    return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))

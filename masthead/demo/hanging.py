"""Hanging: a printed picture of the demo becomes a Picture with its renditions, without printing anything anew."""

import shutil
from pathlib import Path

from django.conf import settings

from masthead.demo import nouns
from masthead.demo.printing import PICTURES, WIDTHS
from masthead.publication.models import Picture, Rendition

HEIGHTS = {width: width * 2 // 3 for width in WIDTHS}
LARGEST = max(WIDTHS)


def hang(slug: str, given: nouns.Picture) -> Picture:
    """Return the Picture of `slug`, with an AVIF and a WebP rendition in each width the pages ask for."""
    file = _copy(f"{slug}-{LARGEST}.webp", "original_images")
    picture = Picture.objects.create(
        title=slug,
        file=file,
        width=LARGEST,
        height=HEIGHTS[LARGEST],
        description=given.alt,
        credit=given.credit,
        source_key=f"demo:{slug}",
        file_size=(Path(settings.MEDIA_ROOT) / file).stat().st_size,
    )
    Rendition.objects.bulk_create(
        Rendition(
            image=picture,
            filter_spec=f"width-{width}|format-{kind}",
            focal_point_key="",
            file=_copy(f"{slug}-{width}.{kind}", "images"),
            width=width,
            height=HEIGHTS[width],
        )
        for width in WIDTHS
        for kind in ("avif", "webp")
    )
    return picture


def _copy(name: str, below: str) -> str:
    target = Path(settings.MEDIA_ROOT) / below / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PICTURES / name, target)
    return f"{below}/{name}"

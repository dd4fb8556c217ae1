"""Printing the demo's pictures once, at authoring time: SVG to AVIF and WebP in three widths, committed with the code.

`python -m masthead.demo.printing` needs Chromium and Playwright, which the authors have; nobody who runs the demo does.
A record beside the pictures holds what each was printed from, so only what is missing or changed is printed again.
An author who wants another view than the alt text describes changes the seed in that record and prints again.
"""

import hashlib
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from masthead.demo.motifs import look, picture
from masthead.demo.reading import CONTENT, read_article

PICTURES = Path(__file__).parent / "pictures"
RECORD = PICTURES / "printed.json"
WIDTHS = (400, 800, 1200)
SHAPE = (3, 2)
QUALITY = {"avif": 50, "webp": 66}
CHROMIUM = os.environ.get("MASTHEAD_CHROMIUM", "/usr/bin/chromium")


class NoPress(RuntimeError):
    """There is no browser here to print with."""


class Drawing(NamedTuple):
    """One picture before it is printed: the seed it was drawn from, and the SVG."""

    seed: str
    svg: str


def drawings() -> dict[str, Drawing]:
    """Return slug to drawing for everything in either title that has a picture.

    Raises ContentError for an article that can't be read, UnknownMotif for a motif nobody has drawn.
    """
    motifs = pictured()
    return {slug: Drawing(seed, picture(motifs[slug], seed)) for slug, seed in seeds(motifs).items()}


def pictured() -> dict[str, str]:
    """Return slug to motif for everything in either title that has a picture. Raises ContentError."""
    articles = [read_article(file) for file in sorted(CONTENT.glob("*/articles/*.md"))]
    return {article.slug: article.picture.motif for article in articles if article.picture}


def seeds(motifs: dict[str, str]) -> dict[str, str]:
    """Return slug to seed: what is printed keeps its own, what is new gets one whose look has been used the least.

    So a page seldom shows two pictures alike, and a new article changes no old one's. Raises UnknownMotif.
    """
    chosen = {slug: entry["seed"] for slug, entry in read_record().items() if slug in motifs}
    used: Counter = Counter()
    for slug, seed in chosen.items():
        used.update(_traits(motifs[slug], seed))
    for slug, motif in motifs.items():
        if slug not in chosen:
            chosen[slug] = _seed(motif, slug, used)
            used.update(_traits(motif, chosen[slug]))
    return chosen


def names(slug: str) -> list[str]:
    """Return the six file names of one picture."""
    return [f"{slug}-{width}.{kind}" for width in WIDTHS for kind in QUALITY]


def print_missing() -> list[str]:
    """Bring the folder in step with the articles and return the slugs printed.

    Pictures that nothing shows any longer are taken away. Raises NoPress without Chromium, UnknownMotif and
    ContentError for content that is wrong; what was printed before the error stays and is recorded.
    """
    wanted = drawings()
    record = {slug: entry for slug, entry in read_record().items() if slug in wanted}
    PICTURES.mkdir(exist_ok=True)
    _clear(PICTURES, wanted)
    stale = [slug for slug, drawing in wanted.items() if is_stale(slug, drawing, record)]
    try:
        for slug, image in _raster((slug, wanted[slug].svg) for slug in stale):
            _keep(slug, image)
            record[slug] = {"seed": wanted[slug].seed, "print": fingerprint(wanted[slug])}
    finally:
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return stale


def read_record() -> dict[str, dict[str, str]]:
    """Return slug to the seed and the fingerprint of what lies printed; empty before the first printing."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def is_stale(slug: str, drawing: Drawing, record: dict) -> bool:
    """Say whether a picture is missing, or printed from another drawing or with other settings."""
    printed = record.get(slug, {}).get("print")
    return printed != fingerprint(drawing) or not all((PICTURES / name).exists() for name in names(slug))


def fingerprint(drawing: Drawing) -> str:
    """Return what a printed picture depends on, as 16 hex digits."""
    settings = json.dumps([WIDTHS, SHAPE, QUALITY], sort_keys=True)
    return hashlib.sha256((settings + drawing.svg).encode()).hexdigest()[:16]


def _seed(motif: str, slug: str, used: Counter) -> str:
    """The first of some seeds made from the slug whose look, then view, then paper has been used the least."""
    seeds = [slug, *(f"{slug}+{k}" for k in range(1, 20))]
    return min(seeds, key=lambda seed: [used[trait] for trait in _traits(motif, seed)])


def _traits(motif: str, seed: str) -> list[tuple[str, ...]]:
    view, paper = look(motif, seed)
    return [(motif, view, paper), (motif, view), (motif, paper)]


def _clear(folder: Path, wanted: Iterable[str]) -> None:
    kept = {name for slug in wanted for name in names(slug)}
    for file in folder.iterdir():
        if file.suffix[1:] in QUALITY and file.name not in kept:
            file.unlink()


def _raster(drawings: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Image.Image]]:
    """Yield each drawing as an image of the greatest width; the browser opens only if there is one to draw."""
    drawings = list(drawings)
    if not drawings:
        return
    with _browser_page() as page:
        for slug, svg in drawings:
            page.set_content(f"<style>body{{margin:0}}svg{{display:block;isolation:isolate}}</style>{svg}")
            yield slug, Image.open(io.BytesIO(page.screenshot())).convert("RGB")


@contextmanager
def _browser_page():
    if not Path(CHROMIUM).exists():
        raise NoPress(f"There is no Chromium at {CHROMIUM}; name another with MASTHEAD_CHROMIUM.")
    # Here and not at the top: the demo is read where Playwright is not installed.
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as missing:
        raise NoPress("Install Playwright to print pictures; to run the demo you don't need it.") from missing
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        width = max(WIDTHS)
        yield browser.new_page(viewport={"width": width, "height": width * SHAPE[1] // SHAPE[0]})
        browser.close()


def _keep(slug: str, image: Image.Image) -> None:
    for width in WIDTHS:
        size = (width, width * SHAPE[1] // SHAPE[0])
        scaled = image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
        for kind, quality in QUALITY.items():
            effort: dict[str, Any] = {"speed": 6} if kind == "avif" else {"method": 6}
            scaled.save(PICTURES / f"{slug}-{width}.{kind}", quality=quality, **effort)


if __name__ == "__main__":
    try:
        printed = print_missing()
    except NoPress as absent:
        sys.exit(str(absent))
    sys.stdout.write(f"Printed {len(printed)} pictures: {', '.join(printed) or 'nothing was missing or changed'}.\n")

"""A page saved as HTML: what it tells machines first, then what readers see, then a general extractor for the body."""

from dataclasses import replace
from typing import Any

from .captured import parse_lines
from .credits import has_credit
from .decoding import ImportRefused, decode, without_controls
from .heading import Heading
from .lines import tidy
from .metadata import Metadata, read_metadata
from .parsed import Block, Event, ParsedPage
from .rendering import parse_tree, rendered

_ENOUGH = 200


def parse_html(data: bytes) -> ParsedPage:
    """The page in the bytes of an HTML file.

    Raises ImportRefused when the bytes are no HTML, or HTML built to exhaust the machine.
    """
    decoded = decode(data)
    text = without_controls(decoded.text)
    if not text.strip():
        raise ImportRefused("The file is empty; save the page again as “HTML only”.")
    root = parse_tree(text)
    told = read_metadata(root)
    lines = rendered(root)
    known = Heading(
        headline=told.headline if told.headline else _title_without_h1(lines, told),
        standfirst=next(
            (line.text for line in lines if line.tag == "standfirst" and (line.main or not line.group)), None
        ),
        date=told.date,
        label=told.label,
        payer=told.payer,
        language=told.language,
        address=told.address,
        warnings=tuple([*decoded.warnings, *told.warnings]),
    )
    page = _with_body(parse_lines(lines, known), told, text)
    return _with_told(page, told)


def _title_without_h1(lines: list, told: Metadata) -> str | None:
    return None if any(line.tag == "h1" for line in lines) else told.title


def _with_told(page: ParsedPage, told: Metadata) -> ParsedPage:
    """The page with what only its metadata says; what a reader sees goes before it."""
    return replace(
        page,
        standfirst=page.standfirst or _unseen_description(page, told.description),
        source=page.source or told.publisher,
        payer=page.payer or (told.publisher if page.label else None),
        byline=page.byline or told.author,
        events=_events(page.events, told.events),
    )


def _unseen_description(page: ParsedPage, description: str | None) -> str | None:
    """The description, unless it only repeats the headline or the beginning of a paragraph."""
    if not description or description == page.headline:
        return None
    start = description.rstrip(" .…")[:80]
    return None if any(text.startswith(start) for text in page.body) else description


def _events(seen: tuple[Event, ...], told: list[Event]) -> tuple[Event, ...]:
    """The visible events, each with what JSON-LD adds; JSON-LD alone when the page shows none."""
    if not seen:
        return tuple(told)
    by_title = {event.title.casefold(): event for event in told}
    return tuple(_filled(event, by_title.get(event.title.casefold())) for event in seen)


def _filled(event: Event, told: Event | None) -> Event:
    if told is None:
        return event
    parts = ("organiser", "abstract", "days", "last_day", "time", "end_time", "mode", "platform", "place", "href")
    return replace(event, **{part: getattr(event, part) or getattr(told, part) for part in parts})


def _with_body(page: ParsedPage, told: Metadata, text: str) -> ParsedPage:
    """The page with a body from JSON-LD or from trafilatura, when its structure gave next to none."""
    if sum(len(paragraph) for paragraph in page.body) >= _ENOUGH:
        return page
    found = _paragraphs(told.body) or _extracted(text)
    if sum(map(len, found)) <= sum(len(paragraph) for paragraph in page.body):
        return page
    shown = {
        page.headline,
        page.standfirst,
        page.caption,
        page.source,
        *(furniture.text for furniture in page.furniture),
    }
    shown |= {item.title for item in page.items} | {event.title for event in page.events}
    found = [paragraph for paragraph in found if paragraph not in shown and not has_credit(paragraph)]
    blocks = tuple(Block("paragraph", paragraph) for paragraph in found)
    leftover = tuple(line for line in page.leftover if line not in set(found))
    return replace(page, blocks=blocks, leftover=leftover)


def _paragraphs(text: str | None) -> list[str]:
    return [plain for part in (text or "").splitlines() if (plain := tidy(part))]


def _extracted(text: str) -> list[str]:
    """The body as trafilatura (Apache-2.0) finds it: measured best of the general extractors on trade pages."""
    import trafilatura  # late: it costs half a second, and most pages need none

    extracted: Any = trafilatura.extract(text, include_comments=False, include_tables=False, fast=True)
    return _paragraphs(extracted)

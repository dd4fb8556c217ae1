"""The top of an article: kicker, headline, standfirst, caption and credit, date, source, byline, mark of payment."""

import datetime as dt
import re
from dataclasses import dataclass, replace

from . import cues
from .credits import has_credit, split_credit
from .dates import split_dated
from .lines import Line, Reader, is_any
from .parsed import Furniture

_LOOK_AHEAD = 9
_STANDFIRST = (40, 600)
_NAME = r"[A-ZÆØÅÄÖÜÉ][\w'’.-]*"
_BY = re.compile(
    rf"^(?:af|by|von|av|text|tekst|skrevet af|written by|redaktion|redaktør|author|forfatter|autor|journalist)\s*:?\s+"
    rf"(?P<name>{_NAME}(?:[ -](?:{_NAME}|von|van|de|af|der|og|and|und|och|&|,)){{0,7}})\.?$"
)
_SIGNATURE = re.compile(
    rf"^(?:[-–—/(]{{1,2}}|af\s|by\s)\s*(?P<name>[A-ZÆØÅÄÖÜ]{{2,5}}|[a-zæøåäöü]{{2,4}}|ritzau|dpa|tt|ntb|reuters|"
    rf"{_NAME}(?: {_NAME}){{1,3}}|[A-ZÆØÅÄÖÜ]{{2,5}}/[A-ZÆØÅÄÖÜ]{{2,5}})\s*[/)]?$"
)


@dataclass(frozen=True)
class Heading:
    """The parts above the body; `stop` is the number of the first line after them."""

    headline: str | None = None
    standfirst: str | None = None
    caption: str | None = None
    credit: str | None = None
    date: dt.date | None = None
    source: str | None = None
    byline: str | None = None
    label: str | None = None
    payer: str | None = None
    language: str | None = None
    address: str | None = None
    stop: int = 0
    furniture: tuple[Furniture, ...] = ()
    warnings: tuple[str, ...] = ()


def byline_of(text: str) -> str | None:
    """Who signs, when the line is a byline and nothing else: "- KLZ", "/ritzau/", "Af Karen Kornby"."""
    if len(text) > 90:
        return None
    match = _BY.match(text[:1].upper() + text[1:].replace("AF ", "Af ", 1)) if not _SIGNATURE.match(text) else None
    match = match or _SIGNATURE.match(text) or _BY.match(text[:1].lower() + text[1:])
    return match.group("name").strip(" ,.") if match else None


def read_heading(reader: Reader, end: int, known: Heading) -> Heading:
    """Takes the heading's lines out of reader.lines[:end]. What `known` already says is kept."""
    lines = reader.open(0, end)
    at = _headline_at(lines, known.headline)
    if at is None:
        return known
    above, below = lines[:at], lines[at + 1 :]
    found = _plain(known, headline=known.headline or lines[at].text)
    reader.take(lines[at])
    found = _above(reader, above, found)
    meta = _meta_at(below)
    if meta is None:
        found, used = _without_date(reader, below, found)
    else:
        found = _between(reader, below[:meta], found)
        found, used = _date_and_source(reader, below, meta, found)
    found, used = _after_meta(reader, below, used, found)
    stop = below[used].number if used < len(below) else end
    return replace(found, stop=stop)


def _plain(found: Heading, **parts) -> Heading:
    """`found` with those parts that it does not yet have."""
    return replace(found, **{name: value for name, value in parts.items() if value and not getattr(found, name)})


def _headline_at(lines: list[Line], headline: str | None) -> int | None:
    marked = next((i for i, line in enumerate(lines) if line.tag == "h1" and line.main), None)
    marked = marked if marked is not None else next((i for i, line in enumerate(lines) if line.tag == "h1"), None)
    if marked is not None:
        return marked
    if headline:
        same = next((i for i, line in enumerate(lines) if line.text.casefold() == headline.casefold()), None)
        if same is not None:
            return same
    return next((i for i, line in enumerate(lines) if not _is_above_headline(line, lines[i + 1 : i + 2])), None)


def _is_above_headline(line: Line, after: list[Line]) -> bool:
    """A kicker, breadcrumb, date, byline or label that stands above the headline."""
    if not after:
        return False
    crumbs = line.text.count(" > ") + line.text.count(" / ") + line.text.count(" › ") + line.text.count(" » ")
    return bool(
        is_any(line, cues.SECTION_KICKERS)
        or crumbs >= 1
        and len(line.text) < 100
        and not cues.ends_as_sentence(line.text)
        and line.text.count(" ") < 12
        or cues.is_domain(line.text)
        or cues.label_of(line.text)
        or _dated_line(line)
        or byline_of(line.text)
    )


def _above(reader: Reader, lines: list[Line], found: Heading) -> Heading:
    for line in lines:
        if line.main or not line.tag:
            found, understood = _small_part(line, found)
            if not understood:
                found = replace(found, furniture=(*found.furniture, Furniture("navigation", line.text)))
            reader.take(line)
    return found


def _small_part(line: Line, found: Heading) -> tuple[Heading, bool]:
    """The heading with a dated line, a mark of payment, a byline or a bare domain added, and whether it was one."""
    parts = _parts_of(line)
    if not parts:
        return found, False
    more = _plain(found, **parts)
    if any(value and getattr(more, name) != value for name, value in parts.items()):
        # A second date ("Opdateret …") or source has no place of its own, and is not lost either.
        more = replace(more, furniture=(*more.furniture, Furniture("date", line.text)))
    return more, True


def _parts_of(line: Line) -> dict:
    """What the line says of the article, by the names of Heading; {} for a line that is no such thing."""
    label, day, name = cues.label_of(line.text), _dated_line(line), byline_of(line.text)
    if label:
        return {"label": label[0], "payer": label[1]}
    if day:
        author = byline_of(day[1])
        return {"date": day[0], "byline": author} if author else {"date": day[0], "source": day[1]}
    if name:
        return {"byline": name}
    return {"source": line.text} if cues.is_domain(line.text) else {}


def _dated_line(line: Line) -> tuple[dt.date, str] | None:
    found = split_dated(line.text)
    if not found or len(found[1]) > 60 or cues.ends_as_sentence(found[1]):
        return None
    return (found[0], found[1]) if not found[1] or cues.may_be_source(found[1]) else None


def _meta_at(below: list[Line]) -> int | None:
    """Index of the date line of the heading; None when the body begins before any date."""
    texts = 0
    for at, line in enumerate(below[:_LOOK_AHEAD]):
        if _dated_line(line) and not cues.UPDATED.match(line.text):
            return at
        texts += len(line.text) > 80 and not has_credit(line.text)
        if texts > 3 or cues.READ_ALSO.match(line.text):
            return None
    return None


def _between(reader: Reader, lines: list[Line], found: Heading) -> Heading:
    """What stands between headline and date: the standfirst first, then the caption."""
    texts: list[Line] = []
    for at, line in enumerate(lines):
        found, understood = _small_part(line, found)
        if not understood and _is_caption(line) and (found.caption or found.credit):
            # A second picture: its caption stays with the reader.
            continue
        reader.take(line)
        if understood:
            continue
        if _is_caption(line):
            found = _with_caption(found, line.text)
        elif at == len(lines) - 1 and texts and _is_source_line(line) and not found.source:
            found = _plain(found, source=line.text)
        else:
            texts.append(line)
    return _with_texts(found, texts)


def _with_texts(found: Heading, texts: list[Line]) -> Heading:
    if texts and not found.standfirst:
        # A picture's text without a credit comes last; with a caption found, all of it is the standfirst.
        alone = found.caption is None and found.credit is None and len(texts) > 1
        found = replace(found, standfirst=" ".join(line.text for line in (texts[:-1] if alone else texts)))
        if alone:
            found = _with_caption(found, texts[-1].text)
    elif texts and found.caption is None:
        # The metadata told the standfirst already: the same words once more are not a caption.
        rest = [line.text for line in texts if line.text != found.standfirst]
        found = _with_caption(found, rest[-1]) if rest else found
    return found


def _is_caption(line: Line) -> bool:
    return line.tag == "figcaption" or has_credit(line.text)


def _with_caption(found: Heading, text: str) -> Heading:
    caption, credit = split_credit(text)
    return _plain(found, caption=caption, credit=credit)


def _is_source_line(line: Line) -> bool:
    return len(line.text) <= 40 and cues.may_be_source(line.text)


def _date_and_source(reader: Reader, below: list[Line], at: int, found: Heading) -> tuple[Heading, int]:
    line = below[at]
    reader.take(line)
    found, _ = _small_part(line, found)
    used = at + 1
    after = below[used] if used < len(below) else None
    if not found.source and after and _may_be_source_line(after, below[used + 1 : used + 2]):
        reader.take(after)
        found, used = replace(found, source=after.text), used + 1
    return found, used


def _may_be_source_line(line: Line, after: list[Line]) -> bool:
    """The line under the date names the source, unless it is a subhead glued to the body's first paragraph."""
    if not cues.may_be_source(line.text) or line.tag[:1] == "h" or cues.label_of(line.text) or byline_of(line.text):
        return False
    glued = bool(after) and not after[0].gap and line.gap and len(after[0].text) > 120
    return cues.is_organisation(line.text) or not glued


def _after_meta(reader: Reader, below: list[Line], used: int, found: Heading) -> tuple[Heading, int]:
    """Marks of payment, bylines, captions and a standfirst that stand between the date and the body."""
    while used < len(below):
        line = below[used]
        found, understood = _small_part(line, found)
        nxt = below[used + 1] if used + 1 < len(below) else None
        if understood:
            reader.take(line)
        elif _is_caption(line) and not found.caption:
            found = _with_caption(found, line.text)
            reader.take(line)
        elif _is_late_standfirst(line, nxt, found):
            found = _plain(found, standfirst=line.text)
            reader.take(line)
        else:
            break
        used += 1
    return found, used


def _is_late_standfirst(line: Line, after: Line | None, found: Heading) -> bool:
    """A text under the date that a caption or a byline parts from the body."""
    if line.text == found.standfirst:
        return True
    if found.standfirst or after is None or not _STANDFIRST[0] <= len(line.text) <= _STANDFIRST[1]:
        return False
    return _is_caption(after) or byline_of(after.text) is not None


def _without_date(reader: Reader, below: list[Line], found: Heading) -> tuple[Heading, int]:
    """A heading that says no date: a caption among its first lines ends it, else the first text may be a standfirst."""
    caption = next((i for i, line in enumerate(below[:4]) if _is_caption(line)), None)
    if caption is not None:
        found = _between(reader, below[: caption + 1], found)
        used = caption + 1
    elif _is_undated_standfirst(below):
        found = _plain(found, standfirst=below[0].text)
        reader.take(below[0])
        used = 1
    else:
        return found, 0
    if used < len(below) and not found.source and cues.is_organisation(below[used].text):
        reader.take(below[used])
        found, used = replace(found, source=below[used].text), used + 1
    return found, used


def _is_undated_standfirst(below: list[Line]) -> bool:
    if len(below) < 3 or below[0].text[:1] in '”“"»«–-•':
        return False
    first, second = below[0], below[1]
    if cues.is_organisation(second.text) or byline_of(second.text):
        return True
    return _STANDFIRST[0] <= len(first.text) <= 350 and not first.tag and len(first.text) < 1.2 * len(second.text)

"""Lists of other pieces around an article: related reading, most read, and what stands before any heading.

An entry is a date, a source, perhaps a mark of payment, and a title, in an order that differs from title to title but
not within one list. The mark of payment is never lost: a line that is one always ends on an item or is reported.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from . import cues
from .dates import split_dated
from .lines import Line, Reader
from .parsed import ItemKind, ListItem

_TEASER_LINES = 2


@dataclass
class _Entry:
    """One item before it is a whole: `lines` are those that were understood, `texts` those that are title or teaser."""

    lines: list[Line] = field(default_factory=list)
    date: dt.date | None = None
    source: str | None = None
    label: str | None = None
    payer: str | None = None
    texts: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Zone:
    """Where a list stands: lines [start, stop) under `heading` (None before any)."""

    start: int
    stop: int
    heading: str | None
    related: bool = True


def read_list(reader: Reader, zone: Zone, house: str | None = None) -> list[ListItem]:
    """Takes the items out of the zone. `house` is the title's own name, by which its promotions are known."""
    lines = reader.open(zone.start, zone.stop)
    known = _sources_of(lines) | ({house} if house else set())
    items = []
    for entry in _entries(lines, known):
        item = _item(entry, zone, house)
        if item:
            reader.take(*entry.lines)
            items.append(item)
    return items


def dated(line: Line) -> tuple[dt.date, str] | None:
    """(date, source or "") of a line that dates a list entry: "11.12.2025Ladelauget ApS"."""
    found = split_dated(line.text)
    if found and (not found[1] or cues.may_be_source(found[1])):
        return found
    return None


def _sources_of(lines: list[Line]) -> set[str]:
    """Names that this list itself shows to be sources: glued to a date, or standing before a mark of payment."""
    known = {found[1] for line in lines if (found := dated(line)) and found[1]}
    for line, after in zip(lines, lines[1:], strict=False):
        if cues.label_of(after.text) and cues.may_be_source(line.text) and cues.is_organisation(line.text):
            known.add(line.text)
    counted = Counter(line.text for line in lines if cues.may_be_source(line.text) and not cues.label_of(line.text))
    return known | {text for text, times in counted.items() if times > 1}


def _entries(lines: list[Line], known: set[str]) -> list[_Entry]:
    groups = [line.group for line in lines]
    if lines and all(groups) and len(set(groups)) > 1:
        parts: dict[int, list[Line]] = {}
        for line in lines:
            parts.setdefault(line.group, []).append(line)
        return [_understood(part, known) for part in parts.values()]
    days = [i for i, line in enumerate(lines) if dated(line)]
    if days:
        return [_understood(part, known) for part in _around_days(lines, days)]
    return [_understood(part, known) for part in _undated(lines, known)]


def _around_days(lines: list[Line], days: list[int]) -> list[list[Line]]:
    """Cuts the list at its dates; what stands before the first date says how many lines an entry has before its own."""
    before = [line for line in lines[: days[0]] if not cues.label_of(line.text)]
    lead = len(before) if len(before) <= 2 else 0
    label_leads = days[0] > 0 and bool(cues.label_of(lines[days[0] - 1].text)) and not lead
    starts = [
        0 if i == 0 and (lead or label_leads) else _start(lines, day, lead, label_leads) for i, day in enumerate(days)
    ]
    parts = [lines[start:stop] for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True)]
    loose = lines[: starts[0]]
    return ([*_undated(loose, set())] if loose else []) + parts


def _start(lines: list[Line], day: int, lead: int, label_leads: bool) -> int:
    at = day
    while lead and at > 0:
        at -= 1
        lead -= not cues.label_of(lines[at].text)
    if label_leads and at > 0 and cues.label_of(lines[at - 1].text):
        at -= 1
    return at


def _undated(lines: list[Line], known: set[str]) -> list[list[Line]]:
    """Cuts a list without dates: [source] [mark of payment] title, or titles alone."""
    parts: list[list[Line]] = []
    at = 0
    while at < len(lines):
        size = _undated_size(lines[at : at + 3], known)
        parts.append(lines[at : at + size])
        at += size
    return parts


def _undated_size(lines: list[Line], known: set[str]) -> int:
    """How many of the lines make the first entry."""
    labels = [bool(cues.label_of(line.text)) for line in lines[:3]] + [False] * 3
    if labels[0]:
        # The mark first: then a source if the next line looks like one, then the title.
        return min(len(lines), 3 if len(lines) > 2 and _is_source(lines[1], lines[2], known) else 2)
    if labels[1]:
        return min(len(lines), 3) if cues.may_be_source(lines[0].text) else 2
    if len(lines) > 1 and _is_source(lines[0], lines[1], known):
        return 3 if labels[2] else 2
    return 1


def _is_source(line: Line, after: Line, known: set[str]) -> bool:
    if line.text in known or cues.is_organisation(line.text):
        return True
    return cues.may_be_source(line.text) and len(line.text) <= 40 and len(after.text) >= 2 * len(line.text)


def _understood(lines: list[Line], known: set[str]) -> _Entry:
    entry = _Entry()
    for line in lines:
        label = cues.label_of(line.text)
        day = None if label else dated(line)
        if label and entry.label is None:
            entry.label, entry.payer = label
            entry.lines.append(line)
        elif day and entry.date is None:
            entry.date, entry.source = day[0], day[1] or None
            entry.lines.append(line)
        else:
            entry.texts.append(line)
    if not entry.source and len(entry.texts) > 1:
        _pick_source(entry, known)
    return entry


def _pick_source(entry: _Entry, known: set[str]) -> None:
    """Of several texts one may be the source: a known one, one shaped like a company, else a short first one."""
    texts = entry.texts
    shaped = [line for line in texts if line.text in known] or [
        line for line in texts if cues.is_organisation(line.text)
    ]
    first = texts[0]
    if not shaped and cues.may_be_source(first.text) and not first.tag and len(first.text) < len(texts[1].text):
        shaped = [first]
    if shaped:
        entry.source = shaped[0].text
        entry.lines.append(shaped[0])
        texts.remove(shaped[0])


def _item(entry: _Entry, zone: Zone, house: str | None) -> ListItem | None:
    if not entry.texts:
        return None
    title = next((line for line in entry.texts if line.tag[:1] == "h"), None)
    title = title or next((line for line in entry.texts if line.href), entry.texts[0])
    if not entry.date and not entry.label and not entry.source and (len(title.text) > 200 or not zone.heading):
        return None
    # A line or two under the title are its teaser; more than that is something else and stays with the reader.
    rest = [line for line in entry.texts if line is not title]
    teaser = rest if len(rest) <= _TEASER_LINES else []
    entry.lines += [title, *teaser]
    kind: ItemKind = "editorial"
    if entry.label:
        kind = "paid"
    elif house and entry.source == house and not entry.date and zone.heading is None:
        kind = "house"
    return ListItem(
        title=title.text,
        teaser="\n".join(line.text for line in teaser) or None,
        source=entry.source or entry.payer,
        date=entry.date,
        label=entry.label,
        section=zone.heading,
        kind=kind,
        related=zone.related,
        payer=(entry.payer or entry.source) if entry.label else None,
        href=title.href,
    )

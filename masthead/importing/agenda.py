"""The event list of a page: organiser, kind, title, abstract, then "Dato/Tid/Sted" in one of five languages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from . import cues
from .dates import parse_date, parse_days, parse_times, split_dated
from .languages import language_of
from .lines import Line, Reader
from .parsed import Event
from .places import Place, is_only_online, read_place, says_online

_NUMBERS = {
    word: number
    for number, words in {
        2: "to two zwei två to tvende",
        3: "tre three drei",
        4: "fire four vier fyra",
        5: "fem five fünf",
        6: "seks six sechs sex",
        7: "syv seven sieben sju",
        8: "otte eight acht åtta åtte",
        9: "ni nine neun nio",
        10: "ti ten zehn tio",
        12: "tolv twelve zwölf",
    }.items()
    for word in words.split()
}
_NUMBER = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_SESSIONS = re.compile(
    rf"\b(?P<n>\d{{1,2}}|{_NUMBER})\s(?:\w+\s)?(?P<what>(?:\w+-)?\w*?(?:møder|webinarer|sessioner|sessions|"
    rf"moduler|modules|workshops|"
    r"seminarer|seminars|kursusgange|undervisningsgange|aftener|foredrag|webinars|meetings|lectures|termine|"
    r"module|sitzungen|"
    r"webinare|seminare|tillfällen|träffar|möten|samlinger|møter|gange))\b",
    re.IGNORECASE,
)
_DAYS = re.compile(
    rf"\b(?P<n>\d{{1,2}}(?:[.,]\d)?|{_NUMBER})(?P<half>½)?[\s-]?(?:dages?|days?|tage|tägige[smnr]?|dagars?|"
    rf"dagers?|dags)\b(?!\s(?:siden|ago|før|efter))",
    re.IGNORECASE,
)
_CLOCK_ONLY = re.compile(
    r"^(?:(?:kl\.?|klokken|um)\s*)?\d{1,2}(?:[:.]\d{2})?\s?(?:[-–—]|til|to|"
    r"bis)?\s?(?:\d{1,2}(?:[:.]\d{2})?)?\s?(?:uhr|[ap]m)?$",
    re.I,
)
_FIELDS_IN_LINE = re.compile(
    r"(?:^|(?<=[\s|·•,;]))(?:Dato|Date|Datum|Tid|Tidspunkt|Time|Uhrzeit|Zeit|Sted|Place|Venue|Location|Ort|Plats)\s?:"
)
_LONG = 100


@dataclass
class _Draft:
    """Lines of one event before they are understood."""

    head: list[Line] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    field_lines: list[Line] = field(default_factory=list)


def has_fields(lines: Iterable[Line]) -> bool:
    """Some line is a date field followed by a date: there is an event list here."""
    lines = list(lines)
    for line, after in zip_longest(lines, lines[1:]):
        found = cues.field_of(line.text)
        if found and found[0] == "date" and parse_days(found[1] or (after.text if after else ""))[0]:
            return True
    return False


def first_head(lines: list[Line]) -> int:
    """Index of the line where the first event of a list without a heading begins: two blocks above its first field."""
    at = next((i for i, line in enumerate(lines) if _is_field(lines, i)), len(lines))
    blocks = 0
    while at > 0 and blocks < 2:
        at -= 1
        blocks += lines[at].gap
    return at


def read_events(reader: Reader, start: int, stop: int, language: str | None = None) -> list[Event]:
    """Takes the events out of reader.lines[start:stop]; lines that belong to none stay with the reader."""
    lines = [part for line in reader.open(start, stop) for part in _spread(line)]
    drafts = _grouped(lines) or _sequential(lines)
    events = []
    for draft in drafts:
        event = _event(draft, language)
        if event:
            reader.take(*draft.head, *draft.field_lines)
            events.append(event)
    return events


def _spread(line: Line) -> list[Line]:
    """Several fields of one line as lines of their own: "Dato: 1.2.2026 Tid: 09:00", "1.2.2026 | 09:00 | Online"."""
    starts = [match.start() for match in _FIELDS_IN_LINE.finditer(line.text)] if len(line.text) <= 300 else []
    if len(starts) > 1 and starts[0] == 0:
        parts = [line.text[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]
    else:
        parts = re.split(r"\s[|·•]\s", line.text) if len(line.text) <= 160 else []
        if len(parts) < 2 or not parse_date(parts[0]):
            return [line]
        parts[1:] = [part if _CLOCK_ONLY.match(part) else f"Sted: {part}" for part in parts[1:]]
    texts = [text for part in parts if (text := part.strip(" |·•,;"))]
    return [replace(line, text=text, gap=line.gap and not at) for at, text in enumerate(texts)]


def dates_alone(lines: Iterable[Line]) -> bool:
    """Some line is nothing but a date, perhaps with a time or place after a bar: events listed without labels."""
    return any(parse_date(part.text) for line in lines for part in _spread(line)[:1])


def _grouped(lines: list[Line]) -> list[_Draft]:
    """One draft for each list entry of a saved page, when the page marks its entries."""
    groups: dict[int, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.group, []).append(line)
    groups.pop(0, None)
    if not groups or not all(len(group) >= 2 for group in groups.values()):
        return []
    drafts = [draft for group in groups.values() for draft in _sequential(group, whole=True)]
    return drafts if any(draft.fields.get("date") for draft in drafts) else []


def _sequential(lines: list[Line], whole: bool = False) -> list[_Draft]:
    labelled = has_fields(lines)
    fields_first = bool(lines) and not whole and bool(_field_at(lines, 0, labelled)[0])
    drafts = [_Draft()]
    at = 0
    while at < len(lines):
        name, value, used = _field_at(lines, at, labelled)
        draft = drafts[-1]
        if name:
            if (
                fields_first
                and draft.head
                and name == "date"
                or (name in draft.fields and name != "other" and not whole)
            ):
                drafts.append(draft := _Draft())
            draft.fields.setdefault(name, value)
            draft.field_lines += lines[at : at + used]
        else:
            if draft.fields and not fields_first and not whole and not _is_late_abstract(draft, lines[at]):
                drafts.append(draft := _Draft())
            draft.head.append(lines[at])
        at += used
    return drafts


def _is_late_abstract(draft: _Draft, line: Line) -> bool:
    has_abstract = any(len(head.text) >= _LONG for head in draft.head)
    return not has_abstract and bool(draft.head) and len(line.text) >= _LONG and cues.ends_as_sentence(line.text)


def _is_field(lines: list[Line], at: int) -> bool:
    return bool(_field_at(lines, at, True)[0])


def _field_at(lines: list[Line], at: int, labelled: bool) -> tuple[str, str, int]:
    """(field, value, lines used); field is "" when the line is none."""
    text = lines[at].text
    found = cues.field_of(text)
    if not found:
        return _bare_field(text, labelled)
    name, value = found
    if value:
        fits = name == "place" or any(c.isdigit() for c in value) or len(value) <= 25
        return (name, value, 1) if fits and len(value) <= 120 else ("", "", 1)
    if ":" not in text and at + 1 >= len(lines):
        return "", "", 1
    if at + 1 < len(lines) and not _begins_next(lines, at + 1, name):
        return name, lines[at + 1].text, 2
    return name, "", 1


def _bare_field(text: str, labelled: bool) -> tuple[str, str, int]:
    """In lists without labels a line that is nothing but a date, a time or "Online" is that field."""
    if labelled:
        return "", "", 1
    if parse_date(text):
        return "date", text, 1
    dated = split_dated(text)
    if dated and len(dated[1]) <= 40 and parse_times(dated[1])[0]:
        return "date", text, 1
    if _CLOCK_ONLY.match(text):
        return "time", text, 1
    if is_only_online(text) and not cues.is_kind(text):
        return "place", text, 1
    return "", "", 1


def _begins_next(lines: list[Line], at: int, name: str) -> bool:
    """The line after a label is no value: another label, a wrong type, or the organiser of the next event."""
    if cues.field_of(lines[at].text):
        return True
    if name in ("date", "time") and not any(c.isdigit() for c in lines[at].text):
        return len(lines[at].text) > 30 or cues.is_kind(lines[min(at + 1, len(lines) - 1)].text)
    following = lines[at + 1] if at + 1 < len(lines) else None
    return bool(name == "place" and following and not following.gap and cues.is_kind(following.text))


def _event(draft: _Draft, page_language: str | None) -> Event | None:
    labels = [found for line in draft.head if (found := cues.label_of(line.text))]
    head = [line for line in draft.head if not cues.label_of(line.text)]
    if not head or not (draft.fields or any(cues.is_kind(line.text) for line in head[1:3])):
        return None
    organiser, kind, title, abstract = _heading(head)
    days, last_day = parse_days(draft.fields.get("date", ""))
    time, end_time = parse_times(draft.fields.get("time", "") or _time_in_date(draft.fields.get("date", "")))
    written = draft.fields.get("place") or None
    place = _place(written, kind, title)
    count, length, said = _sessions(f"{title} {abstract or ''}", len(days))
    return Event(
        title=title,
        organiser=organiser,
        kind=kind,
        abstract=abstract,
        days=days,
        last_day=last_day,
        time=time,
        end_time=end_time,
        mode=place.mode,
        platform=place.platform,
        place=place.name,
        place_as_written=written,
        language=language_of(f"{title}. {abstract or ''}", otherwise=page_language),
        session_count=count,
        duration_days=length,
        sessions_as_written=said,
        label=labels[0][0] if labels else None,
        href=next((line.href for line in head if line.href), None),
    )


def _heading(head: list[Line]) -> tuple[str | None, str | None, str, str | None]:
    """(organiser, kind, title, abstract) of the lines above an event's fields."""
    marked = next((i for i, line in enumerate(head) if line.tag in ("h2", "h3", "h4", "h5")), None)
    if marked is not None:
        return _around_title(head, marked)
    at = next((i for i, line in enumerate(head[:3]) if cues.is_kind(line.text)), None)
    texts = [line.text for line in head]
    if at == 0 and len(texts) > 1:
        after_title = 3 if len(texts) > 3 and cues.may_be_source(texts[2]) and len(texts[2]) < len(texts[1]) else 2
        organiser = texts[2] if after_title == 3 else None
        return organiser, texts[0], texts[1], _joined(texts[after_title:])
    if at == 1:
        title = texts[2] if len(texts) > 2 else texts[0]
        return (texts[0] if len(texts) > 2 else None), texts[1], title, _joined(texts[3:])
    if at == 2:
        organiser, title = sorted(texts[:2], key=lambda text: (not cues.is_organisation(text), len(text)))
        return organiser, texts[2], title, _joined(texts[3:])
    return _unmarked(head)


def _unmarked(head: list[Line]) -> tuple[str | None, str | None, str, str | None]:
    """The heading of an event whose kind is no known word: by the number of short lines before the abstract."""
    texts = [line.text for line in head]
    short = 0
    while short < min(3, len(texts)) and len(texts[short]) <= 160 and not cues.ends_as_sentence(texts[short]):
        short += 1
    if short >= 3 and len(texts[1].split()) <= 3 and len(texts[1]) <= 30:
        return texts[0], texts[1], texts[2], _joined(texts[3:])
    if short >= 2 and cues.may_be_source(texts[0]):
        return texts[0], None, texts[1], _joined(texts[2:])
    return None, None, texts[0], _joined(texts[1:])


def _around_title(head: list[Line], at: int) -> tuple[str | None, str | None, str, str | None]:
    others = [line.text for i, line in enumerate(head) if i != at]
    kind = next((text for text in others if cues.is_kind(text)), None)
    others = [text for text in others if text != kind]
    before = [line.text for line in head[:at] if line.text in others]
    near = [text for text in [*before, *others] if cues.may_be_source(text) and len(text) < _LONG]
    organiser = near[0] if near else None
    return organiser, kind, head[at].text, _joined([text for text in others if text != organiser])


def _joined(texts: list[str]) -> str | None:
    return "\n".join(texts) or None


def _time_in_date(text: str) -> str:
    """A clock time standing in the date field: "10.12.2025 kl. 09:00"."""
    match = re.search(r"(?:(?:kl\.?|klokken|at|um)\s*\d{1,2}|(?<![\d.])\d{1,2}:\d{2}).*$", text, re.IGNORECASE)
    return match.group(0) if match else ""


def _place(written: str | None, kind: str | None, title: str) -> Place:
    place = read_place(written)
    if place.mode is None and says_online(f"{kind or ''} {title}"):
        return Place("online", None, None)
    return place


def _sessions(text: str, days_named: int) -> tuple[int | None, float | None, str | None]:
    """(sessions promised, length in days, the words) found in an event's title and abstract."""
    sessions, days = _SESSIONS.search(text), _DAYS.search(text)
    count = _number(sessions.group("n")) if sessions else None
    length = _number(days.group("n")) if days else None
    if days and length is not None and days.group("half"):
        length += 0.5
    said = sessions or days
    if count is None and days_named > 1:
        count = days_named
    return (int(count) if count else None), length, (said.group(0) if said else None)


def _number(word: str) -> float | None:
    if word[0].isdigit():
        return float(word.replace(",", "."))
    return float(_NUMBERS[word.casefold()])

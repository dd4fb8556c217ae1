"""Dates and clock times as trade pages write them: numeric, ISO, and with month names in five languages.

Numeric dates are day first, as in Europe; 09/13/2016 can only be American and is read so.
"""

import datetime as dt
import re

_MONTH_NAMES = {
    1: "januar january januari jan jänner",
    2: "februar february februari feb",
    3: "marts march märz mars mar mär mrz",
    4: "april apr",
    5: "maj may mai",
    6: "juni june jun",
    7: "juli july jul",
    8: "august augusti aug",
    9: "september sep sept",
    10: "oktober october okt oct",
    11: "november nov",
    12: "december dezember desember dec dez des",
}
_MONTH = {name: number for number, names in _MONTH_NAMES.items() for name in names.split()}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_FORMS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})(?P<sep>[./-])\s?(?P<m>\d{1,2})(?P=sep)\s?(?P<y>\d{4})"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})(?P<sep>[./-])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{2})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})\s?(?:\.|st|nd|rd|th)?\s?(?:of\s)?(?P<name>{_NAMES})\.?,?\s?(?P<y>\d{{4}})",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<name>{_NAMES})\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y>\d{{4}})", re.IGNORECASE),
)
_RANGE = re.compile(
    r"(?<!\d)(?P<d1>\d{1,2})\.?\s?(?P<to>[-–—]|til|till|to|bis|och|og|and|und|&)\s?"
    rf"(?P<rest>\d{{1,2}}(?:\.\s?\d{{1,2}}\.\s?\d{{4}}|\.?\s(?:{_NAMES})\.?\s\d{{4}}))",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"^(?:(?:publiceret|offentliggjort|udgivet|published|posted|veröffentlicht|publicerad|publisert|dato|date|datum|"
    r"stand|sidst opdateret|opdateret|last updated|updated|aktualisiert|uppdaterad|oppdatert)\b\s*(?:on|am|den|"
    r"d\.)?\s*:?\s*)?"
    r"(?:(?:mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag|monday|tuesday|wednesday|thursday|friday|"
    r"saturday|sunday|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|måndag|tisdag|torsdag|lördag|söndag|"
    r"man|tir|ons|tor|fre|lør|søn|mon|tue|wed|thu|fri|sat|sun)\b\.?,?\s*)?(?:(?:den|d\.|the)\s*)?",
    re.IGNORECASE,
)
_CLOCK_TAIL = re.compile(
    r"^[T,\s]*(?:(?:kl\.?|klokken|at|um|klockan)\s*)?\d{1,2}[:.]\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|"
    r"[+-]\d{2}:?\d{2}|uhr|am|pm)?(?![\d.])",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\d.])(?:(?:kl\.?|klokken|at|um|klockan)\s*)?(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?(?::\d{2})?\s*(?P<half>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)


def find_dates(text: str) -> list[tuple[dt.date, int, int]]:
    """Every date in the text with its start and end offset, in reading order; impossible dates are no dates."""
    found: list[tuple[dt.date, int, int]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            value = _value(match)
            if value and not any(match.start() < end and start < match.end() for _, start, end in found):
                found.append((value, match.start(), match.end()))
    return sorted(found, key=lambda hit: hit[1])


def parse_date(text: str) -> dt.date | None:
    """The date the text says, when it says nothing else but a weekday, "Publiceret:" or a clock time."""
    dated = split_dated(text)
    return dated[0] if dated and not dated[1] else None


def split_dated(text: str) -> tuple[dt.date, str] | None:
    """(date, the rest) of a line that begins or ends with a date: "11.12.2025Ladelauget", "Ladelauget | 2025-12-11"."""
    if not any(c.isdigit() for c in text[:60]) and not any(c.isdigit() for c in text[-30:]):
        return None
    if len(text) > 160:
        return None
    hits = find_dates(text)
    if not hits:
        return None
    value, start, end = hits[0]
    if _BEFORE.match(text).end() == start or start == 0:
        tail = text[end:]
        clock = _CLOCK_TAIL.match(tail)
        return value, (tail[clock.end() :] if clock else tail).strip(" |·•,–—-/")
    value, start, end = hits[-1]
    if not text[end:].strip():
        return value, text[:start].strip(" |·•,–—-/(")
    return None


def parse_days(text: str) -> tuple[tuple[dt.date, ...], dt.date | None]:
    """(days named one by one, last day of a span or None) of an event's date field."""
    hits = find_dates(text)
    days = tuple(hit[0] for hit in hits)
    if not days:
        return (), None
    span = _RANGE.search(text)
    if span and len(days) == 1:
        first, last = _span_of(days[0], int(span.group("d1")))
        apart = last is not None and span.group("to").casefold() in ("og", "och", "and", "und", "&")
        return ((*first, last), None) if apart else (first, last)
    between = text[hits[0][2] : hits[1][1]].strip().casefold() if len(hits) == 2 else ""
    if between in ("-", "–", "—", "til", "to", "bis", "till", "til og med", "until") and days[1] > days[0]:
        return days[:1], days[1]
    return days, None


def parse_times(text: str) -> tuple[dt.time | None, dt.time | None]:
    """(start, end) of an event's time field: "09:00", "kl. 9-11", "9.30 – 11.00", "2 pm"; None where not said."""
    times = []
    for match in _TIME.finditer(text[:80]):
        value = _clock(match)
        if value is not None:
            times.append(value)
    return (times[0] if times else None), (times[1] if len(times) > 1 else None)


def _value(match: re.Match) -> dt.date | None:
    parts = match.groupdict()
    year, day = int(parts["y"]), int(parts["d"])
    month = _MONTH[parts["name"].casefold()] if parts.get("name") else int(parts["m"])
    if year < 100:
        year += 2000
    if month > 12 and day <= 12 and parts.get("sep") == "/":
        day, month = month, day
    try:
        return dt.date(year, month, day) if 1500 <= year <= 2200 else None
    except ValueError:
        return None


def _span_of(last: dt.date, first_day: int) -> tuple[tuple[dt.date, ...], dt.date | None]:
    if not 1 <= first_day < last.day:
        return (last,), None
    return (last.replace(day=first_day),), last


def _clock(match: re.Match) -> dt.time | None:
    hour, minute = int(match.group("h")), int(match.group("m") or 0)
    half = (match.group("half") or "").casefold().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None

"""Typesetting: how dates, numbers, quotations and credits are printed in each language.

Everything speaks the language that is active (the title's), unless another is named.
"""

import re
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language
from django.utils.translation import gettext as _

NBSP = "\N{NO-BREAK SPACE}"
DAY, FULL_DAY, WEEKDAY, HOUR = "day", "full_day", "weekday", "hour"
FORMATS = {
    "da": {
        DAY: "j.\N{NO-BREAK SPACE}N",
        FULL_DAY: "j.\N{NO-BREAK SPACE}F Y",
        WEEKDAY: "l j.\N{NO-BREAK SPACE}F Y",
        HOUR: "G.i",
    },
    "en": {
        DAY: "j\N{NO-BREAK SPACE}M",
        FULL_DAY: "j\N{NO-BREAK SPACE}F Y",
        WEEKDAY: "l j\N{NO-BREAK SPACE}F Y",
        HOUR: "H:i",
    },
}
QUOTES = {"da": "»«", "de": "„“", "en": "“”"}
ANY_QUOTE = '"“”„«»'
UNITS = (
    "%|‰|°C|[kMGT]?W(?:h|p)?|TWh|MVA|k?V|[kM]?A|mm|cm|km|m|m²|m³|kvm|ha|km²|mg|g|kg|t|tons?|ml|l|liter|litres?|kcal|"
    "[kMGT]?J|Hz|[kMGT]Hz|[kMGT]B|kr\\.?|DKK|EUR|USD|GBP|€|mio\\.?|mia\\.?|pct\\.?|procent|percent|million(?:er|s)?|"
    "milliard(?:er)?|billion|CO2|kg/m²|min\\.?|timer|hours|år|years"
)
# What must not be parted: a number and what it counts; the abbreviation before a number.
PARTED = (
    re.compile(rf"(?<=\d) (?=(?:{UNITS})(?![\w]))"),
    re.compile(r"(?<=\d) (?=\d{3}(?!\d))"),
    re.compile(r"(?<=§) (?=\d)"),
    re.compile(r"(?<![\w])(kl\.|nr\.|no\.|art\.|stk\.|No\.|Art\.|ca\.|DKK|EUR|USD|GBP|€|scope|fase|phase) (?=\d)"),
    re.compile(
        r"(?<![\d])(\d{1,2}\.?) (?=(?:jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-zæ]*\b)", re.IGNORECASE
    ),
)
BLOCKS = re.compile(r"(</?(?:p|li|ul|ol|h\d|div|br)\b[^>]*>)")
TAGS = re.compile(r"(<[^>]+>)")
CREDITED = re.compile(r"^\s*[^\W\d]+\s*:\s*\S")
CREDIT_IN_CAPTION = re.compile(r"\s*\b(?:Foto|Photo|Illustration|Grafik|Graphic)\s*:\s*(.*)$", re.IGNORECASE)
ENDS = ".!?…"


# Dates and hours


def day(moment: date | datetime) -> str:
    """A date as lists print it, "23. nov."; with the year where it is not this year's."""
    there = _local(moment)
    short = formatted(there, _format(DAY))
    return short if there.year == timezone.localdate().year else f"{short} {there.year}"


def full_day(moment: date | datetime) -> str:
    """A date as articles print it, "12. september 2016"."""
    return formatted(_local(moment), _format(FULL_DAY))


def weekday(moment: date | datetime) -> str:
    """A date with its weekday, as a sentence begins: "Mandag 23. november 2026"."""
    spoken = formatted(_local(moment), _format(WEEKDAY))
    return spoken[:1].upper() + spoken[1:]


def hour(moment: datetime | time) -> str:
    """A time of day, "9.00" or "09:00"."""
    return formatted(_local(moment), _format(HOUR))


def hours(starts: datetime, ends: datetime | None) -> str:
    """From when to when, "9.00–10.00"."""
    return f"{hour(starts)}–{hour(ends)}" if ends else hour(starts)


def days(first: date, last: date) -> str:
    """One day or several, "1.–3. december 2026"."""
    if first == last:
        return full_day(first)
    if (first.year, first.month) == (last.year, last.month):
        stop = "." if _language() == "da" else ""
        return f"{first.day}{stop}–{full_day(last)}"
    return f"{day(first)} – {full_day(last)}"


def short_days(first: date, last: date) -> str:
    """One day or several as lists print them, "1.–3. dec."."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        stop = "." if _language() == "da" else ""
        return f"{first.day}{stop}–{day(last)}"
    return f"{day(first)} – {day(last)}"


def at(moment: datetime) -> str:
    """When something begins, "kl. 9.00"."""
    return _("at %s") % hour(moment)


def month(moment: date | datetime) -> str:
    """The month below a large day, "nov."; with the year where it is not this year's."""
    there = _local(moment)
    short = formatted(there, "N" if _language() == "da" else "M")
    return short if there.year == timezone.localdate().year else f"{short} {there.year}"


def month_name(moment: date) -> str:
    """A whole month, "December 2026"."""
    said = formatted(moment, "F Y")
    return said[:1].upper() + said[1:]


# Words


def unparted(text: str) -> str:
    """Keep numbers and their units on one line. Tags in `text` are left alone."""
    return "".join(part if part.startswith("<") else _unparted(part) for part in TAGS.split(text))


def quoted(text: str, language: str = "") -> str:
    """Put `text` in the quotation marks of a language, whatever marks it was written with."""
    marks = QUOTES.get(language or _language(), QUOTES["en"])
    bare = text.strip()
    if len(bare) > 1 and bare[0] in ANY_QUOTE and bare[-1] in ANY_QUOTE and not any(q in bare[1:-1] for q in ANY_QUOTE):
        bare = bare[1:-1].strip()
    return f"{marks[0]}{bare}{marks[1]}"


def requoted(html: str, language: str = "") -> str:
    """Give the double quotation marks of each paragraph in `html` the form of a language.

    A paragraph whose marks do not pair stays as it was written.
    """
    marks = QUOTES.get(language or _language(), QUOTES["en"])
    return "".join(_requoted(block, marks) for block in BLOCKS.split(html.replace("&quot;", '"')))


def caption_text(text: str, credit: str = "") -> str:
    """A caption ready to stand before its credit: one full stop, and no credit of its own (rule I3)."""
    text = " ".join(text.split())
    own = CREDIT_IN_CAPTION.search(text)
    if own and (not own[1].strip(" .,;:") or bare_credit(own[1]) == bare_credit(credit)):
        text = text[: own.start()].rstrip()
    text = _single_stop(text)
    return text + "." if credit_line(credit) and text and text[-1] not in ENDS + ANY_QUOTE + ")" else text


def credit_line(credit: str) -> str:
    """Who made a picture, with one word before it: "Photo: …". Empty where nobody is named (rule I3)."""
    bare = credit.strip().rstrip(" .,;:")
    if not bare or bare.lower() in ("foto", "photo", "illustration", "grafik"):
        return ""
    return bare if CREDITED.match(bare) else _("Photo: %s") % bare


def bare_credit(credit: str) -> str:
    """A credit without the word before it and the stops after it."""
    return re.sub(r"^\s*[^\W\d]+\s*:\s*", "", credit).strip(" .,;:")


def _requoted(block: str, marks: str) -> str:
    out, before, is_open = [], " ", False
    for part in TAGS.split(block):
        if part.startswith("<"):
            out.append(part)
            continue
        for mark in part:
            if mark in ANY_QUOTE:
                if is_open == (before.isspace() or before in "([–—/-"):
                    return block
                mark, is_open = marks[is_open], not is_open
            before = mark
            out.append(mark)
    return block if is_open else "".join(out)


def _single_stop(text: str) -> str:
    text = re.sub(r"\.{3,}$", "…", text)
    return re.sub(r"([.!?…])[.,;:]+$", r"\1", re.sub(r"[,;:]+$", "", text))


def _unparted(text: str) -> str:
    for pattern in PARTED:
        text = pattern.sub(lambda found: found[0].rstrip(" ") + NBSP, text)
    return text


def _local(moment):
    return timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _format(name: str) -> str:
    return FORMATS.get(_language(), FORMATS["en"])[name]

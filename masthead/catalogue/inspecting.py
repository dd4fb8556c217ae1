"""Inspecting: does what was rendered tell a reader who paid, before the headline? (rules D1, D10, D13 and D14)

The judge of `masthead check disclosure`. It is independent on purpose: it reads the bytes that were sent, as a reader
or a program would, and knows neither our templates nor our stylesheets.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes, policy

import icalendar
from lxml import etree

from masthead.catalogue.inspecting_pages import NAMES, inspect_page, objects_in
from masthead.catalogue.telling import Report, Shown, judge_title, judge_words, names_it, plain, tells_before, untold

ATOM = "{http://www.w3.org/2005/Atom}"


def inspect(form: str, body: bytes, shown: Shown, address: str = "") -> Report:
    """Judge one rendered document of a form that catalogue.outputs knows.

    `address` is where it was fetched, if anywhere: at the card's own its links out must be marked as sponsored too.
    """
    if form == "html":
        return inspect_page(body, shown, address)
    look: Callable[[bytes, Shown], Iterable[str | None]] = {
        "feed": _in_feed,
        "json": _in_json,
        "calendar": _in_calendar,
        "text": _in_text,
        "mail": _in_mail,
    }[form]
    found = list(look(body, shown))
    return Report(bool(found), [problem for problem in found if problem])


# Forms other than pages


def _in_feed(body: bytes, shown: Shown) -> Iterator[str | None]:
    if body.lstrip().startswith(b"{"):
        yield from _in_json(body, shown)
        return
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    for entry in root.iter("item", f"{ATOM}entry", "{*}url"):
        title = _first(entry, "title", f"{ATOM}title", "{*}news/{*}title")
        links = [link.get("href") or link.text or "" for link in entry.iterfind("{*}link")]
        links += [loc.text or "" for loc in entry.iterfind("{*}loc")]
        if shown.is_meant(title, links):
            yield judge_title(title, shown, "The entry")
            yield judge_words(_first(entry, "description", f"{ATOM}summary"), shown)


def _in_json(body: bytes, shown: Shown) -> Iterator[str | None]:
    for found in objects_in(json.loads(body)):
        names = [found[name] for name in NAMES if isinstance(found.get(name), str)]
        links = [found["url"]] if isinstance(found.get("url"), str) else []
        if names and shown.is_meant(" ".join(names), links):
            named = [name for name in names if names_it(name, shown)] or names[:1]
            yield from (judge_title(name, shown, "The entry") for name in named)
            yield judge_words(str(found.get("content_text") or ""), shown)


def _in_calendar(body: bytes, shown: Shown) -> Iterator[str | None]:
    calendar = icalendar.Calendar.from_ical(body)
    for name in (str(calendar[key]) for key in ("NAME", "X-WR-CALNAME") if key in calendar):
        if names_it(name, shown):
            yield judge_title(name, shown, "The calendar")
    for event in calendar.walk("VEVENT"):
        summary = str(event.get("SUMMARY", ""))
        if shown.is_meant(summary, [str(event.get("URL", ""))]):
            yield judge_title(summary, shown, "The calendar entry")
            yield judge_words(str(event.get("DESCRIPTION", "")), shown)


def _in_text(body: bytes, shown: Shown) -> Iterator[str | None]:
    yield from judge_paragraphs(body.decode("utf-8"), shown)


def judge_paragraphs(text: str, shown: Shown) -> Iterator[str | None]:
    """Judge each paragraph of a plain text that names the card: label and payer stand in it, before the headline."""
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        words, headline = plain(paragraph), plain(shown.headline)
        if headline in words:
            told = tells_before(words[: words.index(headline)], shown) is not None
            yield None if told else untold("The paragraph", words, shown)


def _in_mail(body: bytes, shown: Shown) -> Iterator[str | None]:
    message = message_from_bytes(body, policy=policy.default)
    subject = str(message["subject"] or "")
    if names_it(subject, shown):
        yield judge_title(subject, shown, "The subject")
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            yield from (p and f"Text part: {p}" for p in judge_paragraphs(part.get_content(), shown))
        elif part.get_content_type() == "text/html":
            report = inspect_page(part.get_content().encode(), shown)
            yield from ([None] if report.is_shown else [])
            yield from (f"HTML part: {problem}" for problem in report.problems)


def _first(entry, *paths: str) -> str:
    found = (entry.find(path) for path in paths)
    return next((element.text or "" for element in found if element is not None), "")

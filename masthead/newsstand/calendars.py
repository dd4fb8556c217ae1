"""Calendar files (RFC 5545 and 7986): all events, those of one theme or any filter, and a single one.

A reader's calendar fetches the file again and again. So every session has a UID for life and a SEQUENCE that rises with
each change, and a cancelled event stays in, marked, until it would have been over (rule E3). Times are given in UTC.
"""

from collections.abc import Iterable
from datetime import UTC, date, timedelta

import icalendar
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, CardKind, Theme
from masthead.catalogue.outputs import shows
from masthead.events.models import Event, EventKind, Mode
from masthead.newsstand.feeds import UNPRINTABLE
from masthead.newsstand.filtering import Chosen
from masthead.press.ingredients import note_query
from masthead.publication.models import Publication

MOST = 500  # events in one file
REFRESH = timedelta(hours=1)
MEDIA = "text/calendar; charset=utf-8"
FILTERS = ("kind", "mode", "theme", "month")


def _is_event(card: Card) -> bool:
    return card.kind == CardKind.EVENT


def _all_addresses(card: Card) -> list[str]:
    if not _is_event(card):
        return []
    path = reverse("calendar")
    return [path, *(f"{path}?theme={theme.slug}" for theme in card.themes.all()), f"{path}?mode={card.facts['mode']}"]


def _theme_addresses(card: Card) -> list[str]:
    return [reverse("theme_calendar", args=[t.slug]) for t in card.themes.all()] if _is_event(card) else []


def _event_addresses(card: Card) -> list[str]:
    return [reverse("event_calendar", args=[card.item.specific.uid])] if _is_event(card) else []


@shows("calendar", "calendar", _all_addresses)
def events(request) -> HttpResponse:
    """All coming events, or those a filter of the events list finds."""
    title = _title_of(request)
    chosen = Chosen.of(title, request.GET)
    if set(FILTERS) & {name for name, value in request.GET.items() if value} - set(chosen.as_query()):
        # A subscription to one theme must not turn into one to everything when that theme is gone.
        raise Http404("This filter of the events is not known any longer.")
    cards = shelves.agenda(title, **chosen.for_shelf()).take(MOST, also=shelves.FILED_UNDER)
    if cards or not chosen:  # else it is an address anybody may make up
        note_query(chosen.as_query())
    return _answer(calendar(title, f"{title.name}: {_('Events')}", request.get_full_path(), cards))


@shows("calendar of a theme", "calendar", _theme_addresses)
def of_theme(request, slug: str) -> HttpResponse:
    """The coming events on one theme."""
    title = _title_of(request)
    theme = get_object_or_404(Theme, publication=title, slug=slug)
    cards = shelves.agenda(title, theme=theme).take(MOST, also=shelves.FILED_UNDER)
    return _answer(calendar(title, f"{title.name}: {theme.name}", request.path, cards))


@shows("calendar file of an event", "calendar", _event_addresses)
def of_event(request, uid) -> HttpResponse:
    """One event, to be kept in a reader's own calendar."""
    title = _title_of(request)
    event = get_object_or_404(Event, uid=uid)
    cards = [card for card in shelves.of_items([event.pk]).values() if card.publication_id == title.pk]
    if not cards:
        raise Http404("This event is not shown.")
    response = _answer(calendar(title, cards[0].disclosed.before(event.title), request.path, cards))
    response["Content-Disposition"] = f'attachment; filename="{event.slug}.ics"'
    return response


def calendar(title: Publication, name: str, path: str, cards: Iterable[Card]) -> icalendar.Calendar:
    """Return a calendar called `name` that holds every session of these cards' events."""
    cards = list(cards)
    made = icalendar.Calendar()
    made.add("prodid", "-//Masthead//Events//EN")
    made.add("version", "2.0")
    made.add("name", _printable(name))
    made.add("x-wr-calname", _printable(name))
    made.add("source", title.root_url + path, parameters={"VALUE": "URI"})
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    keys = [card.item_id for card in cards]
    found = Event.objects.in_bulk(keys)  # not a list: the cards were taken from a shelf
    for card in cards:
        event = found[card.item_id]
        event.title_of_house = title  # known here; asking for each would be a query a time
        for component in components(event, card):
            made.add_component(component)
    return made


def components(event: Event, card: Card) -> list[icalendar.Event]:
    """Return one VEVENT a session of an event."""
    sessions = event.meetings_by_key()
    return [
        _component(event, card, key, meeting, f" ({place}/{len(sessions)})" if len(sessions) > 1 else "")
        for place, (key, meeting) in enumerate(sessions, start=1)
    ]


def _component(event: Event, card: Card, key: str, meeting: dict, which: str) -> icalendar.Event:
    cancelled = event.status == "cancelled"
    made = icalendar.Event()
    made.add("uid", key)
    made.add("sequence", event.sequence)
    # Without a METHOD both tell when the event was last changed (RFC 5545, 3.8.7.2), so the file stays as it is.
    made.add("dtstamp", card.modified_at.astimezone(UTC).replace(microsecond=0))
    made.add("last-modified", card.modified_at.astimezone(UTC).replace(microsecond=0))
    _add_times(made, meeting)
    made.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    made.add("summary", _printable(summary(card, meeting, which)))
    made.add("description", _printable(description(event, card, meeting)))
    made.add("location", _printable(location(event)))
    made.add("url", card.full_url, parameters={"VALUE": "URI"})
    made.add("contact", _printable(card.source_name))
    label = [card.label] if card.disclosed else []
    made.add("categories", [*label, str(EventKind(event.kind).label), *(theme.name for theme in card.themes.all())])
    return made


def summary(card: Card, meeting: dict, which: str = "") -> str:
    """Return the headline of a session: label and payer first, then whether it is cancelled or has no time yet."""
    words = f"{_('Cancelled')}: {card.title}{which}" if card.facts.get("status") == "cancelled" else card.title + which
    return card.disclosed.before(words if meeting["announced"] else f"{words} ({_('time to be announced')})")


def description(event: Event, card: Card, meeting: dict) -> str:
    """Return what a calendar shows below the headline: who pays, who organises, the abstract, where to sign up."""
    lines = [card.disclosed.line, f"{_('Organiser')}: {card.source_name}", " ".join(card.standfirst.split())]
    if not meeting["announced"]:
        lines.append(_("Time to be announced."))
    if event.sign_up_url and event.status != "cancelled":
        lines.append(f"{_('Sign up')}: {event.sign_up_url}")
    return "\n".join(filter(None, [*lines, card.full_url]))


def location(event: Event) -> str:
    """Return the place, or the platform where it is held online, or both."""
    online = " ".join(filter(None, [_("Online"), event.platform]))
    return {Mode.ON_SITE: event.place, Mode.ONLINE: online}.get(event.mode, f"{event.place}; {online}")


def _add_times(made: icalendar.Event, meeting: dict) -> None:
    """Add begin and end; a session whose time is to be announced takes whole days, and blocks none of them."""
    if not meeting["announced"]:
        made.add("dtstart", meeting["date"])
        made.add("dtend", meeting["end_date"] + timedelta(days=1))
        made.add("transp", "TRANSPARENT")
        return
    made.add("dtstart", meeting["starts"].astimezone(UTC))
    ends = meeting["ends"] or _end_of(meeting["end_date"], meeting)
    if ends and ends > meeting["starts"]:
        made.add("dtend", ends.astimezone(UTC))


def _end_of(day: date, meeting: dict):
    """The midnight after the last day of a session over several days; None for one without an end."""
    if day == meeting["date"]:
        return None
    return meeting["starts"].replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0) + timedelta(days=1)


def _title_of(request) -> Publication:
    if request.publication is None:
        raise Http404("There is no title at this address.")
    return request.publication


def _answer(made: icalendar.Calendar) -> HttpResponse:
    return HttpResponse(made.to_ical(), content_type=MEDIA)


def _printable(words: str) -> str:
    return UNPRINTABLE.sub("", words)

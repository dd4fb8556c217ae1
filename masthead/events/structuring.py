"""What an event says of itself to machines (rule E1)."""

from typing import TYPE_CHECKING

from masthead.catalogue import structuring

if TYPE_CHECKING:
    from masthead.events.models import Event

SCHEMA = "https://schema.org/"
ATTENDANCE = {
    "on_site": "OfflineEventAttendanceMode",
    "online": "OnlineEventAttendanceMode",
    "hybrid": "MixedEventAttendanceMode",
}
STATUS = {"scheduled": "EventScheduled", "moved": "EventRescheduled", "cancelled": "EventCancelled"}


def event(item: "Event") -> dict:
    """Return an Event, with one subEvent a session where there are several."""
    meetings = item.meetings()
    said = {"@type": "Event", "name": item.title, **_shared(item), **structuring.common(item), **_when(item, meetings)}
    said.setdefault("description", structuring.plain(item.description) or item.title)
    if item.status == "moved" and item.previous_start and item.previous_start != meetings[0]["starts"]:
        said["previousStartDate"] = structuring.moment(item.previous_start, item.title_of_house)
    if len(meetings) > 1:
        said["subEvent"] = [_session(item, meeting, n, len(meetings)) for n, meeting in enumerate(meetings, start=1)]
    return said


def _session(item: "Event", meeting: dict, n: int, of: int) -> dict:
    return {
        "@type": "Event",
        "name": f"{item.title} ({n}/{of})",
        "url": structuring.address(item),
        **_shared(item),
        **structuring.disclosed(item),
        **_when(item, [meeting]),
    }


def _shared(item: "Event") -> dict:
    """What holds for the whole event and each session of it."""
    said = {
        "eventStatus": SCHEMA + STATUS[item.status],
        "eventAttendanceMode": SCHEMA + ATTENDANCE[item.mode],
        "location": _places(item),
        "inLanguage": item.spoken_language,
        **structuring.sponsor(item),
    }
    if item.organiser:
        said["organizer"] = structuring.organisation(item.organiser, item.title_of_house)
    return said


def _when(item: "Event", meetings: list[dict]) -> dict:
    """Start and end with offset; a date alone where the time is to be announced."""
    if not meetings:
        return {}
    first, last = (
        meetings[0],
        max(meetings, key=lambda meeting: (meeting["end_date"], meeting["ends"] or meeting["starts"])),
    )
    said = {"startDate": _start(item, first)}
    if last["ends"] and last["ends"] > first["starts"]:
        said["endDate"] = structuring.moment(last["ends"], item.title_of_house)
    elif last["end_date"] > first["date"]:
        said["endDate"] = last["end_date"].isoformat()
    return said


def _start(item: "Event", meeting: dict) -> str:
    if not meeting["announced"]:
        return meeting["date"].isoformat()
    return structuring.moment(meeting["starts"], item.title_of_house)


def _places(item: "Event") -> list[dict]:
    places: list[dict] = []
    if item.mode != "online":
        town = item.place.rpartition(",")[2].strip()  # the form asks for “venue and town”
        address = {"@type": "PostalAddress", "addressLocality": town, "addressCountry": item.country}
        places.append({"@type": "Place", "name": item.place, "address": address})
    if item.mode != "on_site":
        virtual = {"@type": "VirtualLocation", "url": item.sign_up_url or structuring.address(item)}
        places.append(virtual | ({"name": item.platform} if item.platform else {}))
    return places

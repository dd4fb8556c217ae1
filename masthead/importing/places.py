"""Where an event is held, from the free text of its "Sted": on the spot, online, or both, and on which platform.

No free text may end as a place one cannot travel to: "Online via Zoom" is mode online, platform Zoom, place None.
"""

import re
from dataclasses import dataclass

from .parsed import Mode

_PLATFORMS = (
    ("Zoom", r"zoom"),
    ("Teams", r"(?:microsoft|ms)[ -]?teams|teams"),
    ("Webex", r"(?:cisco )?webex"),
    ("Google Meet", r"google (?:meet|hangouts?)"),
    ("GoToWebinar", r"goto ?(?:webinar|meeting)"),
    ("Skype", r"skype(?: for business)?"),
    ("YouTube", r"youtube(?: live)?"),
    ("LinkedIn Live", r"linkedin(?: live)?"),
    ("Facebook Live", r"facebook(?: live)?"),
    ("Livestorm", r"livestorm"),
    ("Hopin", r"hopin"),
    ("Whereby", r"whereby"),
    ("Adobe Connect", r"adobe connect"),
    ("BigBlueButton", r"big ?blue ?button"),
    ("Jitsi", r"jitsi(?: meet)?"),
)
_PLATFORM = re.compile("|".join(rf"(?P<p{n}>\b{form}\b)" for n, (_, form) in enumerate(_PLATFORMS)), re.IGNORECASE)
_ONLINE = re.compile(
    r"\b(?:online[- ]?(?:webinar|møde|kursus|event|møte|seminar|veranstaltung|meeting|evenemang)?|webinar|"
    r"webinaret|virtuelt?|"
    r"virtuell\w*|virtual(?:ly)?|digitalt?|digitale?s?|live-?stream\w*|streaming|streames|stream|webcast|"
    r"(?:på|over|via) nettet|im internet|im netz|via (?:videolink|link)|videomøde|videokonference|"
    r"på webben|på distans|distans|fjernundervisning|remote)\b",
    re.IGNORECASE,
)
_HYBRID = re.compile(
    r"\b(?:hybrid\w*|hybridevent|både fysisk og|fysisk og (?:online|digitalt|virtuelt))\b", re.IGNORECASE
)
_UNKNOWN = re.compile(
    r"^(?:tba|tbd|tbc|t\.b\.a\.|følger|oplyses(?: senere| ved tilmelding)?|ukendt|annonceres(?: senere)?|"
    r"to be (?:announced|confirmed|determined)|wird (?:noch )?bekannt ?gegeben|noch offen|meddelas senare|"
    r"kommer senere|ikke fastlagt|n/a|-|–|\?)\.?$",
    re.IGNORECASE,
)
_PHYSICAL = re.compile(
    r"\b(?:fysisk(?: fremmøde)?|in person|on[- ]site|vor ort|på plats|på stedet|præsenz|präsenz)\b", re.IGNORECASE
)
_GLUE = (
    r"(?:via|på|over|über|ueber|per|med|with|mit|through|i|in|im|at|on|by|and|og|och|und|eller|or|oder|samt|både|both|"
    r"plus|også|also|auch|fra|from|hos|bei|live)"
)
_EDGE = re.compile(
    rf"^(?:[\s,;:/+&|()\[\]–—.-]|{_GLUE}\b(?=\W|$))+|(?:[\s,;:/+&|(\[–—-]|\b{_GLUE}(?=$))+$", re.IGNORECASE
)
_JOINED = re.compile(
    r"(?:\b(?:og|and|und|och|eller|or|oder|samt|plus|both|både|also|også)\b|[/+&,|;(–—]|\s-\s)", re.IGNORECASE
)
_NO_PLACE = re.compile(
    r"\b(?:link\w*|tilmeld\w*|registr\w*|sendes|anmeld\w*|adgang|access|invit\w*|kalender\w*|mail|deltager\w*|"
    r"sent|only|kun|nur|endast)\b",
    re.IGNORECASE,
)


# "Digital Hub Aarhus", "Teams Arena": the word is a part of a venue's name.
_VENUE_NAME = re.compile(
    r"^(?:digital|virtual|zoom|teams|stream|remote)\s(?!(?:Online|Zoom|Teams|Webinar|Event|Meeting|Webex)\b)[A-ZÆØÅÄÖÜ]\w+",
)


@dataclass(frozen=True)
class Place:
    """How an event is attended; `name` only when there is somewhere to go."""

    mode: Mode | None = None
    platform: str | None = None
    name: str | None = None


def read_place(written: str | None) -> Place:
    """Mode, platform and place of a "Sted" value; all None when it says that the place is not yet known."""
    text = (written or "").strip()
    if not text or _UNKNOWN.match(text):
        return Place()
    platform = _platform(text)
    rest = _rest(text)
    if _HYBRID.search(text):
        return Place("hybrid", platform, rest)
    online = _ONLINE.search(text) or (platform and _is_platform(text))
    if not online or _VENUE_NAME.match(text[:1].lower() + text[1:]):
        return Place("on_site", None, text)
    if rest and (_JOINED.search(text) or _PHYSICAL.search(text)):
        return Place("hybrid", platform, rest)
    if rest and not platform and not _ONLINE.match(text):
        # "Kornby Webinarhus": the word is a part of a name.
        return Place("on_site", None, text)
    return Place("online", platform, None)


def says_online(text: str) -> bool:
    """A kind or title such as "Webinar" or "Online morgenmøder" that tells the mode when no place is given."""
    return bool(re.search(r"\b(?:webinar\w*|online\w*|virtuel\w*|virtual|livestream)\b", text, re.IGNORECASE))


def is_only_online(text: str) -> bool:
    """The whole line says nothing but online and perhaps a platform."""
    return len(text) <= 60 and read_place(text).mode == "online"


def _platform(text: str) -> str | None:
    match = _PLATFORM.search(text)
    return _PLATFORMS[int(match.lastgroup[1:])][0] if match and match.lastgroup else None


def _is_platform(text: str) -> bool:
    """Zoom and its like as a platform, not as a part of a venue's name ("Teams Arena, Odense")."""
    rest = _rest(text)
    return rest is None or bool(_JOINED.search(text)) or text.casefold().startswith("via ")


def _rest(text: str) -> str | None:
    for pattern in (_HYBRID, _ONLINE, _PHYSICAL, _PLATFORM):
        text = pattern.sub(" ", text)
    text = re.sub(r"\(\s*[,;/&+]?\s*\)", " ", text)
    text = re.sub(r"\s+", " ", text)
    for _ in range(4):
        text = _EDGE.sub("", text).strip()
    if text.count("(") != text.count(")"):
        text = text.strip("()").strip()
    named = bool(text) and (text[0].isupper() or text[0].isdigit()) and not _NO_PLACE.search(text)
    return text if named else None

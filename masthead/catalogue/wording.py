"""Wording: what kinds, places and languages are called, in the language of the title."""

from django.utils.translation import gettext_lazy

IN_LANGUAGE = {"da": gettext_lazy("In Danish"), "en": gettext_lazy("In English")}
KINDS = {
    "webinar": gettext_lazy("Webinar"),
    "course": gettext_lazy("Course"),
    "conference": gettext_lazy("Conference"),
    "seminar": gettext_lazy("Seminar"),
    "meeting": gettext_lazy("Meeting"),
    "fair": gettext_lazy("Trade fair"),
    "other": gettext_lazy("Event"),
}
MODES = {
    "on_site": gettext_lazy("On site"),
    "online": gettext_lazy("Online"),
    "hybrid": gettext_lazy("On site and online"),
}
EMPLOYMENTS = {
    "FULL_TIME": gettext_lazy("Full time"),
    "PART_TIME": gettext_lazy("Part time"),
    "CONTRACTOR": gettext_lazy("Contract"),
    "TEMPORARY": gettext_lazy("Temporary"),
    "INTERN": gettext_lazy("Internship"),
}
MANY = {"article": gettext_lazy("Articles"), "event": gettext_lazy("Events"), "job": gettext_lazy("Jobs")}
ITEMS = {
    "article": gettext_lazy("Article"),
    "event": gettext_lazy("Event"),
    "job": gettext_lazy("Job"),
    "promotion": gettext_lazy("From ourselves"),
}


def event_kind(value: str) -> str:
    return str(KINDS.get(value, KINDS["other"]))


def mode_word(value: str) -> str:
    return str(MODES.get(value, ""))


def employment_word(value: str) -> str:
    return str(EMPLOYMENTS.get(value, ""))


def kinds_word(kind: str) -> str:
    """What several of a kind are called."""
    return str(MANY[kind])

"""Every kind of page there is. A new kind is one line here; each is then looked at in every test of this folder."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of page: `path` makes its address from what stands in the house; `who` must be logged in to see it."""

    name: str
    path: Callable
    status: int = 200
    who: str = ""


def at(path: str) -> Callable:
    return lambda house: path


def of(name: str, more: str = "") -> Callable:
    return lambda house: getattr(house, name) + more


PAGES = (
    Kind("front", at("/")),
    Kind("article", of("article")),
    Kind("article in another language", of("english_article")),
    Kind("paid article", of("partner_article")),
    Kind("event of several sessions", of("event")),
    Kind("event without a time", of("untimed_event")),
    Kind("event cancelled", of("cancelled_event")),
    Kind("event past", of("past_event")),
    Kind("job", of("job")),
    Kind("job expired", of("expired_job"), status=410),
    Kind("house promotion", of("house_promotion")),
    Kind("theme", of("theme")),
    Kind("themes", of("themes")),
    Kind("organisation", of("organisation")),
    Kind("organisations", of("organisations")),
    Kind("person", of("person")),
    Kind("list of articles", at("/artikler/")),
    Kind("list of articles, second page", at("/artikler/?page=2")),
    Kind("list of partner content", at("/annonce/")),
    Kind("list of events", at("/events/")),
    Kind("list of events, filtered", at("/events/?mode=online")),
    Kind("list of jobs", at("/job/")),
    Kind("list of house promotions", at("/fra-os/")),
    Kind("search", of("search")),
    Kind("search with hits", of("search", "?q=kabelk%C3%B8en")),
    Kind("search without hits", of("search", "?q=zebrafinke")),
    Kind("sign-up", of("sign_up")),
    Kind("sign-up asked", of("asked")),
    Kind("promise", of("promise")),
    Kind("how we count", of("how_we_count")),
    Kind("issues of a year", of("issues")),
    Kind("web copy of an issue", of("issue")),
    Kind("confirm", of("confirm")),
    Kind("confirm, cut link", at("/mail/confirm/cut/"), status=404),
    Kind("choices", of("choices")),
    Kind("erase", of("erase")),
    Kind("stop", of("stop")),
    Kind("never", of("never")),
    Kind("imprint", of("imprint")),
    Kind("not found", at("/findes-ikke/"), status=404),
    Kind("partners' log-in", of("partners_log_in")),
    Kind("partners' overview", of("partners_overview"), who="partner"),
    Kind("partners' submission", of("partners_submission"), who="partner"),
    Kind("partners' preview", of("partners_preview"), who="partner"),
)
# The desk is mostly Wagtail's work: here it is looked at under our policy, and what we added to it.
DESK = (
    Kind("desk log-in", at("/desk/login/")),
    Kind("desk", at("/desk/"), who="editor"),
    Kind("desk issues", at("/desk/newsletters/issues/"), who="editor"),
    Kind("desk issue", of("desk_issue"), who="editor"),
    Kind("desk readers", at("/desk/readers/"), who="editor"),
    Kind("desk lists of readers", at("/desk/readers/lists/"), who="editor"),
    Kind("desk clicks of an issue", of("desk_issue", "clicks/"), who="editor"),
    Kind("desk calendar of issues", at("/desk/newsletters/issues/calendar/"), who="editor"),
    Kind("desk bookings", at("/desk/snippets/partners/booking/"), who="editor"),
    Kind("desk title", of("desk_title"), who="editor"),
)

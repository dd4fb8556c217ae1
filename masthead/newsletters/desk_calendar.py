"""The calendar of issues: at the desk, and as a file that the team's calendars subscribe to."""

from datetime import timedelta

import icalendar
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from masthead.catalogue.outputs import shows_no_cards
from masthead.newsletters import scheduling
from masthead.newsletters.desk import MAY_WORK, furniture, require
from masthead.newsletters.models import Newsletter, host_of
from masthead.publication.models import Publication

BACK, AHEAD = timedelta(weeks=2), timedelta(weeks=8)
LASTS = timedelta(minutes=30)  # as long as a calendar program shows an issue


@shows_no_cards
@require_safe
def calendar(request):
    """Every newsletter's slots of the next eight weeks: what is sold, made, approved, free, and where things clash."""
    require(request, MAY_WORK)
    newsletters = list(Newsletter.objects.select_related("publication__site__root_page"))
    today = timezone.localdate()
    titles = {newsletter.publication_id: newsletter.publication for newsletter in newsletters}.values()
    context = {
        "entries": scheduling.calendar(newsletters, today - BACK, today + AHEAD),
        "today": today,
        "files": [(title.name, title.root_url + path_of_file(title)) for title in titles],
    }
    return render(request, "newsletters/desk/calendar.html", context | furniture(_("Calendar of issues"), below=True))


@shows_no_cards
@never_cache
@require_safe
def calendar_file(request, token):
    """The same as a calendar for those who have the link: a calendar program cannot log in."""
    try:
        key = signing.Signer(salt="masthead.calendar").unsign(token)
    except signing.BadSignature as bad:
        raise Http404("There is no such calendar.") from bad
    title = Publication.objects.filter(pk=key).first()
    if title is None:
        raise Http404("There is no such calendar.")
    with translation.override(title.language):
        return HttpResponse(as_ical(title), content_type="text/calendar; charset=utf-8")


def path_of_file(title: Publication) -> str:
    return reverse("calendar_of_issues", args=[signing.Signer(salt="masthead.calendar").sign(str(title.pk))])


def as_ical(title: Publication) -> bytes:
    """Return the calendar of a title's issues (RFC 5545)."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Masthead//Calendar of issues//EN")
    made.add("version", "2.0")
    made.add("name", _("Issues of %s") % title.name)
    today = timezone.localdate(timezone=title.zone)
    newsletters = Newsletter.objects.filter(publication=title).select_related("publication__site__root_page")
    for entry in scheduling.calendar(newsletters, today - BACK, today + AHEAD):
        if entry.at or entry.issue:
            made.add_component(_event(entry, host_of(title)))
    return made.to_ical()


def _event(entry: scheduling.Entry, host: str) -> icalendar.Event:
    event = icalendar.Event()
    starts = entry.at or entry.newsletter.timetable(range(entry.day.year, entry.day.year + 1)).moment(entry.day)
    not_there = _("none was sent") if entry.is_missed else _("not begun")
    state = entry.issue.get_state_display() if entry.issue else not_there
    event.add("uid", f"issue-{entry.newsletter.pk}-{entry.day}@{host}")
    event.add("dtstamp", timezone.now())
    event.add("dtstart", starts)
    event.add("dtend", starts + LASTS)
    event.add("summary", f"{entry.newsletter}: {state}")
    sold = [f"{place.position}: {place.partner or _('free')}" for place in entry.places]
    event.add("description", "\n".join([*sold, *entry.remarks]))
    return event

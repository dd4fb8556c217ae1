"""The calendar."""

import uuid
from datetime import datetime, time, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from masthead.catalogue import panels, shelves
from masthead.catalogue.disclosure import Kind
from masthead.catalogue.items import Item
from masthead.catalogue.models import CardKind, Organisation
from masthead.events import structuring

UNENDED = timedelta(hours=24)  # rule E2: an event without an end is over a day after it began


class SessionBlock(blocks.StructBlock):
    """One meeting of an event. Without a start time it is to be announced."""

    date = blocks.DateBlock(label=_("date"))
    start = blocks.TimeBlock(label=_("from"), required=False, help_text=_("Empty: time to be announced."))
    end_date = blocks.DateBlock(label=_("last day"), required=False)
    end = blocks.TimeBlock(label=_("to"), required=False)

    class Meta:
        icon = "date"
        label = _("session")


class Mode(models.TextChoices):
    ON_SITE = "on_site", _("on site")
    ONLINE = "online", _("online")
    HYBRID = "hybrid", _("hybrid")


class EventKind(models.TextChoices):
    WEBINAR = "webinar", _("webinar")
    COURSE = "course", _("course")
    CONFERENCE = "conference", _("conference")
    SEMINAR = "seminar", _("seminar")
    MEETING = "meeting", _("meeting")
    FAIR = "fair", _("trade fair")
    OTHER = "other", _("event")


class Status(models.TextChoices):
    SCHEDULED = "scheduled", _("as planned")
    MOVED = "moved", _("moved")
    CANCELLED = "cancelled", _("cancelled")


class Event(Item):
    """One event of an organiser, with one session or several."""

    card_kind = CardKind.EVENT
    disclosure_kinds = (Kind.EDITORIAL, Kind.PAID)

    organiser = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, related_name="+", verbose_name=_("organiser")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=EventKind.choices, default=EventKind.OTHER)
    description = RichTextField(_("description"), blank=True, features=["bold", "italic", "ol", "ul", "link"])
    sessions = StreamField([("session", SessionBlock())], verbose_name=_("sessions"), blank=True)
    mode = models.CharField(_("where"), max_length=8, choices=Mode.choices, default=Mode.ON_SITE)
    platform = models.CharField(_("platform"), max_length=60, blank=True, help_text=_("Such as Zoom or Teams."))
    place = models.CharField(_("place"), max_length=160, blank=True, help_text=_("Venue and town."))
    country = models.CharField(_("country"), max_length=2, default="DK", help_text=_("Two letters, such as DK."))
    sign_up_url = models.URLField(_("sign-up address"), blank=True, max_length=500)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    schedule_was = models.JSONField(default=dict, blank=True, editable=False)

    template = "events/event.html"
    parent_page_types = ["newsstand.ListPage"]
    edit_handler = panels.tabs(
        [
            FieldPanel("title"),
            FieldPanel("standfirst", heading=_("Abstract")),
            MultiFieldPanel([FieldPanel("organiser"), FieldPanel("kind"), FieldPanel("language")], _("Who and what")),
            MultiFieldPanel([FieldPanel("sessions"), FieldPanel("status")], _("When")),
            MultiFieldPanel(
                [FieldPanel(n) for n in ("mode", "platform", "place", "country", "sign_up_url")], _("Where")
            ),
            FieldPanel("description"),
            panels.PICTURE,
        ],
        [panels.FILED, panels.MENTIONED],
        panels.PAID,
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def save(self, *args, **kwargs):
        self._count_changes()
        super().save(*args, **kwargs)

    def problems(self):
        found = super().problems()
        if self.organiser is None:
            found.append(("organiser", _("Say who organises it.")))
        if not len(self.sessions):
            found.append(("sessions", _("Write at least the date of the first session; the time may wait.")))
        if self.mode != Mode.ONLINE and not self.place.strip():
            found.append(("place", _("Write where it is held, or choose “online”.")))
        return found

    def counts_from(self) -> datetime:
        return self.first_published_at or super().counts_from()

    def meetings(self) -> list[dict]:
        """Return the sessions in time order: {starts, ends (aware or None), date, end_date, announced: bool}."""
        return sorted((self._meeting(block.value) for block in self.sessions), key=lambda m: m["starts"])

    def meetings_by_key(self) -> list[tuple[str, dict]]:
        """Return the sessions in time order, each with a key that stays with it for life (RFC 5545, UID).

        The session written first has the event's own key, so that one of a single session keeps it when more are added.
        """
        keyed = [
            (str(self.uid) if place == 0 else f"{self.uid}-{block.id or place}", self._meeting(block.value))
            for place, block in enumerate(self.sessions)
        ]
        return sorted(keyed, key=lambda pair: pair[1]["starts"])

    def dates(self) -> tuple[datetime | None, datetime | None]:
        """Start of the session that comes next, and end of the last."""
        meetings = self.meetings()
        if not meetings:
            return None, None
        return meetings[0]["starts"], max(_over(m) for m in meetings)

    def valid_until(self) -> datetime | None:
        """The end of the last session; lists drop the event then, its page remains (rule E2)."""
        ends = self.dates()[1]
        return min(filter(None, [ends, self.expire_at]), default=None)

    def source_name(self) -> str:
        return self.organiser.name if self.organiser else super().source_name()

    def facts(self) -> dict:
        return {
            "kind": self.kind,
            "mode": self.mode,
            "platform": self.platform,
            "place": self.place,
            "status": self.status,
            "organiser": self.organiser_id,
            "meetings": [
                {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in m.items()} for m in self.meetings()
            ],
        }

    def search_text(self) -> str:
        return " ".join([super().search_text(), self.description, self.source_name(), self.place, self.platform])

    def described(self) -> dict:
        return structuring.event(self)

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        shelf = shelves.agenda(self.title_of_house)
        others = shelf.without([self.card]) if self.card else shelf
        return context | {
            "title": self.title_of_house,
            "card": self.card,
            "meetings": self.meetings(),
            "events": others.take(3, also=()),
        }

    def serve_past(self, request):
        """A past event keeps its page, with its date and no sign-up."""
        return Page.serve(self, request)

    def _meeting(self, value) -> dict:
        zone = self.title_of_house.zone
        end_date = value["end_date"] or value["date"]
        starts = datetime.combine(value["date"], value["start"] or time(0), zone)
        ends = datetime.combine(end_date, value["end"], zone) if value["end"] else None
        return {
            "date": value["date"],
            "end_date": end_date,
            "starts": starts,
            "ends": ends,
            "announced": value["start"] is not None,
        }

    def _count_changes(self) -> None:
        """Raise SEQUENCE when time, place or status change; keep the start it was moved from (RFC 5546, rule E1)."""
        plan = {
            "meetings": [[str(b.value[k]) for k in ("date", "start", "end_date", "end")] for b in self.sessions],
            "where": [self.mode, self.platform, self.place],
            "status": self.status,
        }
        before = self.schedule_was.get("plan")
        if self.live and before and before != plan:
            self.sequence += 1
            if before["meetings"] != plan["meetings"] and self.schedule_was.get("starts"):
                self.schedule_was["previous_start"] = self.schedule_was["starts"]
        if self.live:
            starts = self.dates()[0]
            self.schedule_was = self.schedule_was | {"plan": plan, "starts": starts.isoformat() if starts else None}

    @property
    def previous_start(self) -> datetime | None:
        was = self.schedule_was.get("previous_start")
        return datetime.fromisoformat(was) if was else None


def _over(meeting: dict) -> datetime:
    if meeting["ends"]:
        return meeting["ends"]
    if not meeting["announced"] or meeting["end_date"] != meeting["date"]:
        return datetime.combine(meeting["end_date"] + timedelta(days=1), time(0), meeting["starts"].tzinfo)
    return meeting["starts"] + UNENDED

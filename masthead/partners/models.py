"""Who pays: agreements, what they hold, and each unit that was sold."""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Page

from masthead.catalogue.models import Organisation
from masthead.press.noted import Noted
from masthead.publication.models import Publication, Record

WEEK = timedelta(days=7)


class Place(models.TextChoices):
    """Where something sold is shown. A unit is a week on the web, and an issue of the newsletter."""

    FRONT = "front", _("front page")
    ARTICLE = "article", _("beside articles")
    NEWSLETTER = "newsletter", _("newsletter")


POSITIONS = {Place.FRONT: 2, Place.ARTICLE: 1, Place.NEWSLETTER: 2}


class Agreement(models.Model):
    """What a partner has bought, of which kinds and until when."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+", verbose_name=_("title"))
    partner = models.ForeignKey(Organisation, models.PROTECT, related_name="agreements", verbose_name=_("partner"))
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    begins = models.DateField(_("begins"))
    ends = models.DateField(_("ends"))
    articles = models.PositiveSmallIntegerField(_("articles"), default=0)
    newsletter_slots = models.PositiveSmallIntegerField(_("newsletter slots"), default=0)
    web_weeks = models.PositiveSmallIntegerField(_("weeks on the web"), default=0)
    events = models.PositiveSmallIntegerField(_("events"), default=0)
    jobs = models.PositiveSmallIntegerField(_("job ads"), default=0)

    panels = [
        FieldPanel("publication"),
        FieldPanel("partner"),
        FieldPanel("reference"),
        FieldRowPanel([FieldPanel("begins"), FieldPanel("ends")]),
        MultiFieldPanel(
            [FieldPanel(n) for n in ("articles", "newsletter_slots", "web_weeks", "events", "jobs")], _("Bought")
        ),
    ]

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-ends", "reference"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=models.F("begins")), name="agreement_ends_after_it_begins")
        ]

    def __str__(self):
        return f"{self.reference}, {self.partner}"

    def is_running(self, day: date | None = None) -> bool:
        return self.begins <= (day or timezone.localdate()) <= self.ends


class BookingQuerySet(models.QuerySet):
    def standing(self) -> "BookingQuerySet":
        return self.filter(cancelled_at=None)

    def in_week_of(self, day: date) -> "BookingQuerySet":
        return self.filter(unit=monday(day))

    def without_copy(self) -> "BookingQuerySet":
        return self.standing().filter(item=None)


class Booking(Noted):
    """One unit sold: one position of one place for one week, or in one issue. The database refuses to sell it twice."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="bookings", verbose_name=_("agreement"))
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+", editable=False)
    place = models.CharField(_("place"), max_length=12, choices=Place.choices)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    unit = models.DateField(_("week or issue"), help_text=_("The Monday of the week, or the day of the issue."))
    item = models.ForeignKey(
        Page, models.SET_NULL, null=True, blank=True, related_name="bookings", verbose_name=_("what is shown")
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    objects = BookingQuerySet.as_manager()
    panels = [FieldPanel(n) for n in ("agreement", "place", "position", "unit", "item", "cancelled_at")]

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["unit", "place", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "place", "position", "unit"],
                condition=Q(cancelled_at=None),
                name="a_place_is_sold_once",
            )
        ]

    def __str__(self):
        return f"{self.get_place_display()} {self.position}, {self.unit}: {self.agreement}"

    def clean(self):
        super().clean()
        if self.place in POSITIONS and not 1 <= self.position <= POSITIONS[self.place]:
            raise ValidationError({"position": _("That place has positions 1 to %s.") % POSITIONS[self.place]})
        if self.agreement_id and self.place and self.unit and self._taken():
            raise ValidationError(_("That place is sold already. Choose another position or another week."))

    def save(self, *args, **kwargs):
        self.publication = self.agreement.publication
        if self.place != Place.NEWSLETTER:
            self.unit = monday(self.unit)
        super().save(*args, **kwargs)

    def also_changes(self) -> list[str]:
        return [f"bookings:{self.publication_id}:{self.place}"]

    @property
    def is_sold_without_copy(self) -> bool:
        return self.cancelled_at is None and self.item_id is None

    def _taken(self) -> bool:
        unit = self.unit if self.place == Place.NEWSLETTER else monday(self.unit)
        same = Booking.objects.standing().filter(
            publication=self.agreement.publication, place=self.place, position=self.position, unit=unit
        )
        return self.cancelled_at is None and same.exclude(pk=self.pk).exists()


class Contact(models.Model):
    """Somebody at a partner who may come in by the partners' door."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="partner_contact")
    partner = models.ForeignKey(Organisation, models.CASCADE, related_name="contacts", verbose_name=_("partner"))

    panels = [FieldPanel("user"), FieldPanel("partner")]

    class Meta:
        verbose_name = _("partner's contact")
        verbose_name_plural = _("partners' contacts")

    def __str__(self):
        return f"{self.user}, {self.partner}"


class BookingRecord(Record):
    """What was sold, filled and cancelled, in the order it happened (rule R6)."""

    booking = models.ForeignKey(Booking, models.DO_NOTHING, null=True, db_constraint=False, related_name="records")

    class Meta(Record.Meta):
        verbose_name = _("booking record")
        verbose_name_plural = _("booking records")


def monday(day: date) -> date:
    """Return the Monday of the week `day` is in."""
    return day - timedelta(days=day.weekday())

"""Job ads."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField

from masthead.catalogue import panels, shelves
from masthead.catalogue.disclosure import Kind
from masthead.catalogue.items import Item
from masthead.catalogue.models import CardKind, Organisation
from masthead.jobs import structuring


class Employment(models.TextChoices):
    """schema.org's employmentType, as Google's job posting guide lists them."""

    FULL_TIME = "FULL_TIME", _("full time")
    PART_TIME = "PART_TIME", _("part time")
    CONTRACTOR = "CONTRACTOR", _("contract")
    TEMPORARY = "TEMPORARY", _("temporary")
    INTERN = "INTERN", _("internship")


class Job(Item):
    """A job ad: shown until the end of its last day, then gone from every output."""

    card_kind = CardKind.JOB
    disclosure_kinds = (Kind.EDITORIAL, Kind.PAID)

    employer = models.ForeignKey(Organisation, models.SET_NULL, null=True, related_name="+", verbose_name=_("employer"))
    description = RichTextField(_("description"), features=["h3", "bold", "italic", "ol", "ul", "link"])
    town = models.CharField(_("town"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, default="DK", help_text=_("Two letters, such as DK."))
    remote = models.BooleanField(_("can be done from anywhere in the country"), default=False)
    employment = models.CharField(
        _("employment"), max_length=12, choices=Employment.choices, default=Employment.FULL_TIME
    )
    last_day = models.DateField(_("last day to apply"), null=True, blank=True)
    pay = models.CharField(
        _("pay range"), max_length=160, blank=True, help_text=_("Such as 42.000–48.000 kr. a month, pension on top.")
    )
    pay_reason = models.CharField(_("why no pay range is given"), max_length=200, blank=True)
    apply_url = models.URLField(_("where to apply"), blank=True, max_length=500)
    apply_email = models.EmailField(_("or by mail to"), blank=True)

    template = "jobs/job.html"
    parent_page_types = ["newsstand.ListPage"]
    edit_handler = panels.tabs(
        [
            FieldPanel("title"),
            FieldPanel("employer"),
            FieldPanel("standfirst", heading=_("In one sentence")),
            FieldPanel("description"),
            MultiFieldPanel([FieldPanel(n) for n in ("town", "country", "remote", "employment")], _("Where and how")),
            MultiFieldPanel([FieldPanel("pay"), FieldPanel("pay_reason")], _("Pay")),
            MultiFieldPanel([FieldPanel(n) for n in ("last_day", "apply_url", "apply_email")], _("Applying")),
            panels.PICTURE,
        ],
        [panels.FILED, panels.MENTIONED],
        panels.PAID,
    )

    class Meta:
        verbose_name = _("job ad")
        verbose_name_plural = _("job ads")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self._state.adding and "disclosure" not in kwargs and not args:
            self.disclosure = Kind.PAID

    def problems(self):
        found = super().problems()
        if self.employer is None:
            found.append(("employer", _("Say who hires.")))
        if not self.town.strip() and not self.remote:
            found.append(("town", _("Write the town, or tick that it can be done from anywhere.")))
        if not self.apply_url and not self.apply_email:
            found.append(("apply_url", _("Write where to apply: an address or a mailbox.")))
        if not self.pay.strip() and not self.pay_reason.strip():
            found.append(("pay", _("Write a pay range, or say why none is given (Dir. (EU) 2023/970 art. 5).")))
        return found

    def payer_to_name(self) -> Organisation | None:
        return self.payer or (self.employer if self.disclosure == Kind.PAID else None)

    def valid_until(self) -> datetime | None:
        """Midnight after the last day, in the title's own time."""
        ends = None
        if self.last_day:
            ends = datetime.combine(self.last_day + timedelta(days=1), time(0), self.title_of_house.zone)
        return min(filter(None, [ends, self.expire_at]), default=None)

    def source_name(self) -> str:
        return self.employer.name if self.employer else super().source_name()

    def facts(self) -> dict:
        return {
            "town": self.town,
            "remote": self.remote,
            "employment": self.employment,
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "pay": self.pay,
        }

    def search_text(self) -> str:
        return " ".join([super().search_text(), self.description, self.source_name(), self.town])

    def described(self) -> dict | None:
        """An expired ad is no posting any longer (rule J2)."""
        return None if self.is_past() else structuring.job(self)

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        shelf = shelves.vacancies(self.title_of_house)
        others = shelf.without([self.card]) if self.card else shelf
        return context | {"title": self.title_of_house, "card": self.card, "jobs": others.take(3, also=())}

    def serve_past(self, request):
        """Gone (410), or a notice without the way to apply, as the house has chosen (rule J2)."""
        if settings.MASTHEAD["expired_jobs"] == "gone":
            return super().serve_past(request)
        context = self.get_context(request) | {"expired": True}
        return TemplateResponse(request, self.template, context, headers={"X-Robots-Tag": "noindex"})

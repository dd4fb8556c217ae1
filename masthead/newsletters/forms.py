"""What an editor fills in about an issue, and what a newsletter is."""

import re
from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from masthead.catalogue.models import Theme
from masthead.newsletters.models import WEEKDAYS, Issue
from masthead.publication.addresses import slug_of


class WordsForm(forms.ModelForm):
    """Subject, preheader and day. All may be left for later: approving says what is missing."""

    class Meta:
        model = Issue
        fields = ["subject", "preheader", "day"]
        widgets = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class ScheduleForm(forms.Form):
    """When an issue goes out, in the title's own time."""

    at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )

    def __init__(self, issue: Issue, *args, **kwargs):
        self.zone = issue.newsletter.zone
        slot = issue.send_at or issue.newsletter.next_slot()
        with timezone.override(self.zone):
            super().__init__(*args, initial={"at": timezone.localtime(slot)}, **kwargs)

    def full_clean(self):
        with timezone.override(self.zone):
            super().full_clean()


class LinesField(forms.CharField):
    """A list at the desk: one entry a line. `read` makes a value of a line, `write` a line of a value."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, *args, **kwargs):
        super().__init__(*args, required=False, **kwargs)

    def to_python(self, value):
        lines = (line.strip() for line in (value or "").splitlines())
        return self.read([line for line in lines if line])

    def prepare_value(self, value):
        return value if isinstance(value, str) else "\n".join(self.write(value or self.empty))


class DaysField(LinesField):
    empty: list = []

    def read(self, lines: list[str]) -> list[str]:
        try:
            return sorted({date.fromisoformat(line).isoformat() for line in lines})
        except ValueError as error:
            raise forms.ValidationError(_("Write each day as year-month-day, such as 2026-12-24.")) from error

    def write(self, days: list[str]) -> list[str]:
        return days


class WeightsField(LinesField):
    """Themes by their slug, each with a weight of 0 to 9."""

    empty: dict = {}

    def read(self, lines: list[str]) -> dict[str, int]:
        weights = {}
        for line in lines:
            found = re.fullmatch(r"(.+?)[\s:=]+([0-9])", line)
            if not found:
                raise forms.ValidationError(
                    _("Write a theme and a weight of 0 to 9 on each line, such as “Elbiler 3”.")
                )
            weights[slug_of(found[1].strip())] = int(found[2])
        return weights

    def write(self, weights: dict[str, int]) -> list[str]:
        return [f"{theme} {weight}" for theme, weight in weights.items()]


class NewsletterForm(WagtailAdminModelForm):
    """A newsletter at the desk: its days are ticked; weights and holidays are written a line each."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    theme_weights = WeightsField(
        label=_("Weights of themes"),
        help_text=_(
            "One theme a line, such as “Elbiler 3”. It gets three times the places of others; 0 is never taken."
        ),
    )
    holidays_by_hand = DaysField(
        label=_("Further holidays"),
        help_text=_("One day a line, such as 2026-12-24. The public holidays of Denmark and Germany are known."),
    )

    def clean(self):
        cleaned = super().clean()
        title = cleaned.get("publication") or getattr(self.instance, "publication", None)
        known = set(Theme.objects.filter(publication=title).values_list("slug", flat=True)) if title else set()
        unknown = sorted(set(cleaned.get("theme_weights") or {}) - known)
        if unknown:
            self.add_error("theme_weights", _("There is no theme “%s”. Write a theme of this title.") % unknown[0])
        return cleaned

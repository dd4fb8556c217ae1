"""What an editor fills in about an issue, and what a newsletter is."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from masthead.newsletters.models import WEEKDAYS, Issue


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


class NewsletterForm(WagtailAdminModelForm):
    """A newsletter at the desk: its days are ticked."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )

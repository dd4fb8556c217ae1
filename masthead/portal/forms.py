"""What a partner fills in."""

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from masthead.partners.models import Agreement
from masthead.portal.claims import claims_in
from masthead.portal.submitting import Submission

LARGEST = 12 * 1024 * 1024


class SubmissionForm(forms.Form):
    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Under which agreement"), empty_label=None)
    headline = forms.CharField(label=_("Headline"), max_length=160)
    standfirst = forms.CharField(label=_("Standfirst"), max_length=400, widget=forms.Textarea({"rows": 2}))
    text = forms.CharField(
        label=_("Text"), widget=forms.Textarea({"rows": 14}), help_text=_("An empty line begins a new paragraph.")
    )
    wanted = forms.CharField(label=_("Wanted week"), max_length=60, required=False)
    picture = forms.ImageField(
        label=_("Picture"),
        required=False,
        validators=[FileExtensionValidator(["jpg", "jpeg", "png", "webp", "avif"])],
    )
    caption = forms.CharField(label=_("Caption"), max_length=400, required=False)
    picture_description = forms.CharField(label=_("What the picture shows"), max_length=200, required=False)
    picture_credit = forms.CharField(label=_("Who made the picture"), max_length=200, required=False)
    picture_rights = forms.BooleanField(label=_("We hold the rights to show the picture here"), required=False)
    commercial = forms.TypedChoiceField(
        label=_("Is the text by or for a political actor, or meant to influence an election, a vote or a law?"),
        help_text=_("Reg. (EU) 2024/900. Such texts are not taken here."),
        choices=[("", "—"), ("no", _("No, it is purely commercial")), ("yes", _("Yes"))],
    )
    substantiation = forms.CharField(
        label=_("Proof of what you claim for the environment"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Where the text says green, sustainable, climate neutral or the like (Dir. (EU) 2024/825)."),
    )

    def __init__(self, *args, contact, **kwargs):
        super().__init__(*args, **kwargs)
        running = [a.pk for a in contact.partner.agreements.all() if a.is_running()]
        self.fields["agreement"].queryset = Agreement.objects.filter(pk__in=running)

    def clean_commercial(self):
        if self.cleaned_data["commercial"] == "yes":
            raise forms.ValidationError(
                gettext("We do not take political messages as partner content. Write to the editors.")
            )
        return self.cleaned_data["commercial"]

    def clean_picture(self):
        picture = self.cleaned_data["picture"]
        if picture and picture.size > LARGEST:
            raise forms.ValidationError(gettext("The picture is larger than 12 MB. Send a smaller one."))
        return picture

    def clean(self):
        given = super().clean()
        said = " ".join(str(given.get(name, "")) for name in ("headline", "standfirst", "text"))
        if (found := claims_in(said)) and not given.get("substantiation"):
            self.add_error(
                "substantiation",
                gettext("The text says “%s”. Write what proves it, or take the word out.") % "”, “".join(found),
            )
        if given.get("picture"):
            self._ask_about_picture(given)
        return given

    def submission(self) -> Submission:
        names = Submission.__dataclass_fields__
        return Submission(**{name: value for name, value in self.cleaned_data.items() if name in names})

    def _ask_about_picture(self, given):
        if not given.get("picture_rights"):
            self.add_error("picture_rights", gettext("Tick that you hold the rights, or send no picture."))
        for name in ("picture_credit", "picture_description"):
            if not given.get(name):
                self.add_error(name, gettext("Needed where there is a picture."))

"""What is filled in to bring a list of readers in at the desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from masthead.importing import members
from masthead.importing.decoding import ImportRefused
from masthead.subscribers.models import Arrival


class ListForm(forms.ModelForm):
    """A file, what its readers said yes to, and where that can be shown."""

    upload = forms.FileField(
        label=_("File (CSV)"),
        help_text=_(
            "An export of Mailchimp, Ghost, MailPoet or others, or any table with a column of addresses; 10 MB."
        ),
    )
    said_yes = forms.BooleanField(
        label=_("These readers said yes to this kind of mail from us, and we can show it"),
        error_messages={"required": _("Without a yes nobody may be written to. Tick this only if it is so.")},
    )

    class Meta:
        model = Arrival
        fields = ["publication", "kind", "upload", "evidence", "words", "said_yes"]
        widgets = {"words": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["evidence"].required = True
        self.fields["publication"].empty_label = None
        self.fields["kind"].choices = [choice for choice in self.fields["kind"].choices if choice[0]]

    def hand_in(self, by: str) -> Arrival | None:
        """Keep the file until the clock brings it in; None where it can't be read, and the form says why."""
        found = self.cleaned_data
        upload = found["upload"]
        try:
            return members.receive(
                found["publication"],
                upload.name,
                upload.read(members.LARGEST_AT_THE_DESK + 1),
                kind=found["kind"],
                evidence=found["evidence"],
                words=found["words"],
                brought_by=by,
            )
        except ImportRefused as refused:
            self.add_error("upload", str(refused))
            return None

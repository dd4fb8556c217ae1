"""What a reader fills in: the sign-up, and the page of choices."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from masthead.mail.addresses import BadAddress, check_address
from masthead.publication.models import LANGUAGES, Publication
from masthead.subscribers.choosing import LONGEST_PAUSE, chosen
from masthead.subscribers.models import Subscriber, Subscription, Suppression
from masthead.subscribers.texts import ConsentKind, ConsentText

SENTENCES = {
    "empty": gettext_lazy("Write your e-mail address."),
    "control": gettext_lazy("The address holds a line break or another hidden character. Type it again."),
    "space": gettext_lazy("The address holds a blank. Write only the address, without a name."),
    "parts": gettext_lazy("An address has a name, an @ and a domain, such as name@example.org."),
    "local": gettext_lazy("What stands before the @ can't be right. Look at dots and special signs."),
    "domain": gettext_lazy("What stands after the @ is not a domain. It looks like example.org."),
    "long": gettext_lazy("The address is too long. Check it."),
    "smtputf8": gettext_lazy("Not every mail server carries such letters before the @. Give an address with a–z only."),
}


class AddressField(forms.CharField):
    """One address, or a sentence that says what is wrong with it."""

    def clean(self, value):
        try:
            return check_address(super().clean(value))
        except BadAddress as bad:
            raise forms.ValidationError(SENTENCES[bad.code]) from bad


class SignUpForm(forms.Form):
    """One address and a box for each kind. No box is ticked beforehand, and each has its own words."""

    address = AddressField(label=gettext_lazy("Your e-mail address"), max_length=320, required=False)
    page = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)
    company = forms.CharField(required=False, max_length=200)  # hidden from people; machines fill it in

    def __init__(self, title: Publication, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.texts = ConsentText.offered(title)
        for text in self.texts:
            self.fields[text.kind] = forms.BooleanField(label=text.text, required=False)
            self.fields[f"shown_{text.kind}"] = forms.IntegerField(
                required=False, initial=text.pk, widget=forms.HiddenInput
            )

    def boxes(self) -> list[tuple[ConsentText, forms.BoundField, int]]:
        """Each text with its box, and the key of the very words that are shown."""
        return [(text, self[text.kind], text.pk) for text in self.texts]

    def ticked(self) -> list[ConsentText]:
        return [text for text in self.texts if self.cleaned_data.get(text.kind)]

    def is_a_machine(self) -> bool:
        return bool(self.cleaned_data.get("company"))

    def path(self) -> str:
        page = self.cleaned_data.get("page", "")
        return page if page.startswith("/") and not page.startswith("//") else ""

    def clean(self):
        cleaned = super().clean()
        if not self.ticked():
            raise forms.ValidationError(_("Tick at least one box: that is what we may write to you about."))
        changed = [t for t in self.ticked() if cleaned.get(f"shown_{t.kind}") != t.pk]
        if changed:
            raise forms.ValidationError(_("The words beside the boxes have changed since. Read them and send again."))
        return cleaned


class ReadersForm(forms.Form):
    """What to list at the desk. An address is sent by POST, so that it stands in no log of the web server."""

    title = forms.ModelChoiceField(Publication.objects.all(), label=gettext_lazy("Title"), required=False)
    address = forms.CharField(label=gettext_lazy("Address, or part of it"), max_length=320, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("all")), *ConsentKind.choices]
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("all")), *Subscription.State.choices]
    )
    page = forms.IntegerField(required=False, widget=forms.HiddenInput)


class SuppressForm(forms.Form):
    """An address that is never to be written to, and why. An erasure is the reader's own, so it can't be chosen."""

    REASONS = [
        c for c in Suppression.Reason.choices if c[0] not in (Suppression.Reason.ERASED, Suppression.Reason.LEFT)
    ]

    address = AddressField(label=gettext_lazy("Address"), max_length=320)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=REASONS)
    note = forms.CharField(label=gettext_lazy("How you know"), max_length=150)


class ChoicesForm(forms.Form):
    """A subscriber's own page. `themes` are (address, name) of what can be followed."""

    weeks = forms.TypedChoiceField(label=gettext_lazy("Pause"), coerce=int, required=False, empty_value=None)
    language = forms.ChoiceField(
        label=gettext_lazy("Language of this page and of our questions"), choices=LANGUAGES, required=False
    )

    def __init__(self, subscriber: Subscriber, themes: list[tuple[str, str]], *args, **kwargs):
        kwargs["initial"] = {"language": subscriber.language} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.holds = holds = chosen(subscriber)
        self.texts = ConsentText.offered(subscriber.publication)
        for text in self.texts:
            self.fields[text.kind] = forms.BooleanField(
                label=text.text, required=False, initial=(text.kind, "") in holds
            )
        follows = any(text.kind == ConsentKind.THEMES for text in self.texts)
        self.themes = themes if follows else []
        for slug, name in self.themes:
            self.fields[f"theme-{slug}"] = forms.BooleanField(
                label=name, required=False, initial=(ConsentKind.THEMES, slug) in holds
            )
        self.fields["weeks"].choices = self._pauses(subscriber)

    def boxes(self):
        return [(text, self[text.kind]) for text in self.texts]

    def theme_boxes(self):
        return [self[f"theme-{slug}"] for slug, _name in self.themes]

    def choices(self) -> set[tuple[str, str]]:
        """What is ticked. A theme alone is a yes to themes, but where themes as a whole were just taken back."""
        kinds = {(text.kind, "") for text in self.texts if self.cleaned_data.get(text.kind)}
        whole = (ConsentKind.THEMES.value, "")
        if whole in self.holds and whole not in kinds:
            return kinds
        return kinds | {
            (ConsentKind.THEMES.value, s) for s, _name in self.themes if self.cleaned_data.get(f"theme-{s}")
        }

    def _pauses(self, subscriber: Subscriber) -> list[tuple[str, str]]:
        until = subscriber.paused_until()
        now = _("as it is: paused to %s") % until.strftime("%d.%m.%Y") if until else _("no pause")
        lengths = [n for n in (1, 2, 4, 8, 12, LONGEST_PAUSE) if n <= LONGEST_PAUSE]
        pauses = [(str(n), ngettext("%d week", "%d weeks", n) % n) for n in lengths]
        return [("", now), *([("0", _("end the pause"))] if until else []), *pauses]

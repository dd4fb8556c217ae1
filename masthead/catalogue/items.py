"""The item: what a desk makes, before it is filed as a card."""

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import DateTimeBlock, StructBlock, TextBlock
from wagtail.fields import StreamField
from wagtail.models import Page

from masthead.catalogue import filing, structuring
from masthead.catalogue.disclosure import Disclosure, Kind, MissingPayer, label_of
from masthead.catalogue.models import Card, Mention, Organisation, Person, Story, Theme
from masthead.press.ingredients import note
from masthead.publication.addresses import slug_of
from masthead.publication.models import LANGUAGES, OpenPage, Picture, Publication

DOUBLED_STOPS = ("..", ".,", "!.", "?.", ",,")


class CorrectionBlock(StructBlock):
    at = DateTimeBlock(label=_("when"))
    text = TextBlock(label=_("what was wrong, and what is right"), rows=2)

    class Meta:
        icon = "edit"
        label = _("correction")


class ItemForm(WagtailAdminPageForm):
    """Refuses to publish what may not be shown, beside the field, and lets every draft be saved.

    Whoever publishes is kept as the approver of what is paid for (rule D17).
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        title = Publication.of_page(self.instance if self.instance.path else self.parent_page)
        self.fields["slug"].required = False  # left empty it is made from the headline
        for name in ("themes", "story"):
            if title and name in self.fields:
                self.fields[name].queryset = self.fields[name].queryset.filter(publication=title)

    def _post_clean(self):
        super()._post_clean()
        if self.is_deferred_validation or self.errors:
            return
        may_publish = self._user_may_publish()
        if may_publish:
            self.instance.approved_by = self.for_user
        for field, sentence in self.instance.problems():
            if field != "approved_by" or may_publish:
                self.add_error(field if field in self.fields else None, forms.ValidationError(sentence))

    def _user_may_publish(self) -> bool:
        if self.for_user is None:
            return False
        if self.instance.pk:
            return self.instance.permissions_for_user(self.for_user).can_publish()
        return self.parent_page.permissions_for_user(self.for_user).can_publish_subpage()


class Item(OpenPage, Page):
    """Anything a title publishes: an article, an event, a job ad or a house promotion.

    A subclass says its `card_kind`, and may add to `problems()`, `search_text()`, `facts()` and the dates. Filing
    rides on `save()` in the same transaction: the item and its card are both changed, or neither.
    """

    card_kind: str
    disclosure_kinds: tuple[str, ...] = (Kind.EDITORIAL,)

    standfirst = models.TextField(_("standfirst"), blank=True)
    picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    caption = models.CharField(
        _("caption"), max_length=400, blank=True, help_text=_("Without the credit: that stands on the picture itself.")
    )
    themes = ParentalManyToManyField(Theme, blank=True, related_name="+", verbose_name=_("themes"))
    people = ParentalManyToManyField(Person, blank=True, related_name="+", verbose_name=_("signed by"))
    byline = models.CharField(
        _("printed byline"), max_length=120, blank=True, help_text=_("As it is printed, such as KLZ. Empty: the name.")
    )
    story = models.ForeignKey(Story, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("story"))
    source = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    language = models.CharField(
        _("language"), max_length=5, choices=LANGUAGES, blank=True, help_text=_("Empty: the title's language.")
    )
    corrections = StreamField([("correction", CorrectionBlock())], blank=True, verbose_name=_("corrections"))

    disclosure = models.CharField(_("why it is shown"), max_length=10, choices=Kind.choices, default=Kind.EDITORIAL)
    payer = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("paid by")
    )
    reference = models.CharField(
        _("agreement or booking"), max_length=60, blank=True, help_text=_("The reference of what was sold.")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    indexable = models.BooleanField(
        _("let search engines list it"),
        default=True,
        help_text=_("Paid content is kept out of search engines unless a named person ticks this."),
    )
    dated = models.DateTimeField(
        _("date"), null=True, blank=True, help_text=_("The date printed. Empty: the moment it is first published.")
    )
    import_key = models.CharField(max_length=300, blank=True, db_index=True, editable=False)
    import_digest = models.CharField(max_length=64, blank=True, editable=False)
    import_note = models.TextField(
        _("from the import"),
        blank=True,
        help_text=_("What the old page said that has no field of its own. Readers don't see it."),
    )

    shows_cards = "page of its own"  # besides itself: related reading, what is booked beside it
    base_form_class = ItemForm
    subpage_types: list[str] = []
    is_creatable = False

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if filing.is_of_drafts(kwargs.get("update_fields")):
            return super().save(*args, **kwargs)
        with transaction.atomic():
            if self.live and kwargs.get("clean", True):
                self.refuse_what_may_not_be_shown()
            super().save(*args, **kwargs)
            filing.file(self)

    def delete(self, *args, **kwargs):
        with transaction.atomic():
            filing.withdraw(self, "deleted")
            return super().delete(*args, **kwargs)

    def refuse_what_may_not_be_shown(self) -> None:
        """Raise ValidationError with every sentence of `problems()`."""
        found = self.problems()
        if found:
            raise ValidationError([sentence for _field, sentence in found])

    def problems(self) -> list[tuple[str, str]]:
        """Say what keeps this from being published, as (field, sentence)."""
        return [*self._disclosure_problems(), *self._picture_problems()]

    def _disclosure_problems(self):
        if self.disclosure not in self.disclosure_kinds:
            yield "disclosure", _("This cannot be published as “%s” here.") % self.get_disclosure_display()
        if self.disclosure in (Kind.PAID, Kind.FUNDED):
            if self.payer_to_name() is None and not (self.card and self.card.payer_name):
                yield "payer", _("Say who pays: choose an organisation under “Paid by”.")
            if not self.reference.strip():
                yield "reference", _("Write the agreement or booking this was sold under.")
            if self.approved_by is None:
                yield "approved_by", _("Say who approved this: somebody must publish it by name.")
        was = self.card
        if was and was.disclosed.is_paid and self.disclosure not in (Kind.PAID, Kind.FUNDED):
            yield (
                "disclosure",
                _(
                    "This was published as paid for by %s and stays labelled. "
                    "Unpublish it and write a new piece instead."
                )
                % was.payer_name,
            )

    def _picture_problems(self):
        if self.picture:
            for sentence in self.picture.problems():
                yield "picture", sentence
        if self.caption.rstrip().endswith(DOUBLED_STOPS):
            yield "caption", _("The caption ends in a doubled stop. Leave one.")

    def _get_autogenerated_slug(self, base_slug):
        return super()._get_autogenerated_slug(slug_of(self.title) or base_slug)

    # What filing asks

    @property
    def organisations(self) -> list[Organisation]:
        """The organisations mentioned, in the editor's order."""
        mentions = self.mentions.get_object_list()  # kept by the page
        models.prefetch_related_objects(mentions, "organisation")
        for mention in mentions:
            note(f"organisation:{mention.organisation_id}")
        return [mention.organisation for mention in mentions]

    @organisations.setter
    def organisations(self, organisations: Iterable[Organisation]) -> None:
        self.mentions = [Mention(organisation=o, sort_order=i) for i, o in enumerate(organisations)]

    @property
    def filed_under(self) -> list[Theme]:
        """The themes as its page prints them: read once, and noted by every part of the page that asks."""
        if "filed_under" not in self.__dict__:
            self.__dict__["filed_under"] = list(self.themes.all())
        for theme in self.__dict__["filed_under"]:
            note(theme.own_name)
        return self.__dict__["filed_under"]

    @cached_property
    def title_of_house(self) -> Publication:
        """The title this stands in. Raises OutsideEveryTitle for what stands in none, which only a draft may do."""
        title = Publication.of_page(self)
        if title is None:
            raise filing.OutsideEveryTitle(f"“{self.title}” stands outside every title. Move it below a front page.")
        return title

    @property
    def card(self) -> Card | None:
        """The card this was filed as, or None before the first publication."""
        if self.pk is None:
            return None
        if "card" not in self.__dict__:
            card = Card.objects.defer("text").select_related("payer").filter(item_id=self.pk).first()
            if card:
                card.item = self
                if "title_of_house" in self.__dict__ and card.publication_id == self.title_of_house.pk:
                    card.publication = self.title_of_house
            self.__dict__["card"] = card
        card = self.__dict__["card"]
        if card:  # read once for the page, and taken by several of its parts
            note(f"card:{card.pk}")
            note(f"organisation:{card.payer_id}")
        return card

    @property
    def made_of(self) -> list[str]:
        """The ingredients that were read with the item itself, of which each part of its page is made."""
        read = [("picture", self.picture_id), ("story", self.story_id)]
        read += [("organisation", self.payer_id), ("organisation", self.source_id)]
        return [f"item:{self.pk}", *(f"{name}:{key}" for name, key in read if key)]

    def payer_to_name(self) -> Organisation | None:
        return self.payer

    def counts_from(self) -> datetime:
        """The moment this counts from in lists ordered by date."""
        return self.dated or self.first_published_at or self.go_live_at or timezone.now()

    def valid_until(self) -> datetime | None:
        """The moment at which every list drops this."""
        return self.expire_at

    def dates(self) -> tuple[datetime | None, datetime | None]:
        """Beginning and end, for what happens in time."""
        return None, None

    def facts(self) -> dict:
        """What lists print of this kind beside the headline; plain JSON."""
        return {}

    def source_name(self) -> str:
        """Who it comes from, as a reader is told."""
        return self.source.name if self.source else self.title_of_house.name

    def search_text(self) -> str:
        return " ".join([self.standfirst, self.caption])

    def corrected_at(self) -> datetime | None:
        return max((block.value["at"] for block in self.corrections), default=None)

    # What a page shows

    @property
    def disclosed(self) -> Disclosure:
        """What was frozen at publication; in a draft what would be printed if it were published now."""
        try:
            return filing.disclosure_of(self, self.card)
        except MissingPayer:
            return Disclosure(self.disclosure, label_of(self.title_of_house, self.disclosure), str(_("nobody yet")))

    @property
    def spoken_language(self) -> str:
        return self.language or self.title_of_house.language

    @property
    def robots(self) -> str:
        """The robots rule of the page: paid content is not listed unless its contract says so (rule D15)."""
        return "" if self.indexable else "noindex"

    def structured_data(self) -> list[dict]:
        """What machines read of the page: itself while it is on show, and the way down to it."""
        own = self.described()
        way = structuring.way_to(self, self.title_of_house, self.disclosed.before(self.title))
        return [own, way] if own else [way]

    def described(self) -> dict | None:
        """This as one schema.org object, or None where machines must not have one any longer; each kind has its own."""
        raise NotImplementedError

    def is_past(self, at: datetime | None = None) -> bool:
        until = self.valid_until()
        return until is not None and until <= (at or timezone.now())

    def serve(self, request, *args, **kwargs):
        if request.publication and request.publication.holds(self):
            self.title_of_house = request.publication
        note(f"item:{self.pk}", self.valid_until())
        if self.is_past() and not getattr(request, "is_preview", False):
            return self.serve_past(request)
        return super().serve(request, *args, **kwargs)

    def serve_past(self, request) -> HttpResponse:
        """Answer for an item past its time: gone (410), with a page that says so."""
        return TemplateResponse(request, "catalogue/gone.html", {"page": self}, status=410)

"""The card: one published item as every list sees it; and what cards are filed under."""

from datetime import UTC, datetime
from functools import cached_property

from django.db import connection, models
from django.db.models import F, Func, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelsearch import index
from wagtail.admin.panels import FieldPanel
from wagtail.models import Orderable, Page

from masthead.catalogue.disclosure import Disclosure, Kind
from masthead.press.ingredients import number_of
from masthead.press.noted import Noted
from masthead.publication.addresses import slug_of
from masthead.publication.models import LANGUAGES, Picture, Publication, Record


class Named(Noted):
    """Something with a name and an address made from it."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.slug = self.slug or slug_of(self.name)
        super().save(*args, **kwargs)


class InTitle(Named):
    publication = models.ForeignKey(Publication, models.CASCADE, verbose_name=_("title"), related_name="+")

    class Meta:
        abstract = True


class Theme(index.Indexed, InTitle):
    """A subject the title follows."""

    description = models.TextField(_("description"), blank=True)
    position = models.PositiveSmallIntegerField(_("place in the row of themes"), default=100)

    panels = [FieldPanel(n) for n in ("publication", "name", "slug", "description", "position")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["publication", "slug"], name="theme_address_in_title")]

    @property
    def url(self) -> str:
        return reverse("theme", args=[self.slug])

    def also_changes(self) -> list[str]:
        return [f"publication:{self.publication_id}"]  # every page of the title has the row of themes


class Story(index.Indexed, InTitle):
    """One story told over several pieces: what came before, and after."""

    panels = [FieldPanel(n) for n in ("publication", "name", "slug")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["publication", "slug"], name="story_address_in_title")]


class Organisation(index.Indexed, Named):
    """Anyone written about, organising, hiring or paying. Shared by the titles of a house."""

    about = models.TextField(_("about"), blank=True)
    website = models.URLField(_("website"), blank=True)
    logo = models.ForeignKey(Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("logo"))

    panels = [FieldPanel(n) for n in ("name", "slug", "about", "website", "logo")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["slug"], name="organisation_address")]

    @property
    def url(self) -> str:
        return reverse("organisation", args=[self.slug])


class Person(index.Indexed, Named):
    """Somebody who signs, or a desk that does."""

    initials = models.CharField(_("initials"), max_length=12, blank=True)
    role = models.CharField(_("role"), max_length=120, blank=True)
    about = models.TextField(_("about"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    panels = [FieldPanel(n) for n in ("name", "slug", "initials", "role", "about", "email")]
    search_fields = [index.SearchField("name"), index.SearchField("initials"), index.AutocompleteField("name")]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["slug"], name="person_address")]

    @property
    def url(self) -> str:
        return reverse("person", args=[self.slug])


NEVER = datetime(9000, 1, 1, tzinfo=UTC)
READ = ("id", "url_path", "live", "translation_key", "content_type", "title", "path", "depth", "numchild")
UNREAD = [f"item__{field.name}" for field in Page._meta.concrete_fields if field.name not in READ]


class Counted(int):
    """A number of cards. Where there are more than were counted, `is_more` says so."""

    is_more: bool

    def __new__(cls, n: int, is_more: bool = False):
        number = super().__new__(cls, n)
        number.is_more = is_more
        return number


class CardQuerySet(models.QuerySet):
    """Sets of cards, by one rule each. Only shelves and filing use it; everybody else takes a shelf."""

    def on_show(self, at: datetime | None = None) -> "CardQuerySet":
        """Cards a reader may see at `at` (now): live, begun, not past their time."""
        at = at or timezone.now()
        # Said so that no index answers it: most of what is listed has no end, and an index of ends would lead a list
        # by date through all of it. Where most are over, `not_over` asks that index by itself.
        over_at = Coalesce("valid_until", Value(NEVER, output_field=models.DateTimeField()))
        return self.alias(over_at=over_at).filter(over_at__gt=at, item__live=True, valid_from__lte=at)

    def not_over(self, at: datetime | None = None) -> "CardQuerySet":
        """Those of a set that are not past their time, found by when they end: for sets of which most are over."""
        ending, lasting = self.filter(valid_until__gt=at or timezone.now()), self.filter(valid_until=None)
        return self.among(ending, lasting)

    def among(self, *few: "CardQuerySet") -> "CardQuerySet":
        """Those of a set that are in one of these small ones, which are found first: each by an index of its own.

        PostgreSQL is handed their keys as an array. It can't know that what has no end is an article and never an
        event, takes the small sets for large ones, and would rather read everything.
        """
        found, *more = [cards.order_by().values("pk") for cards in few]
        keys = found.union(*more, all=True) if more else found
        if connection.vendor != "postgresql":
            return self.filter(pk__in=keys)
        array = Subquery(keys, template="(ARRAY(%(subquery)s))")
        is_one = {"template": "%(expressions)s", "arg_joiner": " = ANY ", "output_field": models.BooleanField()}
        return self.filter(Func(F("pk"), array, **is_one))

    def in_title(self, title: Publication) -> "CardQuerySet":
        return self.filter(publication=title)

    def of_kind(self, *kinds: str) -> "CardQuerySet":
        return self.filter(kind__in=kinds)

    def organic(self) -> "CardQuerySet":
        """What nobody paid for and the house does not sell."""
        return self.filter(disclosure=Kind.EDITORIAL)

    def disclosed(self, *kinds: str) -> "CardQuerySet":
        return self.filter(disclosure__in=kinds)

    def newest_first(self) -> "CardQuerySet":
        return self.order_by("-counts_from", "-pk")

    def newest_of_few_first(self) -> "CardQuerySet":
        """Newest first, sorted after they were found: an index by date would lead through all that are over."""
        return self.order_by(Coalesce("counts_from", Value(NEVER, output_field=models.DateTimeField())).desc(), "-pk")

    def shelved(self, name: str) -> "CardQuerySet":
        """What stands on the kept list of this name, newest first, found by its place there; see Shelved."""
        return self.filter(shelved__shelf=number_of(name)).order_by("shelved__place", "-shelved__card_id")

    def soonest_first(self) -> "CardQuerySet":
        return self.order_by("starts", "pk")

    def next_end(self, at: datetime | None = None) -> datetime | None:
        """The next moment at which one of these cards ends, shown or not: an index has the few with one to come."""
        ending = self.filter(valid_until__gt=at or timezone.now()).order_by("valid_until")
        return ending.values_list("valid_until", flat=True).first()

    def counted(self, most: int | None) -> "Counted":
        """How many there are, counted no further than `most`: reading all of a large archive through takes seconds."""
        if most is None:
            return Counted(self.order_by().count())
        n = self.values("pk")[: most + 1].count()  # in their order, which has an index; without, one may read all
        return Counted(min(n, most), is_more=n > most)

    def complete(self) -> "CardQuerySet":
        """With everything a list prints, in one query: of the item's page only what a card reads of it."""
        return self.defer("text", *UNREAD).select_related("item", "picture", "payer")


class CardKind(models.TextChoices):
    ARTICLE = "article", _("article")
    EVENT = "event", _("event")
    JOB = "job", _("job ad")
    PROMOTION = "promotion", _("house promotion")


class Card(index.Indexed, models.Model):
    """One published item as every list sees it, with what every place must respect.

    A paid card without label and payer can't be saved: the database refuses it.
    """

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    item = models.OneToOneField(Page, models.SET_NULL, null=True, related_name="card")
    kind = models.CharField(max_length=12, choices=CardKind.choices)

    disclosure = models.CharField(max_length=10, choices=Kind.choices, default=Kind.EDITORIAL)
    label = models.CharField(max_length=40, blank=True)
    payer_name = models.CharField(max_length=120, blank=True)
    payer = models.ForeignKey(Organisation, models.SET_NULL, null=True, related_name="+")
    reference = models.CharField(max_length=60, blank=True)

    title = models.CharField(max_length=255)
    standfirst = models.TextField(blank=True)
    picture = models.ForeignKey(Picture, models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=5, choices=LANGUAGES)
    source_name = models.CharField(max_length=120, blank=True)
    source = models.ForeignKey(Organisation, models.SET_NULL, null=True, related_name="+")
    counts_from = models.DateTimeField()
    changed_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)
    starts = models.DateTimeField(null=True)
    ends = models.DateTimeField(null=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)
    indexable = models.BooleanField(default=True)
    text = models.TextField(blank=True)

    story = models.ForeignKey(Story, models.SET_NULL, null=True, related_name="+")
    themes = models.ManyToManyField(Theme, related_name="+")
    organisations = models.ManyToManyField(Organisation, related_name="+")
    people = models.ManyToManyField(Person, related_name="+")

    objects = CardQuerySet.as_manager()

    search_fields = [
        index.SearchField("title", boost=4),
        index.SearchField("standfirst", boost=2),
        index.SearchField("text"),
        index.SearchField("source_name", boost=2),
        index.AutocompleteField("title"),
        index.AutocompleteField("standfirst"),
        index.FilterField("publication_id"),
        index.FilterField("kind"),
    ]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(disclosure=Kind.EDITORIAL, label="", payer_name="")
                | (Q(disclosure__in=[Kind.PAID, Kind.FUNDED, Kind.HOUSE]) & ~Q(label="") & ~Q(payer_name="")),
                name="paid_cards_have_label_and_payer",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="a_card_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["publication", "kind", "-counts_from", "-id"], name="card_newest"),
            models.Index(fields=["publication", "disclosure", "-counts_from", "-id"], name="card_newest_by_disclosure"),
            models.Index(fields=["publication", "kind", "starts", "id"], name="card_soonest"),
            models.Index(fields=["publication", "valid_until"], name="card_expiry"),
            # With the key: for `among` PostgreSQL reads nothing else then, even where it takes a small set for a large.
            models.Index(fields=["publication", "kind", "valid_until", "id"], name="card_ends"),
            # Not by title or kind: SQLite would take it for every list then, because `on_show` asks for the past.
            models.Index(fields=["valid_from", "id"], name="card_first_shown"),
        ]

    def __str__(self):
        return self.disclosed.before(self.title)

    @cached_property
    def disclosed(self) -> Disclosure:
        return Disclosure(self.disclosure, self.label, self.payer_name)

    @property
    def url(self) -> str:
        """Path of the item in its title, read from the item, so that a move is never missed."""
        return "/" + self.item.url_path.removeprefix(self.publication.root_path)

    @property
    def full_url(self) -> str:
        return self.publication.root_url + self.url

    @property
    def modified_at(self) -> datetime:
        """The moment a copy of it became out of date: published again, or corrected (story W25)."""
        return max(self.counts_from, self.changed_at, self.corrected_at or self.counts_from)

    @property
    def payer_now(self) -> str:
        """The payer's present name where it is another one than was printed; else empty (story W18)."""
        return self.payer.name if self.payer and self.payer.name != self.payer_name else ""

    def is_on_show(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        begun = self.valid_from <= at and (self.valid_until is None or at < self.valid_until)
        return begun and self.item is not None and self.item.live


class Shelved(models.Model):
    """A card's place on one list that is kept, such as a theme's or an organisation's: newest first (shelving.py).

    An index by date finds the newest of everything, and what a card is filed under finds all of a theme. The newest of
    a theme are found by neither without reading one or the other through.
    """

    card = models.ForeignKey(Card, models.CASCADE, related_name="shelved", db_index=False)
    shelf = models.BigIntegerField()  # the number of its name (press.ingredients.number_of)
    place = models.FloatField()  # smaller ones come first

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "shelf"], name="shelved_once")]
        indexes = [models.Index(fields=["shelf", "place", "-card"], name="shelved_newest")]

    def __str__(self):
        return f"{self.card_id} on {self.shelf}"


class FilingRecord(Record):
    """What was shown of an item, each time that changed: the publication log (rules N-2 and R6)."""

    card = models.ForeignKey(Card, models.DO_NOTHING, null=True, db_constraint=False, related_name="records")

    class Meta(Record.Meta):
        verbose_name = _("filing record")
        verbose_name_plural = _("filing records")


class Mention(Orderable):
    """An organisation that an item mentions, in the order the editor gave."""

    page = ParentalKey(Page, related_name="mentions")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("organisation"))

    panels = [FieldPanel("organisation")]

    class Meta(Orderable.Meta):
        verbose_name = _("organisation mentioned")
        verbose_name_plural = _("organisations mentioned")
        constraints = [models.UniqueConstraint(fields=["page", "organisation"], name="mentioned_once")]

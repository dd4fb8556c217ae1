"""The title itself: its name, look, language, country and imprint; its pictures; its records."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.models import Page, PageViewRestriction, Site, get_page_models

from masthead.press.ingredients import HOSTS
from masthead.press.noted import Noted
from masthead.press.standing import standing

LANGUAGES = [("da", "Dansk"), ("en", "English")]
COUNTRIES = [("dk", _("Denmark")), ("de", _("Germany")), ("en", _("English-speaking, general")), ("us", "USA")]
HEADLINES = [("serif", _("Serif")), ("sans", _("Sans serif"))]
colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour as # and six hexadecimal digits, such as #0a5848."))


@register_setting(icon="site", order=10)
class Publication(Noted, BaseSiteSetting):
    """One title of the house. A house may run several, each at an address of its own."""

    name = models.CharField(_("name"), max_length=80)
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    country = models.CharField(
        _("country"),
        max_length=2,
        choices=COUNTRIES,
        default="en",
        help_text=_("Decides the words that label what is paid for."),
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Copenhagen")
    paid_label = models.CharField(
        _("other word for paid content"),
        max_length=40,
        blank=True,
        help_text=_("Leave empty for the word the country's authority recommends."),
    )
    house_label = models.CharField(_("other word for house promotions"), max_length=40, blank=True)
    accent = models.CharField(_("accent colour"), max_length=7, default="#0a5848", validators=[colour])
    accent_dark = models.CharField(_("accent colour, dark"), max_length=7, default="#77cdb4", validators=[colour])
    headlines = models.CharField(_("headlines"), max_length=5, choices=HEADLINES, default="serif")
    most_mails = models.PositiveSmallIntegerField(
        _("mails to one reader at most"),
        default=0,
        help_text=_("Over all newsletters, in the days below; 0 is no limit. A mail that confirms does not count."),
    )
    most_mails_days = models.PositiveSmallIntegerField(
        _("in so many days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    legal_name = models.CharField(_("publisher's legal name"), max_length=120, blank=True)
    responsible_editor = models.CharField(_("responsible editor"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact address"), blank=True)
    corrections_email = models.EmailField(_("address for corrections"), blank=True)
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True)
    ownership = models.TextField(_("owners and beneficial owners"), blank=True)
    advertising_income = models.TextField(_("public advertising income"), blank=True)

    panels = [
        MultiFieldPanel(
            [FieldPanel(n) for n in ("name", "tagline", "language", "country", "time_zone")], _("The title")
        ),
        MultiFieldPanel([FieldPanel("paid_label"), FieldPanel("house_label")], _("Labels")),
        MultiFieldPanel([FieldPanel("accent"), FieldPanel("accent_dark"), FieldPanel("headlines")], _("Look")),
        MultiFieldPanel([FieldPanel("most_mails"), FieldPanel("most_mails_days")], _("Mail")),
        MultiFieldPanel(
            [
                FieldPanel(n)
                for n in (
                    "legal_name",
                    "responsible_editor",
                    "contact_email",
                    "corrections_email",
                    "postal_address",
                    "ownership",
                    "advertising_income",
                )
            ],
            _("Imprint"),
        ),
    ]

    class Meta:
        verbose_name = _("title")
        verbose_name_plural = _("titles")

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError) as error:
            raise ValidationError({"time_zone": _("Write a time zone such as Europe/Copenhagen.")}) from error

    @classmethod
    def of_page(cls, page: Page) -> "Publication | None":
        """Return the title a page stands in, or None outside every title."""
        for title in cls.objects.select_related("site__root_page"):
            if title.holds(page):
                return title
        return None

    @classmethod
    def of_request(cls, request) -> "Publication | None":
        """Return the title a request asks for. It may be another request's too: nobody changes it."""
        title = standing(("title at", request.get_host()), lambda: cls._looked_up(request), HOSTS)
        if title:
            request._wagtail_site = title.site
        return title

    @classmethod
    def _looked_up(cls, request) -> "Publication | None":
        site = Site.find_for_request(request)  # with its front page
        title = cls.objects.filter(site=site).first() if site else None
        if title:
            title.site = site
        return title

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def root_url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return self.site.root_url

    @cached_property
    def root_path(self) -> str:
        return self.site.root_page.url_path

    def holds(self, page: Page) -> bool:
        """Whether a page stands in this title."""
        return page.path.startswith(self.site.root_page.path)

    @cached_property
    def first_pages(self) -> list[Page]:
        """The live pages right below the front page in the editors' order: lists, and pages about the title."""
        # Asked by their kinds: by their place in the tree the database would read all that stands below them as well.
        kinds = [kind for kind in get_page_models() if not hasattr(kind, "card_kind")]
        keys = [found.pk for found in ContentType.objects.get_for_models(*kinds).values()]
        front = self.site.root_page
        pages = Page.objects.live().filter(content_type__in=keys, depth=front.depth + 1).order_by()
        pages = pages.only("title", "url_path", "path", "depth", "numchild", "content_type", "show_in_menus")
        return sorted((page for page in pages if page.path.startswith(front.path)), key=lambda page: page.path)


class Picture(Noted, AbstractImage):
    """A picture with what must stand beside it: who made it, and what it shows in words."""

    credit = models.CharField(
        _("credit"), max_length=200, blank=True, help_text=_("Who made it, without “Photo:”. Printed with every use.")
    )
    decorative = models.BooleanField(
        _("decorative"), default=False, help_text=_("Says nothing a reader would miss; no description is read out.")
    )
    rights = models.CharField(_("rights, and until when"), max_length=200, blank=True)
    source_key = models.CharField(max_length=300, blank=True, db_index=True, editable=False)

    admin_form_fields = (
        "title",
        "file",
        "description",
        "decorative",
        "credit",
        "rights",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    @property
    def default_alt_text(self) -> str:
        return "" if self.decorative else self.description

    def problems(self) -> list[str]:
        """Say in sentences what keeps this picture from being published (rule I1)."""
        found = []
        if not self.credit.strip():
            found.append(_("The picture “%s” has no credit. Write who made it, on the picture.") % self.title)
        if not self.decorative and not self.description.strip():
            found.append(
                _("The picture “%s” has no description. Describe it in a few words, or tick “decorative”.") % self.title
            )
        return found


class Rendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="one_rendition_a_spec")
        ]


class OpenPage:
    """Adds to a page of Wagtail's that it asks once whether anything in the house is restricted; next to never is."""

    def get_view_restrictions(self):
        # Wagtail walks up to the root, with a question or two, for every reader of every page.
        if PageViewRestriction.objects.exists():
            return super().get_view_restrictions()
        return PageViewRestriction.objects.none()


class LegalPage(OpenPage, Page):
    """A page about the title: imprint, privacy, how paid content is labelled."""

    body = RichTextField(_("text"), blank=True, features=["h2", "h3", "bold", "italic", "ol", "ul", "link"])
    imprint = models.BooleanField(
        _("print the imprint"), default=False, help_text=_("Adds publisher, editor, owners and income from the title.")
    )

    content_panels = [*Page.content_panels, FieldPanel("body"), FieldPanel("imprint")]
    subpage_types: list[str] = []
    template = "publication/legal_page.html"
    shows_cards = None

    class Meta:
        verbose_name = _("page about the title")
        verbose_name_plural = _("pages about the title")


class Record(models.Model):
    """A row that is only ever added, and that proves the rows before it by their hash.

    Each subclass is one chain: `digest` is sha256 over the previous digest, the moment and the content, so a row that
    was changed or taken out later is found by `broken_at`.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    content = models.JSONField(editable=False)
    previous = models.CharField(max_length=64, editable=False)
    digest = models.CharField(max_length=64, editable=False, unique=True)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.pk}"

    @classmethod
    def append(cls, content: dict, **columns) -> "Record":
        """Add one row to the chain and return it. `content` is what is proved; `columns` only help to find it."""
        with transaction.atomic():
            cls.wait_for_turn()
            last = cls.objects.order_by("-pk").values_list("digest", flat=True).first() or ""
            row = cls(at=timezone.now(), content=json.loads(json.dumps(content, default=str)), previous=last, **columns)
            row.digest = row.computed_digest()
            row.save(force_insert=True)
        return row

    @classmethod
    def append_all(cls, rows: Sequence[tuple[dict, dict]]) -> None:
        """Add many rows to the chain in the order given: each is (content, columns) as for `append`.

        Waits for its turn once, and reads the end of the chain once, so that a list of a million takes minutes.
        """
        with transaction.atomic():
            cls.wait_for_turn()
            last = cls.objects.order_by("-pk").values_list("digest", flat=True).first() or ""
            chained, now = [], timezone.now()
            for content, columns in rows:
                row = cls(at=now, content=json.loads(json.dumps(content, default=str)), previous=last, **columns)
                row.digest = last = row.computed_digest()
                chained.append(row)
            cls.objects.bulk_create(chained)

    @classmethod
    def broken_at(cls) -> int | None:
        """Return the key of the first row that does not follow from the one before, or None when the chain holds."""
        last = ""
        for row in cls.objects.order_by("pk").iterator():
            if row.previous != last or row.digest != row.computed_digest():
                return row.pk
            last = row.digest
        return None

    def computed_digest(self) -> str:
        said = json.dumps([self.previous, self.at.isoformat(), self.content], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    def save(self, *args, **kwargs):
        if not kwargs.get("force_insert"):
            raise ValidationError(_("A record is never changed. Add a new one with append()."))
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise ValidationError(_("A record is never deleted."))

    @classmethod
    def wait_for_turn(cls) -> None:
        """Let nobody else add to this chain before the transaction ends."""
        # SQLite's writers stand in line by themselves (IMMEDIATE). PostgreSQL's need a lock, or two would follow
        # from the same row; it is let go when the transaction ends.
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [cls._meta.db_table])

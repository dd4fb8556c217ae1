"""The words a reader says yes to, and what they are for."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from masthead.press.noted import Noted
from masthead.publication.models import LANGUAGES, Publication


class ConsentKind(models.TextChoices):
    """What may be said yes to, each on its own."""

    NEWSLETTER = "newsletter", _("the newsletter")
    THEMES = "themes", _("themes")
    EVENTS = "events", _("events")


class ConsentText(Noted):
    """The words a reader says yes to. Once somebody has, they are never changed: a new version is written instead."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+", verbose_name=_("title"))
    kind = models.CharField(_("what for"), max_length=12, choices=ConsentKind.choices)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES)
    version = models.PositiveIntegerField(_("version"), editable=False)
    text = models.TextField(_("what the reader says yes to"))
    companies = models.CharField(
        _("companies that send or are sent for"),
        max_length=400,
        help_text=_("By name, with commas: they stand in the text itself, not behind a link."),
    )
    withdrawal = models.CharField(
        _("how to say no again"), max_length=200, help_text=_("Shown beside the box, before anybody signs up.")
    )
    written_at = models.DateTimeField(default=timezone.now, editable=False)

    panels = [FieldPanel(n) for n in ("publication", "kind", "language", "text", "companies", "withdrawal")]
    WORDS = ("publication_id", "kind", "language", "text", "companies", "withdrawal", "version")

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["kind", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "kind", "language", "version"], name="one_consent_text_a_version"
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.language}, {self.version}"

    @classmethod
    def current(cls, publication: Publication, kind: str, language: str) -> "ConsentText | None":
        return cls.objects.filter(publication=publication, kind=kind, language=language).order_by("-version").first()

    @classmethod
    def offered(cls, publication: Publication) -> list["ConsentText"]:
        """Return the text of each kind a reader may say yes to now, in the title's language."""
        written = cls.objects.filter(publication=publication, language=publication.language).order_by("version")
        newest = {text.kind: text for text in written}
        return [newest[kind] for kind in ConsentKind.values if kind in newest]

    def also_changes(self) -> list[str]:
        return [f"publication:{self.publication_id}"]  # the sign-up stands on every page

    @property
    def digest(self) -> str:
        """What the log binds: the words themselves, not only their number."""
        return hashlib.sha256("\n".join([self.text, self.companies, self.withdrawal]).encode()).hexdigest()

    def is_used(self) -> bool:
        return self.pk is not None and (self.records.exists() or self.subscriptions.exists())

    def clean(self):
        super().clean()
        if self._changed() and self.is_used():
            raise ValidationError(_("Somebody has said yes to these words. Write a new version instead."))

    def save(self, *args, **kwargs):
        self.clean()
        if not self.version:
            same = ConsentText.objects.filter(publication=self.publication, kind=self.kind, language=self.language)
            self.version = (same.aggregate(n=models.Max("version"))["n"] or 0) + 1
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        if self.is_used():
            raise ValidationError(_("Somebody has said yes to these words. They are kept."))
        return super().delete(*args, **kwargs)

    def _changed(self) -> bool:
        before = ConsentText.objects.filter(pk=self.pk).values_list(*self.WORDS).first()
        return before is not None and before != tuple(getattr(self, name) for name in self.WORDS)

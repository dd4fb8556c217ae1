"""Readers who asked for mail: what each said yes to, in which words, and whom never to write to again."""

import hashlib
import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from masthead.mail.addresses import normalise
from masthead.press.noted import Noted
from masthead.publication.models import LANGUAGES, Publication, Record


class ConsentKind(models.TextChoices):
    """What may be said yes to, each on its own."""

    NEWSLETTER = "newsletter", _("the newsletter")
    THEMES = "themes", _("themes")
    EVENTS = "events", _("events")


def print_of(address: str) -> str:
    """Return the print of an address: sha256 of its normalised form, which is all a suppression keeps."""
    return hashlib.sha256(normalise(address).encode()).hexdigest()


def new_subject() -> str:
    return secrets.token_hex(16)


class Subscriber(models.Model):
    """One address in one title. `subject` stands for it in the consent log and in links, so that neither holds it."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    normalised = models.CharField(max_length=254, editable=False)
    subject = models.CharField(max_length=32, default=new_subject, unique=True, editable=False)
    language = models.CharField(max_length=5, choices=LANGUAGES)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # What the one valid confirmation link holds; empty once it is used.
    asked_with = models.CharField(max_length=32, blank=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)  # the last service mail, one a day

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        constraints = [
            models.UniqueConstraint(fields=["publication", "normalised"], name="one_subscriber_an_address"),
        ]

    def __str__(self):
        return self.address

    def save(self, *args, **kwargs):
        self.normalised = self.normalised or normalise(self.address)
        super().save(*args, **kwargs)

    @property
    def print(self) -> str:
        return print_of(self.address)

    def confirmed(self) -> "SubscriptionQuerySet":
        return self.subscriptions.filter(state=Subscription.State.CONFIRMED)

    def asked(self) -> "SubscriptionQuerySet":
        return self.subscriptions.filter(state=Subscription.State.ASKED)

    def paused_until(self):
        """The last day of a pause that runs, or None."""
        days = self.confirmed().filter(paused_until__gte=timezone.localdate()).values_list("paused_until", flat=True)
        return max(days, default=None)


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
        return self.pk is not None and ConsentRecord.objects.filter(text=self).exists()

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


class SubscriptionQuerySet(models.QuerySet):
    def of(self, publication: Publication, kind: str, theme: str = "") -> "SubscriptionQuerySet":
        return self.filter(subscriber__publication=publication, kind=kind, theme=theme)

    def confirmed(self) -> "SubscriptionQuerySet":
        return self.filter(state=Subscription.State.CONFIRMED)

    def asked_before(self, moment: datetime) -> "SubscriptionQuerySet":
        return self.filter(state=Subscription.State.ASKED, asked_at__lt=moment)


class Subscription(models.Model):
    """What holds now for one subscriber and one kind: drawn from the consent log, in the same transaction."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked, not confirmed")
        CONFIRMED = "confirmed", _("confirmed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    kind = models.CharField(max_length=12, choices=ConsentKind.choices)
    theme = models.CharField(max_length=120, blank=True)  # its address; empty for the kind as a whole
    state = models.CharField(max_length=10, choices=State.choices)
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    paused_until = models.DateField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "kind", "theme"], name="one_subscription_a_kind"),
            models.CheckConstraint(
                condition=Q(theme="") | Q(kind=ConsentKind.THEMES), name="only_themes_are_followed_one_by_one"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False), name="confirmed_says_when"
            ),
        ]
        indexes = [models.Index(fields=["kind", "theme", "state"], name="subscription_audience")]

    def __str__(self):
        return f"{self.kind} {self.theme} {self.state}".replace("  ", " ")

    def is_paused(self, day) -> bool:
        return self.paused_until is not None and self.paused_until >= day

    # Each of these writes the log and what holds now in one transaction.

    def ask(self, text: ConsentText, *, page: str, mail: str) -> None:
        """Note that somebody asked for this in these words; `mail` is the digest of the mail that asks to confirm."""
        self.state, self.text, self.asked_at = self.State.ASKED, text, timezone.now()
        self._write("asked", page=page, method="form", mail=mail)

    def confirm(self, *, page: str, method: str) -> None:
        """Note the yes, given with a button behind a link that only the address got."""
        self.state, self.confirmed_at = self.State.CONFIRMED, timezone.now()
        self.withdrawn_at = self.paused_until = None
        self._write("confirmed", page=page, method=method)

    def withdraw(self, *, method: str) -> None:
        self.state, self.withdrawn_at = self.State.WITHDRAWN, timezone.now()
        self._write("withdrawn", method=method)

    def _write(self, action: str, **how: str) -> None:
        content = {
            "action": action,
            "subject": self.subscriber.subject,
            "publication": self.subscriber.publication_id,
            "kind": self.kind,
            "theme": self.theme,
            "text": {
                "kind": self.text.kind,
                "language": self.text.language,
                "version": self.text.version,
                "digest": self.text.digest,
            },
            **{name: value for name, value in how.items() if value},
        }
        with transaction.atomic():
            self.save()
            ConsentRecord.append(content, subject=self.subscriber.subject, text=self.text)


class SuppressionQuerySet(models.QuerySet):
    def standing(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at=None)

    def among(self, publication: Publication, addresses) -> set[str]:
        """Return the normalised ones of `addresses` that must not be written to."""
        prints = {print_of(address): normalise(address) for address in addresses}
        found = self.standing().filter(publication=publication, print__in=prints).values_list("print", flat=True)
        return {prints[value] for value in found}


class Suppression(models.Model):
    """An address never to write to, kept as its print only, so that it outlives the subscriber and wins over imports.

    A new confirmation from the address itself lifts it, but for one who asked never to be written to at all.
    """

    class Reason(models.TextChoices):
        ERASED = "erased", _("erased at their own wish")
        BOUNCED = "bounced", _("mail came back")
        COMPLAINED = "complained", _("reported as spam")
        NEVER = "never", _("asked never to be written to")

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    print = models.CharField(max_length=64)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    subject = models.CharField(max_length=32, blank=True)  # leads to the consent log when somebody brings the address
    at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "print"], condition=Q(lifted_at=None), name="one_suppression_an_address"
            )
        ]

    def __str__(self):
        return f"{self.print[:12]} {self.reason}"


class ConsentRecord(Record):
    """What was asked, confirmed and withdrawn, in which words, where and when: append-only (GDPR art. 7(1), rule T1).

    It holds no address. The subscriber's `subject` leads here; once the subscriber is erased, only who brings the
    address itself can find the way, over the print of the suppression.
    """

    subject = models.CharField(max_length=32, db_index=True)
    text = models.ForeignKey(ConsentText, models.PROTECT, null=True, related_name="+")

    class Meta(Record.Meta):
        verbose_name = _("consent record")
        verbose_name_plural = _("consent records")


class ServiceMail(models.Model):
    """A mail somebody asked for by an action of their own, waiting to be posted. The table is the queue.

    `handing` is set before it may leave: one that is found so later may have been sent, and is not sent again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        HANDING = "handing", _("being handed over")
        POSTED = "posted", _("taken by the mail server")
        FAILED = "failed", _("refused by the mail server")
        UNCERTAIN = "uncertain", _("uncertain")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="service_mails")
    body = models.BinaryField()  # emptied once it is posted: it holds a link that confirms
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    written_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    reply = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("service mail")
        verbose_name_plural = _("service mails")
        indexes = [models.Index(fields=["state", "not_before"], name="service_mail_waiting")]

    def __str__(self):
        return f"{self.state} {self.written_at:%Y-%m-%d %H:%M}"

"""Readers who asked for mail: what each said yes to, in which words, and whom never to write to again."""

import hashlib
import secrets
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masthead.mail.addresses import normalise
from masthead.publication.models import LANGUAGES, Publication, Record
from masthead.subscribers.texts import ConsentKind, ConsentText


def print_of(address: str) -> str:
    """Return the print of an address: sha256 of its normalised form, which is all a suppression keeps."""
    return hashlib.sha256(normalise(address).encode()).hexdigest()


def new_subject() -> str:
    """Return 128 bits nobody can guess: a name for somebody that says nothing of them."""
    return secrets.token_hex(16)


class SubscriberQuerySet(models.QuerySet):
    def bulk_create(self, objs, *args, **kwargs):
        """Create many at once, each with the spelling and the print by which it is found and suppressed."""
        objs = list(objs)
        for subscriber in objs:
            subscriber.fill()
        return super().bulk_create(objs, *args, **kwargs)


class Subscriber(models.Model):
    """One address in one title. `subject` stands for it in the consent log and in links, so that neither holds it."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    normalised = models.CharField(max_length=254, editable=False)
    # What a suppression keeps of an address, so that the database can compare the two.
    print = models.CharField(max_length=64, editable=False, db_index=True)
    subject = models.CharField(max_length=32, default=new_subject, unique=True, editable=False)
    language = models.CharField(max_length=5, choices=LANGUAGES)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # What the one valid confirmation link holds; empty once it is used.
    asked_with = models.CharField(max_length=32, blank=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)  # the last service mail, one a day

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        permissions = [("export_subscriber", _("May take addresses of readers out of the house"))]
        constraints = [
            models.UniqueConstraint(fields=["publication", "normalised"], name="one_subscriber_an_address"),
            models.CheckConstraint(condition=~Q(print=""), name="every_subscriber_can_be_suppressed"),
        ]

    def __str__(self):
        return self.address

    def save(self, *args, **kwargs):
        self.fill()
        super().save(*args, **kwargs)

    def fill(self) -> None:
        """Set what follows from the address, which is never changed."""
        self.normalised = self.normalised or normalise(self.address)
        self.print = self.print or print_of(self.address)

    def confirmed(self) -> "SubscriptionQuerySet":
        return self.subscriptions.filter(state=Subscription.State.CONFIRMED)

    def asked(self) -> "SubscriptionQuerySet":
        return self.subscriptions.filter(state=Subscription.State.ASKED)

    def log(self, action: str, **how) -> None:
        """Add to the log what is about the subscriber and no single subscription."""
        content = {"action": action, "subject": self.subject, "publication": self.publication_id, **how}
        ConsentRecord.append(content, subject=self.subject)

    def paused_until(self):
        """The last day of a pause that runs, or None."""
        days = self.confirmed().filter(paused_until__gte=timezone.localdate()).values_list("paused_until", flat=True)
        return max(days, default=None)


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
    # The words that hold: those said yes to, or for a list brought in those we promise to keep to.
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="subscriptions")
    arrival = models.ForeignKey("Arrival", models.PROTECT, null=True, related_name="subscriptions")
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

    def ask(self, text: ConsentText, *, page: str, mail: str, at: datetime | None = None) -> None:
        """Note that somebody asked for this in these words; `mail` is the digest of the mail that asks to confirm.

        `at` is when the form was sent, where that was before now.
        """
        self.state, self.text, self.asked_at = self.State.ASKED, text, at or timezone.now()
        self._write("asked", page=page, method="form", mail=mail, asked_at=self.asked_at.isoformat())

    def confirm(self, *, page: str, method: str, mail: str = "") -> None:
        """Note the yes, given with a button behind a link that only the address got."""
        self.state, self.confirmed_at, self.arrival = self.State.CONFIRMED, timezone.now(), None
        self.withdrawn_at = self.paused_until = None
        self._write("confirmed", page=page, method=method, mail=mail)

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
            "locale": self.subscriber.language,
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
        LEFT = "left", _("said no before a list was brought in")
        NEVER = "never", _("asked never to be written to")

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    print = models.CharField(max_length=64)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    subject = models.CharField(max_length=32, blank=True)  # leads to the consent log when somebody brings the address
    note = models.CharField(max_length=200, blank=True)  # why, in the words of who added it by hand
    arrival = models.ForeignKey("Arrival", models.PROTECT, null=True, related_name="suppressions")
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
    text = models.ForeignKey(ConsentText, models.PROTECT, null=True, related_name="records")

    class Meta(Record.Meta):
        verbose_name = _("consent record")
        verbose_name_plural = _("consent records")


class Arrival(models.Model):
    """A list of readers brought in from elsewhere. The table is the queue: `rows_done` rows of the file are entered.

    The file itself is kept only while it waits at the desk; of each row stays what became of it, counted.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        READING = "reading", _("being brought in")
        DONE = "done", _("brought in")
        REFUSED = "refused", _("could not be read")

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+", verbose_name=_("title"))
    kind = models.CharField(_("what they said yes to"), max_length=12, choices=ConsentKind.choices)
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(max_length=64)
    column = models.CharField(max_length=100, blank=True)
    evidence = models.CharField(
        _("where the list comes from"),
        max_length=300,
        blank=True,
        help_text=_("Such as “Double opt-in in our old newsletter system since 2019; its export of 3 March”."),
    )
    words = models.TextField(
        _("the words they said yes to, if known"),
        blank=True,
        help_text=_("As they stood at the old sign-up. They are shown on every evidence sheet of this list."),
    )
    brought_by = models.CharField(max_length=150)
    brought_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    rows_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    note = models.CharField(max_length=400, blank=True)
    file = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("list brought in")
        verbose_name_plural = _("lists brought in")
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name


class SignUp(models.Model):
    """What a form said, waiting to be answered by the clock. The table is the queue; a row goes when it is answered.

    So the form's own answer takes as long for an address we know as for any other: one row is written, nothing read.
    """

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    texts = models.JSONField()  # keys of the very words that were ticked
    page = models.CharField(max_length=400)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")

    def __str__(self):
        return f"{self.pk} {self.at:%Y-%m-%d %H:%M}"


class SignUpDay(models.Model):
    """A day of sign-ups and the salt its visitors' networks are hashed with. Both are destroyed when it is over."""

    day = models.DateField(unique=True)
    salt = models.CharField(max_length=32, default=new_subject)

    def __str__(self):
        return f"{self.day}"


class SignUpCount(models.Model):
    """How many sign-ups came from one network on a day."""

    day = models.ForeignKey(SignUpDay, models.CASCADE, related_name="counts")
    network = models.CharField(max_length=64)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "network"], name="one_count_a_network")]

    def __str__(self):
        return f"{self.day_id}: {self.count}"


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

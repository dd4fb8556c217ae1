"""What is mailed: newsletters with their promise, their issues, and one delivery for each reader and issue."""

import hashlib
import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from masthead.catalogue.models import Card
from masthead.publication.models import Publication, Record
from masthead.subscribers.models import ConsentKind, Subscriber

WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]


class Uncertain(models.TextChoices):
    """What is done with a letter that may have been taken and may not."""

    ONCE = "once", _("is listed for a person to decide: nobody gets it twice")
    DELIVERY = "delivery", _("is sent once more: somebody may get it twice")


class Newsletter(models.Model):
    """A regular mailing and what it promises. The promise is a rule: an issue beyond it is refused (wish N-6)."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+", verbose_name=_("title"))
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=60)
    promise = models.CharField(
        _("promise"), max_length=300, help_text=_("Printed at the sign-up, such as “Tuesday and Thursday, never more”.")
    )
    weekdays = models.JSONField(_("days"), default=list, help_text=_("The days an issue comes."))
    at = models.TimeField(_("time"), default=time(7, 30))
    most_per_week = models.PositiveSmallIntegerField(
        _("issues a week at most"), default=2, validators=[MinValueValidator(1), MaxValueValidator(14)]
    )
    kind = models.CharField(
        _("sent to who said yes to"), max_length=12, choices=ConsentKind.choices, default="newsletter"
    )
    theme = models.SlugField(_("only this theme"), max_length=120, blank=True)
    sender_name = models.CharField(_("sender's name"), max_length=80, blank=True)
    sender_address = models.EmailField(_("sender's address"))
    articles = models.PositiveSmallIntegerField(_("articles"), default=8)
    events = models.PositiveSmallIntegerField(_("events"), default=3)
    jobs = models.PositiveSmallIntegerField(_("job ads"), default=3)
    promotions = models.PositiveSmallIntegerField(_("house promotions"), default=1)
    when_uncertain = models.CharField(
        _("a letter nobody knows the fate of"),
        max_length=8,
        choices=Uncertain.choices,
        default=Uncertain.ONCE,
        help_text=_("When the line breaks, or a process is killed, before the mail server has answered."),
    )
    begun = models.DateField(_("begun"), default=timezone.localdate, editable=False)

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["publication", "slug"], name="newsletter_address_in_title")]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if len(self.weekdays) > self.most_per_week:
            raise ValidationError({"weekdays": _("That is more days than issues a week at most. Change one of them.")})
        if self.theme and self.kind != ConsentKind.THEMES:
            raise ValidationError({"theme": _("Only a newsletter to who said yes to themes can follow one theme.")})

    @property
    def zone(self) -> ZoneInfo:
        return self.publication.zone

    @property
    def is_main(self) -> bool:
        """Whether this is the title's own newsletter, in which places are sold."""
        return not Newsletter.objects.filter(publication=self.publication_id, pk__lt=self.pk).exists()

    @property
    def audience_rule(self) -> str:
        """Who gets it, in one line: part of what is approved."""
        return f"{self.publication_id}:{self.kind}:{self.theme}"

    def next_slot(self, after: datetime | None = None) -> datetime:
        """Return the next promised moment after `after`, in local time over both changes of the clocks."""
        now = timezone.localtime(after or timezone.now(), self.zone)
        days = self.weekdays or [d for d, _name in WEEKDAYS]
        for ahead in range(15):
            day = now.date() + timedelta(days=ahead)
            moment = datetime.combine(day, self.at, self.zone)
            if day.isoweekday() in days and moment > now:
                return moment
        raise ValueError(f"{self.name} has no day of the week.")

    def draft(self) -> "Issue | None":
        """The issue being made, if one is."""
        return self.issues.filter(state__in=[Issue.State.DRAFT, Issue.State.COMPOSED]).order_by("-pk").first()

    def last_gone(self) -> "Issue | None":
        return self.issues.gone_out().order_by("-number").first()


class IssueQuerySet(models.QuerySet):
    def gone_out(self) -> "IssueQuerySet":
        """Issues that reached readers, or were on their way there."""
        return self.filter(state__in=[Issue.State.SENDING, Issue.State.PAUSED, Issue.State.FINISHED])

    def promised_in_week(self, day) -> "IssueQuerySet":
        """Issues of the ISO week of `day` that count against the promise: gone out, or certain to."""
        monday = day - timedelta(days=day.weekday())
        counting = [s for s in Issue.State.values if s not in Issue.NOT_COUNTED]
        return self.filter(state__in=counting, day__gte=monday, day__lt=monday + timedelta(days=7))

    def public(self) -> "IssueQuerySet":
        """Issues with a web copy for readers, newest first."""
        return self.gone_out().order_by("-day", "-number")


class Issue(models.Model):
    """One number of a newsletter. From approval on it is a frozen letter; any change takes the approval away."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        COMPOSED = "composed", _("composed")
        APPROVED = "approved", _("approved")
        PLANNING = "planning", _("readers are being listed")
        READY = "ready", _("ready to go")
        SENDING = "sending", _("being sent")
        PAUSED = "paused", _("paused")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    NOT_COUNTED = ("draft", "composed", "approved", "cancelled")
    CHANGEABLE = ("draft", "composed", "approved")

    newsletter = models.ForeignKey(Newsletter, models.PROTECT, related_name="issues", verbose_name=_("newsletter"))
    number = models.PositiveIntegerField(_("number"))
    day = models.DateField(_("day"), help_text=_("The day it is dated; slots are sold for this day."))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    preheader = models.CharField(
        _("preheader"), max_length=200, blank=True, help_text=_("The line a mail program shows after the subject.")
    )
    send_at = models.DateTimeField(_("goes out"), null=True, blank=True)
    frozen = models.BinaryField(null=True, editable=False)
    approved_hash = models.CharField(max_length=64, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, editable=False)
    overrides = models.JSONField(default=list, editable=False)  # what was allowed against a rule, by whom and why
    planned_count = models.PositiveIntegerField(null=True, editable=False)
    excluded = models.JSONField(default=dict, editable=False)  # how many were left out at planning, by reason
    note = models.CharField(max_length=400, blank=True, editable=False)  # why it stands still
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["-pk"]
        permissions = [("send_issue", _("May approve and send issues"))]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "number"], name="one_issue_a_number"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "composed", "cancelled"])
                | (~Q(approved_hash="") & Q(frozen__isnull=False) & Q(approved_at__isnull=False)),
                name="nothing_goes_out_unapproved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "sending", "paused", "finished"]) | Q(planned_count__isnull=False),
                name="planned_before_sent",
            ),
        ]
        indexes = [models.Index(fields=["state", "send_at"], name="issue_due")]

    def __str__(self):
        return f"{self.newsletter} {self.number}"

    @property
    def publication(self) -> Publication:
        return self.newsletter.publication

    @property
    def is_changeable(self) -> bool:
        return self.state in self.CHANGEABLE

    @property
    def url(self) -> str:
        with translation.override(self.publication.language):  # also when the desk speaks another one
            if self.newsletter.is_main:
                return reverse("issue", args=[self.number])
            return reverse("issue_of", args=[self.newsletter.slug, self.number])

    def seal(self) -> str:
        """What an approval binds: the frozen letter, byte for byte, and the rule for who gets it."""
        return hashlib.sha256(bytes(self.frozen or b"") + b"\n" + self.newsletter.audience_rule.encode()).hexdigest()

    def frozen_bytes(self) -> bytes:
        """Return the frozen letter. Raises ValueError before approval; after it the database refuses an empty one."""
        if self.frozen is None:
            raise ValueError(f"{self} has no frozen letter: approve it first.")
        return bytes(self.frozen)

    def is_as_approved(self) -> bool:
        return bool(self.approved_hash) and self.approved_hash == self.seal()

    def books(self) -> dict[str, int]:
        """Return how many deliveries stand in each state; they add up to what was planned."""
        counted = dict(self.deliveries.order_by().values_list("state").annotate(n=Count("pk")))
        return {state: counted.get(state, 0) for state in Delivery.State.values}

    def books_balance(self) -> bool:
        return self.planned_count is None or sum(self.books().values()) == self.planned_count

    def move(self, *states: str, to: str, **changes) -> bool:
        """Go from one of `states` to another, if that is where it stands; the database decides between two who try."""
        moved = Issue.objects.filter(pk=self.pk, state__in=states).update(state=to, **changes) == 1
        if moved:
            self.state = to
            for name, value in changes.items():
                setattr(self, name, value)
        return moved

    def log(self, action: str, **more) -> None:
        """Add to the record of what was done with this issue."""
        IssueRecord.append({"action": action, "issue": self.pk, "number": self.number, **more}, issue_id=self.pk)

    def void(self, why: str) -> None:
        """Take the approval away, if there is one, and say why; a draft is composed from now on."""
        nothing = {"frozen": None, "approved_hash": "", "approved_by": None, "approved_at": None, "send_at": None}
        with transaction.atomic():
            if self.move(self.State.APPROVED, to=self.State.COMPOSED, **nothing, note=_("Approve again: %s.") % why):
                self.log("approval void", why=str(why))
            else:
                self.move(self.State.DRAFT, to=self.State.COMPOSED)


class Section(models.TextChoices):
    """The parts of an issue, in the order a reader meets them."""

    ARTICLES = "articles", _("Articles")
    PARTNERS = "partners", _("Sold places")
    EVENTS = "events", _("Events")
    JOBS = "jobs", _("Jobs")
    PROMOTIONS = "promotions", _("From ourselves")


class IssueItem(models.Model):
    """One card in an issue, and what was printed of it when the issue was frozen."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="items")
    card = models.ForeignKey(Card, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    section = models.CharField(max_length=12, choices=Section.choices)
    position = models.PositiveSmallIntegerField(default=0)
    slot = models.PositiveSmallIntegerField(null=True)  # the position that was sold, for a booked place
    snapshot = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("item of an issue")
        verbose_name_plural = _("items of an issue")
        ordering = ["issue", "section", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["issue", "card"], name="a_card_stands_once_in_an_issue")]

    def __str__(self):
        return f"{self.issue}: {self.section} {self.position}"


class Chunk(models.Model):
    """Some deliveries of an issue that one process hands over at a time. `owner` names that process's journal.

    Readers at a `domain` with a limit of its own stand in chunks of their own, so that the others need not wait.
    """

    class State(models.TextChoices):
        FREE = "free", "free"
        HANDING = "handing", "handing"
        DONE = "done", "done"
        SETTLED = "settled", "settled"

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="chunks", db_index=False)  # (issue, no) is one
    no = models.PositiveIntegerField()
    domain = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.FREE)
    owner = models.CharField(max_length=120, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "no"], name="one_chunk_a_number")]
        indexes = [models.Index(fields=["issue", "no"], condition=Q(state="free"), name="chunk_free")]

    def __str__(self):
        return f"{self.issue_id}/{self.no} {self.state}"


class Delivery(models.Model):
    """One issue to one reader. The database refuses a second one to the same reader or the same address."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        HANDING = "handing", _("being handed over")
        SENT = "sent", _("taken by the mail server")
        REJECTED = "rejected", _("refused for good")
        DEFERRED = "deferred", _("refused for now")
        EXPIRED = "expired", _("refused until it was too late")
        SKIPPED = "skipped", _("left out")
        AMBIGUOUS = "ambiguous", _("uncertain")

    OPEN = ("queued", "handing", "deferred")

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(Subscriber, models.SET_NULL, null=True, related_name="+", db_index=False)
    address = models.CharField(max_length=254)
    normalised = models.CharField(max_length=254)
    subject = models.CharField(max_length=32, blank=True)  # the subscriber's, for the links in the mail
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=20, blank=True)
    chunk_no = models.PositiveIntegerField()
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=10, blank=True)
    code = models.PositiveSmallIntegerField(default=0)
    reply = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "issue"], name="one_delivery_a_subscriber"),
            models.UniqueConstraint(fields=["issue", "normalised"], name="one_delivery_an_address"),
        ]
        indexes = [
            models.Index(fields=["issue", "chunk_no"], name="delivery_chunk"),
            models.Index(fields=["issue", "state"], name="delivery_books"),
        ]

    def __str__(self):
        return f"{self.issue_id}: {self.state}"


class Pace(models.Model):
    """How far the letters under one limit are let go: all of them ("") or those to one domain. See `pacing`."""

    key = models.CharField(max_length=120, unique=True)
    next_at = models.FloatField(default=0)  # seconds since 1970: a time that is added to, not shown
    strikes = models.PositiveSmallIntegerField(default=0)  # how often in a row the other side asked us to wait

    class Meta:
        verbose_name = _("pace")
        verbose_name_plural = _("paces")

    def __str__(self):
        return self.key or "*"


class Outbound(models.Model):
    """The one row that says which database on which machine may send, and since when it is held. See `holding`."""

    identity = models.CharField(max_length=64)
    seen_at = models.DateTimeField(default=timezone.now)  # the last minute in which the clock ran
    held_because = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("outbound mail")
        verbose_name_plural = _("outbound mail")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_way_out")]

    def __str__(self):
        return self.held_because or "open"


class IssueRecord(Record):
    """Who composed, approved, allowed, sent, paused and settled what: append-only (rule R6)."""

    issue = models.ForeignKey(Issue, models.DO_NOTHING, null=True, db_constraint=False, related_name="records")

    class Meta(Record.Meta):
        verbose_name = _("issue record")
        verbose_name_plural = _("issue records")


def host_of(title: Publication) -> str:
    """The host name of a title, for identifiers in mail headers."""
    return re.sub(r"^https?://|:\d+$", "", title.root_url) or "localhost"

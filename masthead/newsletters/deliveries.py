"""Who gets an issue and what became of it: its chunks and deliveries, and what lets them go."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masthead.subscribers.models import Subscriber


class Uncertain(models.TextChoices):
    """What is done with a letter that may have been taken and may not."""

    ONCE = "once", _("is listed for a person to decide: nobody gets it twice")
    DELIVERY = "delivery", _("is sent once more: somebody may get it twice")


class Chunk(models.Model):
    """Some deliveries of an issue that one process hands over at a time. `owner` names that process's journal.

    Readers at a `domain` with a limit of its own stand in chunks of their own, so that the others need not wait.
    """

    class State(models.TextChoices):
        FREE = "free", "free"
        HANDING = "handing", "handing"
        DONE = "done", "done"
        SETTLED = "settled", "settled"

    # Without an index of its own: (issue, no) is one.
    issue = models.ForeignKey("newsletters.Issue", models.CASCADE, related_name="chunks", db_index=False)
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

    issue = models.ForeignKey("newsletters.Issue", models.CASCADE, related_name="deliveries", db_index=False)
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

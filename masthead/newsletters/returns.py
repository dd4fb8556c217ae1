"""What comes back: a row for each mail that returned and what it changed, and the score of addresses that fail."""

from datetime import date, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masthead.publication.models import Publication


class ReturnQuerySet(models.QuerySet):
    def failed(self) -> "ReturnQuerySet":
        """Mails that say a letter did not arrive, of letters that are ours."""
        return self.filter(kind__in=[Return.Kind.HARD, Return.Kind.SOFT], delivery__isnull=False)

    def about_us(self) -> "ReturnQuerySet":
        """Refusals for who we are or what we wrote, never for the reader."""
        return self.failed().filter(policy=True)

    def to_read(self) -> "ReturnQuerySet":
        """Mails nobody but a person can make sense of. They are kept as files."""
        return self.filter(effect=Return.Effect.UNREAD)

    def by_day(self, days: int) -> "models.QuerySet":
        """Return rows of (day, kind, effect, n) of the last days, newest first."""
        since = timezone.now() - timedelta(days=days)
        rows = self.filter(at__gte=since).annotate(day=models.functions.TruncDate("at"))
        return rows.values("day", "kind", "effect").annotate(n=models.Count("pk")).order_by("-day", "kind", "effect")


class Return(models.Model):
    """One mail that came back, or one refusal at hand-over. The digest keeps the same one from counting twice.

    It holds no address: `reason` is what the server said with every address taken out, and the way to the reader is the
    delivery, which forgets them when they are erased.
    """

    class Kind(models.TextChoices):
        HARD = "hard", _("no such mailbox")
        SOFT = "soft", _("failed, with no proof against the mailbox")
        COMPLAINT = "complaint", _("reported as spam")
        OPTOUT = "optout", _("asks to leave")
        IGNORE = "ignore", _("nothing failed")

    class Effect(models.TextChoices):
        NOTHING = "nothing", _("nothing")
        SUPPRESSED = "suppressed", _("never written to again")
        SCORED = "scored", _("counted against the address")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        ARRIVED = "arrived", _("the address is well again")
        FORGED = "forged", _("nothing: not signed by us")
        OLD = "old", _("nothing: too old")
        UNMATCHED = "unmatched", _("nothing: not about a letter of ours")
        UNREAD = "unread", _("kept for a person to read")

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    via = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    policy = models.BooleanField(default=False)
    effect = models.CharField(max_length=14, choices=Effect.choices, default=Effect.NOTHING)
    delivery = models.ForeignKey("newsletters.Delivery", models.SET_NULL, null=True, related_name="returns")

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail that came back")
        verbose_name_plural = _("mails that came back")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}: {self.effect}"


class BounceScore(models.Model):
    """How often an address failed lately without proof against it: a point a day, gone stale after some days.

    Mailman's rule, with its figures. The address stands here as its print, so that erasing a reader needs no search.
    """

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    print = models.CharField(max_length=64)
    points = models.PositiveSmallIntegerField(default=0)
    on = models.DateField(null=True)  # the last day it was counted
    delivery = models.BigIntegerField(default=0)  # the last that failed

    class Meta:
        verbose_name = _("score of an address")
        verbose_name_plural = _("scores of addresses")
        constraints = [models.UniqueConstraint(fields=["publication", "print"], name="one_score_an_address")]

    def __str__(self):
        return f"{self.print[:12]}: {self.points}"

    def is_stale(self, day: date, days: int) -> bool:
        return self.on is not None and (day - self.on).days > days

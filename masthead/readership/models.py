"""How often something was followed, by hour; never by whom."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Link(models.Model):
    """A short address that leads to one stored target for good. `source` is where it stands, such as `issue:17`."""

    token = models.CharField(max_length=16, primary_key=True)
    source = models.CharField(max_length=40, db_index=True)
    target = models.URLField(max_length=2000)
    is_trap = models.BooleanField(default=False)  # no person can see it
    begun = models.DateTimeField(null=True)  # when its source went out: clicks count from then on

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self):
        return f"{self.token} → {self.target}"


class Click(models.Model):
    """One request for a link, kept until its day is summed up. `visitor` means nothing without the day's salt."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="clicks")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    visitor = models.CharField(max_length=24)
    sign = models.CharField(max_length=8, blank=True)

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")

    def __str__(self):
        return f"{self.link_id}, {self.at:%Y-%m-%d %H}"


class Tally(models.Model):
    """How often one link was followed in one hour, by one version of the method."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="tallies")
    hour = models.DateTimeField()
    method = models.PositiveSmallIntegerField()
    raw = models.PositiveIntegerField(default=0)
    machine = models.PositiveIntegerField(default=0)
    human = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("sum of an hour")
        verbose_name_plural = _("sums of hours")
        constraints = [models.UniqueConstraint(fields=["link", "hour", "method"], name="one_sum_an_hour")]

    def __str__(self):
        return f"{self.link_id}, {self.hour:%Y-%m-%d %H}: {self.raw}"


class Salt(models.Model):
    """What makes a visitor's mark of one day (UTC). It is destroyed with the day, and the marks mean nothing more."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField()

    class Meta:
        verbose_name = _("salt of a day")
        verbose_name_plural = _("salts of days")

    def __str__(self):
        return f"{self.day}"

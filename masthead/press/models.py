"""The recalls of a house: what changed, for every host to read."""

from django.db import models
from django.utils import timezone


class Recall(models.Model):
    """What was changed in one transaction, and so which printed pages are recalled: every host reads it (see watching).

    `transaction` is PostgreSQL's number of the writing transaction. Rows there come to be seen in another order than
    they were numbered in; with it a reader knows below which number nothing new can appear.
    """

    at = models.DateTimeField(default=timezone.now)
    names = models.JSONField(default=dict)
    transaction = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        verbose_name = "recall"
        verbose_name_plural = "recalls"

    def __str__(self):
        return f"{self.pk}: {', '.join(self.names)}"

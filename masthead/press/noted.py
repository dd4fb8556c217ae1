"""Rows that note themselves when a page takes them, and recall it when they change."""

from django.db import models, transaction
from django.db.models.signals import post_delete

from masthead.press.ingredients import note
from masthead.press.recalling import recall


class Noted(models.Model):
    """A row that pages are made of: it notes itself when it is read, and is recalled when it is saved or deleted.

    `also_changes()` gives more names: of the lists that a new row would stand on.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        note(row.own_name)
        return row

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            recall(self.own_name, *self.also_changes())

    @property
    def own_name(self) -> str:
        return f"{self._meta.model_name}:{self.pk}"

    def also_changes(self) -> list[str]:
        return []


def recall_deleted(sender, instance, **_more) -> None:
    """Recall what a deleted row was shown in; also where it went with another, or in a set."""
    recall(instance.own_name, *instance.also_changes())


def hear_of_the_deleted(models_) -> None:
    """Connect `recall_deleted` to the noted ones among these models, and to no other: it slows mass deletion down."""
    for model in models_:
        if issubclass(model, Noted):
            post_delete.connect(recall_deleted, sender=model, dispatch_uid=f"recall {model._meta.label}")

"""Forgetting: a reader erases everything. What the newsletters keep goes with it; the books still add up."""

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from masthead.newsletters import wearing
from masthead.newsletters.models import Delivery
from masthead.subscribers import leaving
from masthead.subscribers.models import Subscriber


def erase(subscriber: Subscriber) -> None:
    """Erase a subscriber everywhere. Deliveries stay as counted rows without address, subject or Message-ID."""
    with transaction.atomic():
        rows = Delivery.objects.filter(subscriber=subscriber)
        rows.filter(state__in=[Delivery.State.QUEUED, Delivery.State.DEFERRED]).update(
            state=Delivery.State.SKIPPED, reason="erased"
        )
        rows.update(
            address="",
            subject="",
            message_id="",
            reply="",
            normalised=Concat(Value("erased:"), F("pk"), output_field=Delivery._meta.get_field("normalised")),
        )
        wearing.mend(subscriber.publication, subscriber.address)
        leaving.erase(subscriber)

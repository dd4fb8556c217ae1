"""Capping: a reader gets at most so many mails in so many days, over all newsletters of a title (wish N-6)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection
from django.db.models import Case, Count, F, Q, Value, When
from django.utils import timezone

from masthead.newsletters.models import Delivery, Issue
from masthead.publication.models import Publication
from masthead.subscribers.addressing import Why
from masthead.subscribers.models import SubscriptionQuerySet

AT_ONCE = 2000
HANDED_OVER = (Delivery.State.SENT, Delivery.State.AMBIGUOUS)


def wait_for_turn(title: Publication) -> None:
    """Let no other issue of the title be planned before this transaction ends.

    Else two at once could both count on the last mail a reader may get. SQLite's writers stand in line by themselves.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [turn_of(title)])


def turn_of(title: Publication) -> str:
    """The name of the lock whose holder plans an issue of this title."""
    return f"{Delivery._meta.db_table}:{title.pk}"


def judged(rows: SubscriptionQuerySet, issue: Issue) -> SubscriptionQuerySet:
    """Return the rows with `why` set to the cap for readers who would get one mail too many."""
    title = issue.newsletter.publication
    if not title.most_mails:
        return rows
    had_enough = deliveries_that_count(issue, timezone.now() - timedelta(days=title.most_mails_days))
    readers = had_enough.order_by().values("subscriber").annotate(n=Count("pk")).filter(n__gte=title.most_mails)
    one_too_many = When(subscriber__in=readers.values("subscriber"), then=Value(Why.CAP.value))
    return rows.annotate(why=Case(When(~Q(why=""), then=F("why")), one_too_many, default=Value("")))


def deliveries_that_count(issue: Issue, since: datetime):
    """Deliveries of the title's other issues that a reader has got since then, may have got, or is still to get."""
    recent = Issue.objects.filter(newsletter__publication=issue.newsletter.publication).exclude(pk=issue.pk)
    recent = recent.filter(Q(finished_at=None) | Q(finished_at__gte=since))
    counts = Q(state__in=Delivery.OPEN) | Q(state__in=HANDED_OVER, changed_at__gte=since)
    return Delivery.objects.filter(counts, issue__in=recent, subscriber__isnull=False)


def note_skipped(issue: Issue, rows: SubscriptionQuerySet) -> int:
    """Write a delivery that was left out for each reader at the cap, so that each is on record; return how many."""
    columns = ("subscriber_id", "subscriber__subject", "subscriber__address", "subscriber__normalised")
    found = rows.filter(why=Why.CAP).order_by().values_list(*columns).iterator(AT_ONCE)
    skipped = (
        Delivery(
            issue=issue,
            subscriber_id=key,
            subject=subject,
            address=address,
            normalised=normalised,
            state=Delivery.State.SKIPPED,
            reason=Why.CAP,
            chunk_no=0,
        )
        for key, subject, address, normalised in found
    )
    return sum(len(Delivery.objects.bulk_create(some)) for some in _batches(skipped))


def _batches(deliveries: Iterator[Delivery]) -> Iterator[list[Delivery]]:
    while some := list(islice(deliveries, AT_ONCE)):
        yield some

"""Settling: what a killed process left is brought into the books, and what is uncertain is decided by a person."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from masthead.mail.transport import Outcome, Result, Stage
from masthead.newsletters import journal
from masthead.newsletters.models import Chunk, Delivery, Issue
from masthead.newsletters.planning import WINDOW

WAITS = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6))
DEADLINE = timedelta(hours=24)  # after that a letter is no news any more
STATE_OF = {
    Outcome.ACCEPTED: Delivery.State.SENT,
    Outcome.REJECTED: Delivery.State.REJECTED,
    Outcome.AMBIGUOUS: Delivery.State.AMBIGUOUS,
    Outcome.REQUEUE: Delivery.State.QUEUED,
}


def journals() -> Path:
    """The folder of journals. It must be on a disk of this machine."""
    return settings.DATA / "journals"


def enter(deliveries: Iterable[Delivery], results: dict[int, Result]) -> None:
    """Write the results of deliveries into the books. Call it in a transaction with what happens to their chunk."""
    now, changed = timezone.now(), []
    for delivery in deliveries:
        result = results.get(delivery.pk)
        if result is None:
            delivery.state = Delivery.State.QUEUED
        else:
            _apply(delivery, result, now)
        delivery.changed_at = now
        changed.append(delivery)
    columns = ["state", "reason", "stage", "code", "reply", "attempts", "next_at", "changed_at"]
    Delivery.objects.bulk_update(changed, columns)


def close_chunk(chunk: Chunk) -> None:
    """A chunk in which something waits again is free; else it is done. Call it in the transaction of `enter`."""
    waiting = Delivery.objects.filter(issue=chunk.issue_id, chunk_no=chunk.no, state=Delivery.State.QUEUED).exists()
    state = Chunk.State.FREE if waiting else Chunk.State.DONE
    Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.HANDING, owner=chunk.owner).update(state=state, owner="")


def recover() -> int:
    """Settle the chunks of processes that are dead, and return how many deliveries became uncertain."""
    uncertain = 0
    owners = Chunk.objects.filter(state=Chunk.State.HANDING).values_list("owner", flat=True).distinct()
    for owner in list(owners):
        with journal.of_the_dead(journals(), owner) as told:
            if told is not None:
                uncertain += _settle(owner, told)
                journal.forget(journals(), owner)
    _forget_idle_journals()
    return uncertain


def wake_deferred(issue: Issue) -> int:
    """Queue again, in new chunks, what was refused for now and has waited; give up what is too late."""
    now = timezone.now()
    with transaction.atomic():
        deferred = issue.deliveries.filter(state=Delivery.State.DEFERRED)
        if issue.started_at and issue.started_at < now - DEADLINE:
            deferred.update(state=Delivery.State.EXPIRED, changed_at=now)
            return 0
        due = list(deferred.filter(next_at__lte=now).order_by("pk"))
        first = (issue.chunks.aggregate(n=Max("no"))["n"] or 0) + 1
        for n, delivery in enumerate(due):
            delivery.state, delivery.chunk_no, delivery.changed_at = Delivery.State.QUEUED, first + n // WINDOW, now
        Delivery.objects.bulk_update(due, ["state", "chunk_no", "changed_at"])
        Chunk.objects.bulk_create(Chunk(issue=issue, no=first + n) for n in range(-(-len(due) // WINDOW)))
    return len(due)


def finish(issue: Issue) -> bool:
    """Close the books of an issue when nothing of it waits any more."""
    if issue.deliveries.filter(state__in=Delivery.OPEN).exists() or not issue.books_balance():
        return False
    with transaction.atomic():
        done = issue.move(Issue.State.SENDING, to=Issue.State.FINISHED, finished_at=timezone.now(), note="")
        if done:
            issue.log("finished", books=issue.books())
    return done


def decide(issue: Issue, delivery_keys: Iterable[int], state: str, user) -> int:
    """Say of uncertain deliveries that they were sent, or queue them again: a person's decision, kept by name.

    Queued again, a reader may get the letter twice, with the same Message-ID. Nothing else ever does that.
    """
    if state not in (Delivery.State.SENT, Delivery.State.QUEUED):
        raise ValueError("Uncertain deliveries are set to sent or queued.")
    with transaction.atomic():
        rows = list(issue.deliveries.filter(pk__in=list(delivery_keys), state=Delivery.State.AMBIGUOUS))
        for row in rows:
            row.state, row.reason, row.changed_at = state, "decided", timezone.now()
        if state == Delivery.State.QUEUED and rows:
            no = (issue.chunks.aggregate(n=Max("no"))["n"] or 0) + 1
            Chunk.objects.create(issue=issue, no=no)
            for row in rows:
                row.chunk_no = no
            issue.move(Issue.State.FINISHED, to=Issue.State.SENDING, finished_at=None)
        Delivery.objects.bulk_update(rows, ["state", "reason", "changed_at", "chunk_no"])
        if rows:
            issue.log("decided", to=state, deliveries=[row.pk for row in rows], by=user.get_username())
    return len(rows)


def give_up_the_rest(issue: Issue, user) -> int:
    """Stop an issue for good while it is being sent: what waits is left out, and the books close."""
    with transaction.atomic():
        waiting = issue.deliveries.filter(state__in=[Delivery.State.QUEUED, Delivery.State.DEFERRED])
        left = waiting.update(state=Delivery.State.SKIPPED, reason="stopped", changed_at=timezone.now())
        issue.move(Issue.State.PAUSED, to=Issue.State.SENDING)
        issue.log("stopped", left_out=left, by=user.get_username())
    finish(issue)
    return left


def _apply(delivery: Delivery, result: Result, now) -> None:
    delivery.stage, delivery.code, delivery.reply = result.stage, result.code, result.text[:300]
    delivery.state = STATE_OF.get(result.outcome, Delivery.State.DEFERRED)
    if result.outcome != Outcome.REQUEUE:
        delivery.attempts += 1
    if result.outcome == Outcome.DEFERRED:
        delivery.next_at = now + WAITS[min(delivery.attempts - 1, len(WAITS) - 1)]


def _forget_idle_journals() -> None:
    """Take away the journals of processes that were killed with no chunk in hand: they have nothing to tell."""
    for owner in journal.left_by_the_dead(journals()):
        if not Chunk.objects.filter(state=Chunk.State.HANDING, owner=owner).exists():
            journal.forget(journals(), owner)


def _settle(owner: str, told: journal.Told) -> int:
    """Without a journal to believe, everything that was in hand is uncertain; with one, only what has no answer."""
    uncertain = 0
    for chunk in Chunk.objects.filter(state=Chunk.State.HANDING, owner=owner):
        with transaction.atomic():
            rows = list(Delivery.objects.filter(issue=chunk.issue_id, chunk_no=chunk.no, state=Delivery.State.HANDING))
            lost = {row.pk for row in rows if not told.believed or row.pk in told.begun - set(told.answered)}
            results = {key: Result(key, Outcome.AMBIGUOUS, Stage.BODY, 0, "the process was killed") for key in lost}
            enter(rows, told.answered | results if told.believed else results)
            close_chunk(chunk)
            uncertain += len(lost)
    return uncertain

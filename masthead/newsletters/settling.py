"""Settling: results come into the books, also those a killed process left; what is uncertain, a person decides."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from masthead.mail.transport import Id, Outcome, Result, Stage
from masthead.newsletters import journal, pacing, returning
from masthead.newsletters.carrying import Row
from masthead.newsletters.models import Chunk, Delivery, Issue, Uncertain, host_of
from masthead.newsletters.planning import WINDOW

WAITS = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6))
DEADLINE = timedelta(hours=24)  # after that a letter is no news any more
AT_ONCE = 5000  # deliveries brought back in one transaction
STATE_OF = {
    Outcome.ACCEPTED: Delivery.State.SENT,
    Outcome.REJECTED: Delivery.State.REJECTED,
    Outcome.AMBIGUOUS: Delivery.State.AMBIGUOUS,
    Outcome.DEFERRED: Delivery.State.DEFERRED,
    Outcome.REQUEUE: Delivery.State.QUEUED,
}
ROW = ("pk", "address", "normalised", "subject", "attempts")


def journals() -> Path:
    """The folder of journals. It must be on a disk of this machine."""
    return settings.DATA / "journals"


def enter(issue: Issue, rows: Sequence[Row], results: Mapping[Id, Result], named: Callable[[Row], str]) -> None:
    """Write the results of deliveries in hand into the books; those without one wait again.

    Call it in a transaction with what happens to their chunk. `named` gives a row's Message-ID.
    """
    now = timezone.now()
    waiting = [row.id for row in rows if row.id not in results]
    if waiting:
        Delivery.objects.filter(pk__in=waiting).update(state=Delivery.State.QUEUED, changed_at=now)
    once = issue.newsletter.when_uncertain == Uncertain.ONCE
    entries = [_entry(row, results[row.id], now, once, named(row)) for row in rows if row.id in results]
    if entries:
        # A reader may have been erased meanwhile: then nothing comes back that leads to the address.
        with connection.cursor() as cursor:
            cursor.executemany(
                f"""UPDATE {Delivery._meta.db_table} SET state = %s, reason = %s, stage = %s, code = %s, attempts = %s,
                    next_at = %s, changed_at = %s, reply = CASE WHEN address = '' THEN '' ELSE %s END,
                    message_id = CASE WHEN address = '' THEN '' ELSE %s END
                    WHERE id = %s AND state = '{Delivery.State.HANDING}'""",  # noqa: S608 - our own names
                entries,
            )


def close_chunk(pk: int, issue_pk: int, no: int, owner: str) -> None:
    """A chunk in which something waits again is free; else it is done. Call it in the transaction of `enter`.

    `state || ''` keeps SQLite from looking through everybody who waits, by the index of the books, for this chunk's.
    """
    chunk, delivery = Chunk._meta.db_table, Delivery._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {chunk} SET owner = '', state = CASE WHEN EXISTS (SELECT 1 FROM {delivery}
                    WHERE issue_id = %s AND chunk_no = %s AND state || '' = 'queued') THEN 'free' ELSE 'done' END
                WHERE id = %s AND state = 'handing' AND owner = %s""",  # noqa: S608 - our own names
            [issue_pk, no, pk, owner],
        )


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
    deferred, woken = issue.deliveries.filter(state=Delivery.State.DEFERRED), 0
    if issue.started_at and issue.started_at < timezone.now() - DEADLINE:
        deferred.update(state=Delivery.State.EXPIRED, changed_at=timezone.now())
        return 0
    while True:
        with transaction.atomic():
            _one_at_a_time(issue)
            due = deferred.filter(next_at__lte=timezone.now()).order_by("pk")[:AT_ONCE]
            rows = list(due.values_list("pk", "normalised"))
            queue_again(issue, rows)
        woken += len(rows)
        if len(rows) < AT_ONCE:
            return woken


def finish(issue: Issue) -> bool:
    """Close the books of an issue when nothing of it waits any more. The database refuses where they do not balance."""
    deliveries = Delivery.objects.filter(issue=OuterRef("pk"))
    counted = deliveries.order_by().values("issue").annotate(n=Count("pk")).values("n")
    balanced = Issue.objects.filter(
        ~Exists(deliveries.filter(state__in=Delivery.OPEN)),
        pk=issue.pk,
        state=Issue.State.SENDING,
        planned_count=Coalesce(Subquery(counted), 0),
    )
    now = timezone.now()
    with transaction.atomic():
        done = balanced.update(state=Issue.State.FINISHED, finished_at=now, note="") == 1
        if done:
            issue.state, issue.finished_at, issue.note = Issue.State.FINISHED, now, ""
            issue.log("finished", books=issue.books())
    return done


def decide(issue: Issue, delivery_keys: Iterable[int] | None, state: str, user) -> int:
    """Say of uncertain deliveries (all with None) that they were sent, or queue them again: a person's decision.

    Queued again, a reader may get the letter twice, with the same Message-ID. Nothing else ever does that, but for a
    newsletter that was set to rather send twice. Kept by name.
    """
    if state not in (Delivery.State.SENT, Delivery.State.QUEUED):
        raise ValueError("Uncertain deliveries are set to sent or queued.")
    return _bring_back(issue, [Delivery.State.AMBIGUOUS], delivery_keys, state, user)


def try_again(issue: Issue, user) -> int:
    """Queue again what was refused for good or for too long; who has left since is left out at the hand-over."""
    failed = [Delivery.State.REJECTED, Delivery.State.EXPIRED]
    return _bring_back(issue, failed, None, Delivery.State.QUEUED, user)


def give_up_the_rest(issue: Issue, user) -> int:
    """Stop an issue for good while it is being sent: what waits is left out, and the books close."""
    with transaction.atomic():
        waiting = issue.deliveries.filter(state__in=[Delivery.State.QUEUED, Delivery.State.DEFERRED])
        left = waiting.update(state=Delivery.State.SKIPPED, reason="stopped", changed_at=timezone.now())
        issue.move(Issue.State.PAUSED, to=Issue.State.SENDING)
        issue.log("stopped", left_out=left, by=user.get_username())
    finish(issue)
    return left


def queue_again(issue: Issue, rows: Sequence[tuple[int, str]], **changes) -> None:
    """Put deliveries (key, normalised address) into new chunks. Call it in a transaction that holds the issue."""
    limited, places = pacing.limits(), defaultdict(list)
    for key, normalised in rows:
        domain = normalised.partition("@")[2]
        places[domain if domain in limited else ""].append(key)
    no, now = (issue.chunks.aggregate(n=Max("no"))["n"] or 0) + 1, timezone.now()
    for domain, keys in places.items():
        for at in range(0, len(keys), WINDOW):
            Chunk.objects.create(issue=issue, no=no, domain=domain)
            Delivery.objects.filter(pk__in=keys[at : at + WINDOW]).update(
                state=Delivery.State.QUEUED, chunk_no=no, changed_at=now, **changes
            )
            no += 1


def _bring_back(issue: Issue, states: list, keys: Iterable[int] | None, to: str, user) -> int:
    with transaction.atomic():
        _one_at_a_time(issue)
        found = issue.deliveries.filter(state__in=states).order_by("pk")
        if keys is not None:
            found = found.filter(pk__in=list(keys))
        rows = list(found.values_list("pk", "normalised"))
        if to == Delivery.State.QUEUED:
            queue_again(issue, rows, reason="decided")
            if rows:
                issue.move(Issue.State.FINISHED, to=Issue.State.SENDING, finished_at=None, started_at=timezone.now())
        else:
            found.update(state=to, reason="decided", changed_at=timezone.now())
        if rows:
            issue.log("decided", to=to, deliveries=[key for key, _address in rows], by=user.get_username())
    return len(rows)


def _one_at_a_time(issue: Issue) -> None:
    """Two who make new chunks of one issue do so one after the other (SQLite's writers stand in line anyway)."""
    Issue.objects.select_for_update().get(pk=issue.pk)


def _entry(row: Row, result: Result, now: datetime, once: bool, message_id: str) -> tuple:
    """One row's new columns, in the order of `enter`'s statement."""
    state, reason, next_at = STATE_OF[result.outcome], "", None
    attempts = row.attempts + (result.outcome is not Outcome.REQUEUE)
    if result.stage is Stage.LOCAL and result.outcome is Outcome.REJECTED:
        state, reason = Delivery.State.SKIPPED, "unfit"
    elif result.outcome is Outcome.AMBIGUOUS and not once and row.attempts == 0:
        state, reason = Delivery.State.DEFERRED, "uncertain"
    if state == Delivery.State.DEFERRED:
        next_at = now + WAITS[min(attempts, len(WAITS)) - 1]
    moment = connection.ops.adapt_datetimefield_value
    return (
        str(state),
        reason,
        str(result.stage),
        result.code,
        attempts,
        next_at and moment(next_at),
        moment(now),
        result.text[:300],
        message_id,
        row.id,
    )


def _forget_idle_journals() -> None:
    """Take away the journals of processes that were killed with no chunk in hand: they have nothing to tell."""
    for owner in journal.left_by_the_dead(journals()):
        if not Chunk.objects.filter(state=Chunk.State.HANDING, owner=owner).exists():
            journal.forget(journals(), owner)


def _settle(owner: str, told: journal.Told) -> int:
    """Without a journal to believe, everything that was in hand is uncertain; with one, only what has no answer."""
    uncertain = 0
    chunks = Chunk.objects.filter(state=Chunk.State.HANDING, owner=owner)
    for chunk in chunks.select_related("issue__newsletter__publication__site"):
        issue = chunk.issue
        with transaction.atomic():
            inside = issue.deliveries.filter(chunk_no=chunk.no, state=Delivery.State.HANDING)
            rows = [Row(*row) for row in inside.order_by("pk").values_list(*ROW)]
            lost = {row.id for row in rows if not told.believed or row.id in told.begun - told.answered.keys()}
            results: dict[Id, Result] = dict(told.answered.items()) if told.believed else {}
            results |= {key: Result(key, Outcome.AMBIGUOUS, Stage.BODY, 0, "the process was killed") for key in lost}
            enter(issue, rows, results, _namer(issue))
            close_chunk(chunk.pk, issue.pk, chunk.no, owner)
        uncertain += len(lost)
    return uncertain


def _namer(issue: Issue) -> Callable[[Row], str]:
    host = host_of(issue.publication)
    return lambda row: returning.message_id(row.id, issue.pk, row.normalised, host)

"""Claiming: one commit a window. It holds the results of the last chunks and the taking of the next.

Nothing of a chunk is on the wire before this commit, and it looks again at everything that may have changed since the
issue was planned: whether it still goes out, who has left, is suppressed or paused, and how fast letters may leave.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from masthead.newsletters import pacing, settling
from masthead.newsletters.carrying import IssueLetters, Parcel, Row
from masthead.newsletters.journal import Journal
from masthead.newsletters.models import Chunk, Delivery, Issue
from masthead.subscribers.addressing import Stopped, Why

DELIVERY, CHUNK, ISSUE = Delivery._meta.db_table, Chunk._meta.db_table, Issue._meta.db_table


@dataclass(frozen=True)
class Held:
    """A chunk in hand, and the parcel in which its letters go out."""

    chunk: int
    no: int
    domain: str
    parcel: Parcel


@dataclass
class Turn:
    """What a commit brought: chunks in hand, and what else is to be had: now, in `wait` seconds, or nothing (None)."""

    held: list[Held]
    wait: float | None
    at: datetime | None = None  # when they were taken


class Claims:
    """One process's claims on one issue."""

    def __init__(self, letters: IssueLetters, journal: Journal, stop: Callable[[], bool]):
        self.letters, self.issue = letters, letters.issue
        self.journal, self.stop = journal, stop
        self.rates = pacing.limits()
        newsletter = self.issue.newsletter
        self.stopped = Stopped(newsletter.publication, newsletter.kind, newsletter.theme)

    def turn(self, finished: Sequence[Held], want: int, held_back: Sequence[str] = ()) -> Turn:
        """Enter what is finished and take up to `want` free chunks, in one commit.

        `held_back` are the limits (domains, or "" for all) under which the other side asked us to wait.
        """
        with transaction.atomic():
            for held in finished:
                parcel = held.parcel
                settling.enter(self.issue, parcel.rows, parcel.settle(), self.letters.message_id)
                settling.close_chunk(held.chunk, self.issue.pk, held.no, self.journal.name)
            for key in held_back:
                pacing.hold_back(key)
            gates = pacing.Gates(self.rates)
            if gates.struck and not held_back and any(held.parcel.was_taken for held in finished):
                pacing.go_on(gates.struck)
            return self._take(gates, want) if want else Turn([], None)

    def _take(self, gates: pacing.Gates, want: int) -> Turn:
        wait = gates.wait(pacing.ALL)
        if wait:
            return Turn([], wait)
        closed = gates.closed()
        now = timezone.now()
        chunks = self._free_chunks(want, closed, now)
        if not chunks:
            return Turn([], self._until_open(gates, closed))
        rows = self._rows([no for _pk, no, _epoch, _domain in chunks])
        held = []
        for pk, no, epoch, domain in chunks:
            moments = gates.take(domain, len(rows[no])) if rows[no] else []
            timed = [row._replace(at=_clock(at)) for row, at in zip(rows[no], moments, strict=False)]
            if timed:
                held.append(Held(pk, no, domain, Parcel(f"{pk}.{epoch}", timed, self.letters, self.journal, self.stop)))
            else:
                settling.close_chunk(pk, self.issue.pk, no, self.journal.name)
        keys = [row.id for one in held for row in one.parcel.rows]
        if keys:
            moment = connection.ops.adapt_datetimefield_value(now)
            statement = f"UPDATE {DELIVERY} SET state = 'handing', changed_at = %s WHERE id IN ({_marks(keys)})"  # noqa: S608
            with connection.cursor() as cursor:
                cursor.execute(statement, [moment, *keys])
        gates.keep()
        self.journal.taken(keys)
        return Turn(held, 0.0, now)

    def _free_chunks(self, want: int, closed: list[str], now: datetime) -> list[tuple[int, int, int, str]]:
        """Take free chunks of an issue that is being sent: key, number, epoch and domain of each."""
        open_ones = f"AND domain NOT IN ({_marks(closed)})" if closed else ""
        lock = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
        at = connection.ops.adapt_datetimefield_value(now)
        taken = _all(
            f"""WITH free AS MATERIALIZED (
                    SELECT id FROM {CHUNK} WHERE issue_id = %s AND state = 'free' {open_ones}
                    AND EXISTS (SELECT 1 FROM {ISSUE} WHERE id = %s AND state = 'sending')
                    ORDER BY no LIMIT %s {lock})
                UPDATE {CHUNK} SET state = 'handing', owner = %s, epoch = epoch + 1, taken_at = %s
                WHERE state = 'free' AND id IN (SELECT id FROM free)
                RETURNING id, no, epoch, domain""",  # noqa: S608 - our own names; values are parameters
            [self.issue.pk, *closed, self.issue.pk, want, self.journal.name, at],
        )
        return sorted(taken, key=lambda row: row[1])

    def _rows(self, chunk_numbers: list[int]) -> dict[int, list[Row]]:
        """The waiting deliveries of chunks, by chunk, without those who must not get it any more: they are left out.

        `state || ''` is said for SQLite, as in `settling.close_chunk`.
        """
        found = _all(
            f"""SELECT chunk_no, subscriber_id, id, address, normalised, subject, attempts FROM {DELIVERY}
                WHERE issue_id = %s AND chunk_no IN ({_marks(chunk_numbers)}) AND state || '' = 'queued' ORDER BY id""",  # noqa: S608
            [self.issue.pk, *chunk_numbers],
        )
        left = self.stopped.among([subscriber for _no, subscriber, *_row in found if subscriber])
        rows, out = defaultdict(list), defaultdict(list)
        for no, subscriber, *row in found:
            why = left.get(subscriber) if subscriber else Why.ERASED
            out[why].append(row[0]) if why else rows[no].append(Row(*row))
        for why, keys in out.items():
            Delivery.objects.filter(pk__in=keys).update(
                state=Delivery.State.SKIPPED, reason=why.value, changed_at=timezone.now()
            )
        return rows

    def _until_open(self, gates: pacing.Gates, closed: list[str]) -> float | None:
        """Seconds until a domain with free chunks is open again; None where no chunk is free."""
        free = self.issue.chunks.filter(state=Chunk.State.FREE, domain__in=closed) if closed else None
        domains = set(free.values_list("domain", flat=True).distinct()) if free is not None else set()
        return min(map(gates.wait, domains), default=None)


def _clock(moment: float) -> float:
    return time.monotonic() + moment if moment > 0 else 0.0


def _all(statement: str, parameters: list) -> list[tuple]:
    """The rows of a statement that is asked for every few milliseconds: written out, as the ORM takes as long again."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _marks(values: Sequence) -> str:
    return ", ".join(["%s"] * len(values))

"""Sending: a process takes a chunk, hands its letters over one by one, and writes down what became of each.

Nothing is on the wire before the commit that took the chunk, and each body is begun in the journal before it may leave.
So a kill at any moment loses nobody and mails nobody twice; it leaves at most one delivery uncertain, which is listed
and decided by a person. SMTP can't do better (RFC 1047).
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from masthead.mail.addresses import BadAddress, Mailbox, check_address
from masthead.mail.letters import FrozenLetter, LetterError
from masthead.mail.transport import Connection, Envelope, Outcome, Result, Server, ServerGone, Stage, deliver
from masthead.newsletters import composing, planning, settling
from masthead.newsletters.journal import Journal
from masthead.newsletters.models import Chunk, Delivery, Issue, Newsletter, host_of
from masthead.newsletters.rendering import specimen
from masthead.subscribers import posting
from masthead.subscribers.addressing import stopped
from masthead.subscribers.tokens import choices_token, stop_token

log = logging.getLogger(__name__)

FRESH = 5.0  # seconds; after that the rest of a chunk is given back and taken again, with a new look at who has left
TURN = 20.0  # seconds one turn of the clock may take


def send_due(to: Server | None = None, seconds: float = TURN) -> int:
    """Plan what is due, settle what a dead process left, hand over for up to `seconds`; return how many were taken."""
    settling.recover()
    planning.plan_due()
    until = time.monotonic() + seconds
    going = Issue.objects.filter(state__in=[Issue.State.READY, Issue.State.SENDING])
    taken = 0
    for issue in going.select_related("newsletter__publication__site").order_by("send_at", "pk"):
        settling.wake_deferred(issue)
        taken += send(issue, to, lambda: time.monotonic() >= until)
    return taken


def send(issue: Issue, to: Server | None = None, stop: Callable[[], bool] = lambda: False) -> int:
    """Hand over chunks of an issue until none is left, `stop()` or the server is gone; return how many were taken.

    Several processes may do this at once. An item that was taken off after approval pauses the issue instead.
    """
    if _hold_for_withdrawn_item(issue):
        return 0
    issue.move(Issue.State.READY, to=Issue.State.SENDING, started_at=timezone.now())
    taken = 0
    with Turn(issue, to or posting.server(), settling.journals()) as turn:
        while not stop():
            results = turn.hand_over_one_chunk(stop)
            if results is None:
                break
            taken += sum(result.outcome == Outcome.ACCEPTED for result in results)
            if turn.gone or _refused_as_a_whole(issue, results):
                break
    settling.finish(issue)
    return taken


def pause(issue: Issue, user) -> bool:
    """Stop handing over; whoever is at it finishes the letter in hand."""
    paused = issue.move(Issue.State.READY, Issue.State.SENDING, to=Issue.State.PAUSED, note="")
    if paused:
        issue.log("paused", by=user.get_username())
    return paused


def resume(issue: Issue, user) -> bool:
    """Go on with a paused issue. Where an item was taken off, somebody must have allowed it by name first."""
    resumed = issue.move(Issue.State.PAUSED, to=Issue.State.SENDING, note="")
    if resumed:
        issue.log("resumed", by=user.get_username())
    return resumed


def send_test(issue: Issue, address: str, to: Server | None = None) -> Result:
    """Send the letter as it stands to one address, and return what the server said. Raises BadAddress, LetterError."""
    letter = FrozenLetter.from_bytes(bytes(issue.frozen)) if issue.frozen else composing.compose(issue)
    address = check_address(address)
    body = specimen(letter, issue.newsletter, Mailbox("", address))
    with Connection(to or posting.server()) as connection:
        (result,) = deliver(connection, [Envelope(0, posting.return_path_of(issue.publication), address, body)])
    return result


def message_id(delivery: Delivery, newsletter: Newsletter) -> str:
    """Return the same Message-ID for every attempt, so that a deliberate second one can be recognised."""
    said = f"{delivery.issue_id}:{delivery.normalised}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()[:32]
    return f"{digest}.{delivery.issue_id}@{host_of(newsletter.publication)}"


class Turn:
    """One process at work on one issue: its connection, its journal, and the chunk it holds."""

    def __init__(self, issue: Issue, server: Server, folder: Path):
        self.issue, self.newsletter = issue, issue.newsletter
        self.letter = FrozenLetter.from_bytes(issue.frozen_bytes())
        self.connection = Connection(server)
        self.folder = folder
        self.gone: ServerGone | None = None

    def __enter__(self) -> "Turn":
        self.journal = Journal(self.folder)
        return self

    def __exit__(self, kind, *_rest) -> None:
        self.connection.quit()
        # After an error something may stand in the journal only: it is left for `settling.recover`.
        self.journal.abandon() if kind else self.journal.close()

    def hand_over_one_chunk(self, stop: Callable[[], bool]) -> list[Result] | None:
        """Take a chunk, hand it over and enter the results; None where no chunk is free."""
        taken = self._take()
        if taken is None:
            return None
        chunk, rows = taken
        results = self._hand_over(rows, stop) if rows else {}
        with transaction.atomic():
            settling.enter(rows, results)
            settling.close_chunk(chunk)
        return list(results.values())

    def _take(self) -> tuple[Chunk, list[Delivery]] | None:
        """Take a free chunk, leave out who must not get it now, and commit, all before a byte leaves."""
        with transaction.atomic():
            if not Issue.objects.filter(pk=self.issue.pk, state=Issue.State.SENDING).exists():
                return None
            chunk = self._free_chunk()
            if chunk is None:
                return None
            queued = self.issue.deliveries.filter(chunk_no=chunk.no, state=Delivery.State.QUEUED)
            rows = self._without_the_stopped(list(queued.order_by("pk")))
            for row in rows:
                row.state, row.message_id = Delivery.State.HANDING, message_id(row, self.newsletter)
                row.changed_at = timezone.now()
            Delivery.objects.bulk_update(rows, ["state", "message_id", "changed_at"])
        return chunk, rows

    def _free_chunk(self) -> Chunk | None:
        while chunk := self.issue.chunks.filter(state=Chunk.State.FREE).order_by("no").first():
            mine = Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.FREE)
            chunk.owner, chunk.epoch, chunk.taken_at = self.journal.name, chunk.epoch + 1, timezone.now()
            if mine.update(state=Chunk.State.HANDING, owner=chunk.owner, epoch=chunk.epoch, taken_at=chunk.taken_at):
                return chunk
        return None

    def _without_the_stopped(self, rows: list[Delivery]) -> list[Delivery]:
        newsletter = self.newsletter
        keys = [row.subscriber_id for row in rows if row.subscriber_id]
        left = stopped(newsletter.publication, newsletter.kind, newsletter.theme, keys)
        out = [row for row in rows if row.subscriber_id is None or row.subscriber_id in left]
        for row in out:
            row.state, row.changed_at = Delivery.State.SKIPPED, timezone.now()
            row.reason = left[row.subscriber_id].value if row.subscriber_id in left else "erased"
        Delivery.objects.bulk_update(out, ["state", "reason", "changed_at"])
        skipped = {row.pk for row in out}
        return [row for row in rows if row.pk not in skipped]

    def _hand_over(self, rows: list[Delivery], stop: Callable[[], bool]) -> dict[int, Result]:
        results: dict[int, Result] = {}
        envelopes = self._envelopes(rows, results, stop)
        try:
            for result in deliver(
                self.connection, envelopes, before_body=self.journal.begun, after_reply=self.journal.answered
            ):
                results[int(result.id)] = result
        except ServerGone as gone:
            self.gone = gone
            self.issue.move(Issue.State.SENDING, to=Issue.State.SENDING, note=str(gone)[:400])
            log.warning("%s waits for the mail server: %s", self.issue, gone)
        return results

    def _envelopes(
        self, rows: list[Delivery], results: dict[int, Result], stop: Callable[[], bool]
    ) -> Iterator[Envelope]:
        """The letters of a chunk, until it is no longer fresh or we are told to stop; the rest goes back."""
        begun, path = time.monotonic(), posting.return_path_of(self.newsletter.publication)
        for row in rows:
            if stop() or time.monotonic() - begun > FRESH:
                return
            try:
                yield Envelope(row.pk, path, row.address, self._filled(row))
            except (LetterError, BadAddress) as error:
                results[row.pk] = Result(row.pk, Outcome.REJECTED, Stage.LOCAL, 0, str(error))

    def _filled(self, row: Delivery) -> bytes:
        newsletter = self.newsletter
        return self.letter.fill(
            {
                "to": Mailbox("", row.address),
                "date": timezone.localtime(timezone=newsletter.zone),
                "message_id": row.message_id,
                "stop": stop_token(row.subject, newsletter.kind, newsletter.theme),
                "choices": choices_token(row.subject),
            }
        )


def _hold_for_withdrawn_item(issue: Issue) -> bool:
    """Pause an issue that holds something taken off since; a person lets it go on or stops it."""
    gone = composing.withdrawn(issue)
    if not gone or any(override["code"] == "withdrawn" for override in issue.overrides):
        return False
    headline = gone[0].snapshot.get("title", "")
    note = f"“{headline}” was taken off after the issue was approved."
    if issue.move(Issue.State.READY, Issue.State.SENDING, to=Issue.State.PAUSED, note=note[:400]):
        issue.log("paused", why=note)
    return True


def _refused_as_a_whole(issue: Issue, results: list[Result]) -> bool:
    """Pause where the server refuses us, not a reader: every letter of a chunk refused before or after its address."""
    about_us = [r for r in results if r.outcome == Outcome.REJECTED and r.stage in (Stage.MAIL, Stage.DATA, Stage.BODY)]
    if len(about_us) < max(5, len(results)):
        return False
    note = f"The mail server refuses every letter: {about_us[0].code} {about_us[0].text}"[:400]
    if issue.move(Issue.State.SENDING, to=Issue.State.PAUSED, note=note):
        issue.log("paused", why=note)
    return True

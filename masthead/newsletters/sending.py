"""Sending: a process takes chunks, hands their letters over, and writes down what became of each.

Nothing is on the wire before the commit that took the chunk, and each body is begun in the journal before it may leave.
So a kill at any moment loses nobody and mails nobody twice; it leaves at most one delivery a connection uncertain,
which is listed and decided by a person. SMTP can't do better (RFC 1047).
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path

from django.db import OperationalError
from django.utils import timezone

from masthead.mail.addresses import Mailbox, check_address
from masthead.mail.letters import FrozenLetter
from masthead.mail.transport import Connection, Envelope, Outcome, Result, Server, ServerGone, Stage, deliver
from masthead.newsletters import composing, holding, pacing, planning, providing, settling
from masthead.newsletters.carrying import Carrier, IssueLetters, Letter
from masthead.newsletters.claiming import Claims, Held, Turn
from masthead.newsletters.journal import Journal
from masthead.newsletters.models import Issue
from masthead.newsletters.rendering import specimen
from masthead.subscribers import posting

log = logging.getLogger(__name__)

TURN = 20.0  # seconds at one issue before the next has its turn
PATIENCE = 12.0  # seconds a process that is told to stop waits for the mail server's last answers
TOO_LONG = 2.0  # seconds to wait for a limit with nothing in hand; beyond, another issue may have its turn
RETRY = 1.0  # seconds before a commit that failed is tried again, for ever


class StillUnanswered(Exception):
    """The process was told to stop and the mail server does not answer; the journal tells the rest."""


class Crew:
    """What a process hands over with: its carriers, one a connection, and its journal. One carrier works by itself."""

    def __init__(self, carriers: Sequence[Carrier], folder: Path):
        self.free = list(carriers)
        self.carriers = tuple(carriers)
        self.told_to_stop: Callable[[], bool] = lambda: False  # the whole process, not only this turn of it
        self.executor: Executor = ThreadPoolExecutor(len(carriers), "carrier") if len(carriers) > 1 else _AtOnce()
        self.folder = folder

    def __enter__(self) -> "Crew":
        self.journal = Journal(self.folder)
        return self

    def __exit__(self, kind, *_rest) -> None:
        if kind is StillUnanswered:
            self.executor.shutdown(wait=False)
        else:
            self.executor.shutdown()
            self.rest()
        # After an error something may stand in the journal only: it is left for `settling.recover`.
        self.journal.abandon() if kind else self.journal.close()

    def rest(self) -> None:
        """Take leave of the mail server until there is more to do."""
        for carrier in self.carriers:
            carrier.close()

    def carry(self, held: Held) -> Future:
        carrier = self.free.pop()

        def work() -> None:
            try:
                carrier.carry(held.parcel)
            finally:
                self.free.append(carrier)

        return self.executor.submit(work)


class _AtOnce(Executor):
    """Does what it is given in the thread that gives it."""

    def submit(self, fn, /, *args, **kwargs) -> Future:
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def send_due(to: Server | None = None, seconds: float = TURN) -> int:
    """Plan what is due, settle what a dead process left, hand over for up to `seconds`; return how many were taken."""
    look_after()
    until = time.monotonic() + seconds
    return sum(send(issue, to, lambda: time.monotonic() >= until) for issue in going())


def look_after() -> None:
    """Do for all issues what needs no mail server: settle what the dead left, plan, wake what has waited, finish.

    Nothing is done in a house whose mail is held.
    """
    if holding.look():
        return
    settling.recover()
    planning.plan_due()
    for issue in going():
        settling.wake_deferred(issue)
        settling.finish(issue)


def going() -> list[Issue]:
    """Return the issues on their way out, the one due first at the head; none while mail is held."""
    if holding.why_held():
        return []
    found = Issue.objects.filter(state__in=[Issue.State.READY, Issue.State.SENDING])
    return list(found.select_related("newsletter__publication__site").order_by("send_at", "pk"))


def send(issue: Issue, to: Server | None = None, stop: Callable[[], bool] = lambda: False) -> int:
    """Hand over an issue in this thread until none of it is left, `stop()` or the server is gone; return how many."""
    with Crew(providing.carriers(1, to), settling.journals()) as crew:
        return hand_over(issue, crew, stop)


def hand_over(issue: Issue, crew: Crew, stop: Callable[[], bool]) -> int:
    """Hand over chunks of an issue until none is free, `stop()` or the server is gone; return how many were taken.

    Several processes may do this at once. An item that was taken off after approval pauses the issue instead.
    Raises StillUnanswered.
    """
    if _hold_for_withdrawn_item(issue):
        return 0
    issue.move(Issue.State.READY, to=Issue.State.SENDING, started_at=timezone.now())
    shift = Shift(issue, crew, stop)
    try:
        shift.work()
    finally:
        settling.finish(issue)
    return shift.taken


def pause(issue: Issue, user) -> bool:
    """Stop handing over; whoever is at it finishes the chunk in hand, within seconds."""
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
    sender = posting.return_path_of(issue.publication)
    by_provider = None if to else providing.send_one(Letter(0, sender, address, "", body))
    if by_provider:
        return by_provider
    with Connection(to or posting.server()) as connection:
        (result,) = deliver(connection, [Envelope(0, sender, address, body)])
    return result


class Shift:
    """One process at work on one issue. The thread that runs it alone touches the database; carriers only carry."""

    def __init__(self, issue: Issue, crew: Crew, stop: Callable[[], bool]):
        self.issue, self.crew = issue, crew
        self.claims = Claims(IssueLetters(issue), crew.journal, stop)
        self.stop, self.stopped_at = stop, 0.0
        self.in_hand: dict[Future, Held] = {}
        self.over = False  # nothing more is taken
        self.taken = 0

    def work(self) -> None:
        """Turn after turn: enter what came back, take as much as there are hands free, until nothing is in hand."""
        finished: list[Held] = []
        trouble: list[BaseException] = []
        while True:
            turn = self._commit(finished)
            self._note(finished)
            if turn.held and turn.at:
                holding.note_taken(turn.held[-1].chunk, turn.at)
            for held in turn.held:
                self.in_hand[self.crew.carry(held)] = held
            if not self.in_hand and self._is_done(turn):
                break
            finished, failed = self._come_back(turn.wait)
            trouble += failed
            self.over = self.over or bool(failed)
        if trouble:
            raise trouble[0]

    def _commit(self, finished: list[Held]) -> Turn:
        """The one commit of a turn. What is finished is entered, however long the database makes us wait for it."""
        journal = self.crew.journal
        while True:
            self.over = self.over or self.stop()
            if journal.is_large and len(self.in_hand) == 0 and not finished:
                journal.empty()
            want = 0 if self.over or journal.is_large else len(self.crew.free)
            try:
                return self.claims.turn(finished, want, self._held_back(finished))
            except (OperationalError, OSError) as error:
                if not finished and not self.in_hand:
                    raise
                self.over = True
                log.error("%s: the books can't be written, it is tried again: %s", self.issue, error)
                self._give_up_when_stopped()
                time.sleep(RETRY)

    def _is_done(self, turn: Turn) -> bool:
        """Whether nothing is left to do here; else wait a little for the limit that stands against it."""
        if self.over or turn.wait is None or turn.wait > TOO_LONG:
            return not (self.crew.journal.is_large and not self.over)
        time.sleep(min(turn.wait, 0.2))
        return False

    def _come_back(self, pause: float | None) -> tuple[list[Held], list[BaseException]]:
        """Wait for the first parcels to come back, or for the moment more may be taken."""
        if not self.in_hand:
            return [], []
        more = pause if self.crew.free and pause else None
        done, _rest = wait(self.in_hand, more if more else 1.0, FIRST_COMPLETED)
        self._give_up_when_stopped()
        finished, failed = [], []
        for future in done:
            held = self.in_hand.pop(future)
            error = future.exception()
            if isinstance(error, ServerGone):
                held.parcel.gone = error
                self.over = True
            elif error:
                failed.append(error)
            finished.append(held)
        return finished, failed

    def _give_up_when_stopped(self) -> None:
        if self.crew.told_to_stop() and self.in_hand:
            self.stopped_at = self.stopped_at or time.monotonic()
            if time.monotonic() - self.stopped_at > PATIENCE:
                raise StillUnanswered

    def _held_back(self, finished: list[Held]) -> list[str]:
        keys = {pacing.ALL if held.parcel.gone else held.domain for held in finished if held.parcel.asks_to_wait}
        return sorted(keys)

    def _note(self, finished: list[Held]) -> None:
        """Count what was taken, and say on the issue's page what is wrong."""
        for held in finished:
            parcel = held.parcel
            self.taken += sum(result.outcome is Outcome.ACCEPTED for result in parcel.results.values())
            if parcel.gone:
                self.issue.move(Issue.State.SENDING, to=Issue.State.SENDING, note=str(parcel.gone)[:400])
                log.warning("%s waits for the mail server: %s", self.issue, parcel.gone)
            elif _refused_as_a_whole(self.issue, list(parcel.results.values())):
                self.over = True
            elif self.issue.note and parcel.was_taken:
                self.issue.move(Issue.State.SENDING, to=Issue.State.SENDING, note="")


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

"""Carrying: the one seam through which letters leave the house. SMTP is one carrier; others stand beside it.

The engine takes a chunk of deliveries, commits that it has them in hand, and gives a carrier a `Parcel`. A carrier

1. takes letters from `parcel.letters()`. It ends early when the house stops or the chunk is no longer fresh: what was
   not taken from it waits again. A `None` in it means "nothing to hand over just now": send what you hold back. Who
   hands over in batches takes `parcel.batch()`, the whole chunk as a list.
2. calls `parcel.begin(id)` for a letter before the first byte of it can reach the other side (for a batch: for all of
   them before the call). From there to the answer a kill leaves the letter uncertain.
3. calls `parcel.answer(id, result)` as soon as the fate of a letter is known. `Result` is `mail.transport`'s: ACCEPTED,
   DEFERRED (try later), REJECTED (never), REQUEUE (certainly not taken, nobody's fault), AMBIGUOUS (it may have been
   taken: a time-out after the call was made; it is listed and not sent again by itself).
4. raises `ServerGone` when nothing can be handed over now; the engine waits longer each time before it tries again.

Begun and not answered is AMBIGUOUS; neither begun nor answered waits again. So whatever a carrier raises, nobody is
mailed twice and nobody is lost. A carrier is used by one thread at a time and must not touch the database: what it
needs is in the letters. `parcel.key` names chunk and attempt: a provider that knows idempotency keys gets this one.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Protocol

from django.utils import timezone

from masthead.mail import returnpath
from masthead.mail.addresses import BadAddress, Mailbox
from masthead.mail.letters import FrozenLetter, LetterError
from masthead.mail.transport import Connection, Envelope, Id, Outcome, Result, Server, ServerGone, Stage, deliver
from masthead.newsletters import returning
from masthead.newsletters.models import Issue, host_of
from masthead.newsletters.rendering import Reading, read
from masthead.subscribers import posting
from masthead.subscribers.tokens import choices_token, stop_token

FRESH = 5.0  # seconds; after that the rest of a chunk is given back and taken again, with a new look at who has left


class Row(NamedTuple):
    """One delivery in hand. `at` is the moment of `time.monotonic` before which it may not leave (0: at once)."""

    id: int
    address: str
    normalised: str
    subject: str  # the subscriber's, for the links in the letter
    attempts: int = 0
    at: float = 0.0


class Letter(NamedTuple):
    """One finished letter. `sender` is its own signed return path; `message_id` stands in `body`, here without <>."""

    id: int
    sender: str
    recipient: str
    message_id: str
    body: bytes

    @property
    def parts(self) -> Reading:
        """Headers (names in lower case), text and HTML apart, for who can't take finished bytes: a millisecond."""
        return read(self.body)


class Journalling(Protocol):
    def begun(self, delivery: Id) -> None: ...

    def answered(self, delivery: Id, result: Result) -> None: ...


class Carrier(Protocol):
    """Hands over the letters of a parcel; see the rules above."""

    def carry(self, parcel: "Parcel") -> None: ...

    def close(self) -> None: ...


class IssueLetters:
    """The letters of one issue, filled for one reader at a time from the frozen one."""

    def __init__(self, issue: Issue):
        self.issue, self.newsletter = issue, issue.newsletter
        self.title, self.host = issue.publication, host_of(issue.publication)
        self.frozen = FrozenLetter.from_bytes(issue.frozen_bytes())
        self.domain, self.key, self.zone = posting.sender_domain(), returning.keys()[0], issue.newsletter.zone
        self.now = (
            timezone.now().replace(microsecond=0).astimezone(self.zone)
        )  # to the second: each letter says when it left

    def message_id(self, row: Row) -> str:
        return returning.message_id(row.id, self.issue.pk, row.normalised, self.host)

    def letter(self, row: Row) -> Letter:
        """Return the letter of one delivery. Raises LetterError, BadAddress: then this row is at fault."""
        newsletter, message_id = self.newsletter, self.message_id(row)
        if time.time() - self.now.timestamp() >= 1:
            self.now = self._second()
        body = self.frozen.fill(
            {
                "to": Mailbox("", row.address),
                "date": self.now,
                "message_id": message_id,
                "stop": stop_token(row.subject, newsletter.kind, newsletter.theme),
                "choices": choices_token(row.subject),
            }
        )
        sender = returnpath.make(row.id, self.now.date(), self.domain, self.key)
        return Letter(row.id, sender, row.address, message_id, body)

    def _second(self) -> datetime:
        """Each letter says to the second when it left."""
        return timezone.now().replace(microsecond=0).astimezone(self.zone)


@dataclass
class Parcel:
    """A chunk of deliveries in hand, on its way through a carrier. `results` is what is known of them so far."""

    key: str
    rows: Sequence[Row]
    of: IssueLetters
    journal: Journalling
    stop: Callable[[], bool] = lambda: False
    results: dict[Id, Result] = field(default_factory=dict)
    begun: set[Id] = field(default_factory=set)
    gone: ServerGone | None = None  # why the rest of it could not be handed over

    @property
    def was_taken(self) -> bool:
        """Whether the other side took a letter of it."""
        return any(result.outcome is Outcome.ACCEPTED for result in self.results.values())

    @property
    def asks_to_wait(self) -> bool:
        """Whether the other side is gone, or puts off every second letter."""
        put_off = sum(result.outcome is Outcome.DEFERRED for result in self.results.values())
        return self.gone is not None or put_off >= max(5, len(self.results) / 2)

    @property
    def issue(self) -> Issue:
        return self.of.issue

    @cached_property
    def fresh_until(self) -> float:
        return time.monotonic() + FRESH

    def letters(self) -> Iterator[Letter | None]:
        """Yield the letters when their moment has come. A row whose letter can't be made is answered here."""
        fresh_until = self.fresh_until
        for row in self.rows:
            if row.at:
                yield None
                time.sleep(max(0.0, row.at - time.monotonic()))
            if self.stop() or time.monotonic() > fresh_until:
                return
            try:
                letter = self.of.letter(row)
            except (LetterError, BadAddress) as error:
                self.answer(row.id, Result(row.id, Outcome.REJECTED, Stage.LOCAL, 0, str(error)))
            else:
                yield letter

    def batch(self) -> list[Letter]:
        return [letter for letter in self.letters() if letter]

    def begin(self, id: Id) -> None:
        self.journal.begun(id)
        self.begun.add(id)

    def answer(self, id: Id, result: Result) -> None:
        self.results[id] = result
        if id in self.begun and result.outcome is not Outcome.AMBIGUOUS:
            self.journal.answered(id, result)

    def settle(self) -> dict[Id, Result]:
        """Return the results, with what was begun and never answered as uncertain."""
        for id in self.begun - self.results.keys():
            self.results[id] = Result(id, Outcome.AMBIGUOUS, Stage.BODY, 0, "no answer came")
        return self.results


class ByServer:
    """The carrier over SMTP: one connection, kept from parcel to parcel."""

    def __init__(self, server: Server):
        self.connection = Connection(server)

    def carry(self, parcel: Parcel) -> None:
        """Hand over with command pipelining: at most one letter at a time is begun and not answered."""
        envelopes = (letter and Envelope(letter.id, *letter[1:3], letter.body) for letter in parcel.letters())
        for result in deliver(self.connection, envelopes, before_body=parcel.begin, after_reply=parcel.answer):
            if result.id not in parcel.results:
                parcel.answer(result.id, result)

    def close(self) -> None:
        self.connection.quit()

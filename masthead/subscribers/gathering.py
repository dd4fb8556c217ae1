"""Gathering: readers of a list from elsewhere are taken in, each with the evidence that it was a list.

A no always wins: over a yes in the same list, in a later one, and over whatever a list brought in before. What a reader
has said here with a button of our own, yes or no, is never changed by a list.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.utils import timezone

from masthead.mail.addresses import check_address, normalise
from masthead.publication.models import Publication
from masthead.subscribers.models import (
    Arrival,
    ConsentRecord,
    Subscriber,
    Subscription,
    Suppression,
    new_subject,
)
from masthead.subscribers.texts import ConsentText

TRIES = 3  # a sign-up may make the same subscriber between our look and our write


class Said(StrEnum):
    """What a list says of an address."""

    YES = "yes"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    NOT_CONFIRMED = "not_confirmed"


class Fate(StrEnum):
    """What became of one row of a list. Each row has exactly one, or is broken."""

    TAKEN = "taken"
    KNOWN = "known"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    NOT_CONFIRMED = "not_confirmed"


class Overtaken(RuntimeError):
    """Another process brings the same list in, and has come further."""


class NoWords(LookupError):
    """There is no consent text to hold the readers of a list under."""


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row: the address, its two keys, and what the list says of it, as it says it."""

    number: int
    address: str
    normalised: str
    print: str
    said: Said = Said.YES
    said_at: str = ""
    source: str = ""


def row_of(number: int, address: str, said: Said = Said.YES, said_at: str = "", source: str = "") -> Row:
    """Return a row ready to be taken in. Raises BadAddress."""
    address = check_address(address)
    one = normalise(address)
    return Row(number, address, one, hashlib.sha256(one.encode()).hexdigest(), said, said_at, source)


def text_for(title: Publication, kind: str) -> ConsentText:
    """Return the words that hold for readers of a list brought in for this kind. Raises NoWords."""
    text = ConsentText.current(title, kind, title.language)
    if text is None:
        raise NoWords(f"{title} has no consent text for this kind of mail. Write one at the desk first.")
    return text


def gather(title: Publication, kind: str, addresses: Iterable[str], *, evidence: str) -> Counter[str]:
    """Take in a short list of addresses that said yes elsewhere, and count what became of them.

    Raises BadAddress before anything is written, and NoWords.
    """
    rows = [row_of(number, address) for number, address in enumerate(addresses, 1)]
    with transaction.atomic():
        arrival = Arrival.objects.create(publication=title, kind=kind, file_name="", evidence=evidence)
        take_in(arrival, rows, text_for(title, kind))
        Arrival.objects.filter(pk=arrival.pk).update(state=Arrival.State.DONE)
    return Counter(arrival.counts)


def take_in(arrival: Arrival, rows: Sequence[Row], text: ConsentText, broken: Counter | None = None) -> Counter[str]:
    """Enter the next rows of a list and how far it has come, in one transaction, and return what became of them.

    `broken` counts rows of the file that could not be read, by reason; they are part of how far it has come.
    Raises Overtaken, with nothing entered, where another process has entered these rows.
    """
    for left in reversed(range(TRIES)):
        try:
            return _Batch(arrival, text).enter(rows, broken or Counter())
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("unreachable")


def weigh(arrival: Arrival, rows: Sequence[Row], text: ConsentText) -> tuple[Counter[str], list[tuple[str, Fate]]]:
    """Return what would become of rows, and the print and fate of each that would be written; enter nothing.

    It knows nothing of rows weighed before.
    """
    batch = _Batch(arrival, text)
    return batch.weighed(rows), batch.written


@dataclass
class _Batch:
    """Some rows of a list against what is kept of their addresses; the writes gathered, then done at once."""

    arrival: Arrival
    text: ConsentText
    now: datetime = field(default_factory=timezone.now)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    suppressions: dict[str, int | None] = field(default_factory=dict)  # by print: the arrival that brought it
    new_subscribers: list[Subscriber] = field(default_factory=list)
    new_subscriptions: list[Subscription] = field(default_factory=list)
    withdrawn: list[Subscription] = field(default_factory=list)
    new_suppressions: list[Suppression] = field(default_factory=list)
    records: list[tuple[dict, dict]] = field(default_factory=list)
    written: list[tuple[str, Fate]] = field(default_factory=list)

    def enter(self, rows: Sequence[Row], broken: Counter) -> Counter[str]:
        with transaction.atomic():
            ConsentRecord.wait_for_turn()
            counted = self.weighed(rows)
            self._write()
            counts = Counter(self.arrival.counts) + counted + Counter({f"broken:{why}": n for why, n in broken.items()})
            done = self.arrival.rows_done + len(rows) + broken.total()
            here = Arrival.objects.filter(pk=self.arrival.pk, rows_done=self.arrival.rows_done)
            if not here.update(state=Arrival.State.READING, counts=counts, rows_done=done):
                raise Overtaken("Another process is bringing this list in. Wait until it has ended.")
        self.arrival.counts, self.arrival.rows_done = dict(counts), done
        return counted

    def weighed(self, rows: Sequence[Row]) -> Counter[str]:
        """Every no before every yes, so that it does not matter which stands first."""
        self._look_up(rows)
        counted: Counter[str] = Counter()
        for row in sorted(rows, key=lambda row: row.said == Said.YES):
            before = len(self.records)
            fate = self._fate(row)
            counted[fate.value] += 1
            if len(self.records) > before:
                self.written.append((row.print, fate))
        return counted

    def _fate(self, row: Row) -> Fate:
        if row.said == Said.NOT_CONFIRMED:
            return Fate.NOT_CONFIRMED
        return self._a_yes(row) if row.said == Said.YES else self._a_no(row)

    def _look_up(self, rows: Sequence[Row]) -> None:
        title = self.arrival.publication
        found = Subscriber.objects.filter(publication=title, normalised__in={row.normalised for row in rows})
        self.subscribers = {subscriber.normalised: subscriber for subscriber in found}
        by_key = {subscriber.pk: subscriber for subscriber in self.subscribers.values()}
        held = Subscription.objects.filter(subscriber__in=by_key, kind=self.arrival.kind, theme="")
        for subscription in held:
            subscription.subscriber = by_key[subscription.subscriber_id]
            self.subscriptions[subscription.subscriber.normalised] = subscription
        standing = Suppression.objects.standing().filter(publication=title, print__in={row.print for row in rows})
        self.suppressions = dict(standing.values_list("print", "arrival_id"))

    def _a_yes(self, row: Row) -> Fate:
        if row.print in self.suppressions:
            return Fate.SUPPRESSED
        held = self.subscriptions.get(row.normalised)
        if held is not None:
            return self._same(held.arrival_id)
        self._hold(row, Subscription.State.CONFIRMED, "confirmed")
        return Fate.TAKEN

    def _a_no(self, row: Row) -> Fate:
        subscriber = self.subscribers.get(row.normalised)
        if row.print in self.suppressions:
            return self._same(self.suppressions[row.print])
        if subscriber is not None and row.said == Said.LEFT:
            return self._a_no_of_somebody_known(row)
        if subscriber is not None and self._has_confirmed_here(subscriber):
            return Fate.KNOWN
        self._suppress(row, subscriber)
        return Fate(row.said.value)

    def _a_no_of_somebody_known(self, row: Row) -> Fate:
        """A no to this kind of mail takes nothing from the others that somebody gets."""
        held = self.subscriptions.get(row.normalised)
        if held is None:
            self._hold(row, Subscription.State.WITHDRAWN, "withdrawn")
            return Fate.LEFT
        if held.arrival_id is None or held.state != Subscription.State.CONFIRMED:
            return self._same(held.arrival_id)
        held.state, held.withdrawn_at = Subscription.State.WITHDRAWN, self.now
        if held.pk:
            self.withdrawn.append(held)
        self._log(row, held.subscriber.subject, "withdrawn")
        return Fate.LEFT

    def _hold(self, row: Row, state: str, action: str) -> None:
        title = self.arrival.publication
        subscriber = self.subscribers.get(row.normalised)
        if subscriber is None:
            subscriber = Subscriber(
                publication=title,
                address=row.address,
                normalised=row.normalised,
                print=row.print,
                language=title.language,
                created_at=self.now,
            )
            self.subscribers[row.normalised] = subscriber
            self.new_subscribers.append(subscriber)
        moment = {"confirmed_at": self.now} if state == Subscription.State.CONFIRMED else {"withdrawn_at": self.now}
        subscription = Subscription(
            subscriber=subscriber, kind=self.arrival.kind, state=state, text=self.text, arrival=self.arrival, **moment
        )
        self.subscriptions[row.normalised] = subscription
        self.new_subscriptions.append(subscription)
        self._log(row, subscriber.subject, action)

    def _suppress(self, row: Row, subscriber: Subscriber | None) -> None:
        subject = subscriber.subject if subscriber else new_subject()
        self.suppressions[row.print] = self.arrival.pk
        self.new_suppressions.append(
            Suppression(
                publication=self.arrival.publication,
                print=row.print,
                reason=row.said.value,
                subject=subject,
                arrival=self.arrival,
                at=self.now,
            )
        )
        self._log(row, subject, "suppressed", reason=row.said.value)

    def _log(self, row: Row, subject: str, action: str, **more: str) -> None:
        """What the list says goes into the log as it says it; whose address it is does not."""
        arrival = self.arrival
        content = {
            "action": action,
            "subject": subject,
            "publication": arrival.publication_id,
            "kind": arrival.kind,
            "method": "imported",
            "list": {"key": arrival.pk, "file": arrival.file_name, "hash": arrival.file_hash, "row": row.number},
            "evidence": arrival.evidence or "none",
            **{name: value for name, value in (("said_at", row.said_at), ("source", row.source)) if value},
            **more,
        }
        self.records.append((content, {"subject": subject}))

    def _write(self) -> None:
        Subscriber.objects.bulk_create(self.new_subscribers)
        Subscription.objects.bulk_create(self.new_subscriptions)
        Subscription.objects.bulk_update(self.withdrawn, ["state", "withdrawn_at"])
        Suppression.objects.bulk_create(self.new_suppressions)
        ConsentRecord.append_all(self.records)

    def _same(self, brought_by: int | None) -> Fate:
        return Fate.DUPLICATE if brought_by == self.arrival.pk else Fate.KNOWN

    def _has_confirmed_here(self, subscriber: Subscriber) -> bool:
        return bool(subscriber.pk) and subscriber.confirmed().filter(arrival=None).exists()

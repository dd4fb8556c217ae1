"""The clock: everything that runs by time stands in this table. Correctness never depends on it.

Shelves check validity themselves, and the tables are the queues, so a clock that is late, dead or runs twice shows
nothing wrong and mails nobody twice. Newsletters are handed over by processes of their own, which it looks after.
"""

import logging
import os
import signal
import subprocess  # noqa: S404 - sending processes are our own command
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from django.db import close_old_connections

from masthead.archive import indexing
from masthead.catalogue import publishing
from masthead.importing import members
from masthead.newsletters import collecting, holding, probing, receiving, reminding, sending, working
from masthead.newsstand import founding
from masthead.press import watching
from masthead.publication import picturing
from masthead.readership import counting
from masthead.subscribers import posting, subscribing, throttling

log = logging.getLogger("masthead.clock")


@dataclass
class Duty:
    """Something done every so many seconds."""

    name: str
    seconds: int
    do: Callable[[], object]
    due: float = 0.0


def duties() -> list[Duty]:
    """Return everything that runs by the clock."""
    return [
        Duty("publish what is due", 10, publishing.publish_due),
        Duty("take off what is past its time", 10, publishing.expire_due),
        Duty("print new pictures", 5, picturing.prepare_new),
        Duty("ask whether links of issues being made answer", 15, probing.probe_due),
        Duty("remind editors of a moment without an issue", 600, reminding.remind_due),
        Duty("sum up the clicks of days that are over", 600, counting.close_days),
        Duty("post service mails", 5, post_unless_held),
        Duty("plan issues that are due, and settle what is open", 5, sending.look_after),
        Duty("judge refusals", 10, receiving.judge_refusals),
        Duty("collect what came back", 30, collecting.collect),
        Duty("tidy what was kept unread", 86_400, collecting.tidy_unread),
        Duty("answer sign-ups", 5, subscribing.answer_sign_ups),
        Duty("bring in lists handed in at the desk", 5, members.bring_in_waiting),
        Duty("forget what nobody confirmed", 3600, subscribing.forget_unconfirmed),
        Duty("forget networks of past days", 3600, throttling.forget_past_days),
        Duty("forget old recalls", 3600, watching.forget_old),
        Duty("tidy posted service mails", 86_400, posting.tidy_posted),
        Duty("let SQLite count what it holds", 3600, founding.take_stock),
        Duty("let PostgreSQL find what was filed lately by its index", 60, indexing.merge_waiting),
    ]


def post_unless_held() -> int:
    """Post service mails, but not from a copy of a house: they may have been posted from the one it was made of."""
    return 0 if holding.look() else posting.post_due()


class Senders:
    """The sending processes below this one: as many as there shall be, and a new one for each that died."""

    STOPS_WITHIN = 14.0  # seconds; then it is killed, and its journal tells the rest
    SHORT = 5.0  # seconds; one that failed sooner is not started again at once

    def __init__(self) -> None:
        self.running: list[tuple[subprocess.Popen, float]] = []
        self.failures, self.not_before = 0, 0.0

    def keep(self) -> None:
        """Start what is missing. One too many ends by itself for want of work."""
        self._bury()
        if time.monotonic() >= self.not_before:
            for _missing in range(working.processes_wanted() - len(self.running)):
                command = [sys.executable, "-m", "masthead.cli", "mail", "send", "--under", str(os.getpid())]
                self.running.append((subprocess.Popen(command), time.monotonic()))  # noqa: S603 - our own command

    def stop(self) -> None:
        """Let each finish the letter in hand and write down what became of it."""
        for process, _since in self.running:
            process.terminate()
        until = time.monotonic() + self.STOPS_WITHIN
        for process, _since in self.running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _bury(self) -> None:
        now = time.monotonic()
        for process, since in self.running:
            if process.poll():
                self.failures = self.failures + 1 if now - since < self.SHORT else 1
                self.not_before = now + min(60.0, 2.0 ** (self.failures - 1))
                log.error("a sending process ended with %s; another is started", process.returncode)
        self.running = [(process, since) for process, since in self.running if process.poll() is None]


def work(stop: threading.Event | None = None, table: list[Duty] | None = None) -> None:
    """Do each duty when it is due until told to stop (SIGTERM, SIGINT or `stop`).

    A duty that fails is logged with its traceback and tried again at its next turn; the others go on.
    """
    stop, senders = stop or stopped_by_signals(), Senders()
    table = [*duties(), Duty("keep sending processes", 1, senders.keep)] if table is None else table
    log.info("the clock runs: %s", ", ".join(duty.name for duty in table))
    try:
        while not stop.is_set():
            for duty in table:
                if duty.due <= time.monotonic() and not stop.is_set():
                    _do(duty)
            stop.wait(1)
    finally:
        senders.stop()


def send(under: int = 0) -> NoReturn:
    """Be one sending process, and end with it. Without `under`, who looks after it, it ends only for want of work."""
    code = 0
    try:
        working.send_until(stopped_by_signals(), under)
    except sending.StillUnanswered:
        log.warning("the mail server holds back its last answers; they are settled from the journal")
    except Exception:
        log.exception("this sending process ends; what it had in hand is settled from its journal")
        code = 1
    # At once: threads may wait for a server for minutes, and an interpreter takes seconds to be taken down.
    logging.shutdown()
    os._exit(code)


def _do(duty: Duty) -> None:
    duty.due = time.monotonic() + duty.seconds
    close_old_connections()
    try:
        duty.do()
    except Exception:
        log.exception("“%s” failed; it is tried again in %s seconds", duty.name, duty.seconds)


def stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop

"""The clock: everything that runs by time stands in this table. Correctness never depends on it.

Shelves check validity themselves, and the tables are the queues, so a clock that is late, dead or runs twice shows
nothing wrong and mails nobody twice.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import close_old_connections

from masthead.catalogue import publishing
from masthead.newsletters import sending
from masthead.press import watching
from masthead.publication import picturing
from masthead.subscribers import posting, subscribing

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
        Duty("post service mails", 5, posting.post_due),
        Duty("hand over issues that are due", 5, sending.send_due),
        Duty("forget what nobody confirmed", 3600, subscribing.forget_unconfirmed),
        Duty("forget old recalls", 3600, watching.forget_old),
        Duty("tidy posted service mails", 86_400, posting.tidy_posted),
    ]


def work(stop: threading.Event | None = None, table: list[Duty] | None = None) -> None:
    """Do each duty when it is due until told to stop (SIGTERM, SIGINT or `stop`).

    A duty that fails is logged with its traceback and tried again at its next turn; the others go on.
    """
    stop = stop or _stopped_by_signals()
    table = duties() if table is None else table
    log.info("the clock runs: %s", ", ".join(duty.name for duty in table))
    while not stop.is_set():
        for duty in table:
            if duty.due <= time.monotonic() and not stop.is_set():
                _do(duty)
        stop.wait(1)


def _do(duty: Duty) -> None:
    duty.due = time.monotonic() + duty.seconds
    close_old_connections()
    try:
        duty.do()
    except Exception:
        log.exception("“%s” failed; it is tried again in %s seconds", duty.name, duty.seconds)


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop

"""Working: one sending process, from its start to its end. `masthead work` starts as many as the options say.

It looks at the tables and nothing else, so a wake-up that is lost or comes twice changes nothing. Whatever goes wrong
that it does not know, it ends; its journal tells the rest, and another is started in its place.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from masthead.newsletters import providing, sending, settling
from masthead.newsletters.carrying import Carrier
from masthead.newsletters.models import Issue

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at the tables
IDLE = 60.0  # seconds without work after which a process ends: it is started again when there is some
RESERVE = 64 * 1024 * 1024  # bytes of disk below which nothing is begun: books and journal must have room
MOST_ON_SQLITE = 4  # more only stand in each other's way: one writes at a time


class NotDurable(RuntimeError):
    """What the database says is committed might be gone after a power cut, and somebody would be mailed twice."""


def send_until(stop: threading.Event, under: int = 0) -> None:
    """Hand over whatever is to be handed over, until told to stop, or for want of work, or the process `under` ended.

    Raises NotDurable; StillUnanswered where the mail server holds back its last answers.
    """
    refuse_undurable()

    def is_over() -> bool:
        return stop.is_set() or bool(under and os.getppid() != under)

    with sending.Crew(carriers(), settling.journals()) as crew:
        crew.told_to_stop, worked_at = is_over, time.monotonic()
        while not is_over() and time.monotonic() - worked_at < IDLE:
            if one_round(crew, is_over):
                worked_at = time.monotonic()
            else:
                crew.rest()
                stop.wait(POLL)


def one_round(crew: sending.Crew, is_over: Callable[[], bool]) -> int:
    """Give every issue on its way its turn, and return how many letters were taken."""
    taken = 0
    for issue in sending.going():
        if is_over() or not has_room(issue):
            break
        taken += sending.hand_over(issue, crew, _until(time.monotonic() + sending.TURN, is_over))
    return taken


def carriers() -> list[Carrier]:
    """Return the carriers of this process: one a connection."""
    return providing.carriers(max(1, settings.MASTHEAD["mail_connections"]))


def processes_wanted() -> int:
    """Return how many sending processes there shall be now: none while there is nothing to send."""
    if not sending.going():
        return 0
    asked = settings.MASTHEAD["senders"]
    return min(asked, MOST_ON_SQLITE) if connection.vendor == "sqlite" else asked


def has_room(issue: Issue) -> bool:
    """Whether the disk has room to send; where not, the issue's page says so and it goes on by itself later."""
    if shutil.disk_usage(settings.DATA).free >= RESERVE:
        return True
    note = "The disk is full: nothing is handed over until there is room. Then it goes on by itself."
    issue.move(Issue.State.READY, to=Issue.State.READY, note=note)
    issue.move(Issue.State.SENDING, to=Issue.State.SENDING, note=note)
    log.error("%s waits: %s", issue, note)
    return False


def refuse_undurable() -> None:
    """Raise NotDurable unless a commit is on this disk when it returns, and this is where decisions are made."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            if cursor.execute("PRAGMA synchronous").fetchone()[0] < 2:
                raise NotDurable("SQLite runs without synchronous=FULL. Take the option away that sets it so.")
            return
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync'), pg_is_in_recovery()")
        commit, fsync, is_replica = cursor.fetchone()
    if is_replica:
        raise NotDurable("This PostgreSQL server is a replica. Give `database` the address of the primary.")
    if commit == "off" or fsync == "off":
        raise NotDurable("PostgreSQL runs with synchronous_commit or fsync off. Switch both on.")


def _until(end: float, is_over: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: is_over() or time.monotonic() > end

"""Watching: one process of each host compares the store with the database, and sweeps.

Whoever published has made the recall on its own host before its answer left. Here come those of other hosts, and those
of a process that was killed between its commit and the recall. While the database can't be asked nobody vouches for the
board, and after a minute no kept page is sent any more: what was recalled elsewhere meanwhile can't be known.
"""

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from masthead.press.ingredients import EVERYTHING
from masthead.press.models import Recall
from masthead.press.recalling import CHANNEL
from masthead.press.store import Broken, Store

log = logging.getLogger("masthead.press")

STEP = 0.1  # seconds between two looks at SQLite's own counter
TURN = 1.0  # seconds between two comparisons with the database, where nothing woke us
ROOM = 30  # seconds between two looks at the store's size
CUT_OFF = 60  # seconds without the database, after which nginx too has to ask
KEPT = timedelta(days=2)  # how long recalls are kept for a host that is away
BOOT = "/proc/sys/kernel/random/boot_id"


class Watch:
    """Compares the store with the database as long as `run` runs; on each host the first one to come does it."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time):
        self.store, self.clock = store, clock
        self.stop = threading.Event()
        self._lock: int | None = None
        self._last_room = 0.0
        self._heard_at = clock()
        self._version = -1
        self._was_woken = False
        self._hears = True  # whether the database wakes us: behind a pool of connections it may not
        self._newest = 0

    def run(self) -> None:
        """Watch until told to stop. Whatever fails is logged and tried again."""
        while not self.stop.is_set():
            try:
                close_old_connections()
                self.store.held.hold()
                if self.leads():
                    self.take_turn()
                else:
                    self.stop.wait(TURN)
            except (DatabaseError, InterfaceError, Broken, OSError) as error:
                self._lament(error)
                self.stop.wait(TURN)
            except Exception:
                # A host on which nobody watches would stop sending kept pages for good.
                log.exception("Watching the printed pages failed; it goes on.")
                self.stop.wait(TURN)
        close_old_connections()

    def leads(self) -> bool:
        """Whether this is the one who watches on this host; the lock is let go when its process ends, however."""
        if self._lock is not None and not self._is_ours():
            os.close(self._lock)
            self._lock = None
        if self._lock is None:
            self.store.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.store.folder / "watch", os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                return False
            self._lock = lock
            self._take_over()
        return True

    def take_turn(self) -> None:
        """Look, and wait until it is time to look again."""
        if self.look():
            self._hears = self._was_woken
        self._was_woken = self._wait()

    def look(self) -> bool:
        """Make every recall that is in the database and not in the store, vouch for the board, and sweep.

        Returns whether there was a new one.
        """
        now = self.clock()
        found = self.catch_up()
        self._heard_at = now
        self.store.board.vouch(now)
        self.store.open_edition()
        self.sweep()
        return found

    def sweep(self) -> None:
        """Take back the pages whose time has come, and where there are too many those longest unused."""
        now = self.clock()
        self.store.recall_bygone(now)
        if now - self._last_room > ROOM:
            self._last_room = now
            self.store.make_room()
            self.store.drop_editions_left()
        self.store.sweep_away()

    def catch_up(self) -> bool:
        """Make the recalls of other hosts, and those that were committed and not made; whether any is new."""
        if not self._is_same_database():
            log.warning("The database is not the one the pages were printed from, or went back in time: all recalled.")
            self.store.say(horizon="", newest="")
        past = self.store.said("horizon")
        if not past:
            horizon, newest = _latest()
            self.store.recall({EVERYTHING: None})  # what was printed before anybody watched
            for row in _rows_after(horizon)[1]:
                self.store.recall({}, row.pk, row.transaction or row.pk)  # made, with everything
            self._note(horizon, newest)
            return self._remember(newest)
        horizon, rows = _rows_after(int(past))
        for row in rows:
            self.store.recall(row.names, row.pk, row.transaction or row.pk)
        if rows:
            self._note(horizon, rows[-1])
        return self._remember(rows[-1] if rows else None)

    def _remember(self, newest: Recall | None) -> bool:
        """Keep the number of the newest recall; whether it is newer than one we knew."""
        known, self._newest = self._newest, newest.pk if newest else self._newest
        return 0 < known < self._newest

    def _note(self, horizon: int, newest: Recall | None) -> None:
        self.store.say(horizon=horizon, newest=f"{newest.pk} {newest.at.isoformat()}" if newest else "")
        self.store.forget_applied(horizon)

    def _is_same_database(self) -> bool:
        """Whether the newest recall we know of is in the database: else that was restored, or is another one."""
        newest = self.store.said("newest")
        if not newest:
            return True
        key, at = newest.split(" ", 1)
        row = Recall.objects.filter(pk=key).first()
        return row is not None and row.at.isoformat() == at

    def _take_over(self) -> None:
        boot = _boot()
        if self.store.said("boot") != boot:
            # Nothing here was flushed to the disk file by file: after a power cut a page may be a file of zeros.
            self.store.empty()
            self.store.say(boot=boot)

    def _is_ours(self) -> bool:
        try:
            return os.stat(self.store.folder / "watch").st_ino == os.fstat(self._lock or 0).st_ino
        except FileNotFoundError:
            return False

    def _wait(self) -> bool:
        """Wait for a turn, or until something was written; whether the database woke us."""
        self._version = -1
        until = time.monotonic() + TURN
        if connection.vendor == "postgresql":
            return self._listen(until)
        while time.monotonic() < until and not self.stop.wait(STEP):
            self.store.recall_bygone(self.clock())
            if self._was_written():
                break
        return False

    def _was_written(self) -> bool:
        """Whether another connection has written to SQLite since we last asked: no table is read for it."""
        with connection.cursor() as cursor:
            version = cursor.execute("PRAGMA data_version").fetchone()[0]
        was, self._version = self._version, version
        return was not in (-1, version)

    def _listen(self, until: float) -> bool:
        """Wait to be woken by PostgreSQL. Where a recall came unannounced, look for the next one at each step."""
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        step = STEP * 2.5 if self._hears else STEP
        while (left := until - time.monotonic()) > 0 and not self.stop.is_set():
            with connection.wrap_database_errors:  # psycopg is asked itself here, and names its errors otherwise
                for _note in connection.connection.notifies(timeout=min(left, step), stop_after=1):
                    return True
            self.store.recall_bygone(self.clock())
            if not self._hears and Recall.objects.filter(pk__gt=self._newest).exists():
                break
        return False

    def _lament(self, error: Exception) -> None:
        log.warning("Printed pages can't be compared with the database: %s", error)
        connection.close()
        with contextlib.suppress(Broken):
            self.store.recall_bygone(self.clock())
        if self.clock() - self._heard_at > CUT_OFF:
            self.store.close_to_nginx()


def forget_old() -> int:
    """Delete the recalls no host will ask for, and return how many; the newest stays, to know the database by."""
    newest = Recall.objects.order_by("-pk").values_list("pk", flat=True).first()
    old = Recall.objects.filter(at__lt=timezone.now() - KEPT, pk__lt=newest or 0)
    return old.delete()[0]


def _rows_after(past: int) -> tuple[int, list[Recall]]:
    """Return the recalls that may not have been seen when everything before `past` had, and what now is past."""
    if connection.vendor != "postgresql":
        rows = list(Recall.objects.filter(pk__gt=past).order_by("pk"))
        return (rows[-1].pk if rows else past), rows
    # Asked first: a transaction that ends between the two is read below and once more, and made once.
    horizon = _oldest_running()
    return horizon, list(Recall.objects.filter(transaction__gte=past).order_by("pk"))


def _latest() -> tuple[int, Recall | None]:
    """Return what is past now, and the newest recall."""
    horizon = _oldest_running() if connection.vendor == "postgresql" else 0
    newest = Recall.objects.order_by("-pk").first()
    return horizon or (newest.pk if newest else 0), newest


def _oldest_running() -> int:
    """Return PostgreSQL's number of the oldest transaction that has not ended: what was before it can be seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return cursor.fetchone()[0]


def _boot() -> str:
    try:
        with open(BOOT) as file:
            return file.read().strip()
    except OSError:
        return "unknown"

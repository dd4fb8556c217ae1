"""Kills sending processes with `kill -9` and counts, at the mail server, who got what. Anybody can run it.

    python -m benchmarks.kill_proof                      # SQLite: 2 and 8 processes, 50 random kills each, every point
    python -m benchmarks.kill_proof --postgres           # PostgreSQL: 2 and 20 processes
    python -m benchmarks.kill_proof --quick              # what the test suite runs

The processes are the product's own (`working.send_until`), several connections each, forked from one that has loaded
it, so that a kill costs no seconds. They are killed at random moments, and at each named point between two steps. The
mail server (`counting_sink`) waits a random moment before it answers, so that many kills fall into the gap in which
nobody knows. For each address: accepted twice? Accepted though the books say otherwise? Marked as sent and never
accepted? The books are added up all the while. Ends with exit code 1 if anything of that was seen.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import mailhouse

POINTS = (
    "before the claim is committed",
    "claimed, nothing begun",
    "begun, nothing on the wire",
    "on the wire, no answer yet",
    "answered, not in the journal",
    "in the journal, not in the books",
    "in the books, not committed",
    "committed",
    "while settling what a dead one left",
    "while planning",
    "SIGTERM: told to stop, in order",
    "SIGSTOP: frozen, thawed later",
)
FAULTS = ("drop", "421", "421-dot", "4xx", "5xx", "no-pipelining", "slow", "reset")


@dataclass
class Row:
    """One line of the table."""

    store: str
    processes: int
    lines: int
    what: str
    recipients: int = 0
    kills: int = 0
    twice: int = 0
    lost: int = 0
    wrong: int = 0
    uncertain: int = 0
    most: int = 0  # uncertain after one kill
    unbalanced: int = 0
    looks: int = 0

    @property
    def is_well(self) -> bool:
        drops = self.what == "server: drop"  # then the journal's uncertain ones are not the kill's alone
        return not (self.twice or self.lost or self.wrong or self.unbalanced) and (drops or self.most <= self.lines)


def main() -> int:
    asked = _asked()
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(mailhouse.postgresql()) if asked.postgres else ""
        stack.enter_context(mailhouse.house(address, mail_connections=asked.lines, senders=1))
        _wind_the_clock_on()
        _note_each_settling()
        mailhouse.add_readers(asked.recipients)
        rows = []
        for row in _rows(asked, "PostgreSQL" if address else "SQLite"):
            rows.append(row)
            _print(row, heading=len(rows) == 1)
    well = all(row.is_well for row in rows)
    print(f"\n{sum(row.kills for row in rows)} processes killed. " + ("All is well." if well else "NOT WELL."))
    return int(not well)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own, not on SQLite")
    parser.add_argument("--processes", help="how many at once: 2,8 (SQLite) or 2,20 (PostgreSQL)")
    parser.add_argument("--kills", type=int, default=50, help="random kills for each number of processes")
    parser.add_argument("--recipients", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=3, help="connections a process")
    parser.add_argument("--only", choices=["random", "points", "faults"])
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    if asked.quick:
        asked.kills, asked.recipients, asked.processes = 6, 400, "2"
    asked.processes = [int(n) for n in (asked.processes or ("2,20" if asked.postgres else "2,8")).split(",")]
    return asked


def _rows(asked: argparse.Namespace, store: str) -> Iterator[Row]:
    def row(processes: int, what: str) -> Row:
        return Row(store, processes, asked.lines, what)

    few = asked.processes[0]
    if asked.only in (None, "random"):
        for processes in asked.processes:
            many = row(processes, "random moments")
            while many.kills < asked.kills:  # an issue may be out before so many were killed: then another
                Trial(many, kills=asked.kills).run()
            yield many
    if asked.only in (None, "points"):
        yield from (Trial(row(few, point), point=point, kills=1).run() for point in POINTS)
    if asked.only in (None, "faults"):
        kills, faults = (1, FAULTS[:3]) if asked.quick else (5, FAULTS)
        yield from (Trial(row(few, f"server: {fault}"), fault=fault, kills=kills).run() for fault in faults)


class Trial:
    """One issue sent while processes are killed, and what the mail server says of it afterwards."""

    def __init__(self, row: Row, *, kills: int, point: str = "", fault: str = ""):
        self.row, self.kills, self.point, self.fault = row, kills, point, fault
        self.running: list[int] = []

    def run(self) -> Row:
        with tempfile.TemporaryDirectory(prefix="masthead-sink-") as folder:
            accepted = Path(folder) / "accepted"
            with _sink(accepted, self.fault) as port:
                _use_server(port)
                self.issue = mailhouse.approved_issue()
                self._plan()
                self._send()
            self._judge(Counter(accepted.read_text().split()) if accepted.exists() else Counter())
        return self.row

    def _plan(self) -> None:
        if self.point == "while planning":
            child = _fork(lambda: _die_planning(self.issue))
            os.waitpid(child, 0)
            self.row.kills += 1
        self.planned = mailhouse.plan(self.issue)
        self.row.recipients += self.planned

    def _send(self) -> None:
        from masthead.newsletters import sending

        doomed = self.point if self.point in DEADLY else ""
        self.running = [_fork(lambda: _send(doomed))] if doomed else []
        self.running += [_fork(lambda: _send("")) for _n in range(self.row.processes - len(self.running))]
        second_clock = _fork(_look_after_for_ever)  # two clocks at once do no harm
        next_kill, until = time.monotonic() + 0.1, time.monotonic() + 300
        try:
            while self._state() != "finished" and time.monotonic() < until:
                if self.kills and self.point.startswith("SIG"):
                    self._interrupt()
                elif not self.point and self.row.kills < self.kills and time.monotonic() > next_kill:
                    self._kill_one()
                    next_kill = time.monotonic() + random.random() * 0.25
                self._bury()
                sending.look_after()
                time.sleep(0.03)
        finally:
            for child in [*self.running, second_clock]:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)

    def _kill_one(self) -> None:
        child = random.choice(self.running)
        os.kill(child, signal.SIGKILL)

    def _interrupt(self) -> None:
        """Stop one in order, or freeze one while everybody else goes on: once, when some letters have left."""
        if self.issue.deliveries.filter(state="sent").count() < self.planned / 10:
            return
        self.kills, child = 0, self.running[0]
        if self.point.startswith("SIGTERM"):
            begun = time.monotonic()
            os.kill(child, signal.SIGTERM)
            _ended, status = os.waitpid(child, 0)
            self.running.remove(child)
            self.row.what += f" ({time.monotonic() - begun:.1f} s)"
            self.row.wrong += status != 0
            self.running.append(_fork(lambda: _send("")))
            return
        os.kill(child, signal.SIGSTOP)
        thaw = threading.Timer(3, lambda: os.kill(child, signal.SIGCONT))
        thaw.start()

    def _bury(self) -> None:
        """Note who died, let what it left be settled, and start another."""
        for child in list(self.running):
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended:
                continue
            self.running.remove(child)
            if os.WIFSIGNALED(status):
                self.row.kills += 1
                if self.point == "while settling what a dead one left":
                    os.waitpid(_fork(_die_settling), 0)
                    self.row.kills += 1
            elif os.WEXITSTATUS(status):
                raise SystemExit(f"A sending process ended with {os.WEXITSTATUS(status)}.")
            self.running.append(_fork(lambda: _send("")))

    def _state(self) -> str:
        """Look at the issue, and whether its books balance at this moment."""
        from django.db import transaction

        with transaction.atomic():
            self.issue.refresh_from_db()
            balance = self.issue.books_balance()
        self.row.looks += 1
        self.row.unbalanced += not balance
        return self.issue.state

    def _judge(self, accepted: Counter) -> None:
        row, states = self.row, Counter()
        for address, state in self.issue.deliveries.values_list("address", "state"):
            states[state] += 1
            row.twice += accepted[address] > 1
            row.lost += state in ("queued", "handing", "deferred") or (state == "sent" and not accepted[address])
            row.wrong += state in ("rejected", "skipped", "expired") and accepted[address] > 0
        row.lost += self.planned - sum(states.values())
        row.uncertain += states["ambiguous"]
        row.most = max([row.most, *_settled().values()])


# In the processes that are killed


def _fork(work: Callable[[], object]) -> int:
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        return child
    try:
        random.seed()
        work()
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)


def _send(point: str) -> None:
    from masthead.newsletters import working

    if point:
        DEADLY[point](random.randint(1, 3))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    working.send_until(stop, os.getppid())


def _look_after_for_ever() -> None:
    from masthead.newsletters import sending

    while True:
        sending.look_after()
        time.sleep(0.05)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _around(owner, name: str, nth: int, *, before: bool) -> None:
    """Die at the nth call of a method, before or after it did its work."""
    original, calls = getattr(owner, name), []

    def deadly(*args, **kwargs):
        calls.append(1)
        if before and len(calls) == nth:
            _die()
        result = original(*args, **kwargs)
        if not before and len(calls) == nth:
            _die()
        return result

    setattr(owner, name, deadly)


def _at(module: str, owner: str, name: str, *, before: bool, often: int = 1) -> Callable[[int], None]:
    def arm(nth: int) -> None:
        import importlib

        holder = importlib.import_module(f"masthead.{module}")
        _around(getattr(holder, owner) if owner else holder, name, nth * often, before=before)

    return arm


def _on_the_wire(nth: int) -> None:
    from masthead.newsletters import carrying

    original, calls = carrying.Connection.read, []

    def read(self, patience):
        calls.append(patience == self.server.waits.dot)
        if sum(calls) == nth * 10:
            _die()
        return original(self, patience)

    carrying.Connection.read = read


DEADLY: dict[str, Callable[[int], None]] = {
    "before the claim is committed": _at("newsletters.claiming", "Claims", "_take", before=False),
    "claimed, nothing begun": _at("newsletters.sending", "Crew", "carry", before=True),
    "begun, nothing on the wire": _at("newsletters.journal", "Journal", "begun", before=False, often=20),
    "on the wire, no answer yet": _on_the_wire,
    "answered, not in the journal": _at("newsletters.journal", "Journal", "answered", before=True, often=20),
    "in the journal, not in the books": _at("newsletters.journal", "Journal", "answered", before=False, often=20),
    "in the books, not committed": _at("newsletters.settling", "", "enter", before=False),
    "committed": _at("newsletters.sending", "Shift", "_note", before=True),
    "while settling what a dead one left": _at("newsletters.journal", "Journal", "answered", before=False, often=20),
}


def _die_settling() -> None:
    from masthead.newsletters import settling

    _around(settling, "enter", 1, before=False)
    settling.recover()


def _die_planning(issue) -> None:
    from masthead.newsletters import planning

    _around(planning, "write_down", 1, before=False)
    mailhouse.plan(issue)


# Around it

SETTLED = Path(tempfile.gettempdir()) / f"masthead-settled-{os.getpid()}"


def _note_each_settling() -> None:
    """Keep for each dead process how many became uncertain through it, whoever settles it."""
    from masthead.newsletters import settling

    settle = settling._settle

    def noting(owner, told):
        uncertain = settle(owner, told)
        with SETTLED.open("a") as file:
            file.write(f"{owner} {uncertain}\n")
        return uncertain

    settling._settle = noting


def _settled() -> Counter:
    found: Counter = Counter()
    for line in SETTLED.read_text().splitlines() if SETTLED.exists() else []:
        owner, uncertain = line.split()
        found[owner] += int(uncertain)
    SETTLED.unlink(missing_ok=True)
    return found


def _wind_the_clock_on() -> None:
    """What takes minutes in earnest takes moments here: waiting for a server that puts us off, or is gone."""
    from datetime import timedelta

    from masthead.newsletters import pacing, settling, working

    settling.WAITS = (timedelta(seconds=0.2),)
    pacing.LONGEST, working.POLL = 0.2, 0.05


def _use_server(port: int) -> None:
    from django.conf import settings

    settings.MASTHEAD["smtp_port"] = port


@contextlib.contextmanager
def _sink(accepted: Path, fault: str) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.counting_sink", str(accepted), "--fault", fault]
    root = Path(__file__).parents[1]
    sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    try:
        yield int(sink.stdout.readline())
    finally:
        sink.kill()
        sink.wait()


def _print(row: Row, heading: bool) -> None:
    if heading:
        print(
            f"{'store':11}{'processes':>10} {'':2}{'killed':38}{'kills':>6}{'readers':>9}{'twice':>7}{'lost':>6}"
            f"{'wrong':>7}{'uncertain':>11}{'most a kill':>13}  books"
        )
    books = f"balanced in {row.looks} looks" if not row.unbalanced else f"NOT balanced {row.unbalanced} times"
    print(
        f"{row.store:11}{row.processes:>6} x {row.lines} {'':2}{row.what:38}{row.kills:>6}{row.recipients:>9}"
        f"{row.twice:>7}{row.lost:>6}{row.wrong:>7}{row.uncertain:>11}{row.most:>13}  {books}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

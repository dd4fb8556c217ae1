"""How fast an issue goes out end to end, beside the usual ways, in one run on one machine.

    python -m benchmarks.newsletters                         # everything, about six minutes
    python -m benchmarks.newsletters --only sqlite           # also: postgres, planning, rtt, memory, peers, pages
    python -m benchmarks.newsletters --quick                 # a smoke test: the figures mean nothing

Needs Debian's postfix package (smtp-sink, smtp-source); PostgreSQL's cases need its server. End to end means: chunks
claimed, letters filled, journal, hand-over, results, a commit on the disk for every window. The letter has 18 kB of
HTML, 10 kB of text and 14 personal places. Rounds of ours and of smtp-source (C, 20 sessions: about what the sink can
take) are interleaved, and the share of it is printed; the other ways run in `benchmarks/mail.py`'s own cases. "client
µs" is processor time of the sending processes per letter. All as median (least to most).
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator

from benchmarks import mail, mailhouse

PARTS = ("sqlite", "postgres", "planning", "rtt", "memory", "peers", "pages")
Rows = dict[str, list[tuple[float, float]]]


def main() -> None:
    asked = _asked()
    if asked.sender:
        return _be_a_sender()
    for part in asked.only or PARTS:
        print(f"\n== {part}", flush=True)
        command = [sys.executable, "-m", "benchmarks.newsletters", "--part", part, "--rounds", str(asked.rounds)]
        subprocess.run([*command, *(["--quick"] if asked.quick else [])], check=True)
    print(f"\nload {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; Python {sys.version.split()[0]}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--sender", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        scale = 20 if asked.quick else 1
        globals()[f"_{asked.part}"](asked.rounds, scale)
        sys.exit()
    return asked


def _sqlite(rounds: int, scale: int, database: str = "") -> None:
    n = 20_000 // scale
    with mail.sink() as port, mailhouse.house(database, smtp_port=port, mail_connections=2):
        mailhouse.add_readers(n)
        rows: Rows = defaultdict(list)
        for _round in range(rounds):
            rows["smtp-source (C), 20 sessions"].append(_smtp_source(port, n))
            rows["masthead, 1 process, 4 connections"].append(_sent(n, processes=1, lines=4))
            rows["masthead, 2 processes, 2 connections each"].append(_sent(n, processes=2, lines=2))
        _report(rows)


def _postgres(rounds: int, scale: int) -> None:
    with mailhouse.postgresql() as address:
        _sqlite(rounds, scale, address)


def _peers(rounds: int, scale: int) -> None:
    command = [sys.executable, "-m", "benchmarks.mail", "--rounds", str(rounds)]
    subprocess.run([*command, *(["--quick"] if scale > 1 else [])], check=True)


def _planning(rounds: int, scale: int) -> None:
    cases = [("SQLite", 100_000 // scale, contextlib.nullcontext(""))]
    cases += [("PostgreSQL", 1_000_000 // scale, mailhouse.postgresql())]
    for store, n, server in cases:
        command = [sys.executable, "-c", PLAN, str(n)]
        with server as address:
            subprocess.run(command, check=True, env=os.environ | {"PLAN_IN": address, "PLAN_STORE": store})


PLAN = """
import os, sys, time
from benchmarks import mailhouse
n = int(sys.argv[1])
with mailhouse.house(os.environ["PLAN_IN"]):
    mailhouse.add_readers(n)
    before, begun = mailhouse.memory(), time.perf_counter()
    planned = mailhouse.plan(mailhouse.approved_issue())
    took = time.perf_counter() - begun
    print(f"{os.environ['PLAN_STORE']:12} {planned:>9,} deliveries planned in {took:6.1f} s; memory grew by "
          f"{mailhouse.memory() - before:.0f} MB")
"""


def _rtt(rounds: int, scale: int) -> None:
    """A line with 20 ms there and back, made by a relay on loopback that holds every piece back for 10 ms."""
    n = 6_000 // scale
    with mail.sink() as behind, _far_away(behind, 0.010) as port, mailhouse.house("", smtp_port=port):
        mailhouse.add_readers(n)
        rows: Rows = defaultdict(list)
        for _round in range(rounds):
            rows["20 ms RTT, 1 process, 20 connections"].append(_sent(n, processes=1, lines=20, port=port))
            rows["20 ms RTT, 2 processes, 10 connections each"].append(_sent(n, processes=2, lines=10, port=port))
        _report(rows)


def _memory(rounds: int, scale: int) -> None:
    """How large a sending process is after few and after many letters: it must not grow."""
    with mail.sink() as port, mailhouse.house("", smtp_port=port):
        for n in (10_000 // scale, 100_000 // scale):
            mailhouse.add_readers(n)
            rate, _cost = _sent(n, processes=1, lines=4, port=port)
            print(f"{mailhouse.sent():>9,} letters at {rate:,.0f}/s: {_LAST['memory']:.0f} MB")


def _pages(rounds: int, scale: int) -> None:
    """How long a public page takes while two processes send."""
    n = 60_000 // scale
    with mail.sink() as port, mailhouse.house("", smtp_port=port) as folder:
        mailhouse.add_readers(n)
        with _served(folder) as address:
            quiet = _page_times(address, lambda: False, 100 // min(scale, 5))
            done = threading.Event()
            sending = threading.Thread(target=lambda: (_sent(n, processes=2, lines=2, port=port), done.set()))
            sending.start()
            busy = _page_times(address, done.is_set, 0)
            sending.join()
        for name, times in (("nothing is sent", quiet), ("while it is sent", busy)):
            times.sort()
            print(f"front page, {name:18} p50 {times[len(times) // 2]:5.0f} ms   p95 {_p95(times):5.0f} ms")


# One mailing, from ready to finished, by processes of their own

_LAST: dict[str, float] = {}


def _sent(n: int, *, processes: int, lines: int, port: int = 0) -> tuple[float, float]:
    """Send an issue to everybody; letters a second between the first claim and the last result, and client µs."""
    from django.db.models import Max, Min

    options = {"mail_connections": lines} | ({"smtp_port": port} if port else {})
    senders = [mailhouse.start("benchmarks.newsletters", "--sender", **options) for _n in range(processes)]
    for sender in senders:
        sender.stdout.readline()  # it is there
    issue = mailhouse.approved_issue()
    planned = mailhouse.plan(issue)
    told = [json.loads(sender.communicate()[0]) for sender in senders]
    books = issue.books()
    if books["sent"] != planned:
        sys.exit(f"Not everybody was sent it, the figures would be wrong: {books}")
    begun = issue.chunks.aggregate(at=Min("taken_at"))["at"]
    seconds = (issue.deliveries.aggregate(at=Max("changed_at"))["at"] - begun).total_seconds()
    _LAST["memory"] = max(one["memory"] for one in told)
    return planned / seconds, sum(one["seconds"] for one in told) / planned * 1e6


def _be_a_sender() -> None:
    import django

    django.setup()
    from masthead.newsletters import sending, working
    from masthead.newsletters.models import Issue

    carriers = working.carriers()
    working.refuse_undurable()
    with sending.Crew(carriers, working.settling.journals()) as crew:
        print("ready", flush=True)
        while not Issue.objects.filter(state__in=["ready", "sending"]).exists():
            time.sleep(0.02)
        begun = time.process_time()
        while Issue.objects.filter(state__in=["ready", "sending"]).exists():
            if not working.one_round(crew, lambda: False):
                time.sleep(0.02)
        used = time.process_time() - begun
    print(json.dumps({"seconds": used, "memory": mailhouse.memory()}))


def _smtp_source(port: int, n: int) -> tuple[float, float]:
    wall, processor = time.perf_counter(), mail.processor_seconds()
    mail.smtp_source(mailhouse.letter_size(), port, n)
    return n / (time.perf_counter() - wall), (mail.processor_seconds() - processor) / n * 1e6


def _report(rows: Rows) -> None:
    limit = [rate for name, measures in rows.items() if "(C)" in name for rate, _cost in measures]
    print(f"{'case':46} {'letters/s':>24} {'client µs per letter':>24} {'of the C tool':>14}")
    for name, measures in rows.items():
        rates, costs = zip(*measures, strict=True)
        share = f"{sum(rates) / sum(limit):.2f}" if limit else ""
        print(f"{name:46} {mail.spread(rates):>24} {mail.spread(costs):>24} {share:>14}")


# Around it


@contextlib.contextmanager
def _far_away(port: int, seconds: float) -> Iterator[int]:
    """A relay that passes every piece on so many seconds later, in both directions."""
    command = [sys.executable, "-m", "benchmarks.far_away", str(port), str(seconds)]
    relay = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(relay.stdout.readline())
    finally:
        relay.kill()
        relay.wait()


@contextlib.contextmanager
def _served(folder) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "masthead.cli", "serve", "--no-clock", "--port", str(port), "--site", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _n in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10):
                break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


def _page_times(address: str, is_over, least: int) -> list[float]:
    times: list[float] = []
    while len(times) < least or (not least and not is_over()):
        begun = time.perf_counter()
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - our own server
            answer.read()
        times.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.05)
    return times


def _p95(times: list[float]) -> float:
    return times[min(len(times) - 1, int(len(times) * 0.95))]


if __name__ == "__main__":
    main()

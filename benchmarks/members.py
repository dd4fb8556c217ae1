"""How fast a list of readers is taken in, beside the usual way of Django, in one run on one machine.

    python benchmarks/members.py                      # 1,000,000 rows once, and 20,000 rows beside the usual way
    python benchmarks/members.py --rows 100000 --postgres

The list has known and doubled addresses, people who left, and broken rows: 1 in 20 is a duplicate, 1 in 50 left, 1 in
100 is broken. Each case runs on a fresh database of its own, on SQLite with synchronous=FULL or on PostgreSQL. The
peer is what one writes first: for each row `csv`, `get_or_create` and a record of consent, in a transaction a row.
Figures are rows a second as median (least to most) over the rounds; memory is the process's peak.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEER_ROWS = 20_000


def main() -> None:
    options = _options()
    if options.case:
        print(json.dumps(_run(options.case, options.rows)))
        return
    with _database(options.postgres) as environment:
        print(f"{options.rows:,} rows on {'PostgreSQL' if options.postgres else 'SQLite, synchronous=FULL'}")
        _report("taken in, all rows", [_case("ours", options.rows, environment)])
        _report("again, nothing to do", [_case("again", options.rows, environment)])
        small = min(PEER_ROWS, options.rows)
        print(f"{small:,} rows beside the usual way, {options.rounds} rounds")
        rounds = [(_case("ours", small, environment), _case("peer", small, environment)) for _ in range(options.rounds)]
        _report("taken in", [ours for ours, _peer in rounds])
        _report("get_or_create a row", [peer for _ours, peer in rounds])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    return parser.parse_args()


def _database(postgres: bool):
    from contextlib import nullcontext

    from tests.postgres import throw_away_server

    return throw_away_server() if postgres else nullcontext("")


def _case(name: str, rows: int, database: str) -> dict:
    """Run one case in a process of its own, so that its memory is its own."""
    if name in ("ours", "peer"):
        _case("prepare", rows, database)
    command = [sys.executable, __file__, "--case", name, "--rows", str(rows)]
    environment = os.environ | ({"MASTHEAD_DATABASE": database} if database else {}) | {"MASTHEAD_SITE": _site(name)}
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


_SITES: list[str] = []


def _site(name: str) -> str:
    """A fresh folder that `prepare` makes; the case after it runs there, and `again` once more."""
    if name == "prepare":
        _SITES.append(tempfile.mkdtemp(prefix="masthead-benchmark-"))
        (Path(_SITES[-1]) / "data").mkdir()
    return _SITES[-1]


def _run(case: str, rows: int) -> dict:
    os.environ["DJANGO_SETTINGS_MODULE"] = "masthead.settings"
    import django

    django.setup()
    from masthead.publication.models import Publication

    file = Path(os.environ["MASTHEAD_SITE"]) / "list.csv"
    if case == "prepare":
        _prepare()
        file.write_text("".join(_lines(rows)), encoding="utf-8")
        return {}
    title = Publication.objects.get()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, cpu = time.perf_counter(), time.process_time()
    counts = _peer(title, file) if case == "peer" else _ours(title, file)
    return {
        "rows": rows,
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "before": before / 1024,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "counts": counts,
    }


def _prepare() -> None:
    from django.db import connection

    from masthead.newsletters.founding import found_newsletter
    from masthead.newsstand import founding
    from masthead.publication.models import Publication

    founding.prepare_database(lambda line: None)
    if connection.vendor == "postgresql":
        names = ("consentrecord", "subscription", "suppression", "subscriber", "arrival")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE " + ", ".join(f"subscribers_{name}" for name in names) + " CASCADE")
    if Publication.objects.exists():
        return
    title = founding.found_title("Benchmark", language="en", country="en")
    found_newsletter(title, "Letter", promise="Tuesday", weekdays=[2], sender_address="letter@example.org")


def _lines(rows: int):
    yield "Email Address,First Name,Last Name,Status,Confirm_Time,Source\n"
    for n in range(rows):
        if n % 100 == 99:
            yield f'reader{n} at example.org,"Broken {n}\n'
        else:
            number = n - 7 if n % 20 == 19 else n
            address = f"Reader.{number}@mail{number % 977}.example"
            state = "unsubscribed" if n % 50 == 48 else "subscribed"
            yield f"{address},Åse,Læser {n},{state},2019-05-{n % 28 + 1:02} 10:00:00,web\n"


def _ours(title, file: Path) -> dict:
    from masthead.importing import members
    from masthead.subscribers.models import Arrival

    arrival = Arrival(publication=title, kind="newsletter", evidence="benchmark", brought_by="benchmark")
    report = members.bring_in(file, arrival)
    if not report.adds_up:
        raise SystemExit(f"The report does not add up: {report}")
    return dict(report.counts)


def _peer(title, file: Path) -> dict:
    import csv
    from collections import Counter

    from django.db import transaction

    from masthead.mail.addresses import BadAddress, check_address, normalise
    from masthead.subscribers.models import Subscriber, Subscription
    from masthead.subscribers.texts import ConsentText

    text = ConsentText.current(title, "newsletter", title.language)
    counts: Counter[str] = Counter()
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, quoting=csv.QUOTE_NONE):
            try:
                address = check_address(row["Email Address"])
            except BadAddress:
                counts["broken"] += 1
                continue
            with transaction.atomic():
                subscriber, new = Subscriber.objects.get_or_create(
                    publication=title,
                    normalised=normalise(address),
                    defaults={"address": address, "language": title.language},
                )
                if new:
                    Subscription(subscriber=subscriber, kind="newsletter", text=text).confirm(page="", method="list")
            counts["taken" if new else "known"] += 1
    return dict(counts)


def _report(name: str, runs: list[dict]) -> None:
    rates = [run["rows"] / run["seconds"] for run in runs]
    micros = [run["cpu"] / run["rows"] * 1e6 for run in runs]
    print(
        f"  {name:<22} {statistics.median(rates):>8,.0f} rows/s ({min(rates):,.0f} to {max(rates):,.0f}), "
        f"{statistics.median(micros):,.0f} µs of processor a row, peak {max(run['peak'] for run in runs):,.0f} MB "
        f"(begun with {max(run['before'] for run in runs):,.0f})"
    )
    print(f"    {runs[-1]['counts']}")


if __name__ == "__main__":
    main()

"""Proof that no kept page is another one than it would be if rendered now: random days of a title, compared each step.

    python -m benchmarks.press_proof --steps 10000 --db sqlite
    python -m benchmarks.press_proof --steps 10000 --db postgres

Runs `tests/press/test_correctness.py` with as many seeds as it takes, and prints how many steps were made, how many
pages were compared, and every difference. There must be none.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from tests import postgres

EACH = 100  # steps of one seed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + -(-asked.steps // EACH))
    server = postgres.throw_away_server() if asked.db == "postgres" else nullcontext("")
    with server as address, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.jsonl"
        run(address, report, seeds, asked.processes)
        return tell(report, asked.db, len(seeds))


def run(address: str, report: Path, seeds: range, processes: int) -> None:
    """Run every seed; a seed that finds a difference goes on to its end."""
    environment = os.environ | {
        "PRESS_STEPS": str(EACH),
        "PRESS_SEEDS": ",".join(map(str, seeds)),
        "PRESS_REPORT": str(report),
    }
    if address:
        environment["MASTHEAD_DATABASE"] = address
    environment.pop("MASTHEAD_SITE", None)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(processes), "tests/press/test_correctness.py"]
    subprocess.run(command, env=environment, check=False)


def tell(report: Path, db: str, of: int) -> int:
    """Print what was found; 1 where anything was, or a seed did not come to its end."""
    rows = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
    differences = [line for row in rows for line in row["differences"]]
    for line in differences:
        print(line)
    steps, compared = sum(row["steps"] for row in rows), sum(row["compared"] for row in rows)
    print(
        f"{db}: {steps} steps in {len(rows)} of {of} seeds, {compared} pages compared, {len(differences)} differences"
    )
    return int(bool(differences) or len(rows) < of)


if __name__ == "__main__":
    sys.exit(main())

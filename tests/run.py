"""What `make test` runs: every test on SQLite, then every test that touches the database on PostgreSQL.

`--db sqlite` or `--db postgres` runs one of them. What is not installed here is skipped with one line that says how to
get it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

from tests import postgres

CHROMIUM = "/usr/bin/chromium"
PROGRAMS = [
    ("smtp-sink", "Postfix", "postfix"),
    ("nginx", "nginx", "nginx-light"),
    ("caddy", "Caddy", "caddy"),
    ("pgbouncer", "PgBouncer", "pgbouncer"),
]
NOTHING_CHOSEN = 5  # pytest's exit code where the arguments choose no test
# What brings its own database file along has been tried once, on SQLite.
OF_ANY_DATABASE = "not browser and not process"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("rest", nargs="*", help="passed on to pytest")
    asked = parser.parse_args()
    say_what_is_missing()
    failed = 0
    if asked.db in ("sqlite", "both"):
        failed |= run("SQLite", nullcontext(""), ["-m", "not browser", *asked.rest])
        # Playwright keeps an event loop in its process, in which Django would refuse every other test's queries.
        failed |= run("Chromium", nullcontext(""), ["-m", "browser", *asked.rest])
    if asked.db in ("postgres", "both"):
        if postgres.programs():
            failed |= run("PostgreSQL", postgres.throw_away_server(), ["-m", OF_ANY_DATABASE, *asked.rest])
        else:
            print(postgres.HOW_TO_GET_IT)
            failed |= asked.db == "postgres"
    return int(failed)


def say_what_is_missing() -> None:
    if not Path(CHROMIUM).exists():
        print("Chromium is not installed, so the browser tests are skipped. Get it: apt-get install chromium")
    if not shutil.which("java") or not shutil.which("npm"):
        print(
            "Java or npm is not installed, so the HTML checker is skipped. "
            "Get them: apt-get install default-jre-headless npm"
        )
    for program, name, package in PROGRAMS:
        if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin"):
            print(f"{name} is not installed, so its tests are skipped. Get it: apt-get install {package}")


def run(name: str, server, rest: list[str]) -> bool:
    print(f"\n== {name} ==", flush=True)
    with server as address:
        environment = os.environ | ({"MASTHEAD_DATABASE": address} if address else {})
        environment.pop("MASTHEAD_SITE", None)
        command = [sys.executable, "-m", "pytest", "-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"]
        command += ["--no-loadscope-reorder", *rest]  # the long files stand early in the order of names
        return subprocess.run(command, env=environment).returncode not in (0, NOTHING_CHOSEN)


if __name__ == "__main__":
    sys.exit(main())

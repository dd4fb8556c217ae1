"""A throw-away PostgreSQL server on a free port, for the length of a test run."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOW_TO_GET_IT = "PostgreSQL is not installed, so its tests are skipped. Get it: apt-get install postgresql"


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server's programs, or None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).parent if elsewhere else None


@contextmanager
def throw_away_server(durable: bool = False) -> Iterator[str]:
    """Start a server that keeps nothing, and give its address as `postgres://…`; it is gone afterwards.

    `durable` makes its commits as slow as they are in earnest.

    PostgreSQL refuses to run as root, so root's runs are handed to the user `postgres` of the Debian package.
    """
    folder = Path(tempfile.mkdtemp(prefix="masthead-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    port = _free_port()
    data = folder / "data"
    _run(user, programs() / "initdb", "-D", data, "-A", "trust", "-U", "masthead", "-E", "UTF8", "--no-sync")
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
    if not durable:
        settings += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    try:
        _run(user, programs() / "pg_ctl", "-D", data, "-l", folder / "log", "-o", settings, "-w", "start")
        yield f"postgres://masthead@127.0.0.1:{port}/postgres"
    finally:
        _run(user, programs() / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(user: str | None, *command) -> None:
    who = {}
    if user:
        row = pwd.getpwnam(user)
        who = {"user": row.pw_uid, "group": row.pw_gid, "extra_groups": []}
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, cwd="/", **who)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""Showing the demo: where it keeps its things, where its doors are, and a box that catches its mail."""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from masthead.mail import catching

BUILT = "data/built"
DATABASE = "data/masthead.sqlite3"
OUTBOX = "data/outbox"
EDITOR, REPORTER, PARTNER = "redaktion", "reporter", "partner"
PASSWORD = "stroemskifte-demo"  # noqa: S105 - printed at every start: the demo has no secrets
ENGLISH_HOST = "en.localhost"


def environment(address: str, port: int) -> dict[str, str]:
    """Return the options the demo runs with, as variables: mail goes to a port of this machine and no further."""
    return {
        "MASTHEAD_DEMO": "true",
        "MASTHEAD_BASE_URL": f"http://{address}:{port}",
        "MASTHEAD_SMTP_HOST": "127.0.0.1",
        "MASTHEAD_SMTP_PORT": str(_free_port()),
        "MASTHEAD_MAIL_FROM": "redaktion@example.org",
        "MASTHEAD_HOSTS": f"{address},127.0.0.1,localhost,.localhost",
        "MASTHEAD_LANGUAGE": "da",
    }


def is_built(folder: Path) -> bool:
    return (folder / BUILT).exists()


def mark_built(folder: Path) -> None:
    (folder / BUILT).write_text("The demo was built here. Delete the folder to start afresh.\n", encoding="utf-8")


def set_port(folder: Path, port: int) -> None:
    """Tell both titles which port they are on, so that their full addresses are right."""
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("UPDATE wagtailcore_site SET port = ?", [port])
    database.close()


def addresses(address: str, port: int) -> str:
    """Return what is printed when the demo starts."""
    base = f"http://{address}:{port}"
    lines = [
        ("The title", f"{base}/"),
        ("A second title", f"http://{ENGLISH_HOST}:{port}/   (same house, in English)"),
        ("Editors' desk", f"{base}/desk/   log in as {EDITOR} / {PASSWORD}"),
        ("", f"or as a reporter, whose texts are approved: {REPORTER} / {PASSWORD}"),
        ("Partners' door", f"{base}/partner/   log in as {PARTNER} / {PASSWORD}"),
        ("Outgoing mail", f"{base}/demo/outbox/   (caught here; nothing leaves this machine)"),
    ]
    return "\n" + "\n".join(f"  {name:<16}{where}" for name, where in lines) + "\n\n  Ctrl-C stops it.\n"


@contextmanager
def catching_mail(folder: Path) -> Iterator[None]:
    """Catch every mail of the demo in its outbox while it runs."""
    box = catching.Catcher(folder / OUTBOX, port=int(os.environ["MASTHEAD_SMTP_PORT"]))
    box.start()
    try:
        yield
    finally:
        box.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

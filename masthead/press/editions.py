"""Editions: what is printed by other code, other templates or other options is another edition, and never sent."""

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

CODE = Path(__file__).parents[1]
FORM = "1"  # of a page as the store writes it. Index, board and pulse are shared by editions: they may only grow.
READ = {".py", ".html", ".xml", ".txt", ".mo", ".css", ".js", ".svg"}
# What changes no page: where we listen, how much is kept, how mail leaves.
APART = ("address", "port", "processes", "clock", "data", "debug", "press", "press_bytes")
APART_BEGIN = ("smtp_", "cdn", "secret_key", "old_secret_keys", "log_in_attempts")


def edition(options: dict, *folders: Path) -> str:
    """Return the name of the edition: sixteen signs made of our code, a site's own folders, the options, and Wagtail's
    and Django's versions."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{FORM} {sys.version_info[:2]} {version('wagtail')} {version('django')}".encode())
    said = {name: value for name, value in options.items() if name not in APART and not name.startswith(APART_BEGIN)}
    digest.update(json.dumps(said, sort_keys=True, default=str).encode())
    for folder in (CODE, *folders):
        for file in sorted(folder.rglob("*")):
            if file.suffix in READ and file.is_file() and "migrations" not in file.parts:
                digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


class Held:
    """Which editions some process of this host has: while old and new code run side by side there are two."""

    def __init__(self, folder: Path, edition: str):
        self.folder, self.edition = folder, edition
        self._file: int | None = None

    def hold(self) -> None:
        """Say that this process has its edition, until it ends. Say it now and then: somebody may take the folder away.

        Raises OSError where the disk can't be used.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / self.edition
        if self._file is not None:
            if path.exists() and path.stat().st_ino == os.fstat(self._file).st_ino:
                return
            os.close(self._file)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def left_among(self, editions: Iterable[str]) -> list[str]:
        """Return those of these editions that no process has."""
        return [edition for edition in sorted(editions) if edition != self.edition and not self._has_somebody(edition)]

    def forget(self, edition: str) -> None:
        (self.folder / edition).unlink(missing_ok=True)

    def _has_somebody(self, edition: str) -> bool:
        try:
            file = os.open(self.folder / edition, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True
        finally:
            os.close(file)

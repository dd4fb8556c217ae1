"""The board: one file a host, on which every recall is posted for all its processes.

A process that wants to know whether anything was recalled asks for the file's size: one system call, no lock. Where it
has grown, what was added is read. The moment it was last touched says how long ago somebody compared it with the
database. A board that was taken away or begun anew means: nothing is known, forget all you hold in memory.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from masthead.press.ingredients import EVERYTHING, Names, joined

LONGEST = 1_000_000  # bytes, then a new board is begun


@dataclass(frozen=True)
class Position:
    """How far a board was read."""

    inode: int
    size: int


class Board:
    def __init__(self, path: Path):
        self.path = path
        self.name = str(path)  # what is asked for at each request
        self._held: int | None = None  # an open file keeps its inode from being given to another board

    def position(self) -> Position:
        """Return where the board ends now; one is begun where there is none."""
        try:
            seen = os.stat(self.name)
        except FileNotFoundError:
            self._begin()
            seen = os.stat(self.name)
        return Position(seen.st_ino, seen.st_size)

    def since(self, position: Position) -> tuple[Names, Position]:
        """Return what was recalled after `position`, and where the board ends now.

        EVERYTHING where that can't be told: another board hangs there, or a line was not finished.
        """
        here = self.position()
        if here.inode != position.inode or here.size < position.size:
            return {EVERYTHING: None}, here
        with open(self.name, "rb") as board:
            if os.fstat(board.fileno()).st_ino != position.inode:
                return {EVERYTHING: None}, here
            board.seek(position.size)
            new = board.read(here.size - position.size)
        return _read(new), here

    def hold(self) -> None:
        """Keep the present board's file open, so that no later one can be taken for it."""
        if self._held is not None:
            os.close(self._held)
        self._held = os.open(self.name, os.O_RDONLY)

    def post(self, names: Names) -> None:
        """Add one recall. The caller holds the store's lock, so lines never mix."""
        self.position()
        touched = os.stat(self.name)
        if touched.st_size > LONGEST:
            self._begin()
        line = json.dumps(names, separators=(",", ":")).encode() + b"\n"
        file = os.open(self.name, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, line)
            # Posting proves nothing about what other hosts have recalled: the time is left as it was.
            os.utime(file, ns=(touched.st_atime_ns, touched.st_mtime_ns))
        finally:
            os.close(file)

    def vouch(self, at: float) -> None:
        """Say that everything the database knew at `at` (seconds since 1970) is on the board."""
        self.position()
        os.utime(self.name, (at, at))

    def take_down(self) -> None:
        """Take the board away: every process forgets what it holds. Works on a full disk too."""
        self.path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        new.write_bytes(b"{}\n")
        old = 0.0
        with contextlib.suppress(FileNotFoundError):
            old = os.stat(self.name).st_mtime
        os.utime(new, (old, old))
        os.replace(new, self.path)


def _read(new: bytes) -> Names:
    if not new.endswith(b"\n") and new:
        return {EVERYTHING: None}
    try:
        return joined(*(json.loads(line) for line in new.splitlines()))
    except (ValueError, AttributeError):
        return {EVERYTHING: None}

"""The board: where every recall of a host is posted for all its processes.

Two files. On the *board* itself each recall is a line. The *pulse* is two numbers: one that is another after each post,
and the moment somebody last compared the board with the database. A process maps the pulse into its memory, so that
"has anything been recalled?" costs neither a system call nor a lock; only then it reads what was added to the board.
A board that was taken away or begun anew means: nothing is known, forget all you hold in memory.
"""

import json
import mmap
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from masthead.press.ingredients import EVERYTHING, Names, joined

LONGEST = 1_000_000  # bytes, then a new board is begun
NUMBERS = struct.Struct("=qq")  # of the last post; when it was vouched for, in microseconds since 1970


@dataclass(frozen=True)
class Position:
    """How far a board was read."""

    inode: int
    size: int


class Board:
    """The writers' and readers' side. Every method raises OSError where the disk can't be used."""

    def __init__(self, path: Path):
        self.path, self.pulse_path = path, path.with_name("pulse")
        self._held: int | None = None  # an open file keeps its inode from being given to another board

    def position(self) -> Position:
        """Return where the board ends now; one is begun where there is none."""
        try:
            seen = os.stat(self.path)
        except FileNotFoundError:
            self._begin()
            seen = os.stat(self.path)
        return Position(seen.st_ino, seen.st_size)

    def since(self, position: Position) -> tuple[Names, Position]:
        """Return what was recalled after `position`, and where the board ends now.

        EVERYTHING where that can't be told: another board hangs there, or a line was not finished.
        """
        here = self.position()
        if here.inode != position.inode or here.size < position.size:
            return {EVERYTHING: None}, here
        with open(self.path, "rb") as board:
            if os.fstat(board.fileno()).st_ino != position.inode:
                return {EVERYTHING: None}, here
            board.seek(position.size)
            new = board.read(here.size - position.size)
        return _read(new), here

    def hold(self) -> None:
        """Keep the present board's file open, so that no later one can be taken for it."""
        if self._held is not None:
            os.close(self._held)
        self._held = os.open(self.path, os.O_RDONLY)

    def post(self, names: Names) -> None:
        """Add one recall. The caller holds the store's lock, so lines never mix."""
        if self.position().size > LONGEST:
            self._begin()
        line = json.dumps(names, separators=(",", ":")).encode() + b"\n"
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, line)
        finally:
            os.close(file)
        self._change_pulse(post=time.time_ns())

    def vouch(self, at: float) -> None:
        """Say that everything the database knew at `at` (seconds since 1970) is on the board."""
        self._change_pulse(vouched=int(at * 1_000_000))

    def take_down(self) -> None:
        """Take the board away: every process forgets what it holds. Works on a full disk too."""
        self.path.unlink(missing_ok=True)
        self._change_pulse(post=time.time_ns())

    def open_pulse(self) -> "Pulse":
        """Return the pulse of this host, mapped; one is begun where there is none."""
        file = self._pulse_file()
        try:
            return Pulse(file, self.pulse_path)
        finally:
            os.close(file)

    def _change_pulse(self, post: int = 0, vouched: int | None = None) -> None:
        file = self._pulse_file()
        try:
            last, was = NUMBERS.unpack(os.pread(file, NUMBERS.size, 0))
            if vouched is not None:
                os.pwrite(file, struct.pack("=q", vouched), 8)
            else:
                os.pwrite(file, struct.pack("=q", max(last + 1, post)), 0)
        finally:
            os.close(file)

    def _pulse_file(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.pulse_path, os.O_RDWR | os.O_CREAT, 0o644)
        if os.fstat(file).st_size < NUMBERS.size:
            os.pwrite(file, bytes(NUMBERS.size), 0)  # on the disk, and not a hole: a mapped hole on a full disk kills
        return file

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        new.write_bytes(b"{}\n")
        os.replace(new, self.path)


class Pulse:
    """The two numbers as a process sees them: `numbers[0]` of the last post, `numbers[1]` when it was vouched for."""

    def __init__(self, file: int, path: Path):
        self.path = path
        self.inode = os.fstat(file).st_ino
        self.numbers = memoryview(mmap.mmap(file, NUMBERS.size, prot=mmap.PROT_READ)).cast("q")

    def is_the_hosts(self) -> bool:
        """Whether this is still the file all processes of the host look at."""
        try:
            return os.stat(self.path).st_ino == self.inode
        except FileNotFoundError:
            return False


def _read(new: bytes) -> Names:
    if not new.endswith(b"\n") and new:
        return {EVERYTHING: None}
    try:
        return joined(*(json.loads(line) for line in new.splitlines()))
    except (ValueError, AttributeError):
        return {EVERYTHING: None}

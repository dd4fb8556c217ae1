"""The journal of one sending process: a line before a body may leave, and a line at its answer.

It tells, after a kill, which few deliveries are uncertain: those begun (`B`) and not answered (`R`), one a connection.
A chunk's deliveries are named when it is taken (`T`): what was said of them in an earlier attempt is over. The file's
lock is held for as long as the process lives, so a free lock is the kernel's own word that it is dead. The lines are
written and not synced: a kill loses none of them, a power cut may, so a journal of an earlier boot is not believed.
"""

import errno
import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from masthead.mail.transport import Id, Outcome, Result, Stage

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LARGE = 8 * 1024 * 1024  # bytes; a journal beyond is emptied at the next moment with nothing in hand
_LINE = re.compile(r"([TB]) ([0-9 ]*);|R ([0-9]+) ([a-z]+) ([a-z]+) ([0-9]+) (.*);")


@dataclass
class Told:
    """What a dead process's journal says: what it began, and what was answered. `believed` is False after a reboot."""

    believed: bool = True
    begun: set[int] = field(default_factory=set)
    answered: dict[int, Result] = field(default_factory=dict)


class Journal:
    """The journal of this process, open and locked, for all its threads. `name` is what a chunk's owner is called."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{place(folder)}.{os.getpid()}.{secrets.token_hex(4)}"
        self.path = _path(folder, self.name)
        self._turn, self._torn = threading.Lock(), False
        # Locked under another name first: nobody may find it without its lock and take us for dead.
        unlocked = folder / f".{self.name}.new"
        self._file = os.open(unlocked, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._boot = f"boot {boot_id()}\n".encode()
        os.write(self._file, self._boot)
        self._size = len(self._boot)
        unlocked.rename(self.path)

    def taken(self, deliveries: Iterable[int]) -> None:
        """Name what is taken in hand; call it before that is committed."""
        self._write(f"T {' '.join(map(str, deliveries))};\n")

    def begun(self, delivery: Id) -> None:
        """Say that a letter may leave from now on. Raises OSError where that can't be written: then it must not."""
        self._write(f"B {delivery};\n")

    def answered(self, delivery: Id, result: Result) -> None:
        text = " ".join(result.text.split())[:300]
        self._write(f"R {delivery} {result.outcome} {result.stage} {result.code} {text};\n")

    @property
    def is_large(self) -> bool:
        return self._size > LARGE

    def empty(self) -> None:
        """Begin afresh. Only with nothing in hand: everything in it is in the books."""
        with self._turn:
            os.ftruncate(self._file, len(self._boot))
            self._size, self._torn = len(self._boot), False

    def close(self) -> None:
        """Take the journal away: everything in it is in the books."""
        self.path.unlink(missing_ok=True)
        os.close(self._file)

    def abandon(self) -> None:
        """Let go of the journal and leave it lying, as a kill does: something of it is not in the books."""
        os.close(self._file)

    def _write(self, line: str) -> None:
        content = line.encode()
        with self._turn:
            if self._torn:
                content = b"\n" + content
            written = os.write(self._file, content)
            self._size += written
            self._torn = written < len(content)
        if self._torn:
            raise OSError(errno.ENOSPC, "There is no room for the journal of what is being sent", str(self.path))


@contextmanager
def of_the_dead(folder: Path, owner: str) -> Iterator[Told | None]:
    """Read what a dead owner left, while nobody else settles it; None while it lives or kept its journal elsewhere.

    A journal that is gone from this folder tells nothing, so nothing of it can be believed.
    """
    if owner.split(".")[0] != place(folder):
        yield None
        return
    path = _path(folder, owner)
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield Told(believed=False)
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield _read(path.read_text(errors="replace"))
    finally:
        os.close(file)


def forget(folder: Path, owner: str) -> None:
    """Take away the journal of a dead process that has been settled."""
    _path(folder, owner).unlink(missing_ok=True)


def left_by_the_dead(folder: Path) -> list[str]:
    """Return the owners of journals in this folder whose process is dead."""
    found = []
    for path in folder.glob("*.journal"):
        with of_the_dead(folder, path.stem) as told:
            if told is not None:
                found.append(path.stem)
    return found


def boot_id() -> str:
    """The kernel's name for this run of the machine; empty where it gives none, and then no journal is believed."""
    return BOOT_ID.read_text().strip() if BOOT_ID.exists() else ""


def place(folder: Path) -> str:
    """Return the name of where journals are kept, given at first use: not the machine's, which a container changes."""
    return place_file(folder).read_text()


def place_file(folder: Path) -> Path:
    """Return the file that holds the name. It is beside the folder: journals that are gone are known as ours."""
    named = folder.parent / "journals.place"
    if not named.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = folder.parent / f".{secrets.token_hex(4)}.place"
        new.write_text(secrets.token_hex(6))
        with suppress(FileExistsError):
            os.link(new, named)  # whoever comes first names it, whole
        new.unlink()
    return named


def _path(folder: Path, owner: str) -> Path:
    return folder / f"{owner}.journal"


def _read(content: str) -> Told:
    boot, _end, lines = content.partition("\n")
    boot = boot.removeprefix("boot ").strip()
    told = Told(believed=bool(boot) and boot == boot_id())
    for line in lines.split("\n"):
        if found := _LINE.fullmatch(line):  # a line cut by the kill or by a full disk was never acted on
            _note(told, found)
    return told


def _note(told: Told, found: re.Match) -> None:
    word, keys, key, outcome, stage, code, text = found.groups()
    if key:
        told.answered[int(key)] = Result(int(key), Outcome(outcome), Stage(stage), int(code), text)
        return
    for one in map(int, keys.split()):
        told.answered.pop(one, None)
        told.begun.add(one) if word == "B" else told.begun.discard(one)

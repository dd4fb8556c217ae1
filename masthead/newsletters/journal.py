"""The journal of one sending process: a line before a body may leave, and a line at its answer.

It tells, after a kill, which single delivery is uncertain: one begun (`B`) and not answered (`R`). The file's lock is
held for as long as the process lives, so a free lock is the kernel's own word that it is dead. The lines are written
and not synced: a kill loses none of them, a power cut may, so a journal of an earlier boot is not believed.
"""

import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from masthead.mail.transport import Id, Outcome, Result, Stage

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass
class Told:
    """What a dead process's journal says: what it began, and what was answered. `believed` is False after a reboot."""

    believed: bool = True
    begun: set[int] = field(default_factory=set)
    answered: dict[int, Result] = field(default_factory=dict)


class Journal:
    """The journal of this process, open and locked. `name` is what a chunk's owner is called."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{this_host()}.{os.getpid()}.{secrets.token_hex(4)}"
        self.path = _path(folder, self.name)
        # Locked under another name first: nobody may find it without its lock and take us for dead.
        unlocked = folder / f".{self.name}.new"
        self._file = os.open(unlocked, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(self._file, f"boot {boot_id()}\n".encode())
        unlocked.rename(self.path)

    def begun(self, delivery: Id) -> None:
        os.write(self._file, f"B {delivery}\n".encode())

    def answered(self, delivery: Id, result: Result) -> None:
        text = " ".join(result.text.split())[:300]
        os.write(self._file, f"R {delivery} {result.outcome} {result.stage} {result.code} {text}\n".encode())

    def close(self) -> None:
        """Take the journal away: everything in it is in the books."""
        self.path.unlink(missing_ok=True)
        os.close(self._file)

    def abandon(self) -> None:
        """Let go of the journal and leave it lying, as a kill does: something of it is not in the books."""
        os.close(self._file)


@contextmanager
def of_the_dead(folder: Path, owner: str) -> Iterator[Told | None]:
    """Read what a dead owner left, while nobody else settles it; None while it lives or on another machine.

    A journal that is gone on this machine tells nothing, so nothing of it can be believed.
    """
    if owner.split(".")[0] != this_host():
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
        yield _read(path.read_text())
    finally:
        os.close(file)


def forget(folder: Path, owner: str) -> None:
    """Take away the journal of a dead process that has been settled."""
    _path(folder, owner).unlink(missing_ok=True)


def left_by_the_dead(folder: Path) -> list[str]:
    """Return the owners of journals on this machine whose process is dead."""
    found = []
    for path in folder.glob("*.journal"):
        with of_the_dead(folder, path.stem) as told:
            if told is not None:
                found.append(path.stem)
    return found


def boot_id() -> str:
    """The kernel's name for this run of the machine; empty where it gives none, and then no journal is believed."""
    return BOOT_ID.read_text().strip() if BOOT_ID.exists() else ""


def this_host() -> str:
    return socket.gethostname().replace(".", "-") or "host"


def _path(folder: Path, owner: str) -> Path:
    return folder / f"{owner}.journal"


def _read(content: str) -> Told:
    lines = content.split("\n")
    lines.pop()  # what follows the last line end was cut by the kill
    boot = lines[0].removeprefix("boot ").strip() if lines else ""
    told = Told(believed=bool(boot) and boot == boot_id())
    for line in lines[1:]:
        word, _blank, rest = line.partition(" ")
        if word == "B":
            told.begun.add(int(rest))
        elif word == "R":
            key, outcome, stage, code, *text = rest.split(" ", 4)
            told.answered[int(key)] = Result(int(key), Outcome(outcome), Stage(stage), int(code), " ".join(text))
    return told

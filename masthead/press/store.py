"""The store: the printed pages of a host, on its disk, shared by all its processes and outliving them.

    printed/board               every recall of this host (see board.py)
    printed/index               which page is made of what: a database of our own, thrown away without harm
    printed/now                 a link to the pages of the edition in use, for nginx
    printed/editions/<edition>  held by every process that prints it: an edition nobody holds is thrown away
    printed/pages/<edition>/<host>/<path>/index.html, .gz, .br
    printed/sheets/<edition>/…  what belongs to each page: headers, ingredients, checksums; and what nginx can't send

Three orders of doing things make it right, whoever runs beside whom:

1. *Printing*: the end of the board is noted before a page is rendered. It is kept under the index's write lock, and
   only if nothing posted since concerns it. So a page rendered from what was true before a recall is never kept after.
2. *Recalling*, under the same lock: first the files are deleted, then the recall is posted. A page kept before is
   found in the index and deleted; one kept later has seen the post. Whoever reads a file that is about to be deleted
   read the board before the post, and so will forget the page at the next request.
3. *Sending*: the board's size is looked at first, then memory, then the disk.

A process killed in the middle leaves the index unchanged (its transaction is undone): the recall is made again from its
row in the database, and pages without files are printed anew.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from masthead.press.board import Board, Position
from masthead.press.editions import Held
from masthead.press.ingredients import EVERYTHING, HOSTS, Names, concerns, number_of
from masthead.press.pages import SUFFIX, Page, fingerprint, key_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS page(id INTEGER PRIMARY KEY, key TEXT, edition TEXT, bytes INTEGER, until REAL, used REAL,
    UNIQUE(key, edition));
CREATE TABLE IF NOT EXISTS made_of(name INTEGER, page INTEGER, down_to REAL, PRIMARY KEY(name, page)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS made_of_page ON made_of(page);
CREATE INDEX IF NOT EXISTS page_until ON page(until);
CREATE INDEX IF NOT EXISTS page_used ON page(used);
CREATE TABLE IF NOT EXISTS host(written TEXT PRIMARY KEY, host TEXT);
CREATE TABLE IF NOT EXISTS said(name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS applied(id INTEGER PRIMARY KEY, horizon INTEGER);
"""
MANY = 1000  # pages; where more are recalled at once, all are set aside in one stroke
WAIT = 5  # seconds for the index's lock
TURNS = 512  # printings that can be told apart
MOST_HOSTS = 1000  # ways to write the hosts of a house


class Broken(Exception):
    """The store can't be used now; pages are rendered and not kept until it can."""


@dataclass(frozen=True)
class Status:
    pages: int
    bytes: int
    edition: str


class Turn:
    """The turn to print a page: who has it prints, who has not waits for the page, or until the turn is free."""

    def __init__(self, lock: int | None):
        self._lock, self.is_ours = lock, lock is None
        self.take()

    def take(self) -> bool:
        """Take the turn if nobody has it; whether it is ours then."""
        if not self.is_ours and self._lock is not None:
            with contextlib.suppress(OSError):  # somebody has it, or the system gives none
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.is_ours = True
        return self.is_ours


class Store:
    """Printed pages in `folder`, of one edition, in `most_bytes` at most."""

    def __init__(self, folder: Path, edition: str, most_bytes: int = 512 * 1024 * 1024):
        self.folder, self.edition, self.most_bytes = folder, edition, most_bytes
        self.board = Board(folder / "board")
        self._own = threading.local()
        self.held = Held(folder / "editions", edition)

    # Sending

    def load(self, host: str, path: str, query: str, coding: str) -> Page | None:
        """Return a kept page with its bytes in one coding, or None. What is damaged is as good as not there."""
        try:
            page = Page.of(self._sheet(key_of(host, path, query)).read_bytes())
            coding = coding if coding in page.prints else "identity"
            return page if self.fetch(page, coding) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def fetch(self, page: Page, coding: str) -> bool:
        """Give a page its bytes in one more coding; False where they are gone, damaged or of another printing."""
        try:
            data = Path(f"{self._body(page)}{SUFFIX[coding]}").read_bytes()
        except OSError:
            return False
        if fingerprint(data) != page.prints[coding]:
            return False
        page.bodies[coding] = data
        return True

    def host_of(self, written: str) -> str | None:
        """Return the host under which the title is kept that answers at `written`, if that is known."""
        with contextlib.suppress(Broken), self._reading() as index:
            row = index.execute("SELECT host FROM host WHERE written = ?", (written,)).fetchone()
            return row[0] if row else None
        return None

    # Printing

    @contextmanager
    def turn(self, key: str) -> Iterator[Turn]:
        """Ask for the turn to print a page. Who dies lets it go."""
        place = int(hashlib.blake2b(key.encode(), digest_size=4).hexdigest(), 16) % TURNS
        folder = self.folder / "turns"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder / str(place), os.O_RDWR | os.O_CREAT, 0o644)
        except OSError:
            yield Turn(None)  # nothing can be kept either
            return
        try:
            yield Turn(lock)
        finally:
            os.close(lock)

    def keep(self, page: Page, rendered_after: Position, now: float) -> bool:
        """Keep a page that was rendered after the board ended at `rendered_after`; False where it was recalled since.

        With it is kept which title answered at the host as the reader wrote it.

        Raises Broken where the disk is full or the index damaged.
        """
        with self._working() as index:
            recalled, _here = self.board.since(rendered_after)
            if concerns(recalled, page.made_of):
                return False
            self._forget(index, [(page.key, self.edition)])
            self._write(page)
            row = index.execute(
                "INSERT INTO page(key, edition, bytes, until, used) VALUES (?, ?, ?, ?, ?)",
                (page.key, self.edition, page.size, page.until, now),
            )
            index.executemany(
                "INSERT OR REPLACE INTO made_of VALUES (?, ?, ?)",
                [(number_of(name), row.lastrowid, down_to) for name, down_to in page.made_of.items()],
            )
            if index.execute("SELECT count(*) FROM host").fetchone()[0] < MOST_HOSTS:
                index.execute("INSERT OR REPLACE INTO host VALUES (?, ?)", (page.asked, page.host))
            return True

    # Recalling

    def recall(self, names: Names, row: int | None = None, horizon: int = 0) -> list[str]:
        """Take back every page that `names` concerns, of any edition, and return their addresses.

        `row` is the recall's own in the database: it is not done twice. Where anything fails, all is taken back.
        """
        try:
            with self._working() as index:
                if row is not None:
                    new = index.execute("INSERT OR IGNORE INTO applied VALUES (?, ?)", (row, horizon)).rowcount
                    if not new:
                        return []
                if EVERYTHING in names or HOSTS in names:
                    index.execute("DELETE FROM host")
                taken = self._concerned(index, names)
                if len(taken) > MANY:
                    self._set_aside(index)
                else:
                    self._forget(index, taken)
                self.board.post(names)
            return [key for key, _edition in taken]
        except Broken:
            self.empty()
            raise

    def recall_bygone(self, now: float) -> int:
        """Take back the pages whose time has come, and return how many: nginx doesn't look at the clock."""
        with self._reading() as index:
            gone = index.execute("SELECT key, edition FROM page WHERE until <= ?", (now,)).fetchall()
        if gone:
            with self._working() as index:
                self._forget(index, gone)
        return len(gone)

    def make_room(self) -> int:
        """Take back the pages longest unused while there are more bytes than allowed; return how many."""
        with self._reading() as index:
            over = (index.execute("SELECT sum(bytes) FROM page").fetchone()[0] or 0) - self.most_bytes
        if over <= 0:
            return 0
        least = over + self.most_bytes // 10
        with self._working() as index:
            gone = []
            for key, edition, size in index.execute("SELECT key, edition, bytes FROM page ORDER BY used").fetchall():
                if least <= 0:
                    break
                gone.append((key, edition))
                least -= size
            self._forget(index, gone)
        return len(gone)

    def sweep_away(self) -> None:
        """Delete what was set aside; nobody waits for it."""
        for folder in self.folder.glob("aside.*"):
            shutil.rmtree(folder, ignore_errors=True)

    def mark_used(self, keys: Iterable[str], now: float) -> None:
        """Say that these pages were sent lately."""
        with self._working() as index:
            index.executemany(
                "UPDATE page SET used = ? WHERE key = ? AND edition = ?", [(now, key, self.edition) for key in keys]
            )

    def empty(self) -> None:
        """Throw everything away; every process forgets what it holds. Works on a full disk and a damaged index."""
        self.board.take_down()
        for name in ("pages", "sheets"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for file in self.folder.glob("index*"):
            file.unlink(missing_ok=True)

    # What is known of the database

    def said(self, name: str) -> str:
        """Return what was noted under a name, or ""."""
        with self._reading() as index:
            row = index.execute("SELECT value FROM said WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def say(self, **said: object) -> None:
        with self._working() as index:
            rows = [(name, str(value)) for name, value in said.items()]
            index.executemany("INSERT OR REPLACE INTO said VALUES (?, ?)", rows)

    def forget_applied(self, before: int) -> None:
        """Forget which recalls were made, of those that will not be asked for again."""
        with self._working() as index:
            index.execute("DELETE FROM applied WHERE horizon < ?", (before,))

    # The house-keeping of editions

    def open_edition(self) -> None:
        """Let nginx find the pages of this edition."""
        pages = self.folder / "pages" / self.edition
        pages.mkdir(parents=True, exist_ok=True)
        link = self.folder / "now"
        if not link.is_symlink() or os.readlink(link) != f"pages/{self.edition}":
            new = self.folder / f"now.{os.getpid()}"
            new.unlink(missing_ok=True)
            new.symlink_to(f"pages/{self.edition}")
            new.replace(link)

    def close_to_nginx(self) -> None:
        """Take the link away: nginx asks us for everything."""
        (self.folder / "now").unlink(missing_ok=True)

    def drop_editions_left(self) -> list[str]:
        """Set aside what was printed by code, templates or options no process here has any more; return which."""
        known = {place.name for name in ("pages", "sheets", "editions") for place in (self.folder / name).glob("*")}
        left = self.held.left_among(known)
        for edition in left:
            with self._working() as index:
                self._set_aside(index, edition)
            self.held.forget(edition)
        return left

    def status(self) -> Status:
        with self._reading() as index:
            n, size = index.execute("SELECT count(*), coalesce(sum(bytes), 0) FROM page").fetchone()
        return Status(n, size, self.edition)

    def keys(self) -> list[str]:
        """Return the addresses of every page of this edition."""
        with self._reading() as index:
            rows = index.execute("SELECT key FROM page WHERE edition = ? ORDER BY key", (self.edition,))
            return [row[0] for row in rows]

    # Files

    def _write(self, page: Page) -> None:
        body, sheet = self._body(page), self._sheet(page.key)
        for coding, data in page.bodies.items():
            _put(Path(f"{body}{SUFFIX[coding]}"), data)
        _put(sheet, page.written())

    def _forget(self, index: sqlite3.Connection, pages: Iterable[tuple[str, str]]) -> None:
        for key, edition in pages:
            row = index.execute("SELECT id FROM page WHERE key = ? AND edition = ?", (key, edition)).fetchone()
            if row is None:
                continue
            sheet = self._sheet(key, edition)
            for body in (self._plain(key, edition), sheet.with_suffix(".body")):
                for suffix in SUFFIX.values():
                    Path(f"{body}{suffix}").unlink(missing_ok=True)
            sheet.unlink(missing_ok=True)
            index.execute("DELETE FROM made_of WHERE page = ?", row)
            index.execute("DELETE FROM page WHERE id = ?", row)

    def _set_aside(self, index: sqlite3.Connection, edition: str = "") -> None:
        """Take the pages of one edition, or of all, out of reach at once: who changes the settings need not wait."""
        for name in ("pages", "sheets"):
            with contextlib.suppress(FileNotFoundError):
                (self.folder / name / edition).rename(self.folder / f"aside.{name}.{time.time_ns()}")
        if edition:
            index.execute("DELETE FROM made_of WHERE page IN (SELECT id FROM page WHERE edition = ?)", (edition,))
            index.execute("DELETE FROM page WHERE edition = ?", (edition,))
        else:
            index.execute("DELETE FROM made_of")
            index.execute("DELETE FROM page")

    def _concerned(self, index: sqlite3.Connection, names: Names) -> list[tuple[str, str]]:
        if EVERYTHING in names:
            return index.execute("SELECT key, edition FROM page").fetchall()
        found: dict[tuple[str, str], None] = {}
        for name, place in names.items():
            rows = index.execute(
                "SELECT page.key, page.edition FROM made_of JOIN page ON page.id = made_of.page WHERE made_of.name = ?"
                " AND (made_of.down_to IS NULL OR ? IS NULL OR ? <= made_of.down_to)",
                (number_of(name), place, place),
            )
            found |= dict.fromkeys(rows)
        return list(found)

    def _body(self, page: Page) -> Path:
        return self._plain(page.key, self.edition) if page.plain else self._sheet(page.key).with_suffix(".body")

    def _plain(self, key: str, edition: str) -> Path:
        """Return where nginx looks for the page at an address."""
        file = key.partition("?")[0]
        return self.folder / "pages" / edition / (f"{file}index.html" if file.endswith("/") else file)

    def _sheet(self, key: str, edition: str = "") -> Path:
        name = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
        return self.folder / "sheets" / (edition or self.edition) / name[:2] / f"{name[2:]}.sheet"

    # The index

    @contextmanager
    def _working(self) -> Iterator[sqlite3.Connection]:
        """Hold the index's write lock; what was written counts when the block ends well."""
        with self._reading() as index:
            index.execute("BEGIN IMMEDIATE")
            try:
                yield index
                index.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    index.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._index()
        except (sqlite3.Error, OSError) as error:
            self._close()
            raise Broken(f"The store of printed pages can't be used: {error}") from error

    def _index(self) -> sqlite3.Connection:
        path = self.folder / "index"
        if getattr(self._own, "index", None) is not None:
            try:
                if os.stat(path).st_ino == self._own.inode:
                    return self._own.index
            except FileNotFoundError:
                pass
            self._close()  # somebody took the folder away: what we hold open is no longer the index
        self.folder.mkdir(parents=True, exist_ok=True)
        index = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
        index.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {SCHEMA}")
        self._own.index, self._own.inode = index, os.stat(path).st_ino
        return index

    def _close(self) -> None:
        index, self._own.index = getattr(self._own, "index", None), None
        if index is not None:
            index.close()


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise

"""Members: a list of readers from elsewhere is read row by row and taken in, a batch at a time.

Mailchimp's audience exports (subscribed, unsubscribed, cleaned), Ghost's members, MailPoet's and other WordPress
plugins' subscribers, listmonk's, and any table with a column of addresses are told by their columns. What no column
asks for stays in the file: names, notes, IP addresses.
"""

import hashlib
import io
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from masthead.importing import tables
from masthead.importing.decoding import ImportRefused, without_controls
from masthead.importing.exports import ADDRESS, DATES_OF_LEAVING, SAID, SOURCES, STATES, TIMES
from masthead.mail.addresses import BadAddress
from masthead.publication.models import Publication
from masthead.subscribers import gathering
from masthead.subscribers.gathering import Fate, Row, Said
from masthead.subscribers.models import Arrival
from masthead.subscribers.texts import ConsentText

BATCH = 1000  # rows a transaction
TOLD = 20  # broken rows that are named one by one
LARGEST_AT_THE_DESK = 10 * 1024 * 1024  # about 100,000 rows
TURN = 5.0  # seconds of a turn of the clock
LONGEST_SAID = 60  # characters of a date or source, as the list gives it

# Counted under these English words, whatever language the page that shows them speaks.
TOLD_AS = {
    Fate.TAKEN: _("taken in"),
    Fate.KNOWN: _("known here already"),
    Fate.DUPLICATE: _("twice in the list"),
    Fate.SUPPRESSED: _("not to be written to"),
    Fate.LEFT: _("unsubscribed there"),
    Fate.BOUNCED: _("bounced there"),
    Fate.COMPLAINED: _("complained there"),
    Fate.NOT_CONFIRMED: _("never confirmed there"),
}
WRONG = {
    "empty": _("no address"),
    "control": _("a line break or another hidden character in the address"),
    "space": _("a blank in the address"),
    "parts": _("no address, but something else"),
    "local": _("wrong before the @"),
    "domain": _("wrong after the @"),
    "long": _("too long"),
    "smtputf8": _("letters before the @ that not every mail server carries"),
}
# Mailchimp says it in the name of the file: people it knows who never asked for mail.
NEVER_ASKED = re.compile(r"^(nonsubscribed|transactional)[_ -]", re.IGNORECASE)


@dataclass(frozen=True)
class Shape:
    """How a table is read: its columns by what they say, and which stay in the file."""

    encoding: str
    delimiter: str
    width: int
    has_heading: bool
    address: int
    leaving: dict[int, Said] = field(default_factory=dict)
    states: tuple[int, ...] = ()
    times: tuple[int, ...] = ()
    source: int | None = None
    left_out: tuple[str, ...] = ()


@dataclass
class Report:
    """What became of every row: rows = taken + known + ... + broken."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)  # the first broken rows, by line and reason
    left_out: tuple[str, ...] = ()
    went_on_from: int = 0

    def count(self, fate: Fate) -> int:
        return self.counts[fate.value]

    @property
    def broken(self) -> dict[str, int]:
        """Rows that could not be read, by reason."""
        prefix = "broken:"
        found = sorted((name.removeprefix(prefix), n) for name, n in self.counts.items() if name.startswith(prefix))
        return {gettext(why): n for why, n in found}

    def words(self) -> list[tuple[Fate, str]]:
        """Each fate and what is said of it, in the order of a report."""
        return [(fate, gettext(words)) for fate, words in TOLD_AS.items()]

    @property
    def adds_up(self) -> bool:
        return self.rows == self.counts.total()


def bring_in(
    path: Path,
    arrival: Arrival,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Take in a list from a file, going on where an earlier run of the same file was broken off.

    `arrival` is unsaved and says title, kind and evidence; `progress` gets bytes read and bytes in all.
    Raises ImportRefused, and gathering.NoWords.
    """
    if NEVER_ASKED.match(path.name):
        raise ImportRefused(f"{path.name} holds people who never asked for mail. Bring in the subscribed ones.")
    try:
        with path.open("rb") as file:
            arrival.file_name, arrival.file_hash = path.name[:200], hashlib.file_digest(file, "sha256").hexdigest()
            shape = shape_of(file, arrival.column)
            if not dry_run:
                arrival = begun_before(arrival) or arrival
                arrival.save()
            size = path.stat().st_size
            return read_in(file, shape, arrival, dry_run=dry_run, progress=lambda: progress(file.tell(), size))
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read ({error.strerror}). Check the path and its rights.") from error


def begun_before(arrival: Arrival) -> Arrival | None:
    """Return the unfinished run of the same file for the same kind of mail, if there is one."""
    same = Arrival.objects.filter(
        publication=arrival.publication, kind=arrival.kind, file_hash=arrival.file_hash, column=arrival.column
    )
    return same.filter(state=Arrival.State.READING).first()


def receive(title: Publication, name: str, content: bytes, **more: str) -> Arrival:
    """Keep a file that was handed in at the desk until the clock has brought it in, and return what waits.

    `more` are fields of Arrival. Raises ImportRefused at once for what can't be read.
    """
    if NEVER_ASKED.match(name):
        raise ImportRefused(f"{name} holds people who never asked for mail. Bring in the subscribed ones.")
    if len(content) > LARGEST_AT_THE_DESK:
        raise ImportRefused("The file is too large for the desk. Bring it in with `masthead import subscribers`.")
    shape_of(io.BytesIO(content), more.get("column", ""))
    digest = hashlib.sha256(content).hexdigest()
    return Arrival.objects.create(publication=title, file_name=name[:200], file_hash=digest, file=content, **more)


def bring_in_waiting(seconds: float = TURN) -> int:
    """Bring in what was handed in at the desk, for so many seconds at most, and return how many lists are through."""
    until, through = time.monotonic() + seconds, 0
    open_ones = Arrival.objects.filter(state__in=[Arrival.State.WAITING, Arrival.State.READING], file__isnull=False)
    for arrival in open_ones.select_related("publication").order_by("pk"):
        file = io.BytesIO(arrival.file or b"")
        try:
            read_in(file, shape_of(file, arrival.column), arrival, stop=lambda: time.monotonic() >= until)
        except (ImportRefused, gathering.NoWords) as refused:
            refused_now = {"state": Arrival.State.REFUSED, "note": str(refused)[:400], "file": None}
            Arrival.objects.filter(pk=arrival.pk).update(**refused_now)
        except gathering.Overtaken:
            continue  # by another clock, which goes on with it
        through += arrival.state == Arrival.State.DONE
        if time.monotonic() >= until:
            break
    return through


def read_in(
    file: BinaryIO,
    shape: Shape,
    arrival: Arrival,
    *,
    dry_run: bool = False,
    progress: Callable[[], None] = lambda: None,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Read on in a table from the row `arrival` has come to, until its end or `stop()`."""
    text = gathering.text_for(arrival.publication, arrival.kind)
    report = Report(left_out=shape.left_out, went_on_from=arrival.rows_done)
    scales = _Scales(arrival, text) if dry_run else None
    with closing(_understood(file, shape)) as found:
        next(islice(found, arrival.rows_done, arrival.rows_done), None)  # what an earlier run has entered
        while batch := list(islice(found, BATCH)):
            rows = [row for row in batch if isinstance(row, Row)]
            broken = [row for row in batch if isinstance(row, tables.Line)]
            report.named += [_named(row) for row in broken[: TOLD - len(report.named)]]
            why = Counter(row.broken for row in broken)
            scales.weigh(rows, why) if scales else gathering.take_in(arrival, rows, text, why)
            progress()
            if stop():
                break
        else:
            _close(arrival)  # in a dry run there is no such row to close
    report.counts, report.rows = Counter(arrival.counts), arrival.rows_done
    return report


def _named(row: tables.Line) -> str:
    return f"line {row.number}: {row.broken}" + (f" (“{row.word}”)" if row.word else "")


def _close(arrival: Arrival) -> None:
    arrival.state = Arrival.State.DONE
    Arrival.objects.filter(pk=arrival.pk).update(state=Arrival.State.DONE, file=None)


class _Scales:
    """A dry run: each row against what is kept now, and against the rows before it, which are kept on disk."""

    def __init__(self, arrival: Arrival, text: ConsentText):
        self.arrival, self.text = arrival, text
        self.seen = sqlite3.connect("")  # a file of its own that goes with the connection
        self.seen.execute("CREATE TABLE seen (print TEXT PRIMARY KEY) WITHOUT ROWID")

    def weigh(self, rows: list[Row], broken: Counter[str]) -> None:
        counted, written = gathering.weigh(self.arrival, rows, self.text)
        for print_, fate in written:
            if not self.seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", [print_]).rowcount:
                counted[fate.value] -= 1
                counted[Fate.DUPLICATE.value] += 1
        counted.update({f"broken:{why}": n for why, n in broken.items()})
        self.arrival.counts = dict(Counter(self.arrival.counts) + counted)
        self.arrival.rows_done += len(rows) + broken.total()


# What the columns say


def shape_of(file: BinaryIO, column: str = "") -> Shape:
    """Tell by the first rows how a table is read; `column` names that of the addresses where nothing tells it.

    Raises ImportRefused with one sentence where no column holds addresses.
    """
    file.seek(0)
    encoding = tables.encoding_of(file)
    delimiter = tables.delimiter_of(file, encoding)
    with closing(tables.rows(file, encoding, delimiter)) as found:
        first = [line.cells for line in islice(found, tables.LOOKED_AT) if line.cells]
    file.seek(0)
    if not first:
        raise ImportRefused("The file is empty. Export the list again.")
    heading = [cell.strip().strip("\ufeff").casefold() for cell in first[0]]
    address = _address_column(heading, first, column.strip().casefold())
    has_heading = "@" not in first[0][address]
    if not has_heading:
        heading = [""] * len(first[0])
    leaving = {n: DATES_OF_LEAVING[name] for n, name in enumerate(heading) if name in DATES_OF_LEAVING}
    states = tuple(_those(heading, STATES))
    times, sources = tuple(_those(heading, TIMES)), _those(heading, SOURCES)
    used = {address, *leaving, *states, *times, *sources[:1]}
    left_out = tuple(cell.strip() for n, cell in enumerate(first[0]) if has_heading and n not in used and cell.strip())
    return Shape(
        encoding,
        delimiter,
        len(first[0]),
        has_heading,
        address,
        leaving,
        states,
        times,
        sources[0] if sources else None,
        left_out,
    )


def _address_column(heading: list[str], first: list[list[str]], named: str) -> int:
    """The column that is named; else one with a heading we know; else the only one full of addresses."""
    if named:
        if named not in heading:
            raise ImportRefused(f"No column is called “{named}”. The file has: {', '.join(filter(None, heading))}.")
        return heading.index(named)
    by_heading = _those(heading, ADDRESS)
    if by_heading:
        return by_heading[0]
    below = first[1:] or first
    full = [n for n in range(len(heading)) if sum("@" in row[n] for row in below if n < len(row)) * 10 > len(below) * 8]
    if len(full) != 1:
        raise ImportRefused(
            "No column of e-mail addresses was found. Give the column's heading with --column, or call it “email”."
        )
    return full[0]


def _those(heading: list[str], names: list[str]) -> list[int]:
    """The columns with one of these names, the surest name first."""
    return [heading.index(name) for name in names if name in heading]


# What a row says


def _understood(file: BinaryIO, shape: Shape) -> Generator[Row | tables.Line, None, None]:
    """Each row under the heading as what it says, or with the reason why it can't be used."""
    found = tables.rows(file, shape.encoding, shape.delimiter)
    for line in islice(found, int(shape.has_heading), None):
        if line.broken:
            yield line
            continue
        try:
            yield _row(line, shape)
        except BadAddress as bad:
            yield tables.Line(line.number, broken=WRONG[bad.code])
        except _NotUnderstood as why:
            yield tables.Line(line.number, broken=why.args[0], word=_as_said(why.args[1]))


class _NotUnderstood(ValueError):
    """A row whose address or state can't be told; nobody is taken in by a guess."""


def _row(line: tables.Line, shape: Shape) -> Row:
    cells = line.cells
    if len(cells) <= shape.address:
        raise _NotUnderstood(_("no cell for the address"), "")
    if len(cells) > shape.width and any(cell.strip() for cell in cells[shape.width :]):
        raise _NotUnderstood(_("more cells than the heading has"), "")
    said_at = next((cells[n] for n in shape.times if n < len(cells) and cells[n].strip()), "")
    source = cells[shape.source] if shape.source is not None and shape.source < len(cells) else ""
    return gathering.row_of(line.number, cells[shape.address], _said(cells, shape), _as_said(said_at), _as_said(source))


def _said(cells: list[str], shape: Shape) -> Said:
    """What the row says of wanting mail: a no anywhere in it is a no."""
    for n, no in shape.leaving.items():
        if n < len(cells) and cells[n].strip():
            return no
    found = Said.YES
    for n in shape.states:
        word = cells[n].strip().casefold() if n < len(cells) else ""
        said = SAID.get(word)
        if said is None and (word or len(shape.states) == 1):
            raise _NotUnderstood(_("a state that is not understood") if word else _("no state is given"), word)
        found = said if said and said != Said.YES else found
    return found


def _as_said(text: str) -> str:
    """A date or source as the list gives it; never an address, which the log must not hold."""
    text = without_controls(text).strip()
    return "" if "@" in text else " ".join(text.split())[:LONGEST_SAID]

"""Tables as other programs export them: any delimiter, quoting and encoding, read row by row in little memory.

One bad line costs one line. A quotation mark that is never closed would make the rest of a file one cell; here a row
may go over a few lines and no more, and what follows is read on its own.
"""

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import gettext_noop as _

from masthead.importing.decoding import ImportRefused

LONGEST_LINE = 100_000  # characters
MOST_LINES_A_ROW = 20  # notes with line breaks in them
DELIMITERS = ",;\t|"
LOOKED_AT = 50  # lines by which the delimiter is chosen
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TABLES = ((b"PK\x03\x04", "a spreadsheet or ZIP file"), (b"\xd0\xcf\x11\xe0", "an old spreadsheet"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row and the number of the line it begins on; `broken` says why it can't be used, in one of few sentences."""

    number: int
    cells: list[str] = field(default_factory=list)
    broken: str = ""
    word: str = ""  # what it was that could not be understood


def encoding_of(file: BinaryIO) -> str:
    """Return the encoding the whole of a file can be read in: by its mark, else UTF-8, else Windows-1252.

    Raises ImportRefused for what is no text table.
    """
    start = file.read(4096)
    file.seek(0)
    for sign, what in _NOT_TABLES:
        if start.startswith(sign):
            raise ImportRefused(f"This is {what}. Save the sheet as CSV and bring that in.")
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


def delimiter_of(file: BinaryIO, encoding: str) -> str:
    """Return what parts the cells: the sign that parts the most lines as it parts the first."""
    lines = [line for line, _ in zip(_physical_lines(_text(file, encoding)), range(LOOKED_AT), strict=False)]
    file.seek(0)
    first, *below = [_outside_quotes(line) for line in lines if line.strip()] or [""]
    return max(DELIMITERS, key=lambda sign: (_agreeing(first, below, sign), first.count(sign)))


def rows(file: BinaryIO, encoding: str, delimiter: str) -> Generator[Line, None, None]:
    """Yield every row of a table but empty lines."""
    lines = _Lines(_physical_lines(_text(file, encoding)))
    for line in lines:
        number = lines.number
        if not line.strip("\r\n"):
            continue
        if len(line) >= LONGEST_LINE:
            yield Line(number, broken=_("longer than a line can be"))
        elif '"' not in line:
            yield Line(number, line.rstrip("\r\n").split(delimiter))
        else:
            yield lines.quoted_row(line, delimiter)


class _Lines:
    """Physical lines that can be taken back."""

    def __init__(self, lines: Iterator[str]):
        self.lines, self.back, self.number = lines, list[str](), 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.back.pop() if self.back else next(self.lines)
        self.number += 1
        return line

    def quoted_row(self, first: str, delimiter: str) -> Line:
        """Read a row that has quotation marks, doubled within or with a backslash, over some lines if it must."""
        number = self.number
        for escape in (None, "\\"):
            taken = [first]
            try:
                cells = next(csv.reader(self._some(taken), delimiter=delimiter, escapechar=escape, strict=True))
                return Line(number, cells)
            except csv.Error:
                self.back += reversed(taken[1:])
                self.number = number
        return Line(number, broken=_("quotation marks that do not match"))

    def _some(self, taken: list[str]) -> Iterator[str]:
        yield taken[0]
        while len(taken) < MOST_LINES_A_ROW and (line := next(self, None)) is not None:
            taken.append(line)
            yield line


def _text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    # Not closed with us: the file is its opener's, and is read several times.
    return io.TextIOWrapper(file, encoding, errors="masthead-cp1252" if encoding == "cp1252" else "replace")


def _physical_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield lines, each cut at LONGEST_LINE, so that a file of one endless line takes no more memory than that."""
    try:
        while line := text.readline(LONGEST_LINE):
            yield line
            while len(line) >= LONGEST_LINE and not line.endswith("\n"):
                line = text.readline(LONGEST_LINE)
    finally:
        text.detach()


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _agreeing(first: str, below: list[str], sign: str) -> int:
    parts = first.count(sign)
    return sum(line.count(sign) == parts for line in below) if parts else 0

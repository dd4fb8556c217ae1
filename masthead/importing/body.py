"""The body of an article: paragraphs, subheads, quotes, read-also lines, captions, and the signature that ends it."""

import re
from dataclasses import dataclass, field

from . import cues
from .credits import has_credit, split_credit
from .heading import byline_of
from .lines import Line, Reader
from .listings import Zone, dated, read_list
from .parsed import Block, Furniture, ListItem

_QUOTE = re.compile(r"^[”“\"»«„][^”“\"»«]{3,}[”“\"«»]")
_SAID = (
    r"siger|lyder det(?: fra)?|fortæller|forklarer|udtaler|skriver|mener|konkluderer|tilføjer|understreger|fastslår|"
    r"vurderer|slutter|says|said|explains|adds|according to|sagt|sagte|erklärt|betont|so|meint|säger|berättar|"
    r"förklarar|"
    r"menar|enligt|sier|forteller|forklarer|ifølge|uttaler"
)
_ATTRIBUTED = re.compile(rf"[”“\"«»,.!?]\s*,?\s*(?:{_SAID})\s+(?P<who>[^”“\"»«]{{2,200}}?)\s*[.:]?$", re.IGNORECASE)
_TALK_DASH = re.compile(rf"^[–—-]\s.{{10,}}?[,!?.]\s(?:{_SAID})\s(?P<who>.{{2,200}}?)\.?$", re.IGNORECASE)
_SIGNED_PARAGRAPH = re.compile(r"(?P<end>[.!?”\"»])\s+[-–—/]\s?(?P<name>[A-ZÆØÅÄÖÜ]{2,4})/?$")
_BULLET = re.compile(r"^(?:[-–—•*·▪◦]|\d{1,2}[.)])\s+\S")
_SUBHEAD = (90, 14)
_PARAGRAPH = 80
_WINDOW = 40
_ENDING = 400


@dataclass
class Signed:
    """The body's blocks, who signed it, what stood between its paragraphs, and the number of the line after it."""

    blocks: list[Block] = field(default_factory=list)
    byline: str | None = None
    items: list[ListItem] = field(default_factory=list)
    furniture: list[Furniture] = field(default_factory=list)
    stop: int = 0


def read_body(reader: Reader, start: int, end: int, sources: set[str]) -> Signed:
    """Takes the body out of reader.lines[start:end]. `sources` are names that begin the list after an unsigned body."""
    lines = reader.open(start, end)
    if any(line.main for line in lines):
        lines = [line for line in lines if line.main]
    body = Signed(stop=end)
    stop = _stop(lines, sources)
    at = 0
    text = lines[:stop]
    while at < stop:
        at += _step(reader, text, at, body)
    if stop < len(lines):
        body.stop = lines[stop].number
        _sign(reader, lines[stop], body)
    elif lines:
        body.stop = lines[-1].number + 1
    _signature_in_last_paragraph(body)
    return body


def _sign(reader: Reader, line: Line, body: Signed) -> None:
    name = byline_of(line.text)
    if name:
        reader.take(line)
        body.byline = name
        body.stop = line.number + 1


def _stop(lines: list[Line], sources: set[str]) -> int:
    """Index of the line that ends the body: its signature, or the first line of the list behind it."""
    for at, line in enumerate(lines):
        if at and byline_of(line.text) and not _goes_on(lines[at + 1 : at + _WINDOW]):
            return at
    last_long = max((i for i, line in enumerate(lines) if _is_paragraph(line)), default=0)
    for at in range(last_long + 1, len(lines)):
        after = lines[at + 1].text if at + 1 < len(lines) else ""
        line = lines[at]
        if line.text in sources or dated(line) or (cues.may_be_source(line.text) and cues.label_of(after)):
            return at
        if cues.label_of(line.text) and at + 1 < len(lines):
            return at
    return len(lines)


def _goes_on(after: list[Line]) -> bool:
    """Two paragraphs follow a would-be signature: it stood at the top of the text or is something else."""
    return sum(_is_paragraph(line) for line in after) >= 2


def _is_paragraph(line: Line) -> bool:
    return len(line.text) >= _PARAGRAPH and (cues.ends_as_sentence(line.text) or len(line.text) >= 200)


def _step(reader: Reader, lines: list[Line], at: int, body: Signed) -> int:
    """Understands one line, or a few that belong together; returns how many."""
    line, after = lines[at], lines[at + 1 : at + _WINDOW]
    also = cues.read_also(line.text)
    if also is not None:
        return _read_also(reader, line, after, also, body)
    if _is_inserted_item(lines[at : at + 3]):
        body.items += read_list(reader, Zone(line.number, lines[at + 2].number + 1, None))
        return 3
    if cues.label_of(line.text):
        body.furniture.append(Furniture("advertisement", line.text))
    elif line.tag == "figcaption" or has_credit(line.text):
        caption, credit = split_credit(line.text)
        body.blocks.append(Block("caption", caption, credit=credit or None))
    elif _is_subhead(line, after):
        body.blocks.append(Block("subhead", line.text))
    else:
        body.blocks.append(_paragraph(line))
    reader.take(line)
    return 1


def _read_also(reader: Reader, line: Line, after: list[Line], title: str, body: Signed) -> int:
    reader.take(line)
    if title.strip():
        body.blocks.append(Block("readalso", title.strip(), href=line.href))
        return 1
    used = 0
    for later in after:
        listed = _BULLET.match(later.text) or later.href or used == 0
        if not listed or len(later.text) > 200 or (used and later.gap and not later.href):
            break
        text = re.sub(r"^[-–—•*·>»→]\s*", "", later.text)
        body.blocks.append(Block("readalso", text, href=later.href))
        reader.take(later)
        used += 1
    return used + 1


def _is_inserted_item(lines: list[Line]) -> bool:
    """Source, mark of payment, title: a paid item that stands inside the text."""
    if len(lines) < 3 or not cues.label_of(lines[1].text) or cues.label_of(lines[2].text):
        return False
    return cues.may_be_source(lines[0].text) and len(lines[2].text) <= 200 and not cues.ends_as_sentence(lines[2].text)


def _is_subhead(line: Line, after: list[Line]) -> bool:
    if line.tag in ("h2", "h3", "h4", "h5", "h6", "strong"):
        return True
    # A saved page marks its subheads; only in plain text is a short line enough.
    if line.tag or not after or len(line.text) > _SUBHEAD[0] or len(line.text.split()) > _SUBHEAD[1]:
        return False
    if (
        cues.ends_as_sentence(line.text)
        or _BULLET.match(line.text)
        or not (line.text[0].isupper() or not line.text[0].isalpha())
    ):
        return False
    return _is_paragraph(after[0]) or (len(after[0].text) > len(line.text) and cues.ends_as_sentence(after[0].text))


def _paragraph(line: Line) -> Block:
    quoted = _QUOTE.match(line.text)
    who = _ATTRIBUTED.search(line.text[-_ENDING:]) if quoted else _TALK_DASH.match(line.text)
    if line.tag == "blockquote" or who:
        return Block("quote", line.text, speaker=who.group("who").strip() if who else None)
    return Block("paragraph", line.text)


def _signature_in_last_paragraph(body: Signed) -> None:
    """ "… de næste ti år. - KLZ": the signature of a capture that lost a line break."""
    if body.byline or not body.blocks or body.blocks[-1].kind not in ("paragraph", "quote"):
        return
    last = body.blocks[-1]
    match = _SIGNED_PARAGRAPH.search(last.text)
    if match:
        body.byline = match.group("name")
        body.blocks[-1] = Block(last.kind, last.text[: match.end("end")], last.speaker, last.href)

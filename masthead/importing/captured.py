"""One page of a trade title, given as lines: where the article begins and ends, and what each of its lines is.

Position decides first, cues second, length last: between headline and date stand the standfirst and the caption, after
the date and the source begins the body, a signature such as "- KLZ" ends it. `saved.py` hands in the lines of a saved
page with their elements, captured text comes without; the walk is the same.
"""

from dataclasses import dataclass, field

from . import cues
from .agenda import dates_alone, first_head, has_fields, read_events
from .body import Signed, read_body
from .heading import Heading, read_heading
from .languages import language_of
from .lines import Line, Reader, is_any
from .listings import Zone, dated, read_list
from .parsed import Event, Furniture, ListItem, ParsedPage

_SIGN_UP_LINES = 3
_BELOW_HEADING = 5
# How far ahead a decision looks: enough for any real page, and never the whole of a huge one.
_WINDOW = 80


@dataclass(frozen=True)
class _Section:
    """A part of the page under a heading of its own: lines [start, stop), the heading at `start`."""

    kind: str
    start: int
    stop: int
    heading: str | None


@dataclass
class _Around:
    """What stands around the article, gathered part by part; `house` is the title's own name."""

    house: str | None
    language: str | None
    items: list[ListItem] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    furniture: list[Furniture] = field(default_factory=list)

    def read(self, reader: Reader, section: _Section) -> None:
        start = section.start
        if section.heading is not None:
            reader.take(reader.lines[start])
            start += 1
        if section.kind == "newsletter":
            self._sign_up_box(reader, start, section)
            return
        if section.kind == "events":
            self.events += read_events(reader, start, section.stop, self.language)
        else:
            zone = Zone(start, section.stop, section.heading, section.kind == "related")
            self.items += read_list(reader, zone, self.house)
        if section.heading is not None:
            self.furniture.append(Furniture("heading", section.heading))

    def _sign_up_box(self, reader: Reader, start: int, section: _Section) -> None:
        box = reader.open(start, section.stop)[:_SIGN_UP_LINES]
        reader.take(*box)
        self.furniture += [
            Furniture("newsletter", text) for text in (section.heading, *(line.text for line in box)) if text
        ]


def parse_lines(lines: list[Line], known: Heading | None = None) -> ParsedPage:
    """The page these lines make; never fails, whatever they say. `known` is what the file's metadata already told."""
    reader = Reader(lines)
    furniture = _navigation(reader)
    sections = _sections(reader)
    end = sections[0].start if sections else len(lines)
    heading = read_heading(reader, end, known or Heading())
    names = _list_sources(lines[end:]) | ({heading.source} if heading.source else set())
    signed = read_body(reader, heading.stop, end, names)
    around = _Around(heading.source, _language(heading, signed))
    around.items += read_list(reader, Zone(signed.stop, end, None), heading.source)
    for section in sections:
        around.read(reader, section)
    around.furniture = [*heading.furniture, *signed.furniture, *furniture, *around.furniture, *_footer(reader)]
    return _page(reader, heading, signed, around)


def _page(reader: Reader, heading: Heading, signed: Signed, around: "_Around") -> ParsedPage:
    caption, credit, blocks = heading.caption, heading.credit, signed.blocks
    first = next((block for block in blocks if block.kind == "caption"), None)
    if caption is None and credit is None and first:
        caption, credit = first.text or None, first.credit
        blocks = [block for block in blocks if block is not first]
    return ParsedPage(
        headline=heading.headline,
        language=around.language,
        standfirst=heading.standfirst,
        caption=caption,
        credit=credit,
        date=heading.date,
        source=heading.source,
        byline=signed.byline or heading.byline,
        author=heading.byline if signed.byline else None,
        label=heading.label,
        payer=(heading.payer or heading.source) if heading.label else None,
        blocks=tuple(blocks),
        items=(*signed.items, *around.items),
        events=tuple(around.events),
        furniture=tuple(around.furniture),
        leftover=reader.leftover(),
        warnings=heading.warnings,
        address=heading.address,
    )


def _language(heading: Heading, signed: Signed) -> str | None:
    text = " ".join([heading.headline or "", heading.standfirst or "", *(block.text for block in signed.blocks)])
    return language_of(text, otherwise=heading.language)


def _navigation(reader: Reader) -> list[Furniture]:
    found = []
    for line in reader.open():
        if (
            is_any(line, cues.NAVIGATION)
            and not is_any(line, cues.RELATED | cues.EVENTS)
            and not line.tag.startswith("h")
        ):
            reader.take(line)
            found.append(Furniture("navigation", line.text))
    return found


def _sections(reader: Reader) -> list[_Section]:
    """The parts after the article, in order: lists, the sign-up box, the event list."""
    starts = []
    lines = reader.open()
    for at, line in enumerate(lines):
        kind = _section_kind(line, lines[at + 1 : at + _WINDOW]) if at else ""
        if kind:
            starts.append((kind, line))
    stops = [*(line.number for _, line in starts), len(reader.lines)][1:]
    found = [_Section(kind, line.number, stop, line.text) for (kind, line), stop in zip(starts, stops, strict=False)]
    return _with_unheaded_events(reader, found)


def _section_kind(line: Line, after: list[Line]) -> str:
    if is_any(line, cues.EVENTS) and (has_fields(after) or line.number >= _BELOW_HEADING and dates_alone(after[:12])):
        return "events"
    if is_any(line, cues.EVENTS) and line.tag in ("h2", "h3", "h4"):
        return "events"
    if is_any(line, cues.RELATED) and not _is_read_also(line, after):
        return "related"
    if is_any(line, cues.OTHER_LISTS) and after:
        return "other"
    if len(line.text) <= 90 and cues.NEWSLETTER.match(line.text) and not cues.ends_as_sentence(line.text):
        return "newsletter" if not has_article_after(after) else ""
    return ""


def has_article_after(after: list[Line]) -> bool:
    """Several long paragraphs and no list follow: the box stood in the middle of the article."""
    long = 0
    for line in after:
        if is_any(line, cues.RELATED | cues.EVENTS | cues.OTHER_LISTS) or dated(line):
            break
        long += len(line.text) >= 200
    return long >= 3


def _is_read_also(line: Line, after: list[Line]) -> bool:
    """ "Læs også" on a line of its own inside a text, with the text going on after one title."""
    if not cues.READ_ALSO.match(line.text) or line.tag.startswith("h"):
        return False
    return len(after) > 1 and any(len(later.text) > 200 for later in after[1:4]) and not dated(after[0])


def _with_unheaded_events(reader: Reader, sections: list[_Section]) -> list[_Section]:
    """Adds the event list of a page that has one without a heading, at the end of its last part."""
    if any(section.kind == "events" for section in sections):
        return sections
    start = sections[-1].start if sections else 1
    tail = reader.open(start)
    # Without a heading a date alone proves nothing: the article's own may stand under "Dato" as well.
    if not has_fields(tail) or not any(found[0] in ("time", "place") for found in map(_field, tail) if found):
        return sections
    at = first_head(tail)
    if at >= len(tail):
        return sections
    begin = tail[at].number
    if sections:
        last = sections[-1]
        sections = [*sections[:-1], _Section(last.kind, last.start, begin, last.heading)]
    return [*sections, _Section("events", begin, len(reader.lines), None)]


def _field(line: Line) -> tuple[str, str] | None:
    return cues.field_of(line.text)


def _list_sources(lines: list[Line]) -> set[str]:
    return {found[1] for line in lines if (found := dated(line)) and found[1]}


def _footer(reader: Reader) -> list[Furniture]:
    found = []
    for line in reader.open():
        if len(line.text) <= 200 and cues.FOOTER.match(line.text):
            reader.take(line)
            found.append(Furniture("footer", line.text))
    return found

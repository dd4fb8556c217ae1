"""The captured reference page is read whole: every sentence of it has its place, and nothing is left over.

The page is not ours, so the expectations name its lines by number, not by words.
"""

import datetime as dt
import re

import pytest

from masthead.importing.pages import parse_text, read_page

from .samples import sample


@pytest.fixture(scope="module")
def raw():
    text = sample("trade-page-da.txt").read_text(encoding="utf-8").replace("\u00a0", " ")
    return [re.sub(r" +", " ", line).strip() for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def page():
    return read_page(sample("trade-page-da.txt"))


def test_nothing_is_left_over(page):
    assert page.leftover == ()
    assert page.warnings == ()


def test_the_top_of_the_article_is_understood(page, raw):
    caption, credit = raw[2].split(" Foto: ")
    assert (page.language, page.headline, page.standfirst) == ("da", raw[0], raw[1])
    assert (page.caption, page.credit) == (caption, credit.rstrip("."))
    assert (page.date, page.source, page.byline) == (dt.date(2016, 9, 12), raw[4], "KLZ")


def test_the_body_keeps_its_order_and_its_kinds(page, raw):
    end = raw.index("- KLZ")
    kinds = ["paragraph", "paragraph", "readalso", "quote", "subhead", "paragraph", "quote", "readalso"]
    assert [block.kind for block in page.blocks] == [*kinds, "paragraph", "paragraph"]
    assert [block.text for block in page.blocks] == [line.removeprefix("Læs også: ") for line in raw[5:end]]
    assert [len(page.body), len(page.subheads), len(page.read_also)] == [7, 1, 2]


def test_a_quote_names_its_speaker(page):
    speakers = [block.speaker for block in page.blocks if block.kind == "quote"]
    assert all(speaker and speaker in block for speaker, block in zip(speakers, _quotes(page), strict=True))


def test_ten_list_items_have_payer_label_and_date(page, raw):
    glued = [line for line in raw if re.match(r"\d\d\.\d\d\.\d{4}\w", line)]
    dated = [item for item in page.related if item.date]
    assert len(page.related) == 10
    assert [f"{item.date:%d.%m.%Y}{item.source}" for item in dated] == glued
    assert [item.sponsored for item in page.related] == [True, False, True, False, True, False, True, False, True, True]
    assert all(item.payer == item.source and item.label == "Sponseret" for item in page.related if item.sponsored)
    assert all(item.title == raw[raw.index(item.title)] for item in page.related)


def test_what_stands_before_the_related_list_is_paid_or_the_houses_own(page):
    before = [item for item in page.items if item.section is None]
    assert [(item.kind, item.date) for item in before] == [("paid", None), ("house", None)]
    assert before[1].source == page.source


def test_six_events_have_typed_fields_and_no_free_text_for_a_place(page):
    facts = [(event.kind, event.time and f"{event.time:%H:%M}", event.mode, event.platform) for event in page.events]
    assert facts == [
        ("Webinar", "09:00", "online", None),
        ("Kursus", "09:00", "on_site", None),
        ("Webinar", "14:00", "online", "Zoom"),
        ("Kursus", None, "on_site", None),
        ("Webinar", "08:30", "online", "Zoom"),
        ("Kursus", "09:00", "online", "Teams"),
    ]
    assert [event.place is None for event in page.events] == [True, False, True, False, True, True]
    assert [event.date.day for event in page.events] == [10, 15, 15, 17, 18, 18]
    assert [event.language for event in page.events] == ["da", "da", "en", "da", "da", "da"]
    assert [event.time_to_be_announced for event in page.events] == [False, False, False, True, False, False]
    assert (page.events[0].session_count, page.events[1].duration_days) == (2, 2.5)


def test_every_line_of_an_event_is_in_its_fields(page, raw):
    for event in page.events:
        at = raw.index(event.title)
        assert (event.organiser, event.kind, event.abstract) == (raw[at - 2], raw[at - 1], raw[at + 1])


def test_the_plain_form_has_exactly_the_promised_keys(page):
    plain = page.as_json()
    assert " ".join(plain) == (
        "language headline standfirst caption credit date source byline subheads body read_also related events"
    )
    assert list(plain["related"][0]) == ["title", "source", "date", "sponsored"]
    assert " ".join(plain["events"][0]) == "organiser kind title abstract date time mode platform place"
    assert plain["date"] == "2016-09-12" and plain["events"][0]["time"] == "09:00"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="windows line ends"),
        pytest.param(lambda text: "\ufeff" + text, id="a byte order mark"),
        pytest.param(lambda text: text.replace(" ", "\u00a0"), id="non-breaking spaces"),
        pytest.param(lambda text: re.sub(r"\n+", "\n", text), id="no blank lines"),
        pytest.param(lambda text: re.sub(r"\n+", "\n\n", text), id="a blank line after each"),
        pytest.param(lambda text: text.replace("12.09.2016\n\n", "12. september 2016 kl. 10.30\n\n"), id="a long date"),
        pytest.param(lambda text: re.sub(r"\n(Dato|Tid|Sted)\n\n", r"\n\1: ", text), id="fields on one line"),
        pytest.param(lambda text: text.replace("Events\n\nSe alle\n", ""), id="events without a heading"),
    ],
)
def test_the_shape_of_the_capture_does_not_matter(change, page):
    text = sample("trade-page-da.txt").read_text(encoding="utf-8")
    assert parse_text(change(text)).as_json() == page.as_json()


@pytest.mark.parametrize(
    ("pattern", "lost"),
    [
        (r"\n[^\n]*Foto:[^\n]*\n\n", {"caption", "credit"}),
        (r"- KLZ\n\n", {"byline"}),
        (r"12\.09\.2016\n\n", {"date"}),
        (r"(?s)\nEvents\n.*", {"events"}),
        (r"(?<=Kina\n\n)[^\n]+\n\n", {"standfirst"}),
    ],
)
def test_a_missing_piece_takes_nothing_else_with_it(pattern, lost, page):
    text = re.sub(pattern, "\n", sample("trade-page-da.txt").read_text(encoding="utf-8"), count=1)
    changed, whole = parse_text(text).as_json(), page.as_json()
    assert {key for key in whole if changed[key] != whole[key]} == lost
    assert all(not changed[key] for key in lost)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "utf-16-le"])
def test_the_encoding_of_the_file_does_not_matter(encoding, page, tmp_path):
    copy = tmp_path / "page.txt"
    copy.write_bytes(sample("trade-page-da.txt").read_text(encoding="utf-8").encode(encoding, "replace"))
    assert read_page(copy).as_json() == page.as_json()


def _quotes(page):
    return [block.text for block in page.blocks if block.kind == "quote"]

"""Captured pages of other titles, in other languages and in other orders."""

import datetime as dt

import pytest

from masthead.importing.decoding import ImportRefused
from masthead.importing.pages import parse_text, read_page

from .captures import DANISH_SMALL, ENGLISH, GERMAN, NORWEGIAN, SWEDISH

LONG = "Netselskabet bestilte kablet i mandags efter to års planlægning og tre åbne møder, hvor alle kunne sige noget."


@pytest.mark.parametrize(
    ("text", "language", "byline", "paid"),
    [
        (ENGLISH, "en", "Harbour Desk", [("Copper & Sons Ltd", "Sponsored")]),
        (GERMAN, "de", "Hafenredaktion", [("Kupferbund GmbH", "Anzeige")]),
        (SWEDISH, "sv", "HBR", [("Kopparbolaget AB", "Annons")]),
        (NORWEGIAN, "no", "HBR", [("Kobberlaget AS", "Annonsørinnhold")]),
        (DANISH_SMALL, "da", None, []),
    ],
    ids=["English", "German", "Swedish", "Norwegian", "Danish"],
)
def test_five_languages_are_read_by_their_own_cues(text, language, byline, paid):
    page = parse_text(text)
    assert (page.language, page.byline, page.leftover) == (language, byline, ())
    assert page.date == dt.date(2016, 9, 12)
    assert [(item.payer, item.label) for item in page.items if item.kind == "paid"] == paid
    assert page.standfirst and len(page.body) >= 1 and page.source
    assert len(page.read_also) == (0 if text is DANISH_SMALL else 1)


def test_an_english_page_is_read_to_the_last_field():
    page = parse_text(ENGLISH)
    assert (page.caption, page.credit) == (
        "The landing point at Westholm harbour seen from the north.",
        "Gridwise/Harbour Desk",
    )
    assert page.subheads == ["What happens next"]
    webinar, visit = page.events
    assert (webinar.organiser, webinar.kind, webinar.platform) == ("Standards Guild", "Webinar", "Teams")
    assert (webinar.time, webinar.end_time, webinar.session_count) == (dt.time(14), dt.time(15, 30), 3)
    assert (visit.place, visit.time, visit.abstract) == ("Westholm Harbour Hall", None, None)


def test_a_german_course_over_two_days_is_hybrid():
    (event,) = parse_text(GERMAN).events
    assert (event.date, event.last_day, event.duration_days) == (dt.date(2026, 2, 10), dt.date(2026, 2, 11), 2.0)
    assert (event.mode, event.platform, event.place) == ("hybrid", "Zoom", "Rathaus Westholm")


def test_a_page_that_is_paid_for_says_so_itself():
    page = parse_text(DANISH_SMALL.replace("Fagbladet\n", "Ladelauget ApS\n\nSponseret\n"))
    assert (page.label, page.payer, page.source) == ("Sponseret", "Ladelauget ApS", "Ladelauget ApS")
    assert len(page.body) == 1


@pytest.mark.parametrize(
    ("label", "payer"),
    [("Sponseret af Ladelauget", "Ladelauget"), ("Annonce", None), ("[Advertisement]", None), ("Betalt indhold", None)],
)
def test_a_mark_of_payment_is_found_in_its_many_forms(label, payer):
    page = parse_text(f"{DANISH_SMALL}\nRelateret indhold\n\n11.12.2025Tangbæk Beton A/S\n\n{label}\n\nGrå er grønt\n")
    (item,) = page.items
    assert item.sponsored and item.title == "Grå er grønt"
    assert item.payer == (payer or "Tangbæk Beton A/S")


@pytest.mark.parametrize(
    "entry",
    [
        "{title}\n{source}\n{date}\n",
        "{source}\n{date}\n{title}\n",
        "{date} {source}\n{title}\n",
        "{date}\n{source}\n{title}\n",
        "{source} | {date}\n{title}\n",
    ],
)
def test_the_order_inside_list_entries_is_learnt_from_the_list(entry):
    rows = [("11.12.2025", "Ladelauget ApS", "Sådan lader du bilen"), ("10.12.2025", "Fagbladet", "Nettet vokser igen")]
    listed = "\n".join(entry.format(date=date, source=source, title=title) for date, source, title in rows)
    page = parse_text(f"{DANISH_SMALL}\nRelateret indhold\n\n{listed}")
    found = [(f"{item.date:%d.%m.%Y}", item.source, item.title) for item in page.items]
    assert (found, page.leftover) == (rows, ())


def test_a_label_before_its_date_belongs_to_the_entry_it_opens():
    listed = "Sponseret\n11.12.2025Ladelauget ApS\nSådan lader du\n10.12.2025Fagbladet\nNettet vokser\n"
    page = parse_text(f"{DANISH_SMALL}\nRelateret indhold\n{listed}")
    assert [item.sponsored for item in page.items] == [True, False]


def test_most_read_is_a_list_but_not_related():
    page = parse_text(f"{DANISH_SMALL}\nMest læste\n\nEn artikel\n\nEn anden artikel\n")
    assert ([item.title for item in page.items], page.related) == (["En artikel", "En anden artikel"], [])


def test_a_paid_item_inside_the_text_does_not_end_it():
    page = parse_text(f"{DANISH_SMALL}\nLadelauget ApS\n\nSponseret\n\nLad hele natten\n\n{LONG}\n\n{LONG}\n")
    assert len(page.body) == 3
    assert [(item.title, item.kind) for item in page.items] == [("Lad hele natten", "paid")]


@pytest.mark.parametrize("signature", ["- KLZ", "– KLZ", "/KLZ/", "(KLZ)", "-KLZ"])
def test_a_signature_is_a_byline_however_it_is_dashed(signature):
    assert parse_text(f"{DANISH_SMALL}\n{signature}\n").byline == "KLZ"


def test_a_signature_glued_to_the_last_paragraph_is_taken_off_it():
    page = parse_text(DANISH_SMALL.rstrip() + " - KLZ\n")
    assert page.byline == "KLZ" and page.body[-1].endswith("mening.")


def test_a_short_line_before_a_paragraph_is_a_subhead_but_a_sentence_is_not():
    page = parse_text(f"{DANISH_SMALL}\nDet sker nu\n\n{LONG}\n\nDet er godt.\n\n{LONG}\n")
    assert page.subheads == ["Det sker nu"]
    assert "Det er godt." in page.body


def test_a_page_broken_at_a_fixed_width_is_joined_again():
    wrapped = "\n".join(LONG[i : i + 60].strip() for i in range(0, len(LONG), 60))
    text = f"Nyt kabel til øerne\n\n{wrapped}\n\n12.09.2016\n\nFagbladet\n\n{wrapped}\n{wrapped}\n\n{wrapped}\n"
    page = parse_text(text)
    assert page.headline == "Nyt kabel til øerne"
    assert len(page.body) == 2


def test_a_line_nobody_understands_is_left_over_and_not_lost():
    page = parse_text(f"{DANISH_SMALL}\nEvents\n\nFagbladet\nKursus\nEt kursus\n\nDato\n\n10.12.2025\n\nblå tomat 7\n")
    assert page.leftover == ("blå tomat 7",)
    assert len(page.events) == 1


def test_an_event_without_an_organiser_line_still_has_its_title():
    text = f"{DANISH_SMALL}\nEvents\n\nÅbent værft\n\nDato\n\n10.12.2025\n\nSted\n\nKornby\n"
    (event,) = parse_text(text).events
    assert (event.title, event.organiser, event.place) == ("Åbent værft", None, "Kornby")


@pytest.mark.parametrize(
    "fields",
    [
        "Dato: 10.12.2025 Tid: 09:00 Sted: Kornby",
        "Dato 10.12.2025\nTid kl. 9\nSted Kornby",
        "10.12.2025 | 09:00 | Kornby",
        "Dato\n10.12.2025 kl. 09:00\nSted\nKornby",
        "Dato\n\n10.12.2025\n\nTid\n\n09:00\n\nSted\n\nKornby",
    ],
)
def test_the_fields_of_an_event_may_be_set_in_many_ways(fields):
    text = f"{DANISH_SMALL}\n{LONG}\n\nEvents\n\nStandardlauget\nKursus\nMål og vægt\n\n{fields}\n"
    page = parse_text(text)
    (event,) = page.events
    assert (event.organiser, event.kind, event.title, page.leftover) == ("Standardlauget", "Kursus", "Mål og vægt", ())
    assert (event.date, event.time, event.place) == (dt.date(2025, 12, 10), dt.time(9), "Kornby")


def test_an_event_on_two_days_is_one_event_with_two_sessions():
    block = "Standardlauget\nKursus\nMål og vægt\n\nDato\n\n10.12.2025 og 17.12.2025\n"
    (event,) = parse_text(f"{DANISH_SMALL}\nEvents\n\n{block}").events
    assert ([day.day for day in event.days], event.session_count) == ([10, 17], 2)
    assert event.time_to_be_announced


def test_fields_above_their_title_belong_to_it():
    block = "Dato\n1{n}.12.2025\nSted\nKornby\nStandardlauget\nKursus\nKursus nummer {n}\n"
    events = parse_text(f"{DANISH_SMALL}\nEvents\n\n{block.format(n=1)}{block.format(n=2)}").events
    assert [(event.title, event.date.day) for event in events] == [("Kursus nummer 1", 11), ("Kursus nummer 2", 12)]


def test_an_empty_place_does_not_swallow_the_next_organiser():
    block = "Standardlauget\nKursus\nKursus {n}\n\nDato\n\n1{n}.12.2025\n\nSted\n\n"
    text = f"{DANISH_SMALL}\nEvents\n\n" + block.format(n=1) + block.format(n=2) + "Kornby\n"
    first, second = parse_text(text).events
    assert (first.place, second.organiser, second.place) == (None, "Standardlauget", "Kornby")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty"), (b"%PDF-1.7 ...", "a PDF"), (b"PK\x03\x04....", "ZIP"), (b" \r\n \n", "empty")],
)
def test_a_file_that_is_no_page_is_refused_in_one_sentence(content, sentence, tmp_path):
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=sentence):
        read_page(path)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "page.txt"
    with path.open("wb") as handle:
        handle.truncate(2 << 30)
    with pytest.raises(ImportRefused, match="2048 MB; a page may be 20 MB at most"):
        read_page(path)


def test_a_missing_file_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(ImportRefused, match="not a file"):
        read_page(tmp_path / "nowhere.txt")


def test_mixed_encodings_are_read_and_said(tmp_path):
    path = tmp_path / "page.txt"
    path.write_bytes(DANISH_SMALL.encode("cp1252"))
    page = read_page(path)
    assert page.headline == "Nyt kabel til øerne"
    assert any("cp1252" in warning for warning in page.warnings)


def test_a_standfirst_under_the_date_is_known_by_the_caption_after_it():
    standfirst = "Øerne får et nyt søkabel før vinteren, og der bliver færre afbrydelser."
    page = parse_text(f"Nyt kabel\n\n12.09.2016\n\n{standfirst}\n\nKablet. Foto: Havnen\n\n{LONG}\n\n{LONG}\n")
    assert (page.standfirst, page.caption, len(page.body)) == (standfirst, "Kablet.", 2)

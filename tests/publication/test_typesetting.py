"""Dates, numbers, quotations and credits as each language prints them."""

from datetime import date, datetime

import pytest
from django.utils import timezone
from django.utils.translation import override

from masthead.publication import typesetting as ts

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "printed"), [("da", f"12.{NBSP}september 2016"), ("en", f"12{NBSP}September 2016")]
)
def test_a_date_is_written_as_its_language_has_it(language, printed):
    with override(language):
        assert ts.full_day(date(2016, 9, 12)) == printed


def test_a_list_names_the_year_only_where_it_is_another():
    this_year = timezone.localdate().replace(month=11, day=23)
    with override("da"):
        assert ts.day(this_year) == f"23.{NBSP}nov."
        assert ts.day(date(2016, 9, 12)) == f"12.{NBSP}sept. 2016"


def test_days_of_one_month_are_drawn_together():
    with override("da"):
        assert ts.days(date(2026, 12, 1), date(2026, 12, 3)) == f"1.–3.{NBSP}december 2026"


def test_hours_have_a_full_stop_in_danish_and_a_colon_in_english():
    nine, ten = datetime(2026, 12, 1, 9), datetime(2026, 12, 1, 10)  # noqa: DTZ001
    with override("da"):
        assert ts.hours(nine, ten) == "9.00–10.00"
    with override("en"):
        assert ts.hours(nine, None) == "09:00"


@pytest.mark.parametrize("together", ["2 MWh", "14 pct.", "340 km", "1 200", "kl. 9", "§ 6", "12. september", "99 %"])
def test_a_number_and_its_unit_do_not_part(together):
    assert ts.unparted(f"om {together} i dag") == f"om {together.replace(' ', NBSP)} i dag"


def test_words_after_a_number_that_are_no_unit_may_part():
    assert ts.unparted("340 elbusser og 3 mand") == "340 elbusser og 3 mand"


def test_an_address_inside_a_tag_is_left_as_it_is():
    assert ts.unparted('<a href="/x?a=2 MWh">2 MWh</a>') == f'<a href="/x?a=2 MWh">2{NBSP}MWh</a>'


@pytest.mark.parametrize(("language", "printed"), [("da", "»Ja«"), ("en", "“Ja”")])
@pytest.mark.parametrize("written", ["Ja", '"Ja"', "”Ja”", "»Ja«"])
def test_a_quotation_has_the_marks_of_its_language_however_it_was_written(language, printed, written):
    assert ts.quoted(written, language) == printed


def test_marks_in_a_paragraph_are_paired_and_those_that_do_not_pair_are_left():
    html = '<p>”Ja”, sagde de, og "nej".</p><p>En skærm på 24"</p>'
    assert ts.requoted(html, "da") == '<p>»Ja«, sagde de, og »nej«.</p><p>En skærm på 24"</p>'


@pytest.mark.parametrize(
    ("caption", "credit", "printed"),
    [
        ("Elbiler i Beijing. Foto: Flickr/Osman..", "Flickr/Osman", ("Elbiler i Beijing.", "Flickr/Osman")),
        ("Elbiler i Beijing", "Osman..", ("Elbiler i Beijing.", "Osman")),
        ("Elbiler i Beijing..", "", ("Elbiler i Beijing.", "")),
        ("Elbiler! Foto:", "Foto:", ("Elbiler!", "")),
        ("", "Foto: ", ("", "")),
        ("Hvad nu...", "Illustration: huset", ("Hvad nu…", "Illustration: huset")),
    ],
)
def test_a_caption_has_one_full_stop_and_no_empty_credit(caption, credit, printed):
    text, credited = ts.caption_text(caption, credit), ts.credit_line(credit)
    assert text == printed[0]
    assert credited.endswith(printed[1]) and bool(credited) == bool(printed[1])
    assert ".." not in text + credited

"""Days, times and places of events, from what trade pages write."""

import datetime as dt

import pytest

from masthead.importing.dates import parse_date, parse_days, parse_times, split_dated
from masthead.importing.places import read_place


@pytest.mark.parametrize(
    ("written", "mode", "platform", "place"),
    [
        ("Online", "online", None, None),
        ("Zoom", "online", "Zoom", None),
        ("Online via Zoom", "online", "Zoom", None),
        ("Online på Teams", "online", "Teams", None),
        ("Microsoft Teams", "online", "Teams", None),
        ("Zoom (link sendes efter tilmelding)", "online", "Zoom", None),
        ("Virtuelt", "online", None, None),
        ("Kornby", "on_site", None, "Kornby"),
        ("Hotel H.C. Kornby", "on_site", None, "Hotel H.C. Kornby"),
        ("Digital Hub Kornby", "on_site", None, "Digital Hub Kornby"),
        ("Teams Arena, Kornby", "on_site", None, "Teams Arena, Kornby"),
        ("Odense og Aarhus", "on_site", None, "Odense og Aarhus"),
        ("Hybrid: Rådhuset i Kornby og Teams", "hybrid", "Teams", "Rådhuset i Kornby"),
        ("Kornby / Online", "hybrid", None, "Kornby"),
        ("Fysisk fremmøde i Kornby og online", "hybrid", None, "Kornby"),
        ("Hybrid", "hybrid", None, None),
        ("Live på YouTube", "online", "YouTube", None),
        ("Oplyses senere", None, None, None),
        ("", None, None, None),
    ],
)
def test_a_place_is_only_what_one_can_travel_to(written, mode, platform, place):
    found = read_place(written)
    assert (found.mode, found.platform, found.name) == (mode, platform, place)


@pytest.mark.parametrize(
    "written",
    [
        "12.09.2016",
        "12/9/2016",
        "2016-09-12",
        "2016-09-12T08:00:00+02:00",
        "12. september 2016",
        "September 12, 2016",
        "mandag den 12. september 2016",
        "d. 12. sept. 2016 kl. 14.30",
        "Publiceret 12.09.2016",
        "12.09.16",
    ],
)
def test_a_date_is_read_as_trade_pages_write_it(written):
    assert parse_date(written) == dt.date(2016, 9, 12)


@pytest.mark.parametrize("written", ["31.02.2025", "99.99.9999", "", "i morgen", "ISO 9001:2026"])
def test_what_is_no_date_is_none(written):
    assert parse_date(written) is None


@pytest.mark.parametrize("source", ["Ladelauget ApS", "3F Kornby", "amfori a.i.s.b.l."])
def test_a_date_glued_to_its_source_is_parted_from_it(source):
    assert split_dated(f"11.12.2025{source}") == (dt.date(2025, 12, 11), source)


@pytest.mark.parametrize(
    ("written", "days", "last"),
    [
        ("10.12.2025", [10], None),
        ("10.-12. december 2025", [10], 12),
        ("10.12.2025 - 12.12.2025", [10], 12),
        ("10.12.2025 og 17.12.2025", [10, 17], None),
        ("10. og 17. december 2025", [10, 17], None),
    ],
)
def test_days_named_apart_are_not_a_span(written, days, last):
    found, until = parse_days(written)
    assert ([day.day for day in found], until and until.day) == (days, last)


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("09:00", dt.time(9), None),
        ("kl. 9-11", dt.time(9), dt.time(11)),
        ("9.30 – 11.00", dt.time(9, 30), dt.time(11)),
        ("9 am - 5 pm", dt.time(9), dt.time(17)),
        ("14:00 Uhr", dt.time(14), None),
        ("Hele dagen", None, None),
        ("25:00", None, None),
    ],
)
def test_a_time_field_gives_start_and_end(written, start, end):
    assert parse_times(written) == (start, end)

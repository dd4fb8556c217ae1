"""The promised days come once each, at the right time of the local clock, over both changes of it and over holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masthead.newsletters.holidays import easter, public_holidays
from masthead.newsletters.timetable import MOVE, SKIP, Timetable
from tests.mailroom import newsletter

COPENHAGEN, SYDNEY = ZoneInfo("Europe/Copenhagen"), ZoneInfo("Australia/Sydney")


def table(weekdays=(2, 4), at=time(7, 30), zone=COPENHAGEN, **more):
    return Timetable(weekdays, at, zone, **more)


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)])
def test_twice_a_week_stays_twice_a_week_at_half_past_seven_when_the_clocks_change(change):
    slots = list(table().slots(change - timedelta(days=6), change + timedelta(days=7)))
    assert [slot.day.isoweekday() for slot in slots] == [2, 4, 2, 4]
    assert {slot.at.strftime("%H:%M") for slot in slots} == {"07:30"}
    offsets = [slot.at.utcoffset() for slot in slots]
    assert offsets[0] == offsets[1] != offsets[2] == offsets[3]
    gaps = [(b.at.astimezone(UTC) - a.at.astimezone(UTC)) for a, b in zip(slots, slots[1:], strict=False)]
    assert gaps[1] - timedelta(days=5) in (timedelta(hours=-1), timedelta(hours=1))


def test_a_time_that_does_not_exist_comes_an_hour_later_and_one_that_comes_twice_comes_once():
    sundays = table(weekdays=[7], at=time(2, 30))
    (spring,) = sundays.slots(date(2026, 3, 29), date(2026, 3, 29))
    assert spring.at.isoformat() == "2026-03-29T03:30:00+02:00"
    (autumn,) = sundays.slots(date(2026, 10, 25), date(2026, 10, 25))
    assert autumn.at.isoformat() == "2026-10-25T02:30:00+02:00"


@pytest.mark.django_db
def test_in_the_hour_that_comes_twice_the_slot_is_not_offered_again(title):
    letter = newsletter(title, weekdays=[7], at=time(2, 30), most_per_week=1)
    gone = datetime(2026, 10, 25, 2, 30, tzinfo=letter.zone)
    second_ten_past_two = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=letter.zone)
    assert second_ten_past_two.astimezone(UTC) > gone.astimezone(UTC)
    assert letter.next_slot(second_ten_past_two).date() == date(2026, 11, 1)


@given(
    st.dates(date(2024, 1, 1), date(2032, 1, 1)),
    st.sets(st.integers(1, 7), min_size=1),
    st.times(),
    st.sampled_from([COPENHAGEN, SYDNEY]),
)
def test_each_promised_day_of_any_year_has_one_slot_and_they_follow_each_other(first, weekdays, at, zone):
    last = first + timedelta(days=60)
    slots = list(table(weekdays, at, zone).slots(first, last))
    days = [first + timedelta(days=n) for n in range(61)]
    assert [slot.day for slot in slots] == [day for day in days if day.isoweekday() in weekdays]
    assert all(slot.at.date() == slot.day for slot in slots)
    moments = [slot.at.astimezone(UTC) for slot in slots]
    assert moments == sorted(set(moments))


# Holidays


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1961, "04-02"),
        (2000, "04-23"),
        (2019, "04-21"),
        (2024, "03-31"),
        (2025, "04-20"),
        (2026, "04-05"),
        (2038, "04-25"),
    ],
)
def test_easter_is_when_it_is(year, day):
    assert easter(year).isoformat() == f"{year}-{day}"


def test_danish_and_german_holidays_are_known_and_others_are_not():
    danish = public_holidays("dk", 2026)
    assert date(2026, 4, 2) in danish and date(2026, 5, 14) in danish and date(2026, 12, 26) in danish
    assert len(danish) == 10
    assert date(2023, 5, 5) in public_holidays("dk", 2023)  # store bededag, for the last time
    assert date(2024, 4, 26) not in public_holidays("dk", 2024)
    assert date(2026, 10, 3) in public_holidays("de", 2026)
    assert public_holidays("us", 2026) == {}


MAUNDY_THURSDAY = date(2026, 4, 2)


def test_an_issue_on_a_holiday_is_left_out_or_moves_within_its_week():
    week = date(2026, 3, 30), date(2026, 4, 5)
    days = {MAUNDY_THURSDAY, date(2026, 4, 3)}
    assert [s.day.day for s in table(holidays=days).slots(*week)] == [31, 2]
    assert [s.day.day for s in table(on_holidays=SKIP, holidays=days).slots(*week)] == [31]
    assert [s.day.day for s in table(on_holidays=MOVE, holidays=days).slots(*week)] == [31]  # the rest of it is free
    monday = {date(2026, 4, 6)}
    moved = list(table([1, 3], on_holidays=MOVE, holidays=monday).slots(date(2026, 4, 6), date(2026, 4, 12)))
    assert [(s.day.day, s.moved_from) for s in moved] == [(7, date(2026, 4, 6)), (8, None)]


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40), st.sampled_from([SKIP, MOVE]))
def test_no_week_gets_more_issues_by_its_holidays_and_none_comes_on_one(days, policy):
    slots = list(table(on_holidays=policy, holidays=days).slots(date(2026, 1, 1), date(2026, 12, 31)))
    weeks = [slot.day.isocalendar()[:2] for slot in slots]
    assert all(weeks.count(week) <= 2 for week in weeks)
    assert not {slot.day for slot in slots} & days


@pytest.mark.django_db
def test_the_next_slot_skips_what_is_written_by_hand_too(title):
    letter = newsletter(title, on_holidays="skip", holidays_by_hand=["2026-12-24"])
    assert letter.next_slot(datetime(2026, 12, 22, 8, tzinfo=letter.zone)).date() == date(2026, 12, 29)
    assert letter.next_slot(datetime(2026, 3, 31, 8, tzinfo=letter.zone)).date() == date(2026, 4, 7)


@pytest.mark.django_db
def test_a_newsletter_without_a_day_for_two_months_says_so(title):
    letter = newsletter(title, weekdays=[4], on_holidays="skip")
    letter.holidays_by_hand = [(date(2026, 6, 4) + timedelta(weeks=n)).isoformat() for n in range(12)]
    with pytest.raises(ValueError, match="no day for two months"):
        letter.next_slot(datetime(2026, 6, 1, tzinfo=letter.zone))

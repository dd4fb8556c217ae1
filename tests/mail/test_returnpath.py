"""Signed return paths: each letter has its own, nobody else can make one, and an old one is worth nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masthead.mail import returnpath
from masthead.mail.addresses import check_address

KEY, DAY = b"a key", date(2026, 3, 3)
PATH = returnpath.make(4711, DAY, "mail.sender.example", KEY)
TOKEN = returnpath.token_in(PATH)


@given(st.integers(0, 2**63 - 1), st.dates(date(2026, 1, 1), date(2099, 1, 1)))
def test_what_was_made_is_found_and_verified_in_whatever_case(id, day):
    path = returnpath.make(id, day, "mail.sender.example", KEY)
    for written in (path, path.upper(), f"To: <{path}>", path.replace("@", "=40")):
        assert returnpath.verify(returnpath.token_in(written), [b"a newer key", KEY], day) == id


def test_it_is_an_address_a_mail_server_takes_even_for_the_largest_number():
    path = returnpath.make(2**63 - 1, date(9999, 1, 1), "mail.sender.example", KEY)
    assert check_address(path) == path and len(path.partition("@")[0]) <= 64


@pytest.mark.parametrize("at", range(len(TOKEN)))
def test_changing_any_letter_of_it_makes_it_worth_nothing(at):
    other = "b" if TOKEN[at] == "a" else "a"
    changed = TOKEN[:at] + other + TOKEN[at + 1 :]
    with pytest.raises(returnpath.ForgedPath):
        returnpath.verify(changed, [KEY], DAY)


def test_it_is_believed_for_sixty_days_and_a_day_of_wrong_clocks():
    for days in (-1, 0, 60):
        assert returnpath.verify(TOKEN, [KEY], DAY + timedelta(days)) == 4711
    for days in (-2, 61, 4000):
        with pytest.raises(returnpath.OldPath):
            returnpath.verify(TOKEN, [KEY], DAY + timedelta(days))


def test_another_key_signs_nothing_for_us():
    with pytest.raises(returnpath.ForgedPath):
        returnpath.verify(TOKEN, [b"another"], DAY)


@pytest.mark.parametrize("text", ["", "b+@x.example", "bb+aa-aa-aaaaaaaaaaaaaaaa@x.example", "b+aa-aa-short@x.example"])
def test_what_only_looks_like_one_is_not_taken_for_one(text):
    assert returnpath.token_in(text) is None

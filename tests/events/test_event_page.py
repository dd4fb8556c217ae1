"""An event's page and row: what it is, when, where, how; what is not known yet is said."""

from datetime import date, timedelta

import pytest

from tests.newsroom import event, organisation
from tests.newsstand.reading import read, words

pytestmark = pytest.mark.django_db


def sessions(*days, start="09:00", end="10:00"):
    dates = [(date.today() + timedelta(days=n)).isoformat() for n in days]
    return [{"date": day, "start": start, "end_date": None, "end": end} for day in dates]


def particulars(page) -> str:
    return words(page.find_class("particulars")[0])


def test_organiser_hours_and_platform_each_have_a_field_of_their_own(client, title):
    said = particulars(read(client, event(title, platform="Teams", sessions=sessions(9)).url))
    assert "Standardlauget" in said and "Teams" in said and "9.00–10.00" in said


def test_an_event_on_site_names_its_place_and_no_platform(client, title):
    said = particulars(read(client, event(title, mode="on_site", place="Hallen, Odense", platform="Teams").url))
    assert "Hallen, Odense" in said and "Teams" not in said


def test_an_event_both_ways_names_both(client, title):
    said = particulars(read(client, event(title, mode="hybrid", place="Hallen, Odense", platform="Zoom").url))
    assert "Hallen, Odense" in said and "Zoom" in said


def test_a_time_to_be_announced_is_said_on_the_page_and_in_the_list(client, title):
    page = event(title, start=None)
    assert read(client, page.url).find_class("tba") and read(client, "/events/").find_class("tba")


def test_every_session_is_listed(client, title):
    times = read(client, event(title, sessions=sessions(9, 16, 23)).url).find_class("particulars")[0].findall(".//time")
    assert len(times) == 3


def test_days_in_a_row_are_one_thing_in_the_list_and_later_ones_are_named(client, title):
    event(title, "Kursus", sessions=sessions(40, 41, 42))
    event(title, "Møder", sessions=sessions(50, 57))
    course, meetings = (words(row) for row in read(client, "/events/").find_class("where"))
    assert "–" in course.split(",")[0] and "10.00" not in course
    assert "9.00–10.00" in meetings and str((date.today() + timedelta(days=57)).day) in meetings


def test_a_list_shows_the_session_that_comes_next(client, title):
    event(title, sessions=sessions(-3, 4))
    day = read(client, "/events/").find_class("date")[0].find("time").get("datetime")
    assert day == (date.today() + timedelta(days=4)).isoformat()


@pytest.mark.parametrize("status", ["cancelled", "moved"])
def test_a_changed_event_says_so_before_its_headline(client, title, status):
    page = event(title, status=status)
    for address in (page.url, "/events/"):
        said = read(client, address)
        mark = said.find(".//main").find_class("status")[0]
        headline = said.xpath("//main//h1 | //main//h2")[-1]
        order = list(said.iter())
        assert order.index(mark) < order.index(headline)


def test_nobody_can_sign_up_for_what_is_cancelled_or_over(client, title):
    open_event = event(title, "Åben", sign_up_url="https://example.org/ja")
    cancelled = event(title, "Aflyst", sign_up_url="https://example.org/ja", status="cancelled")
    over = event(title, "Forbi", in_days=-5, sign_up_url="https://example.org/ja")
    offers = [bool(read(client, e.url).find_class("button")) for e in (open_event, cancelled, over)]
    assert offers == [True, False, False]


def test_what_is_over_keeps_its_page_and_leaves_the_agenda(client, title):
    page = event(title, "Forbi", in_days=-5)
    assert read(client, page.url).find(".//h1").text == "Forbi"
    assert "Forbi" not in words(read(client, "/events/").find(".//main"))


def test_an_event_in_another_language_says_which(client, title):
    page = event(title, "Briefing", language="en")
    for address in (page.url, "/events/"):
        assert read(client, address).xpath("//main//*[contains(., 'ngelsk') or contains(., 'English')]")


def test_a_paid_event_is_labelled_in_its_row_and_on_its_page(client, title):
    page = event(title, disclosure="paid", payer=organisation("Kornby Akademi"), reference="AFT-1")
    for address in (page.url, "/events/"):
        said = words(read(client, address).find(".//main"))
        assert said.index("Annonce") < said.index("Kornby Akademi") < said.index("Netdag")


def test_links_out_of_a_paid_event_are_marked(client, title):
    page = event(
        title, disclosure="paid", payer=organisation(), reference="AFT-1", sign_up_url="https://example.org/ja"
    )
    button = read(client, page.url).find_class("button")[0]
    assert button.get("rel") == "sponsored noopener"

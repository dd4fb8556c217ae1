"""Calendar files: a session keeps its UID for life, a cancelled event stays in, and what is paid says so first."""

from datetime import date, timedelta

import icalendar
import pytest

from masthead.events.models import Event
from tests.newsroom import event, job, organisation, theme

pytestmark = pytest.mark.django_db
ALL = "/calendar/events.ics"


def sessions(*days, start="09:00", end=None):
    return [{"date": day, "start": start, "end_date": None, "end": end} for day in days]


def read(client, path=ALL) -> list[icalendar.Event]:
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def test_an_event_has_its_times_in_utc_its_place_address_and_organiser(client, title):
    event(title, sessions=sessions("2097-07-01", end="11:30"), mode="on_site", place="Messehal, Bølgeby", platform="")
    (found,) = read(client)
    assert found["DTSTART"].to_ical() == b"20970701T070000Z" and found["DTEND"].to_ical() == b"20970701T093000Z"
    assert found["LOCATION"] == "Messehal, Bølgeby" and found["CONTACT"] == "Standardlauget"
    assert found["URL"] == "http://localhost/events/netdag/" and found["STATUS"] == "CONFIRMED"


def test_an_online_event_is_where_its_platform_is(client, title):
    event(title)
    assert read(client)[0]["LOCATION"] == "Online Teams"


def test_an_event_keeps_its_uid_and_raises_its_sequence_when_it_moves(client, title):
    happening = event(title, sessions=sessions("2097-07-01"))
    (before,) = read(client)
    happening = Event.objects.get(pk=happening.pk)
    happening.sessions[0].value["date"] = date(2097, 7, 8)
    happening.title, happening.slug = "Netdag, ny dato", "ny-adresse"
    happening.save()
    (after,) = read(client)
    assert before["UID"] == after["UID"] == str(happening.uid)
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].to_ical() == b"20970708T070000Z"


def test_several_sessions_are_entries_with_uids_of_one_base(client, title):
    happening = event(title, sessions=sessions("2097-07-01", "2097-07-08", "2097-07-15"))
    found = read(client)
    uids = [entry["UID"] for entry in found]
    assert len(set(uids)) == 3 and all(uid.startswith(str(happening.uid)) for uid in uids)
    assert [str(entry["SUMMARY"]) for entry in found] == ["Netdag (1/3)", "Netdag (2/3)", "Netdag (3/3)"]
    happening = Event.objects.get(pk=happening.pk)
    happening.sessions[1].value["date"] = date(2097, 8, 1)
    happening.save()
    assert sorted(entry["UID"] for entry in read(client)) == sorted(uids)


def test_the_first_session_keeps_its_uid_when_another_is_added(client, title):
    happening = event(title, sessions=sessions("2097-07-01"))
    block = happening.sessions.stream_block.child_blocks["session"]
    happening.sessions.append(("session", block.to_python(sessions("2097-06-01")[0])))
    happening.save()
    by_day = {entry["DTSTART"].dt.date(): str(entry["UID"]) for entry in read(client)}
    assert by_day[date(2097, 7, 1)] == str(happening.uid) != by_day[date(2097, 6, 1)]


def test_a_time_to_be_announced_takes_the_day_and_says_so(client, title):
    event(title, sessions=[{"date": "2097-07-01", "start": None, "end_date": "2097-07-02", "end": None}])
    (found,) = read(client)
    assert found["DTSTART"].dt == date(2097, 7, 1) and found["DTEND"].dt == date(2097, 7, 3)
    assert found["TRANSP"] == "TRANSPARENT"
    assert str(found["SUMMARY"]).startswith("Netdag (") and len(str(found["SUMMARY"])) > len("Netdag ()")


def test_a_cancelled_event_stays_until_it_would_have_been_over(client, title):
    happening = event(title)
    happening.status = "cancelled"
    happening.save()
    (found,) = read(client)
    assert found["STATUS"] == "CANCELLED" and found["SEQUENCE"] == 1
    assert str(found["SUMMARY"]).endswith(": Netdag")


def test_an_event_that_is_over_has_left(client, title):
    event(title, in_days=-3)
    assert read(client) == []


def test_what_is_paid_says_so_first(client, title):
    event(title, disclosure="paid", payer=organisation(), reference="AFT-1", status="cancelled")
    (found,) = read(client)
    summary = str(found["SUMMARY"])
    assert summary.startswith("Annonce ") and summary.index("Ladelauget ApS") < summary.index("Netdag")
    assert str(found["DESCRIPTION"]).startswith("Annonce ") and "Annonce" in found["CATEGORIES"].cats


def test_a_theme_and_any_filter_of_the_list_have_a_calendar(client, title):
    cars = theme(title)
    event(title, "Elbildag", themes=[cars], kind="course")
    event(title, "Havnedag", mode="on_site", place="Bølgeby")
    for path in ("/calendar/theme/elbiler.ics", f"{ALL}?theme=elbiler", f"{ALL}?kind=course", f"{ALL}?mode=online"):
        assert [str(entry["SUMMARY"]) for entry in read(client, path)] == ["Elbildag"], path


@pytest.mark.parametrize("query", ["theme=ukendt", "month=juli"])
def test_a_filter_that_is_gone_never_becomes_a_subscription_to_everything(client, title, query):
    event(title)
    assert client.get(f"{ALL}?{query}").status_code == 404


def test_one_event_has_a_file_of_its_own_for_as_long_as_it_is_shown(client, title):
    happening = event(title)
    path = f"/calendar/event/{happening.uid}.ics"
    assert [entry["UID"] for entry in read(client, path)] == [str(happening.uid)]
    assert "netdag.ics" in client.get(path)["Content-Disposition"]
    happening.unpublish()
    assert client.get(path).status_code == 404


def test_lines_are_folded_and_end_as_the_standard_wants(client, title):
    event(title, "Ærø " * 30, standfirst="Æ, ø; å\nog mere " * 20)
    body = client.get(ALL).content
    assert all(len(line) <= 75 for line in body.split(b"\r\n")) and b"\n" not in body.replace(b"\r\n", b"")
    assert str(read(client)[0]["SUMMARY"]) == "Ærø " * 30


def test_the_file_stays_the_same_until_an_event_changes(client, title):
    event(title)
    assert client.get(ALL).content == client.get(ALL).content


def test_a_calendar_takes_the_same_number_of_queries_however_many_events_it_holds(
    client, title, django_assert_max_num_queries
):
    for n in range(5):
        event(title, f"Dag {n}")
    client.get(ALL)
    with django_assert_max_num_queries(9):
        client.get(ALL)


def test_job_ads_are_no_events(client, title):
    job(title)
    assert read(client) == []


def test_a_session_over_days_ends_with_the_last(client, title):
    days = {"date": "2097-07-01", "start": "09:00", "end_date": "2097-07-03", "end": None}
    event(title, sessions=[days])
    (found,) = read(client)
    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(days=2, hours=15)

"""What else an editor sees of issues: the calendar, the clicks, what can be found and added, and a reminder in time."""

import csv
import io
from datetime import timedelta

import icalendar
import pytest
from django.core import mail
from django.utils import timezone

from masthead.newsletters import approving, composing, linking, reminding, reporting, scheduling, sending
from masthead.newsletters.desk_calendar import path_of_file
from masthead.newsletters.models import Issue, Newsletter
from masthead.partners import booking
from masthead.partners.models import Place
from masthead.readership import counting
from masthead.readership.models import Link
from tests.mailroom import approved, editor, newsletter, reader, ready
from tests.newsroom import agreement, article, event, house_promotion, organisation, partner_article

pytestmark = pytest.mark.django_db
DESK = "/desk/newsletters/issues/"
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def desk(client):
    client.force_login(editor())
    return client


# The calendar


def entries(title):
    today = timezone.localdate()
    return scheduling.calendar(Newsletter.objects.all(), today, today + timedelta(weeks=8))


def test_the_calendar_shows_each_slot_with_what_is_made_sold_and_free(desk, title, letter):
    issue = approved(letter)
    sold = agreement(title, newsletter_slots=4)
    booking.book(sold, Place.NEWSLETTER, issue.day, 1, partner_article(title))
    booking.book(sold, Place.NEWSLETTER, issue.day, 2)
    found = entries(title)
    assert len(found) in (16, 17)
    (entry,) = [entry for entry in found if entry.issue]
    assert entry.issue == issue
    assert [(p.position, p.partner, p.has_copy) for p in entry.places] == [
        (1, "Ladelauget ApS", True),
        (2, "Ladelauget ApS", False),
    ]
    assert entry.remarks == ["Place 2 is sold to Ladelauget ApS, without copy"]
    assert all(place.partner == "" for other in found if other is not entry for place in other.places)
    page = desk.get(f"{DESK}calendar/").content.decode()
    assert "Ladelauget ApS" in page and "free" in page and issue.subject in page


def test_the_calendar_names_clashes_holidays_and_what_is_sold_for_no_issue(title, letter):
    other = newsletter(title, name="Events", kind="events", weekdays=[2], most_per_week=1)
    slot = next(entry for entry in entries(title) if entry.day.isoweekday() == 2)
    assert slot.remarks == [f"The same day as {other}"]
    letter.on_holidays, letter.holidays_by_hand = "skip", [slot.day.isoformat()]
    letter.save()
    booking.book(agreement(title, newsletter_slots=4), Place.NEWSLETTER, slot.day, 1)
    found = next(entry for entry in entries(title) if entry.day == slot.day and entry.newsletter == letter)
    assert found.at is None
    assert found.remarks == ["holiday", "Place 1 is sold to Ladelauget ApS for a day without an issue"]


def test_the_team_subscribes_to_the_calendar_with_a_link_and_a_cut_one_is_worth_nothing(client, title, letter):
    approved(letter)
    address = path_of_file(title)
    events = events_in(client.get(address))
    assert len(events) in (16, 17)
    assert len({str(e["UID"]) for e in events}) == len(events)
    (made,) = [event for event in events if "godkendt" in event["SUMMARY"]]
    assert made.start == letter.next_slot()
    assert client.get(address.replace(".ics", "x.ics")).status_code == 404


def test_a_moment_that_has_gone_by_without_an_issue_is_no_longer_free(desk, title, letter, monkeypatch):
    moment = letter.next_slot()
    for minutes, in_file, at_desk in ((-1, "ikke begyndt", "free"), (1, "ingen blev sendt", "none was sent")):
        monkeypatch.setattr("django.utils.timezone.now", lambda then=moment + timedelta(minutes=minutes): then)
        (event,) = [event for event in events_in(desk.get(path_of_file(title))) if event.start == moment]
        assert in_file in event["SUMMARY"]
        row = desk.get(f"{DESK}calendar/").content.decode().split('class="today"')[1].split("</tr>")[0]
        assert at_desk in row.split("</td>")[2]


def events_in(answer) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


# The clicks


@pytest.fixture
def sent(title, letter, post):
    for n in range(4):
        article(title, f"Nyhed {n}")
    reader(title)
    issue = composing.propose(letter)
    booking.book(
        agreement(title, newsletter_slots=4), Place.NEWSLETTER, issue.day, 1, partner_article(title, "=Flåden")
    )
    issue = ready(letter)
    sending.send(issue)
    Issue.objects.filter(pk=issue.pk).update(started_at=timezone.now() - timedelta(hours=1))
    issue.refresh_from_db()
    return issue


def follow(client, issue, section, **more):
    target = issue.items.filter(section=section).first().snapshot["url"]
    token = Link.objects.get(source=linking.source_of(issue.pk), target=target, is_trap=False).pk
    client.cookies.clear()
    return client.get(linking.path_of(token), headers=FIREFOX | more)


def test_the_clicks_of_an_issue_and_of_each_sold_place_are_a_table_and_a_file(client, sent):
    follow(client, sent, "partners")
    follow(client, sent, "articles")
    client.head(
        linking.path_of(
            Link.objects.get(target=sent.items.filter(section="partners").get().snapshot["url"], is_trap=False).pk
        )
    )
    client.force_login(editor())
    page = client.get(f"{DESK}{sent.pk}/clicks/").content.decode()
    assert "Annonce betalt af Ladelauget ApS" in page
    assert "Method version 1" in page
    first = reporting.report(sent)[0]
    assert (first.slot, first.figures) == (1, (2, 1, 1))
    answer = client.get(f"{DESK}{sent.pk}/clicks.csv?place=1")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["raw"], row["machine"], row["human"], row["place"], row["method"]) for row in rows] == [
        ("2", "1", "1", "1", "1")
    ]
    assert rows[0]["title"] == "'=Flåden"  # no spreadsheet takes it for a formula
    assert len(list(csv.reader(io.StringIO(client.get(f"{DESK}{sent.pk}/clicks.csv").content.decode())))) == 3


def test_the_report_holds_no_more_than_the_log_gives(client, sent):
    for _n in range(3):
        follow(client, sent, "articles")
    lines = reporting.report(sent)
    log = counting.figures(linking.source_of(sent.pk))
    assert reporting.total(lines) == reporting.sum_of(list(log.values())) == (3, 0, 1)


# Finding and adding


def test_what_was_searched_for_can_be_added_and_stays_found(desk, title, letter):
    for n in range(12):
        article(title, f"Havnen nr. {n}")
    letter.articles = 1
    letter.save()
    issue = composing.propose(letter)
    page = f"{DESK}{issue.pk}/"
    found = desk.get(page, {"q": "kabelkøen"}).content.decode()
    hit = article(title, "Kabelkøen, igen").card
    assert "Kabelkøen vokser" in found and "Havnen nr. 3" not in found.split('data-live="choices"')[1]
    answer = desk.post(f"{page}add/", {"card": hit.pk, "q": "kabelkøen"})
    assert answer["Location"].endswith("?q=kabelk%C3%B8en")
    assert issue.items.get(card=hit).why == "hand:redaktionen"


def test_the_page_says_why_each_item_is_there_and_what_else_can_be_done_with_it(desk, title, letter):
    event(title, "Netdag")
    house_promotion(title)
    issue = composing.propose(letter)
    page = desk.get(f"{DESK}{issue.pk}/").content.decode()
    assert "New since the last issue" in page and "Next in the agenda" in page
    item = issue.items.get(section="events")
    desk.post(f"{DESK}{issue.pk}/move/", {"item": item.pk, "to": "articles"})
    item.refresh_from_db()
    assert item.section == "articles"
    said = desk.post(f"{DESK}{issue.pk}/move/", {"item": item.pk, "to": "jobs"}, follow=True).content.decode()
    assert "It has no place in that section." in said


def test_a_cancelled_event_is_not_proposed(title, letter):
    event(title, "Aflyst dag", status="cancelled")
    event(title, "Netdag", in_days=20)
    issue = composing.propose(letter)
    assert [item.card.title for item in issue.items.filter(section="events")] == ["Netdag"]


# A reminder in time


@pytest.fixture
def near(monkeypatch, title, letter):
    """Two hours before one of the newsletter's moments, and after all that the other fixtures made."""
    title.contact_email = "redaktion@example.org"
    title.save()
    moment = letter.next_slot(after=timezone.now() + timedelta(hours=3)) - timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return letter


def test_the_editor_is_told_once_when_nothing_is_approved_and_the_moment_is_near(near):
    near.fewest = 5
    near.save()
    assert reminding.remind_due() == 1
    (told,) = mail.outbox
    assert told.to == ["redaktion@example.org"]
    assert "5" in told.body and "/desk/newsletters/issues/" in told.body
    assert reminding.remind_due() == 0


def test_nobody_is_told_when_the_issue_is_approved_or_the_moment_is_far(near, monkeypatch):
    approved(near)
    assert reminding.remind_due() == 0
    Issue.objects.all().delete()
    early = near.next_slot() - timedelta(hours=9)
    monkeypatch.setattr("django.utils.timezone.now", lambda: early)
    assert reminding.remind_due() == 0
    assert mail.outbox == []


def test_a_draft_that_waits_for_approval_is_named(near):
    issue = composing.propose(near)
    slot = near.next_slot()
    assert str(issue.number) in reminding.what_is_missing(near, slot)
    assert reminding.remind_due() == 1
    approving.cancel(issue, editor())


def test_the_sold_place_keeps_its_number_when_the_first_is_free(title, letter):
    issue = composing.propose(letter)
    booking.book(agreement(title, organisation()), Place.NEWSLETTER, issue.day, 2, partner_article(title))
    composing.place_sold(issue)
    assert issue.items.get(section="partners").slot == 2

"""How often an issue's links were followed is counted, and who followed them is not: not even for a day."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from masthead.newsletters import approving, composing, linking, rendering, sending
from masthead.newsletters.models import Issue
from masthead.readership import counting
from masthead.readership.models import Click, Link, Salt, Tally
from tests.mailroom import approved, path, reader, ready
from tests.newsroom import article, event, partner_article

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"


@pytest.fixture
def sent(title, letter, post):
    """An issue with seven pieces that went out to one reader half an hour ago."""
    for n in range(6):
        article(title, f"Artikel {n}")
    reader(title)
    issue = ready(letter)
    sending.send(issue)
    Issue.objects.filter(pk=issue.pk).update(started_at=timezone.now() - timedelta(minutes=30))
    issue.refresh_from_db()
    return issue


def mail_of(issue):
    return rendering.read(rendering.specimen(composing.compose(issue), issue.newsletter))


def links_in(words: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/go/[a-z0-9]+", words)))


def lead_of(issue) -> str:
    """The short address of the issue's first piece."""
    card = issue.items.first().card
    return linking.path_of(Link.objects.get(source=f"issue:{issue.pk}", target=card.full_url, is_trap=False).pk)


def follow(client, address, agent=FIREFOX, **more):
    return client.get(address, headers={"user-agent": agent}, **more)


def sums(issue):
    found = counting.figures(f"issue:{issue.pk}").values()
    return tuple(sum(column) for column in zip(*found, strict=True)) if found else (0, 0, 0)


def test_a_link_leads_to_its_piece_and_is_counted(client, sent):
    address = lead_of(sent)
    answer = follow(client, address)
    assert answer.status_code == 302
    assert answer["Location"] == sent.items.first().card.full_url
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert sums(sent) == (1, 0, 1)


def test_every_link_of_both_parts_leads_through_the_issue_but_the_personal_ones(sent):
    mail = mail_of(sent)
    addresses = re.findall(r'<a\b[^>]*?href="(http[^"]+)"', mail.html)
    assert {a for a in addresses if "/go/" not in a} == {a for a in addresses if "/mail/" in a} != set()
    said = re.findall(r"https?://\S+", mail.text)
    assert {a for a in said if "/go/" not in a} == {a for a in said if "/mail/" in a} != set()
    assert set(links_in(mail.text)) < set(links_in(mail.html))


def test_a_link_leads_to_nothing_that_was_not_stored(client, sent):
    for address in (
        "/go/https://example.org",
        "/go/nothing",
        "/go/",
        f"{lead_of(sent)}x",
        f"{lead_of(sent)}?to=//x.example",
    ):
        answer = client.get(address)
        assert answer.status_code in (302, 404)
        assert "example" not in answer.get("Location", "")


def test_a_machine_that_asks_for_heads_only_gets_its_answer_and_is_counted_apart(client, sent):
    assert client.head(lead_of(sent), headers={"user-agent": FIREFOX}).status_code == 302
    assert sums(sent) == (1, 1, 0)


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_scanner_that_opens_every_link_moves_the_human_count_by_nothing(client, sent, part):
    follow(client, lead_of(sent), SAFARI)
    before = sums(sent)
    links = links_in(getattr(mail_of(sent), part))
    assert len(links) > 5
    for address in links:
        assert follow(client, address).status_code == 302
    after = sums(sent)
    assert after == (before[0] + len(links), before[1] + len(links), before[2])


def test_the_hidden_link_is_hidden_from_people_and_stands_in_no_text(sent):
    mail = mail_of(sent)
    trap = Link.objects.get(source=f"issue:{sent.pk}", is_trap=True)
    hidden = mail.html[: mail.html.index(trap.pk)].rsplit("<div", 1)[1]
    assert 'aria-hidden="true"' in hidden
    assert "display:none" in hidden
    assert trap.pk not in mail.text


def test_who_takes_the_hidden_link_was_never_a_person(client, sent):
    follow(client, lead_of(sent))
    assert sums(sent) == (1, 0, 1)
    follow(client, linking.path_of(Link.objects.get(source=f"issue:{sent.pk}", is_trap=True).pk))
    assert sums(sent) == (2, 2, 0)


def test_before_the_issue_goes_out_links_lead_and_count_nothing(client, letter):
    issue = composing.propose(letter)
    mail_of(issue)
    assert follow(client, lead_of(issue)).status_code == 302
    assert not Click.objects.exists()


def test_the_house_does_not_count_itself(client, sent):
    client.cookies["desk"] = "a session"
    assert follow(client, lead_of(sent)).status_code == 302
    assert not Click.objects.exists()


def test_a_click_that_cannot_be_counted_leads_its_reader_on(client, sent, monkeypatch, caplog):
    from django.db import OperationalError

    def locked(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(counting, "follow", locked)
    assert follow(client, lead_of(sent)).status_code == 302
    assert "could not be counted" in caplog.text


# What is kept


def test_a_day_that_is_over_is_sums_by_hour_and_its_salt_is_destroyed(client, sent, monkeypatch):
    follow(client, lead_of(sent))
    follow(client, lead_of(sent), SAFARI)
    before = counting.figures_by_hour(f"issue:{sent.pk}")
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("masthead.readership.counting.timezone.now", lambda: tomorrow)
    assert counting.close_days() == 2
    assert counting.close_days() == 0
    assert not Click.objects.exists()
    assert not Salt.objects.exists()
    assert counting.figures_by_hour(f"issue:{sent.pk}") == before
    assert {field.name for field in Tally._meta.fields} == {"id", "link", "hour", "method", "raw", "machine", "human"}


def test_today_is_not_closed(client, sent):
    follow(client, lead_of(sent))
    assert counting.close_days() == 0
    assert sums(sent) == (1, 0, 1)


def test_nothing_that_is_kept_names_a_visitor(client, sent):
    client.get(lead_of(sent), headers={"user-agent": FIREFOX}, REMOTE_ADDR="192.0.2.77")
    (click,) = Click.objects.values()
    kept = repr(click) + repr(list(Salt.objects.values()))
    assert "192.0.2" not in kept
    assert "Firefox" not in kept
    assert set(click) == {"id", "link_id", "at", "visitor", "sign"}


def test_the_same_visitor_has_another_mark_on_another_day():
    one, other = b"1" * 32, b"2" * 32
    assert counting.visitor(one, "192.0.2.7", FIREFOX) == counting.visitor(one, "192.0.2.7", FIREFOX)
    assert counting.visitor(one, "192.0.2.7", FIREFOX) != counting.visitor(other, "192.0.2.7", FIREFOX)
    assert counting.visitor(one, "2001:db8::1", FIREFOX) == counting.visitor(one, "2001:db8::2:2", FIREFOX)


# What is approved is what is counted


def test_preview_test_mail_and_what_is_sent_have_the_same_links(letter, title):
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    before = links_in(mail_of(issue).html)
    approving.approve(issue, issue.approved_by or _editor())
    frozen = rendering.read(rendering.specimen(sending.FrozenLetter.from_bytes(issue.frozen_bytes()), letter))
    assert links_in(frozen.html) == before
    assert approving.still_as_approved(issue)


def _editor():
    from tests.mailroom import editor

    return editor()


def test_two_issues_with_the_same_piece_have_links_of_their_own(title, letter):
    first = approved(letter)
    piece = first.items.first().card
    Issue.objects.filter(pk=first.pk).update(state="finished", planned_count=0, started_at=timezone.now())
    second = composing.propose(letter)
    composing.add(second, piece)
    mail_of(second)
    tokens = set(Link.objects.filter(target=piece.full_url, is_trap=False).values_list("pk", flat=True))
    assert len(tokens) == 2


def test_a_piece_taken_out_leaves_no_link_behind_and_one_of_a_sent_issue_stays(client, title, letter, sent):
    draft = composing.propose(letter)
    event(title)
    composing.add(draft, partner_article(title).card)
    mail_of(draft)
    held = Link.objects.filter(source=f"issue:{draft.pk}").count()
    composing.remove(draft.items.first())
    mail_of(draft)
    assert Link.objects.filter(source=f"issue:{draft.pk}").count() == held - 1
    follow(client, lead_of(sent))
    mail_of(sent)
    assert sums(sent) == (1, 0, 1)


def test_the_method_is_public_with_its_version(client, title):
    page = client.get(path("how_we_count")).content.decode()
    assert "Version 1" in page
    assert "104.47.0.0/17" in page

"""Nobody gets more mail than the title promises, over all its newsletters, also when two issues come at one moment."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from masthead.newsletters import capping, planning, sending
from masthead.newsletters.models import Delivery, Issue
from masthead.publication.models import Publication
from masthead.subscribers import subscribing
from masthead.subscribers.models import ServiceMail
from masthead.subscribers.texts import ConsentText
from tests.mailroom import approved, newsletter, reader, ready
from tests.newsroom import article

pytestmark = pytest.mark.django_db


@pytest.fixture
def letters(title):
    """Two newsletters to the same readers, of a title that promises two mails in seven days."""
    article(title)
    Publication.objects.update(most_mails=2, most_mails_days=7)
    title.refresh_from_db()
    return [newsletter(title, name=name, most_per_week=7) for name in ("Nyheder", "Ugen", "Ekstra")]


def states(issue):
    return {d.normalised: (d.state, d.reason) for d in issue.deliveries.all()}


def test_the_third_mail_of_a_week_goes_only_to_who_has_not_had_two(title, letters, post):
    often = reader(title, "ofte@example.org")
    for letter in letters[:2]:
        sending.send(ready(letter))
    reader(title, "ny@example.org")
    third = ready(letters[2])
    assert states(third) == {"ofte@example.org": ("skipped", "cap"), "ny@example.org": ("queued", "")}
    assert third.planned_count == 2 and third.books_balance()
    sending.send(third)
    assert post.addresses.count("ofte@example.org") == 2
    assert post.addresses.count("ny@example.org") == 1
    third.refresh_from_db()
    assert third.state == Issue.State.FINISHED and third.books()["skipped"] == 1
    assert often.confirmed().exists()


def test_when_the_days_are_over_mail_comes_again(title, letters, post):
    reader(title)
    for letter in letters[:2]:
        sending.send(ready(letter))
    assert planning.recipients_of(approved(letters[2])).excluded == {"cap": 1}
    Delivery.objects.update(changed_at=timezone.now() - timedelta(days=8))
    assert planning.recipients_of(letters[2].issues.get()).recipients == 1


def test_what_is_still_to_come_counts_however_long_it_waits(title, letters):
    reader(title)
    for letter in letters[:2]:
        ready(letter)
    Delivery.objects.update(changed_at=timezone.now() - timedelta(days=30))
    assert states(ready(letters[2])) == {"laeser@example.org": ("skipped", "cap")}


@pytest.mark.parametrize(
    ("state", "counts"), [("sent", True), ("ambiguous", True), ("rejected", False), ("skipped", False)]
)
def test_only_what_a_reader_may_have_got_counts(title, letters, state, counts):
    reader(title)
    for letter in letters[:2]:
        ready(letter)
    Delivery.objects.update(state=state)
    assert planning.recipients_of(approved(letters[2])).recipients == (0 if counts else 1)


def test_mail_of_another_title_and_service_mail_do_not_count(title, letters, post):
    from tests.newsroom import found_title

    other = found_title("Et andet blad", hostname="andet.example")
    article(other)
    elsewhere = newsletter(other)
    Publication.objects.filter(pk=other.pk).update(most_mails=1)
    reader(title)
    reader(other)
    for letter in letters[:2]:
        ready(letter)
    subscribing.sign_up(title, "laeser@example.org", ConsentText.offered(title), page="/")
    assert ServiceMail.objects.count() == 1
    assert planning.recipients_of(approved(elsewhere)).recipients == 1


def test_without_a_cap_everybody_gets_everything(title, letters):
    Publication.objects.update(most_mails=0)
    reader(title)
    for letter in letters:
        letter.refresh_from_db()
        assert states(ready(letter)) == {"laeser@example.org": ("queued", "")}


def test_an_issue_that_nobody_may_get_is_finished_with_balanced_books(title, letters, post):
    reader(title)
    for letter in letters[:2]:
        sending.send(ready(letter))
    third = ready(letters[2])
    sending.send(third)
    third.refresh_from_db()
    assert third.state == Issue.State.FINISHED and third.books_balance()


@pytest.mark.postgres
def test_while_an_issue_is_planned_no_other_of_its_title_is(title, letters, monkeypatch):
    """SQLite has one writer at a time; PostgreSQL is asked from a second connection."""
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has two writers")
    import psycopg

    def is_free(name):
        with psycopg.connect(**connection.get_connection_params() | {"context": None, "cursor_factory": None}) as other:
            return other.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [name]).fetchone()[0]

    seen = []
    write_down = planning.write_down
    name = capping.turn_of(title)
    assert is_free(name)
    monkeypatch.setattr(planning, "write_down", lambda *args: seen.append(is_free(name)) or write_down(*args))
    ready(letters[0])
    assert seen == [False]

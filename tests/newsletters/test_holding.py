"""A copy of a house sends nothing by itself; a house that is stopped and started does."""

import pytest
from django.db import connection

from masthead.newsletters import holding, journal, sending, settling
from masthead.newsletters.models import Chunk, Delivery, Issue, IssueRecord, Outbound
from tests.mailroom import approved, editor, later, reader, ready
from tests.mailroom import newsletter as a_newsletter

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL is known by its server")


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    name = tmp_path / "machine-id"
    name.write_text("the machine")
    monkeypatch.setattr(holding, "MACHINE", name)
    monkeypatch.setattr(holding, "IN_A_CONTAINER", ())
    return name


def test_a_new_house_and_one_that_is_started_again_are_not_held(title, letter, post):
    for n in range(2):
        assert holding.look() == ""
        reader(title, f"laeser{n}@example.org")
    sending.send(ready(letter))
    assert holding.look() == ""
    assert len(post.bodies) == 2


def test_a_database_from_before_a_mailing_sends_nothing_again(title, letter, post):
    reader(title)
    issue = ready(letter)
    before = (
        list(Issue.objects.filter(pk=issue.pk).values()),
        list(issue.deliveries.values()),
        list(Chunk.objects.values()),
    )
    sending.send_due()
    assert len(post.bodies) == 1
    _restore(issue, before)

    sending.send_due()
    assert len(post.bodies) == 1, "the reader got it twice"
    issue.refresh_from_db()
    assert issue.state == Issue.State.PAUSED
    assert "restored" in str(issue.note)

    holding.release("redaktionen")
    sending.send_due()
    assert len(post.bodies) == 1, "what was paused goes on only when somebody says so"
    assert IssueRecord.objects.filter(content__action="released", content__by="redaktionen").exists()
    sending.resume(issue, editor())
    sending.send_due()
    assert len(post.bodies) == 2


def _restore(issue, before):
    issues, deliveries, chunks = before
    Issue.objects.filter(pk=issue.pk).update(**{k: v for k, v in issues[0].items() if k != "id"})
    for row in deliveries:
        Delivery.objects.filter(pk=row["id"]).update(**row)
    for row in chunks:
        Chunk.objects.filter(pk=row["id"]).update(**row)


@on_sqlite
def test_a_house_on_another_machine_is_held_with_what_was_due_and_its_service_mails(title, letter, post, machine):
    from masthead import worker

    holding.look()
    due, reader_ = approved(letter), reader(title)
    Issue.objects.filter(pk=due.pk).update(send_at=later(minutes=-1))
    machine.write_text("its clone")
    sending.send_due()
    due.refresh_from_db()
    assert reader_ and post.bodies == []
    assert (due.state, due.send_at) == (Issue.State.APPROVED, None)
    assert worker.post_unless_held() == 0


@on_sqlite
def test_a_copied_folder_is_another_house(title, post):
    holding.look()
    name = journal.place_file(settling.journals())
    copy = name.with_name("copy")
    copy.write_bytes(name.read_bytes())
    copy.replace(name)
    assert "copy" in holding.look()
    holding.release("redaktionen")
    assert holding.look() == holding.why_held() == ""


def test_in_a_container_the_images_machine_name_says_nothing(title, post, machine, monkeypatch, tmp_path):
    sign = tmp_path / ".dockerenv"
    sign.touch()
    monkeypatch.setattr(holding, "IN_A_CONTAINER", (sign,))
    holding.look()
    machine.write_text("the next image")
    assert holding.look() == ""


def test_a_mailing_that_stood_still_for_hours_asks_before_it_goes_on(title, letter, post):
    reader(title)
    issue = ready(letter)
    holding.look()
    Outbound.objects.update(seen_at=later(hours=-7))
    sending.send_due()
    issue.refresh_from_db()
    assert issue.state == Issue.State.PAUSED
    assert post.bodies == []
    other = ready(a_newsletter(title, name="Et andet brev"))
    sending.send_due()
    assert Issue.objects.get(pk=other.pk).state == Issue.State.FINISHED


def test_another_database_server_is_another_house(title, letter, post, monkeypatch):
    reader(title)
    ready(letter)
    holding.look()
    monkeypatch.setattr(holding, "identity", lambda: "the server the backup was brought into")
    sending.send_due()
    assert post.bodies == []
    assert "copy" in holding.why_held()

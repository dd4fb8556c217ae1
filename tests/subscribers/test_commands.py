"""A list comes in and a sheet goes out by the command, for who has a shell."""

import json

import pytest
from click.testing import CliRunner

from masthead import cli
from masthead.newsstand import founding
from masthead.subscribers import leaving
from masthead.subscribers.models import ConsentRecord, Subscriber, Subscription
from tests.mailroom import reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch, tmp_path, letter):
    monkeypatch.setenv("MASTHEAD_SITE", str(tmp_path))
    monkeypatch.setattr(founding, "prepare_database", lambda *_: None)
    return lambda *words: CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text("email;navn;status\na@example.org;Åse;subscribed\na@example.org;;\nb@example.org;;unsubscribed\n")
    return path


def test_a_list_is_brought_in_and_the_report_adds_up(run, file):
    answer = run("import", "subscribers", file, "--evidence", "Det gamle system")
    assert answer.exit_code == 0, answer.output
    assert "Left in the file: navn." in answer.output
    assert "line 3: no state is given" in answer.output
    assert "3 rows = 1 taken in + 1 unsubscribed there + 1 broken." in answer.output
    assert Subscription.objects.confirmed().get().subscriber.address == "a@example.org"


def test_a_dry_run_enters_nothing_and_says_so(run, file):
    answer = run("import", "subscribers", file, "--dry-run", "--kind", "events")
    assert "Nothing was entered" in answer.output and "1 taken in" in answer.output
    assert not Subscriber.objects.exists() and not ConsentRecord.objects.exists()


def test_what_cannot_be_brought_in_is_refused_in_one_sentence(run, tmp_path):
    (tmp_path / "navne.csv").write_text("navn\nÅse\n")
    for name in ("navne.csv", "findes-ikke.csv"):
        answer = run("import", "subscribers", tmp_path / name)
        assert answer.exit_code == 1 and answer.output.count("\n") == 1, answer.output


def test_the_evidence_of_an_address_is_printed_as_json_also_when_it_was_erased(run, title):
    leaving.erase(reader(title, "a@example.org"))
    answer = run("evidence", "A@Example.org")
    sheet = json.loads(answer.output)
    assert answer.exit_code == 0 and [r["action"] for r in sheet["records"]] == ["confirmed", "suppressed", "erased"]


def test_evidence_that_was_changed_ends_with_an_exit_code(run, title):
    reader(title, "a@example.org")
    record = ConsentRecord.objects.get()
    ConsentRecord.objects.filter(pk=record.pk).update(content=record.content | {"page": "/andet/"})
    assert run("evidence", "a@example.org").exit_code == 1
    assert run("evidence", "b@example.org").exit_code == 0
    assert run("evidence", "b@example.org", "--whole-chain").exit_code == 1


def test_no_address_is_refused_in_one_sentence(run):
    answer = run("evidence", "nobody")
    assert answer.exit_code == 1 and "An address has a name" in answer.output

"""A promise is words and a rule; where only one of them is changed, or they name other days, somebody is told."""

import pytest
from django.core.checks import run_checks
from django.utils import translation

from masthead.newsletters import promising
from masthead.newsletters.models import Newsletter
from tests.mailroom import editor, newsletter, path
from tests.newsroom import theme

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(editor())
    return client


def posted(letter, **more) -> dict:
    """What the desk's form sends for a newsletter."""
    fields = ("name", "slug", "promise", "most_per_week", "kind", "theme", "sender_name", "sender_address")
    fields += ("articles", "events", "jobs", "promotions", "fewest", "not_twice", "on_holidays", "when_uncertain")
    given = {name: getattr(letter, name) for name in fields} | {"publication": letter.publication_id, "at": "07:30"}
    return given | {"weekdays": letter.weekdays, "theme_weights": "", "holidays_by_hand": ""} | more


def save(desk, letter, **more) -> str:
    answer = desk.post(f"/desk/newsletters/edit/{letter.pk}/", posted(letter, **more), follow=True)
    return answer.content.decode()


def test_words_changed_without_the_rule_are_saved_with_a_warning(desk, letter):
    said = save(desk, letter, promise="Tirsdag og torsdag, og aldrig mere.")
    assert "what the machine keeps was not" in said
    letter.refresh_from_db()
    assert letter.promise == "Tirsdag og torsdag, og aldrig mere."


def test_a_rule_changed_without_the_words_is_saved_with_a_warning(desk, letter):
    said = save(desk, letter, weekdays=[1, 3])
    assert "Change them too" in said
    assert "ticked for other days" in said


def test_nothing_is_said_where_both_agree(desk, letter):
    said = save(desk, letter, promise="Mandag og onsdag kl. 7.30.", weekdays=[1, 3])
    assert "machine keeps" not in said
    assert "ticked for" not in said


def test_a_promise_that_names_other_days_is_a_warning_of_the_check(title):
    newsletter(title, promise="Hver fredag.", weekdays=[2])
    (warning,) = [w for w in run_checks(databases=["default"]) if w.id == "masthead.W010"]
    assert "Hver fredag" in warning.msg
    Newsletter.objects.update(weekdays=[5])
    assert not [w for w in run_checks(databases=["default"]) if w.id == "masthead.W010"]


def test_weights_and_holidays_are_written_a_line_each(desk, title, letter):
    theme(title, "Net og kabler")
    save(desk, letter, theme_weights="Net og kabler 3", holidays_by_hand="2026-12-24\n2026-12-31\n")
    letter.refresh_from_db()
    assert letter.theme_weights == {"net-og-kabler": 3}
    assert letter.holidays_by_hand == ["2026-12-24", "2026-12-31"]
    page = desk.get(f"/desk/newsletters/edit/{letter.pk}/").content.decode()
    assert "net-og-kabler 3" in page
    assert "2026-12-24\n2026-12-31" in page.replace("\r", "")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"theme_weights": "Zebraer 3"}, "There is no theme “zebraer”"),
        ({"theme_weights": "uden tal"}, "a weight of 0 to 9"),
        ({"holidays_by_hand": "juleaften"}, "year-month-day"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_in_a_sentence_and_kept(desk, letter, more, said):
    page = save(desk, letter, **more)
    assert said in page
    assert next(iter(more.values())) in page


def test_the_rule_is_public_in_words(client, title):
    newsletter(title, on_holidays="skip")
    with translation.override("en"):
        rule = promising.rule_of(Newsletter.objects.get())
    assert rule == "Tuesday and Thursday at 07:30; at most 2 issues a week. On public holidays it is left out."
    assert client.get(path("newsletter_promise")).status_code == 200

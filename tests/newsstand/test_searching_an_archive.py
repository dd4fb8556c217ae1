"""A search reads what it found and not the archive, for a word that is nowhere else as for one that is everywhere."""

import pytest
from django.db import connection, transaction
from modelsearch.backends import get_search_backend
from wagtail.models import Page

from masthead.archive import searching
from masthead.catalogue.models import Card
from masthead.newsstand.founding import list_page
from tests import newsroom
from tests.plans import rows_read, take_samples

pytestmark = pytest.mark.django_db
ARTICLES, WEIGHED = 1_500, 20


@pytest.fixture(scope="module")
def title(django_db_setup, django_db_blocker):
    """A title whose archive is full; it is filled once and thrown away."""
    with django_db_blocker.unblock(), transaction.atomic():
        title = newsroom.found_title()
        newsroom.article(title, "Kabelkøen", body=[("paragraph", "<p>Om transformere i skoven.</p>")])
        fill(title)
        take_samples()
        yield title
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def few_are_weighed(monkeypatch):
    monkeypatch.setattr(searching, "WEIGHED", WEIGHED)


RARE = {"kabelkøen": 1, "transformere": 1, "kabel": 1, "kabelkøen skoven": 1, "nr1234": 1, "nul": 0}


@pytest.mark.parametrize("words", RARE)
def test_rare_words_are_found_without_reading_the_rest(title, words):
    assert read(lambda: searching.search(title, words).take(9, also=())) < ARTICLES
    assert searching.search(title, words).count() == RARE[words]


@pytest.mark.parametrize("words", ["elbiler", "elbil", "elbiler på landevejen"])
def test_of_words_that_are_everywhere_the_newest_are_read_and_no_more(title, words):
    assert read(lambda: searching.search(title, words).count()) < ARTICLES
    assert searching.search(title, words).count() == WEIGHED + 1


def test_a_word_that_is_everywhere_beside_one_that_is_not(title):
    assert [card.title for card in searching.search(title, "elbiler nr777").take(9)] == ["Elbiler nr777"]


def read(ask) -> int:
    """Rows, on PostgreSQL. SQLite's index tidies itself while it is asked, so its steps are not those of a question."""
    return rows_read(ask) if connection.vendor == "postgresql" else bool(ask())


def fill(title) -> None:
    parent = list_page(title, "articles")
    Page.objects.bulk_create(newsroom.page_below(parent, n, f"nummer-{n}") for n in range(ARTICLES))
    keys = Page.objects.filter(slug__startswith="nummer-").values_list("pk", flat=True)
    cards = Card.objects.bulk_create(_card(title, key, n) for n, key in enumerate(keys))
    get_search_backend().get_index_for_model(Card).add_items(Card, cards)


def _card(title, key: int, n: int) -> Card:
    dates = dict.fromkeys(("counts_from", "changed_at", "valid_from"), newsroom.ago(days=30 + n))
    words = {"title": f"Elbiler nr{n}", "text": "Der kører mange elbiler på landevejen."}
    return Card(publication=title, item_id=key, kind="article", language="da", **words, **dates)

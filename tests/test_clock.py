"""The clock keeps what makes the house quick."""

import pytest
from django.db import connection
from modelsearch.backends import get_search_backend

from masthead.archive import indexing
from masthead.catalogue.models import Card
from masthead.newsstand import founding
from tests.newsroom import article, theme

pytestmark = pytest.mark.django_db


def test_sqlite_knows_how_much_its_tables_hold(title):
    theme(title, "Net og kabler")
    founding.take_stock()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            known = {name for (name,) in cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1").fetchall()}
        assert "catalogue_theme" in known


def test_what_was_filed_lately_waits_for_no_search(title):
    article(title)
    get_search_backend().get_index_for_model(Card).add_items(Card, Card.objects.all())
    assert bool(indexing.merge_waiting()) == (connection.vendor == "postgresql")
    assert indexing.merge_waiting() == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows its columns")
def test_an_index_that_came_with_a_new_version_is_known_before_it_is_used(title, monkeypatch):
    theme(title, "Net og kabler")

    def migrate(*_args, **_named):
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX came_lately ON catalogue_theme (publication_id, name)")

    monkeypatch.setattr(founding, "migrations_waiting", lambda: 1)
    monkeypatch.setattr(founding, "call_command", migrate)
    founding.prepare_database()
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT 1 FROM sqlite_stat1 WHERE idx = 'came_lately'").fetchone()

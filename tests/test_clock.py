"""The clock keeps what makes the house quick."""

import pytest
from django.db import connection
from modelsearch.backends import get_search_backend

from masthead import worker
from masthead.archive import indexing
from masthead.catalogue.models import Card
from tests.newsroom import article, theme

pytestmark = pytest.mark.django_db


def test_sqlite_knows_how_much_its_tables_hold(title):
    theme(title, "Net og kabler")
    worker.take_stock()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            known = {name for (name,) in cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1").fetchall()}
        assert "catalogue_theme" in known


def test_what_was_filed_lately_waits_for_no_search(title):
    article(title)
    get_search_backend().get_index_for_model(Card).add_items(Card, Card.objects.all())
    assert bool(indexing.merge_waiting()) == (connection.vendor == "postgresql")
    assert indexing.merge_waiting() == 0

"""The clock keeps what makes the house quick."""

import pytest
from django.db import connection

from masthead import worker
from tests.newsroom import theme

pytestmark = pytest.mark.django_db


def test_sqlite_knows_how_much_its_tables_hold(title):
    theme(title, "Net og kabler")
    worker.take_stock()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            known = {name for (name,) in cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1").fetchall()}
        assert "catalogue_theme" in known

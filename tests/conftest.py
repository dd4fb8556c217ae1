"""What every test may ask for: a house with its root, and a title in it."""

import os

import pytest
from django.core.cache import cache
from hypothesis import settings

# The same examples each time: no change is red by luck. CONTRIBUTING says how to look for others.
settings.register_profile("the same", derandomize=True, database=None, deadline=None)
settings.register_profile("others", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "the same"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Make what Wagtail's migrations make, in a few rows instead of seven seconds."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Collection, Locale, Page, Site

    with django_db_blocker.unblock():
        Locale.objects.get_or_create(language_code="en")
        Site.objects.all().delete()
        Page.objects.all().delete()
        Page.add_root(title="Root", slug="root", content_type=ContentType.objects.get_for_model(Page))
        if not Collection.objects.exists():
            Collection.add_root(name="Root")
        _make_search_index()
        _start_keys_far_up()


def _start_keys_far_up():
    """Let PostgreSQL number each table from elsewhere: its numbers go on where a rolled back test left them.

    So no test may hang on a row's number, on two tables' numbers being alike, or on how many tests ran before it.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1")
        for place, (name,) in enumerate(cursor.fetchall()):
            cursor.execute(f"ALTER SEQUENCE {connection.ops.quote_name(name)} RESTART WITH {30_000 + place * 1_009}")


def _make_search_index():
    """Make SQLite's full-text table and its triggers, which are raw SQL in Wagtail's migrations."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    table, index = "wagtailsearch_indexentry", "wagtailsearch_indexentry_fts"
    columns = "title = NEW.title, body = NEW.body, autocomplete = NEW.autocomplete"
    values = "NEW.title, NEW.body, NEW.autocomplete, NEW.id"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {index}")
        cursor.execute(f"CREATE VIRTUAL TABLE {index} USING fts5(autocomplete, body, title)")
        for event, statement in {
            "INSERT": f"INSERT INTO {index}(title, body, autocomplete, rowid) VALUES ({values})",  # noqa: S608 - constants
            "UPDATE": f"UPDATE {index} SET {columns} WHERE rowid = NEW.id",  # noqa: S608
            "DELETE": f"DELETE FROM {index} WHERE rowid = OLD.id",  # noqa: S608
        }.items():
            cursor.execute(f"CREATE TRIGGER {event}_{index} AFTER {event} ON {table} BEGIN {statement}; END")


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def title(db):
    """A Danish title that answers every host."""
    from tests.newsroom import found_title

    return found_title()

"""What every test may ask for: a house with its root, and a title in it."""

import pytest
from django.core.cache import cache


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

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Page
from masthead.articles.models import Article
from masthead.events.models import Event
from masthead.jobs.models import Job
from masthead.catalogue.filing import OutsideEveryTitle
pytestmark = pytest.mark.django_db

@pytest.mark.parametrize("noun", [Article, Event, Job])
def test_a_draft_outside_is_saved(title, noun):
    root = Page.objects.get(depth=1)
    item = root.add_child(instance=noun(title="X", slug="x", live=False))
    item.save_revision()
    assert item.pk and not item.card
    if noun is Article:
        assert not item.disclosed

def test_live_outside_is_refused(title):
    root = Page.objects.get(depth=1)
    with pytest.raises(OutsideEveryTitle):
        root.add_child(instance=Article(title="X", slug="x"))
    assert not Article.objects.exists()

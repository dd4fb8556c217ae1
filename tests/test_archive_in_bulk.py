"""The archive that benchmarks measure is what filing would have made, so the figures are about the real thing."""

import pytest
from wagtail.models import Page
from wagtail.search.models import IndexEntry

from benchmarks.archive import Archive
from masthead.catalogue import filing, shelves
from masthead.catalogue.models import Card, FilingRecord
from tests import newsroom

pytestmark = pytest.mark.django_db
LINKS = ("themes", "organisations", "people")


@pytest.fixture
def archive():
    archive = Archive(newsroom.found_title(), things=10)
    archive.fill(30)
    return archive


def test_filing_finds_nothing_to_change_in_an_archive_made_in_bulk(archive):
    copies = Card.objects.filter(item__slug__startswith="nummer-")
    assert copies.count() == 30
    assert set(copies.values_list("kind", flat=True)) == {"article", "event", "job", "promotion"}
    records = FilingRecord.objects.count()
    for card in copies:
        before = _all_of(card)
        filing.file(card.item.specific)
        assert _all_of(Card.objects.get(pk=card.pk)) == before
    assert FilingRecord.objects.count() == records, "what was shown changed by being filed again"
    assert FilingRecord.broken_at() is None


def test_the_tree_of_pages_is_whole_and_each_copy_has_an_address(archive):
    assert Page.find_problems() == ([], [], [], [], [])
    for page in Page.objects.filter(slug__startswith="nummer-").specific():
        assert page.url_path == f"{page.get_parent().url_path}{page.slug}/"
        assert page.title == page.draft_title


def test_copies_are_searched_like_everything_else(archive):
    for card in Card.objects.filter(item__slug__startswith="nummer-"):
        entry = card.index_entries.get()
        written = (entry.title, entry.body, entry.autocomplete)
        IndexEntry.objects.filter(pk=entry.pk).delete()
        from modelsearch import index

        index.insert_or_update_object(card)
        again = card.index_entries.get()
        assert (again.title, again.body, again.autocomplete) == written


def test_past_events_and_jobs_are_past(archive):
    assert shelves.agenda(archive.title).count() == 0
    assert shelves.vacancies(archive.title).count() == 0
    assert shelves.latest(archive.title).count() == 18 + 1


def _all_of(card: Card) -> dict:
    said = {f.attname: getattr(card, f.attname) for f in Card._meta.concrete_fields}
    said["shelved"] = set(card.shelved.values_list("shelf", "place"))
    assert said["shelved"]
    return said | {name: sorted(getattr(card, name).values_list("pk", flat=True)) for name in LINKS}

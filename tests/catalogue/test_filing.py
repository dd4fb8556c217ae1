"""An item is filed in its own transaction, and what was disclosed stays disclosed."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from masthead.catalogue import filing, shelves
from masthead.catalogue.models import Card, FilingRecord
from tests.newsroom import ago, article, event, job, organisation, partner_article

pytestmark = pytest.mark.django_db


def test_a_published_article_is_on_the_shelf_at_once(title):
    piece = article(title)
    assert [card.item_id for card in shelves.latest(title).take(5)] == [piece.pk]


def test_a_draft_has_no_card(title):
    article(title, live=False)
    assert not Card.objects.exists()


def test_an_unpublished_article_leaves_every_shelf(title):
    piece = article(title)
    piece.unpublish()
    assert shelves.latest(title).take(5) == []


def test_unpublishing_through_the_bare_page_works_too(title):
    from wagtail.models import Page

    Page.objects.get(pk=article(title).pk).unpublish()
    assert shelves.latest(title).take(5) == []


def test_a_filing_that_fails_takes_the_item_back(title, monkeypatch):
    piece = article(title)
    monkeypatch.setattr(filing, "_fill", lambda *a: (_ for _ in ()).throw(RuntimeError("no")))
    piece.title = "En anden"
    with pytest.raises(RuntimeError):
        piece.save()
    piece.refresh_from_db()
    assert piece.title != "En anden"


@pytest.mark.parametrize("missing", ["label", "payer_name"])
def test_the_database_refuses_a_paid_card_without_label_or_payer(title, missing):
    card = partner_article(title).card
    with pytest.raises(IntegrityError), transaction.atomic():
        Card.objects.filter(pk=card.pk).update(**{missing: ""})


def test_the_database_refuses_an_editorial_card_with_a_label(title):
    card = article(title).card
    with pytest.raises(IntegrityError), transaction.atomic():
        Card.objects.filter(pk=card.pk).update(label="Annonce")


def test_partner_content_without_payer_or_reference_is_refused(title):
    with pytest.raises(ValidationError, match="aftale|agreement|reference|booking"):
        partner_article(title, reference="")


def test_renaming_a_payer_changes_no_earlier_label(title):
    payer = organisation("Gammelt Navn ApS")
    piece = partner_article(title, payer=payer)
    payer.name = "Nyt Navn ApS"
    payer.save()
    piece = type(piece).objects.get(pk=piece.pk)
    piece.save_revision().publish()
    assert type(piece).objects.get(pk=piece.pk).card.payer_name == "Gammelt Navn ApS"
    assert partner_article(title, "En ny", payer=payer).card.payer_name == "Nyt Navn ApS"


def test_deleting_a_payer_changes_no_earlier_label(title):
    payer = organisation("Borte ApS")
    piece = partner_article(title, payer=payer)
    payer.delete()
    piece = type(piece).objects.get(pk=piece.pk)
    piece.save_revision().publish()
    card = type(piece).objects.get(pk=piece.pk).card
    assert (card.label, card.payer_name, card.payer) == ("Annonce", "Borte ApS", None)


def test_what_was_published_as_paid_stays_labelled(title):
    happening = event(title, disclosure="paid", payer=organisation(), reference="AFT-1")
    happening.disclosure = "editorial"
    with pytest.raises(ValidationError):
        happening.save()


def test_a_job_names_its_employer_as_payer(title):
    disclosed = job(title).card.disclosed
    assert (disclosed.label, disclosed.payer) == ("Annonce", "Bølgeby Havn")


def test_a_shelf_never_returns_a_card_past_its_time_though_no_clock_ran(title):
    piece = job(title)
    Card.objects.update(valid_from=ago(days=3), valid_until=timezone.now())
    assert piece.live
    assert shelves.vacancies(title).take(5) == [] and shelves.vacancies(title).count() == 0


def test_each_change_of_what_is_shown_is_recorded_once_and_the_chain_holds(title):
    piece = article(title)
    piece.save()
    piece.title = "Kabelkøen aftager"
    piece.save()
    piece.unpublish()
    actions = [record.content["action"] for record in FilingRecord.objects.all()]
    assert actions == ["shown", "shown", "withdrawn"]
    assert FilingRecord.broken_at() is None
    FilingRecord.objects.filter(pk=FilingRecord.objects.first().pk).update(content={"title": "Noget andet"})
    assert FilingRecord.broken_at() == FilingRecord.objects.first().pk


def test_a_deleted_item_leaves_its_card_behind_for_the_record(title):
    piece = article(title)
    piece.delete()
    card = Card.objects.get()
    assert card.item is None and shelves.latest(title).take(5) == []
    assert FilingRecord.objects.last().content["action"] == "deleted"

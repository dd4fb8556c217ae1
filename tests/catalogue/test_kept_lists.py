"""The places kept for each card give the lists that what it is filed under gives, whatever was changed since."""

import importlib

import pytest
from django.apps import apps
from django.db.models import Q

from masthead.catalogue import counting, shelves
from masthead.catalogue.models import Card, Organisation, Person, Shelved, Theme
from tests.newsroom import ago, article, editor, event, job, organisation, partner_article, theme

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(title):
    """A few items of each kind, filed under this and that."""
    themes = [theme(title, f"Tema {n}") for n in range(3)]
    them = [organisation(f"Organisation {n}") for n in range(3)]
    people = [Person.objects.create(name=f"Desk {n}") for n in range(2)]
    for n in range(8):
        filed = {"themes": themes[n % 3 :], "organisations": them[: n % 3], "people": people[: n % 2 + 1]}
        article(title, f"Nyhed {n}", dated=ago(hours=n * 5), source=them[2] if n == 3 else None, **filed)
        partner_article(title, f"Betalt {n}", payer=them[n % 3], dated=ago(hours=n * 3), **filed)
    event(title, themes=themes[:1], organisations=them[:1])
    job(title, themes=themes[1:2], employer=them[0])
    return title


def agrees(title) -> None:
    """Assert that every list found by places is what the card's own rows say."""
    all_of_it = Card.objects.in_title(title).on_show().newest_first()
    articles = all_of_it.of_kind("article")
    for each in Theme.objects.all():
        assert shelves.news_of(each).take(99) == list(articles.organic().filter(themes=each))
        paid = articles.disclosed("paid", "funded").filter(themes=each)
        assert shelves.partner_content_of(each).take(99) == list(paid)
    assert shelves.partner_content(title).take(99) == list(articles.disclosed("paid", "funded"))
    for each in Organisation.objects.all():
        about = Q(organisations=each) | Q(source=each) | Q(payer=each)
        assert shelves.by_organisation(title, each).take(99) == list(all_of_it.filter(about).distinct())
    for each in Person.objects.all():
        assert shelves.by_person(title, each).take(99) == list(all_of_it.filter(people=each))


def test_lists_are_right_as_filed(house):
    assert shelves.by_organisation(house, organisation("Organisation 0")).take(99)
    agrees(house)


def test_lists_are_right_after_every_kind_of_change(house):
    piece, paid = (Card.objects.get(title=name).item.specific for name in ("Nyhed 4", "Betalt 2"))
    piece.dated = ago(days=30)
    piece.save()
    agrees(house)
    piece.themes, piece.organisations, piece.people = [], [organisation("Ny")], []
    piece.source = organisation("Organisation 1")
    piece.save()
    agrees(house)
    paid.payer, paid.approved_by = organisation("Ny"), editor()
    paid.save()
    agrees(house)
    paid.unpublish()
    agrees(house)
    piece.delete()
    agrees(house)
    Theme.objects.first().delete()
    Organisation.objects.first().delete()
    agrees(house)


def test_filing_again_writes_no_place_anew(house):
    before = set(Shelved.objects.values_list("pk", "card", "shelf", "place"))
    for card in Card.objects.all():
        card.item.specific.save()
    assert set(Shelved.objects.values_list("pk", "card", "shelf", "place")) == before


def test_an_older_house_gets_its_places_from_the_migration(house):
    before = set(Shelved.objects.values_list("card", "shelf", "place"))
    Shelved.objects.all().delete()
    importlib.import_module("masthead.catalogue.migrations.0005_keep_places").fill(apps, None)
    assert set(Shelved.objects.values_list("card", "shelf", "place")) == before


def test_overviews_name_what_holds_something_on_show(house):
    theme(house, "Tomt")
    organisation("Ukendt")
    assert [t.name for t in counting.themes(house)] == ["Tema 0", "Tema 1", "Tema 2"]
    assert {o.name for o in counting.organisations(house)} == {"Organisation 0", "Organisation 1"}
    assert {p.name for p in counting.people(house)} == {"Desk 0", "Desk 1"}
    for card in Card.objects.filter(organisations__name="Organisation 1"):
        card.item.specific.unpublish()
    assert {o.name for o in counting.organisations(house)} == {"Organisation 0"}


def test_the_number_beside_a_name_is_what_its_page_holds(house):
    card = Card.objects.get(title="Nyhed 2")
    named = counting.mentioned_in(card, list(card.organisations.all()))
    assert {o.name: o.n for o in named} == {
        o.name: len(shelves.by_organisation(house, o).take(99)) for o in card.organisations.all()
    }

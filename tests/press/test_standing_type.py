"""Parts of pages stand ready for the next page, and are let go with what they are made of."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from masthead.articles.models import Article
from masthead.catalogue import shelves
from masthead.catalogue.models import Organisation, Theme
from masthead.partners.booking import book
from masthead.press import recalling, standing
from masthead.press.ingredients import noting
from masthead.publication.models import Picture, Publication
from tests import newsroom

pytestmark = pytest.mark.django_db
PAGES = ("/", "/artikler/", "/artikler/foerste/", "/artikler/anden/", "/annonce/betalt/", "/events/", "/job/")


@pytest.fixture
def archive(title):
    theme, mentioned = newsroom.theme(title), newsroom.organisation("Netselskabet")
    filed = {"themes": [theme], "organisations": [mentioned]}
    newsroom.article(title, "Første", slug="foerste", picture=newsroom.picture(), **filed)
    newsroom.article(title, "Anden", slug="anden", **filed)
    paid = newsroom.partner_article(title, "Betalt", slug="betalt", **filed)
    newsroom.event(title, "Netdag")
    newsroom.job(title, "Netingeniør")
    book(newsroom.agreement(title), "article", newsroom.ago().date(), 1, paid)
    return filed


def test_a_part_is_made_once_and_what_takes_it_is_made_of_the_same(case):
    made = []
    with noting() as first:
        standing.standing(("part",), lambda: made.append(1), "card:1")
    with noting() as second:
        standing.standing(("part",), lambda: made.append(2), "card:1")
    assert made == [1]
    assert first.names == second.names
    assert "card:1" in second.names
    assert second.next_change == first.next_change, "a part knows the day it was set on"


def test_a_recall_lets_go_of_what_is_made_of_it_and_of_nothing_else(case, shop):
    made = []
    with noting():
        for name in ("card:1", "card:2"):
            standing.standing((name,), lambda name=name: made.append(name), name)
        with shop.committing():
            recalling.recall("card:1")
        for name in ("card:1", "card:2"):
            standing.standing((name,), lambda name=name: made.append(name), name)
    assert made == ["card:1", "card:2", "card:1"]


def test_what_is_recalled_while_a_part_is_made_is_not_kept(case, shop):
    made = []

    def make():
        made.append(1)
        with shop.committing():
            recalling.recall("card:1")

    with noting():
        standing.standing(("part",), make, "card:1")
        standing.standing(("part",), make, "card:1")
    assert made == [1, 1]


def test_a_host_that_hears_nothing_takes_no_part_that_stands(case, shop):
    made = []
    with noting():
        standing.standing(("part",), lambda: made.append(1))
        shop.now += timedelta(seconds=61)
        standing.standing(("part",), lambda: made.append(2))
    assert made == [1, 2]


def test_cards_stand_each_by_itself_and_are_looked_up_again_alone(case, shop, title, archive):
    def questions_of_a_take() -> int:
        with noting(), CaptureQueriesContext(connection) as asked:
            assert len(shelves.latest(title).take(5)) == 2
        return len(asked)

    first, second = shelves.latest(title).take(2)
    assert questions_of_a_take() > 1
    assert questions_of_a_take() == 1, "which cards they are is always asked"
    with noting() as of_a_page:
        shelves.latest(title).take(1)
    assert f"card:{first.pk}" in of_a_page.names
    assert f"card:{second.pk}" not in of_a_page.names, "it stood in one company, and is made of itself alone"
    with shop.committing():
        recalling.recall(f"card:{first.pk}")
    assert questions_of_a_take() > 1


def test_a_page_is_made_of_all_that_was_read_with_a_card_that_stands(case, title, archive):
    pages = []
    for _n in range(2):
        with noting() as page:
            shelves.latest(title).take(5, also=(*shelves.PICTURES, *shelves.FILED_UNDER))
        pages.append(page.names)
    assert pages[0] == pages[1]
    assert {f"picture:{Picture.objects.get().pk}", f"theme:{Theme.objects.get().pk}"} <= set(pages[1])


def test_what_does_not_hang_on_the_page_stands_on_when_the_page_changes(case, shop, title, archive):
    _read("/artikler/foerste/")
    shared = [key for key in case.parts if {"pair", "sign-up"} & set(key)]
    assert len(shared) == 2
    with shop.committing():
        Article.objects.get(slug="foerste").save()
    _read("/artikler/anden/")
    assert set(shared) <= set(case.parts)
    assert not [key for key in case.parts if "text" in key and Article.objects.get(slug="foerste").pk in key]


def test_what_one_page_does_to_a_card_no_other_page_sees(case, title, archive):
    with noting():
        shelves.latest(title).take(1)[0].title = "Changed by a page"
    with noting():
        assert shelves.latest(title).take(1)[0].title != "Changed by a page"


def test_what_two_parts_ask_for_is_noted_by_both():
    from masthead.press.ingredients import note

    once = standing.Once(lambda: note("card:1"))
    for _n in range(2):
        with noting() as part:
            once()
        assert "card:1" in part.names


@pytest.mark.parametrize("seed", range(2))
def test_a_page_of_standing_parts_is_the_page_byte_for_byte(case, shop, title, archive, seed):
    """After each random change every page, set from parts that stand, equals one for which nothing does."""
    chance = random.Random(seed)
    changes = _changes(shop, title, archive, chance)
    for _n in range(8):
        with shop.committing():
            chance.choice(changes)()
        for path in PAGES:
            _read(path)
            standing_page = _read(path)
            with standing.nothing_stands():
                fresh = _read(path)
            assert standing_page == fresh, path
    assert len(case.parts) > 20, "nothing stood, so nothing was shown"


def _read(path: str) -> bytes:
    answer = Client(SERVER_NAME="localhost").get(path)
    return answer.content if answer.status_code != 200 else b"%d %s" % (answer.status_code, answer.content)


def _changes(shop, title, archive, chance) -> list:
    def of(model):
        return chance.choice(list(model.objects.all()))

    def rename(thing, name):
        setattr(thing, name, f"{name} {chance.randrange(1000)}")
        thing.save()

    def publish():
        newsroom.article(title, f"Ny {chance.randrange(10**9)}", **(archive if chance.random() < 0.5 else {}))

    def rewrite():
        article = of(Article)
        article.title = f"Skrevet om {chance.randrange(1000)}"
        article.save_revision().publish()

    def take_off():
        article = of(Article)
        article.unpublish() if article.live else article.save_revision().publish()

    def later():
        shop.later(**chance.choice([{"seconds": 1}, {"hours": 9}, {"days": 12}]))

    return [
        publish,
        later,
        rewrite,
        take_off,
        lambda: rename(of(Organisation), "name"),
        lambda: rename(of(Theme), "name"),
        lambda: rename(Publication.objects.get(), "tagline"),
        lambda: rename(of(Picture), "credit"),
    ]

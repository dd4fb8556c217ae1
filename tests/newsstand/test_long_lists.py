"""A list is counted and numbered as far as readers go, and no further; nothing is lost by it, and no change missed."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from masthead.catalogue import counting
from masthead.catalogue.models import Card, Counted
from masthead.catalogue.shelving import names_of
from masthead.catalogue.templatetags.catalogue import counted
from masthead.newsstand import arranging
from masthead.press.ingredients import concerns, noting
from tests.newsroom import ago, article, item_maps, organisation, partner_article, theme
from tests.newsstand.reading import headlines, read, words

pytestmark = pytest.mark.django_db
ENDS = "numbers end here"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Two rows to a page, and four cards to which numbers lead."""
    monkeypatch.setattr(arranging, "SHEET", 2)
    monkeypatch.setattr(arranging, "MOST", 4)


@pytest.fixture
def title(title):
    title.language = "en"
    title.save()
    return title


def fill(title, n: int, make=article, **more) -> list:
    """Publish `n` pieces, the newest first."""
    return [make(title, f"Piece {i}", dated=ago(hours=i + 1), **more) for i in range(n)]


def made_of(address: str):
    """What a page is made of, noted here and not by the press."""
    middleware = [name for name in settings.MIDDLEWARE if ".press." not in name]
    with override_settings(MIDDLEWARE=middleware), noting() as ingredients:
        read(Client(), address)
    return ingredients


def test_the_last_page_says_how_the_rest_is_found(client, title):
    fill(title, 7)
    last = read(client, "/artikler/?page=99")
    assert headlines(last, "spine") == ["Piece 2", "Piece 3"]
    assert ENDS in words(last) and not last.xpath("//nav[@class='numbers']/a[@rel='next']")
    with translation.override("en"):
        ways = {reverse("search"), reverse("themes")}
    assert ways <= {*last.xpath("//main//p[@class='aside']/a/@href")}
    assert ENDS not in words(read(client, "/artikler/"))


def test_a_list_that_its_numbers_lead_to_whole_says_nothing(client, title):
    fill(title, 4)
    assert ENDS not in words(read(client, "/artikler/?page=2"))
    article(title, "One more", dated=ago(days=9))
    assert ENDS in words(read(client, "/artikler/?page=2"))


def test_what_no_number_leads_to_is_found_by_search_and_by_search_engines(client, title):
    old = article(title, "Harbour turbine", dated=ago(days=9))
    fill(title, 5)
    with translation.override("en"):
        found = read(client, f"{reverse('search')}?q=turbine")
    assert headlines(found) == ["Harbour turbine"]
    assert any(f"{old.slug}/" in client.get(part).content.decode() for part in item_maps(title))


def test_every_row_of_the_last_page_has_its_label_and_payer(client, title):
    fill(title, 6, make=partner_article)
    last = read(client, "/annonce/?page=2")
    rows = last.find_class("spine")[0].findall("li")
    assert len(rows) == 2 and ENDS in words(last)
    for row in rows:
        label = words(row.find_class("label")[0])
        assert "Annonce" in label and "Ladelauget ApS" in words(row)


def test_a_number_that_was_not_counted_to_its_end_says_so(client, title):
    cables, laying = theme(title, "Cables"), organisation("Layers Ltd")
    fill(title, 4, themes=[cables], organisations=[laying])
    with translation.override("en"):
        pages = cables.url, laying.url
    assert "4 articles" in words(read(client, pages[0])) and "4 items mention it" in words(read(client, pages[1]))
    article(title, "One more", themes=[cables], organisations=[laying])
    assert "4+ articles" in words(read(client, pages[0])) and "4+ items mention it" in words(read(client, pages[1]))


def test_the_overview_counts_news_and_partner_content_together_and_no_further_than_it_prints(title, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 3)
    for name, news, paid in (("Few", 1, 1), ("Full", 3, 0), ("Mixed", 2, 2), ("Many", 4, 4)):
        fill(title, news, themes=[theme(title, name)])
        fill(title, paid, make=partner_article, themes=[theme(title, name)])
    with CaptureQueriesContext(connection) as asked:
        numbers = {found.name: counted(found.n) for found in counting.themes(title)}
    assert numbers == {"Few": "2", "Full": "3", "Mixed": "3+", "Many": "3+"}
    assert sum("COUNT" in query["sql"] for query in asked) == 7  # of what has many news, its partner content is not


@pytest.mark.parametrize(("language", "said"), [("en", "1,000+"), ("da", "1.000+")])
def test_a_large_number_is_printed_as_the_language_does(language, said):
    with translation.override(language):
        assert counted(Counted(1_000, is_more=True)) == said
        assert counted(Counted(1_000)) == said.rstrip("+")


@pytest.mark.parametrize("before", [0, 3, 8], ids=["on the page", "on a later page", "where no number leads"])
def test_the_end_of_any_card_of_the_list_is_noted_by_each_of_its_pages(title, before, monkeypatch):
    noon = (timezone.localtime() + timedelta(days=1)).replace(hour=12)  # at midnight a page changes too
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)
    fill(title, before)
    end = timezone.now() + timedelta(hours=3)
    article(title, "Ends soon", dated=ago(days=5), expire_at=end)
    article(title, "Ends later", dated=ago(days=6), expire_at=end + timedelta(hours=1))
    for page in ("", "?page=2"):
        assert made_of(f"/artikler/{page}").next_change == end


def test_what_ended_is_no_longer_counted(client, title, monkeypatch):
    fill(title, 4)
    end = timezone.now() + timedelta(hours=3)
    article(title, "Ends", dated=ago(days=5), expire_at=end)
    assert ENDS in words(read(client, "/artikler/?page=2"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: end)
    assert ENDS not in words(read(client, "/artikler/?page=2"))


def test_a_piece_to_which_no_number_leads_still_recalls_every_page_of_its_lists(title):
    cables, laying = theme(title, "Cables"), organisation("Layers Ltd")
    fill(title, 5, themes=[cables], organisations=[laying])
    old = article(title, "Old", dated=ago(days=9), themes=[cables], organisations=[laying])
    changed = names_of(Card.objects.get(item=old))
    with translation.override("en"):
        addresses = "/artikler/", cables.url, laying.url
    for address in addresses:
        for page in ("", "?page=2"):
            assert concerns(changed, made_of(f"{address}{page}").names), address

"""Sitemaps list what search engines may list, and nothing else; the news sitemap is the newsroom's."""

import pytest
from django.utils import timezone, translation
from lxml import etree

from masthead.catalogue.models import Card
from masthead.newsstand import sitemaps
from tests.newsroom import (
    ago,
    article,
    event,
    found_title,
    house_promotion,
    item_maps,
    job,
    organisation,
    partner_article,
    theme,
)

pytestmark = pytest.mark.django_db
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("application/xml"), path
    return etree.fromstring(answer.content)


def paths(client, *maps) -> list[str]:
    found = [loc.text for path in maps for loc in read(client, path).iterfind(".//s:loc", MAP)]
    return [address.removeprefix("http://localhost") for address in found]


def test_items_stand_in_the_sitemap_with_the_moment_they_were_changed(client, title):
    piece = article(title)
    (part,) = item_maps(title)
    url = read(client, part).find("s:url", MAP)
    assert url.findtext("s:loc", namespaces=MAP) == "http://localhost/artikler/kabelkoeen-vokser/"
    changed = piece.card.changed_at.astimezone(title.zone).isoformat(timespec="seconds")
    assert url.findtext("s:lastmod", namespaces=MAP) == changed


def test_a_title_without_items_has_no_part_without_addresses(client, title):
    assert paths(client, "/sitemap.xml") == ["/sitemap-places.xml"]
    assert client.get("/sitemap-1.xml").status_code == 404


def test_paid_content_is_listed_only_where_its_contract_says_so(client, title):
    partner_article(title)
    house_promotion(title)
    assert paths(client, *item_maps(title)) == []
    partner_article(title, "Må findes", indexable=True)
    assert paths(client, *item_maps(title)) == ["/annonce/maa-findes/"]


def test_what_is_over_withdrawn_or_kept_out_is_not_listed(client, title):
    job(title, in_days=-2)
    event(title, in_days=-2)
    article(title, "Taget af").unpublish()
    article(title, "Skal ikke findes", indexable=False)
    assert paths(client, *item_maps(title)) == []


def test_every_item_stands_in_exactly_one_part_and_stays_there(client, title, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    pieces = [article(title, f"Nyhed {n}") for n in range(6)]
    index, *parts = paths(client, "/sitemap.xml")
    assert index == "/sitemap-places.xml"
    stood = {part: paths(client, part) for part in parts}
    assert all(len(found) <= 2 for found in stood.values())
    assert sorted(sum(stood.values(), [])) == [f"/artikler/nyhed-{n}/" for n in range(6)]
    pieces[0].unpublish()
    for part, found in stood.items():
        assert paths(client, part) == [path for path in found if path != "/artikler/nyhed-0/"]


def test_a_part_without_a_key_of_the_title_is_not_there(client, title, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    neighbour = found_title("Nabo", hostname="nabo.example")
    for n in range(3):
        article(neighbour, f"Nabonyt {n}")
    keys = [article(title, f"Nyhed {n}").card.pk for n in range(3)]
    first, last = ((keys[0] - 1) // 2 + 1, (keys[-1] - 1) // 2 + 1)
    assert paths(client, "/sitemap.xml")[1:] == [f"/sitemap-{n}.xml" for n in range(first, last + 1)]
    for number in (0, first - 1, last + 1):
        assert client.get(f"/sitemap-{number}.xml").status_code == 404
    assert not any("nabonyt" in path for n in range(first, last + 1) for path in paths(client, f"/sitemap-{n}.xml"))


def test_lists_themes_and_organisations_that_hold_something_are_listed(client, title):
    cars = theme(title)
    theme(title, "Tomt tema")
    organisation("Tom A/S")
    article(title, themes=[cars], organisations=[organisation("Kabelværket A/S")])
    found = paths(client, "/sitemap-places.xml")
    with translation.override("da"):
        assert found[0] == "/" and "/artikler/" in found and cars.url in found
        assert organisation("Kabelværket A/S").url in found
    assert not any("tom" in path for path in found)


def test_a_sitemap_takes_the_same_number_of_queries_however_long_it_is(client, title, django_assert_max_num_queries):
    for n in range(5):
        article(title, f"Nyhed {n}")
    (part,) = item_maps(title)
    client.get(part)
    with django_assert_max_num_queries(5):
        client.get(part)


def test_the_news_sitemap_holds_the_newsrooms_articles_of_two_days(client, title):
    article(title, dated=ago(hours=3))
    article(title, "For gammel", dated=ago(hours=49))
    article(title, "Skal ikke findes", indexable=False)
    partner_article(title, indexable=True)
    event(title)
    job(title)
    root = read(client, "/sitemap-news.xml")
    assert [found.text for found in root.iterfind(".//n:title", MAP)] == ["Kabelkøen vokser"]
    assert root.findtext(".//n:name", namespaces=MAP) == "Prøvetitel"
    assert root.findtext(".//n:language", namespaces=MAP) == "da"
    published = timezone.datetime.fromisoformat(root.findtext(".//n:publication_date", namespaces=MAP))
    assert published == Card.objects.get(title="Kabelkøen vokser").counts_from.replace(microsecond=0)
    assert published.utcoffset() == timezone.localtime(published, title.zone).utcoffset()


def test_robots_txt_names_the_sitemaps_of_its_title_and_keeps_the_desk_out(client, title):
    found_title("Nabo", hostname="nabo.example")
    said = client.get("/robots.txt", SERVER_NAME="nabo.example").content.decode()
    assert "Sitemap: http://nabo.example/sitemap.xml" in said and "Disallow: /desk/" in said
    assert "annonce" not in said and "localhost" not in said

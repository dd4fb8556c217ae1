"""Feeds: whole, dated, labelled, and the same entry for life."""

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone
from lxml import etree

from masthead.catalogue.models import Card
from tests.newsroom import ago, article, event, found_title, house_promotion, job, organisation, partner_article, theme

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
FORMS = ("rss", "atom", "json")


def read(client, path) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content


def entries(client, path) -> list[dict]:
    """The entries of a feed of any form as {title, id, url, updated, words, subjects}."""
    body = read(client, path)
    if path.endswith("json"):
        names = {"title": "title", "id": "id", "url": "url", "updated": "date_modified", "words": "content_text"}
        return [{k: e[v] for k, v in names.items()} | {"subjects": e["tags"]} for e in json.loads(body)["items"]]
    root = etree.fromstring(body)
    if path.endswith("rss"):
        names = {"title": "title", "id": "guid", "url": "link", "updated": "pubDate", "words": "description"}
        found = root.findall("channel/item")
        return [
            {k: e.findtext(v) for k, v in names.items()} | {"subjects": [c.text for c in e.findall("category")]}
            for e in found
        ]
    names = {"title": "a:title", "id": "a:id", "updated": "a:updated", "words": "a:summary"}
    return [
        {k: e.findtext(v, namespaces=ATOM) for k, v in names.items()}
        | {"url": e.find("a:link", ATOM).get("href")}
        | {"subjects": [c.get("term") for c in e.findall("a:category", ATOM)]}
        for e in root.findall("a:entry", ATOM)
    ]


@pytest.mark.parametrize("form", FORMS)
def test_the_feed_of_articles_holds_what_nobody_paid_for(client, title, form):
    article(title, standfirst="Tolv projekter venter på strøm.")
    for make in (partner_article, house_promotion, job):
        make(title)
    found = entries(client, f"/feeds/articles.{form}")
    assert [entry["title"] for entry in found] == ["Kabelkøen vokser"]
    assert found[0]["words"] == "Tolv projekter venter på strøm."
    assert found[0]["url"] == "http://localhost/artikler/kabelkoeen-vokser/"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("kind", "make", "payer"),
    [("partner", partner_article, "Ladelauget ApS"), ("jobs", job, "Bølgeby Havn"), ("events", None, "Ladelauget ApS")],
)
def test_what_is_paid_begins_with_label_and_payer_in_title_words_and_subjects(client, title, form, kind, make, payer):
    if make:
        make(title)
    else:
        event(title, disclosure="paid", payer=organisation(), reference="AFT-1")
    (entry,) = entries(client, f"/feeds/{kind}.{form}")
    for words in (entry["title"], entry["words"]):
        assert words.startswith("Annonce ") and payer in words
    assert entry["title"].index(payer) < entry["title"].index(Card.objects.get().title)
    assert "Annonce" in entry["subjects"]


@pytest.mark.parametrize("form", FORMS)
def test_a_theme_has_a_feed_of_its_own_without_what_is_paid(client, title, form):
    cars = theme(title)
    article(title, themes=[cars])
    article(title, "Uden tema")
    partner_article(title, themes=[cars])
    assert [e["title"] for e in entries(client, f"/feeds/theme/elbiler.{form}")] == ["Kabelkøen vokser"]
    assert client.get(f"/feeds/theme/ukendt.{form}").status_code == 404


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_keeps_its_id_when_its_address_and_headline_change(client, title, form):
    piece = article(title)
    (before,) = entries(client, f"/feeds/articles.{form}")
    piece.title, piece.slug = "En anden overskrift", "en-anden"
    piece.save()
    (after,) = entries(client, f"/feeds/articles.{form}")
    assert before["url"] != after["url"] and before["id"] == after["id"] == f"urn:uuid:{piece.translation_key}"


@pytest.mark.parametrize("form", ("atom", "json"))
def test_a_correction_moves_updated(client, title, form):
    piece = article(title, dated=ago(days=3))
    Card.objects.update(changed_at=ago(days=3))
    (before,) = entries(client, f"/feeds/articles.{form}")
    at = timezone.now() - timedelta(minutes=5)
    piece.corrections = [("correction", {"at": at, "text": "Det var tolv, ikke elleve."})]
    piece.save()
    Card.objects.update(changed_at=ago(days=3))
    (after,) = entries(client, f"/feeds/articles.{form}")
    assert before["updated"] < after["updated"]
    assert after["updated"][:16] == at.astimezone(title.zone).isoformat()[:16]


def test_dates_carry_the_offset_of_the_title(client, title):
    article(title, dated=timezone.datetime(2026, 7, 1, 10, 0, tzinfo=title.zone))
    (entry,) = entries(client, "/feeds/articles.rss")
    assert parsedate_to_datetime(entry["updated"]).utcoffset() == timedelta(hours=2)


def test_a_feed_names_itself_its_language_and_its_pages(client, title):
    article(title)
    rss = etree.fromstring(read(client, "/feeds/articles.rss"))
    assert rss.find("channel/a:link", ATOM).get("href") == "http://localhost/feeds/articles.rss"
    assert rss.findtext("channel/language") == "da" and rss.findtext("channel/link") == "http://localhost/"
    atom = etree.fromstring(read(client, "/feeds/articles.atom"))
    assert atom.find("a:link[@rel='self']", ATOM).get("href") == "http://localhost/feeds/articles.atom"
    assert json.loads(read(client, "/feeds/articles.json"))["feed_url"] == "http://localhost/feeds/articles.json"


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_feed_is_valid_and_the_same_each_time(client, title, form):
    assert entries(client, f"/feeds/partner.{form}") == []
    assert read(client, f"/feeds/partner.{form}") == read(client, f"/feeds/partner.{form}")


def test_what_has_not_changed_is_not_sent_again(client, title):
    article(title)
    tag = client.get("/feeds/articles.rss")["ETag"]
    assert client.get("/feeds/articles.rss", headers={"If-None-Match": tag}).status_code == 304


def test_what_left_the_feed_moves_its_date_so_that_nobody_keeps_it(client, title, monkeypatch):
    old, new = ago(days=3), ago(hours=1)
    article(title)
    Card.objects.update(changed_at=old, counts_from=old, valid_from=old)
    monkeypatch.setattr("masthead.catalogue.shelves.last_change", lambda title: old)
    before = client.get("/feeds/articles.rss")["Last-Modified"]
    assert client.get("/feeds/articles.rss", headers={"If-Modified-Since": before}).status_code == 304
    monkeypatch.setattr("masthead.catalogue.shelves.last_change", lambda title: new)
    assert client.get("/feeds/articles.rss", headers={"If-Modified-Since": before}).status_code == 200


def test_a_change_of_this_second_has_no_date_that_could_hide_the_next(client, title):
    article(title)
    assert not client.get("/feeds/articles.rss").has_header("Last-Modified")


def test_unpublishing_and_expiry_count_as_the_last_change(title):
    from masthead.catalogue import shelves

    began = timezone.now()
    piece = article(title)
    published = shelves.last_change(title)
    piece.unpublish()
    assert began < published < shelves.last_change(title)
    job(title)
    over = timezone.now() + timedelta(microseconds=1)
    Card.objects.filter(kind="job").update(valid_until=over)
    assert shelves.last_change(title) >= over


def test_an_event_says_when_and_where_and_that_it_is_cancelled(client, title):
    event(title, status="cancelled", sessions=[{"date": "2097-12-01", "start": None, "end_date": None, "end": None}])
    (entry,) = entries(client, "/feeds/events.atom")
    assert entry["title"].endswith(": Netdag") and entry["title"] != "Netdag"
    assert "1. december 2097" in entry["words"] and "Teams" in entry["words"] and "00:00" not in entry["words"]


@pytest.mark.parametrize("form", FORMS)
def test_signs_that_mean_something_to_xml_arrive_as_they_were_written(client, title, form):
    article(title, "Kabler < 10 kV & \x0bmere", standfirst="A < B & C")
    (entry,) = entries(client, f"/feeds/articles.{form}")
    assert entry["title"] == "Kabler < 10 kV & mere"
    assert entry["words"] in ("A < B & C", "A &lt; B &amp; C")  # the words of RSS and Atom are HTML


def test_a_feed_takes_the_same_number_of_queries_however_long_it_is(client, title, django_assert_max_num_queries):
    cars = theme(title)
    for n in range(5):
        article(title, f"Nyhed {n}", themes=[cars])
    client.get("/feeds/articles.rss")
    with django_assert_max_num_queries(8):
        client.get("/feeds/articles.rss")


def test_one_title_shows_nothing_of_another(client, title):
    article(title)
    found_title("Nabo", hostname="nabo.example")
    assert b"Kabel" not in client.get("/feeds/articles.rss", SERVER_NAME="nabo.example").content

"""No reader can put anything into another's page, fill the store, or bring it down."""

import os
import shutil
import sqlite3
from datetime import timedelta

import pytest

from masthead.press.addressing import Rules, canonical, read
from masthead.press.store import Broken
from tests import newsroom

pytestmark = pytest.mark.django_db
FRONT, LIST = "/", "/artikler/"


@pytest.fixture
def article(shop):
    newsroom.article(shop.title)
    return "/artikler/kabelkoeen-vokser/"


# Queries


def test_ten_thousand_queries_do_not_grow_the_store(shop):
    shop.print(FRONT, LIST)
    kept = len(shop.store.keys())
    for n in range(10_000):
        for query in (f"utm_source=mail{n}&fbclid={n}", f"x={n}", f"page={n}"):
            if n < 20 or canonical(query) == "":
                shop.ask(f"{LIST}?{query}")
    assert len(shop.store.keys()) == kept
    assert len(shop.press.pages) == kept


def test_what_only_tracks_is_taken_off_and_met_by_the_same_page(shop):
    first = shop.ask(f"{FRONT}?utm_source=brev&utm_campaign=a&gclid=1")
    assert not shop.ask(FRONT).woke_django
    assert not shop.ask(f"{FRONT}?mc_eid=2&utm_medium=mail").woke_django
    assert shop.ask(FRONT).body == first.body
    calendar = shop.ask("/calendar/events.ics?utm_source=evil")
    assert "evil" not in calendar.text


def test_a_page_of_a_list_and_a_filter_are_kept_under_one_spelling(shop):
    for n in range(25):
        newsroom.article(shop.title, f"Nummer {n}")
    newsroom.event(shop.title, "Netdag")
    shop.print(f"{LIST}?page=2", "/events/?mode=online", "/events/?kind=other&mode=online")
    assert shop.is_kept("/events/?mode=online&kind=other")
    kept = shop.store.keys()
    for odd in ("page=1", "page=3", "page=002", "page=2&page=3", "page=x", "page=-1", "page=2&y=1", "page=%32%00"):
        shop.ask(f"{LIST}?{odd}")
    for odd in ("mode=nowhere", "kind=zzz", "month=2031-01", "theme=intet"):
        shop.ask(f"/events/?{odd}")
    assert shop.store.keys() == kept


def test_a_search_is_never_kept(shop, article):
    words = "/soeg/?q=kabel"
    assert shop.ask(words).status == 200
    assert shop.ask(words).woke_django


@pytest.mark.parametrize(
    "query", ["a" * 5000, "page=" + "9" * 400, "%ff%fe=1", "page=1;page=2", "page[]=1", "q=æ", "&" * 1000 + "x=1", "="]
)
def test_an_odd_query_is_answered_and_not_kept(shop, query):
    assert shop.ask(f"{FRONT}?{query}").status in (200, 400, 404)
    assert not any("?" in key for key in shop.store.keys())  # noqa: SIM118 - not a dictionary's


# Paths


HOSTILE = [
    "//",
    "//evil.example/",
    "/artikler//kabelkoeen-vokser/",
    "/artikler/../artikler/",
    "/artikler/./",
    "/.git/config",
    "/artikler/%2e%2e/",
    "/artikler/index.html",
    "/artikler/kabelkoeen-vokser/index.html.gz",
    "/artikler\\..\\",
    "/artikler/\x00/",
    "/artikler/\n/",
    "/" + "a" * 3000 + "/",
    "/" + "a/" * 400,
    "/ærtikler/",
    "/nyhedsbrev/0001/",
    "/sitemap-0001.xml",
    "/look/0123456789ab.css",
    "*",
    "",
]


def test_a_hostile_path_is_answered_and_leaves_no_page(shop, article):
    shop.print(FRONT)
    for path in HOSTILE:
        assert shop.ask("/", PATH_INFO=path).status in (200, 301, 302, 400, 404), path
    assert len(shop.store.keys()) == 1


# Hosts and headers


def test_a_host_nobody_allowed_is_refused_also_where_the_page_is_kept(shop, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    shop.print(FRONT)
    assert shop.ask(FRONT, host="evil.example").status == 400
    assert shop.ask(FRONT, host="localhost\r\nX: y").status == 400
    assert shop.ask(FRONT, host="evil.example").status == 400


def test_many_names_for_a_host_make_no_more_pages(shop):
    shop.print(FRONT)
    plain = shop.ask(FRONT)
    for n in range(30):
        answer = shop.ask(FRONT, host=f"n{n}.localhost:80{n:02}")
        assert answer.body == plain.body
    assert len(shop.store.keys()) == 1


POISON = {
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PORT": "666",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
    "HTTP_FORWARDED": "host=evil.example",
    "HTTP_X_ORIGINAL_URL": "/desk/",
    "HTTP_X_REWRITE_URL": "/desk/",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "POST",
    "HTTP_X_HOST": "evil.example",
    "HTTP_ACCEPT_LANGUAGE": "en",
    "HTTP_REFERER": "https://evil.example/",
    "HTTP_USER_AGENT": "<script>evil</script>",
    "HTTP_ORIGIN": "https://evil.example",
    "HTTP_ACCEPT": "application/json",
    "HTTP_RANGE": "bytes=0-9",
    "HTTP_IF_RANGE": '"x"',
    "HTTP_COOKIE": "theme=evil; _ga=1",
    "HTTP_AUTHORIZATION": "Basic ZXZpbDpldmls",
    "HTTP_X_REQUESTED_WITH": "XMLHttpRequest",
    "CONTENT_TYPE": "application/x-www-form-urlencoded",
    "CONTENT_LENGTH": "8",
}


def test_what_a_header_says_never_reaches_the_page_of_another(shop, article):
    plain = shop.ask(article)
    for name, said in POISON.items():
        with shop.committing():
            shop.title.save()
        poisoned, clean = shop.ask(article, **{name: said}), shop.ask(article)
        assert poisoned.woke_django and not clean.woke_django, name
        assert plain.body == clean.body == poisoned.body and plain.headers == clean.headers, name
    assert b"evil" not in plain.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get"])
def test_other_methods_wake_django_and_keep_nothing(shop, method):
    shop.print(FRONT)
    answer = shop.ask(FRONT, method=method)
    assert answer.woke_django
    assert len(shop.store.keys()) == 1


def test_who_is_logged_in_gets_a_page_of_their_own_and_leaves_none(shop, article):
    mine = shop.ask(article, HTTP_COOKIE="desk=abc")
    assert mine.woke_django and (shop.store.folder / "index").exists() is False or shop.store.keys() == []
    shop.print(article)
    assert shop.ask(article, HTTP_COOKIE="a=1; desk=abc").woke_django
    assert not shop.ask(article, HTTP_COOKIE="a=1").woke_django


def test_over_http_a_house_that_wants_https_redirects_before_anything_kept_is_sent(shop, settings):
    settings.SECURE_SSL_REDIRECT = True
    shop.press.rules = Rules(https=True, trusted_proxies=frozenset({"10.0.0.1"}))
    asked = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}
    said = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "localhost", "QUERY_STRING": ""}
    assert read(said, shop.press.rules) is None
    assert read(said | asked, shop.press.rules)
    assert read(said | asked | {"REMOTE_ADDR": "10.0.0.2"}, shop.press.rules) is None


# Answers to what readers ask for


def test_head_and_not_modified_and_codings(shop, article):
    import gzip

    import brotli

    whole = shop.ask(article)
    head = shop.ask(article, method="HEAD")
    assert head.body == b"" and head.headers == whole.headers
    for header, unpack in (
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("gzip;q=0, br;q=0.5", brotli.decompress),
    ):
        packed = shop.ask(article, HTTP_ACCEPT_ENCODING=header)
        assert unpack(packed.body) == whole.body and packed.headers["Vary"] == "Accept-Encoding"
        known = shop.ask(article, HTTP_ACCEPT_ENCODING=header, HTTP_IF_NONE_MATCH=packed.headers["ETag"])
        assert known.status == 304 and known.body == b"" and "Content-Length" not in known.headers
    assert len({shop.ask(article, HTTP_ACCEPT_ENCODING=c).headers["ETag"] for c in ("br", "gzip", "identity")}) == 3
    assert shop.ask(article, HTTP_ACCEPT_ENCODING="br;q=0, gzip;q=0, *;q=0").body == whole.body
    assert shop.ask(article, HTTP_IF_NONE_MATCH='W/"x", *').status == 304
    assert shop.ask(article, HTTP_IF_NONE_MATCH='"other"').status == 200
    assert shop.ask(article, HTTP_ACCEPT_ENCODING="q=;,,;" * 500).status == 200


# A store that fails


def test_a_store_deleted_while_serving_is_printed_again(shop, article):
    shop.print(FRONT, article)
    shutil.rmtree(shop.store.folder)
    assert shop.ask(FRONT).status == 200
    shop.later(seconds=2)
    shop.vouch()
    assert shop.ask(FRONT).status == 200
    shop.vouch()
    shop.print(FRONT, article)
    with shop.committing():
        newsroom.article(shop.title, "Efter sletning")
    assert "Efter sletning" in shop.ask(FRONT).text


@pytest.mark.parametrize("what", ["index.html", "sheet", "truncated", "empty"])
def test_a_damaged_page_is_found_and_printed_anew(shop, article, what):
    whole = shop.ask(article).body
    files = [file for file in shop.store.folder.rglob("*") if file.is_file() and "kabelkoeen" in str(file)]
    sheets = list(shop.store.folder.rglob("*.sheet"))
    for file in sheets if what == "sheet" else files:
        data = file.read_bytes()
        file.write_bytes({"truncated": data[: len(data) // 2], "empty": b""}.get(what, data[:-5] + b"XXXXX"))
    other = shop.another_process()
    answer = shop.ask(article, other)
    assert answer.woke_django and answer.body == whole
    assert not shop.ask(article, shop.another_process()).woke_django


def test_a_damaged_index_is_thrown_away_with_everything_in_it(shop, article):
    shop.print(FRONT, article)
    shop.store._close()
    for name in ("index-wal", "index-shm"):
        (shop.store.folder / name).unlink(missing_ok=True)
    (shop.store.folder / "index").write_bytes(b"no database" * 1000)
    with pytest.raises(Broken):
        shop.store.recall({"card:1": None})
    assert shop.ask(FRONT).status == 200
    shop.print(FRONT, article)


def test_a_full_disk_keeps_serving_and_what_is_published_is_seen(shop, article, monkeypatch):
    shop.print(FRONT)

    def full(*_anything, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("masthead.press.store._put", full)
    answer = shop.ask(article)
    assert answer.status == 200 and shop.ask(article).woke_django
    assert not shop.ask(FRONT).woke_django
    monkeypatch.setattr(shop.store.board, "post", full)
    with shop.committing():
        newsroom.article(shop.title, "Trods fuld disk")
    assert "Trods fuld disk" in shop.ask(FRONT).text


def test_a_folder_nobody_may_write_serves_unkept(shop, monkeypatch):
    def refused(*_anything, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    assert shop.ask(FRONT).status == 200


def test_an_index_locked_by_another_for_long_serves_unkept(shop, article, monkeypatch):
    shop.print(FRONT)
    monkeypatch.setattr("masthead.press.store.WAIT", 0.1)
    shop.store._close()
    with sqlite3.connect(shop.store.folder / "index", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert shop.ask(article).status == 200
        assert not shop.ask(FRONT).woke_django
        other.execute("ROLLBACK")
    shop.print(article)


# Clocks


def test_a_clock_that_jumps_ahead_and_back_sends_nothing_printed_in_another_time(shop):
    shop.print(FRONT)
    first = shop.ask(FRONT).body
    shop.later(days=400)
    ahead = shop.ask(FRONT)
    assert ahead.woke_django and ahead.body != first
    shop.now -= timedelta(days=400)
    assert shop.ask(FRONT).woke_django  # the board was vouched for in the future: nothing is known
    shop.vouch()
    assert shop.ask(FRONT).body == first


def test_the_store_stays_within_its_bytes_and_lets_the_longest_unused_go(shop):
    for n in range(12):
        newsroom.article(shop.title, f"Nummer {n}")
    pages = [f"/artikler/nummer-{n}/" for n in range(12)]
    for n, one in enumerate(pages):
        shop.print(one)
        shop.store.mark_used([f"localhost{one}"], n)
    size = shop.store.status().bytes
    shop.store.most_bytes = size // 2
    assert shop.store.make_room() > 0
    assert shop.store.status().bytes <= size // 2
    fresh = shop.another_process()
    assert not shop.ask(pages[-1], fresh).woke_django and shop.ask(pages[0], fresh).woke_django

"""One host for real: two web processes, a desk in a third, nginx or Caddy in front, all killed as machines are."""

import os
import re
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.press.hosts import FRONTS, Desk, get, in_front, until
from tests.site_of_its_own import Site, free_port, masthead

pytestmark = pytest.mark.process
FEEDS = ["/feeds/articles.rss", "/feeds/articles.json"]
PAGES = ["/", "/robots.txt", "/calendar/events.ics", "/sitemap.xml", *FEEDS]
NO_ADDRESSES = ["/index.html", "/index.html.gz", "/robots.txt.gz", "/robots.txt.br", "/artikler/index.html", "//"]
NO_ADDRESSES += ["//robots.txt", "/robots.txt/", "/findes-ikke/", "/artikler//feeds/"]
CODINGS = {"nginx": ["identity", "gzip"], "caddy": ["identity", "gzip", "br"]}  # Debian's nginx-light knows no brotli
OF_EACH_SENDER = {"date", "server", "connection", "etag", "last-modified", "accept-ranges"}
OF_EACH_SENDER |= {"content-length", "transfer-encoding"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("host") / "avis")
    site.start("--processes", "2", "--no-clock")
    yield site
    if site.process.poll() is None:
        site.stop()


@pytest.fixture
def desk(site):
    desk = Desk(site.folder)
    yield desk
    desk.close()


def everywhere(site, path: str, words: str, times: int = 12) -> list[bool]:
    """Whether the words stand on a page, asked over so many connections that every process has answered."""
    return [words in get(site.base, path)[2] for _n in range(times)]


def is_printed(site, path: str = "") -> bool:
    return any(site.folder.glob(f"data/printed/now/*{path}/index.html"))


def test_what_is_published_in_one_process_is_seen_in_all_when_it_has_returned(site, desk):
    for path in ("/", "/artikler/", *FEEDS):
        everywhere(site, path, "Prøvetitel")
    assert until(lambda: get(site.base, "/")[0] == 200 and is_printed(site))
    assert desk.do("publish('Set med det samme')")
    for path in ("/", "/artikler/", *FEEDS):
        assert all(everywhere(site, path, "Set med det samme")), path
    assert desk.do("unpublish('Set med det samme')")
    for path in ("/", "/artikler/", *FEEDS):
        assert not any(everywhere(site, path, "Set med det samme")), path
    assert get(site.base, "/artikler/set-med-det-samme/")[0] == 404


def test_what_was_committed_by_a_process_that_was_killed_before_it_could_recall_is_recalled(site, desk):
    everywhere(site, "/", "Prøvetitel")
    desk.do("die_after_the_next_commit()")
    assert not desk.do("publish('Skrevet af en der døde')")
    assert until(lambda: all(everywhere(site, "/", "Skrevet af en der døde")))


def test_clients_that_send_slowly_or_nothing_keep_nobody_waiting(site):
    slow = [socket.create_connection(("127.0.0.1", site.port)) for _n in range(60)]
    for one in slow[:30]:
        one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    for one in slow[30:]:  # more than there are processes, so each of them is held
        one.sendall(b"POST /desk/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nusername=")
    began = time.monotonic()
    for path in ["/", "/soeg/?q=net"] * 4:  # one that is kept, one that is not
        assert get(site.base, path)[0] == 200
    assert time.monotonic() - began < 10
    for one in slow:
        one.close()
    for odd in (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET " + b"/a" * 40_000, b"\x00\xff\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", site.port), timeout=10) as one:
            one.sendall(odd)
    assert get(site.base, "/")[0] == 200
    assert "Internal Server Error" not in site.log()


def test_a_second_start_sends_what_was_printed_before_it(site):
    tag = get(site.base, "/")[1]["etag"]
    assert site.stop() == []  # before the look: much read pages are printed again in the background
    sheets = {file: file.stat().st_mtime_ns for file in site.folder.glob("data/printed/sheets/*/*/*.sheet")}
    assert sheets
    site.start("--processes", "2", "--no-clock")
    assert until(lambda: get(site.base, "/")[1]["etag"] == tag)
    assert {file: file.stat().st_mtime_ns for file in sheets if file.exists()} == sheets


def test_the_command_says_what_is_kept_and_throws_it_away(site):
    get(site.base, "/")
    said = masthead("press", "status", "--site", site.folder)
    assert "pages" in said.stdout and "seconds ago" in said.stdout, said.stdout + said.stderr
    assert "thrown away" in masthead("press", "empty", "--site", site.folder).stdout
    assert until(lambda: get(site.base, "/")[0] == 200 and is_printed(site))


@in_front
def test_what_stands_in_front_sends_printed_pages_with_djangos_heads_and_keeps_the_site_up_while_masthead_is_down(
    site, desk, tmp_path, front
):
    if site.process.poll() is not None:
        site.start("--processes", "2", "--no-clock")
    with site.database() as database:
        database.execute("UPDATE wagtailcore_site SET hostname = '127.0.0.1', port = 80")
    desk.do("from wagtail.models import Site; Site.objects.first().save()")
    assert desk.do(f"publish('Trykt {front}')")
    article, port = f"/artikler/trykt-{front}/", free_port()
    said = ["--listen", f"127.0.0.1:{port}"] if front == "nginx" else ["--port", port]
    made = masthead("press", front, *said, "--site", site.folder)
    assert made.returncode == 0, made.stderr
    server = FRONTS[front](tmp_path / front, made.stdout.replace("127.0.0.1:8000", f"127.0.0.1:{site.port}"), port)
    try:
        the_disk_says_what_django_says(server.base, site.base, [article, *PAGES], CODINGS[front])
        only_what_is_for_everybody_comes_from_the_disk(server.base)
        for odd in NO_ADDRESSES:
            assert get(server.base, odd)[0] == 404, odd
        assert desk.do(f"unpublish('Trykt {front}')")
        assert "Trykt" not in get(server.base, "/")[2]
        assert get(server.base, article)[0] == 404
        get(server.base, "/")
        assert site.stop() == []
        assert get(server.base, "/")[0] == 200
        assert get(server.base, article)[0] == 502
    finally:
        server.stop()


def the_disk_says_what_django_says(front: str, own: str, pages: list[str], codings: list[str]) -> None:
    """Compare heads and bytes of pages in every coding, asked of what stands in front and of Masthead."""
    look = re.search(r"/look/\w+\.css", get(own, "/")[2])[0]
    for path in (*pages, look):
        for coding in codings:
            assert until(lambda path=path, coding=coding: is_from_disk(get_raw(front, path, coding)[1])), path
            ours, sent = (get_raw(base, path, coding) for base in (own, front))
            assert ours[0] == sent[0] == 200
            assert heads(ours[1]) == heads(sent[1]) and ours[2] == sent[2], path
    assert "immutable" in get(front, look)[1]["Cache-Control"]


def only_what_is_for_everybody_comes_from_the_disk(front: str) -> None:
    """Ask with queries, methods and cookies: what may be somebody's own is asked of Masthead."""
    assert get(front, "/?page=2")[0] == 200
    assert not is_from_disk(get_raw(front, "/?utm_source=a", "identity")[1])
    assert not is_from_disk(get_raw(front, "/", "identity", Cookie="desk=x")[1])
    for cookies in ("a=1; desk=x", "csrftoken=x", "a=1;messages=x; b=2"):
        assert not is_from_disk(get_raw(front, "/", "identity", Cookie=cookies)[1]), cookies
    for cookies in ("a=1", "desks=x", "a=desk; b=1"):
        assert is_from_disk(get_raw(front, "/", "identity", Cookie=cookies)[1]), cookies


def is_from_disk(headers: dict) -> bool:
    """Whether the ETag is made of a file's time and size, shorter and not hexadecimal; the press and Django hash."""
    tag = headers.get("etag", "")
    return bool(tag) and not re.fullmatch(r'"[0-9a-f]{20,32}"', tag)


def get_raw(base: str, path: str, coding: str, **more) -> tuple[int, dict, bytes]:
    request = urllib.request.Request(base + path, headers={"Accept-Encoding": coding} | more)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def heads(headers: dict) -> dict:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in OF_EACH_SENDER}


def test_a_web_process_that_is_killed_takes_nothing_with_it(site):
    if site.process.poll() is not None:
        site.start("--processes", "2", "--no-clock")
    workers = [pid for pid in site._below(site.process.pid) if "python" in Path(f"/proc/{pid}/cmdline").read_text()]
    os.kill(workers[0], signal.SIGKILL)
    time.sleep(0.2)
    assert until(lambda: get(site.base, "/")[0] == 200)

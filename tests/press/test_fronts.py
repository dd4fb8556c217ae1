"""nginx and Caddy with the configurations we write, before a Masthead that says what it was asked."""

import http.client
import http.server
import json
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from wagtail.models import Site

from masthead.press import caddy, nginx, telling
from masthead.press.fronts import House, Server
from tests.press.hosts import CADDY, FRONTS, in_front, needs_caddy
from tests.site_of_its_own import free_port

PAGE = b"<p>Printed</p>" * 50
CSP = "script-src 'self' \"{http.request.host}\""  # no policy of ours has such signs; they might mean something here


class Asked(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked, as Masthead would be."""

    protocol_version = "HTTP/1.1"
    begun: list[str] = []

    def do_GET(self):
        self.begun.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = {"path": self.requestline.split()[1]} | {name.lower(): said for name, said in self.headers.items()}
        body = json.dumps(asked).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "keep-alive")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_words):
        pass


class Front:
    """What stands in front: two titles, one of which has a second name."""

    def __init__(self, name: str, folder: Path, upstream: int, media: Path | None):
        self.printed, port = folder / "printed", free_port()
        self.house = House(self.printed, media, "/media/", f"127.0.0.1:{upstream}", False, ("desk", "csrftoken"))
        titles = [
            Server(("127.0.0.1", "www.kabel.test"), "kabel.test", {"Content-Language": "da", "X-Other": "a"}),
            Server(("vand.test",), "vand.test", {"Content-Security-Policy": CSP}),
        ]
        if name == "nginx":
            words = nginx.configuration(self.house, titles, f"127.0.0.1:{port}")
        else:
            words = caddy.configuration(self.house, titles, port, telling.version_of_caddy())
        self.running = FRONTS[name](folder / name, words, port)
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def print(self, path: str, body: bytes = PAGE) -> Path:
        file = self.printed / "now" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        return file

    def get(self, path: str, host: str = "127.0.0.1", method: str = "GET", **headers) -> tuple[int, dict, bytes]:
        named = {name.replace("_", "-"): said for name, said in headers.items()}
        self.line.request(method, path, headers={"Host": host} | named)
        answer = self.line.getresponse()
        return answer.status, {name.lower(): said for name, said in answer.getheaders()}, answer.read()

    def asked(self, path: str, **more) -> dict | None:
        """Return what Masthead was asked, or None where it was not."""
        status, headers, body = self.get(path, **more)
        assert status == 200, path
        return json.loads(body) if headers["content-type"] == "application/json" else None

    def close(self) -> None:
        self.line.close()
        self.running.stop()


@pytest.fixture(scope="module")
def upstream():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def standing(front, upstream, tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media/a.jpg").write_bytes(b"a picture")
    standing = Front(front, tmp_path, upstream, tmp_path / "media")
    yield standing
    standing.close()


@in_front
def test_each_title_is_sent_from_its_own_folder_with_its_own_heads_at_every_name_it_has(standing):
    standing.print("kabel.test/index.html")
    standing.print("vand.test/index.html", b"Water")
    for host in ("127.0.0.1", "www.kabel.test"):
        _status, headers, body = standing.get("/", host)
        assert body == PAGE
        assert headers["content-language"] == "da"
        assert "x-other" not in headers  # of the front page alone
    _status, headers, body = standing.get("/", "vand.test")
    assert body == b"Water"
    assert headers["content-security-policy"] == CSP
    assert standing.asked("/elsewhere/", host="vand.test")["host"] == "vand.test"


@in_front
def test_only_the_one_address_of_a_page_finds_its_file(standing):
    standing.print("kabel.test/index.html")
    standing.print("kabel.test/articles/index.html")
    standing.print("kabel.test/robots.txt")
    for path in ("/", "/articles/", "/robots.txt"):
        assert standing.asked(path) is None, path
        assert standing.asked(path, method="POST"), path
    for path in ("/index.html", "/articles", "/robots.txt/", "/articles//", "//articles/", "/robots.txt?a", "/?a="):
        assert (standing.asked(path) or {}).get("path") == path
    assert standing.asked("/", Cookie="a=1; desk=2")


@in_front
def test_masthead_is_asked_what_the_reader_asked_to_the_letter_and_gets_the_whole_of_a_form(standing):
    standing.print("kabel.test/articles/index.html")
    odd = ["/a%2Fb/", "/%C3%A6bler/", "/articles/?q=a%20b&c=%2F", "/articles/index.html", "/nowhere/"]
    for path in odd:
        assert (standing.asked(path) or {}).get("path") == path
    for path in ("/articles/", "/nowhere/", "/nowhere"):
        standing.line.request("POST", path, b"a=1&" * 40_000, {"Host": "127.0.0.1"})
        asked = json.loads(standing.line.getresponse().read())
        assert (asked["path"], asked["content-length"]) == (path, "160000")
    assert standing.get("/articles/", method="PUT")[0] == 501  # Masthead's own answer: it is asked


@in_front
def test_each_coding_has_an_etag_of_its_own_and_who_has_it_is_told_so(front, standing):
    standing.print("kabel.test/index.html")
    standing.print("kabel.test/index.html.gz", b"as gzip")
    standing.print("kabel.test/index.html.br", b"as brotli")
    tags = {}
    for coding in ("identity", "gzip") if front == "nginx" else ("identity", "gzip", "br"):
        _status, headers, body = standing.get("/", Accept_Encoding=coding)
        assert headers.get("content-encoding", "identity") == coding
        assert body == {"gzip": b"as gzip", "br": b"as brotli"}.get(coding, PAGE)
        tags[coding] = headers["etag"]
    assert len(set(tags.values())) == len(tags)
    for coding, tag in tags.items():
        status, headers, _body = standing.get("/", Accept_Encoding=coding, If_None_Match=tag)
        assert status == 304 and headers["etag"] == tag
        assert headers["vary"] == "Accept-Encoding" and headers["cache-control"].startswith("public, max-age=30,")
        other = "gzip" if coding != "gzip" else "identity"
        assert standing.get("/", Accept_Encoding=other, If_None_Match=tag)[0] == 200


@in_front
def test_masthead_hears_who_asks_and_how_from_the_server_whatever_the_client_says(standing):
    lies = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https", "Cookie": "desk=x"}
    asked = standing.asked("/desk/", **lies)
    assert asked["x-forwarded-for"] == "127.0.0.1"
    assert asked["x-forwarded-proto"] == "http"
    assert asked["cookie"] == "desk=x"


@in_front
def test_a_form_that_is_sent_slowly_comes_to_masthead_when_all_of_it_is_there(standing):
    with socket.create_connection(("127.0.0.1", standing.running.port), timeout=20) as slow:
        slow.sendall(b"POST /slowly/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 20000\r\n\r\n")
        slow.sendall(b"a" * 19_999)
        for _n in range(20):
            standing.asked("/meanwhile/")
        assert "/slowly/" not in Asked.begun
        slow.sendall(b"a")
        assert slow.recv(20).startswith(b"HTTP/1.1 200")
    assert Asked.begun.pop() == "/slowly/"


@in_front
def test_pictures_come_from_the_media_folder_or_from_masthead_where_it_is_a_bucket(front, standing, upstream, tmp_path):
    status, headers, body = standing.get("/media/a.jpg")
    assert (status, body) == (200, b"a picture")
    assert headers["content-type"] == "image/jpeg" or front == "nginx"  # the tests' nginx.conf has no mime.types
    assert headers["cache-control"] == "max-age=2592000"
    status, headers, _body = standing.get("/media/b.jpg")
    assert status == 404 and "cache-control" not in headers
    bucket = Front(front, tmp_path / "bucket", upstream, None)
    try:
        assert bucket.asked("/media/a.jpg")["path"] == "/media/a.jpg"
    finally:
        bucket.close()


@in_front
def test_a_page_that_is_recalled_while_it_is_looked_up_is_asked_of_masthead(standing):
    file = standing.print("kabel.test/articles/index.html")
    kept = file.rename(file.with_name("kept"))
    over = threading.Event()

    def print_and_recall():
        while not over.is_set():
            file.hardlink_to(kept)
            file.unlink()

    at_work = threading.Thread(target=print_and_recall)
    at_work.start()
    try:
        for _n in range(1000):
            status, headers, _body = standing.get("/articles/")
            assert status == 200
            assert ("cache-control" in headers) == (headers["content-type"] != "application/json")
    finally:
        over.set()
        at_work.join()


@needs_caddy
def test_the_caddyfile_is_formatted_as_caddy_wants_it_and_takes_https_where_the_house_does(tmp_path):
    titles = [Server(("kabel.test", "www.kabel.test"), "kabel.test", {}), Server(("vand.test",), "vand.test", {})]
    secure = House(tmp_path / 'a "folder"', tmp_path, "/media/", "127.0.0.1:8000", True, ("desk",))
    file = tmp_path / "Caddyfile"
    file.write_text(caddy.configuration(secure, titles, None, telling.version_of_caddy()))
    assert say("fmt", file) == file.read_text()
    [server] = json.loads(say("adapt", "--config", file))["apps"]["http"]["servers"].values()
    assert server["listen"] == [":443"]
    hosts = [route["match"][0]["host"] for route in server["routes"]]
    assert hosts == [["kabel.test", "www.kabel.test"], ["vand.test"]]
    assert json.dumps(f"{secure.printed}/now/kabel.test") in say("adapt", "--config", file)


@pytest.mark.django_db
def test_other_names_in_the_options_are_the_default_titles_and_two_titles_with_one_host_are_refused(shop, settings):
    site = Site.objects.get()
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", ".localhost", "*", site.hostname, "www.kabel.test"]
    assert f"http://{site.hostname}, http://www.kabel.test {{" in telling.caddyfile("127.0.0.1:8000")
    assert f"server_name {site.hostname} www.kabel.test;" in telling.nginx_configuration("127.0.0.1:8000")
    Site.objects.create(hostname=site.hostname, port=8080, root_page=site.root_page)
    with pytest.raises(telling.NotAnswered, match=f"Two titles have the host {site.hostname}"):
        telling.caddyfile("127.0.0.1:8000")


def say(*words) -> str:
    done = subprocess.run([CADDY, *words], capture_output=True, text=True, check=True)
    return done.stdout

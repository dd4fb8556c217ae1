"""Pictures in object storage: kept in a bucket, made into their sizes from there, shown at the title's own address."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from django.core.files.storage import default_storage
from django.test import Client, override_settings

from masthead import options
from masthead.publication import picturing
from tests import newsroom

pytestmark = pytest.mark.django_db


class Bucket(BaseHTTPRequestHandler):
    """As little of S3 as keeping files takes."""

    files: dict[str, bytes] = {}

    def do_PUT(self):  # noqa: N802
        self.files[self._name] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200)

    def do_GET(self):  # noqa: N802
        data = self.files.get(self._name)
        self._answer(404) if data is None else self._answer(200, data)

    do_HEAD = do_GET

    def do_DELETE(self):  # noqa: N802
        self.files.pop(self._name, None)
        self._answer(204)

    @property
    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/pictures/")

    def _answer(self, status: int, data: bytes = b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_said):
        """Nothing: the tests say what they saw."""


@pytest.fixture
def bucket(monkeypatch, settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    Bucket.files = {}
    address = f"s3://pictures?endpoint=http://127.0.0.1:{server.server_port}&region=eu-north-1"
    storages = settings.STORAGES | {"default": options.media_storage(address)}
    with override_settings(STORAGES=storages):
        yield Bucket.files
    server.shutdown()
    server.server_close()


def test_a_picture_and_its_sizes_are_kept_in_the_bucket_and_shown_at_our_own_address(bucket, title):
    printed = picturing.printed(newsroom.picture("kyst"))
    assert len(bucket) == 1 + len(picturing.SPECS)
    assert printed.src.startswith("/media/images/kyst")
    article = newsroom.article(title, picture=newsroom.picture("havn"))
    page = Client(SERVER_NAME="localhost").get(f"/artikler/{article.slug}/").content.decode()
    assert 'srcset="/media/images/havn' in page
    assert "127.0.0.1" not in page


def test_without_nginx_in_front_the_file_is_handed_out(bucket, rf):
    from django.http import Http404

    from masthead.publication.keeping import hand_out

    picture = newsroom.picture("kyst")
    answer = hand_out(rf.get("/"), picture.file.name)
    assert b"".join(answer.streaming_content) == bucket[picture.file.name]
    assert answer["Content-Type"] == "image/png"
    with pytest.raises(Http404):
        hand_out(rf.get("/"), "images/findes-ikke.png")


def test_a_deleted_picture_leaves_the_bucket(bucket, django_capture_on_commit_callbacks):
    picture = newsroom.picture("kyst")
    assert default_storage.exists(picture.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        picture.delete()
    assert bucket == {}


def test_an_address_that_is_no_bucket_is_refused_in_one_sentence():
    with pytest.raises(options.WrongOption, match="s3://bucket"):
        options.media_storage("https://bucket.example.org")

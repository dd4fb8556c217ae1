"""A content delivery network is told what was recalled, and by which names pages are known."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from masthead.press import purging, recalling
from tests import newsroom

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(settings, monkeypatch):
    """A proxy that takes PURGE and remembers what of."""
    purged = []

    class Proxy(BaseHTTPRequestHandler):
        def do_PURGE(self):  # noqa: N802 - the method's own name
            purged.append(f"{self.headers['Host']}{self.path}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.MASTHEAD = settings.MASTHEAD | {"cdn": address}
    settings.WAGTAILFRONTENDCACHE = {
        "cdn": {"BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend", "LOCATION": address}
    }
    monkeypatch.setattr(recalling, "on_recalled", [])
    monkeypatch.setattr(purging, "on_recalled", recalling.on_recalled)
    purging.listen()
    yield purged
    server.shutdown()
    server.server_close()


def finish() -> None:
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "_purge" in thread.name:
            thread.join(10)


def test_the_addresses_recalled_are_purged_and_no_others(shop, network):
    newsroom.article(shop.title, "Den første")
    shop.print("/", "/artikler/", "/job/")
    with shop.committing():
        newsroom.article(shop.title, "Den anden")
    finish()
    assert sorted(network) == ["localhost/", "localhost/artikler/"]


def test_a_page_says_what_it_is_made_of_in_both_headers(shop, network):
    piece = newsroom.article(shop.title)
    answer = shop.ask("/artikler/kabelkoeen-vokser/")
    assert f"item:{piece.pk}" in answer.headers["Surrogate-Key"].split(" ")
    assert f"item:{piece.pk}" in answer.headers["Cache-Tag"].split(",")
    assert shop.ask("/artikler/kabelkoeen-vokser/").headers == answer.headers


def test_without_a_network_no_page_says_it(shop):
    assert "Surrogate-Key" not in shop.ask("/").headers

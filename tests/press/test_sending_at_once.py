"""A printed page is sent by the loop that receives requests; what is none waits for Django's thread."""

import asyncio
import gzip
import threading
from types import SimpleNamespace

import pytest

from masthead.press.receiving import Answer, Reception

pytestmark = pytest.mark.django_db


class Headers(dict):
    def get_all(self, name):
        return [self[name]] if name in self else []


class Protocol:
    """What Granian would send."""

    def response_bytes(self, status, headers, body):
        self.sent = (status, dict(headers), body)

    def response_empty(self, status, headers):
        self.sent = (status, dict(headers), b"")


def receive(reception, path, method="GET", authority=None, **headers):
    scope = SimpleNamespace(method=method, path=path, query_string="", scheme="http", client="127.0.0.1:5000")
    scope.server, scope.http_version, scope.authority = "127.0.0.1:80", "1.1", authority
    scope.headers = Headers({"host": "localhost"} | {name.replace("_", "-"): said for name, said in headers.items()})
    protocol = Protocol()
    asyncio.run(asyncio.wait_for(reception.__rsgi__(scope, protocol), 10))
    return protocol.sent


def test_a_printed_page_is_sent_while_django_is_busy(shop):
    shop.print("/")
    reception, go = Reception(shop.press), threading.Event()
    reception.thread.submit(go.wait)
    try:
        status, headers, body = receive(reception, "/", accept_encoding="gzip")
        assert status == 200 and b"<title>" in gzip.decompress(body)
        assert receive(reception, "/", if_none_match=headers["ETag"], accept_encoding="gzip")[0] == 304
        assert receive(reception, "/", "HEAD")[2] == b""
        assert receive(reception, "/", host="", authority="localhost")[0] == 200  # as HTTP/2 says it
    finally:
        go.set()


@pytest.mark.parametrize("odd", [{"method": "POST"}, {"path": "/soeg/"}, {"cookie": "a=1; desk=me"}, {"host": "evil"}])
def test_what_is_not_a_readers_or_not_printed_goes_to_djangos_thread(shop, odd):
    shop.print("/")
    reception = Reception(shop.press)
    reception._answer = lambda environ: Answer(299, [("Thread", threading.current_thread().name)], b"")
    assert receive(reception, **({"path": "/"} | odd))[:2] == (299, {"Thread": "django_0"})

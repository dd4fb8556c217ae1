"""A printed page is sent by the loop that receives requests; what is none waits for Django's thread."""

import asyncio
import gzip
import threading
from types import SimpleNamespace

import pytest

from masthead.press.addressing import Rules
from masthead.press.receiving import Answer, Reception, Task

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


def receive(*args, **named):
    return asyncio.run(asyncio.wait_for(receiving(*args, **named), 10))


async def receiving(reception, path, method="GET", authority=None, protocol=None, **headers):
    scope = SimpleNamespace(method=method, path=path, query_string="", scheme="http", client="127.0.0.1:5000")
    scope.server, scope.http_version, scope.authority = "127.0.0.1:80", "1.1", authority
    scope.headers = Headers({"host": "localhost"} | {name.replace("_", "-"): said for name, said in headers.items()})
    protocol = protocol or Protocol()
    await reception.__rsgi__(scope, protocol)
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


@pytest.mark.parametrize("is_kept", [True, False])
def test_who_asks_for_what_is_being_printed_gets_what_the_first_gets(is_kept):
    asked, printed, go = [], [], threading.Event()

    def print_it(environ, start_response):
        asked.append(go.wait(10))
        printed.extend([(200, [], b"printed")] if is_kept else [])
        start_response("200 OK", [])
        return [b"printed"]

    reception = Reception(print_it)
    reception.press = SimpleNamespace(rules=Rules(), at_once=lambda head: printed[0] if printed else None)

    async def crowd():
        many = [asyncio.create_task(receiving(reception, "/")) for _n in range(50)]
        await asyncio.sleep(0.1)
        assert reception.is_busy and not reception.readers
        go.set()
        return await asyncio.gather(*many)

    assert asyncio.run(crowd()) == [(200, {}, b"printed")] * 50
    assert len(asked) == (1 if is_kept else 50)
    assert not reception.under_way and not reception.is_busy


class Slow(Protocol):
    """A line on which nothing comes, and nothing that is sent arrives."""

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(60)

    def response_stream(self, status, headers):
        return self

    async def send_bytes(self, piece):
        await asyncio.sleep(60)


@pytest.mark.parametrize("slow", ["a form of which nothing comes", "a file that is taken slowly"])
def test_nobody_waits_for_the_first_ones_line(slow):
    class File:
        streaming = True

        def __iter__(self):
            return iter([b"piece"])

    def answer(environ, start_response):
        start_response("200 OK", [])
        return File() if environ.get("HTTP_ACCEPT") == "file" else [b"whole"]

    reception = Reception(answer)
    reception.press = SimpleNamespace(rules=Rules(), at_once=lambda head: None)
    headers = {"content_length": "1000"} if slow.startswith("a form") else {"accept": "file"}

    async def two():
        first = asyncio.create_task(receiving(reception, "/a/", protocol=Slow(), **headers))
        await asyncio.sleep(0.05)
        second = await asyncio.wait_for(receiving(reception, "/a/"), 5)
        assert not first.done()
        first.cancel()
        return second

    assert asyncio.run(two())[::2] == (200, b"whole")


def test_who_works_at_the_desk_goes_before_readers_who_wait(shop):
    done, go = [], threading.Event()

    def answer(environ):
        done.append(environ["PATH_INFO"])
        go.wait(10)
        return Answer(299, [])

    reception = Reception(shop.press)
    reception._answer = answer

    async def crowd():
        many = [asyncio.create_task(receiving(reception, path)) for path in ("/a/", "/b/", "/c/")]
        await asyncio.sleep(0.05)
        many += [asyncio.create_task(receiving(reception, path, cookie="desk=me")) for path in ("/desk/1/", "/desk/2/")]
        await asyncio.sleep(0.05)
        go.set()
        await asyncio.gather(*many)

    asyncio.run(crowd())
    assert done == ["/a/", "/desk/1/", "/desk/2/", "/b/", "/c/"]
    assert not reception.is_busy and not reception.readers and not reception.people


def test_who_goes_away_while_waiting_leaves_the_thread_to_the_others(shop):
    reception, go = Reception(shop.press), threading.Event()
    reception._answer = lambda environ: Answer(299 if go.wait(10) else 0, [])

    async def crowd():
        first, second, third = (asyncio.create_task(receiving(reception, path)) for path in ("/a/", "/b/", "/c/"))
        await asyncio.sleep(0.05)
        first.cancel()
        second.cancel()
        go.set()
        return await third

    assert asyncio.run(crowd())[0] == 299
    assert not reception.is_busy and not reception.under_way


def test_more_than_could_ever_be_answered_is_refused_and_what_is_printed_is_not(shop, monkeypatch):
    monkeypatch.setattr("masthead.press.receiving.MOST_WAITING", 1)
    shop.print("/")
    reception = Reception(shop.press)
    reception._answer = lambda environ: Answer(299, [])
    reception.readers.append(Task(None, lambda: None))
    said = b"Too much is being asked for at this moment. Please try again in a minute.\n"
    assert receive(reception, "/artikler/")[::2] == (503, said)
    assert receive(reception, "/")[0] == 200
    reception.readers.clear()
    assert receive(reception, "/artikler/")[0] == 299


@pytest.mark.parametrize("odd", [{"method": "POST"}, {"path": "/soeg/"}, {"cookie": "a=1; desk=me"}, {"host": "evil"}])
def test_what_is_not_a_readers_or_not_printed_goes_to_djangos_thread(shop, odd):
    shop.print("/")
    reception = Reception(shop.press)
    reception._answer = lambda environ: Answer(299, [("Thread", threading.current_thread().name)], b"")
    assert receive(reception, **({"path": "/"} | odd))[:2] == (299, {"Thread": "django_0"})

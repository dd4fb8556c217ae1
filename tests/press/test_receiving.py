"""Requests are received by Granian's loop and answered by one thread: nobody waits for who sends slowly."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.press.hosts import until
from tests.site_of_its_own import free_port

pytestmark = pytest.mark.process
TOO_LARGE = "Nothing larger than 2 MB is taken. Please send a smaller file.\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws", "--port", str(port)]
    log = tmp_path_factory.mktemp("echo") / "log"
    with log.open("w") as written:
        process = subprocess.Popen([*command, "tests.press.echo:application"], cwd=ROOT, stdout=written, stderr=written)
    assert until(lambda: _answers(port))
    yield port
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert set(re.findall(r"^\w+(?:Error|Closed)\b.*", log.read_text(), re.M)) == {"ValueError: It went wrong."}


def _answers(port: int) -> bool:
    try:
        return ask(port, "/").status == 200
    except OSError:
        return False


def ask(port: int, path: str, method="GET", body=None, headers=None):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as line:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        answer.body = answer.read()
        return answer


def echo(port: int, path: str, *args, **named) -> dict:
    answer = ask(port, path, *args, **named)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def begin(port: int, length: int, sent: bytes = b"", path="/") -> socket.socket:
    """A form of which only the head and so much is sent."""
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode() + sent)
    return line


def answer_to(line: socket.socket) -> tuple[int, str]:
    answer = http.client.HTTPResponse(line)
    answer.begin()
    return answer.status, answer.read().decode()


def test_a_request_comes_to_django_as_wsgi_has_it(port):
    said = echo(
        port,
        "/a%20b/%C3%A6/?q=%20x&y",
        headers={"Cookie": "a=1", "X-Forwarded-Proto": "https", "X_Forwarded_For": "6.6.6.6", "Accept": "text/html"},
    )
    assert said["PATH_INFO"].encode("latin-1").decode() == "/a b/æ/" and said["QUERY_STRING"] == "q=%20x&y"
    assert said["HTTP_HOST"] == f"127.0.0.1:{port}" and said["SERVER_PORT"] == str(port)
    assert said["REMOTE_ADDR"] == said["SERVER_NAME"] == "127.0.0.1"
    assert said["REQUEST_METHOD"] == "GET" and said["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert (said["HTTP_COOKIE"], said["HTTP_ACCEPT"], said["CONTENT_LENGTH"]) == ("a=1", "text/html", "0")
    assert said["wsgi.url_scheme"] == "http" and said["HTTP_X_FORWARDED_PROTO"] == "https"


def test_a_header_written_with_underscores_is_not_taken_for_one_with_hyphens(port):
    assert "HTTP_X_FORWARDED_FOR" not in echo(port, "/", headers={"X_Forwarded_For": "6.6.6.6"})


def test_a_header_sent_twice_is_joined(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        heads = (
            "Cookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\nHost: a\r\nHost: b"
        )
        line.sendall(f"GET / HTTP/1.1\r\n{heads}\r\n\r\n".encode())
        _status, body = answer_to(line)
    said = json.loads(body)
    assert said["HTTP_COOKIE"] == "a=1; b=2" and said["HTTP_X_FORWARDED_FOR"] == "1.1.1.1,2.2.2.2"
    assert said["HTTP_HOST"] == "a,b"  # which Django refuses


def test_an_answer_goes_out_with_every_header_of_it(port):
    answer = ask(port, "/")
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"] and answer.headers["X-One"] == "a"
    assert ask(port, "/none/").status == 204
    head = ask(port, "/", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert ask(port, "/fail/").status == 500
    assert ask(port, "/").status == 200


@pytest.mark.parametrize("size", [1, 60_000, 1_900_000])
def test_a_form_arrives_whole(port, size):
    form = b"a" * (size - 1) + b"z"
    said = echo(port, "/", "POST", form, {"Content-Type": "text/plain"})
    assert (said["body"], said["CONTENT_LENGTH"], said["CONTENT_TYPE"]) == (size, str(size), "text/plain")
    assert said["ends"].endswith("z")


def test_forms_that_do_not_come_keep_nobody_waiting_and_are_let_go(port):
    slow = [begin(port, 1_000, b"a") for _n in range(20)]
    began = time.monotonic()
    assert echo(port, "/")["body"] == 0
    assert time.monotonic() - began < 3
    status, said = answer_to(begin(port, 1_000))  # more than are waited for
    assert (status, said) == (503, "Too many forms are being sent at this moment. Please send it again in a minute.\n")
    for line in slow:
        with line:
            assert answer_to(line) == (408, "The form came too slowly. Please send it again.\n")
    assert echo(port, "/", "POST", b"whole")["body"] == 5


def test_a_form_that_comes_slowly_but_surely_is_taken(port):
    with begin(port, 9_000) as line:
        for _n in range(9):
            time.sleep(0.6)  # 5.4 seconds in all: four, and one more for each thousand bytes
            line.sendall(b"a" * 1_000)
        status, said = answer_to(line)
    assert status == 200 and json.loads(said)["body"] == 9_000


def test_a_form_of_which_a_part_is_missing_never_comes_to_django(port):
    before = echo(port, "/")["thread"]
    line = begin(port, 1_000, b"delete=everything", "/fail/")
    line.shutdown(socket.SHUT_WR)
    with line:
        assert b"500" not in line.recv(100)[:20]
    assert echo(port, "/")["thread"] == before


def test_what_is_too_large_or_of_unknown_length_is_refused_before_it_comes(port):
    file = b"a" * (2 * 1024 * 1024 + 1)
    answer = ask(port, "/", "POST", file)
    assert (answer.status, answer.body.decode()) == (413, TOO_LARGE)
    with begin(port, 2_000_000_000) as line:
        assert answer_to(line) == (413, TOO_LARGE)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nform=")
        assert answer_to(line) == (411, "Please send the form with its length.\n")


def test_django_works_in_one_thread_and_who_asks_meanwhile_waits_for_it_alone(port):
    with ThreadPoolExecutor(3) as readers:
        said = list(readers.map(lambda path: echo(port, path), ["/wait/", "/", "/"]))
    assert {one["thread"] for one in said} == {"django_0"}


def test_a_long_answer_is_sent_in_pieces_and_closed_by_the_thread_that_made_it(port):
    answer = ask(port, "/stream/")
    assert answer.body == b"".join(f"{n} ".encode() * 4_000 for n in range(40))
    before = len(echo(port, "/")["closed"])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"GET /stream/ HTTP/1.1\r\nHost: a\r\n\r\n")
        line.recv(10)  # and goes
    assert until(lambda: len(echo(port, "/")["closed"]) == before + 1)
    assert set(echo(port, "/")["closed"]) == {"django_0"}
    assert ask(port, "/stream/", "HEAD").body == b""

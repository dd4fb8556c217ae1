"""An application behind a Reception, which Granian serves in test_receiving.py: it says what it was asked."""

import json
import sys
import threading
import time

from masthead.press import receiving

receiving.PATIENCE, receiving.MOST_BODIES, receiving.LARGEST = 4, 20, 2
CLOSED: list[str] = []


class Stream:
    """A long answer, as Django's streaming ones are."""

    streaming = True

    def __iter__(self):
        for n in range(40):
            yield f"{n} ".encode() * 4_000

    def close(self) -> None:
        CLOSED.append(threading.current_thread().name)


def echo(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/wait/":
        time.sleep(1.5)
    if path == "/fail/":
        raise ValueError("It went wrong.")
    if path == "/none/":
        start_response("204 No Content", [])
        return ()
    start_response("200 OK", [("X-One", "a"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    if path == "/stream/":
        return Stream()
    body = environ["wsgi.input"].read()
    said = {name: value for name, value in environ.items() if isinstance(value, str)}
    said |= {"body": len(body), "ends": body[-20:].decode("latin-1"), "closed": CLOSED}
    said |= {"thread": threading.current_thread().name, "threads": len(sys._current_frames())}
    return [json.dumps(said).encode()]


application = receiving.Reception(echo)

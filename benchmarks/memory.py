"""A trivial WSGI application: one page from memory, with the headers it had."""

import json
import os
from pathlib import Path

BODY = Path(os.environ["MEMORY_BODY"]).read_bytes()
HEADERS = [tuple(pair) for pair in json.loads(os.environ["MEMORY_HEADERS"])]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return (BODY,)

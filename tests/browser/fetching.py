"""Pages as bytes, without a browser."""

import urllib.error
import urllib.request
from dataclasses import dataclass


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def fetch(house, path: str, *, who: str = "", headers: dict | None = None) -> Answer:
    """Return the answer to one GET, whatever its status, without following it elsewhere."""
    request = urllib.request.Request(house.base + path, headers=headers or {})
    if who:
        request.add_header("Cookie", f"desk={house.sessions[who]}")
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(request, timeout=20) as response:
            return Answer(response.status, dict(response.headers), response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), error.read())

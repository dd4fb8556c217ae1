"""Fetching the pictures of an old site, as far as it still answers."""

import io
import urllib.error
import urllib.request
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from django.core.files.images import ImageFile
from PIL import Image, UnidentifiedImageError

from masthead import __version__

LARGEST = 25 * 1024 * 1024  # bytes
PATIENCE = 10  # seconds
PIXELS = 80_000_000


class NotFetched(Exception):
    """A picture that could not be had; the message says why."""


class Fetcher:
    """Fetches pictures one by one. A host that does not answer at all is asked once."""

    def __init__(self) -> None:
        self.silent: set[str] = set()

    def fetch(self, address: str) -> ImageFile:
        """Return the picture at an http(s) address. Raises NotFetched."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotFetched("not an address on the web")
        if parts.netloc in self.silent:
            raise NotFetched(f"{parts.netloc} does not answer")
        data = self._read(urlunsplit(parts._replace(path=quote(unquote(parts.path)))), parts.netloc)
        _check(data)
        return ImageFile(io.BytesIO(data), name=PurePosixPath(unquote(parts.path)).name[-80:] or "picture")

    def _read(self, address: str, host: str) -> bytes:
        request = urllib.request.Request(address, headers={"User-Agent": f"Masthead/{__version__}"})  # noqa: S310 - http(s) only
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - checked above
                data = answer.read(LARGEST + 1)
        except urllib.error.HTTPError as error:
            raise NotFetched(f"answered {error.code}") from error
        except OSError as error:
            self.silent.add(host)
            raise NotFetched(f"{host} does not answer") from error
        if len(data) > LARGEST:
            raise NotFetched("larger than 25 MB")
        return data


def _check(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > PIXELS:
                raise NotFetched("more than 80 million pixels")
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotFetched("not a picture") from error

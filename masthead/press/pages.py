"""A printed page: its bytes in each coding, what it was made of, and how long it is right."""

import gzip
import hashlib
import json
from dataclasses import asdict, dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import PurePath
from sys import intern

import brotli

LONGEST = 60  # seconds; promise 3: expiry, cancellation and correction reach every output within a minute
FRESH = 30  # seconds a browser or proxy may keep it; for as many more it may show it while it asks
CODINGS = ("br", "gzip", "identity")  # best first
SUFFIX = {"br": ".br", "gzip": ".gz", "identity": ""}
# What the server in front makes of a file's name, and which headers it sends with every file: see fronts.py. A page
# whose head says anything else is not laid out for it.
MEDIA = {
    ".html": "text/html",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".json": "application/feed+json",
    ".ics": "text/calendar",
    ".xml": "application/xml",
    ".txt": "text/plain",
    ".css": "text/css",
}
IN_EVERY_HEAD = {
    "content-language",
    "content-security-policy",
    "cross-origin-opener-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
}
BESIDE = {"content-type", "last-modified", "surrogate-key", "cache-tag"}  # what it says itself, or may leave out
LOOK, IMMUTABLE = "/look/", "public, max-age=31536000, immutable"
SMALL = 300  # bytes; below this packing costs more than it saves
PACKED = ("text/", "application/xml", "application/rss+xml", "application/atom+xml", "application/feed+json")
PACKED += ("application/json", "application/ld+json", "image/svg+xml")
OURS = {"content-length", "etag", "vary", "content-encoding", "cache-control", "date", "server"}

APART = ("bodies", "sent", "hits", "told", "asked")  # what is not written down
SHEET = "masthead.press.sheet"  # where in a request the press waits for what Django says of the answer


@dataclass
class Sheet:
    """What is said of an answer to who prints it. `host` is the title's own, whatever the reader called it."""

    host: str = ""
    made_of: dict[str, float | None] = field(default_factory=dict)
    until: float = 0.0
    lasting: str = ""
    may_be_kept: bool = False


@dataclass
class Page:
    """One printed page. Times are seconds since 1970; `until` is the moment it changes by itself."""

    host: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    made_of: dict[str, float | None]
    since: float
    until: float
    lasting: str = ""  # a Cache-Control of its own, for what has an address that changes with it
    prints: dict[str, str] = field(default_factory=dict)  # sha256 of the bytes, by coding
    media: str = ""
    plain: bool = False  # it can be sent from the file alone

    # Not written down
    bodies: dict[str, bytes] = field(default_factory=dict, repr=False)
    sent: dict[str, list[tuple[str, str]]] = field(default_factory=dict, repr=False)
    hits: int = 0
    told: int = 0  # of these the store has heard
    asked: str = ""  # the host as a reader wrote it

    @property
    def key(self) -> str:
        """The one address it is kept under."""
        return key_of(self.host, self.path, self.query)

    def is_plain(self) -> bool:
        """Whether a file of its bytes, at its path, says everything there is to say of it."""
        name = "index.html" if self.path.endswith("/") else self.path.rpartition("/")[2]
        media = MEDIA.get(PurePath(name).suffix, "")
        heads = {header.lower() for header, _value in self.headers} - BESIDE
        lasts = IMMUTABLE if self.path.startswith(LOOK) else ""
        known = bool(media) and self.media == f"{media}; charset=utf-8" and not self.path.endswith("/index.html")
        return known and not self.query and heads <= IN_EVERY_HEAD and self.lasting == lasts

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values()))

    def is_right(self, now: float) -> bool:
        """Whether the clock stands between its printing and its next change; also after the clock was set back."""
        return self.since - 1 <= now < self.until

    def etag(self, coding: str) -> str:
        return f'"{self.prints[coding][:20]}"'

    def headers_for(self, coding: str, now: float) -> list[tuple[str, str]]:
        """Return what is sent with one coding; the same list each time, until its next change is near."""
        if now + LONGEST > self.until and not self.lasting:
            return self._headers(coding, now)
        if coding not in self.sent:
            self.sent[coding] = self._headers(coding, now)
        return self.sent[coding]

    def lasting_for(self, now: float) -> str:
        return self.lasting or cache_control(self.until - now)

    def written(self) -> bytes:
        """Return all but the bodies, as it is written beside them."""
        said = {name: value for name, value in asdict(self).items() if name not in APART}
        return json.dumps(said, separators=(",", ":")).encode()

    @classmethod
    def of(cls, written: bytes) -> "Page":
        """Read what `written` gave. Raises ValueError, KeyError or TypeError where it is not that."""
        said = json.loads(written)
        said["headers"] = [(name, value) for name, value in said["headers"]]
        said["made_of"] = {intern(name): down_to for name, down_to in said["made_of"].items()}
        return cls(**said)

    def put_body(self, body: bytes, codings: tuple[str, ...] = CODINGS) -> None:
        """Take the bytes of the page, and pack them once for all readers."""
        self.bodies = packed(body, self.media, codings)
        self.prints = {coding: fingerprint(data) for coding, data in self.bodies.items()}

    def _headers(self, coding: str, now: float) -> list[tuple[str, str]]:
        own = [
            ("Cache-Control", self.lasting_for(now)),
            ("ETag", self.etag(coding)),
            ("Content-Length", str(len(self.bodies[coding]))),
        ]
        if self.media.startswith(PACKED):  # also while it is small: the same address may be packed tomorrow
            own.append(("Vary", "Accept-Encoding"))
        if coding != "identity":
            own.append(("Content-Encoding", coding))
        return [*self.headers, *own]


def key_of(host: str, path: str, query: str) -> str:
    return f"{host}{path}?{query}" if query else host + path


def cache_control(seconds: float) -> str:
    """Return how long browsers and proxies may keep a page that is right for so many seconds, a minute at most."""
    fresh = max(0, min(FRESH, int(seconds)))
    more = max(0, min(LONGEST - fresh, int(seconds) - fresh))
    return f"public, max-age={fresh}, stale-while-revalidate={more}" if more else f"public, max-age={fresh}"


def packed(body: bytes, media: str, codings: tuple[str, ...] = CODINGS) -> dict[str, bytes]:
    """Return a body in those codings worth sending, each made as small as is quick."""
    bodies = {"identity": body}
    if len(body) >= SMALL and media.startswith(PACKED):
        if "gzip" in codings:
            bodies["gzip"] = gzip.compress(body, 6, mtime=0)
        if "br" in codings:
            bodies["br"] = brotli.compress(body, quality=5)
    return bodies


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def accepted(header: str) -> tuple[str, ...]:
    """Return the codings a reader takes, best of ours first (RFC 9110, 12.5.3); identity is always among them."""
    weights: dict[str, float] = {}
    for part in header[:300].lower().split(","):
        name, _, more = part.partition(";")
        weights[name.strip()] = _weight(more)
    star = weights.get("*", 0.0)
    taken = [coding for coding in CODINGS[:-1] if weights.get(coding, star) > 0]
    return (*taken, "identity")


def is_known(page: Page, coding: str, environ: dict) -> bool:
    """Whether the reader has this very page already (RFC 9110, 13.1: ETags decide, a date only without them)."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        own = page.etag(coding)
        return any(tag.strip().removeprefix("W/") in (own, "*") for tag in tags[:2000].split(","))
    asked, last = environ.get("HTTP_IF_MODIFIED_SINCE"), dict(page.headers).get("Last-Modified")
    if not asked or not last:
        return False
    try:
        return parsedate_to_datetime(asked) >= parsedate_to_datetime(last)
    except (TypeError, ValueError):
        return False


def _weight(more: str) -> float:
    _, _, value = more.partition("=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0

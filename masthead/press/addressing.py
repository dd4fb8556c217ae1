"""Addressing: which requests may be answered by a printed page, and under which one address it is kept.

Everything an answer may depend on is in that address; what is not in it is taken off the request before a page is
printed. So no header, cookie or odd query of one reader can reach the page of another.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

METHODS = ("GET", "HEAD")
PATH = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*)?")
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?")
LONGEST_PATH, LONGEST_PART, LONGEST_QUERY = 500, 150, 300  # characters
# What advertisers and mail programs hang on an address; no page of ours reads it.
TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|ttclid|li_fat_id|yclid|igshid"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|ref_src|si)"
)
KNOWN = frozenset({"page", "kind", "mode", "theme", "month"})
ESSENTIAL = (
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "HTTP_HOST",
    "REMOTE_ADDR",
    "HTTP_X_FORWARDED_PROTO",
    "SCRIPT_NAME",
    "wsgi.version",
    "wsgi.url_scheme",
    "wsgi.errors",
    "wsgi.multithread",
    "wsgi.multiprocess",
    "wsgi.run_once",
)


@dataclass(frozen=True)
class Asked:
    """One address as it is kept: the host as the reader wrote it, the path, and a query in one fixed order."""

    host: str
    path: str
    query: str


@dataclass(frozen=True)
class Rules:
    """What of a site decides whether a request may meet a printed page."""

    passed: tuple[str, ...] = ()  # beginnings of paths that are files, the desk, a door: never printed
    cookies: tuple[str, ...] = ()  # names of cookies that say who somebody is
    https: bool = False
    trusted_proxies: frozenset[str] = frozenset()


def read(environ: dict, rules: Rules) -> Asked | None:
    """Return the address a request asks for, or None where Django has to answer it and nothing may be kept."""
    host, path = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", "")
    if (
        environ["REQUEST_METHOD"] not in METHODS
        or len(path) > LONGEST_PATH
        or not PATH.fullmatch(path)
        or any(len(part) > LONGEST_PART for part in path.split("/"))
        or path.startswith(rules.passed)
        or not HOST.fullmatch(host)
        or not is_secure_enough(environ, rules)
        or is_known_person(environ.get("HTTP_COOKIE", ""), rules)
    ):
        return None
    query = canonical(environ.get("QUERY_STRING", ""))
    return None if query is None else Asked(host, path, query)


def canonical(query: str) -> str | None:
    """Return a query without what only tracks, in one order; None where it says anything no page is kept for."""
    if not query:
        return ""
    if len(query) > 10 * LONGEST_QUERY or not query.isascii():
        return None
    try:
        said = [pair for pair in parse_qsl(query, keep_blank_values=True, strict_parsing=False)]
    except ValueError:
        return None
    said = [(name, value) for name, value in said if not TRACKING.fullmatch(name)]
    names = [name for name, _value in said]
    if len(set(names)) != len(names) or not KNOWN.issuperset(names):
        return None
    written = as_query(dict(said))
    return written if len(written) <= LONGEST_QUERY else None


def as_query(said: dict[str, str]) -> str:
    """Return a query in the one order in which it is kept."""
    return urlencode(sorted(said.items()))


def is_secure_enough(environ: dict, rules: Rules) -> bool:
    """Whether this came over https where the site wants that; else Django redirects it."""
    if not rules.https or environ.get("wsgi.url_scheme") == "https":
        return True
    trusted = environ.get("REMOTE_ADDR", "") in rules.trusted_proxies
    return trusted and environ.get("HTTP_X_FORWARDED_PROTO") == "https"


def is_known_person(cookies: str, rules: Rules) -> bool:
    """Whether a cookie of the desk or of the partners' door came along. Readers have none of ours."""
    return bool(cookies) and any(f"{name}=" in cookies for name in rules.cookies)


def stripped(environ: dict, asked: Asked) -> dict:
    """Return the request as the press prints it: with what is in the address, and nothing a reader may choose else."""
    kept = {name: environ[name] for name in ESSENTIAL if name in environ}
    return kept | {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": asked.path,
        "QUERY_STRING": asked.query,
        "wsgi.input": _Nothing(),
    }


class _Nothing:
    """A body without a byte."""

    def read(self, *_args) -> bytes:
        return b""

    readline = read

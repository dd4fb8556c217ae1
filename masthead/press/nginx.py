"""nginx: the configuration by which it sends printed pages straight from the disk, with the heads Django would send."""

from dataclasses import dataclass
from pathlib import Path

from masthead.press.pages import FRESH, IMMUTABLE, IN_EVERY_HEAD, LONGEST, LOOK, MEDIA

VARY = ("Vary", "Accept-Encoding")
LASTING = f"public, max-age={FRESH}, stale-while-revalidate={LONGEST - FRESH}"

# What a request costs decides the shape. An exact key of a map is found at once, where regular expressions are tried
# one by one; a location's is cheaper than a map's; the variable of a later test is made only where the earlier failed;
# with `gzip_vary` nginx would look for the .gz beside every file, for readers too who can't unpack it.
HEAD = """# Written by `masthead press nginx`: write it again after an upgrade, and reload nginx.
# A printed page is sent from the disk; everything else is asked of Masthead.

map "$request_method$is_args:$http_cookie" $masthead_printed {{
    default "/.not-printed";
    "GET:" "";
    "HEAD:" "";
    "~^(?:GET|HEAD):(?!(?:.*; *)?(?:{cookies})=)" "";
}}
# These are names of files, and no addresses.
map $uri $masthead_file {{
    default "";
    "~(/index\\.html$|\\.gz$|\\.br$)" "/.not-printed";
}}
upstream masthead {{
    server {upstream};
    keepalive 16;
}}
"""

SERVER = """
server {{
    listen {listen};{certificate}
    server_name {host};
    server_tokens off;
    client_max_body_size 26m;
    merge_slashes off;

    root {printed}/now/{kept_as};
    types {{
{types}
    }}
    default_type application/octet-stream;
    gzip_static on;
    gzip_vary off;
    # brotli_static on;  # with Debian's libnginx-mod-http-brotli-static

    location ~ // {{  # no address of ours, though the disk would find a file
        try_files /.not-printed @masthead;
    }}
    location / {{
{headers}        try_files $masthead_printed${{uri}}index.html $masthead_printed$masthead_file$uri @masthead;
    }}
    location {look} {{
{lasting}        try_files $masthead_printed$masthead_file$uri @masthead;
    }}
{media}    location @masthead {{
        proxy_pass http://masthead;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
}}
"""

FILES = """    location {url} {{
        alias {folder}/;
        expires 30d;
    }}
"""


@dataclass(frozen=True)
class House:
    """What the configuration needs to know of a site: folders are absolute, `upstream` is where Masthead listens."""

    printed: Path
    media: Path
    media_url: str
    upstream: str
    listen: str
    cookies: tuple[str, ...]


@dataclass(frozen=True)
class Server:
    """One title: its host, the name its pages are kept under, and the headers of its front page."""

    host: str
    kept_as: str
    headers: dict[str, str]


def configuration(house: House, servers: list[Server]) -> str:
    """Return nginx's configuration for these titles; to be included in its `http` block."""
    head = HEAD.format(cookies="|".join(house.cookies), upstream=house.upstream)
    return "".join([head, *(_server(house, server) for server in servers)])


def _server(house: House, server: Server) -> str:
    ssl = "ssl" in house.listen
    media = FILES.format(url=house.media_url, folder=house.media) if house.media_url.startswith("/") else ""
    return SERVER.format(
        listen=house.listen,
        certificate="\n    # ssl_certificate …; ssl_certificate_key …;" if ssl else "",
        host=server.host,
        printed=house.printed,
        kept_as=server.kept_as,
        types="\n".join(f'        "{media}; charset=utf-8" {suffix[1:]};' for suffix, media in MEDIA.items()),
        headers=_said(server.headers, LASTING),
        look=LOOK,
        lasting=_said(server.headers, IMMUTABLE),
        media=media,
    )


def _said(headers: dict[str, str], lasting: str) -> str:
    own = [(name, value) for name, value in headers.items() if name.lower() in IN_EVERY_HEAD]
    return "".join(_header(name, value) for name, value in [*own, ("Cache-Control", lasting), VARY])


def _header(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'        add_header {name} "{quoted}";\n'

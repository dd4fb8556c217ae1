"""nginx: the configuration by which it sends printed pages straight from the disk, with the heads Django would send."""

from dataclasses import dataclass
from pathlib import Path

from masthead.press.pages import FRESH, IMMUTABLE, IN_EVERY_HEAD, LONGEST, LOOK, MEDIA

LASTING = f"public, max-age={FRESH}, stale-while-revalidate={LONGEST - FRESH}"

HEAD = """# Written by `masthead press nginx`: write it again after an upgrade, and reload nginx.
# A printed page is sent from the disk; everything else is asked of Masthead.

map $http_cookie $masthead_known {{
    default 0;
    "~(^|; *)({cookies})=" 1;
}}
map "$request_method:$args:$masthead_known" $masthead_printed {{
    default "/.not-printed";
    "GET::0" "";
    "HEAD::0" "";
}}
map $uri $masthead_lasting {{
    default "{lasting}";
    "~^{look}" "{immutable}";
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
    charset utf-8;
    charset_types *;
    gzip_static on;
    gzip_vary on;
    # brotli_static on;  # with Debian's libnginx-mod-http-brotli-static

    location / {{
{headers}        try_files $masthead_printed${{uri}}index.html $masthead_printed$uri @masthead;
    }}
    # These are names of files, and no addresses.
    location ~ (//|/index\\.html$|\\.gz$|\\.br$) {{
        try_files /.not-printed @masthead;
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
    parts = [
        HEAD.format(
            cookies="|".join(house.cookies),
            lasting=LASTING,
            immutable=IMMUTABLE,
            look=LOOK,
            upstream=house.upstream,
        )
    ]
    return "".join([*parts, *(_server(house, server) for server in servers)])


def _server(house: House, server: Server) -> str:
    ssl = "ssl" in house.listen
    media = FILES.format(url=house.media_url, folder=house.media) if house.media_url.startswith("/") else ""
    return SERVER.format(
        listen=house.listen,
        certificate="\n    # ssl_certificate …; ssl_certificate_key …;" if ssl else "",
        host=server.host,
        printed=house.printed,
        kept_as=server.kept_as,
        types="\n".join(f"        {media} {suffix[1:]};" for suffix, media in MEDIA.items()),
        headers="".join(_header(name, value) for name, value in [*_said(server.headers)]),
        media=media,
    )


def _said(headers: dict[str, str]) -> list[tuple[str, str]]:
    own = [(name, value) for name, value in headers.items() if name.lower() in IN_EVERY_HEAD]
    return [*own, ("Cache-Control", "$masthead_lasting")]


def _header(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'        add_header {name} "{quoted}";\n'

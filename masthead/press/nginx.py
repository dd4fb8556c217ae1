"""nginx: the configuration by which it sends printed pages straight from the disk, with the heads Django would send."""

from masthead.press.fronts import LARGEST, LASTING, TYPES, VARY, House, Server
from masthead.press.pages import IMMUTABLE, LOOK

# What a request costs decides the shape. An exact key of a map is found at once, where regular expressions are tried
# one by one; a location's is cheaper than a map's. A page is opened by its name and missed where it is not there:
# `try_files` would look for it first, and then once more to open it. With `gzip_vary` nginx would look for the .gz
# beside every file, for readers too who can't unpack it.
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
    "~(//|/index\\.html$|\\.gz$|\\.br$)" "/.not-printed";
}}
upstream masthead {{
    server {upstream};
    keepalive 16;
}}
"""

SERVER = """
server {{
    listen {listen};{certificate}
    server_name {hosts};
    server_tokens off;
    client_max_body_size {largest}m;
    merge_slashes off;

    root {printed}/now/{kept_as};
    types {{
{types}
    }}
    default_type application/octet-stream;
    gzip_static on;
    gzip_vary off;
    # brotli_static on;  # with Debian's libnginx-mod-http-brotli-static

    # Pages. With // in it there is no address of ours, though the disk would find a file.
    location ~ "^(?:/[^/]++)*+/$" {{
{headers}        root {printed}/now/{kept_as}$masthead_printed;
        rewrite ^ ${{uri}}index.html break;
        log_not_found off;
        error_page 403 404 405 = @masthead;
    }}
    location / {{
{headers}        error_page 403 404 = @masthead;  # recalled after it was found
        try_files $masthead_printed$masthead_file$uri @masthead;
    }}
    location {look} {{
{lasting}        error_page 403 404 = @masthead;
        try_files $masthead_printed$masthead_file$uri @masthead;
    }}
{media}    location @masthead {{
        proxy_pass http://masthead$request_uri;  # as it was asked for, whatever we looked for
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


def configuration(house: House, servers: list[Server], listen: str) -> str:
    """Return nginx's configuration for these titles, to be included in its `http` block; `listen` is its own word."""
    head = HEAD.format(cookies="|".join(house.cookies), upstream=house.upstream)
    return "".join([head, *(_server(house, server, listen) for server in servers)])


def _server(house: House, server: Server, listen: str) -> str:
    listen = listen or ("443 ssl" if house.https else "80")
    return SERVER.format(
        listen=listen,
        certificate="\n    # ssl_certificate …; ssl_certificate_key …;" if "ssl" in listen else "",
        hosts=" ".join(server.hosts),
        largest=LARGEST,
        printed=house.printed,
        kept_as=server.kept_as,
        types="\n".join(f'        "{media}" {suffix[1:]};' for suffix, media in TYPES.items()),
        headers=_said(server, LASTING),
        look=LOOK,
        lasting=_said(server, IMMUTABLE),
        media=FILES.format(url=house.media_url, folder=house.media) if house.media else "",
    )


def _said(server: Server, lasting: str) -> str:
    return "".join(_header(name, value) for name, value in [*server.own_headers(), ("Cache-Control", lasting), VARY])


def _header(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'        add_header {name} "{quoted}";\n'

"""Caddy: the Caddyfile by which it sends printed pages straight from the disk, with the heads Django would send."""

from masthead.press.addressing import PATH
from masthead.press.fronts import LARGEST, LASTING, TYPES, VARY, House, Server
from masthead.press.pages import IMMUTABLE, LOOK

RENAMED = (2, 7)  # Caddy's version that calls `buffer_requests` by another name
HEAD = """# Written by `masthead press caddy`: write it again after an upgrade, and reload Caddy.
# A printed page is sent from the disk; everything else is asked of Masthead.
"""

# Caddy tells Masthead who asks and how by itself, and takes off what a client says of that. With `defer` a head is said
# when the file is sent: so it is not said of Masthead's answer, where a page was recalled after `file` had found it.
# What was deferred first is said last. A request is handed on when all of it has come, with its length, which Masthead
# wants to know.
SERVER = """
{addresses} {{
	root * {root}
	request_body {{
		max_size {largest}MiB
	}}
{media}	@printed {{
		method GET HEAD
		vars {{query}} ""
		vars_regexp {{path}} "^{path}$"
		not vars_regexp {{path}} "(?:/index\\.html|\\.gz|\\.br|\\.\\w+/)$"
		not header_regexp Cookie "(?:^|; *)(?:{cookies})="
		file {{path}}index.html {{path}}
	}}
	map {{file.ext}} {{type}} {{
{types}
	}}
	route @printed {{
		vars printed yes
		header {look}* {{
			Cache-Control {immutable}
			defer
		}}
		header {{
{headers}
			defer
		}}
		file_server {{
			precompressed br gzip
		}}
	}}
	reverse_proxy {upstream} {{
		{buffering}
	}}
	handle_errors {{
		@recalled vars printed yes
		reverse_proxy @recalled {upstream}
	}}
}}
"""

FILES = """	handle_path {url}* {{
		root * {folder}
		@there file
		header @there Cache-Control "max-age=2592000"
		file_server
	}}
"""


def configuration(house: House, servers: list[Server], port: int | None, version: tuple[int, ...]) -> str:
    """Return a Caddyfile for these titles. `port` is another than 80, or 443 with certificates by Caddy itself."""
    buffering = f"request_buffers {LARGEST}MiB" if version >= RENAMED else "buffer_requests"
    return "".join([HEAD, *(_server(house, server, port, buffering) for server in servers)])


def _server(house: House, server: Server, port: int | None, buffering: str) -> str:
    said = [("Content-Type", "{type}"), *_quoted(server.own_headers()), ("Cache-Control", _text(LASTING))]
    types = {suffix: media for suffix, media in TYPES.items() if suffix != ".html"}
    return SERVER.format(
        addresses=", ".join(_address(house, host, port) for host in server.hosts),
        root=_text(house.printed / "now" / server.kept_as),
        largest=LARGEST,
        media=FILES.format(url=house.media_url, folder=_text(house.media)) if house.media else "",
        path=PATH.pattern,
        cookies="|".join(house.cookies),
        types=_lines(2, [*_quoted(types.items()), ("default", _text(TYPES[".html"]))]),
        headers=_lines(3, [*said, VARY]),
        look=LOOK,
        immutable=_text(IMMUTABLE),
        upstream=house.upstream,
        buffering=buffering,
    )


def _address(house: House, host: str, port: int | None) -> str:
    """Return what Caddy takes for plain http by its first word, and for a name to get a certificate for without."""
    scheme = "https://" if house.https and port else "" if house.https else "http://"
    return f"{scheme}{host}:{port}" if port else f"{scheme}{host}"


def _quoted(pairs) -> list[tuple[str, str]]:
    return [(name, _text(value)) for name, value in pairs]


def _text(value: object) -> str:
    """Return a word of a Caddyfile that means just these signs: a brace would begin a placeholder."""
    return '"' + str(value).replace('"', '\\"').replace("{", "\\{") + '"'


def _lines(deep: int, words: list[tuple[str, ...]]) -> str:
    return "\n".join("\t" * deep + " ".join(line) for line in words)

"""Printing: a page is rendered once, from nothing a reader could have chosen, and kept if nothing changed meanwhile."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from masthead.press.addressing import Asked, stripped
from masthead.press.pages import CODINGS, OURS, SHEET, Page, Sheet, accepted
from masthead.press.store import Broken, Store

log = logging.getLogger("masthead.press")


@dataclass
class Printed:
    """An answer of Django's: as a page, where it is one for everybody; else as it came."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    page: Page | None = None
    is_kept: bool = False


def print_page(
    django: Callable[[dict, Callable], Iterable[bytes]],
    store: Store | None,
    environ: dict,
    asked: Asked,
    clock: Callable[[], float],
) -> Printed:
    """Render the page at an address and keep it in `store`, if it may be kept and nothing it is made of has changed.

    The end of the board is noted first: a recall that comes while the page is rendered is posted after that.
    """
    rendered_after = store.board.position() if store else None
    since = clock()
    sheet = Sheet()
    printed = _rendered(django, stripped(environ, asked) | {SHEET: sheet})
    if not sheet.host or not printed.status.startswith("200 "):
        return printed
    keeping = bool(store and sheet.may_be_kept and clock() < sheet.until)
    codings = CODINGS if keeping else accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))[:1]
    printed.page = _page(printed, sheet, asked, since)
    printed.page.put_body(printed.body, codings)
    if keeping and store and rendered_after:
        try:
            printed.is_kept = store.keep(printed.page, rendered_after, since)
        except Broken as broken:
            log.warning("%s The page was sent and not kept.", broken)
    return printed


def _rendered(django: Callable[[dict, Callable], Iterable[bytes]], environ: dict) -> Printed:
    said: list = []

    def start_response(status, headers, exc_info=None):
        said[:] = [status, headers]

    answer = django(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return Printed(said[0], said[1], body)


def _page(printed: Printed, sheet: Sheet, asked: Asked, since: float) -> Page:
    headers = [(name, value) for name, value in printed.headers if name.lower() not in OURS]
    page = Page(
        host=sheet.host,
        path=asked.path,
        query=asked.query,
        headers=headers,
        made_of=sheet.made_of,
        since=since,
        until=sheet.until,
        lasting=sheet.lasting,
        media=next((value for name, value in headers if name.lower() == "content-type"), ""),
    )
    page.asked, page.plain = asked.host, page.is_plain()
    return page

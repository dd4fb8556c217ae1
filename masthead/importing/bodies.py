"""Blocks read from HTML become the blocks of an article's body."""

import re
from collections.abc import Callable, Iterable

from django.utils.html import escape, format_html
from wagtail.models import Page

from masthead.importing import htmlbody
from masthead.publication.models import Picture

_SIZE = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w{3,4}$)")


def unsized(address: str) -> str:
    """Return a picture's address without scheme, query and the size WordPress adds, so that all its sizes are one."""
    return _SIZE.sub("", address.split("://", 1)[-1].split("?", 1)[0])


def stream_of(blocks: Iterable, picture_at: Callable[[str], Picture | None]) -> list[tuple]:
    """Return (kind, value) for a body. A picture that can't be had, or has no credit, stays as a link to look at."""
    return [made for block in blocks if (made := _block(block, picture_at))]


def _block(block, picture_at):
    match block:
        case htmlbody.Paragraph(html):
            return "paragraph", f"<p>{html}</p>"
        case htmlbody.HtmlList(html):
            return "paragraph", html
        case htmlbody.Subhead(text):
            return "subhead", text
        case htmlbody.Quote(text, speaker):
            return "quote", {"text": text, "speaker": speaker}
        case htmlbody.ReadAlso(title):
            page = Page.objects.filter(title__iexact=title, depth__gt=2).first()
            return "read_also", {"page": page, "title": "" if page else title}
        case htmlbody.Embed(url):
            return "paragraph", format_html('<p><a href="{}">{}</a></p>', url, url)
        case htmlbody.Image():
            return _picture(block, picture_at)
    return None


def _picture(block: htmlbody.Image, picture_at):
    picture = picture_at(block.src)
    if picture and not picture.credit and block.credit:
        picture.credit = block.credit
        picture.save(update_fields=["credit"])
    if picture and not picture.problems():
        return "picture", {"picture": picture, "caption": block.caption}
    if not block.caption:
        return None
    return "paragraph", f"<p><em>{escape(block.caption)}</em></p>"

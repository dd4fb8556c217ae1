"""A post's HTML becomes an ordered list of typed blocks in which nothing dangerous is left.

Understood are WordPress' classic editor (blank lines are paragraphs, [caption] shortcodes, <!--more-->), its block
editor (comments around blocks, <figure>), and plain HTML. Inline markup is written anew from a short list of
elements, so nothing of the input's markup is ever passed on; what has no place in a body is named in `dropped`.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html

from .bodyblocks import BodyBlock, Embed, HtmlList, Image, Paragraph, Quote, ReadAlso, Subhead
from .credits import has_credit, split_credit
from .cues import ends_as_sentence, read_also, word_set
from .decoding import without_controls
from .inline import Inline, address_of, inline_html, plain


@dataclass
class HtmlBody:
    """The blocks in order, and a sentence for each thing that was left out."""

    blocks: list[BodyBlock] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_CAPTION = re.compile(
    r"\[(?:wp_)?caption(?P<told>[^\]]{0,500})\](?P<inside>.{0,5000}?)\[/(?:wp_)?caption\]", re.DOTALL | re.IGNORECASE
)
_TOLD_CAPTION = re.compile(r"""\bcaption=(?:"([^"]*)"|'([^']*)')""")
_EMBED = re.compile(r"\[(?:embed|video|youtube|vimeo)[^\]]{0,200}\](?P<url>https?://[^\s\[\]]{4,500})\[/\w+\]", re.I)
_SHORTCODE = re.compile(r"(?<!\[)\[/?(?P<name>[a-z][a-z0-9_-]{2,30})(?:\s+[\w-]+=[^\]]{0,500}|\s*/)?\](?!\])")
_KNOWN_SHORTCODES = word_set(
    "gallery audio video playlist embed caption youtube vimeo contact-form contact-form-7 button dropcap pullquote row "
    "column columns tabs tab accordion divider spacer vc_row vc_column vc_column_text et_pb_section et_pb_row "
    "et_pb_text "
    "et_pb_column su_box su_note toggle iframe gravityform ninja_form mc4wp_form wpforms twitter instagram"
)
_CONTAINERS = word_set(
    "div section article main header footer aside body html center details summary address fieldset hgroup figure "
    "picture noindex font dl dt dd"
)
_DANGEROUS = word_set(
    "script style template noscript form input button select textarea object embed applet link meta base svg math "
    "frame frameset canvas dialog title head area map"
)
_MEDIA = word_set("iframe video audio embed object")
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_DEEPEST = 200
_BARE_LINK = re.compile(r"^https?://[^\s<>\"]{4,500}$")
_EMBEDDABLE = re.compile(
    r"^https?://(?:www\.|m\.)?(?:youtube\.com|youtu\.be|vimeo\.com|twitter\.com|x\.com|instagram\.com|facebook\.com|"
    r"linkedin\.com|soundcloud\.com|open\.spotify\.com|flickr\.com|tiktok\.com|dailymotion\.com|issuu\.com|"
    r"slideshare\.net|ted\.com)/",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^\s*[—–-]\s*(?P<who>\S.{1,120})$")


def read_body_html(source: str) -> HtmlBody:
    """The blocks of a post's body; never fails, and says in `dropped` what it left out.

    Addresses are http, https, mailto, or relative to the site; everything else loses its link, not its text.
    """
    body = HtmlBody()
    gutenberg = "<!-- wp:" in source
    text = _prepared(source, body)
    if not text.strip():
        return body
    root = _fragment(text)
    if root is None:
        body.dropped.append("The markup was nested too deeply; only the text was kept.")
        stripped = html.unescape(re.sub(r"<[^<>]{0,2000}>", " ", text))
        body.blocks = [Paragraph(html.escape(part, quote=False)) for part in _parted(stripped)]
        return body
    _Walk(body, breaks=not gutenberg).container(root)
    body.blocks = list(_finished(body.blocks))
    return body


def blocks_of(source: str) -> list[BodyBlock]:
    """The blocks of a post's body, without the account of what was left out."""
    return read_body_html(source).blocks


def _prepared(source: str, body: HtmlBody) -> str:
    """The source with shortcodes turned into elements and comments gone."""
    text = without_controls(source.replace("\r\n", "\n").replace("\r", "\n"))
    text = _COMMENT.sub("", text)
    text = _CAPTION.sub(_captioned, text)
    text = _EMBED.sub(lambda match: f"\n\n{match.group('url')}\n\n", text)
    return _SHORTCODE.sub(lambda match: _without_shortcode(match, body), text)


def _captioned(match: re.Match) -> str:
    told = _TOLD_CAPTION.search(match.group("told"))
    inside = match.group("inside")
    image = re.search(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", inside, re.IGNORECASE)
    words = inside[image.end() :] if image else inside
    if told and not words.strip():
        words = html.unescape(told.group(1) or told.group(2) or "")
    return f"\n\n<figure>{image.group(0) if image else ''}<figcaption>{words.strip()}</figcaption></figure>\n\n"


def _without_shortcode(match: re.Match, body: HtmlBody) -> str:
    name = match.group("name")
    # "[sic]" and "[red.]" are words of a writer: only names with attributes, closing ones and known ones are code.
    if name not in _KNOWN_SHORTCODES and "=" not in match.group(0) and not match.group(0).startswith("[/"):
        return match.group(0)
    if not match.group(0).startswith("[/"):
        body.dropped.append(f"The shortcode [{name}] was left out.")
    return ""


def _fragment(text: str) -> Any:
    """The parsed body, or None when it nests deeper than the parser goes (it would lose what lies below)."""
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = lxml_html.document_fromstring(
            f"<html><body>{text}</body></html>".encode("utf-8", "ignore"), parser=parser
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    body = root.find("body")
    return body if deepest <= _DEEPEST and body is not None else None


def _parted(text: str) -> list[str]:
    return [part for raw in re.split(r"\n\s*\n", text) if (part := re.sub(r"\s+", " ", raw).strip())]


class _Walk:
    """Goes through containers and hands each element to what makes its block; loose text becomes paragraphs."""

    def __init__(self, body: HtmlBody, breaks: bool):
        self.body = body
        self.breaks = breaks
        self.run: list[Inline] = []

    def container(self, element: Any) -> None:
        self._text(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._child(child)
            self._text(child.tail)
        self._end_run()

    def _text(self, text: str | None) -> None:
        """Loose text: a blank line ends a paragraph, a single line break is kept where the classic editor kept it."""
        parts = re.split(r"\n[ \t\u00a0]*\n\s*", text or "")
        for number, part in enumerate(parts):
            if number:
                self._end_run()
            self.run.append(Inline.text(part, breaks=self.breaks))

    def _child(self, child: Any) -> None:
        name = child.tag
        if name in _DANGEROUS and name not in _MEDIA:
            self._dropped(child)
        elif name in _MEDIA or name == "img":
            self._end_run()
            self.body.blocks += self._embed(child) if name in _MEDIA else self._images(child)
        elif name in _HEADINGS or name in ("p", "blockquote", "ul", "ol", "figure", "table", "hr", "pre"):
            self._end_run()
            self._block(child)
        elif name in _CONTAINERS:
            self._end_run()
            self.container(child)
        else:
            self._inline(child)

    def _inline(self, child: Any) -> None:
        if _has_blocks(child):
            self._end_run()
            self.container(child)
            return
        for image in child.iter("img"):
            self.body.blocks += self._images(image)
        for media in child.iter(*_MEDIA):
            self.body.blocks += self._embed(media)
        self.run.append(Inline.element(child, breaks=self.breaks))

    def _block(self, child: Any) -> None:
        name = child.tag
        if name in _HEADINGS:
            self.body.blocks += [Subhead(text, _HEADINGS[name])] if (text := plain(child)) else []
            self._media_in(child)
        elif name == "p" or name == "pre":
            self._media_in(child)
            self._paragraph([Inline.content(child, breaks=name == "pre")], child)
        elif name == "blockquote":
            self.body.blocks += _quote(child)
        elif name in ("ul", "ol"):
            self._list(child)
        elif name == "figure":
            self._figure(child)
        elif name == "table":
            self._table(child)

    def _media_in(self, element: Any) -> None:
        for inner in element.iter("img", *_MEDIA):
            self.body.blocks += self._images(inner) if inner.tag == "img" else self._embed(inner)

    def _list(self, element: Any) -> None:
        if element.xpath(".//img | .//figure") and not plain(element):
            # The block editor's old galleries are lists of figures.
            for entry in element:
                self.container(entry)
            return
        self._media_in(element)
        markup = inline_html(element)
        self.body.blocks += [HtmlList(markup)] if plain(element) else []

    def _end_run(self) -> None:
        run, self.run = self.run, []
        self._paragraph(run, None)

    def _paragraph(self, run: list[Inline], element: Any) -> None:
        markup = re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", "".join(part.html for part in run))
        words = re.sub(r"\s+", " ", " ".join(part.plain for part in run)).strip()
        if not words:
            return
        self.body.blocks.append(
            _read_also(words, markup) or _embedded(words) or _bold_subhead(words, markup) or Paragraph(markup)
        )

    def _figure(self, figure: Any) -> None:
        inner = [child for child in figure.iter("figure") if child is not figure]
        quote = figure.find(".//blockquote")
        if inner or figure.find(".//table") is not None or (quote is not None and figure.find(".//img") is None):
            self.container(figure)
            return
        words = " ".join(plain(caption) for caption in figure.iter("figcaption")).strip()
        images = [block for image in figure.iter("img") for block in self._images(image, words)]
        media = [block for part in figure.iter(*_MEDIA) for block in self._embed(part)]
        if figure.find(".//img") is None and not media:
            self.container(figure)
            return
        self.body.blocks += images + media
        if words and not images:
            self.body.blocks.append(Paragraph(html.escape(words, quote=False)))

    def _images(self, image: Any, words: str = "") -> list[BodyBlock]:
        src = next(
            (told for name in ("src", "data-src", "data-lazy-src", "data-original") if (told := _source(image, name))),
            "",
        )
        if not src:
            self.body.dropped.append("An image without a usable address was left out.")
            return []
        caption, credit = split_credit(words)
        return [Image(src, re.sub(r"\s+", " ", image.get("alt") or "").strip(), caption, credit)]

    def _embed(self, element: Any) -> list[BodyBlock]:
        told = element.get("src") or element.get("data") or ""
        inner = element.find(".//source")
        url = address_of(told or (inner.get("src") if inner is not None else "") or "")
        if not url or url.startswith(("#", "mailto:")):
            self._dropped(element)
            return []
        return [Embed(url)]

    def _table(self, table: Any) -> None:
        self.body.dropped.append("A table was turned into one paragraph a row.")
        for row in table.iter("tr"):
            cells = [words for cell in row if isinstance(cell.tag, str) and (words := plain(cell))]
            if cells:
                self.body.blocks.append(Paragraph(html.escape(" | ".join(cells), quote=False)))

    def _dropped(self, element: Any) -> None:
        self.body.dropped.append(f"A <{element.tag}> element was left out.")


def _has_blocks(element: Any) -> bool:
    return any(
        inner.tag in _HEADINGS or inner.tag in ("p", "div", "blockquote", "ul", "ol", "figure", "table")
        for inner in element.iterdescendants(etree.Element)
    )


def _source(image: Any, name: str) -> str:
    url = address_of(image.get(name) or "")
    return "" if url.startswith(("#", "mailto:")) else url


def _quote(element: Any) -> list[BodyBlock]:
    named = [part for tag in ("cite", "footer") for part in element.iter(tag)]
    speaker = re.sub(r"^[—–-]\s*", "", plain(named[0])) if named else ""
    for part in named:
        part.text, part[:] = "", []
    paragraphs = [words for part in element.iter("p") if (words := plain(part))] or _parted(plain(element, lines=True))
    if len(paragraphs) > 1 and not speaker and (match := _SPEAKER.match(paragraphs[-1])):
        speaker, paragraphs = match.group("who"), paragraphs[:-1]
    return [Quote("\n".join(paragraphs), speaker)] if paragraphs else []


def _read_also(words: str, markup: str) -> ReadAlso | None:
    title = read_also(words) if len(words) <= 250 else None
    if not title:
        return None
    href = re.search(r'<a href="([^"]*)"', markup)
    return ReadAlso(title, html.unescape(href.group(1)) if href else "")


def _embedded(words: str) -> Embed | None:
    return Embed(words) if _BARE_LINK.match(words) and _EMBEDDABLE.match(words) and urlsplit(words).netloc else None


def _bold_subhead(words: str, markup: str) -> Subhead | None:
    whole = re.fullmatch(r"<strong>((?:(?!</?strong>).){1,200})</strong>", markup)
    return Subhead(words, 2) if whole and len(words) <= 90 and not ends_as_sentence(words) else None


def _finished(blocks: list[BodyBlock]) -> Iterator[BodyBlock]:
    """The blocks with a credit line under a bare picture moved into the picture."""
    waiting: Image | None = None
    for block in blocks:
        if waiting and isinstance(block, Paragraph):
            words = html.unescape(re.sub(r"<[^<>]*>", "", block.html))
            if not waiting.caption and not waiting.credit and len(words) <= 300 and has_credit(words):
                caption, credit = split_credit(words)
                yield Image(waiting.src, waiting.alt, caption, credit)
                waiting = None
                continue
        if waiting:
            yield waiting
        waiting = block if isinstance(block, Image) else None
        if not waiting:
            yield block
    if waiting:
        yield waiting


__all__ = [
    "BodyBlock",
    "Embed",
    "HtmlBody",
    "HtmlList",
    "Image",
    "Paragraph",
    "Quote",
    "ReadAlso",
    "Subhead",
    "blocks_of",
    "read_body_html",
    "split_credit",
]

"""A saved page as the lines a reader sees, each with the element it came from.

Only what is seen counts: no scripts, no hidden parts, no menus and page footers. The tree is walked without
recursion beyond the parser's own depth limit, and pages built to exhaust memory are refused before they are parsed.
"""

import re
from dataclasses import replace
from typing import Any

from lxml import etree, html

from .cues import word_set
from .dates import parse_date
from .decoding import ImportRefused
from .lines import Line, tidy

_MOST_TAGS = 300_000
_DEEPEST = 200
_UNSEEN = word_set(
    "script style template noscript svg math iframe object embed video audio canvas map button input select textarea "
    "option head link meta title nav dialog picture source track datalist progress meter"
)
_INLINE = word_set(
    "a abbr b bdi bdo cite code em font i ins kbd mark q s samp small span strong sub sup time u var wbr label big tt "
    "acronym data del dfn img"
)
_NAMED = word_set("h1 h2 h3 h4 h5 h6 p figcaption blockquote dt dd li td th caption")
_RUNNING = word_set("p h1 h2 h3 h4 h5 h6 figcaption blockquote td caption")
_STANDFIRST = re.compile(
    r"(?:^|[\s_-])(?:standfirst|manchet|ingress|underrubrik|subtitle|subheadline|deck|dek|preamble|vorspann|intro|lead|"
    r"article-?lead|article-?intro|article-?summary)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def parse_tree(text: str) -> Any:
    """The root element. Raises ImportRefused for pages with too many or too deeply nested elements, or none."""
    tags = text.count("<")
    if tags > _MOST_TAGS:
        raise ImportRefused(f"The page has {tags:,} tags, more than the {_MOST_TAGS:,} of any real page; save it anew.")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    text = re.sub(r"^\s*<\?xml[^>]{0,300}\?>", "", text)
    try:
        root = html.document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise ImportRefused("The file holds no HTML that can be read; save the page again as “HTML only”.") from error
    _refuse_depth(root)
    return root


def rendered(root: Any) -> list[Line]:
    """The page's lines: those of the article's element first, then the others, numbered in that order."""
    main = _main_of(root)
    walk = _Walk(main)
    walk.element(root)
    walk.flush()
    inside = [line for line in walk.lines if line.main]
    outside = [line for line in walk.lines if not line.main]
    if inside and not any(line.tag == "h1" for line in inside):
        above = next((line for line in outside if line.tag == "h1"), None)
        if above:
            outside.remove(above)
            inside.insert(0, replace(above, main=True))
    return [replace(line, number=number) for number, line in enumerate([*inside, *outside])]


def _refuse_depth(root: Any) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            # libxml2 gives up at 256 levels and drops what is below: better no page than half a page.
            raise ImportRefused(
                f"The page nests elements more than {_DEEPEST} levels deep; save it anew as plain HTML."
            )


def _main_of(root: Any) -> Any:
    """The element that holds the article: of several the one with most running text; None when nothing is marked."""
    for path in ("//article", "//main", "//*[@role='main']", "//*[@itemprop='articleBody']/.."):
        found = [(sum(len(p.text_content()) for p in element.iter("p")), element) for element in root.xpath(path)[:200]]
        found = [pair for pair in found if pair[0] > 0]
        if found:
            return max(found, key=lambda pair: pair[0])[1]
    return None


class _Walk:
    """Collects lines while the tree is walked; a line ends where a block does."""

    def __init__(self, main: Any):
        self.main = main
        self.lines: list[Line] = []
        self.text: list[str] = []
        self.strong: list[bool] = []
        self.tag, self.group, self.inside = "", 0, False
        self.link: str | None = None
        self.seen_link: str | None = None
        self.gap = True
        self.groups = 0

    def element(self, element: Any) -> None:
        if self._is_unseen(element):
            return
        name = element.tag
        before = self.tag, self.group, self.inside, self.link
        block = name not in _INLINE
        if block:
            self.flush(gap=name != "br")
            self._enter(element)
        elif name == "a":
            self.link = element.get("href") or self.link
            self.seen_link = self.seen_link or self.link
        self._content(element)
        if block:
            self.flush(gap=True)
        self.tag, self.group, self.inside, self.link = before

    def flush(self, gap: bool = True) -> None:
        """Ends the line; its tag is "strong" when a paragraph is bold from end to end."""
        text = tidy("".join(self.text))
        if text:
            bold = self.tag in ("p", "") and bool(self.strong) and all(self.strong) and len(text) <= 100
            tag = "strong" if bold else self.tag
            href = self.seen_link or self.link
            self.lines.append(Line(len(self.lines), text, self.gap, tag or "div", href, self.group, self.inside))
            self.gap = False
        self.gap = self.gap or gap
        self.text, self.strong, self.seen_link = [], [], None

    def _enter(self, element: Any) -> None:
        name = element.tag
        if name in _NAMED and not (self.tag in ("blockquote", "figcaption") or self.tag[:1] == "h"):
            self.tag = name
        if name in ("p", "div", "section") and _STANDFIRST.search(element.get("class") or "") and len(element) < 8:
            self.tag = "standfirst"
        starts_group = name == "li" or (name in ("article", "tr") and element is not self.main)
        if starts_group and not self.group and not self._holds_main(element):
            self.groups += 1
            self.group = self.groups
        if element is self.main:
            self.inside = True

    def _content(self, element: Any) -> None:
        if element.tag == "time":
            self._say(_time_text(element), element)
            return
        apart = _is_row(element)
        self._say(element.text, element)
        for child in element:
            if isinstance(child.tag, str):
                if child.tag == "br" and self.tag[:1] == "h":
                    self._say(" ", element)
                elif child.tag == "br":
                    self.flush(gap=False)
                else:
                    self.element(child)
            if apart:
                self.flush(gap=False)
            self._say(child.tail, element)

    def _say(self, text: str | None, element: Any) -> None:
        if text:
            self.text.append(text)
            if text.strip():
                self.strong.append(_is_bold(element))

    def _holds_main(self, element: Any) -> bool:
        return self.main is not None and any(above is element for above in self.main.iterancestors())

    def _is_unseen(self, element: Any) -> bool:
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            return True
        if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
            return True
        # The page's own header and footer; those of an article belong to it.
        if element.tag in ("header", "footer") and not self.inside:
            return self.main is not None and not self._holds_main(element) and element.find(".//h1") is None
        return False


def _is_row(element: Any) -> bool:
    """Several elements with nothing but white space between them: parts of an entry, not words of a sentence."""
    if element.tag in _RUNNING or (element.getparent() is not None and element.getparent().tag in _RUNNING):
        return False
    children = [child for child in element if isinstance(child.tag, str) and child.tag not in ("br", "img")]
    if len(children) < 2:
        return False
    own = [element.text, *(child.tail for child in element)]
    return not any(text and text.strip(" \t\r\n\u00a0|·•") for text in own)


def _is_bold(element: Any) -> bool:
    while element is not None and element.tag in _INLINE:
        if element.tag in ("strong", "b"):
            return True
        element = element.getparent()
    return False


def _time_text(element: Any) -> str:
    """What a <time> shows, or the date it means when it shows "3 years ago"."""
    shown = tidy("".join(element.itertext()))
    told = element.get("datetime") or ""
    return told[:10] if told and not any(c.isdigit() for c in shown[:4]) and parse_date(told[:10]) else shown

"""The blocks a post's body is made of. All markup in them is ours; see `inline.py` for what it may be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """`html` holds only a, em, strong, br, sup, sub."""

    html: str


@dataclass(frozen=True)
class Subhead:
    text: str
    level: int = 2


@dataclass(frozen=True)
class Quote:
    """`text` is plain, paragraphs parted by a newline; `speaker` is "" when nobody is named."""

    text: str
    speaker: str = ""


@dataclass(frozen=True)
class Image:
    src: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True)
class HtmlList:
    """`html` is one ul or ol with li, and what a Paragraph may hold."""

    html: str


@dataclass(frozen=True)
class ReadAlso:
    title: str
    href: str = ""


@dataclass(frozen=True)
class Embed:
    """A video, post or map that stood in the text; only its address is kept."""

    url: str


BodyBlock = Paragraph | Subhead | Quote | Image | HtmlList | ReadAlso | Embed

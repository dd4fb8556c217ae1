"""The records a WordPress export is read into; frozen, and as exported where nothing else is said."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class SiteInfo:
    """The site the export was made of; always the first record but a Caution."""

    title: str
    base_url: str
    version: str
    language: str


@dataclass(frozen=True)
class Author:
    login: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Category:
    """`parent` is the parent's slug, "" for none."""

    slug: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class Tag:
    slug: str
    name: str


@dataclass(frozen=True)
class Term:
    """A term of some other taxonomy: a menu, a format, a plugin's own subject list."""

    taxonomy: str
    slug: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class Entry:
    """One post, page, picture or other item. Texts are as exported, `title` as plain text, times in UTC or None.

    `kind` is "other" for what plugins keep; `wp_type` is WordPress' own word. `comments` counts all, also spam.
    """

    source_id: str
    kind: Literal["post", "page", "attachment", "other"]
    status: str
    title: str
    slug: str
    link: str
    wp_type: str = "post"
    guid: str = ""
    author_login: str = ""
    published_at: dt.datetime | None = None
    modified_at: dt.datetime | None = None
    excerpt: str = ""
    content_html: str = ""
    categories: tuple[Category, ...] = ()
    tags: tuple[Tag, ...] = ()
    terms: tuple[Term, ...] = ()
    attachment_url: str = ""
    parent_id: str = ""
    thumbnail_id: str = ""
    meta: dict[str, str] = field(default_factory=dict, hash=False)
    comments: int = 0
    sticky: bool = False
    password: str = ""

    @property
    def alt(self) -> str:
        """What a picture shows, as its editor wrote it for those who do not see it."""
        return self.meta.get("_wp_attachment_image_alt", "")


@dataclass(frozen=True)
class Caution:
    """The file was read, but not as it stands; the sentence says what was mended."""

    sentence: str


@dataclass(frozen=True)
class Broken:
    """The last record of a file that ends or breaks too early: `entries_read` are whole and were given before."""

    sentence: str
    entries_read: int


Record = SiteInfo | Author | Category | Tag | Term | Entry | Caution | Broken

"""Moving an archive in from WordPress: each entry on its own, so that it can be stopped and run again.

An entry is known by its key of the old site. What is unchanged there is skipped; what was edited here since is never
overwritten.
"""

import hashlib
import html
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import Truncator
from wagtail.contrib.redirects.models import Redirect

from masthead.articles.models import Article
from masthead.catalogue.models import Organisation, Person, Theme
from masthead.importing import bodies
from masthead.importing.credits import split_credit
from masthead.importing.fetching import Fetcher, NotFetched
from masthead.importing.htmlbody import read_body_html
from masthead.importing.wxr import read_wxr
from masthead.importing.wxrrecords import Author, Broken, Caution, Entry, SiteInfo
from masthead.newsstand import founding
from masthead.newsstand.models import Holds
from masthead.publication.addresses import slug_of
from masthead.publication.models import Picture, Publication

SHOWN = {"publish"}
DRAFTS = {"draft", "pending", "future", "private"}
NO_THEME = {"uncategorized", "uncategorised", "ikke-kategoriseret", "allgemein", "okategoriserad", "ukategorisert"}


class ImportIncomplete(ValueError):
    """The file breaks off; nothing was made. The message says how much of it is whole."""


@dataclass
class Report:
    """What happened to each entry: found = made + updated + skipped. The lists are what an editor must look at."""

    found: int = 0
    made: int = 0
    updated: int = 0
    skipped: Counter = field(default_factory=Counter)
    redirects: int = 0
    cautions: list[str] = field(default_factory=list)
    not_fetched: list[str] = field(default_factory=list)
    to_review: list[str] = field(default_factory=list)

    @property
    def adds_up(self) -> bool:
        return self.found == self.made + self.updated + self.skipped.total()


@dataclass(frozen=True)
class Choices:
    """What the one who runs the import decides."""

    pages: bool = False
    fetch: bool = True
    partial: bool = False


def move_in(
    title: Publication,
    path: Path,
    choices: Choices = Choices(),
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Bring the entries of a WordPress export into `title` and return the report.

    Raises ImportRefused for a file that is no export, and ImportIncomplete for one that breaks off, unless `partial`.
    """
    moving = _Moving(title, choices)
    moving.look_through(read_wxr(path, title.zone))
    if moving.broken and not choices.partial:
        raise ImportIncomplete(f"{moving.broken} Or import what is whole with --partial.")
    for done, entry in enumerate(_entries(path, title), start=1):
        moving.take(entry)
        progress(done, moving.report.found)
    return moving.report


def _entries(path: Path, title: Publication) -> Iterator[Entry]:
    return (record for record in read_wxr(path, title.zone) if isinstance(record, Entry))


class _Moving:
    def __init__(self, title: Publication, choices: Choices):
        self.title, self.choices, self.report = title, choices, Report()
        self.site, self.broken = "", ""
        self.authors: dict[str, Author] = {}
        self.attachments: dict[str, Entry] = {}
        self.by_address: dict[str, str] = {}
        self.fetcher = Fetcher()

    # First the whole file is looked through: an article may name a picture that stands below it.

    def look_through(self, records: Iterator) -> None:
        for record in records:
            match record:
                case SiteInfo(base_url=address):
                    self.site = urlsplit(address).netloc or "site"
                case Author(login=login):
                    self.authors[login] = record
                case Entry():
                    self._look_at(record)
                case Caution(sentence=sentence):
                    self.report.cautions.append(sentence)
                case Broken(sentence=sentence):
                    self.broken = sentence
                    self.report.cautions.append(sentence)

    def _look_at(self, entry: Entry) -> None:
        self.report.found += 1
        if entry.kind == "attachment":
            self.attachments[entry.source_id] = entry
            self.by_address[bodies.unsized(entry.attachment_url)] = entry.source_id

    # Then entry by entry

    def take(self, entry: Entry) -> None:
        reason = self._reason_to_skip(entry)
        if reason:
            self.report.skipped[reason] += 1
        elif entry.kind == "attachment":
            self._take_attachment(entry)
        else:
            with transaction.atomic():
                self._take_text(entry)

    def _reason_to_skip(self, entry: Entry) -> str:
        if entry.kind == "other":
            return f"of a kind Masthead has no place for ({entry.wp_type})"
        if entry.kind == "page" and not self.choices.pages:
            return "a page (take them as articles with --pages)"
        if entry.kind != "attachment" and entry.status not in SHOWN | DRAFTS:
            return f"{entry.status or 'without status'} in the old site"
        return ""

    def _take_attachment(self, entry: Entry) -> None:
        if Picture.objects.filter(source_key=self._key(entry)).exists():
            self.report.skipped["unchanged since the last import"] += 1
        elif self._picture(entry.source_id):
            self.report.made += 1
        else:
            self.report.skipped["picture not fetched (listed below)"] += 1

    def _take_text(self, entry: Entry) -> None:
        digest = _digest(entry)
        item = Article.objects.filter(import_key=self._key(entry)).first()  # not a list: is it there already?
        if item and item.import_digest == digest:
            self.report.skipped["unchanged since the last import"] += 1
        elif item and item.latest_revision_id:
            self.report.skipped["edited here since the last import"] += 1
        else:
            self._write(item or Article(import_key=self._key(entry)), entry, digest)

    def _write(self, item: Article, entry: Entry, digest: str) -> None:
        is_new = item.pk is None
        self._fill(item, entry)
        item.import_digest = digest
        self._save(item, entry)
        self._redirect(entry, item)
        if is_new:
            self.report.made += 1
        else:
            self.report.updated += 1

    def _save(self, item: Article, entry: Entry) -> None:
        item.live = entry.status in SHOWN and not entry.password
        try:
            with transaction.atomic():
                self._put(item, entry)
        except ValidationError as refused:
            self.report.to_review.append(f"“{item.title}” is a draft: {' '.join(refused.messages)}")
            item.live = False
            self._put(item, entry)

    def _put(self, item: Article, entry: Entry) -> None:
        if item.pk:
            item.save()
        else:
            founding.add_item(self.title, Holds.ARTICLES, item, slug_of(entry.slug or entry.title))

    def _fill(self, item: Article, entry: Entry) -> None:
        body = read_body_html(entry.content_html)
        item.title = Truncator(entry.title.strip() or "(no headline)").chars(255)
        item.standfirst = _plain(entry.excerpt)
        item.dated = item.first_published_at = entry.published_at or timezone.now()
        item.last_published_at = entry.modified_at or entry.published_at
        item.people = [self._person(entry.author_login)] if entry.author_login else []
        item.themes = [self._theme(c.slug, c.name) for c in entry.categories if c.slug not in NO_THEME]
        unplaced = self._file_tags(item, entry)
        item.body = bodies.stream_of(body.blocks, self._picture_at)
        self._lead_picture(item, entry)
        notes = [f"Imported from {entry.link or self.site}.", *body.dropped]
        if unplaced:
            notes.append("Tags: " + ", ".join(unplaced))
        item.import_note = "\n".join(notes)

    def _file_tags(self, item: Article, entry: Entry) -> list[str]:
        """Tags that name an organisation or a theme file the article there; the others are returned."""
        organisations, unplaced = [], []
        for tag in entry.tags:
            organisation = Organisation.objects.filter(name__iexact=tag.name).first()
            theme = Theme.objects.filter(publication=self.title, name__iexact=tag.name).first()
            if organisation:
                organisations.append(organisation)
            elif theme:
                item.themes.add(theme)
            else:
                unplaced.append(tag.name)
        item.organisations = organisations
        return unplaced

    # What an article is filed under

    def _person(self, login: str) -> Person:
        name = (self.authors[login].name if login in self.authors else "") or login
        return Person.objects.filter(name__iexact=name).first() or Person.objects.create(name=name[:120])

    def _theme(self, slug: str, name: str) -> Theme:
        slug = slug_of(slug) or slug_of(name)
        return Theme.objects.get_or_create(publication=self.title, slug=slug, defaults={"name": name or slug})[0]

    # Pictures

    def _lead_picture(self, item: Article, entry: Entry) -> None:
        picture = self._picture(entry.thumbnail_id) if entry.thumbnail_id else None
        if picture and picture.problems():
            self.report.to_review.append(f"“{item.title}”: its picture waits for a credit and is not shown yet.")
            picture = None
        item.picture = picture
        attachment = self.attachments.get(entry.thumbnail_id)
        item.caption = split_credit(_plain(attachment.excerpt))[0][:400] if picture and attachment else ""

    def _picture_at(self, address: str) -> Picture | None:
        key = self.by_address.get(bodies.unsized(address))
        return self._picture(key) if key else None

    def _picture(self, key: str) -> Picture | None:
        """Return the picture of an attachment, fetched once, or None where it can't be had."""
        attachment = self.attachments.get(key)
        if attachment is None:
            return None
        known = Picture.objects.filter(source_key=self._key(attachment)).first()
        if known or not self.choices.fetch:
            return known
        try:
            file = self.fetcher.fetch(attachment.attachment_url)
        except NotFetched as reason:
            line = f"{attachment.attachment_url}: {reason}"
            if line not in self.report.not_fetched:
                self.report.not_fetched.append(line)
            return None
        caption, credit = split_credit(_plain(attachment.excerpt))
        return Picture.objects.create(
            title=attachment.title[:255] or file.name or "",
            file=file,
            description=(attachment.alt or caption)[:255],
            credit=credit[:200],
            source_key=self._key(attachment),
        )

    # Old addresses

    def _redirect(self, entry: Entry, item: Article) -> None:
        parts = urlsplit(entry.link)
        old = Redirect.normalise_path(parts.path + (f"?{parts.query}" if parts.query else ""))
        if old in ("", "/") or old == Redirect.normalise_path("/" + item.url_path.removeprefix(self.title.root_path)):
            return
        _redirect, is_new = Redirect.objects.update_or_create(
            old_path=old, site=self.title.site, defaults={"redirect_page": item, "automatically_created": True}
        )
        self.report.redirects += is_new

    def _key(self, entry: Entry) -> str:
        return f"wp:{self.site}:{entry.source_id}"


def _digest(entry: Entry) -> str:
    return hashlib.sha256(repr(entry).encode()).hexdigest()


def _plain(markup: str) -> str:
    return " ".join(html.unescape(strip_tags(markup)).split())

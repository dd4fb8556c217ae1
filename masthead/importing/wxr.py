"""A WordPress export (WXR 1.0, 1.1, 1.2) as a stream of records, whatever its size, and as far as it can be read.

    for record in read_wxr("export.xml", zone=ZoneInfo("Europe/Copenhagen")):
        match record:
            case Entry(kind="post"): ...
            case Broken(sentence=sentence): ...

The format: https://github.com/WordPress/wordpress-importer and wp-admin/includes/export.php of WordPress.
"""

import datetime as dt
import email.utils
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from .decoding import ImportRefused
from .wxrrecords import Author, Broken, Category, Caution, Entry, Record, SiteInfo, Tag, Term
from .wxrrepair import Repair

_HEAD = 1 << 20
_KNOWN_VERSIONS = ("1.0", "1.1", "1.2")
_VERSION = re.compile(r"<(?:\w+:)?wxr_version>\s*(?:<!\[CDATA\[)?\s*([^<\]]{0,40}?)\s*(?:\]\]>)?\s*</")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})[\"']")
_OF_CHANNEL = ("{*}author", "{*}category", "{*}tag", "{*}term", "item")
_OF_SITE = ("title", "link", "language", "{*}wxr_version", "{*}base_site_url", "{*}base_blog_url")


_MENDS = {
    "encoding": "{n} runs of letters were not UTF-8 and were read as Windows-1252; check names with æ, ø, å.",
    "control": "{n} control characters that XML forbids were left out.",
    "ampersand": "{n} ampersands were not escaped and were read as plain &.",
    "bracket": "{n} stray < signs were read as text.",
    "tag": "{n} tags were never opened or never closed; where an entry ends was taken from the next one.",
    "prefix": "The file does not declare its namespaces; WordPress' own were taken.",
}


def read_wxr(path: str | Path, zone: dt.tzinfo = dt.UTC) -> Iterator[Record]:
    """The records of the export, in the order of the file; memory stays flat.

    `zone` is the site's time zone, used for entries that give no UTC time. The file is checked before the first
    record is given: raises ImportRefused when it is no WordPress export or cannot be read at all.
    """
    path = Path(path)
    head, encoding = _head(path)
    version = _version(path.name, head)
    fault = _fault(path)
    if fault is None:
        return _records(path, version, zone)
    return _repaired(path, encoding, version, zone)


def _head(path: Path) -> tuple[str, str]:
    """(the first megabyte as text, the encoding it was read in)."""
    try:
        with path.open("rb") as handle:
            data = handle.read(_HEAD)
    except OSError as error:
        raise ImportRefused(f"{path.name} cannot be read ({error.strerror}); check the path and its rights.") from error
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise ImportRefused(f"{path.name} is compressed; unpack it and import the XML file in it.")
    encoding = "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif (match := _DECLARED.match(data)) and _is_eight_bit(match.group(1).decode("ascii")):
        encoding = "cp1252"
    return data.decode(encoding, "replace").lstrip("\ufeff"), encoding


def _is_eight_bit(name: str) -> bool:
    return name.casefold().replace("_", "-") in (
        "iso-8859-1",
        "latin1",
        "latin-1",
        "windows-1252",
        "cp1252",
        "us-ascii",
    )


def _version(name: str, head: str) -> str:
    start = head.find("<rss")
    if "<!DOCTYPE" in head[: max(start, 0) or len(head)] or "<!ENTITY" in head[: max(start, 0) or len(head)]:
        raise ImportRefused(f"{name} declares its own entities, which no WordPress export does; it was not read.")
    top = head[: head.find("<item>")] if "<item>" in head else head
    match = _VERSION.search(top)
    if not match:
        what = "is a feed or another XML file" if start >= 0 else "is not an RSS file"
        raise ImportRefused(
            f"{name} {what}: it says no WXR version. "
            "In WordPress choose Tools → Export → All content, and import that file."
        )
    version = match.group(1)
    if not re.fullmatch(r"\d{1,2}\.\d{1,2}", version):
        raise ImportRefused(
            f"{name} says WXR version “{version}”, which is none; export the site again from WordPress."
        )
    return version


def _fault(path: Path) -> str | None:
    """The first error that a strict XML parser finds in the file, or None."""
    try:
        for _, element in etree.iterparse(str(path), events=("end",), tag=_OF_CHANNEL, **_safe()):
            _forget(element)
    except etree.XMLSyntaxError as error:
        return str(error)
    return None


def _safe() -> dict[str, Any]:
    return {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
    }


def _repaired(path: Path, encoding: str, version: str, zone: dt.tzinfo) -> Iterator[Record]:
    repair = Repair(path, encoding)
    read = 0
    try:
        for record in _records(_Stream(repair), version, zone):
            if isinstance(record, Entry):
                if read >= repair.entries:
                    break
                read += 1
            yield record
    except etree.XMLSyntaxError as error:
        yield from _mends(repair)
        yield Broken(f"The file cannot be read beyond {read} whole entries ({error.msg}); export it again.", read)
        return
    yield from _mends(repair)
    if repair.truncated:
        yield Broken(
            f"The file ends too early: {read} whole entries were read before the break; export it again.", read
        )


def _mends(repair: Repair) -> Iterator[Caution]:
    for what, times in repair.mends.items():
        yield Caution(_MENDS[what].format(n=times))


class _Stream:
    """The repaired text as the file object that lxml reads from."""

    def __init__(self, repair: Repair):
        self.chunks = repair.chunks()
        self.waiting = b""

    def read(self, size: int = -1) -> bytes:
        while not self.waiting:
            chunk = next(self.chunks, None)
            if chunk is None:
                return b""
            self.waiting = chunk
        part, self.waiting = (self.waiting, b"") if size < 0 else (self.waiting[:size], self.waiting[size:])
        return part


def _records(source: Any, version: str, zone: dt.tzinfo) -> Iterator[Record]:
    site: dict[str, str] = {}
    told = False
    if version not in _KNOWN_VERSIONS:
        yield Caution(f"The file says WXR version {version}; it was read as 1.2.")
    source = str(source) if isinstance(source, Path) else source
    for _, element in etree.iterparse(source, events=("end",), tag=(*_OF_CHANNEL, *_OF_SITE), **_safe()):
        above = element.getparent()
        if above is None or _name(above) != "channel":
            continue
        if _name(element) in ("title", "link", "language", "wp:wxr_version", "wp:base_site_url", "wp:base_blog_url"):
            site.setdefault(_name(element), _text(element))
            continue
        if not told:
            yield _site(site, version)
            told = True
        record = _record(element, zone)
        _forget(element)
        if record:
            yield record
    if not told:
        yield _site(site, version)


def _forget(element: Any) -> None:
    """Frees what was read, so that memory stays flat."""
    above = element.getparent()
    if above is None or _name(above) != "channel":
        return
    element.clear()
    while element.getprevious() is not None and _name(element.getprevious()) in ("item", "wp:author", "wp:category"):
        del above[0]


def _site(site: dict[str, str], version: str) -> SiteInfo:
    base = site.get("wp:base_blog_url") or site.get("wp:base_site_url") or site.get("link") or ""
    return SiteInfo(site.get("title", ""), base, version, site.get("language", ""))


def _record(element: Any, zone: dt.tzinfo) -> Record | None:
    name = _name(element)
    if name == "item":
        return _entry(element, zone)
    told = {_name(child): _text(child) for child in element if isinstance(child.tag, str)}
    if name == "wp:author":
        login = told.get("wp:author_login", "")
        return Author(login, told.get("wp:author_display_name") or login, told.get("wp:author_email", ""))
    if name == "wp:category":
        named = told.get("wp:cat_name", "")
        return Category(told.get("wp:category_nicename") or named, named, told.get("wp:category_parent", ""))
    if name == "wp:tag":
        named = told.get("wp:tag_name", "")
        return Tag(told.get("wp:tag_slug") or named, named)
    if name == "wp:term":
        parts = ("wp:term_taxonomy", "wp:term_slug", "wp:term_name", "wp:term_parent")
        return Term(*(told.get(part, "") for part in parts))
    return None


def _entry(element: Any, zone: dt.tzinfo) -> Entry:
    told: dict[str, str] = {}
    meta: dict[str, str] = {}
    comments = 0
    for child in element:
        name = _name(child)
        if name == "wp:postmeta":
            key, value = _meta(child)
            meta[key] = value
        elif name == "wp:comment":
            comments += 1
        elif name != "category":
            told.setdefault(name, _text(child))
    wp_type = told.get("wp:post_type") or "post"
    kind = wp_type if wp_type in ("post", "page", "attachment") else "other"
    categories, tags, terms = _subjects(element)
    return Entry(
        source_id=told.get("wp:post_id") or told.get("guid") or told.get("link", ""),
        kind=kind,
        status=told.get("wp:status") or "publish",
        title=_plain(told.get("title", "")),
        slug=told.get("wp:post_name", ""),
        link=told.get("link", ""),
        wp_type=wp_type,
        guid=told.get("guid", ""),
        author_login=told.get("dc:creator", ""),
        published_at=_moment(told, ("wp:post_date_gmt", "pubDate", "wp:post_date"), zone),
        modified_at=_moment(told, ("wp:post_modified_gmt", "wp:post_modified"), zone),
        excerpt=told.get("excerpt:encoded", ""),
        content_html=told.get("content:encoded", ""),
        categories=categories,
        tags=tags,
        terms=terms,
        attachment_url=told.get("wp:attachment_url", ""),
        parent_id=told.get("wp:post_parent", "").lstrip("0"),
        thumbnail_id=meta.get("_thumbnail_id", ""),
        meta=meta,
        comments=comments,
        sticky=told.get("wp:is_sticky") == "1",
        password=told.get("wp:post_password", ""),
    )


def _meta(element: Any) -> tuple[str, str]:
    told = {_name(child): _text(child) for child in element if isinstance(child.tag, str)}
    return told.get("wp:meta_key", ""), told.get("wp:meta_value", "")


def _subjects(element: Any) -> tuple[tuple[Category, ...], tuple[Tag, ...], tuple[Term, ...]]:
    """The categories, tags and other terms of an entry, each once (WXR 1.0 names them twice)."""
    found: dict[tuple[str, str], Category | Tag | Term] = {}
    for child in element:
        if _name(child) != "category" or not (name := _plain(_text(child))):
            continue
        domain = child.get("domain") or "category"
        slug = child.get("nicename") or ""
        kind = {"category": "category", "tag": "tag", "post_tag": "tag"}.get(domain, domain)
        if (kind, name.casefold()) in found and not slug or kind == "category" and not slug and _is_tag(element, name):
            continue
        made: Category | Tag | Term = Term(domain, slug or name, name)
        if kind == "category":
            made = Category(slug or name, name)
        elif kind == "tag":
            made = Tag(slug or name, name)
        found[kind, name.casefold()] = made
    made_of = tuple(found.values())
    return (
        tuple(subject for subject in made_of if isinstance(subject, Category)),
        tuple(subject for subject in made_of if isinstance(subject, Tag)),
        tuple(subject for subject in made_of if isinstance(subject, Term)),
    )


def _is_tag(element: Any, name: str) -> bool:
    """The same name stands in the entry as a tag: the bare <category> is only its older spelling."""
    return any(
        child.get("domain") in ("tag", "post_tag") and _plain(_text(child)).casefold() == name.casefold()
        for child in element
        if _name(child) == "category"
    )


def _moment(told: dict[str, str], names: tuple[str, ...], zone: dt.tzinfo) -> dt.datetime | None:
    """The first of the told times that is one, in UTC; WordPress writes 0000-00-00 for a draft's."""
    for name in names:
        moment = _rfc_moment(told.get(name, "")) if name == "pubDate" else _sql_moment(told.get(name, ""))
        if moment is None:
            continue
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC if name.endswith("_gmt") else zone)
        try:
            return moment.astimezone(dt.UTC)
        except OverflowError:
            continue
    return None


def _sql_moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text.strip()[:19], "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None


def _rfc_moment(text: str) -> dt.datetime | None:
    if "-0001" in text:
        return None
    try:
        return email.utils.parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, IndexError):
        return None


def _name(element: Any) -> str:
    """The element's name with the prefix WordPress gives it, whatever prefix and version the file declares."""
    if not isinstance(element.tag, str):
        return ""
    space, _, local = element.tag.rpartition("}")
    if not space:
        return local
    if "/excerpt/" in space:
        return f"excerpt:{local}"
    if "modules/content" in space:
        return f"content:{local}"
    if "purl.org/dc/" in space:
        return f"dc:{local}"
    return f"wp:{local}" if "wordpress.org/export" in space else f"{{{space[1:]}}}{local}"


def _text(element: Any) -> str:
    """The element's text; markup that stood unescaped in it is kept as text."""
    if len(element):
        inner = [element.text or "", *(etree.tostring(child, encoding="unicode") for child in element)]
        return "".join(inner).strip()
    return (element.text or "").strip()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"</?[A-Za-z][^<>]{0,300}>", "", text))).strip()


__all__ = [
    "Author",
    "Broken",
    "Category",
    "Caution",
    "Entry",
    "ImportRefused",
    "Record",
    "SiteInfo",
    "Tag",
    "Term",
    "read_wxr",
]

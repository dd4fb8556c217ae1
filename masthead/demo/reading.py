"""A title folder read into frozen nouns, all of it or none: the first thing wrong is a ContentError."""

import datetime as dt
import tomllib
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType
from typing import get_args, get_origin

from masthead.demo.checking import check
from masthead.demo.marking import MarkupError, to_blocks, to_html
from masthead.demo.nouns import (
    Agreement,
    Article,
    Content,
    ContentError,
    Event,
    Html,
    Job,
    Organisation,
    Person,
    Promotion,
    Story,
    Theme,
    Title,
)

CONTENT = Path(__file__).parent / "content"


def read_content(folder: Path | str) -> Content:
    """The whole of a title folder, checked: every slug points at something, every paid item names its payer.

    `folder` is a path, or the name of a folder in `masthead/demo/content`. Raises ContentError.
    """
    folder = CONTENT / folder
    content = Content(
        title=_title(folder),
        themes=_list(folder, "themes", Theme),
        organisations=_list(folder, "organisations", Organisation),
        people=_list(folder, "people", Person),
        stories=_list(folder, "stories", Story),
        articles=tuple(read_article(file) for file in sorted((folder / "articles").glob("*.md"))),
        events=_list(folder, "events", Event),
        jobs=_list(folder, "jobs", Job),
        agreements=_list(folder, "partners", Agreement),
        promotions=_list(folder, "promotions", Promotion),
    )
    check(content, folder)
    return content


def read_article(file: Path) -> Article:
    """One article; its slug is the file's name. Raises ContentError for what one file alone can show to be wrong."""
    text = file.read_text(encoding="utf-8")
    parts = text.split("+++\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ContentError(file, "Put the front matter between two lines »+++« at the top.")
    row = _toml(file, parts[1])
    row["corrections"] = row.pop("correction", [])
    try:
        body = to_blocks(parts[2])
    except MarkupError as wrong:
        raise ContentError(file, str(wrong)) from wrong
    return replace(_record(Article, row | {"slug": file.stem, "body": []}, file), body=body)


def _title(folder: Path) -> Title:
    file = folder / "title.toml"
    if not file.exists():
        raise ContentError(file, f"There is no title.toml in »{folder.name}«; each title folder needs one.")
    row = _toml(file, file.read_text(encoding="utf-8"))
    return _record(Title, {"slug": folder.name} | row, file)


def _list(folder: Path, name: str, noun: type) -> tuple:
    """The rows of `<name>.toml`, each under `[[<name>]]`; a title without that list has no such file."""
    file = folder / f"{name}.toml"
    if not file.exists():
        return ()
    rows = _toml(file, file.read_text(encoding="utf-8"))
    if set(rows) != {name}:
        raise ContentError(file, f"Write every row of this list under [[{name}]].")
    return tuple(_record(noun, row, file) for row in rows[name])


def _toml(file: Path, text: str) -> dict:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise ContentError(file, f"The TOML can't be read: {wrong}.") from wrong


def _record(noun: type, row: dict, file: Path):
    """`row` as a `noun`: no field unknown, none missing, each of its type, nested tables as their own nouns."""
    if not isinstance(row, dict):
        raise ContentError(file, f"Write the {noun.__name__.lower()} as a table of its own, not {row!r}.")
    known = {field.name: field for field in fields(noun)}
    name = row.get("slug") or row.get("reference") or noun.__name__.lower()
    for key in row:
        if key not in known:
            raise ContentError(file, f"»{name}« has an unknown field »{key}«; known are {', '.join(known)}.")
    for key, field in known.items():
        if key not in row and field.default is MISSING:
            raise ContentError(file, f"»{name}« lacks the field »{key}«.")
    return noun(**{key: _value(known[key].type, value, f"»{key}« of »{name}«", file) for key, value in row.items()})


def _value(kind, value, called: str, file: Path):
    """`value` from TOML as a `kind`: a tuple for a list, a noun for a table, safe HTML for marked-up text."""
    inner: list[type] = [arg for arg in get_args(kind) if arg is not NoneType] or [kind]
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ContentError(file, f"{called} must be a list, not {value!r}.")
        return tuple(_value(inner[0], item, called, file) for item in value)
    if is_dataclass(inner[0]):
        return _record(inner[0], value, file)
    if inner[0] in (dt.date, dt.time):
        return _moment(inner[0], value, called, file)
    if type(value) is not (str if inner[0] is Html else inner[0]):
        raise ContentError(file, f"{called} must be {inner[0].__name__}, not {value!r}.")
    return _text(inner[0], value, called, file)


def _text(kind: type, value, called: str, file: Path):
    if kind is not Html:
        return value.strip() if kind is str else value
    try:
        return to_html(value)
    except MarkupError as wrong:
        raise ContentError(file, f"{called}: {wrong}") from wrong


def _moment(kind: type[dt.date] | type[dt.time], value, called: str, file: Path):
    try:
        return value if isinstance(value, kind) else kind.fromisoformat(value)
    except (TypeError, ValueError) as wrong:
        wanted = '"2016-09-12"' if kind is dt.date else '"09:00"'
        raise ContentError(file, f"{called} must be written like {wanted}, not {value!r}.") from wrong

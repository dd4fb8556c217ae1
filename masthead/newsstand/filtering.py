"""Filtering: what a reader may narrow the agenda to; each choice is an address of its own and needs no script."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from masthead.catalogue import counting
from masthead.catalogue.models import Theme
from masthead.catalogue.wording import event_kind, mode_word
from masthead.publication import typesetting
from masthead.publication.models import Publication

MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Choice:
    """One value of a filter, as a link, with how many events it would leave."""

    words: str
    url: str
    n: int
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    """One way to narrow the agenda. `all_url` takes it back."""

    words: str
    all_url: str
    is_open: bool
    choices: list[Choice]


@dataclass(frozen=True)
class Chosen:
    """What a reader has asked for; what is not known is left out."""

    kind: str = ""
    mode: str = ""
    theme: Theme | None = None
    month: str = ""

    @classmethod
    def of(cls, title: Publication, query) -> "Chosen":
        slug, month = query.get("theme", ""), query.get("month", "")
        return cls(
            kind=query.get("kind", "")[:12],
            mode=query.get("mode", "")[:8],
            theme=Theme.objects.filter(publication=title, slug=slug).first() if slug else None,
            month=month if MONTH.fullmatch(month) else "",
        )

    def __bool__(self) -> bool:
        return bool(self.kind or self.mode or self.theme or self.month)

    def for_shelf(self) -> dict:
        return {"kind": self.kind, "mode": self.mode, "theme": self.theme, "month": self.month}

    def as_query(self) -> dict:
        said = {
            "kind": self.kind,
            "mode": self.mode,
            "theme": self.theme.slug if self.theme else "",
            "month": self.month,
        }
        return {key: value for key, value in said.items() if value}

    def url(self) -> str:
        return f"?{urlencode(self.as_query())}" if self else "?"


def offered(title: Publication, chosen: Chosen) -> list[Filter]:
    """Return the filters that would still leave something, each counted under the other choices."""
    themes = {theme.pk: theme for theme in Theme.objects.filter(publication=title)}
    filters = []
    for name, words in (("kind", _("Kind")), ("mode", _("Where")), ("theme", _("Theme")), ("month", _("Month"))):
        nothing: dict[str, Any] = {name: None if name == "theme" else ""}
        others = replace(chosen, **nothing)
        counts = counting.agenda_counts(title, name, **others.for_shelf())
        values = [themes[key] for key in themes if key in counts] if name == "theme" else sorted(counts)
        choices = [_choice(name, value, others, chosen, counts) for value in values]
        if len(choices) > 1 or getattr(chosen, name):
            filters.append(Filter(words, others.url(), not getattr(chosen, name), choices))
    return filters


def _choice(name: str, value, others: Chosen, chosen: Chosen, counts: dict) -> Choice:
    say: dict[str, Callable[[Any], str]] = {"kind": event_kind, "mode": mode_word, "theme": str, "month": _month}
    n = counts[value.pk if name == "theme" else value]
    return Choice(say[name](value), replace(others, **{name: value}).url(), n, getattr(chosen, name) == value)


def _month(value: str) -> str:
    return typesetting.month_name(date.fromisoformat(f"{value}-01"))

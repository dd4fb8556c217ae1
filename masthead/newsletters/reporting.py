"""Reporting: how often the links of an issue were followed, line by line, for the desk and for who bought a place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from masthead.newsletters.linking import source_of
from masthead.newsletters.models import Issue, Section
from masthead.readership import counting
from masthead.readership.method import Figures
from masthead.readership.models import Link


@dataclass(frozen=True)
class Line:
    """One link of an issue: what it led to, who paid for its place if somebody did, and how often it was followed."""

    token: str
    title: str
    line: str  # label and payer, as printed
    section: str
    slot: int | None
    target: str
    figures: Figures


def report(issue: Issue, slot: int | None = None) -> list[Line]:
    """Return the links of an issue, sold places first, then as printed; of one sold place where `slot` is given.

    The hidden link stands in no report: nobody saw it. Its finds have moved the columns of the others.
    """
    figures = counting.figures(source_of(issue.pk))
    lines = [_line(link, issue, figures) for link in Link.objects.filter(source=source_of(issue.pk), is_trap=False)]
    place = {str(section): at for at, section in enumerate(Section.values)} | {str(Section.PARTNERS): -1}
    lines.sort(key=lambda line: (place.get(line.section, 9), line.slot or 0, -line.figures.human, line.title))
    return [line for line in lines if slot is None or line.slot == slot]


def by_hour(issue: Issue, slot: int | None = None) -> Iterator[tuple[datetime, Line, Figures]]:
    """Yield (hour, link, figures) of an issue in order of time, of one sold place where `slot` is given."""
    lines = {line.token: line for line in report(issue, slot)}
    for (token, hour), figures in sorted(
        counting.figures_by_hour(source_of(issue.pk)).items(), key=lambda f: f[0][::-1]
    ):
        if token in lines:
            yield hour, lines[token], figures


def total(lines: list[Line]) -> Figures:
    return sum_of([line.figures for line in lines])


def sum_of(figures: list[Figures]) -> Figures:
    return Figures(*(sum(column) for column in zip(*figures, strict=True))) if figures else Figures()


def _line(link: Link, issue: Issue, figures: dict[str, Figures]) -> Line:
    item = next((item for item in issue.items.all() if item.snapshot.get("url") == link.target), None)
    own = {
        issue.publication.root_url + issue.url: _("The issue on the web"),
        f"{issue.publication.root_url}/": _("Front page"),
    }
    return Line(
        token=link.token,
        title=item.headline if item else own.get(link.target, link.target),
        line=item.snapshot.get("line", "") if item else "",
        section=item.section if item else "",
        slot=item.slot if item else None,
        target=link.target,
        figures=figures.get(link.token, Figures()),
    )

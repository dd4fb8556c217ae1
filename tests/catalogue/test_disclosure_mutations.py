"""Take the label out of any one place that prints it, and the disclosure check finds it and names output and item.

The places are found by looking: every template that prints a label, every line of code that does. So a new template, or
a new renderer, is tested on the day it is written.
"""

import re
import sys
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.template import engines
from django.template.loaders import filesystem

from masthead.catalogue import checking
from masthead.catalogue.disclosure import Disclosure
from masthead.catalogue.models import Card
from masthead.catalogue.outputs import registered
from masthead.newsstand import feeds
from tests.catalogue import everything
from tests.newsroom import found_title

pytestmark = pytest.mark.django_db
HOUSE = Path(__file__).parent.parent.parent / "masthead"
WORDS = r"\bdisclosed\.(?:label|line|payer|payer_line)\b"
PRINTED = re.compile(r"\{%\s*(?:mail_)?label\b[^%]*%\}|\{\{[^{}]*" + WORDS + r"[^{}]*\}\}")
CODED = re.compile(r"\.before\(|" + WORDS)
NOT_PRINTERS = {
    "catalogue/disclosure.py": "what the others print",
    "catalogue/telling.py": "the judge",
    "catalogue/inspecting_pages.py": "the judge",
    "catalogue/filing.py": "keeps the record",
    "catalogue/models.py": "the card's name at the desk, where no reader is",
    "newsletters/checking.py": "the judge of issues",
    "newsletters/printing.py": "makes the mails that are checked",
    "newsletters/rendering.py": "keeps the record of an issue",
    "newsstand/sitemaps.py": "the news sitemap holds nothing paid; test_sitemaps sees to that",
}


def _templates():
    """Every template but those of the editors' desk, which no reader sees."""
    return sorted(p for p in HOUSE.glob("*/templates/**/*") if p.is_file() and "desk" not in p.parts)


def _printed() -> list[tuple[Path, int]]:
    return [(path, n) for path in _templates() for n, _match in enumerate(PRINTED.finditer(path.read_text()))]


def _coded() -> list[tuple[Path, int]]:
    files = [p for p in sorted(HOUSE.rglob("*.py")) if str(p.relative_to(HOUSE)) not in NOT_PRINTERS]
    lines = [(path, n, line) for path in files for n, line in enumerate(path.read_text().splitlines(), start=1)]
    return [(path, n) for path, n, line in lines if CODED.search(line) and "importing" not in path.parts]


def _named(place: tuple[Path, int]) -> str:
    return f"{place[0].relative_to(HOUSE)}:{place[1]}"


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """One title for all mutations, for none changes a row; it is rolled back with the last of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        title = found_title()
        everything.fill(title)
        yield title
        transaction.set_rollback(True)


@pytest.fixture
def without_label(monkeypatch):
    """Hand out one template with its n-th label taken out."""

    def take_out(path: Path, n: int):
        match = list(PRINTED.finditer(path.read_text()))[n]
        mutated = path.read_text()[: match.start()] + path.read_text()[match.end() :]
        whole = filesystem.Loader.get_contents
        monkeypatch.setattr(
            filesystem.Loader, "get_contents", lambda self, o: mutated if Path(o.name) == path else whole(self, o)
        )
        _forget_templates()

    yield take_out
    monkeypatch.undo()
    _forget_templates()


def _forget_templates():
    for engine in engines.all():
        for loader in engine.engine.template_loaders:
            loader.reset()
    cache.clear()


def _first_finding(title) -> checking.Finding | None:
    return next(checking.check_disclosure(title), None)


def _assert_named(found: checking.Finding | None):
    assert found is not None, "the check found nothing"
    assert found.output in {output.name for output in registered()}
    assert found.item in set(Card.objects.values_list("title", flat=True))


def test_with_nothing_taken_out_the_check_finds_nothing(house):
    assert [str(found) for found in checking.check_disclosure(house)] == []


@pytest.mark.parametrize("place", _printed(), ids=_named)
def test_a_template_that_loses_its_label_is_found(house, without_label, place):
    without_label(*place)
    _assert_named(_first_finding(house))


@pytest.mark.parametrize("place", _coded(), ids=_named)
def test_a_line_of_code_that_loses_its_label_is_found(house, monkeypatch, place):
    path, line = str(place[0]), place[1]
    known = object.__getattribute__
    nothing = {"before": lambda headline: headline, "line": "", "label": "", "payer": "", "payer_line": ""}

    def forgetful(disclosed, name):
        caller = sys._getframe(1)
        if name in nothing and caller.f_lineno == line and caller.f_code.co_filename == path:
            return nothing[name]
        return known(disclosed, name)

    monkeypatch.setattr(Disclosure, "__getattribute__", forgetful)
    _assert_named(_first_finding(house))


def test_an_output_that_fails_is_named_too(house, monkeypatch):
    def broken(*args):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(feeds, "KINDS", {"articles": broken})
    monkeypatch.setattr(feeds, "FORMS", ("rss",))
    found = {(finding.output, finding.sentence) for finding in checking.check_disclosure(house)}
    assert found == {("feed of a kind", "It answers 500 instead of the page.")}


def test_there_are_labels_to_take_out():
    assert len(_printed()) > 10 and len(_coded()) > 10

"""Checking the house: every registered output is rendered for every labelled card, and read by the judge.

Works on the live database, changes nothing, and asks as a reader would: over HTTP, inside this process.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from django.utils import translation
from lxml import etree

from masthead.catalogue import shelves
from masthead.catalogue.disclosure import judge
from masthead.catalogue.inspecting import inspect
from masthead.catalogue.models import Card
from masthead.catalogue.outputs import Document, Output, registered
from masthead.catalogue.telling import Shown
from masthead.publication.models import Publication

PARTS = 500  # cards taken at a time
ADDRESSES = 10_000
UNREADABLE = (ValueError, etree.LxmlError)  # what the judge raises for a document that is not of its form


@dataclass(frozen=True)
class Finding:
    """One place where a reader is not told: the output, the card's headline, the address, and what is wrong."""

    output: str
    item: str
    address: str
    sentence: str

    def __str__(self):
        return f"{self.output}: “{self.item}” at {self.address}: {self.sentence}"


def check_disclosure(
    title: Publication | None = None, progress: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[Finding]:
    """Yield every place where something labelled is shown without telling a reader who paid; nothing when all is well.

    Renders each output of `title` (all titles) once, however many cards are expected there. `progress` hears how many
    of a title's labelled cards are done.
    """
    titles = [title] if title else Publication.objects.select_related("site__root_page")
    for each in titles:
        yield from _Check(each).run(progress)


def check_labels(title: Publication | None = None) -> Iterator[tuple[str, str]]:
    """Yield ("error"|"warning", sentence) for every title whose own label word is not one its country recommends."""
    for each in [title] if title else Publication.objects.all():
        found = judge(each)
        if found:
            yield found


class _Check:
    def __init__(self, title: Publication):
        self.title = title
        self.client = Client(raise_request_exception=False)
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.paths = frozenset(self._all_paths())
        get_resolver().url_patterns  # noqa: B018 - loading the addresses registers the outputs behind them

    def run(self, progress: Callable[[int, int], None]) -> Iterator[Finding]:
        shelf = shelves.labelled(self.title)
        of = shelf.count()
        for start in range(0, of, PARTS):
            for place, card in enumerate(shelf.take(PARTS, start), start=start + 1):
                yield from self._card(card)
                progress(place, of)

    def _card(self, card: Card) -> Iterator[Finding]:
        shown = Shown(card.title, card.url, card.full_url, card.disclosed, self.paths)
        for output in registered():
            for document in self._documents(output, card):
                if isinstance(document, Finding):
                    yield document
                else:
                    yield from self._judge(output, document, card, shown)

    def _documents(self, output: Output, card: Card) -> Iterator[Document | Finding]:
        """The documents of an output in which the card is to be expected, or what kept one from being fetched."""
        with translation.override(self.title.language):  # the words of addresses are the title's
            documents = list(output.documents(card)) if output.documents else []
            addresses = list(dict.fromkeys(output.addresses(card))) if output.addresses else []
        yield from documents
        for address in addresses:
            status, body = self._fetch(address)
            if status == 200:
                yield Document(address, body)
            else:
                yield Finding(output.name, card.title, address, f"It answers {status} instead of the page.")

    def _judge(self, output: Output, document: Document, card: Card, shown: Shown) -> Iterator[Finding]:
        try:
            expected = replace(shown, leads=document.leads) if document.leads else shown
            report = inspect(output.form, document.body, expected, document.address)
        except UNREADABLE as error:
            yield Finding(output.name, card.title, document.address, f"It cannot be read: {error}")
            return
        for problem in report.problems:
            yield Finding(output.name, card.title, document.address, problem)
        if not report.is_shown and document.address == card.url:
            yield Finding(output.name, card.title, document.address, "Its own page does not show its headline.")

    def _fetch(self, address: str) -> tuple[int, bytes]:
        if address not in self.answers:
            site = self.title.site
            response = self.client.get(
                address,
                secure=settings.SECURE_SSL_REDIRECT,
                SERVER_NAME=site.hostname,
                SERVER_PORT=str(site.port),
            )
            self.answers[address] = response.status_code, response.getvalue()
        return self.answers[address]

    def _all_paths(self) -> Iterator[str]:
        shelf, start = shelves.everything(self.title), 0
        while found := shelf.addresses(ADDRESSES, start):
            yield from (path for path, _changed in found)
            start += ADDRESSES

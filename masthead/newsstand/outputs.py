"""Where cards are to be expected: the pages of the newsstand, registered for the disclosure check."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.http import urlencode

from masthead.catalogue.models import Card
from masthead.catalogue.outputs import Output, register

WORDS = 6  # of a headline, enough to find it by


def own_page(card: Card) -> Iterator[str]:
    yield card.url


def front_page(card: Card) -> Iterator[str]:
    yield "/"


def list_pages(card: Card) -> Iterator[str]:
    """The first page of the list it stands in; the check looks whether the card is on it."""
    yield card.url.rstrip("/").rpartition("/")[0] + "/"


def theme_pages(card: Card) -> Iterator[str]:
    for theme in card.themes.all():
        yield theme.url


def organisation_pages(card: Card) -> Iterator[str]:
    for organisation in card.organisations.all():
        yield organisation.url
    if card.payer:
        yield card.payer.url


def person_pages(card: Card) -> Iterator[str]:
    for person in card.people.all():
        yield person.url


def search_pages(card: Card) -> Iterator[str]:
    words = " ".join(card.title.split()[:WORDS])
    yield f"{reverse('search')}?{urlencode({'q': words})}"


register(Output("page of its own", "html", own_page))
register(Output("front page", "html", front_page))
register(Output("list page", "html", list_pages))

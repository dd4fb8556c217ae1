"""Where cards are to be expected: the pages of the newsstand, registered for the disclosure check."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.http import urlencode
from wagtail.models import ReferenceIndex

from masthead.catalogue import shelves
from masthead.catalogue.models import Card, CardKind
from masthead.catalogue.outputs import Document, Output, register
from masthead.catalogue.templatetags.catalogue import PLACES, print_card

WORDS = 6  # of a headline, enough to find it by
BESIDE = 9  # pieces of one story


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


def pages_leading_to_it(card: Card) -> Iterator[str]:
    """Pages whose text links to it, pieces of its story, and the newest article for what is booked beside articles."""
    referring = ReferenceIndex.get_references_to(card.item).values_list("object_id", flat=True).distinct()
    cards = list(shelves.of_items([int(key) for key in referring if key.isdigit()]).values())
    cards += shelves.in_story(card.story).take(BESIDE) if card.story else []
    cards += shelves.latest(card.publication).take(1)
    yield from (found.url for found in cards if found.publication_id == card.publication_id and found.url != card.url)


def printed_alone(card: Card) -> Iterator[Document]:
    """The card as each place of a page prints it, also where no rule puts it today."""
    only = {"agenda": CardKind.EVENT, "vacancy": CardKind.JOB}
    for place in PLACES:
        if only.get(place, card.kind) == card.kind:
            yield Document(f"a page's place “{place}”", print_card(card, place).encode())


register(Output("card of a page", "html", documents=printed_alone))
register(Output("page of its own", "html", own_page))
register(Output("page that leads to it", "html", pages_leading_to_it))
register(Output("front page", "html", front_page))
register(Output("list page", "html", list_pages))

"""Printing one card as the newsletter would, for the check that no output loses a label."""

from collections.abc import Iterator

from django.utils import timezone

from masthead.catalogue import shelves
from masthead.catalogue.models import Card
from masthead.catalogue.outputs import Document, Output, register
from masthead.newsletters.composing import SECTION_OF
from masthead.newsletters.linking import Links
from masthead.newsletters.models import Newsletter, Section
from masthead.newsletters.rendering import Sheet, letter_of, specimen


def documents(card: Card) -> Iterator[Document]:
    """Yield a whole mail with this card in each place it may stand in: its own section, and a place that was sold."""
    newsletter = Newsletter.objects.filter(publication=card.publication).select_related("publication__site").first()
    if newsletter is None or not shelves.picked(card.publication, [card.pk]):
        return
    sections = {SECTION_OF[card.kind]} | ({Section.PARTNERS} if card.disclosed.is_paid else set())
    leads = [c for c in shelves.latest(card.publication).take(2) if c.pk != card.pk][:1]
    for section in sorted(sections):
        placings: list[dict[str, list[Card]]] = [{Section.ARTICLES: leads, section: [card]}]
        if section == Section.ARTICLES:
            placings = [{section: [card, *leads]}, {section: [*leads, card]}]  # as the lead, and as a row below it
        subject = card.disclosed.before(card.title)
        for cards in placings:
            links = Links("specimen", newsletter.publication.root_url)
            sheet = Sheet(newsletter, number=0, day=timezone.localdate(), subject=subject, cards=cards, links=links)
            yield Document(f"newsletter, {section}", specimen(letter_of(sheet), newsletter), links.leads)


register(Output("newsletter HTML and text", "mail", documents=documents))

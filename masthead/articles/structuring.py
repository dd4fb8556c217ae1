"""What an article, partner content and a house promotion say of themselves to machines."""

from typing import TYPE_CHECKING

from masthead.catalogue import structuring
from masthead.catalogue.disclosure import Kind

if TYPE_CHECKING:
    from masthead.articles.models import HousePromotion, Piece


def piece(item: "Piece") -> dict:
    """Return a NewsArticle, or an AdvertiserContentArticle with its sponsor where somebody paid (rules N1 and D14)."""
    title, card = item.title_of_house, item.card
    published = item.counts_from()
    url = structuring.address(item)
    return {
        "@type": "AdvertiserContentArticle" if item.disclosed else "NewsArticle",
        "headline": item.title,
        **structuring.common(item),
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "datePublished": structuring.moment(published, title),
        "dateModified": structuring.moment(card.modified_at if card else published, title),
        "author": authors(item),
        "publisher": structuring.house(title),
        "inLanguage": item.spoken_language,
        "isAccessibleForFree": True,
        **structuring.sponsor(item),
        **structuring.corrections(item),
        **structuring.mentions(item),
    }


def authors(item: "Piece") -> list[dict]:
    """Return who wrote it: those who signed; else the partner for its own words, and the title for the newsroom's."""
    title = item.title_of_house
    signed = [structuring.person(found, title) for found in item.people.all()]
    if signed:
        return signed
    sponsor = structuring.sponsor(item)
    return [sponsor["sponsor"] if sponsor and item.disclosed.kind == Kind.PAID else structuring.house(title)]


def promotion(item: "HousePromotion") -> dict:
    """Return a house promotion as a page whose name begins with its label; it is no article (rule D11)."""
    return {
        "@type": "WebPage",
        "name": item.disclosed.before(item.title),
        **structuring.common(item),
        "publisher": structuring.house(item.title_of_house),
        "inLanguage": item.spoken_language,
    }

"""Sitemaps and robots.txt: what search engines may list, and nothing that is past its time or kept out (rule N2).

A sitemap gives addresses only. The news sitemap gives headlines too: of the newsroom's articles of the last two days.
"""

from datetime import timedelta
from io import StringIO

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.xmlutils import SimplerXMLGenerator
from wagtail.models import PageViewRestriction

from masthead.catalogue import counting, shelves, structuring
from masthead.catalogue.models import Card
from masthead.catalogue.outputs import shows, shows_no_cards
from masthead.newsstand.feeds import UNPRINTABLE
from masthead.press.ingredients import note
from masthead.publication.models import Publication

PART = 10_000  # keys of cards to a file, and so addresses at most; the protocol allows 50,000
NEWS = 1_000  # Google's limit
NEWS_AGE = timedelta(hours=48)
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS_SITEMAP = "http://www.google.com/schemas/sitemap-news/0.9"
XML = "application/xml; charset=utf-8"


@shows_no_cards
def index(request) -> HttpResponse:
    """The list of sitemaps of the title: a part for every range of keys in which it may have cards."""
    title = _title_of(request)
    names = [reverse("sitemap_places"), *(reverse("sitemap_items", args=[n]) for n in parts(title))]
    return _answer("sitemapindex", [_element("sitemap", {"loc": title.root_url + name}) for name in names])


@shows_no_cards
def items(request, number: int) -> HttpResponse:
    """One part of the items a search engine may list, each with the moment it was last changed.

    A card stands in the part of its key, so that no part has to be counted off, and no address changes its part.
    """
    title = _title_of(request)
    if number not in parts(title):
        raise Http404("This sitemap has no such part.")
    found = shelves.listed(title, (number - 1) * PART + 1, number * PART).addresses(PART)
    return _answer(
        "urlset",
        [
            _element("url", {"loc": title.root_url + path, "lastmod": structuring.moment(changed, title)})
            for path, changed in found
        ],
    )


def parts(title: Publication) -> range:
    """Return the numbers of the parts that hold the title's cards, first to last; none where it has none."""
    first, last = shelves.first_and_last_key(title)
    return range((first - 1) // PART + 1, (last - 1) // PART + 2) if last else range(0)


@shows_no_cards
def places(request) -> HttpResponse:
    """The front page, lists, pages about the title; themes, organisations and people that hold something."""
    title = _title_of(request)
    pages = [title.site.root_page, *title.first_pages]
    closed = PageViewRestriction.objects.filter(page__in=pages).values_list("page__path", flat=True)
    pages = [page for page in pages if not page.path.startswith(tuple(closed))]
    paths = ["/" + page.url_path.removeprefix(title.root_path) for page in pages]
    things = [*counting.held_themes(title), *counting.organisations(title), *counting.people(title)]
    return _answer(
        "urlset", [_element("url", {"loc": title.root_url + path}) for path in [*paths, *(t.url for t in things)]]
    )


@shows("news sitemap", "feed", lambda card: [reverse("sitemap_news")])
def news(request) -> HttpResponse:
    """The newsroom's articles of the last 48 hours, newest first."""
    title = _title_of(request)
    recent = shelves.changed_within(title, timezone.now() - NEWS_AGE)
    cards = recent.of(recent.cards.filter(indexable=True)).take(NEWS, also=())
    note("age", min((card.counts_from for card in cards), default=timezone.now()) + NEWS_AGE)
    return _answer("urlset", [_news_element(card, title) for card in cards], {"xmlns:news": NEWS_SITEMAP})


@shows_no_cards
def robots(request) -> HttpResponse:
    """What programs may fetch: everything but the desk. Paid content is fetched, so that its “noindex” is seen."""
    title = request.publication
    if title is None:
        return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
    maps = [title.root_url + reverse(name) for name in ("sitemap", "sitemap_news")]
    lines = ["User-agent: *", "Disallow: /desk/", "", *(f"Sitemap: {address}" for address in maps)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _title_of(request) -> Publication:
    if request.publication is None:
        raise Http404("There is no title at this address.")
    return request.publication


def _news_element(card: Card, title: Publication) -> tuple:
    publication = _element("news:publication", {"news:name": title.name, "news:language": title.language})
    said = {
        "news:publication_date": structuring.moment(card.counts_from, title),
        "news:title": card.disclosed.before(card.title),
    }
    _tag, children = _element("news:news", said)
    return "url", [("loc", card.full_url), ("news:news", [publication, *children])]


def _element(tag: str, children: dict[str, str]) -> tuple:
    """Return an element as (tag, its text or a list of elements)."""
    return tag, list(children.items())


def _answer(root: str, elements: list[tuple], spaces: dict | None = None) -> HttpResponse:
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement(root, {"xmlns": SITEMAP} | (spaces or {}))
    for element in elements:
        _write(xml, *element)
    xml.endElement(root)
    return HttpResponse(out.getvalue(), content_type=XML)


def _write(xml: SimplerXMLGenerator, tag: str, content) -> None:
    xml.startElement(tag, {})
    if isinstance(content, str):
        xml.characters(UNPRINTABLE.sub("", content))
    else:
        for child in content:
            _write(xml, *child)
    xml.endElement(tag)

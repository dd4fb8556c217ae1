"""What the head of a page tells machines: structured data, what a shared link shows, and where feeds are.

Each tag takes what the page is about from the template's context: `page` (a Wagtail page), else `organisation`,
`person` or `theme`. On a page about none of these it says what holds for the title.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from masthead.catalogue import structuring
from masthead.catalogue.items import Item
from masthead.catalogue.models import CardKind
from masthead.publication.models import Publication

register = template.Library()

LOCALES = {"da": "da_DK", "en": "en_GB"}
UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@register.simple_tag(takes_context=True)
def structured_data(context) -> SafeString:
    """Print the page's JSON-LD, safely inside its script element; nothing in a page machines have nothing to read of.

    It is data, no script: a strict Content-Security-Policy lets it pass.
    """
    found = _said(context)
    if not found:
        return mark_safe("")
    graph = json.dumps({"@context": "https://schema.org", "@graph": found}, ensure_ascii=False, default=str)
    # No "<", ">" or "&" is left that could end the element or begin another.
    return mark_safe(f'<script type="application/ld+json">{graph.translate(UNSAFE)}</script>')


@register.simple_tag(takes_context=True)
def social_meta(context) -> SafeString:
    """Print canonical link, robots rule, description, Open Graph and Twitter card; what is paid says so first (D10)."""
    title = _title(context)
    if title is None:
        return mark_safe("")
    about = _about(context, title)
    lines = [format_html('<link rel="canonical" href="{}">', about.url)]
    if about.robots or context.get("expired"):
        lines.append(format_html('<meta name="robots" content="{}">', about.robots or "noindex"))
    if about.description:
        lines.append(format_html('<meta name="description" content="{}">', about.description))
    properties = [(name, said) for name, said in _open_graph(about, title) if said]
    lines.append(format_html_join("\n", '<meta property="{}" content="{}">', properties))
    card = "summary_large_image" if about.picture else "summary"
    twitter = [("twitter:card", card), ("twitter:title", about.headline), ("twitter:description", about.description)]
    lines.append(format_html_join("\n", '<meta name="{}" content="{}">', ((n, said) for n, said in twitter if said)))
    return mark_safe("\n".join(lines))  # each line was escaped above


@register.simple_tag(takes_context=True)
def feed_links(context) -> SafeString:
    """Print where the feeds of the title and of this page are, so that readers' programs find them."""
    title = _title(context)
    if title is None:
        return mark_safe("")
    links = [(FEED_TYPES[form], title.name, reverse("feed", args=["articles", form])) for form in FEED_TYPES]
    links.append((FEED_TYPES["rss"], f"{title.name}: {_('Events')}", reverse("feed", args=["events", "rss"])))
    links.append((FEED_TYPES["rss"], f"{title.name}: {_('Jobs')}", reverse("feed", args=["jobs", "rss"])))
    links.append(("text/calendar", f"{title.name}: {_('Events')}", reverse("calendar")))
    theme, page = context.get("theme"), context.get("page")
    if theme is not None and not isinstance(page, Item):
        name = f"{title.name}: {theme.name}"
        links.append((FEED_TYPES["rss"], name, reverse("theme_feed", args=[theme.slug, "rss"])))
        links.append(("text/calendar", name, reverse("theme_calendar", args=[theme.slug])))
    return format_html_join("\n", '<link rel="alternate" type="{}" title="{}" href="{}">', links)


@dataclass(frozen=True)
class About:
    """What a page tells those who share it."""

    url: str
    headline: str
    description: str = ""
    kind: str = "website"
    robots: str = ""
    picture: dict | None = None
    published: datetime | None = None
    modified: datetime | None = None
    section: str = ""


def _said(context) -> list[dict]:
    page, title = context.get("page"), _title(context)
    if isinstance(page, Item):
        return page.structured_data()
    if title is not None and hasattr(page, "structured_data"):
        return page.structured_data(title)
    if title is None or page is not None:
        return []
    for name, say in (("organisation", structuring.organisation_page), ("person", structuring.person_page)):
        if context.get(name) is not None:
            return say(context[name], title)
    return []


def _title(context) -> Publication | None:
    page = context.get("page")
    return page.title_of_house if isinstance(page, Item) else getattr(context.get("request"), "publication", None)


def _about(context, title: Publication) -> About:
    page = context.get("page")
    if isinstance(page, Item):
        return _about_item(page, title)
    thing = next((context[name] for name in ("organisation", "person", "theme") if context.get(name)), None)
    words = getattr(thing, "about", "") or getattr(thing, "description", "")
    if page is not None:
        words = getattr(page, "search_description", "")
    name = page.title if page is not None else getattr(thing, "name", "")
    return About(_here(context, title), name or title.name, " ".join((words or title.tagline).split()))


def _about_item(item: Item, title: Publication) -> About:
    is_article = item.card_kind == CardKind.ARTICLE
    card, disclosed, standfirst = item.card, item.disclosed, " ".join(item.standfirst.split())
    first = item.filed_under
    return About(
        url=structuring.address(item),
        headline=disclosed.before(item.title),
        description=disclosed.before(standfirst) if standfirst else disclosed.line,
        kind="article" if is_article else "website",
        robots=item.robots,
        picture=structuring.shown_picture(item.picture, title) if item.picture else None,
        published=item.counts_from() if is_article else None,
        modified=card.modified_at if card and is_article else None,
        section=first[0].name if is_article and first else "",
    )


def _here(context, title: Publication) -> str:
    """Return the address of this page without what only filters or tracks; a later page of a list is one of its own."""
    request = context["request"]
    number = request.GET.get("page", "")
    return title.root_url + request.path + (f"?page={number}" if number.isdigit() and number != "1" else "")


def _open_graph(about: About, title: Publication) -> list[tuple[str, object]]:
    said: list[tuple[str, object]] = [
        ("og:type", about.kind),
        ("og:site_name", title.name),
        ("og:title", about.headline),
        ("og:description", about.description),
        ("og:url", about.url),
        ("og:locale", LOCALES.get(title.language, title.language)),
    ]
    if about.picture:
        names = {"url": "og:image", "width": "og:image:width", "height": "og:image:height", "alt": "og:image:alt"}
        said += [(name, about.picture[key]) for key, name in names.items()]
    if about.published:
        said.append(("article:published_time", structuring.moment(about.published, title)))
    if about.modified:
        said.append(("article:modified_time", structuring.moment(about.modified, title)))
    return [*said, ("article:section", about.section)]

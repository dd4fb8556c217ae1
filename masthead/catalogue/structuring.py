"""What machines read of a page, in schema.org's words: the parts that every kind of item shares.

Each room says what its own kind is; here stand the title, its organisations and people, pictures with their credit
(rule I1), the way down to a page, and what is owed of everything paid for (rule D14).
"""

from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING

from django.utils.html import strip_tags
from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import SourceImageIOError

from masthead.catalogue.models import Organisation, Person, Theme
from masthead.publication.models import Picture, Publication

if TYPE_CHECKING:
    from masthead.catalogue.items import Item

WIDE = 1200  # pixels: what social networks and Google ask for
LARGEST_ORIGINAL = 2400
MENTIONS = 20
DESCRIPTION = 5000


def moment(at: datetime, title: Publication) -> str:
    """Return a moment in the title's own time, with its offset (rules N1 and E1)."""
    return at.astimezone(title.zone).isoformat(timespec="seconds")


def address(item: "Item") -> str:
    """Return the full address of an item, in a draft the one it would get."""
    title = item.title_of_house
    return title.root_url + "/" + item.url_path.removeprefix(title.root_path)


def shown_picture(picture: Picture, title: Publication) -> dict | None:
    """Return {url, width, height, alt} of a picture as it is handed to other sites; None where its file is lost.

    A WebP of moderate size is handed out as it is; of anything else a rendition at most 1200 pixels wide is made once.
    """
    if picture.file.name.lower().endswith(".webp") and picture.width <= LARGEST_ORIGINAL:
        file, width, height = picture.file, picture.width, picture.height
    else:
        try:
            rendition = picture.get_rendition(f"max-{WIDE}x{WIDE}|format-webp")
        except (SourceImageIOError, InvalidFilterSpecError, FileNotFoundError):
            # The page itself shows the gap; its data must not claim a picture that nobody can fetch.
            return None
        file, width, height = rendition.file, rendition.width, rendition.height
    url = file.url if "://" in file.url else title.root_url + file.url
    return {"url": url, "width": width, "height": height, "alt": picture.default_alt_text}


def image_object(picture: Picture | None, title: Publication, caption: str = "") -> dict | None:
    """Return an ImageObject with the credit that is printed beside the picture, or None."""
    if picture is None:
        return None
    shown = shown_picture(picture, title)
    if shown is None:
        return None
    return _without_gaps(
        {
            "@type": "ImageObject",
            "url": shown["url"],
            "contentUrl": shown["url"],
            "width": shown["width"],
            "height": shown["height"],
            "caption": caption or shown["alt"],
            "creditText": picture.credit,
        }
    )


def house(title: Publication) -> dict:
    """Return the title as the publisher of something."""
    key = f"{title.root_url}/#title"
    return {"@type": "NewsMediaOrganization", "@id": key, "name": title.name, "url": f"{title.root_url}/"}


def of_title(title: Publication) -> list[dict]:
    """Return what the front page says: the site, and who publishes it."""
    publisher = house(title) | {
        "legalName": title.legal_name,
        "description": title.tagline,
        "email": title.contact_email,
        "address": title.postal_address,
        "ownershipFundingInfo": " ".join([title.ownership, title.advertising_income]).strip(),
    }
    site = {
        "@type": "WebSite",
        "@id": f"{title.root_url}/#site",
        "name": title.name,
        "url": f"{title.root_url}/",
        "inLanguage": title.language,
        "publisher": {"@id": f"{title.root_url}/#title"},
    }
    return [site, _without_gaps(publisher)]


def organisation(found: Organisation, title: Publication, name: str = "") -> dict:
    """Return an organisation under `name` (as it was printed then; its present one), with its page here."""
    return _without_gaps(
        {
            "@type": "Organization",
            "name": name or found.name,
            "url": title.root_url + found.url,
            "sameAs": found.website,
        }
    )


def organisation_page(found: Organisation, title: Publication) -> list[dict]:
    """Return what an organisation's own page says of it."""
    logo = image_object(found.logo, title)
    return [_without_gaps(organisation(found, title) | {"description": found.about, "logo": logo})]


def person(found: Person, title: Publication) -> dict:
    return _without_gaps(
        {
            "@type": "Person",
            "name": found.name,
            "alternateName": found.initials,
            "jobTitle": found.role,
            "url": title.root_url + found.url,
        }
    )


def person_page(found: Person, title: Publication) -> list[dict]:
    about = person(found, title) | {"description": found.about, "worksFor": house(title)}
    return [{"@type": "ProfilePage", "url": title.root_url + found.url, "mainEntity": _without_gaps(about)}]


def theme(found: Theme, title: Publication) -> dict:
    return {"@type": "Thing", "name": found.name, "url": title.root_url + found.url}


def breadcrumbs(steps: list[tuple[str, str]]) -> dict:
    """Return the way down to a page from (name, full address) of each step; a paid item's name has its label first."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": url}
            for place, (name, url) in enumerate(steps, start=1)
        ],
    }


def way_to(page, title: Publication, last: str) -> dict:
    """Return the breadcrumbs of a Wagtail page that stands in `title`; `last` is what the page itself is called."""
    if page.depth <= title.site.root_page.depth + 2:
        above = [first for first in title.first_pages if page.path.startswith(first.path) and page.pk != first.pk]
    else:
        above = page.get_ancestors().filter(depth__gt=title.site.root_page.depth).order_by("path")
    steps = [(title.name, f"{title.root_url}/")]
    steps += [(p.title, title.root_url + "/" + p.url_path.removeprefix(title.root_path)) for p in above]
    steps.append((last, title.root_url + "/" + page.url_path.removeprefix(title.root_path)))
    return breadcrumbs(steps)


def common(item: "Item") -> dict:
    """Return what every kind says the same way: address, description, picture, language, and who paid."""
    title = item.title_of_house
    said = {
        "url": address(item),
        "description": " ".join(item.standfirst.split()),
        "image": image_object(item.picture, title, item.caption),
    }
    return _without_gaps(said | disclosed(item))


def disclosed(item: "Item") -> dict:
    """Return the words a reader of the page is told, for everything that carries a disclosure."""
    return {"disambiguatingDescription": item.disclosed.line} if item.disclosed else {}


def sponsor(item: "Item") -> dict:
    """Return the payer as sponsor, under the name that was printed (rules D9 and D14); nothing for what nobody paid."""
    if not item.disclosed.is_paid:
        return {}
    payer = item.card.payer if item.card else item.payer_to_name()
    if payer is None:
        return {"sponsor": {"@type": "Organization", "name": item.disclosed.payer}}
    return {"sponsor": organisation(payer, item.title_of_house, item.disclosed.payer)}


def mentions(item: "Item") -> dict:
    title = item.title_of_house
    return _without_gaps(
        {
            "about": [theme(found, title) for found in item.filed_under],
            "mentions": [organisation(found, title) for found in item.organisations[:MENTIONS]],
        }
    )


def corrections(item: "Item") -> dict:
    """Return what was corrected, and when (rule N1, story W25)."""
    said = [
        {
            "@type": "CorrectionComment",
            "text": block.value["text"],
            "datePublished": moment(block.value["at"], item.title_of_house),
        }
        for block in item.corrections
    ]
    return {"correction": said} if said else {}


def plain(markup: str) -> str:
    """Return the words of a rich text without its markup, at a length a search engine reads."""
    return " ".join(unescape(strip_tags(markup.replace("<", " <"))).split())[:DESCRIPTION]


def _without_gaps(said: dict) -> dict:
    return {key: value for key, value in said.items() if value not in ("", None, [], {})}

"""The newsroom of the tests: a title with its lists, and short ways to publish in it."""

from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.models import Page

from masthead.articles.models import Article, HousePromotion, PartnerArticle
from masthead.catalogue.models import Organisation, Theme
from masthead.events.models import Event
from masthead.jobs.models import Job
from masthead.newsstand import founding, sitemaps
from masthead.partners.models import Agreement
from masthead.publication.models import Picture, Publication


def item_maps(title: Publication) -> list[str]:
    """The addresses of the sitemap's parts that hold the title's items."""
    return [f"/sitemap-{number}.xml" for number in sitemaps.parts(title)]


def page_below(parent: Page, n: int, slug: str) -> Page:
    """One of many pages to be made at once, without an item of its own; `n` is its place."""
    return Page(
        title=slug,
        slug=slug,
        path=Page._get_path(parent.path, parent.depth + 1, n + 100),
        depth=parent.depth + 1,
        url_path=f"{parent.url_path}{slug}/",
        content_type=ContentType.objects.get_for_model(Article),
        locale_id=parent.locale_id,
    )


def found_title(name="Prøvetitel", language="da", country="dk", **more) -> Publication:
    """Make a title; the first one made answers every host."""
    return founding.found_title(name, language=language, country=country, **more)


def list_page(title: Publication, holds: str):
    return founding.list_page(title, holds)


def editor():
    """Somebody who may publish."""
    return get_user_model().objects.get_or_create(username="editor", defaults={"is_superuser": True})[0]


def organisation(name="Ladelauget ApS") -> Organisation:
    return Organisation.objects.get_or_create(name=name)[0]


def agreement(title: Publication, partner=None, reference="AFT-1", **bought) -> Agreement:
    """A running agreement of a year; the same reference is the same agreement."""
    given = {"publication": title, "partner": partner or organisation(), "begins": date.today() - timedelta(days=30)}
    given["ends"] = date.today() + timedelta(days=335)
    return Agreement.objects.get_or_create(
        reference=reference if partner is None or reference != "AFT-1" else f"AFT-{partner.slug}",
        defaults=given | bought,
    )[0]


def theme(title: Publication, name="Elbiler") -> Theme:
    return Theme.objects.get_or_create(publication=title, name=name)[0]


def article(title: Publication, headline="Kabelkøen vokser", **more) -> Article:
    return _put(title, "articles", Article(title=headline, **_plain(more)), more)


def partner_article(title: Publication, headline="Flåden på strøm", payer=None, **more) -> PartnerArticle:
    more = {"reference": "AFT-1", "commercial_only": True} | more
    item = PartnerArticle(title=headline, payer=payer or organisation(), **_plain(more))
    return _put(title, "partner", item, more)


def house_promotion(title: Publication, headline="Jobopslag: fagmedie eller jobportal?", **more) -> HousePromotion:
    return _put(title, "house", HousePromotion(title=headline, target="/job/", **_plain(more)), more)


def event(title: Publication, headline="Netdag", in_days=10, start="09:00", **more) -> Event:
    day = (date.today() + timedelta(days=in_days)).isoformat()
    sessions = more.pop("sessions", [{"date": day, "start": start, "end_date": None, "end": None}])
    more = {"organiser": organisation("Standardlauget"), "mode": "online", "platform": "Teams"} | more
    item = Event(title=headline, **_plain(more))
    item.sessions = [("session", item.sessions.stream_block.child_blocks["session"].to_python(s)) for s in sessions]
    return _put(title, "events", item, more)


def job(title: Publication, headline="Netingeniør", in_days=14, **more) -> Job:
    last_day = date.today() + timedelta(days=in_days) if in_days is not None else None
    more = {
        "employer": organisation("Bølgeby Havn"),
        "town": "Bølgeby",
        "apply_url": "https://example.org/job",
        "pay": "42.000 kr.",
        "reference": "JOB-1",
        "description": "<p>Opgaver.</p>",
        "last_day": last_day,
    } | more
    return _put(title, "jobs", Job(title=headline, **_plain(more)), more)


def picture(name="coast", **more) -> Picture:
    """A tiny real picture with a credit and a description."""
    import io

    from django.core.files.images import ImageFile
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (60, 40), "#2f7f79").save(data, "PNG")
    data.seek(0)
    more = {"credit": "Illustration: prøve", "description": "Kyst"} | more
    return Picture.objects.create(title=name, file=ImageFile(data, name=f"{name}.png"), width=60, height=40, **more)


def ago(**units):
    return timezone.now() - timedelta(**units)


MANY = ("themes", "organisations", "people")


def _plain(more: dict) -> dict:
    return {k: v for k, v in more.items() if k not in MANY}


def _put(title, holds, item, more):
    for name in MANY:
        if name in more:
            setattr(item, name, more[name])
    item.approved_by = item.approved_by or editor()
    if item.live:
        item.first_published_at = item.first_published_at or item.dated or timezone.now()
    return founding.list_page(title, holds).add_child(instance=item)

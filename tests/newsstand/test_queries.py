"""A page asks the database no more often in an archive of 10,000 items than in one of 100, or of 40."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from masthead.articles.models import Article
from masthead.catalogue import shelving
from masthead.catalogue.models import Card, Person, Story
from masthead.newsstand.founding import list_page
from masthead.partners.booking import book
from masthead.partners.models import Agreement
from masthead.publication import picturing
from masthead.publication.models import Rendition
from tests import newsroom

pytestmark = pytest.mark.django_db
FEW, SOME, MANY = 40, 100, 10_000
HOLDS = {"article": "articles", "paid": "partner", "event": "events", "job": "jobs", "promotion": "house"}
CYCLE = ["article"] * 6 + ["paid", "event", "job", "promotion"]
PAGES = {
    "front page": "/",
    "article": "/artikler/hovedet/",
    "partner content": "/annonce/betalt/",
    "event": "/events/dagen/",
    "job": "/job/stillingen/",
    "articles": "/artikler/",
    "articles, page 3": "/artikler/?page=3",
    "partner list": "/annonce/",
    "agenda": "/events/",
    "agenda, filtered": "/events/?kind=webinar&mode=online&theme=tema-1",
    "jobs": "/job/",
    "house list": "/fra-os/",
    "themes": "{themes}",
    "theme": "{theme}",
    "organisations": "{organisations}",
    "organisation": "{organisation}",
    "person": "{person}",
    "search": "{search}?q=hovedet",
}


@pytest.fixture(scope="module")
def asked(django_db_setup, django_db_blocker):
    """The number of queries of each page, with few items and with many; the archive is filled once and thrown away."""
    with django_db_blocker.unblock(), transaction.atomic():
        archive = Archive()
        archive.fill(FEW)
        few = archive.count()
        archive.fill(SOME)
        some = archive.count()
        archive.fill(MANY)
        many = archive.count()
        transaction.set_rollback(True)
    return few, some, many


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_more_often_in_a_larger_archive(asked, name):
    few, some, many = asked
    assert few[name] >= some[name] >= many[name] > 0


class Archive:
    """A title with one item of each kind that is complete, and as many more as are wanted."""

    def __init__(self):
        self.title = title = newsroom.found_title()
        self.themes = [newsroom.theme(title, f"Tema {i}") for i in range(10)]
        self.organisations = [newsroom.organisation(f"Organisation {i}") for i in range(40)]
        self.people = [Person.objects.create(name=f"Desk {i}", initials=f"D{i}") for i in range(4)]
        self.stories = [Story.objects.create(publication=title, name=f"Sag {i}") for i in range(5)]
        self.pictures = [self._picture(i) for i in range(5)]
        self.parents = {holds: list_page(title, holds) for holds in HOLDS.values()}
        filed = {"themes": self.themes[:2], "organisations": self.organisations[:3], "picture": self.pictures[0]}
        payer = self.organisations[1]
        paid = newsroom.partner_article(title, "Betalt", payer=payer, **filed)
        more = {"story": self.stories[0], "people": self.people[:1], "byline": "D0"}
        body = [("paragraph", f'<p>Se <a linktype="page" id="{paid.pk}">her</a>.</p>'), ("read_also", {"page": paid})]
        newsroom.article(title, "Hovedet", body=body, **more, **filed)
        newsroom.event(title, "Dagen", themes=self.themes[:2])
        newsroom.job(title, "Stillingen", themes=self.themes[:2])
        today = timezone.localdate()
        agreement = Agreement.objects.create(
            publication=title, partner=payer, reference="AFT-9", begins=today, ends=today + timedelta(days=30)
        )
        book(agreement, "front", today, 1, paid)
        book(agreement, "article", today, 1, paid)
        self.filled = 0

    def count(self) -> dict[str, int]:
        """Count the queries of every page, once what a process keeps for all pages is there."""
        from django.urls import reverse
        from django.utils.translation import override

        with override("da"):
            known = {
                "themes": reverse("themes"),
                "theme": self.themes[1].url,
                "organisations": reverse("organisations"),
                "organisation": self.organisations[1].url,
                "person": self.people[0].url,
                "search": reverse("search"),
            }
        middleware = [name for name in settings.MIDDLEWARE if ".press." not in name]  # nothing kept ready
        with override_settings(MIDDLEWARE=middleware):
            client = Client()
            return {name: self._queries(client, address.format(**known)) for name, address in PAGES.items()}

    def fill(self, n: int) -> None:
        kind_of_page = ContentType.objects.get_for_model(Article)
        pages, cards = [], []
        for i in range(self.filled, n):
            kind = CYCLE[i % len(CYCLE)]
            pages.append(self._page(i, kind, kind_of_page))
        Page.objects.bulk_create(pages)
        keys = dict(Page.objects.filter(slug__startswith="nummer-").values_list("slug", "pk"))
        cards = [self._card(i, keys[f"nummer-{i}"]) for i in range(self.filled, n)]
        cards = Card.objects.bulk_create(cards)
        self._file(cards, self.filled)
        self.filled = n

    def _queries(self, client, address: str) -> int:
        if not self.filled > FEW:
            client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, address
        return len(queries)

    def _page(self, i: int, kind: str, kind_of_page) -> Page:
        parent = self.parents[HOLDS[kind]]
        return Page(
            title=f"Nummer {i}",
            slug=f"nummer-{i}",
            path=Page._get_path(parent.path, parent.depth + 1, i + 10),
            depth=parent.depth + 1,
            url_path=f"{parent.url_path}nummer-{i}/",
            content_type=kind_of_page,
            locale_id=parent.locale_id,
            live=True,
        )

    def _card(self, i: int, key: int) -> Card:
        kind = CYCLE[i % len(CYCLE)]
        starts = timezone.now() + timedelta(days=i % 300, hours=1) if kind == "event" else None
        payer = self.organisations[i % 40]
        disclosed = {
            "paid": {"disclosure": "paid", "label": "Annonce", "payer_name": payer.name, "payer": payer},
            "job": {"disclosure": "paid", "label": "Annonce", "payer_name": payer.name, "payer": payer},
            "promotion": {"disclosure": "house", "label": "Egenannonce", "payer_name": self.title.name},
        }
        meeting = starts and {"starts": starts.isoformat(), "ends": None, "announced": True} | dict.fromkeys(
            ("date", "end_date"), starts.date().isoformat()
        )
        facts = {"event": {"kind": "webinar", "mode": "online", "meetings": [meeting]}, "job": {"town": "Bølgeby"}}
        return Card(
            publication=self.title,
            item_id=key,
            kind="article" if kind == "paid" else kind,
            title=f"Nummer {i}",
            standfirst="Et resumé.",
            picture=self.pictures[i % 5],
            language="da",
            source_name=self.title.name,
            counts_from=newsroom.ago(hours=i + 1),
            changed_at=newsroom.ago(hours=i),
            valid_from=newsroom.ago(hours=i + 1),
            starts=starts,
            facts=facts.get(kind, {}),
            story=self.stories[i % 5] if kind == "article" else None,
            **disclosed.get(kind, {}),
        )

    def _file(self, cards: list[Card], first: int) -> None:
        numbered = list(enumerate(cards, start=first))
        through = {
            "themes": (self.themes, "theme_id"),
            "organisations": (self.organisations, "organisation_id"),
            "people": (self.people, "person_id"),
        }
        for name, (things, column) in through.items():
            model = getattr(Card, name).through
            model.objects.bulk_create(
                model(card_id=card.pk, **{column: things[i // 10 % len(things)].pk}) for i, card in numbered
            )
        filed = Card.objects.filter(pk__in=[card.pk for card in cards]).prefetch_related(*through)
        for start in range(0, len(cards), 2_000):
            shelving.shelve(filed[start : start + 2_000])

    def _picture(self, i: int):
        picture = newsroom.picture(f"billede-{i}")
        Rendition.objects.bulk_create(
            Rendition(image=picture, filter_spec=spec, file=f"images/{i}.webp", width=60, height=40, focal_point_key="")
            for spec in picturing.SPECS
        )
        return picture

"""In an archive nearly everything is over or old. Who asks for what is to come, or is new, reads none of that."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from masthead.catalogue import shelves, shelving
from masthead.catalogue.models import Card
from masthead.newsstand.founding import list_page
from tests import newsroom
from tests.plans import rows_read, take_samples

pytestmark = pytest.mark.django_db
OLD, FEW = 1_500, 1_000  # of each kind; rows
A_WEEK_AGO = timezone.now() - timedelta(days=7)
HOLDS = {"event": "events", "job": "jobs", "article": "articles"}
SHELVES = {
    "agenda": lambda title, theme: shelves.agenda(title),
    "agenda of a theme": lambda title, theme: shelves.agenda(title, theme=theme),
    "job ads": lambda title, theme: shelves.vacancies(title),
    "job ads of a theme": lambda title, theme: shelves.jobs_of(theme),
    "next issue": lambda title, theme: shelves.since(title, A_WEEK_AGO),
    "next issue of a theme": lambda title, theme: shelves.since(title, A_WEEK_AGO, theme),
}
TO_COME = {
    "agenda": ["Netdag", "Uden dato"],
    "agenda of a theme": ["Netdag", "Uden dato"],
    "job ads": ["Netingeniør", "Uden frist"],
    "job ads of a theme": ["Netingeniør", "Uden frist"],
    "next issue": ["Gammelt nyt", "Nyt"],
    "next issue of a theme": ["Gammelt nyt", "Nyt"],
}


@pytest.fixture(scope="module")
def archive(django_db_setup, django_db_blocker):
    """A title whose archive is full; it is filled once and thrown away."""
    with django_db_blocker.unblock(), transaction.atomic():
        title = newsroom.found_title()
        theme = newsroom.theme(title)
        filed = {"themes": [theme]}
        newsroom.event(title, **filed)
        newsroom.job(title, **filed)
        newsroom.article(title, "Nyt", **filed)
        newsroom.article(
            title, "Gammelt nyt", dated=newsroom.ago(days=4_000), first_published_at=newsroom.ago(hours=1), **filed
        )
        for card in (newsroom.event(title, "Uden dato", **filed).card, newsroom.job(title, "Uden frist", **filed).card):
            Card.objects.filter(pk=card.pk).update(valid_until=None)
        fill(title, theme)
        take_samples()
        yield title, theme
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", SHELVES)
def test_only_what_is_to_come_is_read(archive, name):
    shelf = SHELVES[name](*archive)
    assert sorted(card.title for card in shelf.take(20)) == TO_COME[name]
    assert rows_read(lambda: SHELVES[name](*archive).take(3, also=())) < FEW
    assert rows_read(lambda: SHELVES[name](*archive).take(20, also=())) < FEW
    assert rows_read(lambda: SHELVES[name](*archive).count(1_000)) < FEW


def test_lists_by_date_are_read_from_their_beginning(archive):
    title, theme = archive
    for shelf in (shelves.latest(title), shelves.everything(title, "article"), shelves.news_of(theme)):
        assert rows_read(lambda shelf=shelf: shelf.take(3, also=())) < FEW


def fill(title, theme) -> None:
    for kind, holds in HOLDS.items():
        parent = list_page(title, holds)
        Page.objects.bulk_create(newsroom.page_below(parent, n, f"{kind}-{n}") for n in range(OLD))
        keys = Page.objects.filter(slug__startswith=f"{kind}-").values_list("pk", flat=True)
        cards = Card.objects.bulk_create(_card(title, kind, key, n) for n, key in enumerate(keys))
        through = Card.themes.through
        through.objects.bulk_create(through(card_id=card.pk, theme_id=theme.pk) for card in cards)
        shelving.shelve(Card.objects.filter(kind=kind).prefetch_related("themes", "organisations", "people"))


def _card(title, kind: str, key: int, n: int) -> Card:
    shown = newsroom.ago(days=30 + n)
    over = None if kind == "article" else shown + timedelta(days=20)
    paid = {"disclosure": "paid", "label": "Annonce", "payer_name": "Ladelauget"} if kind == "job" else {}
    return Card(
        publication=title,
        item_id=key,
        kind=kind,
        title=f"{kind} {n}",
        standfirst="Et resumé.",
        language="da",
        counts_from=shown,
        changed_at=shown,
        valid_from=shown,
        starts=over if kind == "event" else None,
        valid_until=over,
        **paid,
    )

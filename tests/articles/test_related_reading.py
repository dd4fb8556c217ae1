"""What stands under an article: what has most in common with it first, whatever else the archive holds."""

import pytest

from masthead.archive.relating import related
from masthead.articles.models import RELATED
from masthead.catalogue.models import Story
from tests import newsroom

pytestmark = pytest.mark.django_db


def headlines_under(item) -> list[str]:
    item.refresh_from_db()
    found = related(item.card, RELATED, item.themes.all(), item.organisations)
    return [card.title for card in found]


def test_a_piece_has_as_much_in_common_whether_or_not_newer_ones_share_its_theme(title):
    theme, grid = newsroom.theme(title, "Net"), newsroom.organisation("Netselskabet")
    subject = newsroom.article(title, "Emnet", themes=[theme], organisations=[grid])
    newsroom.article(title, "Begge dele", themes=[theme], organisations=[grid], dated=newsroom.ago(hours=9))
    newsroom.article(title, "Kun selskabet", organisations=[grid], dated=newsroom.ago(hours=8))
    on_the_theme = {"themes": [theme], "organisations": []}
    newer = [newsroom.article(title, f"Kun temaet {n}", **on_the_theme) for n in range(RELATED)]
    assert headlines_under(subject)[:2] == ["Begge dele", "Kun selskabet"]
    newer[0].delete()
    assert headlines_under(subject)[:2] == ["Begge dele", "Kun selskabet"]


def test_money_is_never_mixed_in(title):
    theme = newsroom.theme(title, "Net")
    subject = newsroom.article(title, "Emnet", themes=[theme])
    newsroom.partner_article(title, "Betalt", themes=[theme])
    assert headlines_under(subject) == []


def test_the_first_piece_of_a_story_and_the_first_on_an_organisation_have_related_reading_too(title, client):
    theme, grid = newsroom.theme(title, "Net"), newsroom.organisation("Netselskabet")
    story = Story.objects.create(publication=title, name="Kabelsagen")
    subject = newsroom.article(title, "Emnet", themes=[theme], organisations=[grid], story=story)
    newsroom.article(title, "Samme tema", themes=[theme])
    assert headlines_under(subject) == ["Samme tema"]
    assert "Samme tema" in client.get(subject.get_url()).content.decode()

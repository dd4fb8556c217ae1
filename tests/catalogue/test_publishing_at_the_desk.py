"""The desk takes any draft, and publishes nothing that may not be shown."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from masthead.articles.models import Article, PartnerArticle
from masthead.catalogue.models import Card, FilingRecord
from masthead.newsstand import staffing
from tests.newsroom import list_page, organisation, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, title):
    client.force_login(staffing.add_user("vagt", "et-langt-kodeord"))
    return client


def form(headline, **more):
    given = {
        "title": headline,
        "slug": "",
        "standfirst": "",
        "caption": "",
        "byline": "",
        "language": "",
        "body": streamfield([("subhead", "Et nyt elbilselskab")]),
        "corrections": streamfield([]),
        "mentions": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
    }
    return nested_form_data(given | more)


def add(desk, title, kind, holds, **more):
    address = reverse("wagtailadmin_pages:add", args=["articles", kind, list_page(title, holds).pk])
    return desk.post(address, form("Kabelkøen vokser", **more))


def test_an_article_is_published_from_the_form_and_filed(desk, title):
    add(desk, title, "article", "articles", **{"action-publish": "1"})
    assert Card.objects.get().title == "Kabelkøen vokser" and Article.objects.get().slug == "kabelkoeen-vokser"


def test_a_picture_without_credit_stops_publishing_and_keeps_what_was_written(desk, title):
    bare = picture(credit="")
    answer = add(desk, title, "article", "articles", picture=bare.pk, **{"action-publish": "1"})
    assert answer.status_code == 200 and not Card.objects.exists()
    page = answer.content.decode()
    assert "Kabelkøen vokser" in page and "coast" in page


def test_a_doubled_stop_in_the_caption_stops_publishing(desk, title):
    answer = add(desk, title, "article", "articles", caption="Et skib..", **{"action-publish": "1"})
    assert "doubled stop" in answer.content.decode() and not Card.objects.exists()


def test_the_same_can_be_saved_as_a_draft(desk, title):
    add(desk, title, "article", "articles", picture=picture(credit="").pk, caption="Et skib..")
    assert Article.objects.get().live is False


def test_partner_content_asks_for_payer_agreement_and_its_nature(desk, title):
    answer = add(desk, title, "partnerarticle", "partner", disclosure="paid", **{"action-publish": "1"})
    page = answer.content.decode()
    assert "Say who pays" in page and "agreement or booking" in page and "purely commercial" in page
    assert not Card.objects.exists()


def test_whoever_publishes_partner_content_is_kept_as_its_approver(desk, title):
    given = {"disclosure": "paid", "payer": organisation().pk, "reference": "AFT-1", "commercial_only": "on"}
    add(desk, title, "partnerarticle", "partner", **given, **{"action-publish": "1"})
    assert PartnerArticle.objects.get().approved_by.username == "vagt"
    assert FilingRecord.objects.get().content["approved_by"] == "vagt"

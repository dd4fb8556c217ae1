"""A job ad as a reader sees it, and what is left of it when its last day is past."""

from datetime import date

import pytest

from masthead.catalogue.models import Card
from tests.newsroom import ago, job, organisation
from tests.newsstand.reading import read, words

pytestmark = pytest.mark.django_db


def test_employer_pay_place_last_day_and_the_way_to_apply_are_there(client, title):
    page = read(client, job(title, last_day=date(2099, 12, 4)).url)
    said = words(page.find_class("particulars")[0])
    assert "Bølgeby Havn" in said and "42.000 kr." in said and "4. december 2099" in said
    assert page.find_class("button")[0].get("href") == "https://example.org/job"


def test_without_a_pay_range_the_reason_is_printed(client, title):
    page = read(client, job(title, pay="", pay_reason="Efter overenskomst").url)
    assert "Efter overenskomst" in words(page.find_class("particulars")[0])


def test_the_ad_and_its_row_say_label_and_payer_first(client, title):
    page = job(title)
    for address in (page.url, "/job/", "/"):
        said = words(read(client, address).find(".//main"))
        assert said.index("Annonce") < said.index("Bølgeby Havn") < said.index("Netingeniør")


def test_an_agency_that_pays_does_not_hide_who_hires(client, title):
    job(title, payer=organisation("Rekrutteringshuset"))
    row = words(read(client, "/job/").find_class("jobs")[0])
    assert row.index("Rekrutteringshuset") < row.index("Netingeniør") < row.index("Bølgeby Havn")


def test_the_apply_link_of_a_paid_ad_is_marked_for_search_engines(client, title):
    assert read(client, job(title).url).find_class("button")[0].get("rel") == "sponsored noopener"


def test_after_its_last_day_the_ad_is_gone_and_says_where_to_look(client, title):
    page = job(title, in_days=-1)
    said = read(client, page.url, status=410)
    assert said.xpath("//main//a/@href") == ["/job/"]
    assert said.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert "Netingeniør" not in words(read(client, "/job/").find(".//main"))


def test_a_house_may_keep_an_expired_ad_without_the_way_to_apply(client, title, settings):
    settings.MASTHEAD = settings.MASTHEAD | {"expired_jobs": "notice"}
    page = read(client, job(title, in_days=-1).url)
    assert page.find(".//h1").text == "Netingeniør" and not page.find_class("button")


def test_an_ad_past_its_time_leaves_the_list_though_no_clock_ran(client, title):
    job(title)
    Card.objects.update(valid_from=ago(days=3), valid_until=ago(seconds=1))
    assert "Netingeniør" not in words(read(client, "/job/").find(".//main"))

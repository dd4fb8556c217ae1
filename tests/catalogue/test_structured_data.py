"""What machines read of a page: the right type, the right dates, and who paid."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from lxml import html

from masthead.catalogue.models import Card, Organisation, Person
from masthead.events.models import Event
from masthead.jobs.structuring import pay
from tests.newsroom import (
    ago,
    article,
    event,
    house_promotion,
    job,
    list_page,
    organisation,
    partner_article,
    picture,
    theme,
)

pytestmark = pytest.mark.django_db


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.document_fromstring(answer.content)


def data(client, path) -> dict[str, dict]:
    """The structured data of a page, by type."""
    scripts = page(client, path).xpath("//script[@type='application/ld+json']/text()")
    assert len(scripts) <= 1
    said = json.loads(scripts[0]) if scripts else {"@graph": []}
    return {found["@type"]: found for found in said["@graph"]}


def meta(client, path) -> dict[str, str]:
    found = page(client, path).xpath("//meta[@content]")
    return {m.get("property") or m.get("name"): m.get("content") for m in found}


# Articles


def test_an_article_is_news_with_its_dates_authors_picture_and_publisher(client, title):
    writer = Person.objects.create(name="Netredaktionen", initials="NET")
    at = timezone.datetime(2026, 7, 1, 10, 0, tzinfo=title.zone)
    image = picture()
    article(title, standfirst="Tolv projekter.", dated=at, people=[writer], picture=image, themes=[theme(title)])
    said = data(client, "/artikler/kabelkoeen-vokser/")["NewsArticle"]
    assert said["headline"] == "Kabelkøen vokser" and said["description"] == "Tolv projekter."
    assert said["datePublished"] == "2026-07-01T10:00:00+02:00"
    assert said["author"] == [
        {"@type": "Person", "name": "Netredaktionen", "alternateName": "NET"} | {"url": said["author"][0]["url"]}
    ]
    assert said["author"][0]["url"].startswith("http://localhost/") and said["publisher"]["name"] == "Prøvetitel"
    assert said["image"]["creditText"] == "Illustration: prøve" and said["image"]["contentUrl"].startswith(
        "http://localhost/"
    )
    assert said["isAccessibleForFree"] is True and said["about"][0]["name"] == "Elbiler"
    assert "sponsor" not in said and "disambiguatingDescription" not in said


def test_an_unsigned_article_is_the_titles(client, title):
    article(title)
    assert data(client, "/artikler/kabelkoeen-vokser/")["NewsArticle"]["author"][0]["name"] == "Prøvetitel"


def test_a_correction_is_told_and_moves_the_date_of_change(client, title):
    at = timezone.now() - timedelta(minutes=5)
    article(title, dated=ago(days=9), corrections=[("correction", {"at": at, "text": "Det var tolv."})])
    Card.objects.update(changed_at=ago(days=9))
    said = data(client, "/artikler/kabelkoeen-vokser/")["NewsArticle"]
    moment = at.astimezone(title.zone).isoformat(timespec="seconds")
    assert said["correction"] == [{"@type": "CorrectionComment", "text": "Det var tolv.", "datePublished": moment}]
    assert said["dateModified"] == moment > said["datePublished"]


@pytest.mark.parametrize("kind", ["paid", "funded"])
def test_partner_content_is_never_news_and_names_its_sponsor(client, title, kind):
    partner_article(title, disclosure=kind)
    found = data(client, "/annonce/flaaden-paa-stroem/")
    said = found["AdvertiserContentArticle"]
    assert "NewsArticle" not in found and said["sponsor"]["name"] == "Ladelauget ApS"
    assert (
        said["disambiguatingDescription"].startswith("Annonce ")
        and "Ladelauget ApS" in said["disambiguatingDescription"]
    )
    assert said["author"][0]["name"] == ("Ladelauget ApS" if kind == "paid" else "Prøvetitel")


def test_the_sponsor_keeps_the_name_that_was_printed(client, title):
    partner_article(title)
    Organisation.objects.update(name="Nyt Navn A/S")
    assert (
        data(client, "/annonce/flaaden-paa-stroem/")["AdvertiserContentArticle"]["sponsor"]["name"] == "Ladelauget ApS"
    )
    Organisation.objects.all().delete()
    assert (
        data(client, "/annonce/flaaden-paa-stroem/")["AdvertiserContentArticle"]["sponsor"]["name"] == "Ladelauget ApS"
    )


def test_a_house_promotion_is_a_page_with_its_label_in_its_name(client, title):
    house_promotion(title, "Job hos os")
    said = data(client, "/fra-os/job-hos-os/")
    assert said["WebPage"]["name"] == "Egenannonce Prøvetitel: Job hos os" and "NewsArticle" not in said


def test_the_way_down_to_a_paid_page_names_it_with_its_label(client, title):
    partner_article(title)
    steps = data(client, "/annonce/flaaden-paa-stroem/")["BreadcrumbList"]["itemListElement"]
    assert [step["position"] for step in steps] == [1, 2, 3]
    assert [step["name"] for step in steps[:2]] == ["Prøvetitel", list_page(title, "partner").title]
    assert steps[2]["name"].startswith("Annonce ") and steps[2]["name"].endswith(": Flåden på strøm")


def test_nothing_an_editor_writes_can_end_the_script(client, title):
    article(title, "Kabler </script><script>alert(1)</script> & <!-- mere")
    path = Card.objects.get().url
    assert data(client, path)["NewsArticle"]["headline"] == "Kabler </script><script>alert(1)</script> & <!-- mere"
    assert b"<script>alert" not in client.get(path).content


# Events


def happening(client) -> dict:
    return data(client, "/events/netdag/")["Event"]


def sessions(*days, start="09:00", end=None):
    return [{"date": day, "start": start, "end_date": None, "end": end} for day in days]


def test_an_event_has_times_with_offset_place_and_organiser(client, title):
    event(title, sessions=sessions("2097-07-01", end="11:00"), mode="hybrid", place="Messehal 3, Bølgeby")
    said = happening(client)
    assert (said["startDate"], said["endDate"]) == ("2097-07-01T09:00:00+02:00", "2097-07-01T11:00:00+02:00")
    place, online = said["location"]
    assert place["address"] == {"@type": "PostalAddress", "addressLocality": "Bølgeby", "addressCountry": "DK"}
    assert online["@type"] == "VirtualLocation" and online["url"].startswith("http")
    assert said["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert said["organizer"]["name"] == "Standardlauget" and said["eventStatus"] == "https://schema.org/EventScheduled"
    assert said["description"]


def test_a_time_to_be_announced_is_a_date_alone(client, title):
    event(title, sessions=sessions("2097-07-01", start=None))
    assert happening(client)["startDate"] == "2097-07-01" and "endDate" not in happening(client)


def test_a_moved_event_tells_where_it_was_and_a_cancelled_one_that_it_is(client, title):
    piece = Event.objects.get(pk=event(title, sessions=sessions("2097-07-01")).pk)
    piece.sessions[0].value["date"] = timezone.datetime(2097, 7, 8).date()
    piece.status = "moved"
    piece.save()
    said = happening(client)
    assert said["eventStatus"] == "https://schema.org/EventRescheduled"
    assert (said["previousStartDate"], said["startDate"]) == ("2097-07-01T09:00:00+02:00", "2097-07-08T09:00:00+02:00")
    piece.status = "cancelled"
    piece.save()
    assert happening(client)["eventStatus"] == "https://schema.org/EventCancelled"


def test_several_sessions_are_parts_each_of_which_names_the_sponsor(client, title):
    paid = {"disclosure": "paid", "payer": organisation(), "reference": "AFT-1"}
    event(title, sessions=sessions("2097-07-01", "2097-07-08"), **paid)
    said = happening(client)
    assert [part["startDate"][:10] for part in said["subEvent"]] == ["2097-07-01", "2097-07-08"]
    for one in (said, *said["subEvent"]):
        assert one["sponsor"]["name"] == "Ladelauget ApS" and one["disambiguatingDescription"].startswith("Annonce ")


# Jobs


def test_a_job_ad_says_what_its_page_says(client, title):
    job(title, standfirst="Byg < nettet", remote=True)
    said = data(client, "/job/netingenioer/")["JobPosting"]
    assert said["title"] == "Netingeniør" and said["description"] == "<p>Byg &lt; nettet</p><p>Opgaver.</p>"
    assert said["hiringOrganization"]["name"] == "Bølgeby Havn" and said["directApply"] is False
    assert said["jobLocation"]["address"]["addressCountry"] == "DK" and said["jobLocationType"] == "TELECOMMUTE"
    last = timezone.localdate(timezone=title.zone) + timedelta(days=14)
    assert said["validThrough"].startswith(f"{last}T23:59:59")
    assert said["disambiguatingDescription"].startswith("Annonce ") and "baseSalary" not in said


def test_an_expired_job_ad_is_no_posting_any_longer(client, title, settings):
    settings.MASTHEAD = settings.MASTHEAD | {"expired_jobs": "notice"}
    job(title, in_days=-2)
    assert "JobPosting" not in data(client, "/job/netingenioer/")
    assert meta(client, "/job/netingenioer/")["robots"] == "noindex"


def test_lists_carry_no_postings(client, title):
    job(title)
    assert set(data(client, "/job/")) == {"BreadcrumbList"}


@pytest.mark.parametrize(
    ("words", "unit", "currency", "low", "high"),
    [
        ("42.000–48.000 kr. om måneden, pension oveni", "MONTH", "DKK", 42_000, 48_000),
        ("42 000 - 48 000 kr pr. md.", "MONTH", "DKK", 42_000, 48_000),
        ("42,000–48,000 DKK a month", "MONTH", "DKK", 42_000, 48_000),
        ("€ 60.000", None, None, None, None),
        ("60.000 EUR per year", "YEAR", "EUR", 60_000, 60_000),
        ("210 kr. i timen", "HOUR", "DKK", 210, 210),
        ("42.000 kr.", None, None, None, None),
        ("fra 42.000 kr. om måneden", None, None, None, None),
        ("48.000–42.000 kr. om måneden", None, None, None, None),
        ("185,50 kr. i timen", None, None, None, None),
        ("efter overenskomst", None, None, None, None),
        ("42.000 kr. om månedens første", None, None, None, None),
    ],
)
def test_pay_is_told_to_machines_only_where_it_is_beyond_doubt(words, unit, currency, low, high):
    said = pay(words, "DK")
    if unit is None:
        assert said is None
        return
    value = said["value"]
    assert (said["currency"], value["unitText"]) == (currency, unit)
    assert (value.get("minValue", value.get("value")), value.get("maxValue", value.get("value"))) == (low, high)


# Other pages


def test_the_front_page_tells_of_the_site_and_its_publisher(client, title):
    said = data(client, "/")
    assert said["WebSite"]["url"] == "http://localhost/" and said["NewsMediaOrganization"]["name"] == "Prøvetitel"


def test_an_organisations_page_tells_of_it(client, title):
    found = organisation("Kabelværket A/S")
    article(title, organisations=[found])
    assert data(client, _address(title, found))["Organization"]["name"] == "Kabelværket A/S"


def _address(title, found) -> str:
    from django.utils import translation

    with translation.override(title.language):
        return found.url


def test_a_draft_can_be_previewed_though_it_was_never_filed(title):
    assert article(title, live=False).structured_data()[0]["headline"] == "Kabelkøen vokser"


# What a shared link shows


def test_a_shared_link_shows_headline_picture_and_date(client, title):
    article(title, standfirst="Tolv projekter.", picture=picture())
    said = meta(client, "/artikler/kabelkoeen-vokser/")
    assert (said["og:title"], said["og:type"], said["og:locale"]) == ("Kabelkøen vokser", "article", "da_DK")
    assert said["og:image"].startswith("http://localhost/media/") and said["og:image:alt"] == "Kyst"
    assert (said["og:image:width"], said["og:image:height"]) == ("60", "40")
    assert said["article:published_time"] and said["description"] == said["og:description"] == "Tolv projekter."
    assert "robots" not in said


@pytest.mark.parametrize("name", ["og:title", "twitter:title", "og:description", "description"])
def test_a_shared_link_to_something_paid_says_so_first(client, title, name):
    partner_article(title, standfirst="En regnemodel.")
    said = meta(client, "/annonce/flaaden-paa-stroem/")
    assert said[name].startswith("Annonce ") and "Ladelauget ApS" in said[name]
    assert said["robots"] == "noindex"


def test_one_page_has_one_canonical_address(client, title):
    article(title)
    for path in ("/artikler/kabelkoeen-vokser/?fra=brev", "/artikler/?page=1&x=2"):
        (link,) = page(client, path).xpath("//link[@rel='canonical']")
        assert link.get("href") == "http://localhost" + path.partition("?")[0]


def test_a_page_tells_where_its_feeds_are_and_each_of_them_answers(client, title):
    article(title, themes=[theme(title)])
    for path in ("/", _address(title, theme(title))):
        links = page(client, path).xpath("//link[@rel='alternate']")
        assert len(links) >= 5
        for link in links:
            assert client.get(link.get("href"))["Content-Type"].startswith(link.get("type"))
    assert any("elbiler.rss" in link.get("href") for link in links)

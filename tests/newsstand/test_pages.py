"""The front page, the lists, themes, organisations, people and search: each card with its label, none past its time."""

import gzip
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from masthead.catalogue.models import Person
from masthead.newsstand import arranging
from masthead.partners.booking import book
from masthead.partners.models import Agreement
from tests.newsroom import ago, article, event, house_promotion, job, organisation, partner_article, picture, theme
from tests.newsstand.reading import headlines, read, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _danish():
    """Addresses are made in the language of the title, as they are while it answers."""
    with override("da"):
        yield


def sell(title, item, place="front", position=1):
    today = timezone.localdate()
    agreement = Agreement.objects.create(
        publication=title,
        partner=item.payer,
        reference=f"AFT-{item.pk}",
        begins=today,
        ends=today + timedelta(days=9),
    )
    book(agreement, place, today, position, item)


# The front page


def test_the_newest_article_leads_and_the_others_follow_by_date(client, title):
    for days in (3, 1, 2):
        article(title, f"For {days} dage siden", dated=ago(days=days))
    page = read(client, "/")
    assert headlines(page, "first") == ["For 1 dage siden"]
    assert headlines(page, "spine") == ["For 2 dage siden", "For 3 dage siden"]


def test_of_the_newest_one_with_a_picture_leads(client, title):
    article(title, "Med billede", picture=picture(), dated=ago(days=2))
    article(title, "Uden billede", dated=ago(days=1))
    assert headlines(read(client, "/"), "first") == ["Med billede"]


def test_everything_booked_is_shown_also_where_there_is_no_news(client, title):
    first, second = partner_article(title, "Solgt 1"), partner_article(title, "Solgt 2", payer=organisation("Vindø"))
    sell(title, first, position=1)
    sell(title, second, position=2)
    assert {"Solgt 1", "Solgt 2"} <= set(headlines(read(client, "/")))


def test_what_is_booked_is_not_mixed_in_a_second_time(client, title):
    for i in range(20):
        article(title, f"Nyhed {i}", dated=ago(hours=i))
    sell(title, partner_article(title, "Solgt"))
    partner_article(title, "Også Ladelauget")
    shown = headlines(read(client, "/"))
    assert shown.count("Solgt") == 1 and "Også Ladelauget" not in shown


def test_partner_content_is_mixed_in_with_label_and_payer_before_its_headline(client, title):
    for i in range(12):
        article(title, f"Nyhed {i}", dated=ago(hours=i))
    partner_article(title)
    row = read(client, "/").find_class("spine")[0].find_class("paid")[0]
    said = words(row)
    assert said.index("Annonce") < said.index("Ladelauget ApS") < said.index("Flåden på strøm")


def test_the_desk_can_be_told_why_each_row_stands_there(title):
    for i in range(12):
        article(title, f"Nyhed {i}", dated=ago(hours=i))
    partner_article(title)
    assert all(row.why for row in arranging.front_stream(title, []))


def test_an_empty_title_has_a_front_page_without_empty_sections(client, title):
    page = read(client, "/")
    assert not page.find_class("section") and page.find_class("empty")


# Lists


def test_a_list_is_cut_into_numbered_pages(client, title):
    for i in range(25):
        article(title, f"Nyhed {i}", dated=ago(hours=i))
    first, second = read(client, "/artikler/"), read(client, "/artikler/?page=2")
    assert len(headlines(first, "spine")) == 20
    assert headlines(second, "spine") == [f"Nyhed {i}" for i in range(20, 25)]
    assert second.xpath("//nav[@class='numbers']/a[@aria-current]/text()") == ["2"]


@pytest.mark.parametrize("number", ["0", "-1", "99", "to", "²", "1" * 400])
def test_a_page_number_that_makes_no_sense_gives_a_page_that_is_there(client, title, number):
    article(title)
    assert headlines(read(client, f"/artikler/?page={number}"), "spine") == ["Kabelkøen vokser"]


def test_a_list_that_fits_one_page_has_no_numbers(client, title):
    article(title)
    assert not read(client, "/artikler/").find_class("numbers")


@pytest.mark.parametrize(
    ("address", "make", "label"),
    [("/annonce/", partner_article, "Annonce"), ("/fra-os/", house_promotion, "Egenannonce")],
)
def test_the_lists_of_what_is_not_editorial_label_every_row(client, title, address, make, label):
    make(title)
    row = read(client, address).find_class("spine")[0].find("li")
    assert words(row.find_class("label")[0]).startswith(label)


# The agenda


def test_the_agenda_is_narrowed_by_plain_addresses(client, title):
    event(title, "Kursus i net", kind="course", themes=[theme(title, "Elnet")])
    event(title, "Webinar om biler", kind="webinar", themes=[theme(title)])
    assert headlines(read(client, "/events/?kind=course"), "agenda") == ["Kursus i net"]
    assert headlines(read(client, "/events/?theme=elbiler"), "agenda") == ["Webinar om biler"]
    page = read(client, "/events/")
    for address in page.xpath("//nav[@class='filters']//a/@href"):
        read(client, f"/events/{address}")


def test_a_filter_that_is_no_filter_is_left_out(client, title):
    event(title)
    assert headlines(read(client, "/events/?month=2026-13&theme=findes-ikke"), "agenda") == ["Netdag"]


def test_filters_keep_each_other_and_the_page_numbers_keep_them(client, title):
    for i in range(22):
        event(title, f"Dag {i}", kind="course" if i else "webinar", mode="online")
    page = read(client, "/events/?kind=course&mode=online")
    assert any("kind=course" in a and "page=2" in a for a in page.xpath("//nav[@class='numbers']/a/@href"))
    assert any("kind=webinar" in a and "mode=online" in a for a in page.xpath("//nav[@class='filters']//a/@href"))


def test_the_months_that_are_offered_are_those_that_hold_something(client, title):
    event(title, "Snart", in_days=2)
    event(title, "Senere", in_days=95)
    addresses = read(client, "/events/").xpath("//nav[@class='filters']//a[contains(@href, 'month=')]/@href")
    shown = [headlines(read(client, f"/events/{address}"), "agenda") for address in addresses]
    assert shown == [["Snart"], ["Senere"]]


# Themes, organisations, people


def test_all_themes_are_listed_with_counts_and_never_an_empty_one(client, title):
    article(title, themes=[theme(title)])
    theme(title, "Tomt tema")
    page = read(client, reverse("themes"))
    assert [words(a) for a in page.xpath("//ul[@class='index']//a")] == ["Elbiler"]
    assert "Tomt tema" not in words(page)


def test_a_theme_page_has_its_articles_events_and_jobs(client, title):
    cars = theme(title)
    article(title, "Om biler", themes=[cars])
    article(title, "Om noget andet")
    event(title, "Dag om biler", themes=[cars])
    job(title, "Job med biler", themes=[cars])
    assert headlines(read(client, cars.url)) == ["Om biler", "Dag om biler", "Job med biler"]


def test_a_theme_page_keeps_the_rules_of_the_stream_and_hides_nothing_paid(client, title):
    cars = theme(title)
    for i in range(5):
        article(title, f"Nyhed {i}", themes=[cars], dated=ago(days=i + 3))
    for i in range(3):
        partner_article(title, f"Betalt {i}", themes=[cars])
    page = read(client, cars.url)
    first = page.find_class("spine")[0]
    assert len(first.find_class("paid")) == 1
    assert sum(h.startswith("Betalt") for h in headlines(page)) == 3


def test_an_organisation_page_has_what_mentions_it_and_what_it_paid_for(client, title):
    ladelauget = organisation()
    article(title, "Om Ladelauget", organisations=[ladelauget])
    partner_article(title, "Fra Ladelauget")
    article(title, "Om en anden")
    page = read(client, ladelauget.url)
    assert set(headlines(page)) == {"Om Ladelauget", "Fra Ladelauget"}
    said = words(page.find_class("paid")[0])
    assert said.startswith("Annonce")


def test_an_organisation_nothing_on_show_mentions_has_no_page(client, title):
    assert client.get(organisation("Ukendt").url).status_code == 404


def test_the_list_of_organisations_ends_with_the_last_letters_of_the_alphabet(client, title):
    names = ["Ålauget", "Beta", "Ørsundhuset", "Ærlig Drift", "Alfa"]
    article(title, organisations=[organisation(name) for name in names])
    page = read(client, reverse("organisations"))
    assert [words(h) for h in page.xpath("//main//h2")] == ["A", "B", "Æ", "Ø", "Å"]


def test_a_person_has_a_page_of_what_they_signed(client, title):
    desk = Person.objects.create(name="Energidesken", initials="ENE", role="Dækker elnet")
    article(title, "Signeret", people=[desk])
    article(title, "Usigneret")
    page = read(client, desk.url)
    assert headlines(page) == ["Signeret"] and "Dækker elnet" in words(page)


# Search


def test_search_finds_words_of_the_body_with_kind_and_label(client, title):
    article(title, body=[("paragraph", "<p>Her står ordet transformerstation.</p>")])
    partner_article(title, body=[("paragraph", "<p>Vores transformerstation er ny.</p>")])
    page = read(client, reverse("search") + "?q=transformerstation")
    assert set(headlines(page)) == {"Kabelkøen vokser", "Flåden på strøm"}
    assert words(page.find_class("paid")[0]).startswith("Annonce")


def test_search_is_narrowed_to_a_kind_by_an_address_that_keeps_the_words(client, title):
    article(title, "Landstrøm nu")
    event(title, "Dag om landstrøm")
    page = read(client, reverse("search") + "?q=landstr%C3%B8m&kind=event")
    assert headlines(page) == ["Dag om landstrøm"]
    assert all("q=landstr" in address for address in page.xpath("//nav[@class='filters']//a/@href"))


def test_what_a_reader_typed_is_never_markup(client, title):
    said = client.get(reverse("search"), {"q": '<script>"'}).content.decode()
    assert '<script>"' not in said


# What every page shares


def test_an_address_that_is_nothing_gets_a_page_that_helps(client, title):
    page = read(client, "/findes-ikke/", status=404)
    assert page.find(".//form[@role='search']") is not None


def test_the_imprint_is_printed_from_the_title(client, title):
    title.legal_name, title.ownership = "Demohuset ApS", "Ejes af medarbejderne"
    title.save()
    imprint = read(client, "/").xpath("//footer//nav[1]//a/@href")[0]
    said = words(read(client, imprint).find(".//main"))
    assert "Demohuset ApS" in said and "Ejes af medarbejderne" in said


def test_the_stylesheet_of_a_title_is_kept_for_a_year_and_has_its_colour_but_keeps_amber(client, title):
    title.accent = "#123456"
    title.save()
    address = read(client, "/").xpath("//link[@rel='stylesheet']/@href")[0]
    sheet = client.get(address)
    assert "immutable" in sheet["Cache-Control"] and sheet["Content-Type"].startswith("text/css")
    assert "--accent:#123456" in sheet.content.decode() and "--paid-rule: #c8891a" in sheet.content.decode()
    assert "immutable" not in client.get("/look/0123456789ab.css")["Cache-Control"]


def test_a_card_in_another_language_is_marked_so(client, title):
    article(title, "Grid queues", language="en")
    assert read(client, "/").xpath("//main//h2[@lang='en']")


def test_the_pages_weigh_little(client, title):
    for i in range(12):
        article(title, f"Nyhed {i}", standfirst="Et resumé på en linje.", dated=ago(hours=i))
    sheet = client.get(read(client, "/").xpath("//link[@rel='stylesheet']/@href")[0]).content
    assert len(gzip.compress(sheet)) <= 14_000
    assert len(gzip.compress(client.get("/artikler/nyhed-0/").content)) + len(gzip.compress(sheet)) <= 20_000

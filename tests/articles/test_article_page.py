"""An article as a reader sees it: label before headline, links checked each time, credits apart from captions."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override
from lxml import html

from masthead.catalogue.models import Person, Story
from masthead.partners.booking import book
from masthead.partners.models import Agreement
from tests.newsroom import ago, article, house_promotion, organisation, partner_article, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _danish():
    """Addresses are made in the language of the title, as they are while it answers."""
    with override("da"):
        yield


def read(client, page):
    response = client.get(page.url)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def words(node) -> str:
    return " ".join(node.text_content().split())


def test_headline_standfirst_date_and_source_are_there(client, title):
    page = read(client, article(title, standfirst="Køen vokser.", dated=datetime(2016, 9, 12, 8, tzinfo=title.zone)))
    assert words(page.find(".//h1")) == "Kabelkøen vokser"
    assert "Køen vokser." in words(page)
    assert "12. september 2016" in words(page) and title.name in words(page.find(".//header"))


def test_caption_and_credit_stand_apart(client, title):
    page = read(client, article(title, picture=picture(credit="Osman.."), caption="Elbiler"))
    caption = page.find(".//figcaption")
    assert words(caption.find("cite")).endswith("Osman") and words(caption).startswith("Elbiler.")


def test_a_picture_comes_as_avif_and_webp_with_its_size_and_the_lead_is_fetched_first(client, title):
    page = read(client, article(title, picture=picture()))
    figure = page.find(".//figure")
    assert [source.get("type") for source in figure.iter("source")] == ["image/avif", "image/webp"]
    image = next(figure.iter("img"))
    assert (image.get("width"), image.get("height"), image.get("alt")) == ("60", "40", "Kyst")
    assert image.get("fetchpriority") == "high" and image.get("loading") is None


def test_a_picture_is_never_made_wider_than_it_is(client, title):
    page = read(client, article(title, picture=picture()))
    assert {s.get("srcset").rsplit(" ")[-1] for s in page.iter("source")} == {"60w"}


def test_a_read_also_leads_to_the_piece_it_means_also_when_it_was_renamed(client, title):
    target = article(title, "Gammel overskrift")
    piece = article(title, "Ny", body=[("read_also", {"page": target})])
    target.title = "Ny overskrift"
    target.save()
    link = read(client, piece).find(".//p[@class='readalso']/a")
    assert (link.get("href"), words(link)) == (target.url, "Ny overskrift")


def test_a_read_also_to_something_paid_carries_label_and_payer_before_the_headline(client, title):
    target = partner_article(title, "Flåden på strøm")
    block = read(client, article(title, body=[("read_also", {"page": target})])).find_class("readalso")[0]
    said = words(block)
    assert said.index("Annonce") < said.index("Ladelauget ApS") < said.index("Flåden på strøm")


def test_a_read_also_to_what_is_not_on_show_leaves_nothing_behind(client, title):
    target = article(title, "Trukket tilbage")
    piece = article(title, body=[("read_also", {"page": target})])
    target.unpublish()
    assert not read(client, piece).find_class("readalso")


def test_a_link_in_the_text_to_something_paid_carries_its_label_inside(client, title):
    target = partner_article(title)
    text = f'<p>Se <a linktype="page" id="{target.pk}">modellen</a>.</p>'
    link = read(client, article(title, body=[("paragraph", text)])).find(".//div[@class='text']//a")
    assert words(link).startswith("Annonce") and "Ladelauget ApS" in words(link) and words(link).endswith("modellen")


@pytest.mark.parametrize("host", ["", "http://localhost"])
def test_a_link_that_was_pasted_as_an_address_carries_the_label_too(client, title, host):
    target = partner_article(title)
    text = f'<p>Se <a href="{host}{target.url}">modellen</a>.</p>'
    link = read(client, article(title, body=[("paragraph", text)])).find(".//div[@class='text']//a")
    assert words(link).startswith("Annonce") and "Ladelauget ApS" in words(link)


def test_a_link_in_the_text_to_what_is_not_on_show_is_only_its_words(client, title):
    target = article(title, "Trukket tilbage")
    text = f'<p>Se <a linktype="page" id="{target.pk}">her</a>.</p>'
    piece = article(title, body=[("paragraph", text)])
    target.unpublish()
    body = read(client, piece).find_class("text")[0]
    assert "Se her." in words(body) and not list(body.iter("a"))


def test_the_printed_byline_is_kept_and_leads_to_the_person(client, title):
    person = Person.objects.create(name="Klimaredaktionen", initials="KLZ")
    signed = read(client, article(title, byline="- KLZ", people=[person])).find_class("signed")[0]
    assert words(signed) == "– KLZ"
    assert signed.find("a").get("href") == person.url


def test_initials_inside_other_letters_are_not_a_signature(client, title):
    person = Person.objects.create(name="Redaktionen", initials="RED")
    signed = read(client, article(title, byline="REDNING/RED", people=[person])).find_class("signed")[0]
    assert words(signed) == "– REDNING/RED" and words(signed.find("a")) == "RED"


def test_a_correction_stands_with_its_date_below_the_text_and_above_it(client, title):
    at = datetime(2016, 9, 13, 9, tzinfo=title.zone)
    page = read(client, article(title, corrections=[("correction", {"at": at, "text": "Det er kun en hensigt."})]))
    note = page.find_class("correction")[0]
    assert "13. september 2016" in words(note) and "Det er kun en hensigt." in words(note)
    assert "13. september 2016" in words(page.find(".//article/header"))


def test_the_story_stands_in_the_margin_with_this_piece_marked(client, title):
    story = Story.objects.create(publication=title, name="Volkswagen og JAC")
    earlier = article(title, "Krav på vej", story=story, dated=ago(days=30))
    piece = article(title, "Hensigt underskrevet", story=story, dated=ago(days=3))
    rows = read(client, piece).find_class("story")[0].findall("li")
    assert [row.get("aria-current") for row in rows] == [None, "true"]
    assert rows[0].find(".//a").get("href") == earlier.url and rows[1].find(".//a") is None


def test_organisations_mentioned_are_counted(client, title):
    volkswagen = organisation("Volkswagen Group")
    article(title, "Et andet", organisations=[volkswagen])
    mentioned = read(client, article(title, organisations=[volkswagen])).find_class("mentioned")[0]
    assert mentioned.find(".//a").get("href") == volkswagen.url and "2" in words(mentioned.find(".//span"))


def test_what_is_sold_beside_articles_is_shown_there_with_its_label(client, title):
    today = timezone.localdate()
    sold = partner_article(title)
    agreement = Agreement.objects.create(
        publication=title, partner=organisation(), reference="AFT-9", begins=today, ends=today + timedelta(days=9)
    )
    book(agreement, "article", today, 1, sold)
    said = words(read(client, article(title)).find_class("margin")[0])
    assert said.index("Annonce") < said.index("Ladelauget ApS") < said.index(sold.title)


def test_partner_content_says_so_above_its_headline_and_to_machines(client, title):
    page = read(client, partner_article(title))
    header = words(page.find(".//article/header"))
    assert header.index("Annonce") < header.index("Ladelauget ApS") < header.index("Flåden på strøm")
    assert page.find(".//title").text.startswith("Annonce")
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_the_share_links_of_partner_content_carry_the_label(client, title):
    share = read(client, partner_article(title)).find_class("share")[0]
    assert "subject=Annonce" in share.find("a").get("href")


def test_links_out_of_partner_content_are_marked_and_those_within_the_title_are_not(client, title):
    other = article(title)
    text = f'<p><a href="https://example.org/">ud</a> og <a linktype="page" id="{other.pk}">ind</a></p>'
    out, within = read(client, partner_article(title, body=[("paragraph", text)])).findall(".//div[@class='text']//a")
    assert out.get("rel") == "sponsored noopener" and within.get("rel") is None


def test_what_the_newsroom_wrote_for_money_says_the_payer_had_no_say(client, title):
    line = words(read(client, partner_article(title, disclosure="funded")).find_class("label")[0])
    paid = words(read(client, partner_article(title, "En anden")).find_class("label")[0])
    assert len(line) > len(paid) and "Ladelauget ApS" in line


def test_a_promotion_of_the_house_is_labelled_and_leads_on(client, title):
    page = read(client, house_promotion(title))
    header = words(page.find(".//article/header"))
    assert header.index("Egenannonce") < header.index("Jobopslag")
    assert page.find_class("button")[0].get("href") == "/job/"


def test_a_piece_in_another_language_is_marked_and_quoted_as_its_own(client, title):
    response = client.get(article(title, language="en", body=[("quote", {"text": "Ready", "speaker": ""})]).url)
    said = response.content.decode()
    assert '<html lang="en">' in said and "“Ready”" in said and '<header class="plate" lang="da">' in said


def test_quotations_of_a_danish_piece_have_danish_marks(client, title):
    piece = article(title, body=[("quote", {"text": "Klar", "speaker": "Ingen"})])
    assert "»Klar«" in client.get(piece.url).content.decode()


def test_no_page_holds_a_style_or_a_script_of_its_own(client, title):
    said = client.get(article(title, picture=picture()).url).content.decode()
    page = html.fromstring(said)
    assert not page.xpath("//@style") and not page.xpath("//style")
    assert all(s.get("src") or s.get("type") == "application/ld+json" for s in page.iter("script"))
    assert not re.search(r"\son[a-z]+=", said)

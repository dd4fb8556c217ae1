"""The judge finds each way of not telling a reader who paid, and leaves alone what tells."""

import json

import pytest

from masthead.catalogue.disclosure import Disclosure
from masthead.catalogue.inspecting import inspect
from masthead.catalogue.telling import Shown

PAID = Disclosure("paid", "Annonce", "Ladelauget ApS")
HOUSE = Disclosure("house", "Egenannonce", "Prøvetitel")
PATHS = frozenset({"/annonce/flaaden/", "/artikler/kabel/", "/job/net/"})
FLEET = Shown("Flåden på strøm", "/annonce/flaaden/", "https://title.example/annonce/flaaden/", PAID, PATHS)
LINE = "Annonce betalt af Ladelauget ApS"
LINK = '<a href="/annonce/flaaden/">Flåden på strøm</a>'
NEWS = '<li><h3><a href="/artikler/kabel/">Kabelkøen vokser</a></h3></li>'


def page(main: str, head: str = "") -> bytes:
    return f'<!doctype html><html lang="da"><head>{head}</head><body><main>{main}</main></body></html>'.encode()


def problems(main: str, head: str = "", address: str = "/", shown: Shown = FLEET) -> list[str]:
    return inspect("html", page(main, head), shown, address).problems


@pytest.mark.parametrize(
    "card",
    [
        f"<li><p><b>Annonce</b> betalt af Ladelauget ApS</p><h3>{LINK}</h3></li>",
        f"<li><p>Annonce</p><p>betalt af Ladelauget&nbsp;ApS</p><h3>{LINK}</h3></li>",
        f'<li><a href="/annonce/flaaden/"><span>{LINE}</span> <b>Flåden på strøm</b></a></li>',
        f'<li><a href="https://title.example/annonce/flaaden/?fra=a"><b>{LINE}</b> <h3>Flåden på strøm</h3></a></li>',
        f'<li><a href="/annonce/flaaden/"><img alt="" src="x"></a><p>{LINE}</p><h3>{LINK}</h3></li>',
    ],
)
def test_a_card_with_label_and_payer_first_is_left_alone(card):
    assert problems(f"<ol>{NEWS}{card}{NEWS}</ol>") == []


@pytest.mark.parametrize(
    "card",
    [
        f"<li><h3>{LINK}</h3></li>",
        f"<li><p>Annonce</p><h3>{LINK}</h3></li>",
        f"<li><p>betalt af Ladelauget ApS</p><h3>{LINK}</h3></li>",
        f"<li><h3>{LINK}</h3><p>{LINE}</p></li>",
        f'<li title="{LINE}"><h3>{LINK}</h3></li>',
        f'<li><img alt="{LINE}" src="x"><h3>{LINK}</h3></li>',
        f"<li><p hidden>{LINE}</p><h3>{LINK}</h3></li>",
        f'<li><p style="display: none">{LINE}</p><h3>{LINK}</h3></li>',
        f'<li><p class="visually-hidden">{LINE}</p><h3>{LINK}</h3></li>',
        f'<li><p aria-hidden="true">{LINE}</p><h3>{LINK}</h3></li>',
        f"<li><script>{LINE}</script><h3>{LINK}</h3></li>",
        f"<li><details><summary>Mere</summary>{LINE}</details><h3>{LINK}</h3></li>",
        f"<li>Annoncering og mere om Ladelauget ApS <h3>{LINK}</h3></li>",
        "<li><b>Flåden på strøm</b></li>",
    ],
)
def test_a_card_that_does_not_tell_a_reader_is_found(card):
    assert problems(f"<ol>{NEWS}{card}{NEWS}</ol>")


def test_the_label_of_the_card_before_does_not_count_for_this_one():
    other = '<li><p>Annonce betalt af Ladelauget ApS</p><h3><a href="/job/net/">Netingeniør</a></h3></li>'
    assert problems(f"<ol>{other}<li><h3>{LINK}</h3></li></ol>")


def test_the_second_place_on_a_page_needs_a_label_of_its_own():
    told = f"<section><p>{LINE}</p><h3>{LINK}</h3></section>"
    assert problems(f"{told}{told}") == []
    assert len(problems(f"{told}<section><h3>{LINK}</h3></section>")) == 1


def test_a_label_far_above_in_a_page_of_one_card_does_not_count():
    assert problems(f"<p>{LINE}</p><p>{'ord ' * 200}</p><h3>{LINK}</h3>")


def test_a_link_inside_a_text_needs_the_label_too():
    text = "<p>" + "ord " * 300 + '</p><p>Læs <a href="/annonce/flaaden/">{}en regnemodel</a>.</p>'
    assert problems(text.format(""))
    assert problems(text.format(f"<span>{LINE}</span> ")) == []


def test_a_picture_that_links_to_it_needs_the_label_in_its_place():
    picture = '<a href="/annonce/flaaden/"><img alt="Ladestander" src="x"></a>'
    assert problems(f"<ol>{NEWS}<li>{picture}</li>{NEWS}</ol>")
    assert problems(f"<ol>{NEWS}<li>{picture}<p>{LINE}</p><h3>{LINK}</h3></li>{NEWS}</ol>") == []


def test_another_card_with_the_same_headline_is_left_alone():
    assert problems('<h3><a href="/artikler/kabel/">Flåden på strøm</a></h3>') == []


@pytest.mark.parametrize("name", ["<title>{}</title>", '<meta property="og:title" content="{}">'])
def test_a_title_begins_with_the_label(name):
    assert problems("", name.format("Flåden på strøm · Prøvetitel"))
    assert problems("", name.format("Annonce: Flåden på strøm"))
    assert problems("", name.format("Flåden på strøm, Annonce betalt af Ladelauget ApS"))
    assert problems("", name.format(f"{LINE}: Flåden på strøm · Prøvetitel")) == []


def data(**more) -> str:
    said = {"@type": "AdvertiserContentArticle", "headline": "Flåden på strøm", "disambiguatingDescription": LINE}
    said |= {"sponsor": {"@type": "Organization", "name": "Ladelauget ApS"}} | more
    return f'<script type="application/ld+json">{json.dumps({"@graph": [said]})}</script>'


def test_structured_data_with_sponsor_and_type_is_left_alone():
    assert problems("", data()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"@type": "NewsArticle"},
        {"@type": ["AdvertiserContentArticle", "NewsArticle"]},
        {"@type": "BlogPosting"},
        {"sponsor": None},
        {"sponsor": {"name": "En anden"}},
        {"disambiguatingDescription": ""},
    ],
)
def test_structured_data_that_hides_the_payer_is_found(wrong):
    assert problems("", data(**wrong))


def test_a_job_is_told_by_its_description_for_nobody_sponsors_it():
    job = {"@type": "JobPosting", "headline": None, "title": "Flåden på strøm", "sponsor": None}
    assert problems("", data(**job)) == []


def test_links_out_of_a_paid_page_are_sponsored_and_shared_links_need_not_be():
    told = f"<header><p>{LINE}</p><h1>Flåden på strøm</h1></header>"
    own = "/annonce/flaaden/"
    assert problems(f'{told}<a href="https://ladelauget.example/">Mere</a>', address=own)
    assert problems(f'{told}<a rel="sponsored noopener" href="https://ladelauget.example/">Mere</a>', address=own) == []
    share = "https://share.example/?url=https%3A%2F%2Ftitle.example%2Fannonce%2Fflaaden%2F"
    assert problems(f'{told}<a href="{share}">Del</a><a href="/artikler/">Artikler</a>', address=own) == []


def test_a_page_of_its_own_that_lacks_the_headline_is_not_said_to_show_it():
    assert not inspect("html", page("<h1>Noget andet</h1>"), FLEET, "/annonce/flaaden/").is_shown
    assert inspect("html", page("<h1>Flåden på strøm</h1>"), FLEET, "/annonce/flaaden/").is_shown


def test_the_page_of_another_item_may_have_a_longer_headline():
    assert (
        problems("<h1>Flåden på strøm og kul</h1>", "<title>Flåden på strøm og kul</title>", "/artikler/kabel/") == []
    )


def test_a_house_promotion_names_the_title_as_its_payer():
    shown = Shown("Job hos os", "/fra-os/job/", "https://title.example/fra-os/job/", HOUSE, PATHS)
    link = '<a href="/fra-os/job/">Job hos os</a>'
    assert problems(f"<p>Egenannonce Prøvetitel</p><h3>{link}</h3>", shown=shown) == []
    assert problems(f"<p>Egenannonce</p><h3>{link}</h3>", shown=shown)


RSS = "<rss><channel><item><title>{}</title><link>https://title.example/annonce/flaaden/</link></item></channel></rss>"
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>{}</title>'
    '<link href="https://title.example/annonce/flaaden/"/></entry></feed>'
)
JSON = '{{"items": [{{"title": "{}", "url": "https://title.example/annonce/flaaden/"}}]}}'
ICAL = "BEGIN:VCALENDAR\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
TEXT = "Hej\n\n{}\nhttps://title.example/annonce/flaaden/\n\nVenlig hilsen"


@pytest.mark.parametrize(
    ("form", "body"),
    [("feed", RSS), ("feed", ATOM), ("feed", JSON), ("json", JSON), ("calendar", ICAL), ("text", TEXT)],
)
def test_every_other_form_has_label_and_payer_before_the_headline(form, body):
    told = inspect(form, body.format(f"{LINE}: Flåden på strøm").encode(), FLEET)
    assert told.is_shown and told.problems == []
    for words in ("Flåden på strøm", "Annonce: Flåden på strøm", f"Flåden på strøm. {LINE}"):
        assert inspect(form, body.format(words).encode(), FLEET).problems


@pytest.mark.parametrize(("form", "body"), [("feed", RSS), ("feed", ATOM), ("json", JSON)])
def test_an_entry_is_found_by_its_address_when_its_headline_was_changed(form, body):
    assert inspect(form, body.format("Elbiler i flåden").encode(), FLEET).problems


def test_a_paid_address_in_the_news_sitemap_is_found():
    body = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        "<loc>https://title.example/annonce/flaaden/</loc>"
        "<news:news><news:title>Flåden på strøm</news:title></news:news>"
        "</url></urlset>"
    )
    assert inspect("feed", body.encode(), FLEET).problems


def mail(text: str, html: str, subject: str = "Ugens nyheder") -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    message.add_alternative(page(html).decode(), subtype="html")
    return message.as_bytes()


def test_both_parts_of_a_mail_tell_who_paid():
    text, html = f"{LINE}\nFlåden på strøm", f"<p>{LINE}</p><h2>Flåden på strøm</h2>"
    told = inspect("mail", mail(text, html), FLEET)
    assert told.is_shown and told.problems == []
    assert inspect("mail", mail("Flåden på strøm", html), FLEET).problems[0].startswith("Text part")
    assert inspect("mail", mail(text, "<h2>Flåden på strøm</h2>"), FLEET).problems[0].startswith("HTML part")
    assert inspect("mail", mail(text, html, "Flåden på strøm"), FLEET).problems[0].startswith("The subject")


def test_a_short_label_is_a_word_of_its_own():
    shown = Shown("Fleet", "/x/", "https://t.example/x/", Disclosure("paid", "Ad", "Adco"), frozenset())
    assert inspect("text", b"Advice from Adco: Fleet", shown).problems
    assert inspect("text", b"Ad paid for by Adco: Fleet", shown).problems == []

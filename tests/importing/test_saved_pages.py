"""Pages saved as HTML: what they tell machines, what readers see, and what is built to do harm."""

import datetime as dt
import json

import pytest

from masthead.importing.decoding import ImportRefused
from masthead.importing.pages import parse_html, read_page

LONG = "Havnen har fået bygget et landstrømsanlæg, som skal levere strøm til de skibe, der ligger ved kaj i havnen. "
ARTICLE = f"""\
<h1>Havnen får strøm fra land</h1>
<p class="manchet">Skibene kan snart slukke motorerne, når de ligger til ved kaj i den lille havn.</p>
<figure><img src="a.jpg" alt=""><figcaption>Kajen set fra vandet. Foto: Bølgeby Havn..</figcaption></figure>
<div class="meta"><time datetime="2025-03-04">for 9 måneder siden</time><span>Fagbladet</span></div>
<p>{LONG}</p><p>Læs også: <a href="/batterier">Batterier på kajen</a></p>
<h2>Mindre støj</h2><p>{LONG}</p>
<blockquote><p>Vi glæder os til det.</p></blockquote>
<p>- KLZ</p>
"""
RELATED = """\
<aside><h2>Relateret indhold</h2><ul>
<li><a href="/1"><span>11.12.2025</span><span>Ladelauget ApS</span> <b>Sponseret</b> <h3>Sådan lader du</h3></a></li>
<li><a href="/2"><span>10.12.2025</span><span>Fagbladet</span> <h3>Nettet bliver større</h3></a></li></ul></aside>
"""
EVENTS = """\
<section><h2>Events</h2><a href="/e">Se alle</a><ul>
<li><a href="/e/1"><div>Standardlauget</div><div>Webinar</div><h3>Få styr på nettet</h3>
<p>Et webinar om elnettet og de nye regler.</p></a>
<dl><dt>Dato</dt><dd>10.12.2025</dd><dt>Tid</dt><dd>09:00</dd><dt>Sted</dt><dd>Online via Zoom</dd></dl></li>
<li><div>Kornby Akademi</div><div>Kursus</div><h3>Kursus i landstrøm</h3>
<dl><dt>Dato</dt><dd>17.12.2025</dd><dt>Sted</dt><dd>Kornby</dd></dl></li></ul></section>
"""


def saved(body, head=""):
    return f'<!doctype html><html lang="da"><head>{head}</head><body>{body}</body></html>'.encode()


def ld(**node):
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **node})}</script>'


def test_what_a_reader_sees_is_read_by_its_structure():
    page = parse_html(saved(f"<main><article>{ARTICLE}{RELATED}{EVENTS}</article></main>"))
    assert (page.headline, page.date, page.source) == ("Havnen får strøm fra land", dt.date(2025, 3, 4), "Fagbladet")
    assert page.standfirst.startswith("Skibene kan snart")
    assert (page.caption, page.credit, page.byline) == ("Kajen set fra vandet.", "Bølgeby Havn", "KLZ")
    assert [block.kind for block in page.blocks] == ["paragraph", "readalso", "subhead", "paragraph", "quote"]
    assert [(item.source, item.label, item.title, item.href) for item in page.related] == [
        ("Ladelauget ApS", "Sponseret", "Sådan lader du", "/1"),
        ("Fagbladet", None, "Nettet bliver større", "/2"),
    ]
    assert [(event.organiser, event.mode, event.place) for event in page.events] == [
        ("Standardlauget", "online", None),
        ("Kornby Akademi", "on_site", "Kornby"),
    ]
    assert page.leftover == ()


def test_the_link_of_a_read_also_line_is_kept():
    page = parse_html(saved(f"<article>{ARTICLE}</article>"))
    assert [(block.text, block.href) for block in page.blocks if block.kind == "readalso"] == [
        ("Batterier på kajen", "/batterier")
    ]


def test_menus_and_side_columns_before_the_article_are_not_its_text():
    side = "<aside><h2>Mest læste</h2><ul><li><a href='/x'>Noget andet</a></li></ul></aside>"
    page = parse_html(saved(f"<nav><a>Forside</a></nav>{side}<article>{ARTICLE}</article><footer>CVR 1</footer>"))
    assert page.headline == "Havnen får strøm fra land"
    assert [item.title for item in page.items if not item.related] == ["Noget andet"]
    assert not any("Noget andet" in text for text in page.body)


def test_json_ld_is_believed_for_what_the_page_does_not_show():
    head = ld(
        **{"@type": "NewsArticle"},
        headline="Havnen får strøm",
        datePublished="2025-03-04T08:00:00+01:00",
        author=[{"@type": "Person", "name": "Redaktionen"}],
        publisher={"name": "Fagbladet"},
        articleBody=f"{LONG}\n\n{LONG}",
    )
    page = parse_html(saved("<div id=app></div>", head))
    assert (page.headline, page.date, page.byline) == ("Havnen får strøm", dt.date(2025, 3, 4), "Redaktionen")
    assert (page.source, len(page.body)) == ("Fagbladet", 2)


def test_json_ld_that_calls_the_piece_an_advertisement_makes_it_paid():
    head = ld(**{"@type": "AdvertiserContentArticle"}, headline="Lad om natten", sponsor={"name": "Ladelauget ApS"})
    page = parse_html(saved(f"<article><h1>Lad om natten</h1><p>{LONG * 2}</p></article>", head))
    assert page.label and page.payer == "Ladelauget ApS"


def test_events_in_json_ld_come_with_mode_and_platform():
    head = ld(
        **{"@type": "Event"},
        name="Få styr på nettet",
        startDate="2025-12-10T09:00:00+01:00",
        eventAttendanceMode="https://schema.org/MixedEventAttendanceMode",
        location=[
            {"@type": "Place", "name": "Rådhuset", "address": {"addressLocality": "Kornby"}},
            {"@type": "VirtualLocation", "url": "https://zoom.example.org/j/1"},
        ],
        organizer={"name": "Standardlauget"},
    )
    (event,) = parse_html(saved(f"<article>{ARTICLE}</article>", head)).events
    assert (event.mode, event.platform, event.place) == ("hybrid", "Zoom", "Rådhuset, Kornby")
    assert (event.date, event.time, event.organiser) == (dt.date(2025, 12, 10), dt.time(9), "Standardlauget")


def test_broken_json_ld_is_a_warning():
    page = parse_html(saved(ARTICLE, '<script type="application/ld+json">{"@type": NewsArticle,}</script>'))
    assert page.headline == "Havnen får strøm fra land"
    assert page.warnings == ("The page's JSON-LD is broken and was not used.",)


def test_open_graph_and_microdata_fill_in():
    head = '<meta property="og:title" content="Havnen"><meta property="article:published_time" content="2025-03-04">'
    page = parse_html(saved(f'<span itemprop="author">Desken</span><p>{LONG}</p><p>{LONG}</p>', head))
    assert (page.headline, page.date, page.byline) == ("Havnen", dt.date(2025, 3, 4), "Desken")


def test_a_description_that_only_repeats_the_text_is_no_standfirst():
    head = f'<meta name="description" content="{LONG[:90]}…">'
    page = parse_html(saved(f"<article><h1>Havnen</h1><time>4.3.2025</time><p>{LONG}</p><p>{LONG}</p></article>", head))
    assert (page.standfirst, page.body) == (None, [LONG.strip()] * 2)


def test_a_description_that_is_nowhere_in_the_text_is_the_standfirst():
    head = '<meta name="description" content="Skibene kan snart slukke.">'
    page = parse_html(saved(f"<article><h1>Havnen</h1><time>4.3.2025</time><p>{LONG}</p><p>{LONG}</p></article>", head))
    assert page.standfirst == "Skibene kan snart slukke."


def test_hidden_parts_and_scripts_are_not_read():
    hidden = '<div style="display:none">Skjult</div><script>alert("x")</script><p hidden>Også skjult</p>'
    page = parse_html(saved(f"<article>{ARTICLE}{hidden}</article>"))
    everything = json.dumps(page.as_json(), ensure_ascii=False) + " ".join(page.leftover)
    assert "kjult" not in everything and "alert" not in everything


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_the_encoding_of_a_saved_page_is_found(encoding):
    head = f'<meta charset="{encoding}">'
    page = parse_html(saved(f"<article>{ARTICLE}</article>", head).decode().encode(encoding))
    assert page.headline == "Havnen får strøm fra land"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<div>" * 100_000, "levels deep"),
        (b"<p>a" * 400_000, "tags, more than"),
        (b"", "empty"),
        (b"\x00" * 1000, "empty"),
    ],
    ids=["nesting", "tags", "nothing", "null bytes"],
)
def test_a_page_built_to_do_harm_is_refused_in_one_sentence(data, sentence):
    with pytest.raises(ImportRefused, match=sentence) as refusal:
        parse_html(data)
    assert str(refusal.value).count("\n") == 0


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><h1>x</h1><p>&b;</p>',
        b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script><h1>x</h1>",
        b"<h1>x\x00</h1><p>" + b"\x00" * 10_000,
    ],
    ids=["entities", "deep JSON", "null bytes"],
)
def test_other_bombs_do_not_go_off(data):
    assert parse_html(data).headline == "x"


def test_a_web_archive_is_refused_with_advice(tmp_path):
    path = tmp_path / "page.mhtml"
    path.write_bytes(b"From: <Saved by Blink>\nMIME-Version: 1.0\n\n<html>")
    with pytest.raises(ImportRefused, match="HTML only"):
        read_page(path)


def test_html_is_known_by_its_content_not_only_by_its_name(tmp_path):
    path = tmp_path / "page.txt"
    path.write_bytes(saved(f"<article>{ARTICLE}</article>"))
    assert read_page(path).headline == "Havnen får strøm fra land"

"""Whatever comes in, a page comes out or one sentence does; and no line of a captured page is ever lost."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from masthead.importing.credits import split_credit
from masthead.importing.decoding import ImportRefused
from masthead.importing.htmlbody import HtmlList, Paragraph, read_body_html
from masthead.importing.lines import lines_of
from masthead.importing.pages import parse_html, parse_text
from masthead.importing.places import read_place

CUES = [
    "Foto: X",
    "Sponseret",
    "Dato",
    "Tid",
    "Sted",
    "12.09.2016",
    "Events",
    "Relateret indhold",
    "- KLZ",
    "Læs også: A",
    "Læs også:",
    "Online via Zoom",
    "En lang sætning om elnettet " * 5 + "er slut.",
    "Kort linje",
    "example.org",
    "11.12.2025Ladelauget ApS",
    "Webinar",
    "",
    "Se alle",
    "Hold dig opdateret",
    "”Vi er helt klar til det her”, siger formanden.",
    "# Overskrift",
    "Mest læste",
]
TAGS = (
    b"<p> </p> <article> <li> </li> <h1> <h2>Events</h2> Sponseret <br> tekst <figure> <figcaption> <a_href='x'> "
    b"</a> <time_datetime='2020-01-01'> <script_type='application/ld+json'> {} </script> <!-- "
    b"<dl><dt>Dato</dt><dd>10.12.2025"
).split()
soup = st.lists(st.sampled_from(TAGS), max_size=40).map(lambda tags: b"".join(tags).replace(b"_", b" "))
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def everything_in(page):
    texts = [page.headline, page.standfirst, page.caption, page.credit, page.source, page.byline, page.author]
    texts += [page.label, page.payer, *page.leftover, *(furniture.text for furniture in page.furniture)]
    texts += [text for block in page.blocks for text in (block.text, block.credit)]
    texts += [text for item in page.items for text in (item.title, item.source, item.label, item.payer, item.teaser)]
    for event in page.events:
        texts += [event.title, event.organiser, event.kind, event.abstract, event.place_as_written, event.label]
    return " ".join(text for text in texts if text)


@few
@example("Foto: X\n©:::")
@given(st.lists(st.sampled_from(CUES) | st.text(max_size=40), max_size=40).map("\n".join))
def test_every_line_of_a_capture_is_somewhere_in_the_page(text):
    page = parse_text(text)
    page.as_json()
    found = everything_in(page)
    # Lines that are taken apart (dates, credits, signatures, read-also, field names) are not there word by word.
    apart = ("Foto", "Læs", "- ", "Dato", "Tid", "Sted")
    for line in lines_of(text):
        if len(line.text) > 3 and not any(c.isdigit() for c in line.text) and not line.text.startswith(apart):
            assert line.text in found or line.text.strip(".-–/() ,;:|") in found


@few
@given(st.text(max_size=300))
def test_any_text_is_a_page(text):
    parse_text(text).as_json()


@few
@given(st.binary(max_size=300) | soup)
def test_any_bytes_are_a_page_or_one_sentence(data):
    try:
        parse_html(data).as_json()
    except ImportRefused as refusal:
        assert "\n" not in str(refusal)


@few
@given(st.text(alphabet="<>/ab='\" \n&;[]!-", max_size=200) | st.text(max_size=100))
def test_any_body_becomes_blocks_of_known_markup_only(source):
    for block in read_body_html(source).blocks:
        if isinstance(block, Paragraph | HtmlList):
            left = block.html
            for tag in ("a", "em", "strong", "sup", "sub", "ul", "ol", "li"):
                left = left.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
            assert "<" not in left.replace("<br>", "").replace('<a href="', "")


@few
@given(st.text(max_size=120))
def test_a_credit_never_ends_in_loose_punctuation(text):
    caption, credit = split_credit(text + " Foto: " + text)
    assert not credit.endswith(("..", ",", ";", ":")) and ".." not in caption.replace("...", "")[-2:]


@few
@given(st.text(max_size=60))
def test_a_place_online_is_never_a_place_to_travel_to(text):
    place = read_place(f"Online via Zoom {text}")
    assert place.mode != "online" or place.name is None

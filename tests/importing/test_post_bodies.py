"""A post's HTML becomes typed blocks, with nothing dangerous in them and nothing left out unsaid."""

import pytest

from masthead.importing.credits import split_credit
from masthead.importing.htmlbody import (
    Embed,
    HtmlList,
    Image,
    Paragraph,
    Quote,
    ReadAlso,
    Subhead,
    blocks_of,
    read_body_html,
)


def test_blank_lines_are_paragraphs_and_line_breaks_are_kept_in_the_classic_editor():
    assert blocks_of("Et\nto\n\nTre") == [Paragraph("Et<br>to"), Paragraph("Tre")]


def test_line_breaks_in_the_block_editors_source_mean_nothing():
    source = "<!-- wp:paragraph -->\n<p>Et\nto</p>\n<!-- /wp:paragraph -->"
    assert blocks_of(source) == [Paragraph("Et to")]


def test_a_caption_shortcode_is_a_picture_with_its_credit_apart():
    link = '<a href="/x"><img src="/a.jpg" alt="Kaj"></a>'
    source = f'[caption id="a" width="300"]{link} Kajen. (Foto: Bølgeby Havn)..[/caption]'
    assert blocks_of(source) == [Image("/a.jpg", "Kaj", "Kajen.", "Bølgeby Havn")]


def test_an_old_caption_attribute_is_a_caption_too():
    source = '[caption width="300" caption="Kajen. Foto: NN"]<img src="/a.jpg">[/caption]'
    assert blocks_of(source) == [Image("/a.jpg", "", "Kajen.", "NN")]


def test_a_figure_and_a_bare_picture_with_a_credit_line_are_pictures():
    figure = '<figure><img src="a.jpg" alt="x"><figcaption>Kaj. Foto: Havnen</figcaption></figure>'
    assert blocks_of(figure) == [Image("a.jpg", "x", "Kaj.", "Havnen")]
    assert blocks_of('<p><img src="a.jpg"></p><p>Kaj. Foto: Havnen</p>') == [Image("a.jpg", "", "Kaj.", "Havnen")]


def test_a_gallery_is_its_pictures():
    source = "<figure><figure><img src=1.jpg></figure><figure><img src=2.jpg></figure></figure>"
    assert [block.src for block in blocks_of(source)] == ["1.jpg", "2.jpg"]


def test_headings_and_bold_lines_are_subheads():
    assert blocks_of("<h3>Et</h3>\n\n<strong>To</strong>\n\nTre") == [Subhead("Et", 3), Subhead("To"), Paragraph("Tre")]
    assert blocks_of("<strong>En fed sætning.</strong>") == [Paragraph("<strong>En fed sætning.</strong>")]


@pytest.mark.parametrize(
    "source",
    [
        "<blockquote><p>Vi er klar</p><cite>Formanden</cite></blockquote>",
        "<blockquote>Vi er klar<footer>— Formanden</footer></blockquote>",
        "<blockquote><p>Vi er klar</p><p>– Formanden</p></blockquote>",
        "<figure><blockquote><p>Vi er klar</p><cite>Formanden</cite></blockquote></figure>",
    ],
)
def test_a_quote_knows_its_speaker(source):
    assert blocks_of(source) == [Quote("Vi er klar", "Formanden")]


@pytest.mark.parametrize(
    "source",
    [
        '<p><strong>Læs også:</strong> <a href="/bat">Batterier</a></p>',
        '<p>Læs også: <a href="/bat">Batterier</a></p>',
        '<p><a href="/bat">Læs også: Batterier</a></p>',
        '<p>Læs også <a href="/bat">Batterier</a></p>',
    ],
)
def test_a_read_also_line_is_a_title_and_an_address(source):
    assert blocks_of(source) == [ReadAlso("Batterier", "/bat")]


def test_lists_keep_their_nesting_and_lose_their_classes():
    source = '<ul class="x"><li style="a">Et<ul><li>to</li></ul></li><li><b>Tre</b></li></ul>'
    assert blocks_of(source) == [
        HtmlList("<ul><li>Et<ul><li>to</li></ul></li><li><strong>Tre</strong></li></ul>"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        '<iframe src="//www.youtube.com/embed/abc"></iframe>',
        "[embed]https://www.youtube.com/embed/abc[/embed]",
        "\nhttps://www.youtube.com/embed/abc\n",
        "<figure><div>\nhttps://www.youtube.com/embed/abc\n</div></figure>",
    ],
)
def test_an_embed_is_only_its_address(source):
    assert blocks_of(source) == [Embed("https://www.youtube.com/embed/abc")]


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>Tekst",
        "<p onclick='alert(1)'>Tekst</p>",
        "<a href='javascript:alert(1)'>Tekst</a>",
        "<a href='java\tscript:alert(1)'>Tekst</a>",
        "<a href=' &#1;javascript:alert(1)'>Tekst</a>",
        "<a href='data:text/html,alert(1)'>Tekst</a>",
        "<style>alert</style><svg onload=alert(1)></svg>Tekst",
        "<p>Tekst<!-- alert --></p><form><input value=alert></form>",
        "<!--[if IE]>alert<![endif]-->Tekst",
        "<math><mi xlink:href='javascript:alert(1)'></mi></math>Tekst",
    ],
)
def test_nothing_that_runs_gets_through(source):
    assert blocks_of(source) == [Paragraph("Tekst")]


@pytest.mark.parametrize("source", ["<img src=x onerror=alert(1)>", "<img src='javascript:alert(1)'>"])
def test_a_picture_is_only_an_address_and_words(source):
    assert all("alert" not in repr(block) for block in blocks_of(source))


def test_what_looks_like_markup_in_text_stays_text():
    assert blocks_of("<p>1 &lt; 2 &amp;lt;script&amp;gt;</p>") == [Paragraph("1 &lt; 2 &amp;lt;script&amp;gt;")]


def test_a_paid_link_stays_marked_as_paid():
    source = '<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow sponsored" target="_blank">Køb</a></p>'
    assert blocks_of(source) == [Paragraph('<a href="https://example.org/?a=1&amp;b=2" rel="sponsored">Køb</a>')]


def test_what_is_left_out_is_said():
    body = read_body_html('Et [gallery ids="1,2"] to [sic] <img src="data:image/png;base64,x"><script>x</script>')
    assert body.blocks[0] == Paragraph("Et to [sic]")
    assert len(body.dropped) == 3
    assert any("[gallery]" in said for said in body.dropped)


def test_markup_nested_beyond_reason_loses_its_form_but_not_its_words():
    body = read_body_html("<div>" * 1000 + "Bunden")
    assert body.blocks == [Paragraph("Bunden")] and body.dropped


@pytest.mark.parametrize(
    ("written", "caption", "credit"),
    [
        ("Kajen. Foto: A/B..", "Kajen.", "A/B"),
        ("Kajen. Foto: A/B.", "Kajen.", "A/B"),
        ("Kajen (Foto: Havnen)", "Kajen", "Havnen"),
        ("Kajen. (Foto: Havnen).", "Kajen.", "Havnen"),
        ("Kajen.Foto: Havnen", "Kajen.", "Havnen"),
        ("Foto: Havnen", "", "Havnen"),
        ("The quay. Photo: Harbour/Desk", "The quay.", "Harbour/Desk"),
        ("Kajen. Illustration: Havnen.", "Kajen.", "Havnen"),
        ("Kajen. Arkivfoto: Havnen", "Kajen.", "Havnen"),
        ("Kajen. Pressefoto.", "Kajen.", "Pressefoto"),
        ("Kajen. Foto: Havnen (arkiv)", "Kajen.", "Havnen (arkiv)"),
        ("Kajen! Foto: Ladelauget Inc.", "Kajen!", "Ladelauget Inc."),
        ("Kajen – Foto: Havnen", "Kajen", "Havnen"),
        ("Kajen i Bølgeby..", "Kajen i Bølgeby.", ""),
        ("Kajen ©:::", "Kajen ©", ""),
        ("Kajen. Foto: ---", "Kajen. Foto", ""),
        ("Der var engang et foto af en kaj", "Der var engang et foto af en kaj", ""),
    ],
)
def test_caption_and_credit_are_parted_without_loose_punctuation(written, caption, credit):
    assert split_credit(written) == (caption, credit)

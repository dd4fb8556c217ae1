"""WordPress exports are streamed into records; broken ones as far as they go, and with a sentence about it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from masthead.importing.decoding import ImportRefused
from masthead.importing.wxr import Author, Broken, Category, Caution, Entry, SiteInfo, Tag, Term, read_wxr

from .samples import sample

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Fagbladet</title><link>https://example.org</link>
<language>da-DK</language><wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_login>red</wp:author_login><wp:author_display_name>Redaktionen</wp:author_display_name></wp:author>
<wp:category><wp:category_nicename>elnet</wp:category_nicename><wp:cat_name><![CDATA[Elnet & co]]></wp:cat_name>
</wp:category><wp:tag><wp:tag_slug>kabel</wp:tag_slug><wp:tag_name>Kabel</wp:tag_name></wp:tag>"""
END = "</channel></rss>"


def item(number, **changes):
    parts = {
        "title": f"Artikel {number}",
        "link": f"https://example.org/{number}",
        "dc:creator": "red",
        "content:encoded": "<![CDATA[<p>Rødgrød</p>]]>",
        "wp:post_id": number,
        "wp:post_date": "2020-06-01 12:00:00",
        "wp:post_type": "post",
        "wp:status": "publish",
        **{name.replace("__", ":"): value for name, value in changes.items()},
    }
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in parts.items()) + "</item>\n"


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8", **options):
        path = tmp_path / "export.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return list(read_wxr(path, **options))

    return read


def entries(records):
    return [record for record in records if isinstance(record, Entry)]


def test_the_site_comes_first_then_its_people_and_subjects_then_the_entries(read):
    records = read(HEAD + item(1) + item(2) + END)
    assert records[0] == SiteInfo("Fagbladet", "https://example.org", "1.2", "da-DK")
    assert records[1:4] == [Author("red", "Redaktionen"), Category("elnet", "Elnet & co"), Tag("kabel", "Kabel")]
    assert [entry.title for entry in entries(records)] == ["Artikel 1", "Artikel 2"]


def test_an_entry_keeps_everything_that_was_exported(read):
    extra = (
        '<category domain="category" nicename="elnet"><![CDATA[Elnet]]></category><category>Elnet</category>'
        '<category domain="post_tag" nicename="kabel">Kabel</category>'
        '<category domain="series" nicename="serie">Serie</category>'
        "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>7</wp:meta_value></wp:postmeta>"
        "<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment><wp:is_sticky>1</wp:is_sticky>"
        "<excerpt:encoded>Kort</excerpt:encoded><wp:post_name>artikel</wp:post_name>"
        "<wp:post_modified_gmt>2020-06-02 10:00:00</wp:post_modified_gmt></item>"
    )
    (entry,) = entries(read(HEAD + item(1, title="Q&amp;A &lt;em&gt;nu&lt;/em&gt;").replace("</item>", extra) + END))
    assert (entry.source_id, entry.kind, entry.status, entry.title) == ("1", "post", "publish", "Q&A nu")
    assert (entry.categories, entry.tags) == ((Category("elnet", "Elnet"),), (Tag("kabel", "Kabel"),))
    assert entry.terms == (Term("series", "serie", "Serie"),)
    assert (entry.thumbnail_id, entry.comments, entry.sticky, entry.excerpt) == ("7", 1, True, "Kort")
    assert (entry.slug, entry.content_html) == ("artikel", "<p>Rødgrød</p>")
    assert entry.modified_at == dt.datetime(2020, 6, 2, 10, tzinfo=dt.UTC)


def test_an_unknown_kind_is_other_and_keeps_its_word(read):
    (entry,) = entries(read(HEAD + item(1, wp__post_type="nav_menu_item") + END))
    assert (entry.kind, entry.wp_type) == ("other", "nav_menu_item")


@pytest.mark.parametrize(
    ("gmt", "hour"), [("2020-06-01 09:00:00", 9), ("0000-00-00 00:00:00", 10)], ids=["UTC told", "only local time"]
)
def test_times_are_utc_and_a_local_one_is_read_in_the_sites_zone(read, gmt, hour):
    (entry,) = entries(read(HEAD + item(1, wp__post_date_gmt=gmt) + END, zone=ZoneInfo("Europe/Copenhagen")))
    assert entry.published_at == dt.datetime(2020, 6, 1, hour, tzinfo=dt.UTC)


def test_a_draft_without_any_date_has_none(read):
    nothing = "0000-00-00 00:00:00"
    text = item(1, wp__post_date=nothing, wp__post_date_gmt=nothing, pubDate="Mon, 30 Nov -0001 00:00:00 +0000")
    (entry,) = entries(read(HEAD + text + END))
    assert entry.published_at is None


@pytest.mark.parametrize(
    ("broken", "title", "said"),
    [
        (item(1, title="A & B"), "A & B", "ampersands"),
        (item(1, title="pris < 3"), "pris < 3", "stray <"),
        (item(1, dc__creator="<red>"), "Artikel 1", "stray <"),
        (item(1).replace("</wp:status>", ""), "Artikel 1", "never closed"),
        (item(1).replace("</item>", ""), "Artikel 1", "never closed"),
        (item(1, title="Nu\x0b her"), "Nu her", "control characters"),
        (item(1, content__encoded="<p>Hej<br>der</p>"), "Artikel 1", "stray <"),
    ],
)
def test_a_broken_entry_is_mended_said_and_takes_no_other_with_it(read, broken, title, said):
    records = read(HEAD + broken + item(2) + END)
    assert [entry.title for entry in entries(records)] == [title, "Artikel 2"]
    assert [record for record in records if isinstance(record, Broken)] == []
    assert any(said in record.sentence for record in records if isinstance(record, Caution))


def test_undeclared_namespaces_are_taken_for_wordpress_own(read):
    records = read(HEAD.replace('xmlns:wp="http://wordpress.org/export/1.2/"', "") + item(1) + END)
    assert [entry.source_id for entry in entries(records)] == ["1"]
    assert any("namespaces" in record.sentence for record in records if isinstance(record, Caution))


def test_letters_in_another_encoding_than_declared_are_read_and_said(read):
    records = read(HEAD + item(1) + END, encoding="cp1252")
    assert entries(records)[0].content_html == "<p>Rødgrød</p>"
    assert any("Windows-1252" in record.sentence for record in records if isinstance(record, Caution))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_a_declared_encoding_is_followed(read, encoding):
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    records = read((HEAD + item(1) + END).replace("UTF-8", name), encoding=encoding)
    assert entries(records)[0].content_html == "<p>Rødgrød</p>"


@pytest.mark.parametrize("cut", [20, 120, 230], ids=["in a tag", "in the text", "near the end"])
def test_a_file_cut_off_gives_the_whole_entries_and_says_how_many(read, cut):
    records = read(HEAD + item(1) + item(2) + item(3)[:cut])
    assert len(entries(records)) == 2
    assert isinstance(records[-1], Broken) and records[-1].entries_read == 2
    assert "2 whole entries" in records[-1].sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD.replace("<wp:wxr_version>1.2</wp:wxr_version>", "") + item(1) + END, "says no WXR version"),
        (HEAD.replace(">1.2<", ">abc<") + item(1) + END, "“abc”"),
        ('<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa">]>' + HEAD[39:] + item(1) + END, "entities"),
        ("not XML at all", "says no WXR version"),
        ("", "says no WXR version"),
        (b"\x1f\x8b\x08rest", "compressed"),
    ],
    ids=["a feed", "a wrong version", "entities", "text", "nothing", "gzip"],
)
def test_what_is_no_export_is_refused_before_the_first_record(tmp_path, text, sentence):
    path = tmp_path / "export.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ImportRefused, match=sentence):
        read_wxr(path)


def test_a_later_version_is_read_with_a_caution(read):
    records = read(HEAD.replace(">1.2<", ">1.3<") + item(1) + END)
    assert isinstance(records[0], Caution) and len(entries(records)) == 1


def test_nesting_without_end_breaks_cleanly(read):
    records = read(HEAD + item(1) + "<wp:x>" * 50_000)
    assert isinstance(records[-1], Broken)


def test_comments_and_nested_character_data_are_no_markup(read):
    text = HEAD + "<!-- <item> & -->" + item(1, content__encoded="<![CDATA[a]]]]><![CDATA[> & <b>]]>") + END
    assert [entry.content_html for entry in entries(read(text))] == ["a]]> & <b>"]
    broken = text.replace("<language>", "<description>a & b</description><language>")
    assert [entry.content_html for entry in entries(read(broken))] == ["a]]> & <b>"]


@pytest.mark.parametrize("shift", range(0, 9))
def test_a_mend_at_the_border_of_two_pieces_is_the_same_mend(read, shift):
    """The repair reads 64 kB at a time; the broken part is moved over that border."""
    filler = "x" * (65_536 - len((HEAD + "<description></description>").encode()) - 30 + 4 * shift)
    text = HEAD + f"<description>{filler}</description>" + item(1, title="A & B &lt; C") + END
    assert [entry.title for entry in entries(read(text))] == ["A & B < C"]


@pytest.mark.parametrize(
    ("name", "count", "cautions"),
    [
        ("small-export.xml", 11, 0),
        ("valid-wxr-1.1.xml", 2, 0),
        ("ghost-sample.xml", 6, 1),
        ("ghost-feature-image-captions.xml", 5, 0),
    ],
)
def test_real_exports_are_read_whole(name, count, cautions):
    records = list(read_wxr(sample(f"imports/{name}")))
    assert len(entries(records)) == count
    assert sum(isinstance(record, Caution) for record in records) == cautions
    assert all(entry.published_at for entry in entries(records))
    assert not any(isinstance(record, Broken) for record in records)


def test_a_real_address_with_bare_ampersands_keeps_them():
    urls = [entry.attachment_url for entry in entries(read_wxr(sample("imports/ghost-sample.xml")))]
    assert any(url.count("&") == 5 for url in urls)


def test_the_malformed_sample_is_refused_and_does_not_crash():
    with pytest.raises(ImportRefused, match="WXR version"):
        read_wxr(sample("imports/malformed.xml"))

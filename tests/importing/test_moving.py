"""An archive moves in from WordPress: counted, filed, its old addresses kept, and twice is the same as once."""

import http.server
import io
import threading
from pathlib import Path

import pytest
from PIL import Image

from masthead.articles.models import Article
from masthead.catalogue import shelves
from masthead.catalogue.models import Organisation
from masthead.importing import moving
from masthead.importing.decoding import ImportRefused
from masthead.publication.models import Picture

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "imports"

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Gammelt medie</title><language>da</language>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>http://old.example.org</wp:base_site_url>
<wp:base_blog_url>http://old.example.org</wp:base_blog_url>
<wp:author><wp:author_login>klz</wp:author_login><wp:author_display_name><![CDATA[Energidesken]]></wp:author_display_name>
</wp:author>
"""
TAIL = "</channel></rss>"


def entry(number, kind="post", status="publish", title="Havnen får strøm", body="<p>Brødtekst.</p>", more=""):
    return f"""<item><title>{title}</title><link>http://old.example.org/2014/05/{kind}-{number}/</link>
<dc:creator><![CDATA[klz]]></dc:creator><guid>http://old.example.org/?p={number}</guid>
<content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded><![CDATA[Kort sagt.]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date>2014-05-02 10:00:00</wp:post_date>
<wp:post_date_gmt>2014-05-02 08:00:00</wp:post_date_gmt><wp:post_name>{kind}-{number}</wp:post_name>
<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>{more}</item>
"""


CATEGORY = '<category domain="category" nicename="havne"><![CDATA[Havne]]></category>'
TAGS = '<category domain="post_tag" nicename="a"><![CDATA[Bølgeby Havn]]></category>' + (
    '<category domain="post_tag" nicename="b"><![CDATA[landstrøm]]></category>'
)


def attachment(number, address, caption="Kajen. Foto: Redaktionen", alt="En kaj"):
    return f"""<item><title>kaj</title><link>http://old.example.org/kaj/</link>
<excerpt:encoded><![CDATA[{caption}]]></excerpt:encoded><content:encoded></content:encoded>
<wp:post_id>{number}</wp:post_id><wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type>
<wp:attachment_url>{address}</wp:attachment_url>
<wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>{alt}</wp:meta_value></wp:postmeta></item>
"""


def thumbnail(number):
    return f"<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>{number}</wp:meta_value></wp:postmeta>"


@pytest.fixture
def export(tmp_path):
    def write(*items):
        file = tmp_path / "export.xml"
        file.write_text(HEAD + "".join(items) + TAIL, encoding="utf-8")
        return file

    return write


@pytest.fixture
def old_site():
    """The old site, which still answers with one picture."""
    picture = io.BytesIO()
    Image.new("RGB", (80, 60), "#2e6fa3").save(picture, "PNG")

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path.endswith("kaj.png")
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(picture.getvalue() if found else b"")

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_posts_become_articles_with_date_standfirst_theme_and_signature(title, export):
    Organisation.objects.create(name="Bølgeby Havn")
    report = moving.move_in(title, export(entry(1, more=CATEGORY + TAGS)))
    article = Article.objects.get()
    assert (report.found, report.made) == (1, 1) and report.adds_up
    assert article.card.counts_from.isoformat() == "2014-05-02T08:00:00+00:00"
    assert article.standfirst == "Kort sagt." and [t.name for t in article.themes.all()] == ["Havne"]
    assert [p.name for p in article.people.all()] == ["Energidesken"]
    assert [o.name for o in article.organisations] == ["Bølgeby Havn"] and "landstrøm" in article.import_note


def test_the_report_adds_up_and_names_every_reason(title, export):
    report = moving.move_in(
        title,
        export(
            entry(1),
            entry(2, kind="page"),
            entry(3, status="trash"),
            entry(4, kind="nav_menu_item"),
            entry(5, status="draft"),
        ),
    )
    assert report.found == 5 and report.made == 2 and report.skipped.total() == 3 and report.adds_up
    assert len(report.skipped) == 3 and len(shelves.latest(title).take(9)) == 1


def test_pages_come_as_articles_when_they_are_asked_for(title, export):
    assert moving.move_in(title, export(entry(2, kind="page")), moving.Choices(pages=True)).made == 1


def test_a_second_run_changes_nothing(title, export):
    file = export(entry(1), entry(5, status="draft"))
    moving.move_in(title, file)
    again = moving.move_in(title, file)
    assert (again.made, again.updated) == (0, 0) and again.skipped["unchanged since the last import"] == 2


def test_what_changed_in_the_old_site_is_updated_and_what_was_edited_here_is_kept(title, export):
    moving.move_in(title, export(entry(1), entry(2)))
    mine = Article.objects.get(slug="post-2")
    mine.title = "Redigeret her"
    mine.save_revision().publish()
    again = moving.move_in(title, export(entry(1, title="Ny overskrift"), entry(2, title="Ny overskrift")))
    assert again.updated == 1 and again.skipped["edited here since the last import"] == 1
    assert {a.title for a in Article.objects.all()} == {"Ny overskrift", "Redigeret her"}


def test_an_import_that_was_stopped_goes_on_where_it_was(title, export, monkeypatch):
    file = export(*(entry(n) for n in range(1, 6)))
    take, seen = moving._Moving.take, []
    monkeypatch.setattr(moving._Moving, "take", lambda self, e: (seen.append(e), take(self, e), 1 / (3 - len(seen))))
    with pytest.raises(ZeroDivisionError):
        moving.move_in(title, file)
    monkeypatch.undo()
    rest = moving.move_in(title, file)
    assert Article.objects.count() == 5 and rest.made == 2 and rest.adds_up


def test_old_addresses_lead_to_the_article(title, export, client):
    moving.move_in(title, export(entry(1)))
    answer = client.get("/2014/05/post-1/")
    assert answer.status_code == 301 and answer.url == Article.objects.get().card.url


def test_a_picture_is_fetched_once_with_its_credit_apart_from_its_caption(title, export, old_site):
    file = export(entry(1, more=thumbnail(9)), attachment(9, f"{old_site}/kaj.png"))
    report = moving.move_in(title, file)
    picture, article = Picture.objects.get(), Article.objects.get()
    assert (picture.credit, picture.description) == ("Redaktionen", "En kaj") and article.picture == picture
    assert article.caption == "Kajen." and report.adds_up and article.live


def test_a_picture_without_credit_waits_and_the_article_is_shown_without_it(title, export, old_site):
    file = export(entry(1, more=thumbnail(9)), attachment(9, f"{old_site}/kaj.png", caption="Kajen."))
    report = moving.move_in(title, file)
    assert Article.objects.get().live and Article.objects.get().picture is None and report.to_review


def test_a_picture_that_is_gone_is_listed(title, export, old_site):
    file = export(entry(1, more=thumbnail(9)), attachment(9, f"{old_site}/borte.png"))
    report = moving.move_in(title, file)
    assert report.not_fetched == [f"{old_site}/borte.png: answered 404"] and report.adds_up


def test_a_host_that_does_not_answer_is_asked_once(title, export):
    file = export(*(attachment(n, f"http://127.0.0.1:9/{n}.png") for n in range(3)))
    report = moving.move_in(title, file)
    assert len(report.not_fetched) == 3 and report.adds_up


def test_nothing_is_made_of_a_file_that_breaks_off_unless_it_is_asked_for(title, export):
    file = export(entry(1), entry(2))
    file.write_bytes(file.read_bytes()[:-300])
    with pytest.raises(moving.ImportIncomplete, match="--partial"):
        moving.move_in(title, file)
    assert not Article.objects.exists()
    assert moving.move_in(title, file, moving.Choices(partial=True)).made == 1


@pytest.mark.parametrize("content", ["", "<rss><channel></channel></rss>", "\x00\x01", "ikke xml"])
def test_a_file_that_is_no_export_is_refused_with_one_sentence(title, tmp_path, content):
    file = tmp_path / "x.xml"
    file.write_text(content)
    with pytest.raises(ImportRefused):
        moving.move_in(title, file)


def test_two_posts_of_one_address_both_come_in(title, export):
    twin = entry(2).replace("post-2", "post-1")
    moving.move_in(title, export(entry(1), twin))
    assert {a.slug for a in Article.objects.all()} == {"post-1", "post-1-2"}


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples stand beside the project, and are not here")
@pytest.mark.parametrize(
    "name", ["small-export.xml", "valid-wxr-1.1.xml", "ghost-feature-image-captions.xml", "ghost-sample.xml"]
)
def test_the_real_exports_add_up(title, name):
    report = moving.move_in(title, SAMPLES / name, moving.Choices(pages=True, fetch=False))
    assert report.found and report.adds_up
    again = moving.move_in(title, SAMPLES / name, moving.Choices(pages=True, fetch=False))
    assert (again.made, again.updated) == (0, 0)

"""The real page of a Danish trade title becomes drafts that an editor can review, once."""

from pathlib import Path

import pytest

from masthead.articles.models import Article, HousePromotion, PartnerArticle
from masthead.catalogue.models import Card
from masthead.events.models import Event
from masthead.importing import drafting
from masthead.importing.pages import parse_text, read_page

SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "trade-page-da.txt"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLE.exists(), reason="the sample page stands beside the project, and is not here"),
]


@pytest.fixture
def drafted(title):
    return drafting.draft_page(title, read_page(SAMPLE), "trade-page-da.txt")


def test_everything_on_the_page_becomes_a_draft_and_nothing_is_shown(drafted):
    assert drafted.found == len(drafted.made) == 1 + 10 + 6
    assert not Card.objects.exists()


def test_the_article_has_its_parts_apart(drafted):
    article = Article.objects.get(title="Volkswagen indgår elbil-samarbejde i Kina")
    assert article.caption.endswith("Volkswagen Group.") and "Foto" not in article.caption
    assert "Flickr/Safia Osman" in article.import_note and "Osman.." not in article.import_note
    assert article.dated.date().isoformat() == "2016-09-12" and article.source.name == "CSR.dk"
    assert article.byline == "KLZ" and [p.initials for p in article.people.all()] == ["KLZ"]
    kinds = [block.block_type for block in article.body]
    assert (kinds.count("read_also"), kinds.count("quote"), kinds.count("subhead")) == (2, 2, 1)


def test_paid_lines_are_partner_content_with_their_payer(drafted):
    paid = PartnerArticle.objects.order_by("title")
    assert len(paid) == 6 and all(stub.payer and "Sponseret" in stub.import_note for stub in paid)
    assert HousePromotion.objects.count() == 1


def test_the_six_events_have_typed_fields(drafted):
    events = {event.title[:20]: event for event in Event.objects.all()}
    assert len(events) == 6
    briefing = next(e for e in events.values() if e.title.startswith("Briefing"))
    assert (briefing.mode, briefing.platform, briefing.place, briefing.language) == ("online", "Zoom", "", "en")
    audit = next(e for e in events.values() if e.title.startswith("Intern audit"))
    assert audit.mode == "on_site" and not audit.meetings()[0]["announced"]
    masterclass = next(e for e in events.values() if "Masterclass" in e.title)
    meeting = masterclass.meetings()[0]
    assert (meeting["end_date"] - meeting["date"]).days == 2


def test_a_second_run_changes_nothing(drafted, title):
    again = drafting.draft_page(title, read_page(SAMPLE), "trade-page-da.txt")
    assert again.made == [] and len(again.unchanged) == drafted.found


def test_a_dry_run_says_what_it_would_make_and_makes_nothing(title):
    said = drafting.draft_page(title, read_page(SAMPLE), "trade-page-da.txt", dry_run=True)
    assert said.found == 17 and not Article.objects.exists()


def test_a_page_that_fails_half_way_leaves_nothing(title, monkeypatch):
    monkeypatch.setattr(drafting._Drafting, "_event", lambda *a: (_ for _ in ()).throw(RuntimeError("no")))
    with pytest.raises(RuntimeError):
        drafting.draft_page(title, read_page(SAMPLE), "x")
    assert not Article.objects.exists()


def test_a_read_also_is_tied_to_a_piece_that_is_here_already(title):
    from tests.newsroom import article

    target = article(title, "Skrappere miljøkrav til biler undervejs i Kina")
    drafting.draft_page(title, read_page(SAMPLE), "x")
    body = Article.objects.get(title__startswith="Volkswagen").body
    tied = [block.value["page"] for block in body if block.block_type == "read_also"]
    assert tied[0].pk == target.pk and tied[1] is None


def test_an_empty_text_makes_nothing(title):
    assert drafting.draft_page(title, parse_text(""), "x").found == 0

"""A page is printed once, sent without Django, and recalled exactly when something it is made of changes."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import translation

from masthead.catalogue.models import Card, Story
from masthead.partners.booking import book, cancel
from masthead.press.models import Recall
from masthead.publication.models import LegalPage
from tests import newsroom

pytestmark = pytest.mark.django_db
FRONT, LIST, AGENDA, JOBS = "/", "/artikler/", "/events/", "/job/"
FEEDS = ["/feeds/articles.rss", "/feeds/articles.atom", "/feeds/articles.json"]
MACHINES = ["/sitemap.xml", "/sitemap-news.xml", "/sitemap-places.xml", "/robots.txt"]


def address(item) -> str:
    return Card.objects.complete().get(item_id=item.pk).url


def place_of(thing) -> str:
    with translation.override("da"):
        return thing.url


def test_the_second_reader_gets_the_same_bytes_and_django_sleeps(shop):
    piece = newsroom.article(shop.title)
    for asked in [
        FRONT,
        LIST,
        address(piece),
        "/calendar/events.ics",
        *FEEDS,
        *MACHINES,
        *newsroom.item_maps(shop.title),
    ]:
        first, second = shop.ask(asked), shop.ask(asked)
        assert first.woke_django and not second.woke_django, asked
        assert (first.body, first.headers) == (second.body, second.headers)
        assert second.headers["Content-Type"] == first.headers["Content-Type"]


def test_a_hit_asks_no_database_in_another_process_or_one_started_later_either(shop, django_assert_num_queries):
    first = shop.ask(FRONT)
    with django_assert_num_queries(0):
        for press in (shop.press, shop.another_process()):
            answer = shop.ask(FRONT, press)
            assert answer.body == first.body and not answer.woke_django


def test_publishing_recalls_the_lists_it_comes_to_stand_on_in_every_process(shop):
    newsroom.article(shop.title, "Den første")
    other = shop.another_process()
    lists = [FRONT, LIST, *FEEDS, "/sitemap-news.xml"]
    maps = newsroom.item_maps(shop.title)
    shown = lists + maps
    shop.print(*shown)
    for one in shown:
        shop.ask(one, other)
    with shop.committing():
        newsroom.article(shop.title, "Den anden")
    for one in lists:
        assert "Den anden" in shop.ask(one, other).text and "Den anden" in shop.ask(one).text, one
    for one in maps:
        assert "den-anden" in shop.ask(one, other).text


def test_publishing_leaves_alone_what_it_does_not_stand_on(shop):
    solar, wind = newsroom.theme(shop.title, "Sol"), newsroom.theme(shop.title, "Vind")
    old = newsroom.article(shop.title, "Om sol", themes=[solar])
    newsroom.article(shop.title, "Om vind", themes=[wind])
    apart = [address(old), place_of(solar), AGENDA, JOBS, "/feeds/theme/sol.rss"]
    shop.print(*apart)
    with shop.committing():
        newsroom.article(shop.title, "Mere om vind", themes=[wind])
    assert shop.kept(*apart) == apart


def test_an_event_far_ahead_does_not_touch_the_pages_that_show_the_next_three(shop):
    piece = newsroom.article(shop.title)
    for n in range(3):
        newsroom.event(shop.title, f"Dag {n}", in_days=n + 1)
    shop.print(address(piece), AGENDA)
    with shop.committing():
        newsroom.event(shop.title, "Om lang tid", in_days=90)
    assert shop.is_kept(address(piece)) and not shop.is_kept(AGENDA)
    with shop.committing():
        newsroom.event(shop.title, "Snart", in_days=2)
    assert "Snart" in shop.ask(address(piece)).text


def test_what_leaves_a_list_is_counted_no_longer_where_it_is_not_shown_itself(shop):
    firm = newsroom.organisation()
    one = newsroom.article(shop.title, "Den ene", organisations=[firm])
    other = newsroom.article(shop.title, "Den anden", organisations=[firm])
    for n in range(8):  # newer and nearer: the other is not among what is related to the one
        newsroom.article(shop.title, f"Nær {n}", organisations=[firm], themes=[newsroom.theme(shop.title)])
    counted = shop.ask(address(one)).text
    assert "Den anden" not in counted and shop.is_kept(address(one))
    with shop.committing():
        other.organisations = []
        other.save()
    assert shop.ask(address(one)).text == counted.replace("10 ", "9 ", 1)


def test_an_unpublished_item_is_gone_from_every_page(shop):
    piece = newsroom.article(shop.title, "Trækkes tilbage", themes=[newsroom.theme(shop.title)])
    shown = [FRONT, LIST, address(piece), place_of(newsroom.theme(shop.title)), *FEEDS]
    shop.print(*shown)
    with shop.committing():
        piece.unpublish()
    assert shop.ask(address(piece)).status == 404
    for one in shown:
        assert "Trækkes tilbage" not in shop.ask(one).text, one


def test_a_deleted_list_takes_its_items_off_every_page(shop):
    piece = newsroom.article(shop.title, "Med listen")
    shop.print(FRONT, address(piece))
    with shop.committing():
        newsroom.list_page(shop.title, "articles").delete()
    assert "Med listen" not in shop.ask(FRONT).text
    assert shop.ask("/artikler/med-listen/").status == 404


def test_a_page_is_never_sent_at_or_after_the_moment_it_changes_by_itself(shop):
    piece = newsroom.article(shop.title, "Til klokken tolv", expire_at=shop.now + timedelta(seconds=100))
    shop.print(FRONT, address(piece), FEEDS[0])
    shop.later(seconds=99)
    assert shop.kept(FRONT, address(piece), FEEDS[0]) == [FRONT, address(piece), FEEDS[0]]
    seconds = shop.ask(FRONT).headers["Cache-Control"]
    assert seconds == "public, max-age=1"
    shop.later(seconds=1)
    for one in (FRONT, FEEDS[0]):
        answer = shop.ask(one)
        assert answer.woke_django and "Til klokken tolv" not in answer.text
    assert shop.ask(address(piece)).status == 410


def test_nothing_printed_is_sent_after_midnight_with_yesterdays_date(shop):
    newsroom.article(shop.title)
    before = shop.ask(FRONT).text
    shop.later(days=1)
    after = shop.ask(FRONT)
    assert after.woke_django and after.text != before


def test_an_event_of_several_days_is_printed_anew_when_a_session_is_over(shop):
    day = shop.now.date()
    sessions = [{"date": str(day + timedelta(n)), "start": "09:00", "end_date": None, "end": "10:00"} for n in (1, 3)]
    newsroom.event(shop.title, "Kursus", sessions=sessions)
    shop.print(AGENDA)
    shop.later(days=2)
    assert shop.ask(AGENDA).woke_django


def test_a_draft_saved_on_a_live_item_changes_nothing_and_recalls_nothing(shop):
    piece = newsroom.article(shop.title, "Som den er")
    shop.print(FRONT, address(piece))
    with shop.committing():
        piece.title = "Et udkast"
        piece.save_revision()
    assert shop.kept(FRONT, address(piece)) == [FRONT, address(piece)]
    assert not Card.objects.filter(title="Et udkast").exists()
    with shop.committing():
        piece.get_latest_revision().publish()
    assert "Et udkast" in shop.ask(FRONT).text


@pytest.mark.parametrize("what", ["tagline", "accent", "name"])
def test_settings_recall_every_page_of_the_title(shop, what):
    newsroom.article(shop.title)
    shop.print(FRONT, LIST, FEEDS[0])
    with shop.committing():
        setattr(shop.title, what, {"tagline": "Nyt", "accent": "#123456", "name": "Nyt navn"}[what])
        shop.title.save()
    assert shop.kept(FRONT, LIST) == []


def test_a_renamed_theme_organisation_person_and_story_is_new_wherever_it_is_shown(shop):
    theme, firm = newsroom.theme(shop.title), newsroom.organisation()
    from masthead.catalogue.models import Person

    person = Person.objects.create(name="Nyhedsbordet")
    story = Story.objects.create(publication=shop.title, name="Sagen")
    piece = newsroom.article(shop.title, themes=[theme], organisations=[firm], people=[person], story=story)
    newsroom.partner_article(shop.title, payer=firm)
    for thing in (theme, firm, person):
        shop.print(FRONT, "/annonce/", address(piece), place_of(thing))
        with shop.committing():
            thing.name = f"Omdøbt {thing.name}"
            thing.save()
        assert thing.name in shop.ask(address(piece)).text
        assert thing.name in shop.ask(place_of(thing)).text
    assert "Omdøbt Ladelauget" in shop.ask("/annonce/").text  # the payer's present name, beside the printed one


def test_a_moved_and_a_renamed_page_leave_their_old_address_and_every_link_is_new(shop):
    piece = newsroom.article(shop.title, "Flytter")
    newsroom.article(shop.title, "Peger", body=[("paragraph", f'<p><a linktype="page" id="{piece.pk}">den</a></p>')])
    old = address(piece)
    shop.print(FRONT, old, "/artikler/peger/")
    with shop.committing():
        piece.slug = "nyt-navn"
        piece.save()
    assert shop.ask(old).status != 200
    assert "/artikler/nyt-navn/" in shop.ask(FRONT).text
    assert "/artikler/nyt-navn/" in shop.ask("/artikler/peger/").text
    with shop.committing():
        piece.move(newsroom.list_page(shop.title, "partner"), pos="last-child")
    assert shop.ask("/artikler/nyt-navn/").status != 200
    assert "/annonce/nyt-navn/" in shop.ask(FRONT).text
    with shop.committing():
        articles = newsroom.list_page(shop.title, "articles")
        articles.slug = "tekster"
        articles.save()
    assert shop.ask("/artikler/peger/").status != 200
    assert "/tekster/peger/" in shop.ask(FRONT).text


def test_a_booking_and_its_cancelling_are_seen_at_once(shop):
    firm = newsroom.organisation()
    paid = newsroom.partner_article(shop.title, "Betalt plads", payer=firm)
    newsroom.article(shop.title)
    agreement = newsroom.agreement(shop.title, firm)
    shop.print("/artikler/kabelkoeen-vokser/")
    with shop.committing():
        booking = book(agreement, "article", date.today(), 1, paid)
    assert "Betalt plads" in shop.ask("/artikler/kabelkoeen-vokser/").text
    assert shop.is_kept("/artikler/kabelkoeen-vokser/")
    with shop.committing():
        cancel(booking)
    assert "Betalt plads" not in shop.ask("/artikler/kabelkoeen-vokser/").text


def test_a_legal_page_a_picture_and_a_closed_page_are_new_at_once(shop):
    picture = newsroom.picture()
    piece = newsroom.article(shop.title, picture=picture)
    imprint = LegalPage.objects.first()
    shop.print(FRONT, address(piece), imprint.url)
    with shop.committing():
        picture.credit = "En anden"
        picture.save()
    assert "En anden" in shop.ask(address(piece)).text
    with shop.committing():
        imprint.title = "Kolofon og mere"
        imprint.save()
    assert "Kolofon og mere" in shop.ask(FRONT).text
    shop.print(address(piece))
    with shop.committing():
        from wagtail.models import PageViewRestriction

        PageViewRestriction.objects.create(page=piece.page_ptr, restriction_type="login")
    assert shop.ask(address(piece)).status == 302
    assert not shop.is_kept(address(piece))


def test_a_recall_is_a_row_of_the_same_transaction(shop):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        newsroom.article(shop.title, "Fortrudt")
        assert Recall.objects.filter(names__has_key=f"cards:{shop.title.pk}").exists()
        raise ZeroDivisionError
    assert not Recall.objects.filter(names__has_key=f"cards:{shop.title.pk}").exists()


def test_what_was_changed_while_a_page_was_rendered_keeps_it_from_being_kept(shop):
    newsroom.article(shop.title, "Før")

    def publish():
        with shop.committing():
            newsroom.article(shop.title, "Imens")

    shop.beside = publish
    stale = shop.ask(FRONT)
    assert "Imens" not in stale.text  # it was rendered before
    assert "Imens" in shop.ask(FRONT).text  # and was not kept
    assert shop.is_kept(FRONT)


def test_what_was_changed_beside_it_does_not_keep_it_from_being_kept(shop):
    newsroom.article(shop.title, "Før")

    def publish():
        with shop.committing():
            newsroom.job(shop.title, "En stilling")

    shop.beside = publish
    shop.ask("/feeds/articles.rss")
    assert shop.is_kept("/feeds/articles.rss")

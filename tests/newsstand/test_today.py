"""The today page: what is due, waits, runs out, lacks its credit or its copy; each line leads to its fix."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from masthead.catalogue import publishing
from masthead.newsstand import planning, staffing
from masthead.partners import booking
from masthead.partners.models import Place
from tests.newsroom import agreement, article, job, list_page, organisation, partner_article, picture

pytestmark = pytest.mark.django_db


def lines(number: int) -> list[str]:
    return [row.sentence for row in planning.today()[number].rows]


DUE, EMBARGOED, EXPIRING, PICTURES, SOLD, UNLABELLED = range(6)


def schedule(title, moment, **more):
    """An article that an editor has scheduled."""
    piece = article(title, "Klausuleret", live=False, first_published_at=None, go_live_at=moment, **more)
    piece.save_revision(approved_go_live_at=moment, clean=False)
    return piece


JUST_PAST = timedelta(minutes=-1)


def test_an_empty_house_says_so_in_every_list(title):
    day = planning.today()
    assert all(not a_list.rows and a_list.empty for a_list in day) and len(day) == 6


def test_what_is_embargoed_waits_in_its_list_and_leads_to_its_editor(title):
    piece = schedule(title, timezone.now() + timedelta(days=3))
    row = planning.today()[EMBARGOED].rows[0]
    assert "Klausuleret" in row.sentence and row.url == f"/desk/pages/{piece.pk}/edit/"


def test_what_was_due_and_may_not_be_shown_says_why(title):
    bare = picture(credit="")
    schedule(title, timezone.now() + JUST_PAST, picture=bare)
    assert publishing.publish_due() == 0
    assert "Klausuleret" in lines(DUE)[0] and "coast" in lines(DUE)[0]


def test_one_refused_article_does_not_hold_the_others_back(title):
    schedule(title, timezone.now() + JUST_PAST, picture=picture(credit=""))
    good = schedule(title, timezone.now() + JUST_PAST)
    assert publishing.publish_due() == 1
    good.refresh_from_db()
    assert good.live


def test_a_job_that_ends_this_week_is_listed(title):
    job(title, "Snart slut", in_days=3)
    job(title, "Længe endnu", in_days=30)
    assert len(lines(EXPIRING)) == 1 and "Snart slut" in lines(EXPIRING)[0]


def test_a_picture_without_credit_is_listed(title):
    picture("med")
    picture("uden", credit="")
    assert len(lines(PICTURES)) == 1 and "uden" in lines(PICTURES)[0]


def test_a_place_sold_without_copy_is_listed_until_it_is_filled(title):
    sold = booking.book(agreement(title), Place.FRONT, date.today())
    assert "Ladelauget ApS" in lines(SOLD)[0]
    booking.fill(sold, partner_article(title))
    assert lines(SOLD) == []


def test_editorial_from_a_running_partner_is_a_risk(title):
    agreement(title)
    article(title, "Pressemeddelelse", source=organisation("Ladelauget ApS"))
    article(title, "Andet", source=organisation("Standardlauget"))
    assert len(lines(UNLABELLED)) == 1 and "Pressemeddelelse" in lines(UNLABELLED)[0]


def test_a_label_word_that_does_not_tell_is_a_risk(title):
    title.paid_label = "Advertorial"
    title.save()
    assert "Advertorial" in lines(UNLABELLED)[0]


def test_the_front_of_the_desk_is_the_today_page(title, client):
    client.force_login(staffing.add_user("redaktør", "et-langt-kodeord"))
    picture("uden", credit="")
    page = client.get("/desk/").content.decode()
    assert "data-today" in page and "uden" in page


def test_each_kind_has_its_list_at_the_desk(title, client):
    client.force_login(staffing.add_user("redaktør", "et-langt-kodeord"))
    article(title, "Kabelkøen vokser")
    page = client.get("/desk/articles/").content.decode()
    assert "Kabelkøen vokser" in page
    for name in ("partner_content", "events", "jobs", "house_promotions"):
        assert client.get(f"/desk/{name}/").status_code == 200
    assert client.get(f"/desk/pages/add/articles/article/{list_page(title, 'articles').pk}/").status_code == 200

"""A place is sold once, shown where it was sold, and counted."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from masthead.partners import booking, ledger, placing
from masthead.partners.models import Booking, BookingRecord, Place, monday
from tests.newsroom import agreement, organisation, partner_article

pytestmark = pytest.mark.django_db
TODAY = date.today()


def test_a_place_is_sold_once_a_week_and_the_second_customer_is_told(title):
    booking.book(agreement(title), Place.FRONT, TODAY)
    with pytest.raises(booking.PlaceTaken, match="1 is sold"):
        booking.book(agreement(title, partner=organisation("Vindø Elnet A/S")), Place.FRONT, monday(TODAY))


def test_the_database_refuses_a_second_sale_that_slips_past_the_verbs(title):
    sold = booking.book(agreement(title), Place.FRONT, TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.bulk_create(
            [Booking(agreement=sold.agreement, publication=title, place=Place.FRONT, position=1, unit=sold.unit)]
        )


def test_a_cancelled_place_can_be_sold_again(title):
    booking.cancel(booking.book(agreement(title), Place.FRONT, TODAY))
    assert booking.book(agreement(title), Place.FRONT, TODAY).pk


def test_what_was_sold_is_what_the_page_takes(title):
    piece = partner_article(title)
    booking.book(agreement(title), Place.ARTICLE, TODAY, item=piece)
    assert [card.item_id for card in placing.placed(title, Place.ARTICLE)] == [piece.pk]
    assert placing.placed(title, Place.ARTICLE, TODAY + timedelta(days=7)) == []
    assert placing.placed(title, Place.FRONT) == []


def test_a_newsletter_place_is_a_day_and_a_web_place_a_week(title):
    piece = partner_article(title)
    booking.book(agreement(title), Place.NEWSLETTER, TODAY, item=piece)
    assert placing.placed(title, Place.NEWSLETTER, TODAY)
    assert placing.placed(title, Place.NEWSLETTER, TODAY + timedelta(days=1)) == []


def test_the_ledger_counts_what_was_published_and_booked(title):
    bought = agreement(title, articles=3, newsletter_slots=2, web_weeks=4)
    partner_article(title, reference=bought.reference)
    booking.book(bought, Place.NEWSLETTER, TODAY)
    booking.cancel(booking.book(bought, Place.FRONT, TODAY))
    left = {line.kind: (line.used, line.left) for line in ledger.balance(bought)}
    assert left == {"articles": (1, 2), "newsletter_slots": (1, 1), "web_weeks": (0, 4)}


def test_an_article_that_was_taken_off_again_stays_counted(title):
    bought = agreement(title, articles=3)
    partner_article(title, reference=bought.reference).unpublish()
    assert ledger.balance(bought)[0].used == 1


def test_every_sale_is_recorded_in_the_chain(title):
    sold = booking.book(agreement(title), Place.FRONT, TODAY)
    booking.fill(sold, partner_article(title))
    booking.cancel(sold)
    assert [row.content["action"] for row in BookingRecord.objects.all()] == ["booked", "filled", "cancelled"]
    assert BookingRecord.broken_at() is None

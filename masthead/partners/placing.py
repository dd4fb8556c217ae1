"""Placing: the bookings are what a renderer reads, so that nothing is sold and not shown."""

from datetime import date

from django.utils import timezone

from masthead.catalogue import shelves
from masthead.catalogue.models import Card
from masthead.partners.models import Booking, Place
from masthead.press.ingredients import note, note_day
from masthead.publication.models import Publication


def placed(title: Publication, place: str, day: date | None = None) -> list[Card]:
    """Return the cards sold into `place` on `day` (today in the title's time), by position."""
    note_day(title.zone)
    day = day or timezone.localdate(timezone=title.zone)
    note(f"bookings:{title.pk}:{place}")
    standing = Booking.objects.standing().filter(publication=title, place=place)
    bookings = standing.filter(unit=day) if place == Place.NEWSLETTER else standing.in_week_of(day)
    keys = list(bookings.exclude(item=None).order_by("position").values_list("item_id", flat=True))
    cards = shelves.of_items(keys, title)
    return [cards[key] for key in keys if key in cards]

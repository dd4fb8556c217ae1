"""Booking a place, filling it and giving it up. Each is recorded in the chain."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from masthead.partners.models import Agreement, Booking, BookingRecord, Place, monday


class PlaceTaken(ValueError):
    """The place is sold already; the message says what to do."""


def book(agreement: Agreement, place: str, unit: date, position: int = 1, item: Page | None = None) -> Booking:
    """Sell one position of a place for one week or issue, and return the booking.

    Two who confirm at once can't both have it: the database's constraint decides, the other gets PlaceTaken.
    """
    booking = Booking(agreement=agreement, place=place, unit=unit, position=position, item=item)
    try:
        with transaction.atomic():
            booking.save()
            _record(booking, "booked")
    except IntegrityError as error:
        day = unit if place == Place.NEWSLETTER else monday(unit)
        raise PlaceTaken(
            _("%(place)s %(position)s is sold for %(day)s. Choose another position or another week.")
            % {"place": booking.get_place_display(), "position": position, "day": day.isoformat()}
        ) from error
    return booking


def fill(booking: Booking, item: Page) -> Booking:
    """Say what is shown in a booked place."""
    with transaction.atomic():
        booking.item = item
        booking.save()
        _record(booking, "filled")
    return booking


def cancel(booking: Booking) -> Booking:
    """Give a place up; it can be sold again. The booking stays on record."""
    with transaction.atomic():
        booking.cancelled_at = timezone.now()
        booking.save()
        _record(booking, "cancelled")
    return booking


def _record(booking: Booking, action: str) -> None:
    BookingRecord.append(
        {
            "action": action,
            "booking": booking.pk,
            "agreement": booking.agreement.reference,
            "partner": booking.agreement.partner.name,
            "place": booking.place,
            "position": booking.position,
            "unit": booking.unit.isoformat(),
            "item": booking.item_id,
        },
        booking_id=booking.pk,
    )

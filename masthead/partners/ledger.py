"""The ledger: what each agreement holds, what was used of it, what is left."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from masthead.catalogue import shelves
from masthead.catalogue.models import CardKind
from masthead.partners.models import Agreement, Place


@dataclass(frozen=True)
class Line:
    """One kind of unit in an agreement."""

    kind: str
    name: str
    bought: int
    used: int

    @property
    def left(self) -> int:
        return self.bought - self.used


def balance(agreement: Agreement) -> list[Line]:
    """Return a line for each kind the agreement holds, counted from what was published and booked."""
    published = shelves.published_under(agreement.reference)
    standing = agreement.bookings.standing()
    newsletter = standing.filter(place=Place.NEWSLETTER).count()
    lines = [
        Line("articles", _("articles"), agreement.articles, published.get(CardKind.ARTICLE, 0)),
        Line("newsletter_slots", _("newsletter slots"), agreement.newsletter_slots, newsletter),
        Line("web_weeks", _("weeks on the web"), agreement.web_weeks, standing.count() - newsletter),
        Line("events", _("events"), agreement.events, published.get(CardKind.EVENT, 0)),
        Line("jobs", _("job ads"), agreement.jobs, published.get(CardKind.JOB, 0)),
    ]
    return [line for line in lines if line.bought or line.used]

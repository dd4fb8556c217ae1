"""Founding: a newsletter is started, with the words a reader will say yes to."""

from datetime import time

from django.db import transaction
from django.utils.translation import gettext, override

from masthead.newsletters.models import Newsletter
from masthead.publication.addresses import slug_of
from masthead.publication.models import Publication
from masthead.subscribers.models import ConsentKind, ConsentText


def found_newsletter(title: Publication, name: str, *, promise: str, weekdays: list[int], **more) -> Newsletter:
    """Start a newsletter and write the first version of its consent texts. `more` are fields of Newsletter.

    `weekdays` are ISO numbers, 1 for Monday. The companies named are the publisher's; add those that are sent for.
    """
    more = {"slug": slug_of(name), "at": time(7, 30), "most_per_week": len(weekdays), **more}
    more.setdefault("sender_address", title.contact_email or "newsletter@localhost.localdomain")
    with transaction.atomic():
        newsletter = Newsletter(publication=title, name=name, promise=promise, weekdays=weekdays, **more)
        newsletter.full_clean()
        newsletter.save()
        write_consent_texts(title, promise)
    return newsletter


def write_consent_texts(title: Publication, promise: str) -> list[ConsentText]:
    """Write a first consent text for each kind that has none, in the title's language, and return those written."""
    with override(title.language):
        words = {
            ConsentKind.NEWSLETTER: gettext(
                "The newsletter of %(name)s by mail. %(promise)s It holds advertisements, labelled."
            ),
            ConsentKind.THEMES: gettext("Mail from %(name)s when there is news of the themes I choose."),
            ConsentKind.EVENTS: gettext("Mail from %(name)s about events in the trade."),
        }
        withdrawal = gettext("You can withdraw with one click in every mail.")
    missing = [kind for kind in words if ConsentText.current(title, kind, title.language) is None]
    return [
        ConsentText.objects.create(
            publication=title,
            kind=kind,
            language=title.language,
            text=words[kind] % {"name": title.name, "promise": promise},
            companies=title.legal_name or title.name,
            withdrawal=withdrawal,
        )
        for kind in missing
    ]

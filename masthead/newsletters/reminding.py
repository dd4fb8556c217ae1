"""Reminding: the editor is told when a promised moment comes near and nothing is approved for it.

Nothing goes out without approval, so an issue below its minimum is simply not sent; but nobody should learn that from a
reader.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from masthead.newsletters import proposing
from masthead.newsletters.models import Issue, IssueRecord, Newsletter
from masthead.publication import typesetting

log = logging.getLogger(__name__)

AHEAD = timedelta(hours=3)


def remind_due() -> int:
    """Write to the editors of each newsletter whose next moment is near and has no approved issue; once a moment."""
    told = 0
    for newsletter in Newsletter.objects.select_related("publication__site"):
        for slot in _near(newsletter):
            if not _is_ready(newsletter, slot) and not _was_told(newsletter, slot):
                told += _tell(newsletter, slot)
    return told


def what_is_missing(newsletter: Newsletter, slot: datetime) -> str:
    """Say in a sentence why nothing would go out at `slot`."""
    waiting, draft = proposing.waiting(newsletter), newsletter.draft()
    if draft and draft.day == slot.date():
        return _("No. %s is made and not approved yet.") % draft.number
    if waiting < newsletter.fewest:
        words = {"n": waiting, "fewest": newsletter.fewest}
        return _("%(n)s new articles wait, and with fewer than %(fewest)s nothing goes out.") % words
    return _("%s new articles wait, and no issue is made yet.") % waiting


def _near(newsletter: Newsletter) -> list[datetime]:
    now = timezone.now()
    today = timezone.localdate(now, newsletter.zone)
    return [s.at for s in newsletter.slots(today, today + timedelta(days=1)) if timedelta(0) < s.at - now <= AHEAD]


def _is_ready(newsletter: Newsletter, slot: datetime) -> bool:
    unready = [Issue.State.DRAFT, Issue.State.COMPOSED, Issue.State.CANCELLED]
    return newsletter.issues.filter(day=slot.date()).exclude(state__in=unready).exists()


def _was_told(newsletter: Newsletter, slot: datetime) -> bool:
    about = {"content__action": "reminded", "content__newsletter": newsletter.pk, "content__slot": slot.isoformat()}
    return IssueRecord.objects.filter(**about).exists()


def _tell(newsletter: Newsletter, slot: datetime) -> bool:
    title = newsletter.publication
    with translation.override(title.language):
        missing = what_is_missing(newsletter, slot)
        when = f"{typesetting.weekday(slot)} {typesetting.hour(slot)}"
        subject = _("%(newsletter)s: nothing goes out %(when)s yet") % {"newsletter": newsletter, "when": when}
        desk = f"{settings.MASTHEAD['base_url']}/desk/newsletters/issues/"
    IssueRecord.append(
        {"action": "reminded", "newsletter": newsletter.pk, "slot": slot.isoformat(), "missing": missing}
    )
    if not title.contact_email:
        log.warning("%s. %s (The title has no contact address to write to.)", subject, missing)
        return False
    send_mail(subject, f"{missing}\n\n{desk}\n", settings.MASTHEAD["mail_from"], [title.contact_email])
    return True

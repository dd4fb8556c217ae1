"""Mailing: the demo's newsletter, the issues it sent in its first weeks, and readers to send the next one to.

The past issues are composed, approved and finished by the newsletter's own verbs, to nobody: the readers come after.
"""

from datetime import date, datetime, timedelta

from masthead.catalogue import shelves
from masthead.demo import nouns
from masthead.newsletters import approving, composing, planning, settling
from masthead.newsletters.founding import found_newsletter
from masthead.newsletters.models import Issue, Newsletter
from masthead.publication.models import Publication
from masthead.subscribers.models import ConsentKind, ConsentText
from masthead.subscribers.subscribing import take_over

WEEKS = 4
READERS = 24
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def start(title: Publication, promise: nouns.Promise, editor, today: date) -> Newsletter:
    """Start the newsletter of a title, with its past issues and its readers, and return it."""
    newsletter = found_newsletter(
        title,
        promise.name,
        promise=promise.promise,
        weekdays=sorted(WEEKDAYS.index(day) + 1 for day in promise.weekdays),
        slug=promise.slug,
        at=promise.at,
        most_per_week=promise.most_per_week,
        sender_name=title.name,
    )
    Newsletter.objects.filter(pk=newsletter.pk).update(begun=today - timedelta(weeks=WEEKS))
    days = [today - timedelta(days=ago) for ago in range(WEEKS * 7, 0, -1)]
    for day in (day for day in days if day.isoweekday() in newsletter.weekdays):
        _send_to_nobody(newsletter, day, editor)
    _invite_readers(title)
    return newsletter


def _send_to_nobody(newsletter: Newsletter, day: date, editor) -> None:
    moment = datetime.combine(day, newsletter.at, newsletter.zone)
    last = newsletter.last_gone()
    since = last.finished_at if last else moment - timedelta(days=7)
    cards = [c for c in shelves.since(newsletter.publication, since).take(40) if c.valid_from < moment]
    if not cards:
        return
    issue = Issue.objects.create(newsletter=newsletter, number=last.number + 1 if last else 1, day=day)
    for card in cards[: newsletter.articles]:
        composing.add(issue, card)
    composing.write(issue, subject=cards[0].title, preheader=cards[0].standfirst[:150])
    approving.approve(issue, editor)
    planning.plan(issue)
    issue.move(Issue.State.READY, to=Issue.State.SENDING)
    settling.finish(issue)
    Issue.objects.filter(pk=issue.pk).update(approved_at=moment, started_at=moment, finished_at=moment)


def _invite_readers(title: Publication) -> None:
    text = ConsentText.current(title, ConsentKind.NEWSLETTER, title.language)
    if text is None:
        raise LookupError(f"{title} has no text to say yes to: found its newsletter first.")
    for number in range(1, READERS + 1):
        take_over(title, f"reader-{number:02}@example.org", text, evidence="invented for the demo")

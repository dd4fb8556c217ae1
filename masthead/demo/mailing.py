"""Mailing: the demo's newsletter, the issues it sent in its first weeks, and readers to send the next one to.

The past issues are composed, approved and finished by the newsletter's own verbs, and go to nobody.
"""

from datetime import date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from masthead.catalogue import shelves
from masthead.demo import nouns, showing
from masthead.newsletters import approving, checking, composing, promising
from masthead.newsletters.founding import found_newsletter
from masthead.newsletters.models import Issue, Newsletter
from masthead.publication.models import Publication
from masthead.subscribers import gathering
from masthead.subscribers.models import ConsentKind

WEEKS = 4
READERS = 24
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def start(title: Publication, promise: nouns.Promise, today: date) -> Newsletter:
    """Start the newsletter of a title, with its readers, and return it."""
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
    _invite_readers(title)
    return newsletter


def send_past_issues(today: date) -> None:
    """Compose, approve and finish the issues of each newsletter's first weeks, if it has none yet."""
    editor = get_user_model().objects.get(username=showing.EDITOR)
    days = [today - timedelta(days=ago) for ago in range(WEEKS * 7, 0, -1)]
    for newsletter in Newsletter.objects.filter(issues=None).select_related("publication__site__root_page"):
        with transaction.atomic(), translation.override(newsletter.publication.language):
            for day in days:
                if day.isoweekday() in newsletter.weekdays:
                    _send_to_nobody(newsletter, day, editor)


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
    for problem in checking.problems(issue, composing.compose(issue)):
        if problem.may_be_allowed:  # a place sold for a day that has passed, whose copy never came
            promising.allow(issue, problem.code, _("As it was decided on the day."), editor)
    approving.approve(issue, editor)
    issue.move(
        Issue.State.APPROVED,
        to=Issue.State.FINISHED,
        planned_count=0,
        approved_at=moment,
        started_at=moment,
        finished_at=moment,
    )


def _invite_readers(title: Publication) -> None:
    addresses = (f"reader-{number:02}@example.org" for number in range(1, READERS + 1))
    gathering.gather(title, ConsentKind.NEWSLETTER, addresses, evidence="invented for the demo")

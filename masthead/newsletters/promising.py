"""Promising: what the sign-up says, kept by the machine and counted in public (wish N-6, rule M9)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.utils import timezone, translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from masthead.newsletters.models import WEEKDAYS, Issue, Newsletter
from masthead.press.ingredients import note, note_day
from masthead.publication import typesetting

WEEK = timedelta(weeks=1)
YEAR = 52


class BeyondPromise(ValueError):
    """One issue more than promised this week; the message quotes the promise."""


@dataclass(frozen=True)
class Week:
    """One ISO week: how many issues went out, and how many were promised at most."""

    monday: date
    issues: int
    promised: int

    @property
    def is_beyond(self) -> bool:
        return self.issues > self.promised


def kept_weeks(newsletter: Newsletter, weeks: int = YEAR, today: date | None = None) -> list[Week]:
    """Return the last `weeks` ISO weeks, oldest first, this one included, counted from the issues that went out."""
    note(f"issues:{newsletter.publication_id}")
    note_day(newsletter.zone)
    this = _monday(today or timezone.localdate(timezone=newsletter.zone))
    first = this - WEEK * (weeks - 1)
    counted: dict[date, int] = {}
    gone = newsletter.issues.gone_out().filter(day__gte=first).order_by().values_list("day").annotate(n=Count("pk"))
    for day, n in gone:
        counted[_monday(day)] = counted.get(_monday(day), 0) + n
    mondays = (first + WEEK * n for n in range(weeks))
    return [Week(monday, counted.get(monday, 0), newsletter.most_per_week) for monday in mondays]


def place_in_week(issue: Issue) -> int:
    """Return which issue of its week this is: 1 for the first."""
    return issue.newsletter.issues.promised_in_week(issue.day).exclude(pk=issue.pk).count() + 1


def kept_words(issue: Issue) -> str:
    """The dots as text, "2 of 2 this week"."""
    counts = {"number": place_in_week(issue), "most": issue.newsletter.most_per_week}
    return _("This is %(number)s of at most %(most)s this week.") % counts


def is_beyond(issue: Issue) -> bool:
    """Whether this issue is one more than its week was promised, and nobody allowed it by name."""
    allowed = any(override["code"] == "promise" for override in issue.overrides)
    return not allowed and place_in_week(issue) > issue.newsletter.most_per_week


def refuse_beyond(issue: Issue) -> None:
    """Raise BeyondPromise where sending this would break the promise and nobody allowed it by name."""
    if is_beyond(issue):
        raise BeyondPromise(
            _("%(n)s issues have gone out this week, and readers were promised: “%(promise)s”")
            % {"n": place_in_week(issue) - 1, "promise": issue.newsletter.promise}
        )


def allow(issue: Issue, code: str, reason: str, user) -> None:
    """Allow one thing against its rule, by name and with a reason; both are kept and shown.

    Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError(_("Write the reason: it is kept with your name."))
    entry = {"code": code, "reason": reason.strip(), "by": user.get_username(), "at": timezone.now().isoformat()}
    issue.overrides = [*(o for o in issue.overrides if o["code"] != code), entry]
    issue.save(update_fields=["overrides"])
    issue.log("allowed", code=code, reason=entry["reason"], by=entry["by"])


def rule_of(newsletter: Newsletter) -> str:
    """Say in words what the machine keeps: the days, the time, the most a week, and what happens on holidays."""
    days = [str(name) for number, name in WEEKDAYS if number in newsletter.weekdays] or [_("any day")]
    most = newsletter.most_per_week
    said = ngettext(
        "%(days)s at %(at)s; at most %(n)s issue a week.", "%(days)s at %(at)s; at most %(n)s issues a week.", most
    )
    words = {"days": get_text_list(days, _("and")), "at": typesetting.hour(newsletter.at), "n": most}
    holidays: dict[str, str] = {
        Newsletter.OnHolidays.SKIP: _("On public holidays it is left out."),
        Newsletter.OnHolidays.MOVE: _(
            "On public holidays it moves to the next working day of the week, if one is free."
        ),
    }
    return " ".join(filter(None, [said % words, holidays.get(newsletter.on_holidays, "")]))


def contradiction(newsletter: Newsletter) -> str:
    """Say where the words of the promise name other days than the rule; empty where they don't (wish N-6)."""
    said = newsletter.promise.casefold()
    with translation.override(newsletter.publication.language):
        named = {number for number, name in WEEKDAYS if str(name).casefold() in said}
    if not named or named == set(newsletter.weekdays):
        return ""
    return _("%(name)s promises “%(promise)s”, and is ticked for other days. Change the words or the days.") % {
        "name": newsletter.name,
        "promise": newsletter.promise,
    }


def changed_alone(before: Newsletter, after: Newsletter) -> str:
    """Say that the words of a promise were changed without its rule, or the rule without the words; else empty."""
    words = before.promise != after.promise
    rule = rule_of(before) != rule_of(after)
    if words and not rule:
        return _(
            "The words of the promise were changed, and what the machine keeps was not. See that both still agree."
        )
    if rule and not words:
        return _("What the machine keeps was changed, and the words readers were promised were not. Change them too.")
    return ""


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

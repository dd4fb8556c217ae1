"""What mails and pages print of newsletters: the sign-up with its promise, and facts of events and jobs as one line."""

from datetime import date

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from masthead.catalogue.models import Card
from masthead.catalogue.timing import when
from masthead.catalogue.wording import event_kind
from masthead.newsletters.models import Newsletter
from masthead.newsletters.promising import Week, kept_weeks
from masthead.newsletters.rendering import LOOK
from masthead.publication import typesetting
from masthead.subscribers.forms import SignUpForm

register = template.Library()

register.filter("day_with_weekday", typesetting.weekday)


@register.inclusion_tag("newsletters/sign_up.html", takes_context=True)
def sign_up_form(context, form=None, level=2) -> dict:
    """Print the sign-up with its promise and what was kept of it; nothing in a title without a newsletter."""
    request = context["request"]
    title = request.publication
    newsletter = Newsletter.objects.filter(publication=title).select_related("publication").first() if title else None
    if newsletter is None:
        return {"newsletter": None}
    form = form or SignUpForm(title, initial={"page": request.path})
    return {
        "newsletter": newsletter,
        "form": form,
        "page": form["page"].value() or request.path,
        "weeks": kept_weeks(newsletter),
        "level": f"h{level}",
    }


@register.simple_tag
def dots(weeks: list[Week]) -> dict:
    """A row of dots for each promised issue a week, filled where it came; a third row only where a third was sent."""
    rows = max([week.promised for week in weeks] + [week.issues for week in weeks], default=1)
    drawn = [
        {"x": 6 + 10 * across, "y": 6 + 10 * row, "is_empty": row >= week.issues}
        for across, week in enumerate(weeks)
        for row in range(max(week.promised, week.issues))
    ]
    return {"dots": drawn, "width": 10 * len(weeks) + 2, "height": 10 * rows + 2, "words": dots_in_words(weeks)}


def dots_in_words(weeks: list[Week]) -> str:
    issues, most = sum(week.issues for week in weeks), sum(week.promised for week in weeks)
    counts = {"weeks": len(weeks), "issues": issues, "most": most}
    if any(week.is_beyond for week in weeks):
        return _("The last %(weeks)s weeks: %(issues)s issues, in some weeks more than promised.") % counts
    return (
        ngettext(
            "The last %(weeks)s weeks: %(issues)s issue of at most %(most)s, in no week more than promised.",
            "The last %(weeks)s weeks: %(issues)s issues of at most %(most)s, in no week more than promised.",
            issues,
        )
        % counts
    )


@register.simple_tag
def mail_label(card: Card) -> SafeString:
    """Label and payer before a headline in a mail, with its colour written at the spot as mail programs need it."""
    disclosed = card.disclosed
    if not disclosed:
        return mark_safe("")
    ink = LOOK["paid_ink"] if disclosed.is_paid else LOOK["house_ink"]
    return format_html(
        '<p style="margin:0 0 4px;font-size:14px;line-height:1.35;color:{}"><b>{}</b> {}</p>',
        ink,
        disclosed.label,
        disclosed.payer_line,
    )


@register.simple_tag
def event_state(card: Card) -> str:
    """What a reader must know before the name of an event that was cancelled or moved."""
    words = {"cancelled": _("Cancelled: "), "moved": _("Moved: ")}
    return words.get(card.facts.get("status", ""), "")


@register.simple_tag
def event_days(card: Card) -> str:
    """The day or days of an event, as it meets next."""
    held = when(card)
    return held.days or typesetting.day(held.starts)


@register.simple_tag
def event_facts(card: Card, with_day: bool = False) -> str:
    """When, where and who, in one line; a time that is to be announced is said, not left out."""
    facts, held = card.facts, when(card)
    hours = held.hours or _("time to be announced")
    again = _("and again %s") % held.again if held.again else ""
    online = _("online") + (f" ({facts['platform']})" if facts.get("platform") else "")
    places = {"online": [online], "on_site": [facts.get("place", "")], "hybrid": [facts.get("place", ""), online]}
    where = places.get(facts.get("mode", ""), [])
    days = [event_days(card)] if with_day else []
    kind = facts.get("kind", "other")
    parts = [*days, hours, again, event_kind(kind) if kind != "other" else "", *where, card.source_name]
    return ", ".join(str(part) for part in parts if part)


@register.simple_tag
def job_facts(card: Card) -> str:
    """Employer, town and last day, in one line."""
    facts = card.facts
    last_day = date.fromisoformat(facts["last_day"]) if facts.get("last_day") else None
    parts = [card.source_name, facts.get("town"), _("or from anywhere") if facts.get("remote") else ""]
    if last_day:
        parts.append(_("last day %s") % typesetting.day(last_day))
    return ", ".join(part for part in parts if part)

"""The issues at the editors' desk: a list, and one page an issue, from the proposal to the closed books."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from masthead.catalogue import shelves
from masthead.catalogue.models import CardKind
from masthead.catalogue.outputs import shows_no_cards
from masthead.mail.addresses import BadAddress
from masthead.mail.letters import FrozenLetter, LetterError
from masthead.mail.transport import Outcome, ServerGone
from masthead.newsletters import (
    approving,
    checking,
    composing,
    deskbooks,
    planning,
    promising,
    rendering,
    sending,
    settling,
)
from masthead.newsletters.forms import ScheduleForm, WordsForm
from masthead.newsletters.models import Delivery, Issue, IssueItem, Newsletter, Section
from masthead.subscribers.addressing import Why

MAY_WORK, MAY_SEND = "newsletters.change_issue", "newsletters.send_issue"
NEWEST = 50
CHOICES_A_KIND = 20
REFUSALS = (
    composing.CannotChange,
    approving.NotApproved,
    promising.BeyondPromise,
    planning.CannotPlan,
    BadAddress,
    LetterError,
    ServerGone,
)


@shows_no_cards
@require_safe
def issues(request):
    """The newsletters, each with its next issue and those that went out."""
    _require(request, MAY_WORK)
    rows = [
        {
            "newsletter": newsletter,
            "issues": newsletter.issues.order_by("-number")[:NEWEST],
            "draft": newsletter.draft(),
        }
        for newsletter in Newsletter.objects.select_related("publication")
    ]
    return render(request, "newsletters/desk/issues.html", {"rows": rows, **_furniture(_("Issues"))})


@shows_no_cards
@require_POST
def propose(request, newsletter):
    """Make the next issue of a newsletter."""
    _require(request, MAY_WORK)
    found = get_object_or_404(Newsletter.objects.select_related("publication__site"), pk=newsletter)
    return redirect("newsletter_issues:issue", composing.propose(found).pk)


@shows_no_cards
@require_safe
def issue(request, key):
    """One issue: what is in it, how it looks, what is wrong, who gets it, and how far it has come."""
    _require(request, MAY_WORK)
    found = _issue(key)
    context = _changing(found) if found.is_changeable else _under_way(found)
    context |= {"issue": found, "may_send": request.user.has_perm(MAY_SEND), "words": WordsForm(instance=found)}
    return render(request, "newsletters/desk/issue.html", context | _furniture(str(found), issues=True))


@shows_no_cards
@require_safe
def preview(request, key, part):
    """The letter as a reader gets it, in HTML or text: the approved one, or the one that would be approved now."""
    _require(request, MAY_WORK)
    found = _issue(key)
    reading = rendering.read(rendering.specimen(_letter(found), found.newsletter))
    if part == "text":
        return HttpResponse(reading.text, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(reading.html)
    answer["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' http: https: data:; style-src 'unsafe-inline'"
    )
    return answer


@shows_no_cards
@require_POST
def act(request, key, action):
    """Do one thing with an issue, and say in a sentence what came of it."""
    do, permission = ACTIONS.get(action, (None, MAY_SEND))
    _require(request, permission)
    found = _issue(key)
    if do is None:
        raise PermissionDenied
    try:
        said = do(found, request.POST, request.user)
        if said:
            messages.success(request, said)
    except approving.NotReady as not_ready:
        for problem in not_ready.problems:
            messages.error(request, problem.sentence)
    except (*REFUSALS, ValueError) as refused:
        messages.error(request, str(refused))
    return redirect("newsletter_issues:issue", found.pk)


# What can be done


def _write(issue, data, user):
    form = WordsForm(data, instance=_issue(issue.pk))
    if not form.is_valid():
        raise ValueError(" ".join(sentence for found in form.errors.values() for sentence in found))
    composing.write(issue, **{name: form.cleaned_data[name] for name in form.changed_data})
    return _("Saved.") if form.changed_data else ""


def _add(issue, data, user):
    for card in shelves.picked(issue.publication, [int(key) for key in data.getlist("card") if key.isdecimal()]):
        composing.add(issue, card)


def _remove(issue, data, user):
    composing.remove(_item(issue, data))


def _up(issue, data, user):
    composing.shift(_item(issue, data), -1)


def _down(issue, data, user):
    composing.shift(_item(issue, data), 1)


def _order(issue, data, user):
    composing.order(issue, data.get("section", ""), [int(key) for key in data.get("items", "").split(",") if key])


def _approve(issue, data, user):
    approving.approve(issue, user)
    return _("Approved. It can be sent now; any change takes the approval away.")


def _allow(issue, data, user):
    promising.allow(issue, data.get("code", ""), data.get("reason", ""), user)
    return _("Allowed, with your name and the reason.")


def _test(issue, data, user):
    result = sending.send_test(issue, data.get("address", ""))
    if result.outcome != Outcome.ACCEPTED:
        raise ValueError(_("The mail server did not take it: %(code)s %(text)s") % result._asdict())
    return _("The mail server took the test mail.")


def _schedule(issue, data, user):
    form = ScheduleForm(issue, data)
    if not form.is_valid():
        raise ValueError(_("Write day and time."))
    approving.schedule(issue, user, form.cleaned_data["at"])
    return _("It goes out by itself at that time.")


def _send_now(issue, data, user):
    planning.plan(approving.schedule(issue, user))
    return _("It is on its way: the clock hands it over within seconds.")


def _cancel(issue, data, user):
    return _("Cancelled.") if approving.cancel(issue, user) else ""


def _pause(issue, data, user):
    return _("Paused.") if sending.pause(issue, user) else ""


def _resume(issue, data, user):
    return _("It goes on.") if sending.resume(issue, user) else ""


def _stop(issue, data, user):
    return _("Stopped. %s readers were left out.") % settling.give_up_the_rest(issue, user)


ACTIONS: dict[str, tuple[Callable, str]] = {
    "write": (_write, MAY_WORK),
    "add": (_add, MAY_WORK),
    "remove": (_remove, MAY_WORK),
    "up": (_up, MAY_WORK),
    "down": (_down, MAY_WORK),
    "order": (_order, MAY_WORK),
    "test": (_test, MAY_WORK),
    "allow": (_allow, MAY_SEND),
    "approve": (_approve, MAY_SEND),
    "schedule": (_schedule, MAY_SEND),
    "send": (_send_now, MAY_SEND),
    "cancel": (_cancel, MAY_SEND),
    "pause": (_pause, MAY_SEND),
    "resume": (_resume, MAY_SEND),
    "stop": (_stop, MAY_SEND),
    **deskbooks.ACTIONS,
}


# What the page shows


def _changing(issue: Issue) -> dict:
    letter = composing.compose(issue)
    approved = issue.state == Issue.State.APPROVED
    found = planning.recipients_of(issue)
    return {
        "problems": [] if approved else checking.problems(issue, letter),
        "sections": _sections(issue),
        "choices": _choices(issue),
        "recipients": found.recipients,
        "excluded": [(Why(reason).label, n) for reason, n in found.excluded.items()],
        "schedule": ScheduleForm(issue) if approved else None,
        "is_beyond": promising.is_beyond(issue),
        "place_in_week": promising.place_in_week(issue),
    }


def _under_way(issue: Issue) -> dict:
    books = issue.books()
    return {
        "books": [(Delivery.State(state).label, n) for state, n in books.items()],
        "sum": sum(books.values()),
        "balances": issue.books_balance(),
        "excluded": [(Why(reason).label, n) for reason, n in issue.excluded.items()],
        "uncertain": issue.deliveries.filter(state=Delivery.State.AMBIGUOUS).order_by("pk")[:500],
        "is_going": issue.state in (Issue.State.READY, Issue.State.SENDING),
        **deskbooks.shown(issue),
    }


def _sections(issue: Issue) -> list[dict]:
    """The items of an issue by section; those off show are named, so that nobody looks for them in vain."""
    shown = {card.pk: card for cards in composing.cards_of(issue).values() for card in cards}
    items = list(issue.items.all())
    for item in items:
        item.shown = shown.get(item.card_id)
    return [
        {
            "section": section,
            "label": Section(section).label,
            "is_sold": section == Section.PARTNERS,
            "items": [item for item in items if item.section == section],
        }
        for section in Section.values
    ]


def _choices(issue: Issue) -> list[tuple[str, list]]:
    """What can be added by hand, by kind, newest first."""
    held = set(issue.items.values_list("card_id", flat=True))
    found = []
    for kind in CardKind:
        shelf = (
            shelves.agenda(issue.publication) if kind == CardKind.EVENT else shelves.everything(issue.publication, kind)
        )
        cards = [card for card in shelf.take(CHOICES_A_KIND) if card.pk not in held]
        found.append((kind.label, cards))
    return [(label, cards) for label, cards in found if cards]


def _letter(issue: Issue):
    return FrozenLetter.from_bytes(bytes(issue.frozen)) if issue.frozen else composing.compose(issue)


def _issue(key) -> Issue:
    return get_object_or_404(Issue.objects.select_related("newsletter__publication__site"), pk=key)


def _item(issue: Issue, data) -> IssueItem:
    return get_object_or_404(issue.items.select_related("issue__newsletter"), pk=data.get("item") or 0)


def _require(request, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _furniture(title: str, issues: bool = False) -> dict:
    trail = [{"url": reverse("wagtailadmin_home"), "label": _("Home")}]
    if issues:
        trail.append({"url": reverse("newsletter_issues:index"), "label": _("Issues")})
    return {"breadcrumbs_items": [*trail, {"url": "", "label": title}], "header_title": title, "page_title": title}

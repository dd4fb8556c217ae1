"""The issues at the editors' desk: a list, and one page an issue, from the proposal to the closed books."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from masthead.catalogue.outputs import shows_no_cards
from masthead.mail.addresses import BadAddress
from masthead.mail.letters import FrozenLetter, LetterError
from masthead.mail.transport import Outcome, ServerGone
from masthead.newsletters import (
    approving,
    checking,
    composing,
    desk_items,
    doctoring,
    planning,
    probing,
    promising,
    proposing,
    rendering,
    sending,
    settling,
)
from masthead.newsletters.forms import ScheduleForm, WordsForm
from masthead.newsletters.models import Delivery, Examination, Issue, Newsletter
from masthead.subscribers.addressing import Why

MAY_WORK, MAY_SEND = "newsletters.change_issue", "newsletters.send_issue"
NEWEST = 50
REFUSALS = (
    composing.CannotChange,
    approving.NotApproved,
    promising.BeyondPromise,
    doctoring.Unwell,
    planning.CannotPlan,
    BadAddress,
    LetterError,
    ServerGone,
)


@shows_no_cards
@require_safe
def issues(request):
    """The newsletters, each with its next issue and those that went out."""
    require(request, MAY_WORK)
    rows = [
        {
            "newsletter": newsletter,
            "issues": newsletter.issues.order_by("-number")[:NEWEST],
            "draft": newsletter.draft(),
            "waiting": proposing.waiting(newsletter),
        }
        for newsletter in Newsletter.objects.select_related("publication")
    ]
    return render(request, "newsletters/desk/issues.html", {"rows": rows, **furniture(_("Issues"))})


@shows_no_cards
@require_POST
def propose(request, newsletter):
    """Make the next issue of a newsletter."""
    require(request, MAY_WORK)
    found = get_object_or_404(Newsletter.objects.select_related("publication__site"), pk=newsletter)
    return redirect("newsletter_issues:issue", composing.propose(found).pk)


@shows_no_cards
@require_safe
def issue(request, key):
    """One issue: what is in it, how it looks, what is wrong, who gets it, and how far it has come."""
    require(request, MAY_WORK)
    found = issue_at(key)
    context = _changing(found, request.GET.get("q", "")) if found.is_changeable else _under_way(found)
    context |= {"issue": found, "may_send": request.user.has_perm(MAY_SEND), "words": WordsForm(instance=found)}
    return render(request, "newsletters/desk/issue.html", context | furniture(str(found), below=True))


@shows_no_cards
@require_safe
def preview(request, key, part):
    """The letter as a reader gets it, in HTML or text: the approved one, or the one that would be approved now."""
    require(request, MAY_WORK)
    found = issue_at(key)
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
    require(request, permission)
    found = issue_at(key)
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
    query = request.POST.get("q", "")  # what was searched for stays on the page
    return redirect(
        reverse("newsletter_issues:issue", args=[found.pk]) + (f"?{urlencode({'q': query})}" if query else "")
    )


# What can be done


def _probe(issue, data, user):
    asked = probing.probe(issue)
    return ngettext("%s address was asked.", "%s addresses were asked.", asked) % asked


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


def _examine(issue, data, user):
    seen = doctoring.ask(issue.newsletter)
    if seen.is_red:
        raise doctoring.Unwell(_("The mail doctor sees red: mend what stands below, or allow it by name."))
    return _("The mail doctor has looked.")


def _cancel(issue, data, user):
    return _("Cancelled.") if approving.cancel(issue, user) else ""


def _pause(issue, data, user):
    return _("Paused.") if sending.pause(issue, user) else ""


def _resume(issue, data, user):
    return _("It goes on.") if sending.resume(issue, user) else ""


def _stop(issue, data, user):
    return _("Stopped. %s readers were left out.") % settling.give_up_the_rest(issue, user)


def _decide(issue, data, user):
    keys = [int(key) for key in data.getlist("delivery") if key.isdecimal()]
    state = Delivery.State.QUEUED if data.get("as") == "queued" else Delivery.State.SENT
    return _("%s decided.") % settling.decide(issue, keys, state, user)


ACTIONS: dict[str, tuple[Callable, str]] = {
    **{name: (do, MAY_WORK) for name, do in desk_items.ACTIONS.items()},
    "probe": (_probe, MAY_WORK),
    "test": (_test, MAY_WORK),
    "allow": (_allow, MAY_SEND),
    "examine": (_examine, MAY_SEND),
    "approve": (_approve, MAY_SEND),
    "schedule": (_schedule, MAY_SEND),
    "send": (_send_now, MAY_SEND),
    "cancel": (_cancel, MAY_SEND),
    "pause": (_pause, MAY_SEND),
    "resume": (_resume, MAY_SEND),
    "stop": (_stop, MAY_SEND),
    "decide": (_decide, MAY_SEND),
}


# What the page shows


def _changing(issue: Issue, query: str) -> dict:
    letter = composing.compose(issue)
    approved = issue.state == Issue.State.APPROVED
    found = planning.recipients_of(issue)
    return {
        "problems": [] if approved else checking.problems(issue, letter),
        "warnings": checking.warnings(issue, letter),
        "unasked": any(not answer for answer in probing.answered(issue).values()),
        "sections": desk_items.sections(issue),
        "choices": desk_items.choices(issue, query),
        "query": query,
        "sender": issue.newsletter.sender_name or issue.publication.name,
        "recipients": found.recipients,
        "excluded": [(Why(reason).label, n) for reason, n in found.excluded.items()],
        "schedule": ScheduleForm(issue) if approved else None,
        "is_beyond": promising.is_beyond(issue),
        "examination": Examination.last_of(issue.newsletter),
        "doctor_holds": doctoring.is_bulk(issue) and not doctoring.is_allowed(issue),
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
    }


def _letter(issue: Issue):
    return FrozenLetter.from_bytes(bytes(issue.frozen)) if issue.frozen else composing.compose(issue)


def issue_at(key) -> Issue:
    return get_object_or_404(Issue.objects.select_related("newsletter__publication__site"), pk=key)


def require(request, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def furniture(title: str, *, below: bool = False, issue: Issue | None = None) -> dict:
    """The heading and trail of a page: `below` the list of issues, or below one issue."""
    trail = [{"url": reverse("wagtailadmin_home"), "label": _("Home")}]
    if below or issue:
        trail.append({"url": reverse("newsletter_issues:index"), "label": _("Issues")})
    if issue:
        trail.append({"url": reverse("newsletter_issues:issue", args=[issue.pk]), "label": str(issue)})
    return {"breadcrumbs_items": [*trail, {"url": "", "label": title}], "header_title": title, "page_title": title}

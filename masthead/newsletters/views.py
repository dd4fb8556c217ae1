"""The sign-up, a subscriber's own page, the web copy of each issue, and what was promised and kept."""

from urllib.parse import urlsplit

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from masthead.catalogue import counting
from masthead.catalogue.outputs import shows, shows_no_cards
from masthead.newsletters import composing, forgetting, promising
from masthead.newsletters.models import Issue, IssueItem, Newsletter, Section
from masthead.press.ingredients import note
from masthead.publication.middleware import address_of
from masthead.subscribers import choosing, subscribing, throttling, tokens
from masthead.subscribers.forms import ChoicesForm, SignUpForm
from masthead.subscribers.views import bad_link

NEWEST = 12
MONTHS = 12

reader_may_post = require_http_methods(["GET", "HEAD", "POST"])


@shows_no_cards
@csrf_exempt  # readers get no cookie; where the form came from is read from what the browser says of itself
@reader_may_post
def newsletters(request):
    """The newsletters with their promise, the sign-up, and the newest issues."""
    title = _title(request)
    form = None
    if request.method == "POST":
        if not _is_from_our_own_page(request):
            return render(request, "newsletters/foreign_form.html", status=403)
        form = SignUpForm(title, request.POST)
        if form.is_valid():
            return _sign_up(request, title, form)
    note(f"issues:{title.pk}")
    context = {"form": form, "newsletters": _newsletters(title), "issues": _issues(title)[:NEWEST]}
    return render(request, "newsletters/newsletters.html", context, status=422 if form else 200)


def _sign_up(request, title, form):
    """The same answer whatever the address: nothing of it is looked up before the clock answers it."""
    try:
        throttling.count_sign_up(address_of(request))
    except throttling.TooMany:
        return render(request, "newsletters/too_many.html", status=429)
    if not form.is_a_machine():
        subscribing.note_sign_up(title, form.cleaned_data["address"], form.ticked(), page=form.path())
    return redirect("newsletter_asked")


@shows_no_cards
@require_safe
def asked(request):
    """The same answer to everybody who signed up: look in your mail."""
    _title(request)
    return render(request, "newsletters/asked.html")


@shows_no_cards
@never_cache
@csrf_exempt  # the link from the mail is the key
@reader_may_post
def choices(request, token):
    """A subscriber's own page: what they get, a pause, and the way out. Saving is a POST."""
    try:
        subscriber = tokens.read_choices(token)
    except tokens.BadLink as bad:
        return bad_link(request, bad)
    with translation.override(subscriber.language):
        form = _choices_form(subscriber, request.POST if request.method == "POST" else None)
        saved = request.method == "POST" and form.is_valid()
        if saved:
            _choose(subscriber, form, nothing="nothing" in request.POST)
    with translation.override(subscriber.language):
        context = {
            "subscriber": subscriber,
            "form": _choices_form(subscriber) if saved else form,
            "paused_until": subscriber.paused_until(),
            "token": token,
            "saved": saved,
        }
        answer = render(request, "newsletters/choices.html", context)
    answer["Content-Language"] = subscriber.language
    return answer


def _choices_form(subscriber, data=None) -> ChoicesForm:
    themes = counting.held_themes(subscriber.publication)
    return ChoicesForm(subscriber, [(theme.slug, theme.name) for theme in themes], data)


def _choose(subscriber, form, nothing: bool) -> None:
    choosing.choose(subscriber, set() if nothing else form.choices(), form.texts, page="/mail/choices/")
    if form.cleaned_data["weeks"] is not None and not nothing:
        choosing.pause(subscriber, form.cleaned_data["weeks"])
    if form.cleaned_data["language"]:
        choosing.speak(subscriber, form.cleaned_data["language"])


@shows_no_cards
@never_cache
@require_safe
def export(request, token):
    """Everything kept of a subscriber, as a file."""
    try:
        subscriber = tokens.read_choices(token)
    except tokens.BadLink as bad:
        return bad_link(request, bad)
    answer = JsonResponse(choosing.export(subscriber), json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="subscription.json"'
    return answer


@shows_no_cards
@never_cache
@csrf_exempt  # the link from the mail is the key
@reader_may_post
def erase(request, token):
    """Erase a subscriber, with the button of their own page. A GET only shows the button."""
    try:
        subscriber = tokens.read_choices(token)
    except tokens.BadLink as bad:
        return bad_link(request, bad)
    if request.method == "POST":
        forgetting.erase(subscriber)
        return render(request, "newsletters/erased.html")
    return render(request, "newsletters/erase.html", {"subscriber": subscriber, "token": token})


def _issue_addresses(card):
    found = IssueItem.objects.filter(card=card, issue__in=Issue.objects.gone_out())
    return [item.issue.url for item in found.select_related("issue__newsletter")[:1]]


@shows("web copy of a newsletter issue", "html", _issue_addresses)
@require_safe
def issue(request, number, newsletter=None):
    """An issue as it can be read today: labels stand, and what has run out or was taken off is not shown."""
    title = _title(request)
    held = Newsletter.objects.filter(publication=title)
    held = held.filter(slug=newsletter) if newsletter else held.order_by("pk")
    letter = held.first()
    if letter is None:
        raise Http404("There is no such newsletter.")
    found = get_object_or_404(letter.issues.gone_out().select_related("newsletter__publication__site"), number=number)
    note(f"issue:{found.pk}")
    note(f"issues:{title.pk}")  # the one before and the one after
    cards = composing.cards_of(found)
    context = {
        "issue": found,
        "sections": [(section, Section(section).label, cards[section]) for section in Section.values if cards[section]],
        "missing": len(composing.off_show(found)),
        "before": letter.issues.gone_out().filter(number__lt=number).order_by("-number").first(),
        "after": letter.issues.gone_out().filter(number__gt=number).order_by("number").first(),
    }
    return render(request, "newsletters/issue.html", context)


@shows_no_cards
@require_safe
def archive(request, year):
    """The issues of one year."""
    title = _title(request)
    issues = _issues(title).filter(day__year=year)
    years = [day.year for day in _issues(title).order_by().dates("day", "year", order="DESC")]
    if not issues:
        raise Http404("No issue went out that year.")
    note(f"issues:{title.pk}")
    return render(request, "newsletters/archive.html", {"year": year, "years": years, "issues": issues})


@shows_no_cards
@require_safe
def promise(request):
    """What each newsletter promises, and what went out in the last twelve months, counted."""
    title = _title(request)
    note(f"issues:{title.pk}")
    kept = [
        {
            "newsletter": newsletter,
            "rule": promising.rule_of(newsletter),
            "weeks": weeks,
            "issues": sum(week.issues for week in weeks),
            "beyond": [week for week in weeks if week.is_beyond],
            "most": sum(week.promised for week in weeks),
        }
        for newsletter in _newsletters(title)
        for weeks in [promising.kept_weeks(newsletter)]
    ]
    return render(request, "newsletters/promise.html", {"kept": kept, "today": timezone.localdate()})


def _title(request):
    if request.publication is None:
        raise Http404("There is no title at this address.")
    return request.publication


def _newsletters(title):
    return Newsletter.objects.filter(publication=title).select_related("publication__site")


def _issues(title):
    return Issue.objects.public().filter(newsletter__publication=title).select_related("newsletter")


def _is_from_our_own_page(request) -> bool:
    """What a browser says of where a form came from; a program that says nothing is let through, it has no reader."""
    site = request.headers.get("Sec-Fetch-Site", "")
    if site and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin", "")
    return origin in ("", "null") or urlsplit(origin).netloc == request.get_host()

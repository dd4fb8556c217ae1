"""The pages behind the links in our mails. A GET or HEAD changes nothing: scanners open every link (rule M4).

The links themselves are the key, so no cookie is set and none is asked for; that is why these views are csrf_exempt.
"""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from masthead.subscribers import leaving, subscribing, tokens
from masthead.subscribers.models import ConsentKind, Subscription, Suppression

pages_behind_links = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@csrf_exempt
@pages_behind_links
def confirm(request, token):
    """Show what was asked for, with a button; the button confirms it."""
    try:
        subscriber = tokens.read_confirm(token)
    except tokens.BadLink as bad:
        return bad_link(request, bad)
    if request.method == "POST":
        keys = [int(key) for key in request.POST.getlist("asked") if key.isdecimal()]
        confirmed = subscribing.confirm(subscriber, keys, page="/mail/confirm/")
        if confirmed:
            choices = tokens.choices_token(subscriber.subject)
            return render(request, "subscribers/confirmed.html", {"confirmed": confirmed, "choices": choices})
    asked = subscriber.asked().select_related("text")
    return render(request, "subscribers/confirm.html", {"asked": asked, "subscriber": subscriber})


@never_cache
@csrf_exempt
@pages_behind_links
def stop(request, token):
    """Stop one kind of mail: at once for a mail program's POST (RFC 8058) and for the page's button."""
    try:
        named = tokens.read_stop(token)
    except tokens.BadLink as bad:
        return bad_link(request, bad)
    if request.method == "POST":
        return _stopped(request, named)
    found = Subscription.objects.filter(subscriber__subject=named.subject, kind=named.kind, theme=named.theme)
    subscription = found.select_related("subscriber").first()
    context = {"subscription": subscription, "kind": _kind_name(named), "choices": _choices(subscription)}
    return render(request, "subscribers/stop.html", context)


@never_cache
@csrf_exempt
@pages_behind_links
def undo(request, token):
    """Take back a withdrawal, with the button of the page that told of it."""
    if request.method != "POST":
        return render(request, "subscribers/bad_link.html", {"old": True}, status=405)
    try:
        subscription = tokens.read_undo(token)
    except tokens.BadLink as bad:
        return bad_link(request, bad)
    leaving.take_back(subscription, page="/mail/undo/")
    context = {"subscription": subscription, "kind": subscription.get_kind_display(), "choices": _choices(subscription)}
    return render(request, "subscribers/taken_back.html", context)


@never_cache
@csrf_exempt
@pages_behind_links
def never(request, token):
    """Never write to an address again, or take that back: with a button, from the link in a mail that asked."""
    if request.publication is None:
        raise Http404("There is no title at this address.")
    try:
        print_ = tokens.read_never(token)
    except tokens.BadLink as bad:
        return bad_link(request, bad)
    title = request.publication
    if request.method == "POST":
        leaving.write_again(title, print_) if "again" in request.POST else leaving.never_write(title, print_)
    standing = Suppression.objects.standing().filter(publication=title, print=print_, reason=Suppression.Reason.NEVER)
    return render(request, "subscribers/never.html", {"is_never": standing.exists(), "title": title})


def bad_link(request, bad: tokens.BadLink):
    old = isinstance(bad, tokens.OldLink)
    return render(request, "subscribers/bad_link.html", {"old": old}, status=410 if old else 404)


def _stopped(request, named: tokens.Stop):
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    subscription = leaving.withdraw(named, method="one click" if one_click else "page")
    withdrawn = subscription and subscription.state == Subscription.State.WITHDRAWN
    context = {
        "kind": _kind_name(named),
        "undo": tokens.undo_token(subscription) if withdrawn else "",
        "choices": _choices(subscription),
    }
    return render(request, "subscribers/stopped.html", context)


def _kind_name(named: tokens.Stop) -> str:
    return ConsentKind(named.kind).label if named.kind in ConsentKind.values else named.kind


def _choices(subscription: Subscription | None) -> str:
    return tokens.choices_token(subscription.subscriber.subject) if subscription else ""


# The register of outputs (masthead.catalogue.outputs) stands beside this room, not below it: what `@shows_no_cards`
# says is said here by hand.
for _view in (confirm, stop, undo, never):
    _view.shows_cards = None

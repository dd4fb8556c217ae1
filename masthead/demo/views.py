"""The demo's outbox: a page on which every mail it sent can be read."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from masthead.catalogue.outputs import shows_no_cards
from masthead.demo.showing import OUTBOX
from masthead.mail import catching

FOLDER = settings.SITE / OUTBOX


@shows_no_cards
def outbox(request):
    """All caught mails, newest first."""
    return render(request, "demo/outbox.html", {"mails": catching.caught(FOLDER)})


@shows_no_cards
def mail(request, key: str):
    """One mail: its headers and text, with the HTML in a frame."""
    return render(request, "demo/mail.html", {"mail": _find(key)})


@shows_no_cards
@xframe_options_sameorigin
def mail_html(request, key: str):
    """The HTML part of one mail alone, without any script."""
    found = _find(key)
    response = HttpResponse(found.html or "")
    response["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' http: https: data:; style-src 'unsafe-inline'"
    )
    return response


def _find(key: str) -> catching.Caught:
    try:
        return catching.read(FOLDER, key)
    except catching.NothingCaught as nothing:
        raise Http404(str(nothing)) from nothing

"""What came back, at the editors' desk: how many a day and what they changed, and the mails a person must read."""

import re

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from masthead.catalogue.outputs import shows_no_cards
from masthead.newsletters import collecting
from masthead.newsletters.returns import Return

MAY_WORK = "newsletters.change_issue"
DAYS, NEWEST = 14, 50


class ReturnsMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm(MAY_WORK)


class ReturnsView(ViewSet):
    """What came back: a page of sums, and each mail that waits for a person."""

    name = "newsletter_returns"
    url_prefix = "newsletters/returns"
    menu_label = gettext_lazy("Returns")
    icon = "undo"
    menu_item_class = ReturnsMenuItem

    def get_urlpatterns(self):
        return [
            path("", returns, name="index"),
            path("<str:digest>/", mail, name="mail"),
            path("<str:digest>/done/", done, name="done"),
        ]


@shows_no_cards
@require_safe
def returns(request):
    """What came back in the last days, and what waits for a person."""
    _require(request)
    context = {
        "days": [_labelled(row) for row in Return.objects.by_day(DAYS)],
        "to_read": Return.objects.to_read()[:NEWEST],
        "lately": Return.objects.exclude(effect=Return.Effect.NOTHING).select_related("delivery__issue")[:NEWEST],
        "header_title": _("Returns"),
        "page_title": _("Returns"),
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": "", "label": _("Returns")},
        ],
    }
    return render(request, "newsletters/desk/returns.html", context)


@shows_no_cards
@require_safe
def mail(request, digest):
    """One kept mail as it came: plain text, whatever it says it is."""
    _require(request)
    file = _file(digest)
    if not file.exists():
        raise Http404
    answer = HttpResponse(file.read_bytes(), content_type="text/plain; charset=utf-8")
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@shows_no_cards
@require_POST
def done(request, digest):
    """Somebody has read it: the mail is deleted, its row stays."""
    _require(request)
    row = get_object_or_404(Return.objects.to_read(), digest=digest)
    row.effect = Return.Effect.NOTHING
    row.save()
    _file(digest).unlink(missing_ok=True)
    return redirect("newsletter_returns:index")


def _file(digest: str):
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise Http404
    return collecting.unread() / f"{digest}.eml"


def _labelled(row: dict) -> dict:
    return row | {"kind": Return.Kind(row["kind"]).label, "effect": Return.Effect(row["effect"]).label}


def _require(request) -> None:
    if not request.user.has_perm(MAY_WORK):
        raise PermissionDenied

"""Lists of readers at the desk: handed in here, brought in by the clock, and what became of each row."""

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from wagtail.admin.viewsets.base import ViewSet

from masthead.catalogue.outputs import shows_no_cards
from masthead.importing import members
from masthead.importing.forms import ListForm
from masthead.subscribers.models import Arrival

MAY_BRING = "subscribers.add_arrival"
NEWEST = 30


class ListsView(ViewSet):
    """The lists brought in. The readers' page leads here."""

    name = "reader_lists"
    url_prefix = "readers/lists"
    add_to_admin_menu = False

    def get_urlpatterns(self):
        return [path("", lists, name="index")]


@shows_no_cards
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request):
    """Hand a list in, and see how far those handed in before have come."""
    if not request.user.has_perm(MAY_BRING):
        raise PermissionDenied
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and form.hand_in(request.user.get_username()):
        messages.success(request, _("It is being brought in. Look at this page again in a little while."))
        return redirect("reader_lists:index")
    found = Arrival.objects.select_related("publication").defer("file")[:NEWEST]
    trail = [
        {"url": reverse("wagtailadmin_home"), "label": _("Home")},
        {"url": reverse("readers:index"), "label": _("Readers")},
        {"url": "", "label": _("Lists brought in")},
    ]
    context = {
        "form": form,
        "rows": [{"arrival": arrival, "fates": _fates(arrival)} for arrival in found],
        "breadcrumbs_items": trail,
        "header_title": _("Lists brought in"),
        "page_title": _("Lists brought in"),
    }
    return render(request, "importing/lists.html", context)


def _fates(arrival: Arrival) -> list[tuple[str, int]]:
    """What became of the rows so far, in words; broken ones by reason."""
    report = members.Report(rows=arrival.rows_done, counts=Counter(arrival.counts))
    known = [(words, report.count(fate)) for fate, words in report.words() if report.count(fate)]
    return known + list(report.broken.items())

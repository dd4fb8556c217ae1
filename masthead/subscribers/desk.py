"""The readers at the editors' desk: how many, who, what each said yes to, and who is never to be written to.

An address is asked for by POST, so that it stands in no address bar and no log of the web server.
"""

import csv
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from masthead.mail.addresses import BadAddress
from masthead.publication.models import Publication
from masthead.subscribers import leaving, proving
from masthead.subscribers.forms import ReadersForm, SuppressForm
from masthead.subscribers.models import Subscriber, Subscription, Suppression
from masthead.subscribers.texts import ConsentKind

MAY_SEE, MAY_SUPPRESS = "subscribers.view_subscriber", "subscribers.add_suppression"
MAY_EXPORT = "subscribers.export_subscriber"
A_PAGE = 50


class ReadersMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm(MAY_SEE)


class ReadersView(ViewSet):
    """The readers: a list with search, the evidence sheet, suppressions, and files to take along."""

    name = "readers"
    url_prefix = "readers"
    menu_label = gettext_lazy("Readers")
    icon = "group"
    menu_item_class = ReadersMenuItem

    def get_urlpatterns(self):
        return [
            path("", readers, name="index"),
            path("sheet/", sheet, name="sheet"),
            path("suppress/", suppress, name="suppress"),
            path("counts.csv", counts, name="counts"),
            path("addresses.csv", addresses, name="addresses"),
        ]


@never_cache
def readers(request):
    """The readers of a title: counted by kind and state, searched by a part of the address, fifty a page."""
    _require(request, MAY_SEE)
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405)
    form = ReadersForm(request.POST if request.method == "POST" else request.GET)
    form.is_valid()
    title = form.cleaned_data.get("title") or _first_title()
    if title is None:
        return render(request, "subscribers/desk/no_title.html", _furniture(_("Readers")))
    found = _found(title, form.cleaned_data)
    page = Paginator(found, A_PAGE).get_page(form.cleaned_data.get("page"))
    context = {
        "title": title,
        "form": form,
        "page": page,
        "counted": _counted(title),
        "suppressions": [(Suppression.Reason(reason).label, n) for reason, n in _suppressions(title).items()],
        "versions": proving.versions(title),
        "suppress_form": SuppressForm(),
        "may_suppress": request.user.has_perm(MAY_SUPPRESS),
        "may_export": request.user.has_perm(MAY_EXPORT),
    }
    return render(request, "subscribers/desk/readers.html", context | _furniture(_("Readers")))


@never_cache
@require_POST
def sheet(request):
    """The evidence sheet of an address, to read and print, or with `as` json as a file."""
    _require(request, MAY_SEE)
    title = _title(request)
    try:
        found = proving.sheet(title, request.POST.get("address", ""), whole_chain="whole_chain" in request.POST)
    except BadAddress as bad:
        messages.error(request, str(bad))
        return redirect("readers:index")
    if request.POST.get("as") == "json":
        answer = JsonResponse(found, json_dumps_params={"indent": 1, "ensure_ascii": False})
        answer["Content-Disposition"] = f'attachment; filename="evidence-{found["print"][:12]}.json"'
        return answer
    context = {"sheet": found, "title": title, **_furniture(_("Evidence sheet"), readers=True)}
    return render(request, "subscribers/desk/sheet.html", context)


@never_cache
@require_POST
def suppress(request):
    """Never write to an address again, by hand and with a reason. Only the reader's own yes lifts it."""
    _require(request, MAY_SUPPRESS)
    title, form = _title(request), SuppressForm(request.POST)
    if form.is_valid():
        note = f"{request.user.get_username()}: {form.cleaned_data['note']}"
        leaving.suppress(title, form.cleaned_data["address"], form.cleaned_data["reason"], note=note[:200])
        messages.success(request, _("It is not written to any more, not even by what stands in the queue."))
    else:
        messages.error(request, " ".join(sentence for found in form.errors.values() for sentence in found))
    return redirect(f"{reverse('readers:index')}?title={title.pk}")


@never_cache
@require_safe
def counts(request):
    """How many readers there are, by kind and state, as a file without a single address."""
    _require(request, MAY_SEE)
    answer = _file("readers", date.today())
    sheet = csv.writer(answer)
    sheet.writerow(["title", "kind", "state", "readers"])
    for title in Publication.objects.all():
        for kind, row in _counted(title).items():
            sheet.writerows([title.name, kind, state, n] for state, n in row["states"].items())
        sheet.writerows([title.name, "suppressed", reason, n] for reason, n in _suppressions(title).items())
    return answer


@never_cache
@require_POST
def addresses(request):
    """The confirmed addresses of one kind as a file; that it was taken, and by whom, is logged."""
    _require(request, MAY_EXPORT)
    title, kind = _title(request), request.POST.get("kind", "")
    rows = Subscription.objects.of(title, kind).confirmed().order_by("pk")
    columns = rows.values_list("subscriber__address", "confirmed_at", "text__version").iterator(2000)
    proving.log_export(title, kind, by=request.user.get_username())
    echo: Any = _Echo()
    sheet = csv.writer(echo)
    lines = (sheet.writerow([_harmless(address), at.isoformat(), version]) for address, at, version in columns)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}-{date.today()}.csv"'
    return answer


class _Echo:
    """Gives csv's lines back instead of keeping them."""

    def write(self, line: str) -> str:
        return line


def _harmless(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t" else cell


def _found(title: Publication, asked: dict):
    found = Subscriber.objects.filter(publication=title).order_by("-pk").prefetch_related("subscriptions")
    if asked.get("address"):
        found = found.filter(normalised__contains=asked["address"].strip().casefold())
    narrow = {name: asked[name] for name in ("kind", "state") if asked.get(name)}
    if narrow:
        found = found.filter(pk__in=Subscription.objects.filter(theme="", **narrow).values("subscriber"))
    return found


def _counted(title: Publication) -> dict[str, dict]:
    """Each kind with its name and how many readers stand in each state of it; paused ones are among the confirmed."""
    held = Subscription.objects.filter(subscriber__publication=title, theme="").order_by()
    by_pair = {(kind, state): n for kind, state, n in held.values_list("kind", "state").annotate(n=Count("pk"))}
    today = timezone.localdate(timezone=title.zone)
    paused = held.confirmed().filter(paused_until__gte=today).values_list("kind").annotate(n=Count("pk"))
    paused_by_kind = dict(paused)
    return {
        kind.value: {
            "name": kind.label,
            "states": {state: by_pair.get((kind.value, state), 0) for state in Subscription.State.values}
            | {"paused": paused_by_kind.get(kind.value, 0)},
        }
        for kind in ConsentKind
    }


def _suppressions(title: Publication) -> dict[str, int]:
    standing = Suppression.objects.standing().filter(publication=title).order_by()
    counted = dict(standing.values_list("reason").annotate(n=Count("pk")))
    return {reason: counted[reason] for reason in Suppression.Reason.values if reason in counted}


def _file(name: str, day: date) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{day}.csv"'
    return answer


def _first_title() -> Publication | None:
    return Publication.objects.order_by("-site__is_default_site", "pk").first()


def _title(request) -> Publication:
    key = request.POST.get("title", "")
    return get_object_or_404(Publication, pk=key if key.isdecimal() else 0)


def _require(request, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _furniture(title: str, readers: bool = False) -> dict:
    trail = [{"url": reverse("wagtailadmin_home"), "label": _("Home")}]
    if readers:
        trail.append({"url": reverse("readers:index"), "label": _("Readers")})
    return {"breadcrumbs_items": [*trail, {"url": "", "label": title}], "header_title": title, "page_title": title}


# The register of outputs (masthead.catalogue.outputs) stands beside this room, not below it: see views.py.
for _view in (readers, sheet, suppress, counts, addresses):
    _view.shows_cards = None

"""What readers ask for by an address that is no page of the desk's: themes, organisations, people, search."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from masthead.archive import searching
from masthead.catalogue import counting
from masthead.catalogue.models import CardKind, Organisation, Person, Theme
from masthead.catalogue.outputs import shows, shows_no_cards
from masthead.newsstand import arranging, outputs
from masthead.publication import styling
from masthead.publication.models import Publication

YEAR = 31_536_000  # seconds
SEARCHED = (CardKind.ARTICLE, CardKind.EVENT, CardKind.JOB)


@shows("theme page", "html", outputs.theme_pages)
@require_safe
def theme(request, slug: str):
    found = get_object_or_404(
        Theme.objects.select_related("publication__site__root_page"), publication=_title(request), slug=slug
    )
    return render(request, "newsstand/theme.html", arranging.theme(found, request.GET))


@shows_no_cards
@require_safe
def themes(request):
    title = _title(request)
    return render(request, "newsstand/themes.html", {"title": title, "all_themes": counting.themes(title)})


@shows("organisation page", "html", outputs.organisation_pages)
@require_safe
def organisation(request, slug: str):
    found = get_object_or_404(Organisation.objects.select_related("logo"), slug=slug)
    context = arranging.organisation(_title(request), found, request.GET)
    if not context["sheet"].count:
        raise Http404("Nothing on show mentions it.")
    return render(request, "newsstand/organisation.html", context)


@shows_no_cards
@require_safe
def organisations(request):
    title = _title(request)
    context = {"title": title, "groups": arranging.by_letter(counting.organisations(title))}
    return render(request, "newsstand/organisations.html", context)


@shows("person page", "html", outputs.person_pages)
@require_safe
def person(request, slug: str):
    found = get_object_or_404(Person, slug=slug)
    context = arranging.person(_title(request), found, request.GET)
    if not context["sheet"].count:
        raise Http404("They have signed nothing on show.")
    return render(request, "newsstand/person.html", context)


@shows("search page", "html", outputs.search_pages)
@require_safe
def search(request):
    """Answer a search; kinds and pages are addresses of their own, so that a search can be kept and sent."""
    title, words, kind = _title(request), request.GET.get("q", "").strip(), request.GET.get("kind", "")
    kind = kind if kind in SEARCHED else ""
    context = {
        "title": title,
        "words": words,
        "kind": kind,
        "kinds": [(k, arranging.address({"q": words, "kind": k}), k == kind) for k in SEARCHED],
        "all_url": arranging.address({"q": words}),
        "sheet": arranging.sheet(searching.search(title, words, kind), request.GET, {"q": words, "kind": kind}),
    }
    return render(request, "newsstand/search.html", context)


@shows_no_cards
@require_safe
def look(request, digest: str):
    """Answer with the title's stylesheet; browsers keep it for a year, because its address changes with it."""
    title = _title(request)
    response = HttpResponse(styling.stylesheet(title), content_type="text/css; charset=utf-8")
    is_current = digest == styling.digest(title)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_current else "public, max-age=60"
    return response


def _title(request) -> Publication:
    if request.publication is None:
        raise Http404("No title answers at this address.")
    return request.publication

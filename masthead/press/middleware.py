"""Inside Django: notes what an answer is made of, says how long it is right, and whether it may be kept."""

import re

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from wagtail.models import Site

from masthead.press.addressing import as_query
from masthead.press.ingredients import EVERYTHING, Ingredients, noting
from masthead.press.pages import SHEET, Sheet, cache_control
from masthead.press.purging import tags

NEVER = 4_102_444_800.0  # the year 2100: it doesn't change by itself
HOST = re.compile(r"[a-z0-9][a-z0-9.-]*")


class PressMiddleware:
    """Sets Cache-Control on pages made of cards: a minute at most, less where something leaves sooner."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with noting() as ingredients:
            response = self.get_response(request)
        if self._is_for_everybody(request, response) and ingredients.names:
            until = ingredients.next_change.timestamp() if ingredients.next_change else NEVER
            lasting = response.get("Cache-Control", "")
            if not lasting:
                response["Cache-Control"] = cache_control(until - timezone.now().timestamp())
            if settings.MASTHEAD["cdn"]:
                for name, said in tags(ingredients.names).items():
                    response[name] = said
            sheet = request.META.get(SHEET)
            if sheet is not None and (not lasting or "immutable" in lasting):
                _fill(sheet, request, response, ingredients)
                sheet.until, sheet.lasting = until, lasting
        return response

    def _is_for_everybody(self, request, response) -> bool:
        return (
            request.method in ("GET", "HEAD")
            and response.status_code == 200
            and not response.streaming
            and not response.cookies
            and not getattr(request, "is_preview", False)
            and not request.COOKIES
            and not request.path_info.startswith(settings.PRESS_PASSES)
        )


def host_of(site: Site) -> str:
    """Return the name under which a site's pages are kept; "" for a host name no folder could have."""
    host = site.hostname.lower()
    if not HOST.fullmatch(host):
        return ""
    return host if site.port in (80, 443) else f"{host}_{site.port}"


def _fill(sheet: Sheet, request, response, ingredients: Ingredients) -> None:
    site = Site.find_for_request(request)
    sheet.host = host_of(site) if site else ""
    sheet.made_of = {**ingredients.names, EVERYTHING: None}
    with translation.override(response.get("Content-Language")):  # the words of addresses are the title's
        sheet.may_be_kept = bool(sheet.host) and _is_its_own_address(request, ingredients)


def _is_its_own_address(request, ingredients: Ingredients) -> bool:
    """Whether this is the one address of the answer: “/issue/007” is not, nor is page 900 of a list of three."""
    found = request.resolver_match
    if found is None or request.META.get("QUERY_STRING", "") != as_query(ingredients.query):
        return False
    try:
        return reverse(found.view_name, args=found.args, kwargs=found.kwargs) == request.path_info
    except NoReverseMatch:
        return False

"""Short addresses out of issues, and the public page that says how they are counted."""

import logging

from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from masthead.catalogue.outputs import shows_no_cards
from masthead.newsletters import linking
from masthead.publication.middleware import address_of
from masthead.readership import counting, method
from masthead.readership.models import Link

log = logging.getLogger(__name__)


@shows_no_cards
@require_safe
def go(request, token):
    """Lead to where a link of an issue was laid to, and count that. No reader waits for, or fails by, the counting."""
    link = get_object_or_404(Link, pk=token)
    if not _is_staff(request):
        try:
            _count(link, request)
        except DatabaseError:
            log.exception("A click on %s could not be counted; its reader was led on.", token)
    answer = HttpResponse(status=302, headers={"Location": link.target})
    answer["Cache-Control"], answer["X-Robots-Tag"] = "no-store", "noindex, nofollow"
    return answer


@shows_no_cards
@require_safe
def how_we_count(request):
    """The method by which links of issues are counted, with its version and its lists."""
    if request.publication is None:
        raise Http404("There is no title at this address.")
    context = {
        "rules": method.RULES,
        "version": method.VERSION,
        "since": method.SINCE,
        "agents": method.AGENTS.pattern.replace("|", " | "),
        "networks": method.NETWORKS.items(),
    }
    return render(request, "newsletters/how_we_count.html", context)


def _count(link: Link, request) -> None:
    """Count from the moment the issue went out: before that only the desk has it."""
    if link.begun is None:
        issue = linking.issue_of(link.source)
        if issue is None or issue.started_at is None:
            return
        counting.begin(link.source, issue.started_at)
    counting.follow(link, request.method, request.headers, address_of(request))


def _is_staff(request) -> bool:
    """Whether the desk's cookie came along: a reader has none."""
    return "desk" in request.COOKIES

"""The clicks of an issue at the desk: a table, and sums by hour as a file, whole or of one sold place."""

import csv

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from masthead.catalogue.outputs import shows_no_cards
from masthead.newsletters import reporting
from masthead.newsletters.desk import MAY_WORK, furniture, issue_at, require
from masthead.newsletters.linking import source_of
from masthead.readership import counting, method

COLUMNS = ("hour", "link", "title", "label and payer", "place", "target", "raw", "machine", "human", "method")


@shows_no_cards
@require_safe
def report(request, key):
    """How often each link of an issue was followed, with the method's version."""
    require(request, MAY_WORK)
    issue = issue_at(key)
    lines = reporting.report(issue)
    context = {
        "issue": issue,
        "lines": lines,
        "total": reporting.total(lines),
        "versions": counting.versions(source_of(issue.pk)),
        "rules": method.RULES,
        "few": reporting.total(lines).human < 30,
    }
    return render(request, "newsletters/desk/report.html", context | furniture(_("Clicks of %s") % issue, issue=issue))


@shows_no_cards
@require_safe
def report_file(request, key):
    """Sums by hour as CSV; `?place=1` gives those of one sold place alone, for who bought it."""
    require(request, MAY_WORK)
    issue = issue_at(key)
    place = request.GET.get("place", "")
    slot = int(place) if place.isdecimal() else None
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"clicks-{issue.newsletter.slug}-{issue.number}" + (f"-place-{slot}" if slot else "")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.write("\ufeff")  # spreadsheets take UTF-8 for what it is
    rows = csv.writer(answer)
    rows.writerow(COLUMNS)
    version = "+".join(str(v) for v in counting.versions(source_of(issue.pk)))
    for hour, line, figures in reporting.by_hour(issue, slot):
        local = timezone.localtime(hour, issue.newsletter.zone).isoformat()
        cells = [local, line.token, line.title, line.line, line.slot or "", line.target, *figures, version]
        rows.writerow([_plain(cell) for cell in cells])
    return answer


def _plain(cell) -> str:
    """A cell no spreadsheet takes for a formula."""
    words = str(cell)
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t") else words

"""System checks of the mail: what the mail doctor last saw, and whether a promise's words and rule agree."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connection

from masthead.newsletters.models import Newsletter
from masthead.newsletters.promising import contradiction
from masthead.newsletters.reports import Examination


@register(Tags.database)
def the_mail_doctor_sees_no_red(app_configs, databases=None, **kwargs) -> list:
    """masthead.E011 and W011: what the last examination of each newsletter found red or yellow."""
    if not databases or settings.MASTHEAD["demo"] or not _has_examinations():
        return []
    hint = "Mend it, then ask again with `masthead mail doctor`."
    last = [Examination.last_of(newsletter) for newsletter in Newsletter.objects.all()]
    made = {"red": (Error, "masthead.E011"), "yellow": (Warning, "masthead.W011")}
    return [
        made[f.light][0](f"{seen.content['newsletter']}, {seen.at:%Y-%m-%d}: {f}", hint=hint, id=made[f.light][1])
        for seen in last
        if seen
        for f in seen.findings
        if f.light in made
    ]


@register(Tags.database)
def promises_say_what_is_kept(app_configs, databases=None, **kwargs) -> list[Warning]:
    """masthead.W010: a promise that names days names those that are ticked (wish N-6)."""
    if not databases or Newsletter._meta.db_table not in connection.introspection.table_names():
        return []
    said = [contradiction(newsletter) for newsletter in Newsletter.objects.select_related("publication")]
    hint = "Mail → Newsletters: change the promise or the days."
    return [Warning(sentence, hint=hint, id="masthead.W010") for sentence in said if sentence]


def _has_examinations() -> bool:
    """Whether the database is made already; checks run before its first migration too."""
    return Examination._meta.db_table in connection.introspection.table_names()

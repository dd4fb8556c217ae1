"""System checks of the mail: what the mail doctor last saw, and whether a promise's words and rule agree."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connection

from masthead.newsletters.models import Newsletter
from masthead.newsletters.promising import contradiction
from masthead.newsletters.providing import PROVIDERS
from masthead.newsletters.reports import Examination


@register()
def the_provider_can_carry_newsletters(app_configs, **kwargs) -> list:
    """masthead.E012 and W012: a provider is offered only where each letter keeps its own one-click header."""
    chosen, offered = settings.MASTHEAD["esp"], " and ".join(sorted(PROVIDERS))
    if not chosen:
        return []
    if chosen not in PROVIDERS:
        said = f"esp is “{chosen}”, which is not offered: it is not known to leave each letter its own headers."
        hint = f"{offered} are. Or leave esp empty and hand over to the provider's SMTP server (smtp_host)."
        return [Error(said, hint=hint, id="masthead.E012")]
    if not settings.MASTHEAD["esp_key"]:
        return [Error("esp is set and esp_key is not.", hint="The provider shows the key once.", id="masthead.E012")]
    if not settings.MASTHEAD["esp_webhook_secret"]:
        said = "The provider cannot tell us of bounces and complaints, nor settle what is uncertain."
        hint = "Set esp_webhook_secret, and give the provider the address in docs/newsletters.md."
        return [Warning(said, hint=hint, id="masthead.W012")]
    return []


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

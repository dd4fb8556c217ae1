"""System checks of the newsletters: the words of a promise and its rule agree."""

from django.core.checks import Tags, Warning, register
from django.db import connection

from masthead.newsletters.models import Newsletter
from masthead.newsletters.promising import contradiction


@register(Tags.database)
def promises_say_what_is_kept(app_configs, databases=None, **kwargs) -> list[Warning]:
    """masthead.W010: a promise that names days names those that are ticked (wish N-6)."""
    if not databases or Newsletter._meta.db_table not in connection.introspection.table_names():
        return []
    said = [contradiction(newsletter) for newsletter in Newsletter.objects.select_related("publication")]
    hint = "Mail → Newsletters: change the promise or the days."
    return [Warning(sentence, hint=hint, id="masthead.W010") for sentence in said if sentence]

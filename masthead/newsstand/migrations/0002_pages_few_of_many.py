"""Indexes of the few pages that are copies of another, locked, or roots, for questions Wagtail asks of all of them.

Nearly every page is no copy and not locked. SQLite counts that, takes Wagtail's own index of both for useless, and
reads every page whenever one is published or the desk is opened. An index that leaves the many out is not taken for
useless. The roots are asked for by their depth, which Wagtail doesn't index.
"""

from django.db import migrations


def _few(name: str, column: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE INDEX {name} ON wagtailcore_page({column}) WHERE {column} IS NOT NULL", f"DROP INDEX {name}"
    )


class Migration(migrations.Migration):
    dependencies = [("newsstand", "0001_initial")]

    operations = [
        _few("page_copies", "alias_of_id"),
        _few("page_locked", "locked_by_id"),
        migrations.RunSQL("CREATE INDEX page_depth ON wagtailcore_page(depth, path)", "DROP INDEX page_depth"),
    ]

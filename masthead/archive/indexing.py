"""Indexing: the database's own search index, without what reads the whole of it for every item that is filed.

Set as Wagtail's search backend, so the desk's search uses it too.
"""

from django.db import connection
from django.db.models import F
from django.db.models.functions import Length
from modelsearch.backends import database
from modelsearch.utils import get_content_type_pk
from wagtail.search.models import IndexEntry

USUAL = 50  # characters of a headline that weighs as much as its words: the mean of the demo's is 51


class Bounded:
    """An index in which filing costs the same whatever the size of the archive."""

    _added: tuple[int, list[str]] = (0, [])

    def add_items(self, model, objs):
        things = list(objs)
        self._added = get_content_type_pk(model), [str(thing.pk) for thing in things]
        super().add_items(model, things)

    def _refresh_title_norms(self, full=False):
        """Weigh headlines against the usual length, where the backend would read and compare all there are."""
        kind, keys = self._added
        weighed = self.entries if full else self.entries.filter(content_type_id=kind, object_id__in=keys)
        weighed.annotate(length=Length("title")).filter(length__gt=0).update(title_norm=1.0 * USUAL / F("length"))


def merge_waiting() -> int:
    """Let PostgreSQL put the words of what was filed lately into its indexes; return how many pages of them waited.

    Until it does, each search reads them all: 47 of 65 ms were seen to go into that after 10,000 items had come in.
    It does so by itself when 4 MB wait, or when it tidies the table (PostgreSQL, "GIN Fast Update Technique").
    """
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(gin_clean_pending_list(indexes.indexrelid)), 0) FROM pg_index AS indexes"
            " JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam"
            " WHERE amname = 'gin' AND indrelid = %s::regclass",
            [IndexEntry._meta.db_table],
        )
        return int(cursor.fetchone()[0])


def SearchBackend(params):  # noqa: N802  the name Wagtail looks for
    backend = database.SearchBackend(params)
    backend.index_class = type("Index", (Bounded, backend.index_class), {})
    return backend

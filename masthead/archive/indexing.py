"""Indexing: the database's own search index, without what reads the whole of it for every item that is filed.

Set as Wagtail's search backend, so the desk's search uses it too.
"""

from django.db.models import Avg, F
from django.db.models.functions import Length
from modelsearch.backends import database
from modelsearch.utils import get_content_type_pk

NEWEST = 1_000  # entries whose headlines give the usual length


class Bounded:
    """An index in which filing costs the same whatever the size of the archive."""

    _added: tuple[int, list[str]] = (0, [])

    def add_items(self, model, objs):
        things = list(objs)
        self._added = get_content_type_pk(model), [str(thing.pk) for thing in things]
        super().add_items(model, things)

    def _refresh_title_norms(self, full=False):
        """Weigh the headlines just added against the newest, where the backend would read and compare all there are."""
        if full:
            return super()._refresh_title_norms(full=True)
        newest = list(self.entries.order_by("-pk").values_list("pk", flat=True)[:NEWEST])
        headed = self.entries.annotate(length=Length("title")).filter(length__gt=0)
        usual = headed.filter(pk__in=newest).aggregate(usual=Avg("length"))["usual"]
        kind, keys = self._added
        headed.filter(content_type_id=kind, object_id__in=keys).update(title_norm=usual / F("length"))


def SearchBackend(params):  # noqa: N802  the name Wagtail looks for
    backend = database.SearchBackend(params)
    backend.index_class = type("Index", (Bounded, backend.index_class), {})
    return backend

"""Recalling: what is made of something that changed is taken back, on every host, when the change is committed.

The row written in the same transaction is the truth; what happens on commit is only quicker. A process that is killed
between the two leaves the row, and whoever watches (see watching.py) makes the recall from it.
"""

import logging
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from masthead.press.editions import edition
from masthead.press.ingredients import EVERYTHING, Names
from masthead.press.models import Recall
from masthead.press.store import Broken, Store

log = logging.getLogger("masthead.press")

FOLDER = "printed"  # in the data folder
CHANNEL = "masthead_recall"
LONGEST_LIST = 2000  # names in one row; what changes more changes everything

on_recalled: list[Callable[[list[str], Names], None]] = []  # hears the addresses taken back here, for caches elsewhere


def recall(*names: str, places: Names | None = None) -> None:
    """Take back, on commit, every printed page made of one of `names`, or showing a list down to a place in `places`.

    Call it in the transaction of the change: the recall is written in it, or neither is.
    """
    said: dict[str, float | None] = dict.fromkeys(names) | dict(places or {})
    if not said:
        return
    if len(said) > LONGEST_LIST or EVERYTHING in said:
        said = {EVERYTHING: None}
    with transaction.atomic():
        row = Recall.objects.create(names=said, transaction=_transaction())
        _wake_others()
    transaction.on_commit(partial(_take_back, row.pk, said), robust=True)


def store() -> Store:
    """Return the store of this host."""
    return _store(settings.DATA / FOLDER, settings.MASTHEAD["press_bytes"])


def edition_now() -> str:
    return _edition(settings.SITE)


def _take_back(key: int, names: Names) -> None:
    here = store()
    if not here.folder.is_dir():
        return  # nothing was ever printed on this host
    try:
        horizon = _horizon(key)
        taken = here.recall(names, key, horizon)
    except Broken as broken:
        log.error("%s Every printed page was thrown away.", broken)
        return
    for hear in on_recalled:
        hear(taken, names)


@cache
def _store(folder: Path, most_bytes: int) -> Store:
    return Store(folder, edition_now(), most_bytes)


@cache
def _edition(site: Path) -> str:
    return edition(settings.MASTHEAD, site / "templates")


def _transaction():
    if connection.vendor != "postgresql":
        return None
    return RawSQL("pg_current_xact_id()::text::bigint", [], output_field=BigIntegerField())


def _horizon(key: int) -> int:
    """Return the number by which a recall is known to be past: its transaction's on PostgreSQL, else its own."""
    if connection.vendor != "postgresql":
        return key
    return Recall.objects.values_list("transaction", flat=True).get(pk=key) or key


def _wake_others() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])

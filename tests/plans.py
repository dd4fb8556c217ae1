"""How much a database reads to answer: counted, not timed."""

import json
from collections.abc import Callable

from django.db import connection

from masthead.archive import indexing


def rows_read(ask: Callable) -> int:
    """Return how many rows are looked at for all that `ask` asks.

    PostgreSQL says so itself. On SQLite the steps of its machine are counted, several for a row: the same bound is a
    stricter one there.
    """
    return _rows(ask) if connection.vendor == "postgresql" else _steps(ask)


def take_samples() -> None:
    """Let the database take the samples by which it chooses a way, and tidy as it else does in its own time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            # Nothing written here is marked as seen by all yet, so that an index leads to each row; elsewhere it
            # answers alone. What that makes too dear is taken off again.
            cursor.execute("SET LOCAL random_page_cost = 1.1")
            indexing.merge_waiting()


def _rows(ask: Callable) -> int:
    plans: list[dict] = []

    def explain(execute, sql, given, many, context):
        if sql.lstrip().startswith("SELECT"):
            execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", given, many, context)
            (answer,) = context["cursor"].fetchone()
            plans.append((answer if isinstance(answer, list) else json.loads(answer))[0]["Plan"])
        return execute(sql, given, many, context)

    with connection.execute_wrapper(explain):
        ask()
    return sum(map(_rows_of, plans))


def _rows_of(plan: dict) -> int:
    below = sum(_rows_of(part) for part in plan.get("Plans", []))
    if not plan["Node Type"].endswith("Scan"):
        return below
    left_out = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return below + round((plan["Actual Rows"] + left_out) * plan["Actual Loops"])


def _steps(ask: Callable) -> int:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_content_type")  # SQLite reads its schema again after a rollback
    connection.connection.set_progress_handler(step, 1)
    try:
        ask()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps

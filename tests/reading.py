"""How much a database reads to answer a question: counted, not timed."""

import json

from django.db import connection
from django.db.models import QuerySet


def rows_read(question: QuerySet) -> int:
    """Return how many rows were looked at: on PostgreSQL as it says itself, on SQLite the steps of its machine.

    A row that is read takes SQLite several steps, so the same bound is a stricter one there.
    """
    if connection.vendor == "postgresql":
        sql, given = question.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", given)
            (answer,) = cursor.fetchone()
        plan = answer if isinstance(answer, list) else json.loads(answer)
        return _rows_of(plan[0]["Plan"])
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    connection.connection.set_progress_handler(step, 1)
    try:
        list(question)
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps


def take_samples() -> None:
    """Let the database take the samples of its tables by which it chooses a way."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _rows_of(plan: dict) -> int:
    below = sum(_rows_of(part) for part in plan.get("Plans", []))
    if not plan["Node Type"].endswith("Scan"):
        return below
    left_out = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return below + round((plan["Actual Rows"] + left_out) * plan["Actual Loops"])

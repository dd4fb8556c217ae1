"""However a title's days go, no kept page is another one than it would be if it were rendered now.

`python -m benchmarks.press_proof` runs the same for thousands of steps, on SQLite and PostgreSQL.
"""

import json
import os

import pytest

from tests.press.random_days import Days

pytestmark = pytest.mark.django_db
STEPS = int(os.environ.get("PRESS_STEPS", "40"))
SEEDS = [int(n) for n in os.environ.get("PRESS_SEEDS", "1,2").split(",")]
REPORT = os.environ.get("PRESS_REPORT")
READ, COMPARED, ALL_EACH = 6, 6, 20


@pytest.mark.parametrize("seed", SEEDS)
def test_no_kept_page_differs_from_a_fresh_one_whatever_happens(shop, seed):
    days, found = Days(shop, seed), []
    for n in range(1, STEPS + 1):
        days.read(READ)
        days.step()
        found += days.differences(None if n % ALL_EACH == 0 else COMPARED)
        if found and not REPORT:
            break
    if REPORT:
        with open(REPORT, "a", encoding="utf-8") as file:
            said = {"seed": seed, "steps": STEPS, "compared": days.compared, "done": sorted(set(days.done))}
            print(json.dumps(said | {"differences": found}), file=file)
    assert found == []
    assert days.compared > STEPS * 2  # else nothing was kept, and nothing proved

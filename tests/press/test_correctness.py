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
READ = 2  # addresses asked for before each step


@pytest.mark.parametrize("seed", SEEDS)
def test_no_kept_page_differs_from_a_fresh_one_whatever_happens(shop, case, seed):
    days, found, stood = Days(shop, seed), [], 0
    for _n in range(STEPS):
        days.read(READ)
        stood = max(stood, len(case.parts))
        days.step()
        found += days.differences()
        if found and not REPORT:
            break
    if REPORT:
        with open(REPORT, "a", encoding="utf-8") as file:
            said = {"seed": seed, "steps": STEPS, "compared": days.compared, "done": sorted(set(days.done))}
            print(json.dumps(said | {"differences": found}), file=file)
    assert found == []
    assert days.compared > STEPS  # else nothing was kept, and nothing proved
    assert stood > 20, "nothing stood, so the pages were set as the fresh ones are"

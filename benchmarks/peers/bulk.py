"""What a rule costs in the library, judged from a plain snapshot: `python bulk.py GOALS ROUNDS`.

Microseconds of processor time a rule, as JSON: of goals given as plain values, and of goals that were read already.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import goalkeeper
from goalkeeper.running import read

RULES = (
    "keep cpa below 12",
    "increase conversions by 15%",
    "keep ctr at least 2%",
    "improve conversion_rate by 5%",
    "reach 10,000 clicks",
)
NOW = {"impressions": 400_000, "clicks": 11_000, "spend": 5_600.0, "conversions": 520}
BEFORE = {"impressions": 380_000, "clicks": 9_500, "spend": 5_200.0, "conversions": 430}


def goals(count: int) -> dict[str, Any]:
    kpis = {
        "cpa": {"formula": "spend / conversions", "direction": "down"},
        "ctr": {"formula": "clicks / impressions", "unit": "percent", "direction": "up"},
        "conversion_rate": {"formula": "conversions / clicks", "unit": "percent", "direction": "up"},
    }
    each = [
        {"id": f"goal-{number}", "rule": RULES[number % len(RULES)], "period": "2025-Q2"} for number in range(count)
    ]
    return {"version": 1, "kpis": kpis, "goals": each}


def cost(what: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    what()
    return time.process_time() - begun


def main() -> None:
    count, rounds = int(sys.argv[1]), int(sys.argv[2])
    plain = goals(count)
    project, problems = read(plain, against_schema=False)
    if project is None:
        raise AssertionError(problems)

    def score(given: Any) -> goalkeeper.Scorecard:
        return goalkeeper.score(given, as_of="2026-01-01", snapshot=NOW, baseline=BEFORE)

    outcomes = [goal.outcome for goal in score(project).goals]
    if len(outcomes) != count or goalkeeper.Outcome.INCONCLUSIVE in outcomes:
        raise AssertionError("not every goal was judged")
    ways = {"plain values": plain, "read already": project}
    found = {name: [cost(lambda given=given: score(given)) for _ in range(rounds)] for name, given in ways.items()}
    sys.stdout.write(json.dumps({name: 1e6 * statistics.median(costs) / count for name, costs in found.items()}))


if __name__ == "__main__":
    main()

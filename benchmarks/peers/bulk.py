"""What a rule costs in the library, judged from plain snapshots: `python bulk.py VERDICTS ROUNDS`.

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
    few, _ = read(goals(len(RULES)), against_schema=False)
    snapshots = [{name: number + place for name, number in NOW.items()} for place in range(count // len(RULES))]
    before = [BEFORE] * len(snapshots)

    def score_each() -> list[goalkeeper.Scorecard]:
        return goalkeeper.score_each(few, snapshots, baselines=before, as_of="2026-01-01")

    alone = [goalkeeper.score(few, as_of="2026-01-01", snapshot=one, baseline=BEFORE) for one in snapshots[:10]]
    if score_each()[:10] != alone:
        raise AssertionError("snapshots together were judged otherwise than alone")
    ways: dict[str, Callable[[], object]] = {
        f"{count:,} goals, one snapshot, plain values": lambda: score(plain),
        f"{count:,} goals, one snapshot, read already": lambda: score(project),
        f"{len(RULES)} goals, {len(snapshots):,} snapshots": score_each,
    }
    found = {name: [cost(way) for _ in range(rounds)] for name, way in ways.items()}
    sys.stdout.write(json.dumps({name: 1e6 * statistics.median(costs) / count for name, costs in found.items()}))


if __name__ == "__main__":
    main()

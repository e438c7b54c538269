"""What a backtest of a year costs beside one score of the same goals.

Run it with `python benchmarks/backtest.py`; it takes less than a minute.

A million rows of 100 campaigns over two years are written and judged in this process, in turn: one score, then the
backtest of each of the last 365 days. Seconds of processor time, not assertions: read them. The backtest should cost
at most 4 times the score. Both load and read the files anew; the first line warms up, and does not count.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

import goalkeeper

CAMPAIGNS, ROWS = 100, 1_000_000
FIRST, DAYS = date(2024, 1, 1), 731
AS_OF = date(2026, 1, 1)
GOALS = """version: 1
sources:
  ads: {path: ads.csv, time: date}
kpis:
  cpa: {formula: spend / conversions, direction: down}
goals:
  - id: conversions
    period: 2025
    rule: increase conversions 5% in each campaign
  - id: cost
    period: 2025
    rule: keep cpa below 25 in each campaign
  - id: weekly
    period: 2025
    rule: keep cpa below 26 each week
  - id: fresh
    rule: keep cpa below 26 in each campaign
"""


def rows() -> Iterator[str]:
    chance = np.random.default_rng(1405)
    yield "date,platform,campaign,ad,impressions,spend,conversions"
    count = ROWS // DAYS
    for day in range(DAYS):
        spend, conversions = chance.integers(100, 900, count), chance.integers(1, 40, count)
        for number in range(count):
            campaign = number % CAMPAIGNS
            name = f"platform_{campaign % 4},camp_{campaign:03d},ad_{number // CAMPAIGNS:02d}"
            yield f"{FIRST + timedelta(day)},{name},{spend[number] * 31},{spend[number]},{conversions[number]}"


def timed(what: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    what()
    return time.process_time() - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "goals.yaml"
        written.write_text(GOALS, encoding="utf-8")
        (Path(folder) / "ads.csv").write_text("\n".join(rows()), encoding="utf-8")

        def score() -> object:
            return goalkeeper.score(written, as_of=AS_OF)

        def backtest() -> object:
            return goalkeeper.backtest(written, start=AS_OF - timedelta(364), end=AS_OF)

        timed(score)
        for number in range(1, 4):
            one, many = timed(score), timed(backtest)
            sys.stdout.write(f"run {number}: one score {one:5.2f} s, 365 days {many:5.2f} s, {many / one:4.2f} times\n")


if __name__ == "__main__":
    main()

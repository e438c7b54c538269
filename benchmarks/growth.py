"""How the time of a score grows with its windows, its segments and its goals.

Run it with `python benchmarks/growth.py`; it takes less than a minute.

A project is written for each line, over 200 campaigns on 4 platforms and a year of days, and scored in this process.
Seconds of processor time, not assertions: read them. What doubles should not much more than double them; the first line
loads the database, too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

import goalkeeper

CAMPAIGNS = 200
PLATFORMS = 4
FIRST, DAYS = date(2025, 1, 1), 365
AS_OF = "2026-01-01"
HEAD = """version: 1
sources:
  ads: {path: ads.csv, time: date}
metrics:
  followers: {kind: stock}
kpis:
  cpa: {formula: spend / conversions, direction: down}
goals:
"""


def rows() -> Iterator[str]:
    chance = np.random.default_rng(1405)
    yield "date,platform,campaign,spend,conversions,followers"
    for day in range(DAYS):
        spend, conversions = chance.integers(100, 900, CAMPAIGNS), chance.integers(1, 40, CAMPAIGNS)
        for campaign in range(CAMPAIGNS):
            name = f"platform_{campaign % PLATFORMS},camp_{campaign:03d}"
            numbers = f"{spend[campaign]},{conversions[campaign]},{1000 + campaign + day}"
            yield f"{FIRST + timedelta(day)},{name},{numbers}"


def goal(number: int, rule: str, days: int = 90, where: str = "") -> str:
    first = FIRST + timedelta(DAYS - days)
    only = f"    where: {{{where}}}\n" if where else ""
    last = FIRST + timedelta(DAYS - 1)
    return f"  - id: g{number}\n    rule: {rule}\n    period: {{start: {first}, end: {last}}}\n{only}"


def projects() -> Iterator[tuple[str, str]]:
    for days in (45, 90, 180):
        yield f"flow, {days} windows", goal(0, "keep cpa below 100 each day in each platform", days)
        yield f"stock, {days} windows", goal(0, "keep followers at least 5 each day in each platform", days)
    for wanted in (50, 100, 200):
        names = ", ".join(f"camp_{campaign:03d}" for campaign in range(wanted))
        yield f"{wanted} segments", goal(0, "improve cpa by 1% in each campaign", where=f"campaign: [{names}]")
    for wanted in (50, 100, 200):
        every = (goal(n, "improve cpa by 1%", where=f"campaign: camp_{n:03d}") for n in range(wanted))
        yield f"{wanted} goals", "".join(every)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ads.csv").write_text("\n".join(rows()), encoding="utf-8")
        written = Path(folder) / "goals.yaml"
        for name, goals in projects():
            written.write_text(HEAD + goals, encoding="utf-8")
            begun = time.process_time()
            goalkeeper.score(written, as_of=AS_OF)
            sys.stdout.write(f"{name:20} {time.process_time() - begun:6.2f} s\n")


if __name__ == "__main__":
    main()

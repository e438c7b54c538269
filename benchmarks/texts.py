"""How much longer a million rows take to read when money and percentages are texts.

Run it with `python benchmarks/texts.py`; it takes about a minute. The same rows are written twice, as plain numbers and
with `$1,234.50` and `2.1%`. DuckDB adds up the plain numbers in a hand-written query, of types that it finds itself, or
that it is told; Goalkeeper reads both files, proves how numbers are written, checks every cell, and adds up exactly.
Ratios of processor time to the first, the least of five taken in turn: read them, they are no assertion.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

import goalkeeper
from goalkeeper.engines.duckdb import DuckDB

ROWS = 1_000_000
TYPES = {"date": "DATE", "campaign": "VARCHAR", "impressions": "BIGINT", "clicks": "BIGINT", "spend": "DOUBLE"}
TYPES |= {"ctr": "DOUBLE", "note": "VARCHAR"}
TOLD = f""", columns = {TYPES}, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false"""
BY_HAND = """SELECT campaign, sum(impressions), sum(clicks), sum(spend), sum(ctr * impressions) / sum(impressions), count(ctr)
FROM read_csv($1{types})
WHERE date BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' GROUP BY campaign"""


def write(folder: Path) -> tuple[Path, Path]:
    chance = np.random.default_rng(1405)
    day = np.datetime64("2026-01-01") + (np.arange(ROWS) % 365).astype("timedelta64[D]")
    impressions = chance.integers(100, 90_000, ROWS)
    clicks = (impressions * chance.random(ROWS) * 0.1).astype(int)
    spend = chance.random(ROWS) * 5000
    plain, dressed = folder / "plain.csv", folder / "dressed.csv"
    with plain.open("w") as numbers, dressed.open("w") as texts:
        for file in (numbers, texts):
            file.write(",".join(TYPES) + "\n")
        for n, (d, i, c, s) in enumerate(zip(day, impressions, clicks, spend, strict=True)):
            head, share = f"{d},launch-{n % 40}", c / i * 100
            numbers.write(f"{head},{i},{c},{s:.2f},{share / 100:.4f},n{n % 7}\n")
            texts.write(f'{head},{i},{c},"${s:,.2f}",{share:.2f}%,n{n % 7}\n')
    return plain, dressed


def goals(path: Path) -> dict[str, Any]:
    return {
        "version": 1,
        "sources": {"ads": {"path": str(path), "time": "date", "dimensions": ["campaign"]}},
        "metrics": {"ctr": {"kind": "average", "weighted_by": "impressions"}},
        "goals": [
            {
                "period": "2026",
                "each": "campaign",
                "rules": [f"keep {name} at least 0" for name in ("impressions", "clicks", "spend", "ctr")],
            }
        ],
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain, dressed = write(Path(folder))
        connection = duckdb.connect()
        reading = 0.0
        columns = DuckDB._columns  # noqa: SLF001  what is measured is the one query

        def by_hand(types: str) -> None:
            connection.execute(BY_HAND.format(types=types), [str(plain)]).fetchall()

        def timed(engine: DuckDB, query: str, values: Any) -> Any:
            nonlocal reading
            start = time.process_time()
            found = columns(engine, query, values)
            reading += time.process_time() - start
            return found

        DuckDB._columns = timed  # type: ignore[method-assign]  # noqa: SLF001
        least: dict[str, float] = {}

        def take(name: str, run: Callable[[], Any]) -> None:
            nonlocal reading
            reading, start = 0.0, time.process_time()
            run()
            spent = time.process_time() - start
            for key, seconds in ((name, spent), (f"{name}: the query", reading)):
                if seconds:
                    least[key] = min(least.get(key, seconds), seconds)

        for _ in range(5):
            take("DuckDB, plain numbers", lambda: by_hand(""))
            take("DuckDB, plain numbers, types told", lambda: by_hand(TOLD))
            take("Goalkeeper, plain numbers", lambda: goalkeeper.score(goals(plain), as_of="2027-01-01"))
            take("Goalkeeper, texts", lambda: goalkeeper.score(goals(dressed), as_of="2027-01-01"))
        for name, seconds in least.items():
            sys.stdout.write(f"{name:40} {seconds / least['DuckDB, plain numbers']:5.2f}\n")


if __name__ == "__main__":
    main()

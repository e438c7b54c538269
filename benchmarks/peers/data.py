"""The rows that every peer reads: `python data.py ROWS FILE.parquet`.

One row is one ad on one day: six platforms, 2,250 campaigns, ten metrics, 2024 and 2025, in order of days. Numbers come
from remainders of products of whole numbers, so that each version of DuckDB writes the same rows. Campaigns are of
uneven size, metrics follow one another as in a funnel and spread widely: columns of few values would make reading
unrealistically cheap.
"""

from __future__ import annotations

import sys
from pathlib import Path

PRIME = 2_147_483_647
PLATFORMS = ("facebook", "instagram", "linkedin", "tiktok", "x", "youtube")
CAMPAIGNS, DAYS = 2_250, 731
FACTORS = (16_807, 48_271, 69_621, 39_373, 62_089, 40_014, 20_014, 45_742, 52_774, 30_269, 41_358, 22_041)


def drawn(number: int) -> str:
    """What `r0`, `r1` .. are: row *i* by a factor, its cube's remainder by a prime; the middle digits of it."""
    start = f"((i + {7_919 * (number + 1)}) * {FACTORS[number]} % {PRIME})"
    return f"({start} * ({start} * {start} % {PRIME}) % {PRIME}) // 1009 AS r{number}"


def query(rows: int) -> str:
    draws = ", ".join(drawn(number) for number in range(len(FACTORS)))
    platforms = ", ".join(f"'{name}'" for name in PLATFORMS)
    return f"""
    WITH draws AS (SELECT i, {draws} FROM range({rows}) AS t(i)),
    sizes AS (SELECT *, (r0 % 65536) * (r0 % 65536) * {CAMPAIGNS} // 4294967296 AS c FROM draws),
    seen AS (SELECT *, 40 + (r1 % 4096) * (r1 % 4096) // 700 + r2 % 300 AS impressions FROM sizes),
    visits AS (SELECT *, 3 + impressions * (10 + r3 % 45 + 2 * (c % 6) + c % 19) // 1000 AS clicks FROM seen),
    bought AS (SELECT *, clicks * (15 + r4 % 90 + c % 6 + c % 7) // 1000 + (r4 // 97 % 3) AS conversions,
               1 + clicks * (700 + r5 % 280) // 1000 AS sessions FROM visits)
    SELECT DATE '2024-01-01' + CAST(i * {DAYS} // {rows} AS INTEGER) AS date,
           [{platforms}][1 + c % {len(PLATFORMS)}] AS platform,
           'campaign-' || lpad(CAST(c AS VARCHAR), 4, '0') AS campaign,
           impressions,
           clicks,
           (clicks * (15 + r6 % 120 + 5 * (c % 6) + c % 13) + r6 // 131 % 100) / 100 AS spend,
           conversions,
           (conversions * (1500 + r7 % 7000 + 200 * (c % 6)) + r7 // 7013 % 100) / 100 AS revenue,
           impressions * (5 + r8 % 90 + c % 6 + c % 11) // 1000 AS engagements,
           impressions * (40 + r9 % 300 + 4 * (c % 6)) // 1000 AS downloads,
           sessions * (20 + r10 % 100 + c % 6) // 1000 + r10 // 103 % 2 AS leads,
           sessions,
           conversions * (550 + r11 % 450) // 1000 + (r11 // 457 % 2) AS orders
    FROM bought"""


def main() -> None:
    import duckdb  # the names above are of use without it

    rows, file = int(sys.argv[1]), Path(sys.argv[2])
    whole = file.with_suffix(".part")
    duckdb.execute("SET preserve_insertion_order = true")
    duckdb.execute(f"COPY ({query(rows)}) TO '{whole}' (FORMAT parquet)")
    whole.rename(file)


if __name__ == "__main__":
    main()

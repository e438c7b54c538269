"""Scenario b by hand, with DuckDB alone: `python duckdb_b.py DATA.parquet VERDICTS.json`.

The least that gives the same 45,000 numbers and verdicts. Two queries in one are the quickest of three forms that were
tried: grouping by campaign and year costs more, sums with filters twice as much.
"""

import json
import sys

import duckdb

NAMES = (
    ("ctr", 1, 0.042),
    ("cpc", -1, 1),
    ("cpa", -1, 14),
    ("cpm", -1, 42),
    ("roas", 1, 3.92),
    ("conversion_rate", 1, 0.066),
    ("download_rate", 1, 0.2),
    ("er_by_impressions", 1, 0.055),
    ("lead_rate", 1, 0.07),
    ("order_value", 1, 70),
)
KPIS = """campaign, sum(clicks) / sum(impressions), sum(spend) / sum(clicks), sum(spend) / sum(conversions),
    1000 * sum(spend) / sum(impressions), sum(revenue) / sum(spend), sum(conversions) / sum(clicks),
    sum(downloads) / sum(impressions), sum(engagements) / sum(impressions), sum(leads) / sum(sessions),
    sum(revenue) / sum(orders) FROM read_parquet($1)"""
QUERY = f"""
SELECT false, {KPIS} WHERE date BETWEEN DATE '2024-01-01' AND DATE '2024-12-31' GROUP BY campaign UNION ALL
SELECT true, {KPIS} WHERE date BETWEEN DATE '2025-01-01' AND DATE '2025-12-31' GROUP BY campaign"""

before, after = {}, {}
for now, campaign, *values in duckdb.execute(QUERY, [sys.argv[1]]).fetchall():
    (after if now else before)[campaign] = values

verdicts = []
for campaign, values in after.items():
    for (name, way, bound), value, base in zip(NAMES, values, before[campaign], strict=True):
        target = base * (1 + way / 100)
        verdicts.append([campaign, f"improve {name}", value, target, value * way >= target * way])
        verdicts.append([campaign, f"keep {name}", value, bound, value * way > bound * way])
with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123  pathlib would be one more import to pay for
    json.dump(verdicts, file)

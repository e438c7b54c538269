"""Scenario a by hand, with DuckDB alone: `python duckdb_a.py DATA.parquet VERDICTS.json`.

The least that gives the same 60 numbers and verdicts: one query, no window (all rows are in it), nothing checked.
"""

import json
import sys

import duckdb

NAMES = (
    ("ctr", ">", 0.042),
    ("cpc", "<", 1),
    ("cpa", "<", 14),
    ("cpm", "<", 42),
    ("roas", ">", 3.92),
    ("conversion_rate", ">", 0.066),
    ("download_rate", ">", 0.2),
    ("er_by_impressions", ">", 0.055),
    ("lead_rate", ">", 0.07),
    ("order_value", ">", 70),
)
QUERY = """
SELECT platform, sum(clicks) / sum(impressions), sum(spend) / sum(clicks), sum(spend) / sum(conversions),
       1000 * sum(spend) / sum(impressions), sum(revenue) / sum(spend), sum(conversions) / sum(clicks),
       sum(downloads) / sum(impressions), sum(engagements) / sum(impressions), sum(leads) / sum(sessions),
       sum(revenue) / sum(orders)
FROM read_parquet($1) GROUP BY platform"""

verdicts = [
    [platform, f"keep {name}", value, bound, value > bound if sign == ">" else value < bound]
    for platform, *values in duckdb.execute(QUERY, [sys.argv[1]]).fetchall()
    for (name, sign, bound), value in zip(NAMES, values, strict=True)
]
with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123  pathlib would be one more import to pay for
    json.dump(verdicts, file)

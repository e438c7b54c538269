"""Scenario a with pandas and simpleeval, as a user would write it: `python pandas_a.py DATA.parquet VERDICTS.json`."""

import json
import sys
from pathlib import Path

import pandas as pd
from simpleeval import simple_eval

KPIS = {
    "ctr": ("clicks / impressions", "value > 0.042"),
    "cpc": ("spend / clicks", "value < 1"),
    "cpa": ("spend / conversions", "value < 14"),
    "cpm": ("1000 * spend / impressions", "value < 42"),
    "roas": ("revenue / spend", "value > 3.92"),
    "conversion_rate": ("conversions / clicks", "value > 0.066"),
    "download_rate": ("downloads / impressions", "value > 0.2"),
    "er_by_impressions": ("engagements / impressions", "value > 0.055"),
    "lead_rate": ("leads / sessions", "value > 0.07"),
    "order_value": ("revenue / orders", "value > 70"),
}
METRICS = ["impressions", "clicks", "spend", "conversions", "revenue"]
METRICS += ["engagements", "downloads", "leads", "sessions", "orders"]

rows = pd.read_parquet(sys.argv[1], columns=["platform", *METRICS])
verdicts = []
for platform, sums in rows.groupby("platform")[METRICS].sum().to_dict("index").items():
    for name, (formula, rule) in KPIS.items():
        value = simple_eval(formula, names=sums)
        bound = float(rule.split()[-1])
        verdicts.append([platform, f"keep {name}", value, bound, simple_eval(rule, names={"value": value})])
Path(sys.argv[2]).write_text(json.dumps(verdicts), encoding="utf-8")

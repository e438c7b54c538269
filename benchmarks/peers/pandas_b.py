"""Scenario b with pandas and simpleeval, as a user would write it: `python pandas_b.py DATA.parquet VERDICTS.json`."""

import json
import sys
from datetime import date
from pathlib import Path

import pandas as pd
from simpleeval import simple_eval

KPIS = {
    "ctr": ("clicks / impressions", "up", 0.042),
    "cpc": ("spend / clicks", "down", 1),
    "cpa": ("spend / conversions", "down", 14),
    "cpm": ("1000 * spend / impressions", "down", 42),
    "roas": ("revenue / spend", "up", 3.92),
    "conversion_rate": ("conversions / clicks", "up", 0.066),
    "download_rate": ("downloads / impressions", "up", 0.2),
    "er_by_impressions": ("engagements / impressions", "up", 0.055),
    "lead_rate": ("leads / sessions", "up", 0.07),
    "order_value": ("revenue / orders", "up", 70),
}
METRICS = ["impressions", "clicks", "spend", "conversions", "revenue"]
METRICS += ["engagements", "downloads", "leads", "sessions", "orders"]
RULES = {
    "up": ("value >= base * 1.01", "value > bound", 1.01),
    "down": ("value <= base * 0.99", "value < bound", 0.99),
}

rows = pd.read_parquet(sys.argv[1], columns=["date", "campaign", *METRICS])
new = rows["date"] >= date(2025, 1, 1)
before = rows[~new].groupby("campaign")[METRICS].sum().to_dict("index")
after = rows[new].groupby("campaign")[METRICS].sum().to_dict("index")
verdicts = []
for campaign, sums in after.items():
    for name, (formula, way, bound) in KPIS.items():
        value, base = simple_eval(formula, names=sums), simple_eval(formula, names=before[campaign])
        known = {"value": value, "base": base, "bound": bound}
        improve, keep, factor = RULES[way]
        verdicts.append([campaign, f"improve {name}", value, base * factor, simple_eval(improve, names=known)])
        verdicts.append([campaign, f"keep {name}", value, bound, simple_eval(keep, names=known)])
Path(sys.argv[2]).write_text(json.dumps(verdicts), encoding="utf-8")

"""Openly licensed marketing data with stated totals, when it lies beside the checkout."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import goalkeeper
from goalkeeper.dates import parse_date
from goalkeeper.verdict import Outcome, State

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GEO = DATA / "mmm-meridian" / "geo_media.csv"
WEEKLY = DATA / "mmm-robyn" / "dt_simulated_weekly.csv"
CHANNELS = range(4)

pytestmark = pytest.mark.skipif(not GEO.exists(), reason=f"the real data files are not beside the checkout ({DATA})")


def score(tmp_path: Path, file: dict[str, object]) -> dict[str, goalkeeper.Verdict]:
    path = tmp_path / "goals.json"
    path.write_text(json.dumps(file))
    card = goalkeeper.score(path, as_of="2024-06-01", allowed=goalkeeper.Allowed(read=[DATA]))
    return {
        f"{goal.id} {verdict.rule} {'/'.join(verdict.segment.values())}".strip(): verdict
        for goal in card.goals
        for rule in goal.rules
        for verdict in rule.verdicts
    }


def test_weekly_media_by_region_and_channel(tmp_path: Path) -> None:
    spend = " + ".join(f"Channel{n}_spend" for n in CHANNELS)
    impressions = " + ".join(f"Channel{n}_impression" for n in CHANNELS)
    found = score(
        tmp_path,
        {
            "version": 1,
            "sources": {"geo": {"path": str(GEO), "time": "time", "grain": "week", "dimensions": ["geo"]}},
            "metrics": {"revenue_per_conversion": {"kind": "average", "weighted_by": "conversions"}},
            "kpis": {
                "revenue": {"formula": "revenue_per_conversion * conversions"},
                "spend": {"formula": spend},
                "impressions": {"formula": impressions},
                "roas": {"formula": "revenue / spend"},
            }
            | {f"share{n}": {"formula": f"Channel{n}_spend / spend", "unit": "percent"} for n in CHANNELS},
            "goals": [
                {
                    "id": "all",
                    "period": {"start": "2021-01-25", "length": "156 weeks"},
                    "rules": [
                        "reach 32,000,000,000 conversions",
                        "reach 33,000,000,000 conversions",
                        "keep revenue at least 1140000000",
                        "keep spend at most 120000000",
                        "keep impressions at least 10784388904",
                        *(f"keep share{n} at least 0%" for n in CHANNELS),
                    ],
                },
                {
                    "id": "y2022",
                    "period": "2022-01-03 to 2023-01-01",
                    "rules": ["keep roas above 9.3", "keep roas above 9.4", "keep roas above 8.5 in each geo"],
                },
            ],
        },
    )
    assert found["all reach 32,000,000,000 conversions"].value == pytest.approx(32581243381.6, rel=1e-12)
    assert found["all reach 32,000,000,000 conversions"].state is State.MET
    assert found["all reach 33,000,000,000 conversions"].state is State.MISSED
    revenue = found["all keep revenue at least 1140000000"].value
    assert revenue == pytest.approx(1140674674.9731, rel=1e-12)
    assert revenue != pytest.approx(1140609714.9151, rel=1e-6), "the sum times the mean price is another number"
    assert found["all keep spend at most 120000000"].value == pytest.approx(121740698.0735, rel=1e-12)
    assert found["all keep spend at most 120000000"].outcome is Outcome.FAIL
    assert found["all keep impressions at least 10784388904"].value == 10784388904
    shares = [found[f"all keep share{n} at least 0%"].value for n in CHANNELS]
    assert sum(share for share in shares if isinstance(share, float)) == pytest.approx(1)
    assert found["y2022 keep roas above 9.3"].value == pytest.approx(9.3581749187, rel=1e-10)
    assert found["y2022 keep roas above 9.4"].state is State.BREACHED
    by_region = [verdict for name, verdict in found.items() if "in each geo" in name]
    assert len(by_region) == 20
    assert {verdict.state for verdict in by_region} == {State.HOLDING, State.BREACHED}


def test_simulated_weeks(tmp_path: Path) -> None:
    found = score(
        tmp_path,
        {
            "version": 1,
            "sources": {"shop": {"path": str(WEEKLY), "time": "DATE", "grain": "week", "dimensions": []}},
            "kpis": {
                "spend": {"formula": "tv_S + ooh_S + print_S + facebook_S + search_S"},
                "roas": {"formula": "revenue / spend"},
                "facebook_cpm": {"formula": "facebook_S / facebook_I * 1000"},
                "search_cpc": {"formula": "search_S / search_clicks_P"},
            },
            "goals": [
                {
                    "id": "all",
                    "period": {"start": "2015-11-23", "length": "208 weeks"},
                    "rules": [
                        "keep revenue at least 379000000",
                        "keep spend at most 14500000",
                        "keep facebook_cpm at most 0.2632",
                        "keep search_cpc at most 0.35",
                    ],
                },
                {"id": "y2018", "period": "2018-01-01 to 2019-01-06", "rules": ["keep roas at least 31.9"]},
            ],
        },
    )
    assert found["all keep revenue at least 379000000"].value == pytest.approx(379005696.666667, rel=1e-14)
    assert found["all keep spend at most 14500000"].value == pytest.approx(14529098.512314, rel=1e-13)
    assert found["all keep spend at most 14500000"].outcome is Outcome.FAIL
    cpm = found["all keep facebook_cpm at most 0.2632"].value
    assert cpm == pytest.approx(0.2631606298, rel=1e-9)
    assert cpm != pytest.approx(0.2460539909, rel=1e-3), "the mean of the weekly ratios is another number"
    assert found["all keep search_cpc at most 0.35"].value == pytest.approx(0.3490965247, rel=1e-9)
    assert found["y2018 keep roas at least 31.9"].value == pytest.approx(31.9632681631, rel=1e-10)


RATES = DATA / "usd-rial-jalali" / "Dollar_Rial_Price_Dataset.csv"


@pytest.mark.skipif(not RATES.exists(), reason="the rates are not beside the checkout")
def test_days_of_two_calendars_are_the_same_days() -> None:
    with RATES.open(encoding="utf-8-sig", newline="") as file:
        pairs = [(row["Gregorian Date"], row["Persian Date"]) for row in csv.DictReader(file)]
    assert len(pairs) == 3921
    assert [pair for pair in pairs if parse_date(pair[0]) != parse_date(pair[1])] == []

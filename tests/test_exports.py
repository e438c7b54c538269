"""Specimen exports with their right answers, when they lie beside the checkout: what does not add up is never added.

`ASKED` says how each file is read; the right numbers, and the wrong ones that a naive reader gets, are those of the
specimens' own `expected.yaml`. Left out, because today's reader does not read them as they are: UTF-16 and preambles
(meta-suite, meta-suite-resaved, ga4, google-ads, meta-report-bg), workbooks (meta-ads, linkedin, x-monthly-sheets),
Jalali days (persian-*), days in words (google-ads-timeseries), no days at all (facebook-posts-uci, call-centre, search
console tables by dimension), ragged or doubled columns (other meta-posts), distinct counts (mrm-log).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import goalkeeper
from goalkeeper.columns import Missing
from goalkeeper.scorecard import Verdict

EXPORTS = Path(__file__).resolve().parents[2] / "shared" / "exports"
pytestmark = pytest.mark.skipif(
    not EXPORTS.exists(), reason=f"the specimen exports are not beside the checkout ({EXPORTS})"
)

SEARCH = {"search_clicks": {"column": "Clicks"}, "search_impressions": {"column": "Impressions"}}
POSITION = {"avg_position": {"column": "Position", "kind": "average", "weighted_by": "search_impressions"}}
SEARCH_KPIS = {"search_ctr": "search_clicks / search_impressions"}
ALL_X = "daily_tweet_activity_metrics_SpecimenOrg_{}_en.csv"
X = {
    "kpis": {"er_by_impressions": "engagements / impressions"},
    "asks": {"impressions": None, "engagements": None, "likes": None, "er_by_impressions": None},
}
ASKED: dict[str, dict[str, Any]] = {
    "search-console/Dates.csv": {
        "time": "Date",
        "metrics": SEARCH | POSITION,
        "kpis": SEARCH_KPIS,
        "asks": {
            "search_clicks": None,
            "search_impressions": None,
            "search_ctr": None,
            "avg_position": None,
            "search_clicks.last_28_days": "2026-08-02 to 2026-08-29",
        },
    },
    "search-console-fr/Dates.csv": {
        "time": "Date",
        "metrics": SEARCH | POSITION | {"search_clicks": {"column": "Clics"}},
        "kpis": SEARCH_KPIS | {"search_clicks_28d_change": "search_clicks / previous(search_clicks) - 1"},
        "asks": {
            "search_clicks": None,
            "search_ctr": None,
            "avg_position": None,
            "search_clicks.last_28_days": "2026-07-21 to 2026-08-17",
            "search_clicks_28d_change": "2026-07-21 to 2026-08-17",
        },
    },
    "x-daily/" + ALL_X.format("20220901_20221001"): {"time": "Date", **X},
    "x-daily/" + ALL_X.format("20221001_20221031"): {"time": "Date", **X},
    "x-daily/" + ALL_X.format("20221101_20221201"): {"time": "Date", **X},
    "youtube-studio/Totals.csv": {
        "time": "Date",
        "metrics": {"views": {"column": "Views"}},
        "asks": {"views": None, "views.month_2026_06": "2026-06-01 to 2026-06-30"},
    },
    "youtube-studio/Chart data.csv": {
        "time": "Date",
        "metrics": {"views_top5": {"column": "Views"}},
        "asks": {"views_top5": None},
    },
    "tiktok-overview/TIKTOK_RAW.csv": {
        "time": "Date",
        "metrics": {"video_views": {"column": "Video views"}, "net_new_followers": {"column": "Net growth"}},
        "kpis": {"er_by_views": "(Likes + Shares + Comments) / video_views"},
        "asks": {"video_views": None, "net_new_followers": None, "er_by_views": None},
    },
    "tiktok-overview/TIKTOK_VIDEO_RAW.csv": {
        "time": {"column": "Post time", "format": "%Y/%m/%d %H:%M:%S"},
        "missing": "zero",
        "metrics": {"posts": {"count": "rows"}, "video_views": {"column": "Video views"}},
        "asks": {"posts": None, "video_views": None},
    },
    "instagram-insights/Instagram data.csv": {
        "time": "Date",
        "metrics": {"visits": {"column": "Profile Visits"}},
        "kpis": {
            "er_by_impressions": "(Likes + Comments + Shares + Saves) / Impressions",
            "follow_conversion": "Follows / visits",
            "impressions": "Impressions + 0",
        },
        "asks": {
            "er_by_impressions": None,
            "follow_conversion": None,
            "impressions.month_2026_03": "2026-03-01 to 2026-03-31",
        },
    },
    "meta-posts/Mar-18-2026_Apr-14-2026_9300000000000004.csv": {
        "time": {"column": "Publish time", "format": "%m/%d/%Y %H:%M"},
        "missing": "zero",
        "dimensions": ["Post ID"],
        "metrics": {
            "posts": {"count": "rows"},
            "views": {"column": "Views"},
            "post_reach": {"column": "Reach"},
            "viewings": {"column": "Reach", "kind": "flow"},
        },
        "kpis": {"er_by_reach": "(Likes + Comments + Shares + Saves) / viewings"},
        "asks": {"posts": None, "views": None, "post_reach": None, "er_by_reach": None},
    },
    "ads-uncleaned/GoogleAds_GardenTools_Sales_Uncleaned.csv": {
        "time": "Ad_Date",
        "kpis": {"ctr": "Clicks / Impressions", "click_to_conversion": "Conversions / Clicks"},
        "asks": {"ctr": None, "click_to_conversion": None},
    },
    "mentions-sentiment/airline_mentions.csv": {
        "time": {"column": "tweet_created", "format": "%d-%m-%Y %H.%M"},
        "metrics": {
            "mentions": {"count": "rows"},
            "mentions_own": {"count": "rows", "where": {"airline": "Zephyra Air"}},
            "positive": {"count": "rows", "where": {"airline_sentiment": "positive"}},
            "negative": {"count": "rows", "where": {"airline_sentiment": "negative"}},
            "negative_own": {
                "count": "rows",
                "where": {"airline": "Zephyra Air", "airline_sentiment": "negative"},
            },
        },
        "kpis": {
            "net_sentiment": "(positive - negative) / mentions",
            "negative_rate_own": "negative_own / mentions_own",
            "share_of_voice": "mentions_own / mentions",
        },
        "asks": {"mentions": None, "net_sentiment": None, "negative_rate_own": None, "share_of_voice": None},
    },
    "share-of-voice/competitor_mentions.csv": {
        "time": "date",
        "drop": {"brand": ["All brands", "Total"]},
        "numbers": "1,234.5",
        "spellings": {"brand": {"Nilgoon": "نیلگون"}},
        "metrics": {
            "mentions_own": {"column": "mentions", "where": {"brand": "Nilgoon"}},
            "mentions_all": {"column": "mentions"},
            "positive_own": {"column": "positive", "where": {"brand": "Nilgoon"}},
            "negative_own": {"column": "negative", "where": {"brand": "Nilgoon"}},
        },
        "kpis": {
            "share_of_voice": "mentions_own / mentions_all",
            "net_sentiment_own": "(positive_own - negative_own) / mentions_own",
        },
        "asks": {"mentions_own": None, "mentions_all": None, "share_of_voice": None, "net_sentiment_own": None},
    },
}
REFUSED: list[tuple[str, str, Mapping[str, Any], str]] = [
    # The file, the header of its days, a metric, and the code of what is said instead of a number.
    ("tiktok-overview/TIKTOK_AUDIENCE_RAW.csv", "Date", {"column": "Total followers", "kind": "stock"}, "GK304"),
    ("x-daily/" + ALL_X.format("20220901_20221001"), "Date", {"column": "promoted impressions"}, "GK304"),
    ("share-of-voice/competitor_mentions.csv", "date", {"column": "mentions"}, "GK306"),
    ("search-console/Dates.csv", "Date", {"column": "CTR"}, "GK213"),
]


@cache
def specimens() -> Mapping[str, Any]:
    found = yaml.safe_load((EXPORTS / "expected.yaml").read_text(encoding="utf-8"))
    return {entry["path"]: entry for entry in found["specimens"]} | {entry["name"]: entry for entry in found["sets"]}


def verdict(path: str, name: str, period: str | None, bound: str, files: list[str] | None = None) -> Verdict:
    """The verdict of `keep NAME BOUND` over the file at *path*, read as `ASKED` says."""
    asked, dates = ASKED[path], specimens()[path]["dates"]
    source = {
        key: asked[key] for key in ("time", "missing", "dimensions", "drop", "numbers", "spellings") if key in asked
    }
    file = {
        "version": 1,
        "sources": {"export": {"path": [str(EXPORTS / one) for one in files or [path]], **source}},
        "metrics": asked.get("metrics", {}),
        "kpis": {kpi: {"formula": formula} for kpi, formula in asked.get("kpis", {}).items()},
        "goals": [
            {"period": period or f"{dates['first']} to {dates['last']}", "rules": [{"kpi": name, "keep": bound}]}
        ],
    }
    return goalkeeper.score(file, as_of="2027-06-01").goals[0].rules[0].verdicts[0]


def right(path: str, metric: str) -> float | None:
    name, _, part = metric.partition(".")
    entry = specimens()[path]["metrics"][name]
    return entry[part] if part else entry.get("total", entry.get("value", entry.get("last")))


def asks() -> Iterator[tuple[str, str, str | None]]:
    for path, asked in ASKED.items():
        for metric, period in asked["asks"].items():
            yield path, metric, period


@pytest.mark.parametrize(("path", "metric", "period"), list(asks()))
def test_the_right_number_or_none(path: str, metric: str, period: str | None) -> None:
    found = verdict(path, metric.partition(".")[0], period, "at least -1000000")
    expected = right(path, metric)
    if expected is None:
        bounds = specimens()[path]["metrics"][metric]
        assert isinstance(found.value, Missing)
        assert f"between {bounds['at_least']:,} and {bounds['at_most']:,}" in found.value.detail
    else:
        assert found.value == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("path", "metric", "period"), list(asks()))
def test_no_trap_is_stepped_into(path: str, metric: str, period: str | None) -> None:
    name = metric.partition(".")[0]
    for trap in specimens()[path]["traps"]:
        if trap.get("metric") != metric or right(path, metric) != trap["right"]:
            continue  # a question about another file: the number here is right for this one
        found = verdict(path, name, period, "at least -1000000")
        if trap["right"] is None:
            assert isinstance(found.value, Missing), trap["trap"]
        else:
            assert found.value == pytest.approx(trap["right"], rel=1e-8), trap["trap"]
        if "flips" in trap:
            sign, level = trap["flips"]["goal"].split()[1:]
            kept = verdict(path, name, period, f"{'at least' if sign == '>=' else 'at most'} {level}")
            assert kept.state == {"met": "holding", "missed": "breached"}[trap["flips"]["correct"]], trap["trap"]


@pytest.mark.parametrize(("path", "time", "metric", "code"), REFUSED)
def test_what_is_no_number_is_refused(path: str, time: str, metric: Mapping[str, Any], code: str) -> None:
    dates = specimens()[path]["dates"]
    file = {
        "version": 1,
        "sources": {"export": {"path": str(EXPORTS / path), "time": time}},
        "metrics": {"asked": dict(metric)},
        "goals": [{"period": f"{dates['first']} to {dates['last']}", "rules": ["keep asked at least 0"]}],
    }
    with pytest.raises(goalkeeper.ProblemsFound) as refused:
        goalkeeper.score(file, as_of="2027-06-01")
    assert code in {problem.code for problem in refused.value.problems}


def test_a_rate_over_several_files() -> None:
    united = specimens()["x-daily-quarter"]
    period = f"{united['dates']['first']} to {united['dates']['last']}"
    for name in ("impressions", "er_by_impressions"):
        found = verdict(united["files"][0], name, period, "at least 0", united["files"])
        assert found.value == pytest.approx(united["metrics"][name], rel=1e-8)
        assert found.coverage is not None
        assert (found.coverage.days, found.coverage.of) == (90, 91)

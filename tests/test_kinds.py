"""Running totals, medians and percentiles equal a direct computation, for any rows, windows and order of rows."""

from __future__ import annotations

import csv
import random
import statistics
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import goalkeeper
from goalkeeper.columns import Missing
from goalkeeper.reporters import json as json_reporter

FIRST = date(2026, 1, 1)
DAYS = 80
MAX_AGE = 7
CHANNELS = ["mail", "mobile", "chat", ""]

windows = st.tuples(st.integers(10, 60), st.integers(1, 19)).map(
    lambda found: (FIRST + timedelta(days=found[0]), FIRST + timedelta(days=found[0] + found[1]))
)


@pytest.fixture(autouse=True)
def _run_beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goals that are no file read what lies below the folder that they are run in, and a checkout is not that."""
    monkeypatch.chdir(tmp_path)


def counters(seed: int) -> list[dict[str, Any]]:
    """Lifetime likes of posts: recorded on most days, now and then reset, empty, away or late."""
    chance = random.Random(seed)
    rows = []
    for post in ("a", "b", "c", "d"):
        begins = chance.choice([0, 0, 25])
        away = chance.randrange(DAYS)
        total = chance.randrange(100)
        for day in range(begins, DAYS):
            total += chance.randrange(10)
            if chance.random() < 0.004:
                total = 0
            if chance.random() < 0.3 or away <= day < away + chance.choice([0, 12]):
                continue
            likes = "" if chance.random() < 0.05 else f"{total}.{post == 'a':d}"
            rows.append({"date": str(FIRST + timedelta(days=day)), "post": post, "team": post < "c", "likes": likes})
    return rows


def events(seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    every = [{"date": str(FIRST), "channel": channel, "minutes": "1"} for channel in CHANNELS]
    return every + [
        {
            "date": str(FIRST + timedelta(days=chance.randrange(DAYS))),
            "channel": chance.choice(CHANNELS),
            "minutes": chance.choice(
                ["", str(chance.randrange(600)), f"{chance.randrange(60)}.{chance.randrange(100):02}"]
            ),
        }
        for _ in range(chance.choice([1, 7, 200]))
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def values(file: dict[str, Any]) -> list[dict[str, float | Missing | None]]:
    """For each rule, the value of each segment."""
    card = goalkeeper.score({"version": 1, "defaults": {"min_coverage": "0%"}, **file}, as_of="2026-12-01")
    return [
        {"/".join(verdict.segment.values()): verdict.value for verdict in rule.verdicts}
        for goal in card.goals
        for rule in goal.rules
    ]


def recorded(rows: list[dict[str, Any]], first: date) -> bool:
    """Whether any post was counted in the days before *first*."""
    days = {date.fromisoformat(row["date"]) for row in rows if row["likes"]}
    return any(first - timedelta(days=1 + MAX_AGE) <= day < first for day in days)


def grown(rows: list[dict[str, Any]], first: date, last: date, *, born: bool) -> Decimal | None:
    """The growth of one post over a window, None where it is not known; 0 where it was not there."""
    read = sorted((date.fromisoformat(row["date"]), Decimal(row["likes"])) for row in rows if row["likes"])
    start_edge = first - timedelta(days=1)
    look = start_edge - timedelta(days=MAX_AGE)
    before = [found for found in read if look <= found[0] <= start_edge]
    inside = [found for found in read if first <= found[0] <= last]
    if not before and not inside:
        return Decimal(0)
    chain = [value for _, value in before[-1:] + inside]
    if any(later < earlier for earlier, later in pairwise(chain)):
        return None
    if (last - (before + inside)[-1][0]).days > MAX_AGE:
        return None
    if before:
        return chain[-1] - chain[0]
    return chain[-1] if born and read[0][0] >= first else None


@given(seed=st.integers(0, 300), window=windows, born=st.booleans())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_running_total_is_what_a_hand_would_work_out(
    seed: int,
    window: tuple[date, date],
    born: bool,  # noqa: FBT001  drawn by name
    tmp_path: Path,
) -> None:
    rows, (first, last) = counters(seed), window
    kind = {"kind": "running_total", "column": "likes"} | ({"begins": "zero"} if born else {})
    of_all, by_post, of_team = values(
        {
            "sources": {"posts": {"path": write(tmp_path / "posts.csv", rows), "time": "date"}},
            "metrics": {"likes": kind},
            "goals": [
                {
                    "period": f"{first} to {last}",
                    "rules": [
                        {"kpi": "likes", "keep": "at least 0"},
                        {"kpi": "likes", "keep": "at least 0", "each": "post"},
                        {"kpi": "likes", "keep": "at least 0", "where": {"team": "True"}},
                    ],
                }
            ],
        }
    )
    born = born and recorded(rows, first)
    by_hand = {
        post: grown([row for row in rows if row["post"] == post], first, last, born=born)
        for post in ("a", "b", "c", "d")
    }
    for found, posts in ((of_all[""], "abcd"), (of_team[""], "ab")):
        expected = [by_hand[post] for post in posts]
        if isinstance(found, Missing):
            nothing = found.why == "no_data" and not any(expected)
            assert None in expected or nothing, found
        else:
            assert None not in expected
            assert found == pytest.approx(float(sum(filter(None, expected))), abs=1e-9)
    for post, found in by_post.items():
        if found is None:
            assert not any(str(first) <= row["date"] <= str(last) for row in rows)
        elif isinstance(found, Missing):
            assert by_hand[post] is None or found.why == "no_data", (post, found)
        else:
            assert found == pytest.approx(float(by_hand[post] or 0), abs=1e-9), post


@given(seed=st.integers(0, 300), window=windows, share=st.sampled_from([1, 25, 90, 99.5]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_quantile_is_that_of_the_rows(seed: int, window: tuple[date, date], share: float, tmp_path: Path) -> None:
    rows, (first, last) = events(seed), window
    rules: list[dict[str, Any]] = [
        {"kpi": kpi, "keep": "at least 0", **narrow}
        for kpi in ("middle", "outer")
        for narrow in ({}, {"each": "channel"}, {"where": {"channel": "m*"}}, {"where": {"channel": {"not": "chat"}}})
    ]
    found = values(
        {
            "sources": {"t": {"path": write(tmp_path / "t.csv", rows), "time": "date", "missing": "zero"}},
            "metrics": {
                "middle": {"column": "minutes", "kind": "median"},
                "outer": {"column": "minutes", "kind": "percentile", "percentile": share},
            },
            "goals": [{"period": f"{first} to {last}", "rules": rules}],
        }
    )
    inside = [row for row in rows if first <= date.fromisoformat(row["date"]) <= last and row["minutes"]]
    for number, rule in enumerate(rules):
        for segment, value in found[number].items():
            kept = [
                float(row["minutes"])
                for row in inside
                if ("each" not in rule or row["channel"] == segment)
                and (rule.get("where") != {"channel": "m*"} or row["channel"].startswith("m"))
                and (rule.get("where") != {"channel": {"not": "chat"}} or row["channel"] != "chat")
            ]
            if isinstance(value, Missing) or value is None:
                assert not kept
            else:
                by_hand = statistics.median(kept) if number < 4 else float(np.quantile(kept, share / 100))
                assert value == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_and_the_cut_into_files_do_not_matter(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    cards = set()
    for number in range(3):
        folder = tmp_path / str(number)
        (folder / "posts").mkdir(parents=True)
        (folder / "inbox").mkdir()
        for name, rows in (("posts", counters(seed)), ("inbox", events(seed + 2))):
            mixed = chance.sample(rows, len(rows)) if number else rows
            cut = len(mixed) // 3 if number == 2 else 0
            for part, some in enumerate([mixed[:cut], mixed[cut:]]):
                if some:
                    write(folder / name / f"{part}.csv", some)
        file = {
            "version": 1,
            "sources": {
                "posts": {"path": str(folder / "posts"), "time": "date"},
                "inbox": {"path": str(folder / "inbox"), "time": "date", "missing": "zero"},
            },
            "metrics": {
                "likes": {"kind": "running_total", "source": "posts", "begins": "zero"},
                "middle": {"column": "minutes", "source": "inbox", "kind": "median"},
            },
            "goals": [
                {"period": "2026-01-20 to 2026-02-28", "each": "week", "rules": ["keep likes at least 1"]},
                {
                    "period": "2026-02",
                    "rules": ["keep likes at least 1 in each post", "keep middle at most 9 in each channel"],
                },
            ],
        }
        text = json_reporter.render(goalkeeper.score(file, as_of="2026-03-20"))
        cards.add(text[: text.index('"inputs"')])
    assert len(cards) == 1


def test_an_explanation_shows_the_query_of_a_quantile_and_its_events(tmp_path: Path) -> None:
    file = {
        "version": 1,
        "sources": {"t": {"path": write(tmp_path / "t.csv", events(2)), "time": "date", "missing": "zero"}},
        "metrics": {"outer": {"column": "minutes", "kind": "percentile", "percentile": 90}},
        "goals": [{"id": "answer", "period": "2026-01", "where": {"channel": "m*"}, "rules": ["keep outer below 8"]}],
    }
    explanation = goalkeeper.explain(file, "answer", as_of="2026-03-20")
    [(flows, _), (quantiles, values)] = explanation.queries["t"]
    assert "sum(" not in flows
    assert "quantile_cont(" in quantiles
    assert {"m*", 0.9} <= {value for value in values.values() if not isinstance(value, list)}
    [(_, (rule,))] = explanation.goals
    rows = [row for row in events(2) if row["channel"][:1] == "m" and row["minutes"] and row["date"] < "2026-02-01"]
    assert rule.workings[0].steps[0].origin == f"percentile 90: column minutes of t, {len(rows)} events"


def test_plain_values_stand_for_any_kind() -> None:
    file = {
        "version": 1,
        "metrics": {"middle": {"kind": "median"}, "likes": {"kind": "running_total"}, "place": {"kind": "rank"}},
        "goals": [
            {
                "period": "2026-01",
                "rules": ["keep middle below 8", "reach 30 likes", "decrease place by 2 versus 2025-12"],
            }
        ],
    }
    card = goalkeeper.score(
        file, as_of="2026-03-20", snapshot={"middle": 5, "likes": 30, "place": 4}, baseline={"place": 6}
    )
    assert [rule.verdicts[0].state for rule in card.goals[0].rules] == ["holding", "met", "met"]

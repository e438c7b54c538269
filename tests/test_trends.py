"""How a value came about: laws of every trend, held over all runs that are written down, and what single ones say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import goalkeeper
from goalkeeper.columns import Missing
from goalkeeper.problems import ProblemsFound
from goalkeeper.reporters import json as json_reporter
from goalkeeper.scorecard import Scorecard
from goalkeeper.trends import MOST_TRENDS
from goalkeeper.verdict import Trend, Verdict
from test_runs import cases, goal_file, write_data

EXAMPLES = Path(__file__).parent.parent / "examples"


def told(card: Scorecard) -> Iterator[tuple[Verdict, Trend]]:
    for goal in card.goals:
        for rule in goal.rules:
            assert sum(verdict.trend is not None for verdict in rule.verdicts) <= MOST_TRENDS
            for verdict in rule.verdicts:
                if isinstance(verdict.trend, Trend):
                    yield verdict, verdict.trend


def held(card: Scorecard) -> int:
    """How many trends keep the laws: they end at the number of their verdict, and so do the lines beside them."""
    count = 0
    for verdict, trend in told(card):
        count += 1
        seen = [point for point in trend.points if point.value is not None]
        days = [(point.first, point.last) for point in trend.points]
        assert days == sorted(days)
        assert verdict.window is not None
        assert all(verdict.window.first <= first <= last <= verdict.window.last for first, last in days)
        assert isinstance(verdict.value, float)
        if trend.adds_up and seen:
            assert seen[-1].value == pytest.approx(verdict.value)
        if not seen:
            continue
        if verdict.expected is not None and seen[-1].expected is not None and verdict.coverage is not None:
            now = next(p for p in trend.points if p.last >= seen[-1].last)
            whole = verdict.coverage.days == verdict.coverage.of
            assert not whole or now.expected == pytest.approx(verdict.expected)
        last = trend.points[-1]
        if last.expected is not None and isinstance(verdict.target, float) and last.last == verdict.window.last:
            assert last.expected == pytest.approx(verdict.target)
        if last.baseline is not None and last.last == verdict.window.last:
            assert last.baseline == pytest.approx(verdict.baseline)
    return count


FROM_FILES = [case for case in cases() if not {"snapshot", "options"}.intersection(case.values[0])]


@pytest.mark.parametrize("case", FROM_FILES[::4])
def test_trends_keep_their_laws_and_change_no_verdict(
    case: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(case.get("data", {}), tmp_path)
    (tmp_path / "goals.yaml").write_text(goal_file(case), encoding="utf-8")
    try:
        plain = goalkeeper.score(tmp_path, as_of=case["as_of"])
    except ProblemsFound:
        with pytest.raises(ProblemsFound):
            goalkeeper.score(tmp_path, as_of=case["as_of"], trends=True)
        return
    full = goalkeeper.score(tmp_path, as_of=case["as_of"], trends=True)
    assert json_reporter.render(full) == json_reporter.render(plain)
    assert not list(told(plain))
    held(full)


@pytest.mark.parametrize(
    ("name", "day"), [("quickstart", "2026-06-15"), ("company", "2026-05-20"), ("agency", "2026-05-20")]
)
def test_the_trends_of_the_examples_are_known(name: str, day: str) -> None:
    assert held(goalkeeper.score(EXAMPLES / name, as_of=day, trends=True)) >= 5


def scored(folder: Path, rule: str, rows: Mapping[str, float], as_of: str = "2026-04-11", **more: Any) -> Verdict:
    lines = [f"{day},{number}" for day, number in rows.items()]
    (folder / "ads.csv").write_text("\n".join(["date,orders", *lines]) + "\n", encoding="utf-8")
    goals = {
        "version": 1,
        "sources": {"ads": {"path": str(folder / "ads.csv"), "time": "date"}},
        "goals": [{"rules": [{"rule": rule, **more}], "period": {"start": "2026-04-01", "end": "2026-04-30"}}],
    }
    allowed = goalkeeper.Allowed(read=[folder])
    return goalkeeper.score(goals, as_of=as_of, trends=True, allowed=allowed).goals[0].rules[0].worst


def days(first: date, count: int, number: float = 10) -> dict[str, float]:
    return {date.fromordinal(first.toordinal() + n).isoformat(): number for n in range(count)}


def values(verdict: Verdict) -> list[float | None]:
    assert isinstance(verdict.trend, Trend)
    return [point.value for point in verdict.trend.points]


def test_a_missing_day_is_a_gap_and_never_zero(tmp_path: Path) -> None:
    rows = days(date(2026, 4, 1), 10)
    del rows["2026-04-04"]
    found = values(scored(tmp_path, "reach 300 orders", rows))
    assert found[:6] == [10, 20, 30, None, 40, 50]
    assert found[10:] == [None] * 20


def test_the_expected_path_follows_the_pace(tmp_path: Path) -> None:
    found = scored(tmp_path, "reach 300 orders", days(date(2026, 4, 1), 10)).trend
    assert isinstance(found, Trend)
    assert [p.expected for p in found.points] == pytest.approx([10.0 * n for n in range(1, 31)])


def test_the_path_of_the_baseline_is_brought_to_as_many_days(tmp_path: Path) -> None:
    rows = days(date(2026, 3, 1), 31, 20) | days(date(2026, 4, 1), 10)
    verdict = scored(tmp_path, "increase orders by 10%", rows)
    assert isinstance(verdict.trend, Trend)
    assert [p.baseline for p in verdict.trend.points] == pytest.approx([20.0 * n for n in range(1, 31)])


def test_a_pace_like_the_baseline_is_drawn_as_it_went(tmp_path: Path) -> None:
    rows = days(date(2026, 3, 1), 15, 0) | days(date(2026, 3, 16), 16, 20) | days(date(2026, 4, 1), 20, 5)
    verdict = scored(tmp_path, "increase orders by 10%", rows, "2026-04-21", pace="like baseline")
    assert isinstance(verdict.trend, Trend)
    path = [p.expected for p in verdict.trend.points]
    assert path[9] == 0
    assert path[19] == pytest.approx(verdict.expected)
    assert path[-1] == pytest.approx(verdict.target)


def test_what_is_excluded_is_no_point(tmp_path: Path) -> None:
    (tmp_path / "ads.csv").write_text(
        "\n".join(["date,orders", *(f"{day},{n}" for day, n in days(date(2026, 4, 1), 10).items())]), encoding="utf-8"
    )
    goals = {
        "version": 1,
        "sources": {"ads": {"path": str(tmp_path / "ads.csv"), "time": "date"}},
        "goals": [
            {
                "rules": ["reach 300 orders"],
                "period": {"start": "2026-04-01", "end": "2026-04-30"},
                "exclude_days": [{"from": "2026-04-03", "to": "2026-04-04", "reason": "outage"}],
            }
        ],
    }
    allowed = goalkeeper.Allowed(read=[tmp_path])
    verdict = goalkeeper.score(goals, as_of="2026-04-11", trends=True, allowed=allowed).goals[0].rules[0].worst
    assert isinstance(verdict.trend, Trend)
    assert [p.first.day for p in verdict.trend.points[:4]] == [1, 2, 5, 6]
    assert [p.value for p in verdict.trend.points[:4]] == [10, 20, 30, 40]


def test_numbers_without_days_say_so() -> None:
    goals = {
        "version": 1,
        "goals": [{"rules": ["reach 300 orders"], "period": {"start": "2026-04-01", "end": "2026-04-30"}}],
    }
    card = goalkeeper.score(goals, as_of="2026-04-11", snapshot={"orders": 100}, trends=True)
    trend = card.goals[0].rules[0].worst.trend
    assert isinstance(trend, Missing)
    assert trend.detail == "'orders' is not known day by day"


def test_a_verdict_has_the_numbers_that_it_is_made_of() -> None:
    card = goalkeeper.score(EXAMPLES / "company", as_of="2026-05-20", trends=True)
    [rule] = [rule for goal in card.goals for rule in goal.rules if rule.rule.startswith("keep cpa")]
    assert [(step.name, step.depth) for step in rule.worst.steps][:3] == [("cpa", 0), ("spend", 1), ("conversions", 1)]
    assert rule.worst.steps[0].value == rule.worst.value

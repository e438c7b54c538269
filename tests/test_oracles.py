"""Worked numbers of the field, through the library: each group is a fact that anybody can check by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import goalkeeper
from goalkeeper import Scorecard, Verdict
from goalkeeper.problems import Severity
from goalkeeper.verdict import Outcome, State

OVER = "2026-08-01"
PERIOD = {"start": "2026-04-01", "length": "90d"}


def goal(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"period": PERIOD, "rules": list(rules), **more}


def judged(
    *rules: Any, snapshot: dict[str, float | None], baseline: dict[str, float | None] | None = None, **file: Any
) -> list[Verdict]:
    card = goalkeeper.score(
        {"version": 1, "goals": [goal(*rules)], **file}, as_of=OVER, snapshot=snapshot, baseline=baseline or {}
    )
    return [verdict for g in card.goals for rule in g.rules for verdict in rule.verdicts]


def from_files(tmp_path: Path, goals: list[dict[str, Any]], as_of: str, **more: Any) -> Scorecard:
    import json

    path = tmp_path / "goals.json"
    path.write_text(json.dumps({"version": 1, "goals": goals, **more}))
    return goalkeeper.score(path, as_of=as_of)


def rows(days: int, start: str, total: int) -> list[str]:
    from datetime import date, timedelta

    first = date.fromisoformat(start)
    return [f"{first + timedelta(days=n)},{total * (n + 1) // days - total * n // days}" for n in range(days)]


def test_o1_one_person_sees_the_post_a_hundred_times(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,impressions,reach\n2026-04-01,100,1\n")
    sources = {"a": {"path": "a.csv", "time": "date"}}
    goals = [{"period": "2026-04-01 to 2026-04-01", "rules": ["keep impressions at least 1", "keep reach at least 1"]}]
    card = from_files(tmp_path, goals, OVER, sources=sources)
    assert [v.value for r in card.goals[0].rules for v in r.verdicts] == [100, 1]


def test_o2_target_attainment_progress_and_uplift() -> None:
    (verdict,) = judged("increase x by 15%", snapshot={"x": 950}, baseline={"x": 800})
    assert verdict.state is State.MET
    assert verdict.target == pytest.approx(920, rel=1e-12)
    assert verdict.index == pytest.approx(1.0326087, rel=1e-6)
    assert verdict.progress == pytest.approx(1.25)
    assert "+18.8% against 800 in the period before" in verdict.reasons


@pytest.mark.parametrize("base", [100, 200, 400, 700, 800, 900])
def test_o3_ten_percent_is_ten_percent(base: int) -> None:
    exact, short = base + base // 10, base + base // 10 - 0.001
    assert judged("increase x by 10%", snapshot={"x": exact}, baseline={"x": base})[0].state is State.MET
    assert judged("increase x by 10%", snapshot={"x": short}, baseline={"x": base})[0].state is State.MISSED


def test_o3_thirty_five_percent_of_seven_hundred() -> None:
    assert judged("increase x by 35%", snapshot={"x": 945}, baseline={"x": 700})[0].state is State.MET
    assert judged("increase x by 15%", snapshot={"x": 920}, baseline={"x": 800})[0].state is State.MET


def test_o4_readings_of_fifteen_percent(tmp_path: Path) -> None:
    months = {"2026-01": 100, "2026-02": 100, "2026-03": 130, "2026-04": 120, "2026-05": 125, "2026-06": 140}
    (tmp_path / "m.csv").write_text("month,x\n" + "".join(f"{m},{v}\n" for m, v in months.items()))
    sources = {"m": {"path": "m.csv", "time": "month", "grain": "month"}}
    goals = [
        {"period": "2026-Q2", "rule": "increase x by 15%"},
        {"period": "2026-06", "rule": "increase x by 15% versus 2026-03"},
    ]
    card = from_files(tmp_path, goals, OVER, sources=sources)
    total, last = (g.rules[0].verdicts[0] for g in card.goals)
    assert (total.state, last.state) == (State.MET, State.MISSED)
    assert total.value == 385
    per_day = 330 / 90 * 91
    assert total.baseline == pytest.approx(per_day)
    # Without lengths evened out the same months say 16.67% and 7.69%.
    flat = {"version": 1, "goals": [goal("increase x by 15%", "keep grown at least 52%")]}
    flat |= {"kpis": {"grown": {"formula": "1.15 ** 3 - 1", "unit": "percent"}}}
    card = goalkeeper.score(flat, as_of=OVER, snapshot={"x": 385}, baseline={"x": 330})
    assert card.goals[0].rules[0].verdicts[0].index == pytest.approx(385 / (330 * 1.15))
    assert card.goals[0].rules[1].verdicts[0].value == pytest.approx(0.520875)
    assert pytest.approx(0.16666667) == 385 / 330 - 1


def test_o4_relative_percent_and_points_of_a_rate() -> None:
    kpis = {"rate": {"formula": "a / b", "unit": "percent"}}
    relative, points = judged(
        "increase rate by 15%",
        "increase rate by 15 points",
        snapshot={"a": 345, "b": 10000},
        baseline={"a": 300, "b": 10000},
        kpis=kpis,
    )
    assert relative.target == pytest.approx(0.0345)
    assert points.target == pytest.approx(0.18)
    problems = goalkeeper.check(
        {"version": 1, "kpis": {"r": {"formula": "1%", "unit": "percent"}}, "goals": [goal("increase r by 15%")]}
    )
    (warning,) = [problem for problem in problems if problem.code == "GK214"]
    assert warning.severity is Severity.WARNING
    assert "10% becomes 11.5%" in warning.message
    assert "25%" in warning.help


def test_o5_periods_of_unequal_length_are_compared_per_day(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,x\n" + "\n".join(rows(183, "2026-06-22", 1830)) + "\n")
    goals = [{"period": "2026-09-23 to 2026-12-21", "rule": "increase x by 15% versus 2026-06-22 to 2026-09-22"}]
    card = from_files(tmp_path, goals, "2026-12-22", sources={"a": {"path": "a.csv", "time": "date"}})
    verdict = card.goals[0].rules[0].verdicts[0]
    assert (verdict.value, verdict.baseline, verdict.target) == (900, pytest.approx(900), pytest.approx(1035))
    assert any("compared per day" in reason for reason in verdict.reasons)


def paced(tmp_path: Path, baseline: list[str], pace: str) -> Verdict:
    lines = ["date,x", *baseline, *rows(30, "2026-04-01", 280)]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    rule = {"rule": "increase x by 15%", "pace": pace}
    card = from_files(tmp_path, [goal(rule)], "2026-05-01", sources={"a": {"path": "a.csv", "time": "date"}})
    return card.goals[0].rules[0].verdicts[0]


def test_o6_linear_pace(tmp_path: Path) -> None:
    verdict = paced(tmp_path, rows(90, "2026-01-01", 800), "linear")
    assert verdict.state is State.OFF_TRACK
    assert verdict.expected == pytest.approx(306.6666667)
    assert verdict.index == pytest.approx(0.91304348)
    assert verdict.projection == pytest.approx(840)
    assert verdict.needed_per_day == pytest.approx(10.6666667)


def test_o7_a_seasonal_shape_turns_the_same_day_around(tmp_path: Path) -> None:
    verdict = paced(tmp_path, rows(30, "2026-01-01", 224) + rows(60, "2026-01-31", 576), "like baseline")
    assert verdict.state is State.ON_TRACK
    assert verdict.expected == pytest.approx(257.6)
    assert verdict.index == pytest.approx(1.08695652)
    assert verdict.projection == pytest.approx(1000)


@pytest.mark.parametrize(("pace", "path"), [("linear", 10500), ("geometric", 10476.8955320)])
def test_o9_a_level_a_third_of_the_way(tmp_path: Path, pace: str, path: float) -> None:
    lines = ["date,followers", "2026-03-31,10000", *(f"2026-04-{day:02},10200" for day in range(1, 31))]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    rule = {"rule": "increase followers by 15%", "pace": pace}
    card = from_files(tmp_path, [goal(rule)], "2026-05-01", sources={"a": {"path": "a.csv", "time": "date"}})
    assert card.goals[0].rules[0].verdicts[0].expected == pytest.approx(path)


def test_o14_ratio_of_sums_never_the_mean_of_ratios(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,post,clicks,views\n2026-04-01,p,10,100\n2026-04-02,q,90,9000\n")
    goals = [{"period": "2026-04-01 to 2026-04-02", "rule": "keep ctr_all at most 2%"}]
    kpis = {"ctr_all": {"formula": "clicks / views", "unit": "percent"}}
    card = from_files(tmp_path, goals, OVER, sources={"a": {"path": "a.csv", "time": "date"}}, kpis=kpis)
    assert card.goals[0].rules[0].verdicts[0].value == pytest.approx(0.01098901, rel=1e-6)


def drivers(formula: str, before: dict[str, float | None], after: dict[str, float | None]) -> dict[str, float]:
    (verdict,) = judged(
        {"kpi": "k", "increase": "900%"}, snapshot=after, baseline=before, kpis={"k": {"formula": formula}}
    )
    assert verdict.drivers is not None
    return {one.name: one.contribution for one in verdict.drivers.inputs}


def test_o18_contributions_of_inputs() -> None:
    found = drivers("spend / conversions", {"spend": 1000, "conversions": 50}, {"spend": 1500, "conversions": 60})
    assert found == pytest.approx({"spend": 9.1666667, "conversions": -4.1666667})
    found = drivers("(gain - cost) / cost", {"gain": 2000, "cost": 1000}, {"gain": 2400, "cost": 1500})
    assert found == pytest.approx({"cost": -0.7333333, "gain": 0.3333333}, rel=1e-6)
    before, after = (10000.0, 0.02, 50.0), (12000.0, 0.018, 55.0)
    names = ("visits", "rate", "basket")
    found = drivers(
        "visits * rate * basket", dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True))
    )
    assert found == pytest.approx({"visits": 1993.3333333, "rate": -1156.6666667, "basket": 1043.3333333})
    # The logarithmic mean divides the same change nearly alike, where all numbers are above 0.
    mean = (math.prod(after) - math.prod(before)) / math.log(math.prod(after) / math.prod(before))
    alike = {name: mean * math.log(b / a) for name, a, b in zip(names, before, after, strict=True)}
    assert found == pytest.approx(alike, rel=0.01)
    assert sum(alike.values()) == pytest.approx(sum(found.values()))


def test_o19_both_channels_improve_and_the_total_falls(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "month,channel,visits,orders\n2026-07,instagram,8000,80\n2026-07,search,2000,80\n"
        "2026-08,instagram,14000,154\n2026-08,search,1000,42\n"
    )
    sources = {"s": {"path": str(tmp_path / "s.csv"), "time": "month", "grain": "month"}}
    goals = [{"period": "2026-08", "rule": "increase rate by 10%"}]
    kpis = {"rate": {"formula": "orders / visits", "unit": "percent"}}
    card = from_files(tmp_path, goals, "2026-09-01", sources=sources, kpis=kpis)
    told = card.goals[0].rules[0].verdicts[0].drivers
    assert told is not None
    (channels,) = told.segments
    assert told.change == pytest.approx(-0.00293333, rel=1e-5)
    assert (channels.rate, channels.mix) == (pytest.approx(0.00113333, rel=1e-5), pytest.approx(-0.00406667, rel=1e-5))
    assert channels.simpson


def test_o20_progress_and_attainment() -> None:
    kpis = {"cpa": {"formula": "spend / conversions", "unit": "EUR"}}
    (fall,) = judged("decrease cpa from 30 to 20", snapshot={"spend": 240, "conversions": 10}, kpis=kpis)
    assert fall.progress == pytest.approx(0.6)
    assert fall.index == pytest.approx(0.83333333)
    (performance,) = judged("reach 200 x", snapshot={"x": 50})
    assert performance.progress == pytest.approx(0.25)


def test_o20_value_functions_are_formulas() -> None:
    kpis = {
        "piecewise": "33 * v if v <= 1 else 33 + 68 * (v - 1) if v <= 1.5 else 67 + 66 * (v - 1.5) if v <= 2 else 100",
        "trapezoid": "max(0, min(100, 200 * (w - 1), 100, 50 * (5 - w)))",
    }
    written = {name: {"formula": formula} for name, formula in kpis.items()}
    found = [
        judged("keep trapezoid at least 0", "keep piecewise at least 0", snapshot={"v": 1.8, "w": w}, kpis=written)
        for w in (1.2, 2, 4, 6)
    ]
    assert [pair[0].value for pair in found] == pytest.approx([40, 100, 50, 0])
    assert found[0][1].value == pytest.approx(86.8, rel=2e-3)


def test_o21_roll_up_clamps_and_leaves_out_what_is_missing() -> None:
    rules = [{"rule": f"reach 100 {name}", "weight": weight} for name, weight in (("a", 50), ("b", 30), ("c", 20))]
    file = {"version": 1, "goals": [goal(*rules)]}
    whole = goalkeeper.score(file, as_of=OVER, snapshot={"a": 125, "b": 60, "c": 20})
    assert whole.goals[0].score == pytest.approx(72)
    assert whole.goals[0].outcome is Outcome.FAIL
    assert min(v.progress or 0 for r in whole.goals[0].rules for v in r.verdicts) == pytest.approx(0.2)
    part = goalkeeper.score(file, as_of=OVER, snapshot={"a": 125, "b": 60, "c": None})
    assert part.goals[0].score == pytest.approx(85)
    assert part.goals[0].weight_covered == pytest.approx(0.8)
    assert part.goals[0].outcome is Outcome.FAIL


def test_o21_other_means_are_formulas() -> None:
    kpis = {
        "unclamped": {"formula": "0.5 * a + 0.3 * b + 0.2 * c"},
        "geometric": {"formula": "exp(0.5 * log(min(a, 100)) + 0.3 * log(b) + 0.2 * log(c))"},
        "zeroed": {"formula": "(100 * 50 + b * 30 + 0 * 20) / 100"},
    }
    names = list(kpis)
    found = judged(*(f"keep {n} at least 0" for n in names), snapshot={"a": 125, "b": 60, "c": 20}, kpis=kpis)
    assert [v.value for v in found] == pytest.approx([84.5, 62.1800940, 68])
    assert math.isclose(0.5 * 125 + 0.3 * 60 + 0.2 * 20, 84.5)

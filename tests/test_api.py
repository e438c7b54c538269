"""The library: the same scorecard, also from plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import goalkeeper
from goalkeeper import Outcome, ProblemsFound, State
from goalkeeper.problems import Severity

FILE: dict[str, Any] = {
    "version": 1,
    "kpis": {"cpa": {"formula": "spend / conversions", "unit": "EUR"}},
    "goals": [
        {"rule": "increase conversions 15% in 90 days", "start": date(2026, 4, 1)},
        {"rule": "keep cpa below 12 EUR"},
    ],
}


def test_plain_values_give_a_scorecard_without_any_file() -> None:
    card = goalkeeper.score(
        FILE, as_of="2026-05-01", snapshot={"conversions": 280, "spend": 2800.0}, baseline={"conversions": 800}
    )
    change, keep = (goal.rules[0].verdicts[0] for goal in card.goals)
    assert (change.state, change.value, change.baseline, change.expected) == (
        State.OFF_TRACK,
        280,
        800,
        pytest.approx(306.666667),
    )
    assert (keep.state, keep.value) == (State.HOLDING, 10)
    assert change.coverage is None
    assert (card.outcome, card.exit_code, card.inputs) == (Outcome.FAIL, 1, ())


def test_what_a_snapshot_leaves_out_is_missing_not_zero() -> None:
    card = goalkeeper.score(FILE, as_of="2026-08-01", snapshot={"conversions": None, "spend": 3.0})
    assert [goal.rules[0].verdicts[0].state for goal in card.goals] == [State.NO_DATA, State.NO_DATA]
    assert card.exit_code == 4
    card = goalkeeper.score(FILE, as_of="2026-08-01", snapshot={"conversions": 9, "spend": 3.0})
    assert card.goals[0].rules[0].verdicts[0].reasons == ("the baseline has no 'conversions'",)


def test_unknown_names_in_a_snapshot_are_problems() -> None:
    with pytest.raises(ProblemsFound) as stop:
        goalkeeper.score(FILE, as_of="2026-08-01", snapshot={"conversion": 3, "spend": 3.0})
    assert {p.code for p in stop.value.problems} == {"GK201"}
    assert "did you mean 'conversion'?" in stop.value.problems[0].help


@pytest.mark.parametrize(
    ("goals", "code"),
    [
        ({"version": 1, "gaols": []}, "GK110"),
        ({"version": 1, "goals": [object()]}, "GK112"),
        ({"version": 1, "goals": [{"rule": {"kpi": "clicks", "reach": 10**400}, "period": "2026-04"}]}, "GK210"),
        ({}, "GK111"),
        ("nowhere.yaml", "GK114"),
        ([], "GK114"),
    ],
)
def test_problems_are_raised_with_all_of_them(goals: Any, code: str) -> None:
    with pytest.raises(ProblemsFound) as stop:
        goalkeeper.score(goals)
    assert code in {p.code for p in stop.value.problems}
    assert str(stop.value)


def test_check_takes_plain_values_too() -> None:
    assert goalkeeper.check({"version": 1, "kpis": {"a": {"formula": "1 +"}}})[0].code == "GK203"
    assert goalkeeper.check({"version": 1}) == []


def test_as_of_is_a_date_or_a_text_or_today() -> None:
    by_date = goalkeeper.score(FILE, as_of=date(2026, 5, 1), snapshot={"conversions": 1, "spend": 1})
    assert by_date.as_of == date(2026, 5, 1)
    assert goalkeeper.score(FILE, snapshot={"conversions": 1, "spend": 1}).as_of >= date(2026, 1, 1)


METRICS = ["clicks", "impressions", "spend", "conversions", "followers", "place", "leads", "promoters"]
OF_ALL_KINDS: dict[str, Any] = {
    "version": 1,
    "metrics": {
        "followers": {"kind": "stock"},
        "place": {"kind": "rank"},
        "members": {"values": {"2026-01": 40, "2026-02": 44, "2026-03": 50}},
        "budget": {"values": {"2026-01": 900, "2026-02": 1000, "2026-03": 1100}},
    },
    "kpis": {
        "cpa": {"formula": "spend / conversions", "unit": "EUR", "direction": "down"},
        "ctr": {"formula": "clicks / impressions", "unit": "percent", "direction": "up"},
        "rate": {"formula": "conversions / clicks", "unit": "percent", "direction": "up"},
        "shape": {"formula": "sqrt(clicks) * log(impressions) - 2 * previous(spend)"},
        "of_budget": {"formula": "spend / budget"},
        "share": {"formula": "clicks / (impressions + spend)"},
        "silence": {"formula": "longest_gap(leads)", "direction": "down"},
    },
    "goals": [
        {"id": "all", "rules": [{"goal": "growth"}, {"rule": "keep cpa below 12 EUR", "key": True}]},
        {
            "id": "growth",
            "period": "2026-Q1",
            "rollup": "at least 2",
            "rules": [
                {"rule": "increase conversions by 15%", "weight": 3},
                {"rule": "increase rate by 2 points", "evidence": {"confidence": 0.9, "require": "lift"}},
                "improve ctr by 5%",
                "increase share by 5%",
                {"rule": "reach 10,000 clicks", "warn": "below 11,000"},
                "increase followers to 500",
                "decrease place to 3",
                {"rule": "keep of_budget below 1", "min_sample": {"conversions": 30}},
                "keep shape above 2",
                "reach 50 members",
            ],
        },
        {
            "id": "running",
            "period": "2026-05",
            "rollup": "score at least 70",
            "rules": [
                "increase conversions by 20%",
                "decrease spend by 10%",
                "keep leads above 40",
                "keep silence at most 7 days",
                "improve cpa by 5%",
            ],
        },
        {"id": "standing", "rules": ["keep cpa between 5 EUR and 15 EUR", "keep ctr at least 2%"]},
    ],
    "waivers": [
        {
            "goal": "standing",
            "rule": "keep ctr at least 2%",
            "owner": "owner",
            "reason": "reason",
            "until": "2026-06-01",
        }
    ],
    "diagnoses": [
        {"id": "dear", "when": "spend > 10 * conversions", "say": "Dear.", "causes": ["price"], "check": "It."}
    ],
}
NUMBER = st.none() | st.just(0) | st.integers(0, 20_000) | st.floats(0, 1e6) | st.floats(-1e3, 1e3)
SNAPSHOT = st.fixed_dictionaries(dict.fromkeys(METRICS, NUMBER))


@given(st.lists(st.tuples(SNAPSHOT, SNAPSHOT), min_size=1, max_size=5), st.sampled_from(["2026-05-12", "2026-06-03"]))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_many_snapshots_are_judged_as_each_alone(numbers: list[Any], as_of: str) -> None:
    now, before = zip(*numbers, strict=True)
    together = goalkeeper.score_each(OF_ALL_KINDS, now, baselines=before, as_of=as_of)
    for card, one, other in zip(together, now, before, strict=True):
        assert card == goalkeeper.score(OF_ALL_KINDS, as_of=as_of, snapshot=one, baseline=other)


def test_a_metric_that_one_of_many_snapshots_lacks_is_missing_there() -> None:
    cards = goalkeeper.score_each(FILE, [{"conversions": 9, "spend": 30}, {"spend": 30}], as_of="2026-05-01")
    assert [card.goals[1].rules[0].verdicts[0].reasons[0] for card in cards] == [
        "3.33 EUR is below 12 EUR",
        "the snapshot has no 'conversions'",
    ]
    assert goalkeeper.score_each(FILE, []) == []


@pytest.mark.parametrize(
    ("snapshots", "baselines", "code", "said"),
    [
        ({"conversions": 1}, None, "GK112", "snapshots: a list of snapshots is wanted, not a dict"),
        ([{"conversions": 1}], {"conversions": 1}, "GK112", "baselines: a list of snapshots is wanted, not a dict"),
        ([{"conversions": 1}], 5, "GK112", "baselines: a list of snapshots is wanted, not a int"),
        ([{"conversions": 1}], [], "GK115", "not as many baselines as snapshots: 0 and 1"),
        ([{}, {"conversions": "1"}], None, "GK112", "snapshots[1]: 'conversions' is '1', which is no number"),
        ([{}], [{"conversions": "1"}], "GK112", "baselines[0]: 'conversions' is '1', which is no number"),
    ],
)
def test_many_snapshots_of_the_wrong_kind_are_problems(snapshots: Any, baselines: Any, code: str, said: str) -> None:
    with pytest.raises(ProblemsFound) as stop:
        goalkeeper.score_each(FILE, snapshots, baselines=baselines, as_of="2026-08-01")
    assert [problem.code for problem in stop.value.problems] == [code]
    assert stop.value.problems[0].message.startswith(said)


def test_only_what_is_selected_is_judged(tmp_path: Path) -> None:
    file = {
        "version": 1,
        "goals": [
            {"id": "a", "rules": [{"goal": "b"}]},
            {"id": "b", "rule": "keep x above 1"},
            {"id": "c", "name": "Sea", "rule": "keep x above 1"},
        ],
    }
    assert tmp_path.exists()
    ids = lambda *select: [g.id for g in goalkeeper.score(file, select=select, snapshot={"x": 3}).goals]  # noqa: E731
    assert ids() == ["a", "b", "c"]
    assert ids("a") == ["a", "b"]
    assert ids("S*") == ["c"]
    assert ids("b", "c") == ["b", "c"]
    assert goalkeeper.score(file, select=["zzz"], snapshot={"x": 3}).exit_code == 5


def test_dimensions_are_refused_where_there_are_none() -> None:
    with pytest.raises(ProblemsFound) as stop:
        goalkeeper.score({"version": 1, "goals": [{"rule": "keep x above 1", "each": "campaign"}]}, snapshot={"x": 3})
    assert stop.value.problems[0].code == "GK209"


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**400, True, "280", [280], date(2026, 4, 1), complex(1, 1)]
)
@pytest.mark.parametrize("where", ["snapshot", "baseline"])
def test_what_is_no_number_is_a_problem(value: Any, where: str) -> None:
    numbers: dict[str, Any] = {"snapshot": {"conversions": 1, "spend": 1}, "baseline": {}}
    numbers[where] = {"conversions": value, "spend": 1}
    with pytest.raises(ProblemsFound) as stop:
        goalkeeper.score(FILE, as_of="2026-08-01", **numbers)
    assert [p.code for p in stop.value.problems] == ["GK112"]
    assert stop.value.problems[0].message.startswith(f"{where}: 'conversions' is ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"snapshot": [1, 2]}, "GK112"),
        ({"snapshot": {1: 2}}, "GK112"),
        ({"snapshot": {"conversions": 1}, "baseline": "x"}, "GK112"),
        ({"baseline": {"conversions": 800}}, "GK115"),
        ({"snapshot": {"conversions": 1, "spend": 1}, "as_of": datetime(2026, 5, 1, 12, tzinfo=UTC)}, "GK210"),
        ({"snapshot": {"conversions": 1, "spend": 1}, "as_of": 20260501}, "GK210"),
        ({"snapshot": {"conversions": 1}, "select": "grow"}, "GK112"),
        ({"snapshot": {"conversions": 1}, "by": [1]}, "GK112"),
        ({"snapshot": {}}, "GK201"),
        ({"goals": 5, "snapshot": {}}, "GK112"),
    ],
)
def test_arguments_of_the_wrong_kind_are_problems(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ProblemsFound) as stop:
        goalkeeper.score(**({"goals": FILE, "as_of": "2026-08-01"} | arguments))
    assert code in {p.code for p in stop.value.problems}


def test_numbers_of_other_kinds_count() -> None:
    numbers = {"conversions": Decimal("1000.0"), "spend": Fraction(1, 2)}
    card = goalkeeper.score(FILE, as_of="2026-08-01", snapshot=numbers, baseline={"conversions": 800})
    assert card.goals[0].rules[0].verdicts[0].value == 1000.0


def test_an_empty_snapshot_is_missing_everything() -> None:
    both = {"conversions": 800, "spend": 1}
    card = goalkeeper.score(FILE, as_of="2026-08-01", snapshot={}, baseline=both)
    assert {goal.rules[0].verdicts[0].state for goal in card.goals} == {State.NO_DATA}


GROWTH: dict[str, Any] = {
    "version": 1,
    "kpis": {"growth": {"formula": "x / previous(x)"}, "yearly": {"formula": "x / last_year(x)"}},
    "goals": [
        {"period": "2026-Q2", "rules": ["increase x by 10%", "keep growth at least 1", "keep yearly at least 1"]}
    ],
}


def test_what_was_before_is_the_baseline_or_missing() -> None:
    card = goalkeeper.score(GROWTH, as_of="2026-07-01", snapshot={"x": 30}, baseline={"x": 20})
    _, growth, yearly = (rule.verdicts[0] for rule in card.goals[0].rules)
    assert growth.value == pytest.approx(30 / 91 / (20 / 90))
    assert "compared per day: sums over 90 days are brought to 91" in growth.reasons
    assert yearly.state is State.NO_DATA
    assert yearly.reasons == ("the snapshot does not say what was before: no 'x' from 2025-04-01 to 2025-06-30",)
    running = goalkeeper.score(GROWTH, as_of="2026-06-01", snapshot={"x": 30}, baseline={"x": 20})
    assert [rule.verdicts[0].state for rule in running.goals[0].rules[1:]] == [State.NO_DATA, State.NO_DATA]
    assert running.goals[0].rules[0].verdicts[0].so_far is None


def test_one_snapshot_cannot_be_what_is_judged_and_its_own_baseline() -> None:
    goals = [{"period": period, "rule": "increase x by 10%"} for period in ("2026-Q1", "2026-Q2")]
    card = goalkeeper.score({"version": 1, "goals": goals}, as_of="2026-07-01", snapshot={"x": 3}, baseline={"x": 2})
    first = card.goals[0].rules[0].verdicts[0]
    assert first.state is State.NOT_COMPARABLE
    assert "one snapshot cannot hold both" in first.reasons[0]


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2026-05-16", None),
        ("2026-05-17", "ends on 2026-05-31, in 14 days"),
        ("2026-05-30", "ends on 2026-05-31, in 1 day"),
        ("2026-05-31", "ends on 2026-05-31, today"),
        ("2026-06-01", "ended on 2026-05-31"),
    ],
)
def test_a_waiver_that_ends_soon_is_said(
    as_of: str, said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ads.csv").write_text("date,clicks\n2026-04-01,1\n2026-05-20,1\n", encoding="utf-8")
    waiver = {"goal": "traffic", "until": "2026-05-31", "owner": "growth@example.com", "reason": "outage"}
    goals = {
        "version": 1,
        "sources": {"ads": {"path": "ads.csv", "time": "date"}},
        "goals": [{"id": "traffic", "rule": "keep clicks above 300", "period": "2026-Q2"}],
        "waivers": [waiver],
    }
    found = [p for p in goalkeeper.score(goals, as_of=as_of).problems if p.code == "GK408"]
    assert [p.message.removeprefix("the waiver of 'traffic' by growth@example.com ") for p in found] == (
        [said] if said else []
    )
    assert all(p.severity is Severity.WARNING for p in found)

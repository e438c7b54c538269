"""A backtest: on each day it says what the score of that day says, and counts it right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

import goalkeeper
from goalkeeper.backtesting import DaysJudged, GoalPast, RulePast, judge_days, stocks
from goalkeeper.backtesting import told as told_past
from goalkeeper.backtesting.judging import NUMBERS, RuleDays
from goalkeeper.backtesting.result import Past, Run
from goalkeeper.case import STATES
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.reporters import backtest as reporter
from goalkeeper.reporters import backtest_json
from goalkeeper.reporters.layout import cells
from goalkeeper.verdict import SEVERITY, Bounds, GoalResult, Outcome, RuleResult, State, Verdict
from test_runs import cases, goal_file, write_data

ROOT = Path(__file__).parent.parent
REPORTS = Path(__file__).parent / "cases" / "backtests"
BACKTEST = Draft202012Validator(
    json.loads((ROOT / "schemas" / "backtest.schema.json").read_text(encoding="utf-8")), registry=Registry()
)
BEFORE, AFTER = 30, 12
"""So many days before and after the day of a case are judged."""
LOOKED_AT = (-23, 0, 9)
"""Of these the verdicts are held to a score of that day."""


def runs() -> Iterator[Any]:
    """The cases over files: plain values have no past."""
    return (case for case in cases() if "snapshot" not in case.values[0])


@pytest.mark.parametrize("case", list(runs()))
def test_each_day_is_judged_as_its_score_judges_it(
    case: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(case.get("data", {}), tmp_path)
    (tmp_path / "goals.yaml").write_text(goal_file(case), encoding="utf-8")
    as_of = date.fromisoformat(case["as_of"])
    asked = {"start": as_of - timedelta(BEFORE), "end": as_of + timedelta(AFTER)}
    asked["select"] = case.get("options", {}).get("select", ())
    asked["select"] = [asked["select"]] if isinstance(asked["select"], str) else asked["select"]
    days = [as_of + timedelta(number) for number in LOOKED_AT]
    try:
        found: DaysJudged | goalkeeper.ProblemsFound = judge_days("goals.yaml", **asked)
    except goalkeeper.ProblemsFound as stop:
        found = stop
    if isinstance(found, goalkeeper.ProblemsFound):
        codes = {problem.code for problem in found.problems}
        assert codes & {code for day in days for code in refused(day, asked["select"])}, found.problems
        return
    past, scored = told_past(found), 0
    for day in days:
        try:
            card = goalkeeper.score("goals.yaml", as_of=day, select=asked["select"])
        except goalkeeper.ProblemsFound:
            continue  # rows that look weekly, seen on that day alone
        scored += 1
        assert [goal.id for goal in card.goals] == [goal.id for goal in past.goals]
        for goal, told in zip(card.goals, past.goals, strict=True):
            assert_goal(goal, told, day)
            for number, rule in enumerate(goal.rules):
                if (goal.id, number) in found.rules:
                    assert_verdicts(rule, found, (goal.id, number), day)
    assert scored
    assert not list(BACKTEST.iter_errors(json.loads(backtest_json.render(past))))
    for width in (80, 40):
        text = reporter.render(past, width=width, verbose=True)
        assert all(cells(line) <= width for line in text.splitlines())


def refused(day: date, select: Any) -> set[str]:
    try:
        goalkeeper.score("goals.yaml", as_of=day, select=select)
    except goalkeeper.ProblemsFound as stop:
        return {problem.code for problem in stop.problems}
    return set()


def assert_goal(goal: GoalResult, told: GoalPast, day: date) -> None:
    run = told.past.on(day)
    assert run is not None
    assert run.outcome is goal.outcome, (day, goal.id)
    for rule, of_rule in zip(goal.rules, told.rules, strict=True):
        assert_rule(rule, of_rule, day)


def assert_rule(rule: RuleResult, told: RulePast, day: date) -> None:
    run = told.past.on(day)
    assert run is not None
    assert (run.outcome, run.state) == (rule.outcome, rule.worst.state), (day, rule.rule)
    by_segment: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in rule.verdicts:
        by_segment.setdefault(tuple(verdict.segment.values()), []).append(verdict)
    for segment in told.segments:
        verdicts = by_segment.pop(tuple(segment.segment.values()), [])
        run = segment.past.on(day)
        if not verdicts:
            assert run is None, (day, segment.segment)
            continue
        worst = max(verdicts, key=lambda v: (SEVERITY.index(v.outcome), -(2 if v.progress is None else v.progress)))
        assert run is not None
        assert (run.outcome, run.state) == (worst.outcome, worst.state), (day, segment.segment)
    assert not told.segments or not [key for key in by_segment if key]


def assert_verdicts(rule: RuleResult, found: DaysJudged, place: tuple[str, int], day: date) -> None:
    """State and numbers of every verdict, in the order of a score."""
    rules = found.rules[place]
    number = [plan.as_of for plan in found.plans].index(day)
    told = [one for row in rules.on[number].tolist() for one in of_frame(rules, row)]
    wanted = [of_verdict(verdict) for verdict in rule.verdicts]
    assert [one[:2] for one in told] == [one[:2] for one in wanted], (day, rule.rule)
    for (segment, _, numbers), (_, _, right) in zip(told, wanted, strict=True):
        for name, value in numbers.items():
            assert value == pytest.approx(right[name], rel=1e-9, abs=1e-9, nan_ok=True), (day, segment, name)


Told = tuple[tuple[str, ...], str, dict[str, float]]


def of_frame(rules: RuleDays, row: int) -> Iterator[Told]:
    if rules.nobody[row] >= 0:
        yield (), STATES[rules.nobody[row]], {}
    for place in np.flatnonzero(rules.states[row] >= 0).tolist():
        numbers = {name: float(rules.numbers[name][row, place]) for name in NUMBERS}
        yield rules.segments[place], STATES[rules.states[row, place]], numbers


def of_verdict(verdict: Verdict) -> Told:
    numbers: dict[str, float] = {}
    for name in NUMBERS:
        value = getattr(verdict, name, None)
        numbers[name] = float(value) if isinstance(value, int | float) else np.nan
    if isinstance(verdict.target, Bounds):
        numbers |= {"low": verdict.target.low or 0.0, "high": verdict.target.high or 0.0}
    return tuple(verdict.segment.values()), verdict.state, numbers


PROJECT = """version: 1
defaults: {on_missing: inconclusive}
sources: {ads: {path: ads.csv, time: date}, refunds: {path: refunds.csv, time: date}}
kpis:
  cpa: {formula: spend / conversions, unit: EUR}
  turn: {formula: spend / previous(spend)}
  part: {formula: spend / total(spend), unit: percent}
goals:
  - id: cheap
    name: Cheap customers
    period: 2026-04
    rules:
      - keep cpa below 12 EUR in each campaign
      - {kpi: cpa, keep: below 12 EUR, each: week, warn: above 10 EUR}
  - {id: more, period: 2026-04, rules: [{kpi: conversions, increase: 20%, pace: like baseline}]}
  - {id: latest, each: campaign, rule: {kpi: cpa, keep: below 11 EUR, over: 7d}}
  - {id: both, rules: [{goal: cheap, weight: 2}, {goal: more, key: true}]}
  - {id: turns, period: 2026-04, rules: [keep turn below 1.1, keep part below 60% in each campaign]}
waivers:
  - {goal: latest, where: {campaign: b}, owner: growth@example.com, reason: the spring campaign, until: 2026-04-12}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three campaigns, one that begins late and one that ends; costs rise in the middle of the month."""
    monkeypatch.chdir(tmp_path)
    Path("goals.yaml").write_text(PROJECT, encoding="utf-8")
    blocks = [
        {"days": "2026-02-20 to 2026-04-30", "campaign": "a", "spend": [90, 120, 130], "conversions": [10, 11, 9]},
        {"days": "2026-02-20 to 2026-04-17", "campaign": "b", "spend": [100, 135], "conversions": 10},
        {"days": "2026-04-08 to 2026-04-30", "campaign": "c", "spend": "50 to 300", "conversions": 12},
    ]
    write_data({"ads.csv": blocks, "refunds.csv": [{"days": "2026-02-20 to 2026-04-30", "refunds": 1}]}, tmp_path)
    return tmp_path


@pytest.mark.parametrize("each", ["day", "week"])
def test_every_day_of_a_project(project: Path, each: str) -> None:
    found = judge_days("goals.yaml", end="2026-05-04", each=each)
    past = told_past(found)
    assert past.days[0] == (date(2026, 4, 2) if each == "day" else date(2026, 4, 6))
    assert past.days[-1] == (date(2026, 5, 4) if each == "week" else past.days[-1])
    for day in past.days:
        card = goalkeeper.score("goals.yaml", as_of=day)
        for goal, told in zip(card.goals, past.goals, strict=True):
            assert_goal(goal, told, day)
            for number, rule in enumerate(goal.rules):
                if (goal.id, number) in found.rules:
                    assert_verdicts(rule, found, (goal.id, number), day)


def test_the_last_day_is_the_one_on_which_all_is_over(project: Path) -> None:
    found = goalkeeper.backtest("goals.yaml", select=["more"])
    assert (found.days[0], found.days[-1]) == (date(2026, 4, 2), date(2026, 5, 1))
    assert [goal.id for goal in found.goals] == ["more"]


def test_rows_below_zero_count_on_the_days_that_look_at_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that knows its days, a score does not look at rows outside its windows."""
    monkeypatch.chdir(tmp_path)
    rows = [
        {"days": "2026-03-01 to 2026-04-25", "sales": 50},
        {"days": "2026-04-26 to 2026-04-26", "sales": -30},
        {"days": "2026-04-27 to 2026-04-30", "sales": 50},
    ]
    write_data({"s.parquet": rows}, tmp_path)
    goals = (
        "version: 1\nsources: {s: {path: s.parquet, time: date}}\ngoals: [{period: 2026-04, rule: reach 900 sales}]\n"
    )
    Path("goals.yaml").write_text(goals, encoding="utf-8")
    found = told_past(judge_days("goals.yaml", end="2026-05-01"))
    states = {}
    for day in found.days:
        card = goalkeeper.score("goals.yaml", as_of=day)
        assert_goal(card.goals[0], found.goals[0], day)
        states[day] = card.goals[0].rules[0].worst.state
    assert states[date(2026, 4, 22)] is State.MET  # for good: nothing was taken back yet
    assert states[date(2026, 4, 28)] is State.ON_TRACK


@pytest.mark.parametrize("most", [0, stocks.MOST])
def test_a_level_of_two_sources_counts_each_once(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many segments to lay out at once change how levels are looked for, and not what they come to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stocks, "MOST", most)
    days: dict[str, Any] = {"days": "2026-03-25 to 2026-04-30"}
    x = [{**days, "page": "main", "followers": "100 to 136"}, {**days, "page": "shop", "followers": 40}]
    write_data({"x.csv": x, "y.csv": [{**days, "page": "main", "followers": [7, 5, 9]}]}, tmp_path)
    goals = (
        "version: 1\nsources: {x: {path: x.csv, time: date}, y: {path: y.csv, time: date}}\n"
        "metrics: {followers: {source: [x, y], kind: stock}}\n"
        "goals: [{id: fans, period: 2026-04, rules: "
        "[reach 190 followers, keep followers above 150, keep followers above 40 in each page]}]\n"
    )
    Path("goals.yaml").write_text(goals, encoding="utf-8")
    found = judge_days("goals.yaml", end="2026-05-01")
    past = told_past(found)
    for day in past.days[::4]:
        (goal,) = goalkeeper.score("goals.yaml", as_of=day).goals
        assert_goal(goal, past.goals[0], day)
        for number, rule in enumerate(goal.rules):
            assert_verdicts(rule, found, ("fans", number), day)


PROVING = """version: 1
sources: {ads: {path: ads.csv, time: date}}
kpis: {cvr: {formula: conversions / clicks, unit: percent}}
goals:
  - {id: lift, period: 2026-04, rules: [{kpi: cvr, increase: 10%, evidence: {require: lift}}]}
  - {id: weak, period: 2026-04-01 to 2026-04-10, rules: [{kpi: cvr, increase: 1%, evidence: {require: target}}]}
  - {id: months, period: 2026-03-01 to 2026-05-31, rules: [{kpi: clicks, increase: 1%, each: month, evidence: {require: lift}}]}
  - {id: chance, period: 2026-04, rules: [{kpi: conversions, reach: 900, pace: {judge: probability}}]}
  - {id: days, period: 2026-05, rules: [{kpi: clicks, increase: 2%, pace: weekday}]}
"""


@pytest.mark.parametrize("select", [[], ["lift", "months"]])
def test_what_must_be_proven_or_likely(select: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        {"days": "2026-01-01 to 2026-03-31", "clicks": [1000, 960, 1040, 990], "conversions": [25, 31, 28]},
        {"days": "2026-04-01 to 2026-06-10", "clicks": [1020, 1100, 960], "conversions": [33, 30, 35, 31]},
    ]
    write_data({"ads.csv": rows}, tmp_path)
    Path("goals.yaml").write_text(PROVING, encoding="utf-8")
    found = judge_days("goals.yaml", start="2026-03-20", end="2026-06-03", select=select)
    past, said = told_past(found), set()
    for day in past.days[::3]:
        card = goalkeeper.score("goals.yaml", as_of=day, select=select)
        for goal, told in zip(card.goals, past.goals, strict=True):
            assert_goal(goal, told, day)
            assert_verdicts(goal.rules[0], found, (goal.id, 0), day)
            said |= {verdict.state for verdict in goal.rules[0].verdicts}
    assert {State.MET, State.NOT_PROVEN, State.ON_TRACK} <= said


RUNS = st.lists(st.sampled_from([*Outcome]), min_size=1, max_size=30)


@given(RUNS)
def test_a_flap_is_a_change_from_one_verdict_to_the_next(outcomes: list[Outcome]) -> None:
    days = [date(2026, 1, 1) + timedelta(number) for number in range(len(outcomes))]
    past = Past(tuple(Run(outcome, None, day, day, 1) for outcome, day in zip(outcomes, days, strict=True)))
    begun = next((place for place, one in enumerate(outcomes) if one is not Outcome.PENDING), len(outcomes))
    judged = outcomes[begun:]
    assert past.flaps == sum(judged[place] is not judged[place - 1] for place in range(1, len(judged)))
    assert sum(past.outcomes.values()) == len(outcomes)
    for outcome in Outcome:
        first = past.first(outcome)
        assert first == (days[outcomes.index(outcome)] if outcome in outcomes else None)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("month", []),
        ("weeks", ["--each", "week", "--from", "2026-03-20"]),
        ("long", ["--from", "2025-11-01", "--select", "latest"]),
        ("goals", ["--select", "both"]),
    ],
)
def test_what_a_backtest_looks_like(
    name: str, options: list[str], project: Path, golden: Callable[[Path, str], None]
) -> None:
    for form, ending in (("terminal", "txt"), ("json", "json")):
        result = CliRunner().invoke(command, ["backtest", "--to", "2026-05-05", "--format", form, *options])
        assert result.exit_code == 0, result.stderr
        golden(REPORTS / f"{name}.{ending}", result.stdout)


def test_names_from_outside_are_defused(project: Path) -> None:
    text = Path("ads.csv").read_text(encoding="utf-8").replace(",c,", ",\x1b[2J\u202ec,")
    Path("ads.csv").write_text(text, encoding="utf-8")
    for form in ("terminal", "json"):
        result = CliRunner().invoke(command, ["backtest", "--to", "2026-05-05", "--format", form, "-v"])
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
        assert form == "json" or "\u202e" not in result.stdout


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--from", "2026-05-02", "--to", "2026-05-01"], 2, "GK631"),
        (["--from", "2026-13-01"], 2, "--from"),
        (["--to", "soon"], 2, "--to"),
        (["--each", "month"], 2, "'month'"),
        (["--select", "nothing", "--to", "2026-05-01"], 5, "Nothing was evaluated"),
        (["nowhere.yaml"], 2, "GK114"),
    ],
)
def test_how_a_backtest_ends(options: list[str], code: int, said: str, project: Path) -> None:
    result = CliRunner().invoke(command, ["backtest", *options])
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert not result.stdout


def test_plain_values_have_no_past() -> None:
    goals = {"version": 1, "goals": [{"rule": "keep cpa below 12 EUR"}]}
    with pytest.raises(goalkeeper.ProblemsFound) as stop:
        goalkeeper.backtest(goals, end="2026-05-01")
    assert [problem.code for problem in stop.value.problems] == ["GK632"]


def test_data_that_cannot_be_read_ends_with_3(project: Path) -> None:
    Path("ads.csv").unlink()
    result = CliRunner().invoke(command, ["backtest", "--to", "2026-05-01"])
    assert (result.exit_code, result.stdout) == (3, "")


def test_a_program_hears_what_is_done(project: Path) -> None:
    heard: list[str] = []
    goalkeeper.backtest("goals.yaml", end="2026-05-01", progress=heard.append)
    assert "Planning" in heard[1]
    with pytest.raises(goalkeeper.ProblemsFound, match="day or week"):
        goalkeeper.backtest("goals.yaml", end="2026-05-01", each="month")

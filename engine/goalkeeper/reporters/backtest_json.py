"""A backtest as one JSON document, in the published contract: days one after the other with one outcome as runs."""

from __future__ import annotations

from typing import Any

from goalkeeper.backtesting.result import Backtest, GoalPast, Past, RulePast, Run, SegmentPast
from goalkeeper.languages import speaking
from goalkeeper.reporters import json_parts
from goalkeeper.verdict import Outcome

VERSION = 1


@speaking("en")
def render(backtest: Backtest) -> str:
    """The document: an entry a line where there can be many, the same bytes for the same backtest."""
    parts = [
        f'  "version": {VERSION}',
        f'  "each": {json_parts.dump(backtest.each)}',
        f'  "from": {json_parts.dump(json_parts.day(backtest.days[0]))}',
        f'  "to": {json_parts.dump(json_parts.day(backtest.days[-1]))}',
        f'  "days": {len(backtest.days)}',
        '  "goals": ' + json_parts.listed((_goal(goal) for goal in backtest.goals), 2),
        '  "dropped": ' + json_parts.listed((json_parts.dump(json_parts.left_out(one)) for one in backtest.dropped), 2),
        '  "notes": ' + json_parts.listed((json_parts.dump(json_parts.note(one)) for one in backtest.notes), 2),
        '  "inputs": ' + json_parts.listed((json_parts.dump(json_parts.file(one)) for one in backtest.inputs), 2),
        '  "problems": '
        + json_parts.listed((json_parts.dump(json_parts.problem(problem)) for problem in backtest.problems), 2),
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _goal(goal: GoalPast) -> str:
    fields = {
        "id": goal.id,
        "name": goal.name,
        "child": goal.child,
        **_past(goal.past),
        "location": json_parts.location(goal.location),
    }
    parts = [f'"{key}": {json_parts.dump(value)}' for key, value in fields.items()]
    parts.append('"rules": ' + json_parts.listed((_rule(rule) for rule in goal.rules), 6))
    return "{\n      " + ",\n      ".join(parts) + "\n    }"


def _rule(rule: RulePast) -> str:
    fields = {
        "rule": rule.rule,
        "kind": rule.kind,
        "kpi": rule.kpi,
        "unit": rule.unit,
        **_past(rule.past, states=True),
        "location": json_parts.location(rule.location),
    }
    parts = [f'"{key}": {json_parts.dump(value)}' for key, value in fields.items()]
    parts.append('"segments": ' + json_parts.listed((_segment(one) for one in rule.segments), 10))
    return "{\n          " + ",\n          ".join(parts) + "\n        }"


def _segment(one: SegmentPast) -> str:
    return json_parts.dump({"segment": dict(one.segment), **_past(one.past, states=True)})


def _past(past: Past, *, states: bool = False) -> dict[str, Any]:
    return {
        "first_warn": json_parts.day(past.first(Outcome.WARN)),
        "first_fail": json_parts.day(past.first(Outcome.FAIL)),
        "flaps": past.flaps,
        "outcomes": dict(past.outcomes),
        **({"states": dict(past.states)} if states else {}),
        "runs": [_run(run) for run in past.runs],
    }


def _run(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = {"outcome": run.outcome}
    if run.state is not None:
        found["state"] = run.state
    found |= {"from": json_parts.day(run.first), "to": json_parts.day(run.last), "days": run.days}
    if run.value is not None:
        found["value"] = json_parts.number(run.value)
    if run.target is not None:
        found["target"] = json_parts.target(run.target)
    return found

"""A backtest as one JSON document, in the published contract: days one after the other with one outcome as runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goalkeeper.backtesting.result import Backtest, GoalPast, Past, RulePast, Run, SegmentPast
from goalkeeper.languages import speaking
from goalkeeper.reporters import json_parts
from goalkeeper.verdict import Outcome

VERSION = 1


@speaking("en")
def render(backtest: Backtest) -> str:
    """The document: an entry a line where there can be many, the same bytes for the same backtest."""
    head = {
        "version": VERSION,
        "each": backtest.each,
        "from": json_parts.day(backtest.days[0]),
        "to": json_parts.day(backtest.days[-1]),
        "days": len(backtest.days),
    }
    lists = {"goals": map(_goal, backtest.goals), **json_parts.as_read(backtest)}
    return "".join(json_parts.spread(head, lists)) + "\n"


def _goal(goal: GoalPast) -> Iterator[str]:
    fields = {
        "id": goal.id,
        "name": goal.name,
        "child": goal.child,
        **_past(goal.past),
        "location": json_parts.location(goal.location),
    }
    return json_parts.spread(fields, {"rules": map(_rule, goal.rules)}, 4)


def _rule(rule: RulePast) -> Iterator[str]:
    fields = {
        "rule": rule.rule,
        "kind": rule.kind,
        "kpi": rule.kpi,
        "unit": rule.unit,
        **_past(rule.past, states=True),
        "location": json_parts.location(rule.location),
    }
    return json_parts.spread(fields, {"segments": map(_segment, rule.segments)}, 8)


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

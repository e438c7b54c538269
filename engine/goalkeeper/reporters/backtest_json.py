"""A backtest as one JSON document, in the published contract: days one after the other with one outcome as runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from goalkeeper.backtesting.result import Backtest, GoalPast, Past, RulePast, Run, SegmentPast
from goalkeeper.problems import Span
from goalkeeper.reporters.json import number, problem_entry
from goalkeeper.verdict import Bounds, Outcome

VERSION = 1


def render(backtest: Backtest) -> str:
    """The document: an entry a line where there can be many, the same bytes for the same backtest."""
    parts = [
        f'  "version": {VERSION}',
        f'  "each": {_dump(backtest.each)}',
        f'  "from": {_dump(_day(backtest.days[0]))}',
        f'  "to": {_dump(_day(backtest.days[-1]))}',
        f'  "days": {len(backtest.days)}',
        '  "goals": ' + _list((_goal(goal) for goal in backtest.goals), 2),
        '  "dropped": ' + _list(map(_dump, _dropped(backtest)), 2),
        '  "notes": ' + _list((_dump({"source": n.source, "file": n.file, "note": n.note}) for n in backtest.notes), 2),
        '  "inputs": ' + _list(map(_dump, _inputs(backtest)), 2),
        '  "problems": ' + _list((_dump(problem_entry(problem)) for problem in backtest.problems), 2),
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _list(entries: Iterable[str], indent: int) -> str:
    listed = list(entries)
    space = " " * indent
    return "[\n" + ",\n".join(f"{space}  {entry}" for entry in listed) + f"\n{space}]" if listed else "[]"


def _dump(value: Any) -> str:
    """JSON that is safe inside a web page, too."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _goal(goal: GoalPast) -> str:
    fields = {
        "id": goal.id,
        "name": goal.name,
        "child": goal.child,
        **_past(goal.past),
        "location": _location(goal.location),
    }
    parts = [f'"{key}": {_dump(value)}' for key, value in fields.items()]
    parts.append('"rules": ' + _list((_rule(rule) for rule in goal.rules), 6))
    return "{\n      " + ",\n      ".join(parts) + "\n    }"


def _rule(rule: RulePast) -> str:
    fields = {
        "rule": rule.rule,
        "kind": rule.kind,
        "kpi": rule.kpi,
        "unit": rule.unit,
        **_past(rule.past, states=True),
        "location": _location(rule.location),
    }
    parts = [f'"{key}": {_dump(value)}' for key, value in fields.items()]
    parts.append('"segments": ' + _list((_segment(one) for one in rule.segments), 10))
    return "{\n          " + ",\n          ".join(parts) + "\n        }"


def _segment(one: SegmentPast) -> str:
    return _dump({"segment": dict(one.segment), **_past(one.past, states=True)})


def _past(past: Past, *, states: bool = False) -> dict[str, Any]:
    return {
        "first_warn": _day(past.first(Outcome.WARN)),
        "first_fail": _day(past.first(Outcome.FAIL)),
        "flaps": past.flaps,
        "outcomes": dict(past.outcomes),
        **({"states": dict(past.states)} if states else {}),
        "runs": [_run(run) for run in past.runs],
    }


def _run(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = {"outcome": run.outcome}
    if run.state is not None:
        found["state"] = run.state
    found |= {"from": _day(run.first), "to": _day(run.last), "days": run.days}
    if run.value is not None:
        found["value"] = number(run.value)
    if isinstance(run.target, Bounds):
        found["target"] = {"low": number(run.target.low), "high": number(run.target.high)}
    elif run.target is not None:
        found["target"] = number(run.target)
    return found


def _location(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"file": span.file, "line": span.line, "column": span.column}


def _dropped(backtest: Backtest) -> Iterator[dict[str, Any]]:
    for one in backtest.dropped:
        yield {"source": one.source, "file": one.file, "rows": one.rows, "why": one.why, "lines": list(one.lines)}


def _inputs(backtest: Backtest) -> Iterator[dict[str, Any]]:
    for one in backtest.inputs:
        yield {"source": one.source, "path": one.path, "sha256": one.sha256, "rows": one.rows}

"""What a change to goal files does, as one JSON document, in the published contract."""

from __future__ import annotations

import json
from typing import Any

from goalkeeper.diff.changes import Change, Difference, Turn
from goalkeeper.problems import Span
from goalkeeper.reporters.json import number, problem_entry
from goalkeeper.verdict import Bounds, Verdict

VERSION = 1


def render(found: Difference) -> str:
    """The document: the same bytes for the same difference."""
    document = {
        "version": VERSION,
        "old": found.old,
        "new": found.new,
        "loosened": found.loosened,
        "counts": {str(effect): count for effect, count in found.counts.items()},
        "changes": [_change(change) for change in found.changes],
        "as_of": found.as_of.isoformat() if found.as_of is not None else None,
        "turns": [_turn(turn) for turn in found.turns],
        "unjudged": list(found.unjudged),
        "problems": [problem_entry(problem) for problem in found.problems],
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + "\n"


def _change(change: Change) -> dict[str, Any]:
    return {
        "effect": str(change.effect),
        "what": change.what,
        "goal": change.goal,
        "rule": change.rule,
        "old": change.old,
        "new": change.new,
        "note": change.note or None,
        "location": _location(change.location),
    }


def _location(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"file": span.file, "line": span.line, "column": span.column}


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "goal": turn.goal,
        "rule": turn.rule,
        "old": turn.old,
        "new": turn.new,
        "before": _numbers(turn.before),
        "after": _numbers(turn.after),
    }


def _numbers(verdict: Verdict | None) -> dict[str, Any] | None:
    """The numbers of a verdict that stood for a rule."""
    if verdict is None:
        return None
    target = verdict.target
    two = {"low": number(target.low), "high": number(target.high)} if isinstance(target, Bounds) else None
    return {
        "segment": dict(verdict.segment),
        "state": verdict.state,
        "value": number(verdict.value),
        "target": two or (number(target) if not isinstance(target, Bounds) else None),
        "baseline": number(verdict.baseline),
        "unit": verdict.unit,
    }

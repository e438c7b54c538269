"""What a change to goal files does, as one JSON document, in the published contract."""

from __future__ import annotations

from typing import Any

from goalkeeper.diff.changes import Change, Difference, Turn
from goalkeeper.languages import speaking
from goalkeeper.reporters import json_parts
from goalkeeper.verdict import Verdict

VERSION = 1


@speaking("en")
def render(found: Difference) -> str:
    """The document: the same bytes for the same difference."""
    document = {
        "version": VERSION,
        "old": found.old,
        "new": found.new,
        "loosened": found.loosened,
        "counts": {str(effect): count for effect, count in found.counts.items()},
        "changes": [_change(change) for change in found.changes],
        "as_of": json_parts.day(found.as_of),
        "turns": [_turn(turn) for turn in found.turns],
        "unjudged": list(found.unjudged),
        "problems": [json_parts.problem(problem) for problem in found.problems],
    }
    return json_parts.dump(document, indent=2) + "\n"


def _change(change: Change) -> dict[str, Any]:
    return {
        "effect": str(change.effect),
        "what": change.what,
        "goal": change.goal,
        "rule": change.rule,
        "old": change.old,
        "new": change.new,
        "note": change.note or None,
        "location": json_parts.location(change.location),
    }


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
    return {
        "segment": dict(verdict.segment),
        "state": verdict.state,
        "value": json_parts.number(verdict.value),
        "target": json_parts.target(verdict.target),
        "baseline": json_parts.number(verdict.baseline),
        "unit": verdict.unit,
    }

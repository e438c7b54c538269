"""The scorecard as one JSON document, in the published contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goalkeeper.calendar import System
from goalkeeper.languages import speaking
from goalkeeper.reporters import json_parts, json_verdicts
from goalkeeper.scorecard import DiagnosisNote, Evidence, Scorecard
from goalkeeper.verdict import GoalResult, RuleResult

VERSION = 1


@speaking("en")
def render(scorecard: Scorecard) -> str:
    """The document: an entry a line where there can be many, the same bytes for the same scorecard."""
    jalali = scorecard.calendar is System.JALALI
    head = {
        "version": VERSION,
        "as_of": json_parts.day(scorecard.as_of),
        "outcome": scorecard.outcome,
        "exit_code": scorecard.exit_code,
        "score": json_parts.number(scorecard.score),
        "gate": scorecard.gate,
        "counts": {str(outcome): count for outcome, count in scorecard.counts.items()},
    }
    lists = {
        "goals": (_goal(goal, jalali=jalali) for goal in scorecard.goals),
        "sections": _sections(scorecard),
        "diagnoses": (json_parts.dump(_diagnosis(note)) for note in scorecard.diagnoses),
        **json_parts.as_read(scorecard),
    }
    return "".join(json_parts.spread(head, lists)) + "\n"


def _sections(scorecard: Scorecard) -> Iterator[str]:
    if scorecard.sections:
        from goalkeeper.reporters import sections_json  # only for those who ask for sections

        yield from (json_parts.dump(sections_json.plain(section)) for section in scorecard.sections)


def _goal(goal: GoalResult, *, jalali: bool) -> Iterator[str]:
    fields: dict[str, Any] = {
        "id": goal.id,
        "name": goal.name,
        "outcome": goal.outcome,
        "score": json_parts.number(goal.score),
        "weight_covered": json_parts.number(goal.weight_covered),
        "rollup": goal.rollup,
        "child": goal.child,
        "why": goal.why,
        "owner": goal.owner,
        "sign_of_success": goal.sign_of_success,
        "stage": goal.stage,
        "declared": json_parts.day(goal.declared),
        "excluded": [
            {"start": json_parts.day(e.first), "end": json_parts.day(e.last), "reason": e.reason} for e in goal.excluded
        ]
        or None,
        "location": json_parts.location(goal.location),
    }
    lists = {
        "rules": (json_parts.dump(_rule(rule)) for rule in goal.rules),
        "verdicts": (line for rule in goal.rules for line in json_verdicts.lines(rule.verdicts, jalali=jalali)),
    }
    known = {key: value for key, value in fields.items() if value is not None or key == "score"}
    return json_parts.spread(known, lists, 4)


def _rule(rule: RuleResult) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "kind": rule.kind,
        "kpi": rule.kpi,
        "outcome": rule.outcome,
        "progress": json_parts.number(rule.progress),
        "weight": json_parts.number(rule.weight),
        "key": rule.key,
        "verdicts": len(rule.verdicts),
        "idle": [dict(segment) for segment in rule.idle],
        "streak": {"holds": rule.streak.holds, "windows": rule.streak.windows} if rule.streak else None,
    }


def _diagnosis(note: DiagnosisNote) -> dict[str, Any]:
    return {
        "id": note.id,
        "goal": note.goal,
        "segment": dict(note.segment),
        "holds": note.holds,
        "when": note.when,
        "say": note.say,
        "causes": list(note.causes),
        "check": note.check,
        "evidence": [_evidence(one) for one in note.evidence],
        **({"reason": note.reason} if note.reason else {}),
    }


def _evidence(seen: Evidence) -> dict[str, Any]:
    return {
        "term": seen.text,
        "of": seen.of,
        "value": json_parts.number(seen.value),
        "unit": seen.unit,
        "window": json_parts.window(seen.window),
        **json_parts.reason(seen.value),
        **({"note": seen.note} if seen.note else {}),
    }

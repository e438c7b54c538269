"""The scorecard as one JSON document, in the published contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.moves import Drivers, SegmentDrivers
from goalkeeper.problems import Problem, Span
from goalkeeper.scorecard import DiagnosisNote, Evidence, LeftOut, Scorecard
from goalkeeper.verdict import Bounds, GoalResult, RuleResult, Verdict

VERSION = 1
DIGITS = 12
"""Numbers are written with so many significant digits: more would show how binary fractions are stored."""


def render(scorecard: Scorecard) -> str:
    """The document: an entry a line where there can be many, the same bytes for the same scorecard."""
    head = {
        "version": VERSION,
        "as_of": scorecard.as_of.isoformat(),
        "outcome": scorecard.outcome,
        "exit_code": scorecard.exit_code,
        "score": number(scorecard.score),
        "gate": scorecard.gate,
        "counts": {str(outcome): count for outcome, count in scorecard.counts.items()},
    }
    parts = [f'  "{key}": {_dump(value)}' for key, value in head.items()]
    parts.append('  "goals": ' + _list((_goal(goal) for goal in scorecard.goals), 2))
    parts.append('  "sections": ' + _list(_sections(scorecard), 2))
    parts.append('  "diagnoses": ' + _list((_dump(_diagnosis(note)) for note in scorecard.diagnoses), 2))
    parts.append('  "dropped": ' + _list((_dump(_left_out(one)) for one in scorecard.dropped), 2))
    notes = (_dump({"source": one.source, "file": one.file, "note": one.note}) for one in scorecard.notes)
    parts.append('  "notes": ' + _list(notes, 2))
    inputs = (
        _dump({"source": file.source, "path": file.path, "sha256": file.sha256, "rows": file.rows})
        for file in scorecard.inputs
    )
    parts.append('  "inputs": ' + _list(inputs, 2))
    parts.append('  "problems": ' + _list((_dump(problem_entry(problem)) for problem in scorecard.problems), 2))
    # the same text to every reader of JSON, and no command to a runner of GitHub that sees it in a log
    return ("{\n" + ",\n".join(parts) + "\n}\n").replace("##[", "#\\u0023[")


def _sections(scorecard: Scorecard) -> Iterator[str]:
    if scorecard.sections:
        from goalkeeper.reporters import sections_json  # only for those who ask for sections

        yield from (_dump(sections_json.plain(section, number)) for section in scorecard.sections)


def _list(entries: Iterator[str], indent: int) -> str:
    listed = list(entries)
    if not listed:
        return "[]"
    space = " " * indent
    return "[\n" + ",\n".join(f"{space}  {entry}" for entry in listed) + f"\n{space}]"


def _dump(value: Any) -> str:
    """JSON that is safe inside a web page, too."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def number(value: float | Missing | None) -> float | int | None:
    """A number as it is written; what is missing is null."""
    if value is None or isinstance(value, Missing):
        return None
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _goal(goal: GoalResult) -> str:
    fields: dict[str, Any] = {
        "id": goal.id,
        "name": goal.name,
        "outcome": goal.outcome,
        "score": number(goal.score),
        "weight_covered": number(goal.weight_covered),
        "rollup": goal.rollup,
        "child": goal.child,
        "why": goal.why,
        "owner": goal.owner,
        "sign_of_success": goal.sign_of_success,
        "stage": goal.stage,
        "declared": _day(goal.declared) if goal.declared is not None else None,
        "excluded": [{"start": _day(e.first), "end": _day(e.last), "reason": e.reason} for e in goal.excluded] or None,
        "location": _location(goal.location),
    }
    parts = [f'"{key}": {_dump(value)}' for key, value in fields.items() if value is not None or key == "score"]
    parts.append('"rules": ' + _list((_dump(_rule(rule)) for rule in goal.rules), 6))
    verdicts = (_dump(_verdict(verdict)) for rule in goal.rules for verdict in rule.verdicts)
    parts.append('"verdicts": ' + _list(verdicts, 6))
    return "{\n      " + ",\n      ".join(parts) + "\n    }"


def _rule(rule: RuleResult) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "kind": rule.kind,
        "kpi": rule.kpi,
        "outcome": rule.outcome,
        "progress": number(rule.progress),
        "weight": number(rule.weight),
        "key": rule.key,
        "verdicts": len(rule.verdicts),
        "idle": [dict(segment) for segment in rule.idle],
        "streak": {"holds": rule.streak.holds, "windows": rule.streak.windows} if rule.streak else None,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rule": verdict.rule,
        "kind": verdict.kind,
        "kpi": verdict.kpi,
        "segment": dict(verdict.segment),
        "outcome": verdict.outcome,
        "state": verdict.state,
        "value": number(verdict.value),
        "target": _target(verdict.target),
        "baseline": number(verdict.baseline),
        "expected": number(verdict.expected),
        "index": number(verdict.index),
        "progress": number(verdict.progress),
        "projection": number(verdict.projection),
        "needed_per_day": number(verdict.needed_per_day),
        "needed_uplift": number(verdict.needed_uplift),
        "so_far": number(verdict.so_far),
        "window": _window(verdict.window, verdict.elapsed),
        "baseline_window": _first_and_last(verdict.baseline_window),
        "coverage": {"days": verdict.coverage.days, "of": verdict.coverage.of} if verdict.coverage else None,
        "reasons": list(verdict.reasons),
        "unit": verdict.unit,
        "location": _location(verdict.location),
    }
    if verdict.likely is not None:
        likely = verdict.likely
        found["likely"] = {
            "chance": number(likely.chance),
            "low": number(likely.low),
            "high": number(likely.high),
            "confidence": number(likely.confidence),
            "dispersion": number(likely.dispersion),
        }
    if verdict.proof is not None:
        proof = verdict.proof
        found["proof"] = {
            "low": number(proof.low),
            "high": number(proof.high),
            "unit": "lift" if proof.relative else "points",
            "confidence": number(proof.confidence),
            "method": proof.method,
            "dispersion": number(proof.dispersion),
            "lift": proof.lift,
            "target": proof.target,
            "tests": proof.tests,
        }
    if verdict.breakdown:
        found["breakdown"] = [
            {"segment": dict(part.segment), "value": number(part.value), "baseline": number(part.baseline)}
            for part in verdict.breakdown
        ]
    if verdict.drivers is not None:
        found["drivers"] = _drivers(verdict.drivers)
    if verdict.breaks:
        found["breaks"] = list(verdict.breaks)
    if verdict.waiver is not None:
        waiver = verdict.waiver
        found["waiver"] = {
            "owner": waiver.owner,
            "reason": waiver.reason,
            "until": waiver.until.isoformat(),
            "ticket": waiver.ticket,
        }
    return found


def _drivers(drivers: Drivers) -> dict[str, Any]:
    return {
        "before": number(drivers.before),
        "after": number(drivers.after),
        "change": number(drivers.change),
        "compared": drivers.compared,
        "inputs": [
            {
                "name": one.name,
                "before": number(one.before),
                "after": number(one.after),
                "unit": one.unit,
                "contribution": number(one.contribution),
            }
            for one in drivers.inputs
        ],
        "segments": [_segments(told) for told in drivers.segments],
        "notes": list(drivers.notes),
    }


def _segments(told: SegmentDrivers) -> dict[str, Any]:
    ratio = told.divisor is not None
    of_whole = {"divisor": told.divisor, "rate": number(told.rate), "mix": number(told.mix), "simpson": told.simpson}
    parts = []
    for part in told.parts:
        shares = {"share_before": number(part.share_before), "share_after": number(part.share_after)}
        effects = {"rate": number(part.rate), "mix": number(part.mix)}
        own = {"name": part.name, "before": number(part.before), "after": number(part.after)}
        parts.append({**own, "contribution": number(part.contribution), **({**shares, **effects} if ratio else {})})
    others = {"segments": told.others, "contribution": number(told.others_contribution)} if told.others else None
    return {"dimension": told.dimension, **(of_whole if ratio else {}), "parts": parts, "others": others}


def _target(target: float | Bounds | Missing | None) -> Any:
    return {"low": number(target.low), "high": number(target.high)} if isinstance(target, Bounds) else number(target)


def _day(day: date) -> str:
    return day.isoformat()


def _window(window: Window | None, elapsed: int) -> dict[str, Any] | None:
    if window is None:
        return None
    days = {"start": _day(window.first), "end": _day(window.last), "days": window.days, "elapsed": elapsed}
    left_out = [{"start": _day(first), "end": _day(last)} for first, last in window.left_out]
    return {**days, "excluded": left_out} if left_out else days


def _first_and_last(window: Window | None) -> dict[str, str] | None:
    return None if window is None else {"start": _day(window.first), "end": _day(window.last)}


def _location(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"file": span.file, "line": span.line, "column": span.column}


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
        "value": number(seen.value),
        "unit": seen.unit,
        "window": _first_and_last(seen.window),
        **({"reason": seen.value.detail} if isinstance(seen.value, Missing) else {}),
        **({"note": seen.note} if seen.note else {}),
    }


def problem_entry(problem: Problem) -> dict[str, Any]:
    """What is wrong, as documents have it."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "help": problem.help,
        "location": _location(problem.span),
    }


def _left_out(one: LeftOut) -> dict[str, Any]:
    return {"source": one.source, "file": one.file, "rows": one.rows, "why": one.why, "lines": list(one.lines)}

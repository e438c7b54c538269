"""The scorecard as one JSON document, in the published contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goalkeeper.calendar import System, Window
from goalkeeper.languages import speaking
from goalkeeper.moves import Drivers, SegmentDrivers
from goalkeeper.reporters import json_parts
from goalkeeper.scorecard import DiagnosisNote, Evidence, Scorecard
from goalkeeper.verdict import GoalResult, RuleResult, Verdict

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
    return json_parts.spread(head, lists) + "\n"


def _sections(scorecard: Scorecard) -> Iterator[str]:
    if scorecard.sections:
        from goalkeeper.reporters import sections_json  # only for those who ask for sections

        yield from (json_parts.dump(sections_json.plain(section)) for section in scorecard.sections)


def _goal(goal: GoalResult, *, jalali: bool) -> str:
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
    verdicts = (verdict for rule in goal.rules for verdict in rule.verdicts)
    lists = {
        "rules": (json_parts.dump(_rule(rule)) for rule in goal.rules),
        "verdicts": (json_parts.dump(_verdict(verdict, jalali=jalali)) for verdict in verdicts),
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


def _verdict(verdict: Verdict, *, jalali: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rule": verdict.rule,
        "kind": verdict.kind,
        "kpi": verdict.kpi,
        "segment": dict(verdict.segment),
        "outcome": verdict.outcome,
        "state": verdict.state,
        "value": json_parts.number(verdict.value),
        "target": json_parts.target(verdict.target),
        "baseline": json_parts.number(verdict.baseline),
        "expected": json_parts.number(verdict.expected),
        "index": json_parts.number(verdict.index),
        "progress": json_parts.number(verdict.progress),
        "projection": json_parts.number(verdict.projection),
        "needed_per_day": json_parts.number(verdict.needed_per_day),
        "needed_uplift": json_parts.number(verdict.needed_uplift),
        "so_far": json_parts.number(verdict.so_far),
        "window": _window(verdict.window, verdict.elapsed, jalali=jalali),
        "baseline_window": json_parts.window(verdict.baseline_window, jalali=jalali),
        "coverage": {"days": verdict.coverage.days, "of": verdict.coverage.of} if verdict.coverage else None,
        "reasons": list(verdict.reasons),
        "unit": verdict.unit,
        "location": json_parts.location(verdict.location),
    }
    if verdict.likely is not None:
        likely = verdict.likely
        found["likely"] = {
            "chance": json_parts.number(likely.chance),
            "low": json_parts.number(likely.low),
            "high": json_parts.number(likely.high),
            "confidence": json_parts.number(likely.confidence),
            "dispersion": json_parts.number(likely.dispersion),
        }
    if verdict.proof is not None:
        proof = verdict.proof
        found["proof"] = {
            "low": json_parts.number(proof.low),
            "high": json_parts.number(proof.high),
            "unit": "lift" if proof.relative else "points",
            "confidence": json_parts.number(proof.confidence),
            "method": proof.method,
            "dispersion": json_parts.number(proof.dispersion),
            "lift": proof.lift,
            "target": proof.target,
            "tests": proof.tests,
        }
    if verdict.breakdown:
        found["breakdown"] = [
            {
                "segment": dict(part.segment),
                "value": json_parts.number(part.value),
                "baseline": json_parts.number(part.baseline),
            }
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
            "until": json_parts.day(waiver.until),
            "ticket": waiver.ticket,
        }
    return found


def _drivers(drivers: Drivers) -> dict[str, Any]:
    return {
        "before": json_parts.number(drivers.before),
        "after": json_parts.number(drivers.after),
        "change": json_parts.number(drivers.change),
        "compared": drivers.compared,
        "inputs": [
            {
                "name": one.name,
                "before": json_parts.number(one.before),
                "after": json_parts.number(one.after),
                "unit": one.unit,
                "contribution": json_parts.number(one.contribution),
            }
            for one in drivers.inputs
        ],
        "segments": [_segments(told) for told in drivers.segments],
        "notes": list(drivers.notes),
    }


def _segments(told: SegmentDrivers) -> dict[str, Any]:
    ratio = told.divisor is not None
    of_whole = {
        "divisor": told.divisor,
        "rate": json_parts.number(told.rate),
        "mix": json_parts.number(told.mix),
        "simpson": told.simpson,
    }
    parts = []
    for part in told.parts:
        shares = {
            "share_before": json_parts.number(part.share_before),
            "share_after": json_parts.number(part.share_after),
        }
        effects = {"rate": json_parts.number(part.rate), "mix": json_parts.number(part.mix)}
        own = {"name": part.name, "before": json_parts.number(part.before), "after": json_parts.number(part.after)}
        parts.append(
            {**own, "contribution": json_parts.number(part.contribution), **({**shares, **effects} if ratio else {})}
        )
    others = (
        {"segments": told.others, "contribution": json_parts.number(told.others_contribution)} if told.others else None
    )
    return {"dimension": told.dimension, **(of_whole if ratio else {}), "parts": parts, "others": others}


def _window(window: Window | None, elapsed: int, *, jalali: bool) -> dict[str, Any] | None:
    if window is None:
        return None
    days: dict[str, Any] = {
        "start": json_parts.day(window.first),
        "end": json_parts.day(window.last),
        "days": window.days,
        "elapsed": elapsed,
    }
    if jalali:
        days["jalali"] = json_parts.in_jalali(window)
    left_out = [{"start": json_parts.day(first), "end": json_parts.day(last)} for first, last in window.left_out]
    return {**days, "excluded": left_out} if left_out else days


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

"""The history as one JSON document, and turns as lines of JSON, in the published contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from goalkeeper.history.entries import Entry
from goalkeeper.history.tighten import Suggestion
from goalkeeper.history.trends import GoalTrend, Point, RuleTrend, Trend, Turn
from goalkeeper.languages import speaking
from goalkeeper.reporters import json_parts
from goalkeeper.verdict import Segment

VERSION = 1


@speaking("en")
def render(entries: Sequence[Entry], goals: Sequence[GoalTrend], suggestions: Sequence[Suggestion]) -> str:
    """The document: the same bytes for the same history."""
    found = {
        "version": VERSION,
        "entries": [_entry(entry) for entry in entries],
        "goals": [_goal(goal) for goal in goals],
        "turns": [_turn(turn) for goal in goals for turn in goal.turns],
        "suggestions": [_suggestion(one) for one in suggestions],
    }
    return json_parts.dump(found, indent=2) + "\n"


@speaking("en")
def lines(turns: Iterable[Turn]) -> str:
    """A line for each turn; nothing where nothing turned."""
    return "".join(json_parts.dump(_turn(turn)) + "\n" for turn in turns)


def _entry(entry: Entry) -> dict[str, Any]:
    card = entry.card
    return {
        "entry": entry.number,
        "as_of": json_parts.day(card.as_of),
        "recorded_at": entry.recorded_at.isoformat().replace("+00:00", "Z"),
        "made_by": entry.made_by,
        "outcome": card.outcome,
        "exit_code": card.exit_code,
        "score": json_parts.number(card.score),
        "goals_sha256": card.goals_sha256,
        "inputs": [json_parts.file(one) for one in card.inputs],
    }


def _goal(goal: GoalTrend) -> dict[str, Any]:
    points = [
        {"as_of": json_parts.day(look.as_of), "outcome": look.goal.outcome, "score": json_parts.number(look.goal.score)}
        for look in goal.looks
    ]
    return {
        "goal": goal.goal.id,
        "name": goal.goal.name,
        **_lasting(goal.trend),
        "changed": [json_parts.day(day) for day in goal.changed],
        "points": points,
        "rules": [_rule(rule) for rule in goal.rules],
        "location": json_parts.location(goal.goal.location),
    }


def _rule(rule: RuleTrend) -> dict[str, Any]:
    return {
        "rule": rule.rule.rule,
        "kind": rule.rule.kind,
        "kpi": rule.rule.kpi,
        **_lasting(rule.trend),
        "ended": rule.ended,
        "points": [_point(point) for point in rule.trend.points],
        "segments": [
            {"segment": dict(segment), **_lasting(trend), "points": [_point(point) for point in trend.points]}
            for segment, trend in rule.segments
        ],
        "location": json_parts.location(rule.trend.last.verdict.location if rule.trend.last.verdict else None),
    }


def _lasting(trend: Trend) -> dict[str, Any]:
    return {
        "outcome": trend.last.outcome,
        "since": json_parts.day(trend.since),
        "state": trend.last.state,
        "state_since": json_parts.day(trend.in_state_since),
        "days": trend.days,
    }


def _point(point: Point) -> dict[str, Any]:
    verdict = point.verdict
    return {
        "as_of": json_parts.day(point.as_of),
        "outcome": point.outcome,
        "state": point.state,
        "value": json_parts.number(verdict.value) if verdict else None,
        "target": json_parts.target(verdict.target) if verdict else None,
        "baseline": json_parts.number(verdict.baseline) if verdict else None,
        "projection": json_parts.number(verdict.projection) if verdict else None,
        "progress": json_parts.number(verdict.progress) if verdict else None,
        "unit": verdict.unit if verdict else None,
    }


def _turn(turn: Turn) -> dict[str, Any]:
    verdict = turn.verdict
    return {
        "version": VERSION,
        "as_of": json_parts.day(turn.as_of),
        "goal": turn.goal,
        "name": turn.goal_name,
        "rule": turn.rule,
        "segment": _segment(turn.segment),
        "from": turn.was,
        "from_since": json_parts.day(turn.was_since),
        "to": turn.now,
        "state": verdict.state if verdict and turn.now else None,
        "value": json_parts.number(verdict.value) if verdict and turn.now else None,
        "target": json_parts.target(verdict.target) if verdict and turn.now else None,
        "unit": verdict.unit if verdict else None,
        "reason": verdict.reasons[0] if verdict and verdict.reasons and turn.now else None,
        "location": json_parts.location(turn.location),
    }


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "goal": one.goal,
        "name": one.goal_name,
        "rule": one.rule,
        "looks": one.looks,
        "since": json_parts.day(one.since),
        "until": json_parts.day(one.until),
        "target": json_parts.number(one.target),
        "worst": json_parts.number(one.worst),
        "projected": one.projected,
        "level": json_parts.number(one.level),
        "unit": one.unit,
        "sentence": one.sentence,
        "location": json_parts.location(one.location),
    }


def _segment(segment: Segment | None) -> dict[str, str] | None:
    return None if segment is None else dict(segment)

"""A scorecard as the history keeps it: rows of plain values, and the scorecard that they stand for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from goalkeeper.calendar import Window
from goalkeeper.problems import Span
from goalkeeper.scorecard import Input, Scorecard
from goalkeeper.verdict import Bounds, GoalResult, Outcome, RuleResult, Segment, State, Verdict

Row = tuple[Any, ...]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "inputs": ("place", "source", "path", "sha256", "rows"),
    "goals": ("place", "goal", "name", "outcome", "score", "child", "file", "line", "col"),
    "rules": ("goal", "place", "rule", "kind", "kpi", "outcome", "progress", "weight", "is_key"),
    "verdicts": (
        "goal",
        "rule_place",
        "place",
        "segment",
        "outcome",
        "state",
        "value",
        "target",
        "low",
        "high",
        "baseline",
        "projection",
        "relative",
        "progress",
        "unit",
        "first_day",
        "last_day",
        "window_name",
        "elapsed",
        "reason",
        "file",
        "line",
        "col",
    ),
}
"""The columns of each table of the parts of a scorecard, beside the number of its entry.

`relative` is the index of a verdict, `place` where a part stands among its like. A number that is missing is NULL:
the state and the first reason say why.
"""
HEAD = ("as_of", "outcome", "exit_code", "score", "gate", "goals_sha256")


class Entry(Struct, frozen=True):
    """A scorecard of the history. It has what is kept of it: no sections, diagnoses, or parts of verdicts."""

    number: int
    """Counts up; of two entries the later one was appended last."""
    recorded_at: datetime
    """When it was appended, in UTC."""
    made_by: str
    """The version of Goalkeeper."""
    card: Scorecard


class Facts(Struct, frozen=True):
    """What is kept of a scorecard: the values of `HEAD`, and the rows of each table in `COLUMNS`."""

    head: Row
    tables: Mapping[str, tuple[Row, ...]]

    def sha256(self, made_by: str) -> str:
        """Two scorecards with the same hash are one; when they were made plays no part in it."""
        text = json.dumps([made_by, self.head, sorted(self.tables.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def facts_of(card: Scorecard) -> Facts:
    """What the history keeps of *card*."""
    head = (card.as_of.isoformat(), str(card.outcome), card.exit_code, card.score, card.gate, card.goals_sha256)
    inputs = [(place, one.source, one.path, one.sha256, one.rows) for place, one in enumerate(card.inputs)]
    goals = [_goal_row(place, goal) for place, goal in enumerate(card.goals)]
    rules = [_rule_row(goal.id, place, rule) for goal in card.goals for place, rule in enumerate(goal.rules)]
    verdicts = [
        _verdict_row(goal.id, rule_place, place, verdict)
        for goal in card.goals
        for rule_place, rule in enumerate(goal.rules)
        for place, verdict in enumerate(rule.verdicts)
    ]
    tables = {"inputs": inputs, "goals": goals, "rules": rules, "verdicts": verdicts}
    return Facts(_encodable(head), {name: tuple(map(_encodable, rows)) for name, rows in tables.items()})


def card_of(head: Row, tables: Mapping[str, Iterable[Row]]) -> Scorecard:
    """The scorecard that is kept in these rows."""
    as_of, outcome, exit_code, score, gate, goals_sha256 = head
    verdicts: dict[tuple[str, int], list[Row]] = {}
    for row in tables["verdicts"]:
        verdicts.setdefault((row[0], row[1]), []).append(row)
    rules: dict[str, list[Row]] = {}
    for row in tables["rules"]:
        rules.setdefault(row[0], []).append(row)
    return Scorecard(
        as_of=date.fromisoformat(as_of),
        outcome=Outcome(outcome),
        exit_code=exit_code,
        score=score,
        gate=gate,
        goals=tuple(_goal(row, rules.get(row[1], ()), verdicts) for row in tables["goals"]),
        inputs=tuple(Input(*row[1:]) for row in tables["inputs"]),
        goals_sha256=goals_sha256,
    )


def _goal_row(place: int, goal: GoalResult) -> Row:
    return (place, goal.id, goal.name, str(goal.outcome), goal.score, int(goal.child), *_place(goal.location))


def _rule_row(goal: str, place: int, rule: RuleResult) -> Row:
    about = (rule.rule, rule.kind, rule.kpi, str(rule.outcome))
    return (goal, place, *about, rule.progress, rule.weight, int(rule.key))


def _verdict_row(goal: str, rule_place: int, place: int, verdict: Verdict) -> Row:
    target = verdict.target
    bounds = target if isinstance(target, Bounds) else Bounds()
    window = verdict.window
    return (
        goal,
        rule_place,
        place,
        json.dumps(dict(verdict.segment), ensure_ascii=False),
        str(verdict.outcome),
        str(verdict.state),
        _number(verdict.value),
        _number(target),
        bounds.low,
        bounds.high,
        _number(verdict.baseline),
        verdict.projection,
        verdict.index,
        verdict.progress,
        verdict.unit,
        None if window is None else window.first.isoformat(),
        None if window is None else window.last.isoformat(),
        verdict.window_name,
        verdict.elapsed,
        verdict.reasons[0] if verdict.reasons else None,
        *_place(verdict.location),
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _place(span: Span | None) -> Row:
    return (None, None, None) if span is None else (span.file, span.line, span.column)


def _encodable(row: Row) -> Row:
    """The row with texts that UTF-8 can hold: a file's name may be bytes that are no text."""
    return tuple(v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else v for v in row)


def _goal(row: Row, rules: Sequence[Row], verdicts: Mapping[tuple[str, int], list[Row]]) -> GoalResult:
    _, id_, name, outcome, score, child, *place = row
    return GoalResult(
        id=id_,
        name=name,
        outcome=Outcome(outcome),
        score=score,
        weight_covered=1.0,
        rules=tuple(_rule(rule, verdicts.get((id_, rule[1]), ())) for rule in rules),
        child=bool(child),
        location=_span(place),
    )


def _rule(row: Row, verdicts: Sequence[Row]) -> RuleResult:
    _, _, rule, kind, kpi, outcome, progress, weight, is_key = row
    found = tuple(_verdict(rule, kind, kpi, verdict) for verdict in verdicts)
    return RuleResult(rule, kind, kpi, Outcome(outcome), progress, weight, bool(is_key), found)


def _verdict(rule: str, kind: str, kpi: str | None, row: Row) -> Verdict:
    kept = dict(zip(COLUMNS["verdicts"], row, strict=True))
    low, high = kept["low"], kept["high"]
    return Verdict(
        rule=rule,
        kind=kind,
        kpi=kpi,
        segment=_segment(kept["segment"]),
        outcome=Outcome(kept["outcome"]),
        state=State(kept["state"]),
        value=kept["value"],
        target=kept["target"] if low is None and high is None else Bounds(low, high),
        baseline=kept["baseline"],
        index=kept["relative"],
        progress=kept["progress"],
        projection=kept["projection"],
        window=_window(kept["first_day"], kept["last_day"]),
        window_name=kept["window_name"],
        elapsed=kept["elapsed"],
        reasons=() if kept["reason"] is None else (kept["reason"],),
        unit=kept["unit"],
        location=_span((kept["file"], kept["line"], kept["col"])),
    )


@lru_cache(maxsize=4096)  # most entries have the segments and windows of the one before
def _segment(text: str) -> Segment:
    found: dict[str, str] = json.loads(text)
    return MappingProxyType(found)


@lru_cache(maxsize=4096)
def _window(first: str | None, last: str | None) -> Window | None:
    return Window(date.fromisoformat(first), date.fromisoformat(last)) if first and last else None


def _span(place: Sequence[Any]) -> Span | None:
    return None if place[0] is None else Span(*place)

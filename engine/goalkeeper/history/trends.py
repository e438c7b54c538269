"""What the entries of a history say one after another: since when a goal or rule is as it is, and what turned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise

from msgspec import Struct

from goalkeeper.history.entries import Entry
from goalkeeper.problems import Span
from goalkeeper.verdict import GoalResult, Outcome, RuleResult, Segment, Verdict, how_bad

QUIET = frozenset({Outcome.PASS, Outcome.PENDING, Outcome.WAIVED})
"""Outcomes that are no news when they are seen for the first time, or for the last."""

RuleKey = tuple[str, str | None, int]
"""What makes a rule the same one: its text, its KPI, and how many like it stand before it in its goal."""
SegmentKey = tuple[tuple[str, str], ...]


class Look(Struct, frozen=True):
    """A goal as the scorecard of one as-of had it."""

    as_of: date
    goal: GoalResult
    goals_sha256: str = ""


class Point(Struct, frozen=True):
    """What one as-of said of a goal, a rule or a segment; of a goal there is no verdict."""

    as_of: date
    outcome: Outcome
    verdict: Verdict | None = None

    @property
    def state(self) -> str:
        """The state of its verdict; the outcome where that says more: of goals, rules about goals, and what is waived."""
        told = self.verdict is not None and self.verdict.kind != "child" and self.outcome is not Outcome.WAIVED
        return str(self.verdict.state if told and self.verdict is not None else self.outcome)


class Trend(Struct, frozen=True):
    """The points of one goal, rule or segment by as-of, at least one."""

    points: tuple[Point, ...]

    @property
    def last(self) -> Point:
        """What the latest as-of says."""
        return self.points[-1]

    @property
    def since(self) -> date:
        """The first as-of of those that have the outcome of the latest one without a change in between."""
        return _since(self.points, by_state=False)

    @property
    def in_state_since(self) -> date:
        """The same for outcome and state."""
        return _since(self.points, by_state=True)

    @property
    def days(self) -> dict[str, int]:
        """The days in each state, the latest state first: a point stands until the next one, the last for a day."""
        ends = [point.as_of for point in self.points[1:]]
        found: dict[str, int] = {self.last.state: 1}
        for point, end in zip(reversed(self.points[:-1]), reversed(ends), strict=True):
            found[point.state] = found.get(point.state, 0) + (end - point.as_of).days
        return found


class RuleTrend(Struct, frozen=True):
    """A rule of a goal, and its segments where it has any. `ended` says that later looks do not have it."""

    key: RuleKey
    rule: RuleResult
    """As it was seen last."""
    trend: Trend
    segments: tuple[tuple[Segment, Trend], ...]
    ended: bool
    begun: bool
    """Whether earlier looks at its goal do not have it."""


class Turn(Struct, frozen=True):
    """A goal, a rule (`segment` None) or one segment of it whose outcome is another one than before.

    `was` or `now` is None for what was not there. What it was it had been since `was_since`.
    """

    as_of: date
    goal: str
    goal_name: str
    rule: str | None
    segment: Segment | None
    was: Outcome | None
    was_since: date | None
    now: Outcome | None
    verdict: Verdict | None
    """The verdict that stands for it, of what is there no more the last one; None for a goal."""
    location: Span | None


class GoalTrend(Struct, frozen=True):
    """A goal over time, with its rules and what turned at the latest look."""

    goal: GoalResult
    """As it was seen last."""
    trend: Trend
    rules: tuple[RuleTrend, ...]
    turns: tuple[Turn, ...]
    changed: tuple[date, ...]
    """The looks at which the goal files differed from those of the look before."""
    looks: tuple[Look, ...]


def looks_of(entries: Iterable[Entry]) -> dict[str, tuple[Look, ...]]:
    """Each goal by id, with its looks by as-of. Of several entries with one as-of the last one that has the goal stands."""
    found: dict[str, dict[date, Look]] = {}
    for entry in sorted(entries, key=lambda e: e.number):
        card = entry.card
        for goal in card.goals:
            found.setdefault(goal.id, {})[card.as_of] = Look(card.as_of, goal, card.goals_sha256)
    return {goal: tuple(looks[day] for day in sorted(looks)) for goal, looks in found.items()}


def trends(entries: Iterable[Entry], *, since: date | None = None) -> tuple[GoalTrend, ...]:
    """Each goal over time, in the order of the latest scorecards.

    With *since*, looks before it are left out, and goals that have no later one. What turned is still told by them.
    """
    entries = sorted(entries, key=lambda e: e.number)
    looks = looks_of(entries)
    order = dict.fromkeys(goal.id for entry in reversed(entries) for goal in entry.card.goals)
    found = (_goal_trend(looks[goal], since) for goal in order)
    return tuple(goal for goal in found if goal is not None)


def turns(before: Sequence[Look], now: Look) -> Iterator[Turn]:
    """What turned between the last of *before* and *now*: the goal, its rules, their segments.

    What is seen for the first time is a turn where it asks for attention, and so is what is there no more and did so
    when it was seen last. *before* are all earlier looks at the goal, by as-of.
    """
    goal = now.goal
    last = before[-1].goal if before else None
    every = cache(lambda: [(look, _parts(look.goal)) for look in before])  # only where something turned

    def turn(
        key: tuple[RuleKey, SegmentKey | None] | None,
        was: Verdict | GoalResult | None,
        is_: Verdict | GoalResult | None,
    ) -> Turn | None:
        then, after = was.outcome if was else None, is_.outcome if is_ else None
        if then == after or (then is None and after in QUIET) or (after is None and then in QUIET):
            return None
        points = [
            Point(look.as_of, part.outcome)
            for look, parts in every()
            if (part := look.goal if key is None else parts.get(key)) is not None
        ]
        shown = is_ or was
        verdict = shown if isinstance(shown, Verdict) else None
        return Turn(
            as_of=now.as_of,
            goal=goal.id,
            goal_name=goal.name,
            rule=key[0][0] if key else None,
            segment=verdict.segment if key and key[1] is not None and verdict else None,
            was=then,
            was_since=_since(points, by_state=False) if was else None,
            now=after,
            verdict=verdict,
            location=shown.location if shown else None,
        )

    found = [turn(None, last, goal)]
    old, new = _parts(last) if last else {}, _parts(goal)
    found += [turn(key, old.get(key), new.get(key)) for key in [*new, *(key for key in old if key not in new)]]
    yield from (one for one in found if one is not None)


def rule_looks(goal: GoalTrend, of: RuleTrend) -> list[tuple[date, tuple[Verdict, ...]]]:
    """All verdicts of a rule at each look that has it, by as-of."""
    found = [(look.as_of, _rules(look.goal).get(of.key)) for look in goal.looks]
    return [(as_of, rule.verdicts) for as_of, rule in found if rule is not None]


def _goal_trend(every: tuple[Look, ...], since: date | None) -> GoalTrend | None:
    looks = tuple(look for look in every if since is None or look.as_of >= since)
    if not looks:
        return None
    last = looks[-1]
    rules = [_rules(look.goal) for look in looks]
    keys = dict.fromkeys(key for of_look in reversed(rules) for key in of_look)
    return GoalTrend(
        goal=last.goal,
        trend=Trend(tuple(Point(look.as_of, look.goal.outcome) for look in looks)),
        rules=tuple(_rule_trend(key, looks, rules) for key in keys),
        turns=tuple(turns(every[:-1], last)),
        changed=tuple(new.as_of for old, new in pairwise(looks) if old.goals_sha256 != new.goals_sha256),
        looks=looks,
    )


def _rule_trend(key: RuleKey, looks: Sequence[Look], rules: Sequence[Mapping[RuleKey, RuleResult]]) -> RuleTrend:
    """A rule over the looks at its goal; *rules* are those of each."""
    seen = [(look, of_look[key]) for look, of_look in zip(looks, rules, strict=True) if key in of_look]
    segments: dict[SegmentKey, list[Point]] = {}
    for look, rule in seen:
        for segment, verdict in _by_segment(rule).items():
            segments.setdefault(segment, []).append(Point(look.as_of, verdict.outcome, verdict))
    return RuleTrend(
        key=key,
        rule=seen[-1][1],
        trend=Trend(tuple(Point(look.as_of, rule.outcome, rule.standing) for look, rule in seen)),
        segments=tuple((dict(segment), Trend(tuple(points))) for segment, points in segments.items() if segment),
        ended=seen[-1][0] is not looks[-1],
        begun=seen[0][0] is not looks[0],
    )


def _since(points: Sequence[Point], *, by_state: bool) -> date:
    first = points[-1]
    for point in reversed(points):
        if point.outcome != first.outcome or (by_state and point.state != first.state):
            break
        first = point
    return first.as_of


def _rules(goal: GoalResult) -> dict[RuleKey, RuleResult]:
    found: dict[RuleKey, RuleResult] = {}
    alike = Counter[tuple[str, str | None]]()
    for rule in goal.rules:
        found[rule.rule, rule.kpi, alike[rule.rule, rule.kpi]] = rule
        alike[rule.rule, rule.kpi] += 1
    return found


def _parts(goal: GoalResult) -> Mapping[tuple[RuleKey, SegmentKey | None], Verdict]:
    """Each rule, and each of its segments, with the verdict that stands for it."""
    found: dict[tuple[RuleKey, SegmentKey | None], Verdict] = {}
    for key, rule in _rules(goal).items():
        worst = rule.standing
        if worst is not None:
            found[key, None] = worst
        found |= {(key, segment): verdict for segment, verdict in _by_segment(rule).items() if segment}
    return found


def _by_segment(rule: RuleResult) -> dict[SegmentKey, Verdict]:
    """Each segment with the worst of its windows."""
    groups: dict[SegmentKey, list[Verdict]] = {}
    for verdict in rule.verdicts:
        groups.setdefault(tuple(sorted(verdict.segment.items())), []).append(verdict)
    return {segment: min(verdicts, key=how_bad) for segment, verdicts in groups.items()}

"""What a backtest says: for goals, rules and segments the runs of days with one outcome and state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise

from msgspec import Struct

from goalkeeper.problems import Problem, Span
from goalkeeper.scorecard import Input, LeftOut, ReadNote
from goalkeeper.verdict import Bounds, Outcome, Segment, State


class Run(Struct, frozen=True):
    """Days of judging one after the other with the same outcome and state; `first` and `last` are the as-of days.

    `value` and `target` are those of the first of them, None where there is none.
    """

    outcome: Outcome
    state: State | None
    """None for a goal, which has an outcome only."""
    first: date
    last: date
    days: int
    """How many days of judging: of a backtest by week one a week."""
    value: float | None = None
    target: float | Bounds | None = None


class Past(Struct, frozen=True):
    """What was said of one thing on the days of a backtest, in their order; a day without a verdict is in no run."""

    runs: tuple[Run, ...]

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many days had each outcome."""
        return {outcome: _days(self.runs, outcome) for outcome in Outcome if _days(self.runs, outcome)}

    @property
    def states(self) -> Mapping[State, int]:
        """How many days were in each state."""
        found: dict[State, int] = {}
        for run in self.runs:
            if run.state is not None:
                found[run.state] = found.get(run.state, 0) + run.days
        return {state: found[state] for state in State if state in found}

    @property
    def flaps(self) -> int:
        """How often the outcome changed from one verdict to the next, but for the end of the first pending days."""
        outcomes = [run.outcome for run in self.runs]
        while outcomes and outcomes[0] is Outcome.PENDING:
            outcomes = outcomes[1:]
        return sum(before is not after for before, after in pairwise(outcomes))

    def first(self, outcome: Outcome) -> date | None:
        """The first day with this outcome, None where there was none."""
        return next((run.first for run in self.runs if run.outcome is outcome), None)

    def on(self, day: date) -> Run | None:
        """The run that a day of judging is in, None where there was no verdict."""
        return next((run for run in self.runs if run.first <= day <= run.last), None)


def _days(runs: Iterable[Run], outcome: Outcome) -> int:
    return sum(run.days for run in runs if run.outcome is outcome)


class SegmentPast(Struct, frozen=True):
    """One segment of a rule; of several calendar windows the worst verdict stands for the segment."""

    segment: Segment
    past: Past


class RulePast(Struct, frozen=True):
    """One rule: the verdict that stood for it on each day, and for a rule by segment each of these."""

    rule: str
    kind: str
    kpi: str | None
    unit: str | None
    past: Past
    segments: tuple[SegmentPast, ...] = ()
    location: Span | None = None


class GoalPast(Struct, frozen=True):
    """One goal, as its rules roll up on each day."""

    id: str
    name: str
    past: Past
    rules: tuple[RulePast, ...]
    child: bool = False
    """Whether it counts through other goals only."""
    location: Span | None = None


class Backtest(Struct, frozen=True):
    """The goals on past days, judged by the rows as they are now: what came late was not known on the day itself."""

    each: str
    """`day`, or `week`: its first day alone."""
    days: tuple[date, ...]
    """The days of judging, in order."""
    goals: tuple[GoalPast, ...]
    dropped: tuple[LeftOut, ...] = ()
    notes: tuple[ReadNote, ...] = ()
    inputs: tuple[Input, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Warnings: nothing that stopped the run."""

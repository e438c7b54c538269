"""What judging says: outcomes and states, verdicts with their numbers and reasons, rules and goals rolled up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.moves import Drivers
from goalkeeper.problems import Span
from goalkeeper.said import say


class Outcome(StrEnum):
    """What a verdict, a goal or a scorecard came to."""

    PASS = "pass"  # noqa: S105  an outcome, not a password
    WARN = "warn"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    PENDING = "pending"
    WAIVED = "waived"


SEVERITY: tuple[Outcome, ...] = (
    Outcome.WAIVED,
    Outcome.PASS,
    Outcome.PENDING,
    Outcome.WARN,
    Outcome.INCONCLUSIVE,
    Outcome.FAIL,
)
"""Outcomes from the best to the worst; waived stands with pass."""


class State(StrEnum):
    """How a verdict came to its outcome."""

    ON_TRACK = "on_track"
    MET = "met"
    HOLDING = "holding"
    AT_RISK = "at_risk"
    WARN_BAND = "warn_band"
    OFF_TRACK = "off_track"
    MISSED = "missed"
    BREACHED = "breached"
    NOT_STARTED = "not_started"
    TOO_EARLY = "too_early"
    NEW = "new"
    TOO_FEW = "too_few"
    NO_DATA = "no_data"
    STALE = "stale"
    UNDEFINED = "undefined"
    NOT_COMPARABLE = "not_comparable"
    NOT_PROVEN = "not_proven"


OUTCOME_OF: dict[State, Outcome] = {
    State.ON_TRACK: Outcome.PASS,
    State.MET: Outcome.PASS,
    State.HOLDING: Outcome.PASS,
    State.AT_RISK: Outcome.WARN,
    State.WARN_BAND: Outcome.WARN,
    State.OFF_TRACK: Outcome.FAIL,
    State.MISSED: Outcome.FAIL,
    State.BREACHED: Outcome.FAIL,
    State.NOT_STARTED: Outcome.PENDING,
    State.TOO_EARLY: Outcome.PENDING,
    State.NEW: Outcome.PENDING,
    State.TOO_FEW: Outcome.PENDING,
    State.NO_DATA: Outcome.INCONCLUSIVE,
    State.STALE: Outcome.INCONCLUSIVE,
    State.UNDEFINED: Outcome.INCONCLUSIVE,
    State.NOT_COMPARABLE: Outcome.INCONCLUSIVE,
    State.NOT_PROVEN: Outcome.INCONCLUSIVE,
}

Segment = Mapping[str, str]
"""The dimensions of one segment and their values; empty for the whole."""


class Bounds(Struct, frozen=True):
    """The inside of a Keep rule. A side without a bound is None."""

    low: float | None = None
    high: float | None = None


class Coverage(Struct, frozen=True):
    """How many of the days looked at have data."""

    days: int
    of: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 when no day was looked at."""
        return self.days / self.of if self.of else 1.0


PROVEN, UNPROVEN, TOO_LITTLE = say("proven"), say("not proven"), say("too little data")


class Proof(Struct, frozen=True):
    """How sure a change is: the interval of the lift (0.05 is 5%), or of the difference for a change by points.

    `lift` and `target` are `proven`, `not proven` or `too little data`: whether there is a change at all, and whether
    it is as large as was asked for. They are None while the window is still running.
    """

    confidence: float
    low: float | None = None
    high: float | None = None
    relative: bool = True
    method: str | None = None
    dispersion: float | None = None
    """For a flow: how much more its days vary than chance alone would make them, None when it could not be seen."""
    lift: str | None = None
    target: str | None = None
    tests: int = 0
    """How many changes of the scorecard are judged together."""


class Likely(Struct, frozen=True):
    """How likely a count is to reach its target by the end, and the total that it will come to with a confidence."""

    chance: float
    low: float
    high: float
    confidence: float
    dispersion: float | None
    """How much more days vary than chance alone would make them, None when it could not be seen."""


class Breakdown(Struct, frozen=True):
    """A verdict's value for one part of its segment; it is shown, not judged.

    For a sum the baseline is that of as many days, in a period that still runs from the same share of the baseline.
    """

    segment: Segment
    value: float | Missing
    baseline: float | Missing | None


class Query(Struct, frozen=True):
    """SQL that gives a number; of a metric of several sources it is the sum of several."""

    text: str
    sources: tuple[str, ...]
    window: Window
    value: float


class Step(Struct, frozen=True):
    """One number: where it is from, and what it came to over the days looked at and in the baseline."""

    name: str
    origin: str
    """The formula of a KPI, or the column and source of a metric; and what it is over, where that is something else."""
    unit: str | None
    value: float | Missing | None
    baseline: float | Missing | None
    depth: int
    inserted: str | None = None
    """The formula of a KPI with its numbers in the places of their names."""
    queries: tuple[Query, ...] = ()
    """For a metric: what gives its number, and that of the baseline, when it is run in DuckDB."""


class TrendPoint(Struct, frozen=True):
    """A verdict's numbers on its way, at the end of some days; None where there is none, which is a gap and never 0."""

    first: date
    last: date
    value: float | None
    baseline: float | None = None
    """What the baseline had come to by the same share of its days; of a sum, in as many days."""
    expected: float | None = None
    """What the pace of the rule asks for by then."""


class Trend(Struct, frozen=True):
    """How the value of a verdict came about, over the days of its window. It judges nothing."""

    adds_up: bool
    """Whether a point has the sum since the first day; else it has the number of its own days."""
    points: tuple[TrendPoint, ...]
    """In order; days that do not count are none of them, and days to come have no value."""
    notes: tuple[str, ...] = ()
    """What of it could not be had, and why."""


class WaiverNote(Struct, frozen=True):
    """Why a verdict does not count, who says so, and until when."""

    owner: str
    reason: str
    until: date
    ticket: str | None = None

    @property
    def text(self) -> str:
        """Until when something is waived, by whom, and why."""
        return say(
            "waived until {until} by {owner}: {reason}, {ticket}"
            if self.ticket
            else "waived until {until} by {owner}: {reason}",
            until=self.until,
            owner=self.owner,
            reason=self.reason,
            ticket=self.ticket,
        )


class Verdict(Struct, frozen=True):
    """What a rule came to for one segment and window.

    Numbers are in the KPI's unit, percent as fractions. None means that a number does not apply to this kind of
    rule or state; a value that could not be had is a `Missing`.
    """

    rule: str
    kind: str
    kpi: str | None
    segment: Segment
    outcome: Outcome
    state: State
    value: float | Missing | None = None
    target: float | Bounds | Missing | None = None
    baseline: float | Missing | None = None
    expected: float | None = None
    index: float | None = None
    progress: float | None = None
    projection: float | None = None
    needed_per_day: float | None = None
    needed_uplift: float | None = None
    """By how much the pace so far must rise for the target to be reached; 0.1 is 10%."""
    so_far: float | Missing | None = None
    """What the baseline had come to by the same share of its days; of a sum, in as many days as the value."""
    likely: Likely | None = None
    proof: Proof | None = None
    window: Window | None = None
    window_name: str | None = None
    """The calendar's name of the window, where it has one: `2026-Q2`."""
    elapsed: int = 0
    baseline_window: Window | None = None
    coverage: Coverage | None = None
    reasons: tuple[str, ...] = ()
    unit: str | None = None
    from_zero: bool = False
    """Whether the value adds up from nothing; else it moves on from the baseline."""
    breakdown: tuple[Breakdown, ...] = ()
    drivers: Drivers | None = None
    """For a change: what contributed to it; of a score for verdicts that warn or fail, of `explain` for all."""
    trend: Trend | Missing | None = None
    """How the value came about; only where a report asks for it, and then of the worst segments."""
    steps: tuple[Step, ...] = ()
    """The numbers that its numbers are made of; where `trend` is told."""
    bounds: Bounds | None = None
    """Of a keep: what the value is to lie between."""
    warn: Bounds | None = None
    """A value between these warns, though the rule holds."""
    waiver: WaiverNote | None = None
    breaks: tuple[str, ...] = ()
    """The ids of the definition breaks that stand against the verdict, or that were bridged for it."""
    location: Span | None = None


def how_bad(verdict: Verdict) -> tuple[int, float]:
    """What verdicts are ordered by, the worst first: their outcome, then how little progress there is."""
    return -SEVERITY.index(verdict.outcome), 2.0 if verdict.progress is None else verdict.progress


class Streak(Struct, frozen=True):
    """How many of the latest calendar windows in a row a rule held, or did not."""

    holds: bool
    windows: int

    @property
    def text(self) -> str:
        """The same in words."""
        if self.windows > 1:
            return say(
                "held in the latest {count} windows" if self.holds else "did not hold in the latest {count} windows",
                count=self.windows,
            )
        return say("held in the latest window only" if self.holds else "did not hold in the latest window only")


class ExcludedNote(Struct, frozen=True):
    """Days that a goal leaves out, and why."""

    first: date
    last: date
    reason: str


class RuleResult(Struct, frozen=True):
    """All verdicts of one rule.

    `idle` are the segments without a row in the window, or in one of several, but with rows in another one or before.
    They are not judged there.
    """

    rule: str
    kind: str
    kpi: str | None
    outcome: Outcome
    progress: float | None
    weight: float
    key: bool
    verdicts: tuple[Verdict, ...]
    idle: tuple[Segment, ...] = ()
    streak: Streak | None = None
    """For a rule of several calendar windows: how the latest of them went."""

    @property
    def child(self) -> str | None:
        """The goal that the rule is about, where it is about another goal."""
        return self.rule.removeprefix("goal: ") if self.kind == "child" else None

    def title(self, names: Mapping[str, str]) -> str:
        """The rule as it is written; where it is about another goal, the name of that goal in *names*."""
        return self.rule if self.child is None else names.get(self.child, self.rule)

    @property
    def worst(self) -> Verdict:
        """The verdict that stands for the rule: the worst outcome, then the least progress."""
        return min(self.verdicts, key=how_bad)

    @property
    def standing(self) -> Verdict | None:
        """The same; None for a rule without a verdict."""
        return self.worst if self.verdicts else None

    @property
    def worst_first(self) -> list[Verdict]:
        """The verdicts in the order of `how_bad`."""
        return sorted(self.verdicts, key=how_bad)


class GoalResult(Struct, frozen=True):
    """A goal with its rules, rolled up. `score` is 0 to 100, None when no rule has a number."""

    id: str
    name: str
    outcome: Outcome
    score: float | None
    weight_covered: float
    rules: tuple[RuleResult, ...]
    why: str | None = None
    owner: str | None = None
    sign_of_success: str | None = None
    stage: str | None = None
    declared: date | None = None
    """The day on which it was agreed."""
    rollup: str = "all"
    child: bool = False
    """Whether it counts through other goals only."""
    key_failed: bool = False
    excluded: tuple[ExcludedNote, ...] = ()
    location: Span | None = None

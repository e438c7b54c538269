"""What is planned: each rule with its frames, and every number that its verdicts are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import DAY, Calendar, Window
from goalkeeper.frames import Frame
from goalkeeper.inputs import Splits
from goalkeeper.meaning import Diagnosis, Goal
from goalkeeper.reduction import SourceReduction
from goalkeeper.scope import Scope
from goalkeeper.settings import Settings
from goalkeeper.statements import (
    ByAmount,
    ByShare,
    Change,
    ChildRule,
    Keep,
    KpiRule,
    Reach,
    ToLevel,
)

MOST_POINTS = 62
"""At how many days a trend of levels looks at most."""
HISTORY_DAYS = 56
"""How many days before a window tell how its weekdays go: eight weeks."""


class Part(StrEnum):
    """What a number is to a verdict."""

    VALUE = "window"
    BASELINE = "baseline"
    TARGET = "target"
    PACE = "pace"


class PlannedRule(Struct, frozen=True):
    """A rule with its frames. `nature` says how its KPI moves: it adds up (flow), it is a level (stock), or neither."""

    rule: KpiRule
    nature: str
    frames: tuple[Frame, ...]
    sources: tuple[str, ...]
    calendar: Calendar
    splits: Splits = field(default_factory=Splits)
    """The dimensions by whose segments contributions to a change are told."""
    whole_levels: frozenset[str] = frozenset()
    """The metrics and KPIs of its bounds that are known by the week, month or quarter only."""
    spreads: bool = True
    """Whether it is asked how much single days vary: how sure and how likely something is."""

    def scope(self, window: Window) -> Scope:
        """The rule's rows and segments over a window."""
        return Scope(window, self.rule.where, self.rule.by, self.calendar)

    def value_scope(self, frame: Frame) -> Scope:
        """Where the value is taken."""
        return self.scope(frame.seen)

    def target_scope(self, frame: Frame, name: str) -> Scope:
        """Where a target that is a metric or KPI is taken: the full window, never cut at the as-of day.

        What is known by the month only cannot leave out days of it: it is taken whole.
        """
        return self.scope(replace(frame.window, without=()) if name in self.whole_levels else frame.window)

    def baseline_scope(self, frame: Frame) -> Scope | None:
        """Where the baseline is taken, None when there is none to measure, or not yet, or no day of it counts."""
        if frame.baseline is None or frame.baseline_open or frame.baseline.days <= 0:
            return None
        return self.scope(frame.baseline)

    @property
    def begins_at_nothing(self) -> bool:
        """Whether the value adds up from nothing to a level, so that no baseline has a part in it."""
        return isinstance(self.rule.ask, Reach) and self.nature == "flow"

    def look_back(self, frame: Frame) -> Scope | None:
        """Where else rows are looked for, to tell an idle segment from one that never was; only where rows are picked."""
        if not frame.elapsed or not (self.rule.by or self.rule.where):
            return None
        if isinstance(self.rule.ask, Change) and frame.baseline is not None:
            return self.baseline_scope(frame)
        return self.scope(self.calendar.previous(frame.window))

    def runs(self, frame: Frame) -> bool:
        """Whether the frame has begun and is still filling up."""
        return frame.elapsed > 0 and not frame.over and not frame.trailing

    def fills_up(self, frame: Frame) -> bool:
        """Whether the value is what adds up, and is still adding up."""
        return self.nature == "flow" and self.runs(frame)

    def shape_windows(self, frame: Frame) -> tuple[Window, ...]:
        """For a pace like other days: those up to the same share of them, and all of them."""
        if not self.fills_up(frame):
            return ()
        match self.rule.pace.shape:
            case "same period last year":
                whole = self.calendar.last_year(frame.window)
            case "like baseline" if isinstance(self.rule.ask, Change) and frame.baseline:
                whole = frame.baseline
            case "like baseline":
                whole = self.calendar.previous(frame.window)
            case _:
                return ()
        return _same_share(frame, whole), whole

    def history(self, frame: Frame) -> Window | None:
        """For a pace by weekday: the days before the window that tell how the weekdays go."""
        if self.rule.pace.shape != "weekday" or not self.fills_up(frame):
            return None
        first = frame.window.first
        return replace(frame.window, first=first - HISTORY_DAYS * DAY, last=first - DAY)

    def trend_windows(self, frame: Frame) -> tuple[Window, ...]:
        """The windows whose single days a trend is made of, the seen one first; several windows are a trend themselves."""
        if len(self.frames) > 1 or not frame.elapsed or self.is_level:
            return ()
        before = self.baseline_scope(frame) if isinstance(self.rule.ask, Change) and self.nature == "flow" else None
        return (frame.seen, *([before.window] if before else []), *self.shape_windows(frame)[1:])

    def trend_days(self, frame: Frame) -> tuple[Window, ...]:
        """The days of the whole window at which a trend of levels looks: evenly apart, the last seen one among them."""
        if len(self.frames) > 1 or not frame.elapsed or not self.is_level:
            return ()
        days, seen = list(frame.window.each_day()), list(frame.seen.each_day())
        apart = -(-len(days) // MOST_POINTS)
        kept = {*days[(len(seen) - 1) % apart :: apart], days[-1]}
        return tuple(replace(frame.window, first=day, last=day) for day in sorted(kept))

    @property
    def is_level(self) -> bool:
        """Whether the KPI is read at a day, and not over days."""
        return self.nature in {"stock", "rank"}

    def so_far(self, frame: Frame) -> Window | None:
        """The part of the baseline that is to be compared with a window that is still filling up."""
        if (
            self.baseline_scope(frame) is None
            or not isinstance(self.rule.ask, Change)
            or self.nature in {"stock", "rank"}
        ):
            return None
        assert frame.baseline is not None  # noqa: S101  it has a scope
        return _same_share(frame, frame.baseline) if self.runs(frame) else None

    def spread_windows(self, frame: Frame) -> tuple[Window, ...]:
        """The windows whose days tell how much the number varies: what was seen, and what it is compared with.

        Segments are many: for a rule by segment they are read only when the rule asks how sure or how likely it is.
        """
        rule = self.rule
        asked = rule.evidence.asked or rule.pace.by_chance
        if not self.spreads:
            return ()
        if isinstance(rule.ask, Keep) or self.nature == "stock" or not frame.elapsed or (rule.by and not asked):
            return ()
        if isinstance(rule.ask, Reach):
            return (frame.seen,) if self.fills_up(frame) else ()
        before = None if self.baseline_scope(frame) is None else self.so_far(frame) or frame.baseline
        return (frame.seen, before) if before is not None else (frame.seen,)


def _same_share(frame: Frame, whole: Window) -> Window:
    """The first days of *whole*, as large a share of it as the frame has seen of its window."""
    return whole.first_days(round(frame.elapsed * whole.days / frame.window.days))


class PlannedDiagnosis(Struct, frozen=True):
    """A diagnosis over the days and segments of one of the goal's rules, whose KPI comes from *sources*."""

    diagnosis: Diagnosis
    scope: Scope
    sources: tuple[str, ...]
    unreadable: str | None = None
    """Why it cannot be read there, whatever the rows hold."""

    def looks(self) -> Iterator[tuple[str, Scope]]:
        """Every metric or KPI that it reads, with its scope."""
        for read in self.diagnosis.when.reads:
            for scope in self.scope.looked_at(read.shifts):
                yield read.name, scope


class PlannedGoal(Struct, frozen=True):
    """A goal with its planned rules in the order of its rules; a child rule is planned with its own goal."""

    goal: Goal
    rules: tuple[PlannedRule | ChildRule, ...]
    diagnoses: tuple[PlannedDiagnosis, ...] = ()

    @property
    def kpi_rules(self) -> Iterator[PlannedRule]:
        """The rules about KPIs: all that are not about another goal."""
        return (rule for rule in self.rules if isinstance(rule, PlannedRule))


class Plan(Struct, frozen=True):
    """All that an evaluation does, before any row is added up."""

    as_of: date
    settings: Settings
    goals: tuple[PlannedGoal, ...]
    sources: Mapping[str, SourceReduction]
    beside: tuple[PlannedGoal, ...] = ()
    """Goals that are not asked for: their changes are held together with those that are, whatever is selected."""

    @property
    def kpi_rules(self) -> Iterator[PlannedRule]:
        """The rules about KPIs of the goals that are asked for."""
        return (rule for goal in self.goals for rule in goal.kpi_rules)


Place = tuple[str, int, int]
"""Where a frame belongs: the id of its goal, the number of the rule in it, the number of the frame."""


def proven_together(planned: PlannedRule, frame: Frame) -> bool:
    """Whether a frame is one of the changes of a scorecard that are held together when it is asked what is proven."""
    return isinstance(planned.rule.ask, Change) and frame.over and bool(planned.spread_windows(frame))


def compared(planned: PlannedRule, frame: Frame) -> Iterator[tuple[Part, str, Scope]]:
    """Every number that goes into a verdict of the frame: what part it plays, its KPI and its scope."""
    rule = planned.rule
    value, baseline = planned.value_scope(frame), planned.baseline_scope(frame)
    yield Part.VALUE, rule.kpi, value
    if baseline is not None and not planned.begins_at_nothing:
        yield Part.BASELINE, rule.kpi, baseline
    so_far, history = planned.so_far(frame), planned.history(frame)
    if so_far is not None:
        yield Part.BASELINE, rule.kpi, replace(value, window=so_far)
    for window in (*planned.shape_windows(frame), *([history] if history else [])):
        yield Part.PACE, rule.kpi, replace(value, window=window)
    for level in named_levels(rule):
        yield Part.TARGET, level, planned.target_scope(frame, level)


def fresh_window(frame: Frame, as_of: date, max_age: int) -> Window:
    """The days in which the newest row of a source is looked for: those within the lag are new enough, too."""
    return Window(min(frame.seen.first, as_of - max_age * DAY), as_of)


def names_in(rule: KpiRule) -> Iterator[str]:
    """The metrics and KPIs that a rule names: what it is about, what its samples count, and what its bounds are."""
    yield rule.kpi
    yield from (name for name, _ in rule.min_sample)
    yield from named_levels(rule)


def named_levels(rule: KpiRule) -> Iterator[str]:
    """The metrics and KPIs that a rule takes its bounds from."""
    asks = [rule.ask, *([rule.warn] if rule.warn else [])]
    for ask in asks:
        match ask:
            case Change(_, ToLevel(level, _)) | Reach(level) if isinstance(level, str):
                yield level
            case Keep(low, high):
                yield from (bound.level for bound in (low, high) if bound and isinstance(bound.level, str))
            case Change(_, ByShare() | ByAmount() | ToLevel()) | Reach():
                pass
            case never:
                assert_never(never)

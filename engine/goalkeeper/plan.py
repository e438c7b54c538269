"""Every number that the rules need, as of a day, and what must be had of each source for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from goalkeeper.calendar import DAY, Calendar, Window
from goalkeeper.cube import DAILY, level_window
from goalkeeper.definitions import Catalogue, MetricDefinition
from goalkeeper.frames import Frame, frames, last_complete_day, nature
from goalkeeper.problems import Problem
from goalkeeper.reduction import SourceReduction, Tally, cut
from goalkeeper.resolve import Diagnosis, Goal, Meaning
from goalkeeper.scope import Scope, leaves
from goalkeeper.settings import Settings
from goalkeeper.sources.table import Column
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

HISTORY_DAYS = 56
"""How many days before a window tell how its weekdays go: eight weeks."""


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """A rule with its frames. `nature` says how its KPI moves: it adds up (flow), it is a level (stock), or neither."""

    rule: KpiRule
    nature: str
    frames: tuple[Frame, ...]
    sources: tuple[str, ...]
    calendar: Calendar

    def scope(self, window: Window) -> Scope:
        """The rule's rows and segments over a window."""
        return Scope(window, self.rule.where, self.rule.by, self.calendar)

    def value_scope(self, frame: Frame) -> Scope:
        """Where the value is taken."""
        return self.scope(frame.seen)

    def target_scope(self, frame: Frame) -> Scope:
        """Where a target that is a metric or KPI is taken: the full window, never cut at the as-of day."""
        return self.scope(frame.window)

    def baseline_scope(self, frame: Frame) -> Scope | None:
        """Where the baseline is taken, None when there is none to measure."""
        return None if frame.baseline is None else self.scope(frame.baseline)

    def runs(self, frame: Frame) -> bool:
        """Whether the frame has begun and is still filling up."""
        return frame.elapsed > 0 and not frame.over and not frame.trailing

    def shape_windows(self, frame: Frame) -> tuple[Window, ...]:
        """For a pace like other days: those up to the same share of them, and all of them."""
        if self.nature != "flow" or not self.runs(frame):
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
        if self.rule.pace.shape != "weekday" or self.nature != "flow" or not self.runs(frame):
            return None
        first = frame.window.first
        return replace(frame.window, first=first - HISTORY_DAYS * DAY, last=first - DAY)

    def so_far(self, frame: Frame) -> Window | None:
        """The part of the baseline that is to be compared with a window that is still filling up."""
        if frame.baseline is None or not isinstance(self.rule.ask, Change) or self.nature == "stock":
            return None
        return _same_share(frame, frame.baseline) if self.runs(frame) else None

    def spread_windows(self, frame: Frame) -> tuple[Window, ...]:
        """The windows whose days tell how much the number varies: what was seen, and what it is compared with.

        Segments are many: for a rule by segment they are read only when the rule asks how sure or how likely it is.
        """
        rule = self.rule
        asked = rule.evidence.asked or rule.pace.by_chance
        if isinstance(rule.ask, Keep) or self.nature == "stock" or not frame.elapsed or (rule.by and not asked):
            return ()
        if isinstance(rule.ask, Reach):
            return (frame.seen,) if self.nature == "flow" and self.runs(frame) else ()
        before = self.so_far(frame) or frame.baseline
        return (frame.seen, before) if before is not None else (frame.seen,)


def _same_share(frame: Frame, whole: Window) -> Window:
    """The first days of *whole*, as large a share of it as the frame has seen of its window."""
    return whole.first_days(round(frame.elapsed * whole.days / frame.window.days))


@dataclass(frozen=True, slots=True)
class PlannedGoal:
    """A goal with its planned rules in the order of its rules; a child rule is planned with its own goal."""

    goal: Goal
    rules: tuple[PlannedRule | ChildRule, ...]
    diagnoses: tuple[Diagnosis, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an evaluation does, before any row is added up."""

    as_of: date
    settings: Settings
    goals: tuple[PlannedGoal, ...]
    sources: Mapping[str, SourceReduction]


def plan(
    meaning: Meaning, catalogue: Catalogue, as_of: date, *, split: tuple[str, ...] = ()
) -> tuple[Plan, list[Problem]]:
    """The plan of an evaluation as of a day. *split* are dimensions that the report breaks values down by."""
    problems: list[Problem] = []
    goals = tuple(_goal(goal, meaning, catalogue, as_of, problems) for goal in meaning.goals)
    wanted: list[tuple[MetricDefinition, Scope]] = []
    by_day: list[tuple[MetricDefinition, Scope]] = []
    for goal in goals:
        for planned in goal.rules:
            if isinstance(planned, PlannedRule):
                for name, scope in _numbers(planned, split):
                    wanted += leaves(catalogue, name, scope)
                for window in _windows_by_day(planned):
                    by_day += leaves(catalogue, planned.rule.kpi, planned.scope(window))
        for diagnosis, scope in _looks(goal):
            for read in diagnosis.when.reads:
                wanted += leaves(catalogue, read.name, scope.shifted(read.shifts))
    sources = _reductions(wanted, by_day, catalogue, meaning.settings)
    return Plan(as_of, meaning.settings, goals, sources), problems


def _goal(goal: Goal, meaning: Meaning, catalogue: Catalogue, as_of: date, problems: list[Problem]) -> PlannedGoal:
    planned: list[PlannedRule | ChildRule] = []
    for rule in goal.rules:
        if isinstance(rule, ChildRule):
            planned.append(rule)
            continue
        kind = nature(catalogue, rule.kpi)
        last = last_complete_day(catalogue, rule.kpi, as_of, meaning.settings.calendar)
        found = tuple(frames(rule, goal, kind, last, problems))
        planned.append(PlannedRule(rule, kind, found, tuple(catalogue.sources_of(rule.kpi)), goal.calendar))
    own = {rule.kpi for rule in goal.rules if isinstance(rule, KpiRule)}
    diagnoses = tuple(d for d in meaning.diagnoses if own & {read.name for read in d.when.reads})
    return PlannedGoal(goal, tuple(planned), diagnoses)


def _numbers(planned: PlannedRule, split: tuple[str, ...]) -> Iterator[tuple[str, Scope]]:
    """Every KPI that a rule's verdicts need, with its scope."""
    rule = planned.rule
    for frame in planned.frames:
        value, baseline = planned.value_scope(frame), planned.baseline_scope(frame)
        needs_baseline = not (isinstance(rule.ask, Reach) and planned.nature == "flow")
        for scope in (value, baseline if needs_baseline else None):
            if scope is None:
                continue
            yield rule.kpi, scope
            if split:
                yield rule.kpi, replace(scope, by=(*rule.by, *(d for d in split if d not in rule.by)))
        for window in (*planned.shape_windows(frame), planned.so_far(frame)):
            if window is not None:
                yield rule.kpi, replace(value, window=window)
        for level in named_levels(rule):
            yield level, planned.target_scope(frame)
        for name, _ in rule.min_sample:
            yield name, value


def _windows_by_day(planned: PlannedRule) -> Iterator[Window]:
    """The windows of a rule whose single days are wanted."""
    for frame in planned.frames:
        history = planned.history(frame)
        yield from (*planned.spread_windows(frame), *([history] if history else []))


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


def _looks(goal: PlannedGoal) -> Iterator[tuple[Diagnosis, Scope]]:
    """Where each diagnosis of a goal is read: where the rule is judged that has its KPI."""
    for diagnosis in goal.diagnoses:
        scope = diagnosis_scope(goal, diagnosis)
        if scope is not None:
            yield diagnosis, scope


def diagnosis_scope(goal: PlannedGoal, diagnosis: Diagnosis) -> Scope | None:
    """The days and segments of the goal's first rule about a KPI of the diagnosis."""
    names = {read.name for read in diagnosis.when.reads}
    for planned in goal.rules:
        if isinstance(planned, PlannedRule) and planned.rule.kpi in names and planned.frames:
            return planned.value_scope(planned.frames[-1])
    return None


def _reductions(
    wanted: Iterable[tuple[MetricDefinition, Scope]],
    by_day: Sequence[tuple[MetricDefinition, Scope]],
    catalogue: Catalogue,
    settings: Settings,
) -> dict[str, SourceReduction]:
    flows: dict[str, set[Window]] = {}
    levels: dict[str, set[Window]] = {}
    tallies: dict[str, dict[str, Tally]] = {}
    stocks: dict[str, dict[str, Tally]] = {}
    sets: dict[str, set[tuple[str, ...]]] = {}
    day_sets: dict[str, set[tuple[str, ...]]] = {}
    for metric, scope in by_day:
        for source, _ in metric.columns:
            if metric.kind in DAILY and catalogue.tables[source].numbers is None:
                day_sets.setdefault(source, set()).add(scope.dimensions)
    for metric, scope in (*wanted, *by_day):
        for source, column in metric.columns:
            flows.setdefault(source, set())
            sets.setdefault(source, set()).add(scope.dimensions)
            if scope.window.days <= 0:
                continue
            flows[source].add(scope.window)
            table = catalogue.tables[source]
            found = table.columns[column] if column is not None else None
            if metric.kind == "stock":
                levels.setdefault(source, set()).add(level_window(metric, scope.window))
                stocks.setdefault(source, {})[metric.id] = Tally(metric.id, metric.kind, found, metric.where)
                continue
            weight = _weight(metric, source, catalogue)
            tallies.setdefault(source, {})[metric.id] = Tally(metric.id, metric.kind, found, metric.where, weight)
    return {
        source: SourceReduction(
            catalogue.tables[source],
            settings.timezone,
            cut(sorted(windows), catalogue.tables[source], settings.calendar),
            tuple(tallies.get(source, {}).values()),
            tuple(sorted(sets[source])),
            cut(sorted(levels.get(source, ())), catalogue.tables[source], settings.calendar),
            tuple(stocks.get(source, {}).values()),
            tuple(sorted(day_sets.get(source, ()))),
        )
        for source, windows in flows.items()
    }


def _weight(metric: MetricDefinition, source: str, catalogue: Catalogue) -> Column | None:
    if metric.weighted_by is None:
        return None
    weight = catalogue.definitions[metric.weighted_by]
    assert isinstance(weight, MetricDefinition)  # noqa: S101  checked when the catalogue was built
    column = dict(weight.columns).get(source)
    return catalogue.tables[source].columns[column] if column is not None else None

"""Every number that the rules need, as of a day, and what must be had of each source for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import DAY, Calendar, Window
from goalkeeper.crossing import parted
from goalkeeper.days import DAILY
from goalkeeper.definitions import LEVEL_KINDS, Catalogue, Filter, MetricDefinition, Only
from goalkeeper.frames import Frame, frames, last_complete_day, nature
from goalkeeper.inputs import Splits, splits_of
from goalkeeper.levels import level_windows
from goalkeeper.problems import Problem
from goalkeeper.reduction import Quantile, SourceReduction, Tally, cut
from goalkeeper.resolve import Diagnosis, Goal, Meaning
from goalkeeper.scope import Scope, leaves, row_scopes, telling_apart
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
        """Where the baseline is taken, None when there is none to measure, or not yet."""
        return None if frame.baseline is None or frame.baseline_open else self.scope(frame.baseline)

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
        if self.baseline_scope(frame) is None or not isinstance(self.rule.ask, Change) or self.nature == "stock":
            return None
        assert frame.baseline is not None  # noqa: S101  it has a scope
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
        before = None if frame.baseline_open else self.so_far(frame) or frame.baseline
        return (frame.seen, before) if before is not None else (frame.seen,)


def _same_share(frame: Frame, whole: Window) -> Window:
    """The first days of *whole*, as large a share of it as the frame has seen of its window."""
    return whole.first_days(round(frame.elapsed * whole.days / frame.window.days))


class PlannedGoal(Struct, frozen=True):
    """A goal with its planned rules in the order of its rules; a child rule is planned with its own goal."""

    goal: Goal
    rules: tuple[PlannedRule | ChildRule, ...]
    diagnoses: tuple[Diagnosis, ...] = ()


class Plan(Struct, frozen=True):
    """All that an evaluation does, before any row is added up."""

    as_of: date
    settings: Settings
    goals: tuple[PlannedGoal, ...]
    sources: Mapping[str, SourceReduction]


def plan(
    meaning: Meaning,
    catalogue: Catalogue,
    as_of: date,
    *,
    split: tuple[str, ...] = (),
    also: Iterable[tuple[str, Scope]] = (),
    explaining: bool = False,
) -> tuple[Plan, list[Problem]]:
    """The plan of an evaluation as of a day.

    *split* are dimensions that the report breaks values down by, *also* are metrics and KPIs that are wanted besides.
    The segments that contributed to a change are read later, where it is asked what did; *explaining* asks at once.
    """
    problems: list[Problem] = []
    goals = tuple(_goal(goal, meaning, catalogue, as_of, problems) for goal in meaning.goals)
    wanted: list[tuple[MetricDefinition, Scope]] = []
    by_day: list[tuple[MetricDefinition, Scope]] = []
    rows: list[tuple[str, Scope]] = []
    for goal in goals:
        for planned in goal.rules:
            if isinstance(planned, PlannedRule):
                for name, scope in _numbers(planned, split):
                    wanted += _asked(catalogue, name, scope)
                rows += _rows(planned, catalogue, as_of)
                for window in _windows_by_day(planned):
                    by_day += leaves(catalogue, planned.rule.kpi, planned.scope(window))
        for diagnosis, scope in _looks(goal):
            for read in diagnosis.when.reads:
                wanted += leaves(catalogue, read.name, scope.shifted(read.shifts))
    for name, scope in also:
        wanted += leaves(catalogue, name, scope)
    sources = _reductions(wanted, by_day, rows, catalogue, meaning.settings)
    for name, sets in _contributing(goals, catalogue).items():
        told = sources[name].dimension_sets
        if explaining:
            sources[name] = replace(sources[name], dimension_sets=tuple(sorted({*told, *sets})))
        else:
            sources[name] = replace(sources[name], later=tuple(sorted(sets.difference(told))))
    return Plan(as_of, meaning.settings, goals, sources), problems


def _asked(catalogue: Catalogue, name: str, scope: Scope) -> Iterator[tuple[MetricDefinition, Scope]]:
    """The metrics of a KPI where it reads them, and where its segments and rows are told: in the scope itself."""
    for metric, at in leaves(catalogue, name, scope):
        yield metric, at
        if at.dimensions != scope.dimensions:
            yield metric, scope


def _goal(goal: Goal, meaning: Meaning, catalogue: Catalogue, as_of: date, problems: list[Problem]) -> PlannedGoal:
    planned: list[PlannedRule | ChildRule] = []
    for rule in goal.rules:
        if isinstance(rule, ChildRule):
            planned.append(rule)
            continue
        kind = nature(catalogue, rule.kpi)
        last = last_complete_day(catalogue, rule.kpi, as_of, meaning.settings.calendar)
        found = tuple(frames(rule, goal, kind, last, problems))
        sources = tuple(catalogue.sources_of(rule.kpi))
        told = isinstance(rule.ask, Change) and not rule.by
        splits = splits_of(catalogue, rule.kpi, sources, rule.where) if told else Splits()
        planned.append(PlannedRule(rule, kind, found, sources, goal.calendar, splits))
    own = {rule.kpi for rule in goal.rules if isinstance(rule, KpiRule)}
    diagnoses = tuple(d for d in meaning.diagnoses if own & {read.name for read in d.when.reads})
    return PlannedGoal(goal, tuple(planned), diagnoses)


def _numbers(planned: PlannedRule, split: tuple[str, ...]) -> Iterator[tuple[str, Scope]]:
    """Every KPI that a rule's verdicts need, with its scope."""
    rule = planned.rule
    for frame in planned.frames:
        for part, name, scope in compared(planned, frame):
            yield name, scope
            if split and part in {Part.VALUE, Part.BASELINE}:
                yield name, _split(scope, split)
        for name, _ in rule.min_sample:
            yield name, planned.value_scope(frame)


def compared(planned: PlannedRule, frame: Frame) -> Iterator[tuple[Part, str, Scope]]:
    """Every number that goes into a verdict of the frame: what part it plays, its KPI and its scope."""
    rule = planned.rule
    value, baseline = planned.value_scope(frame), planned.baseline_scope(frame)
    yield Part.VALUE, rule.kpi, value
    if baseline is not None and not (isinstance(rule.ask, Reach) and planned.nature == "flow"):
        yield Part.BASELINE, rule.kpi, baseline
    so_far, history = planned.so_far(frame), planned.history(frame)
    if so_far is not None:
        yield Part.BASELINE, rule.kpi, replace(value, window=so_far)
    for window in (*planned.shape_windows(frame), *([history] if history else [])):
        yield Part.PACE, rule.kpi, replace(value, window=window)
    for level in named_levels(rule):
        yield Part.TARGET, level, planned.target_scope(frame)


def _rows(planned: PlannedRule, catalogue: Catalogue, as_of: date) -> Iterator[tuple[str, Scope]]:
    """Where rows are counted, whatever they hold: in the window, where they were before, and up to the day itself."""
    for frame in planned.frames:
        look_back = planned.look_back(frame)
        if look_back is not None:
            yield from row_scopes(catalogue, planned.rule.kpi, look_back)
        for source in planned.sources:
            yield source, planned.value_scope(frame)
            max_age = catalogue.tables[source].max_age
            if max_age is not None and frame.elapsed:
                yield source, Scope(fresh_window(frame, as_of, max_age))


def fresh_window(frame: Frame, as_of: date, max_age: int) -> Window:
    """The days in which the newest row of a source is looked for: those within the lag are new enough, too."""
    return Window(min(frame.seen.first, as_of - max_age * DAY), as_of)


def _split(scope: Scope, split: tuple[str, ...]) -> Scope:
    return replace(scope, by=(*scope.by, *(d for d in split if d not in scope.by)))


def _windows_by_day(planned: PlannedRule) -> Iterator[Window]:
    """The windows of a rule whose single days are wanted."""
    for frame in planned.frames:
        history = planned.history(frame)
        yield from (*planned.spread_windows(frame), *([history] if history else []))


def _contributing(goals: Iterable[PlannedGoal], catalogue: Catalogue) -> dict[str, set[tuple[str, ...]]]:
    """For each source the sets of dimensions that tell what contributed to changes."""
    sets: dict[str, set[tuple[str, ...]]] = {}
    rules = (rule for goal in goals for rule in goal.rules if isinstance(rule, PlannedRule))
    for planned in rules:
        for frame in planned.frames:
            scope = planned.value_scope(frame)
            for dimension in planned.splits.dimensions if frame.elapsed and frame.baseline else ():
                for metric, at in leaves(catalogue, planned.rule.kpi, replace(scope, by=(dimension,))):
                    for source, _ in metric.columns:
                        apart = telling_apart(metric, source, at)
                        sets.setdefault(source, set()).update({at.dimensions, apart.dimensions})
    return sets


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


class _Quantiles(Struct):
    """The medians and percentiles that are wanted of one source."""

    taken: dict[tuple[str, Filter], Quantile] = field(default_factory=dict)
    windows: set[Window] = field(default_factory=set)
    sets: set[tuple[str, ...]] = field(default_factory=set)


def _reductions(
    wanted: Iterable[tuple[MetricDefinition, Scope]],
    by_day: Sequence[tuple[MetricDefinition, Scope]],
    rows: Iterable[tuple[str, Scope]],
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
                day_sets.setdefault(source, set()).add(telling_apart(metric, source, scope).dimensions)
    filters: dict[str, set[Only]] = {}
    quantiles: dict[str, _Quantiles] = {}
    for source, scope in rows:
        flows.setdefault(source, set())
        sets.setdefault(source, set()).add(scope.dimensions)
        filters.setdefault(source, set()).update(scope.where)
        if scope.window.days > 0:
            flows[source].add(scope.window)
    for metric, scope in (*wanted, *by_day):
        for source, column in metric.columns:
            flows.setdefault(source, set())
            sets.setdefault(source, set()).update({scope.dimensions, telling_apart(metric, source, scope).dimensions})
            filters.setdefault(source, set()).update(scope.where)
            filters[source].update(only for touch in metric.touches if not touch.folded for only in touch.where)
            if scope.window.days <= 0:
                continue
            flows[source].update(parted(metric, source, scope.window))
            table = catalogue.tables[source]
            found = table.columns[column] if column is not None else None
            weight = _weight(metric, source, catalogue)
            tally = Tally(metric.id, metric.kind, found, metric.where, weight, metric.begins_at_zero)
            if metric.kind in LEVEL_KINDS:
                levels.setdefault(source, set()).update(level_windows(metric, scope, table.grain))
                stocks.setdefault(source, {})[metric.id] = tally
            elif metric.quantile is not None:
                asked = quantiles.setdefault(source, _Quantiles())
                asked.taken[metric.id, scope.where] = Quantile(tally, metric.quantile, scope.where)
                asked.windows.add(scope.window)
                asked.sets.add(tuple(sorted(scope.by)))
            if metric.kind not in LEVEL_KINDS and (metric.quantile is None or metric.touches):
                # For a median that a break touched, the events of each cell say on which side of it they lie.
                tallies.setdefault(source, {})[metric.id] = tally
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
            filters=frozenset(filters[source]),
            quantiles=tuple(quantiles[source].taken.values()) if source in quantiles else (),
            quantile_windows=tuple(sorted(quantiles[source].windows)) if source in quantiles else (),
            quantile_sets=tuple(sorted(quantiles[source].sets)) if source in quantiles else (),
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

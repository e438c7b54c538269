"""What is wanted of each source for rules and diagnoses as planned: windows, dimensions and what is added up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.crossing import parted
from goalkeeper.days import DAILY
from goalkeeper.definitions import LEVEL_KINDS, Catalogue, Filter, MetricDefinition, Only
from goalkeeper.frames import Frame
from goalkeeper.levels import level_windows
from goalkeeper.planned import Part, PlannedDiagnosis, PlannedGoal, PlannedRule, compared, fresh_window, proven_together
from goalkeeper.reduction import Quantile, SourceReduction, Tally, cut
from goalkeeper.scope import Scope, leaves, row_scopes, telling_apart
from goalkeeper.settings import Settings
from goalkeeper.sources.table import Column, Table
from goalkeeper.times import elapsed_of, seconds_of


class Wanted(Struct):
    """Everything that is asked of sources."""

    numbers: list[tuple[MetricDefinition, Scope]] = field(default_factory=list)
    by_day: list[tuple[MetricDefinition, Scope]] = field(default_factory=list)
    days_later: list[tuple[MetricDefinition, Scope]] = field(default_factory=list)
    levels_too: list[tuple[MetricDefinition, Scope]] = field(default_factory=list)
    rows: list[tuple[str, Scope]] = field(default_factory=list)

    def ask(
        self,
        goals: Iterable[PlannedGoal],
        beside: Iterable[PlannedGoal],
        catalogue: Catalogue,
        as_of: date,
        split: tuple[str, ...] = (),
    ) -> None:
        """All that the verdicts of *goals* and the proofs of those *beside* need."""
        diagnosed: set[PlannedDiagnosis] = set()
        for goal in goals:
            for planned in goal.kpi_rules:
                for name, scope in _numbers(planned, catalogue.told_by(planned.rule.kpi, split)):
                    self.numbers += _asked(catalogue, name, scope)
                self.rows += _rows(planned, catalogue, as_of)
                for window in _windows_by_day(planned, planned.frames):
                    self.by_day += leaves(catalogue, planned.rule.kpi, planned.scope(window))
            new = [one for one in goal.diagnoses if one.unreadable is None and one not in diagnosed]
            diagnosed.update(new)
            for name, scope in (look for one in new for look in one.looks()):
                looked = list(_asked(catalogue, name, scope))
                self.numbers += [
                    (metric, at if not at.dimensions else replace(at, by_day=False)) for metric, at in looked
                ]
                self.days_later += [(metric, at) for metric, at in looked if at.by_day and at.dimensions]
        for planned in (planned for goal in beside for planned in goal.kpi_rules):
            together = [frame for frame in planned.frames if proven_together(planned, frame)]
            for _, name, scope in (part for frame in together for part in compared(planned, frame)):
                self.numbers += _asked(catalogue, name, scope)
            for window in _windows_by_day(planned, together):
                self.by_day += leaves(catalogue, planned.rule.kpi, planned.scope(window))

    def ask_trends(self, goals: Iterable[PlannedGoal], catalogue: Catalogue) -> None:
        """The days of every rule, those of segments to be read later."""
        for planned in (rule for goal in goals for rule in goal.kpi_rules):
            for metric, at in _trends(planned, catalogue):
                days = self.days_later if at.dimensions else self.by_day
                (self.levels_too if planned.is_level else days).append((metric, at))

    def reductions(
        self, goals: Sequence[PlannedGoal], catalogue: Catalogue, settings: Settings
    ) -> dict[str, SourceReduction]:
        """What must be had of each source."""
        signed = _signed(goals, catalogue)
        return _reductions(
            self.numbers, self.by_day, self.rows, signed, catalogue, settings, levels_too=self.levels_too
        )


def _asked(catalogue: Catalogue, name: str, scope: Scope) -> Iterator[tuple[MetricDefinition, Scope]]:
    """The metrics of a KPI where it reads them, and where its segments and rows are told: in the scope itself."""
    for metric, at in leaves(catalogue, name, scope):
        yield metric, at
        if at.dimensions != scope.dimensions:
            yield metric, scope


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


def _split(scope: Scope, split: tuple[str, ...]) -> Scope:
    return replace(scope, by=(*scope.by, *(d for d in split if d not in scope.by)))


def _windows_by_day(planned: PlannedRule, frames: Iterable[Frame]) -> Iterator[Window]:
    """The windows of a rule's frames whose single days are wanted."""
    for frame in frames:
        history = planned.history(frame)
        yield from (*planned.spread_windows(frame), *([history] if history else []))


def _trends(planned: PlannedRule, catalogue: Catalogue) -> Iterator[tuple[MetricDefinition, Scope]]:
    """The metrics of a rule over the days of its trends."""
    for frame in planned.frames:
        days = (day for day in planned.trend_days(frame) if day.last <= frame.seen.last)
        for window in (*planned.trend_windows(frame), *days):
            yield from leaves(catalogue, planned.rule.kpi, planned.scope(window))


def contributing(goals: Iterable[PlannedGoal], catalogue: Catalogue) -> dict[str, set[tuple[str, ...]]]:
    """For each source the sets of dimensions that tell what contributed to changes."""
    sets: dict[str, set[tuple[str, ...]]] = {}
    for planned in (rule for goal in goals for rule in goal.kpi_rules):
        for frame in planned.frames:
            scope = planned.value_scope(frame)
            for dimension in planned.splits.dimensions if frame.elapsed and frame.baseline else ():
                for metric, at in leaves(catalogue, planned.rule.kpi, replace(scope, by=(dimension,))):
                    for source, _ in metric.columns:
                        apart = telling_apart(metric, source, at)
                        sets.setdefault(source, set()).update({at.dimensions, apart.dimensions})
    return sets


def sets_by_day(
    wanted: Iterable[tuple[MetricDefinition, Scope]], catalogue: Catalogue
) -> dict[str, set[tuple[str, ...]]]:
    """For each source the sets of dimensions of which single days are wanted."""
    sets: dict[str, set[tuple[str, ...]]] = {}
    for metric, scope in wanted:
        for source, _ in metric.columns:
            if metric.kind in DAILY and catalogue.tables[source].numbers is None:
                sets.setdefault(source, set()).add(telling_apart(metric, source, scope).dimensions)
    return sets


class _Quantiles(Struct):
    """The medians and percentiles that are wanted of one source."""

    taken: dict[tuple[str, Filter], Quantile] = field(default_factory=dict)
    windows: set[Window] = field(default_factory=set)
    sets: set[tuple[str, ...]] = field(default_factory=set)


def _reductions(
    wanted: Sequence[tuple[MetricDefinition, Scope]],
    by_day: Sequence[tuple[MetricDefinition, Scope]],
    rows: Iterable[tuple[str, Scope]],
    signed: Collection[str],
    catalogue: Catalogue,
    settings: Settings,
    *,
    levels_too: Sequence[tuple[MetricDefinition, Scope]] = (),
) -> dict[str, SourceReduction]:
    flows: dict[str, set[Window]] = {}
    levels: dict[str, set[Window]] = {}
    tallies: dict[str, dict[str, Tally]] = {}
    stocks: dict[str, dict[str, Tally]] = {}
    sets: dict[str, set[tuple[str, ...]]] = {}
    day_sets = sets_by_day([*by_day, *(one for one in wanted if one[1].by_day)], catalogue)
    filters: dict[str, dict[Only, set[str]]] = {}
    quantiles: dict[str, _Quantiles] = {}
    for source, scope in rows:
        flows.setdefault(source, set())
        sets.setdefault(source, set()).add(scope.dimensions)
        if scope.window.days > 0:
            flows[source].add(scope.window)
    for metric, scope in (*wanted, *by_day):
        for source, column in metric.columns:
            flows.setdefault(source, set())
            sets.setdefault(source, set()).update({scope.dimensions, telling_apart(metric, source, scope).dimensions})
            for only in (*scope.where, *(o for touch in metric.touches if not touch.folded for o in touch.where)):
                filters.setdefault(source, {}).setdefault(only, set()).add(metric.id)
            if scope.window.days <= 0:
                continue
            flows[source].update(parted(metric, source, scope.window))
            table = catalogue.tables[source]
            found = table.columns[column] if column is not None else None
            tally = Tally(
                metric.id,
                metric.kind,
                found,
                metric.where,
                _weight(metric, source, catalogue),
                metric.begins_at_zero,
                metric.id in signed and metric.kind == "flow",
                shared=metric.kind == "flow" and len(metric.columns) > 1,
            )
            if metric.between is not None or metric.within:
                tally = _timed(tally, metric, table)
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
    for metric, scope in levels_too:  # their days cut no sums
        for source, _ in metric.columns if metric.kind in LEVEL_KINDS else ():
            levels.setdefault(source, set()).update(level_windows(metric, scope, catalogue.tables[source].grain))
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
            filters={only: frozenset(metrics) for only, metrics in filters.get(source, {}).items()},
            quantiles=tuple(quantiles[source].taken.values()) if source in quantiles else (),
            quantile_windows=tuple(sorted(quantiles[source].windows)) if source in quantiles else (),
            quantile_sets=tuple(sorted(quantiles[source].sets)) if source in quantiles else (),
        )
        for source, windows in flows.items()
    }


def _signed(goals: Iterable[PlannedGoal], catalogue: Catalogue) -> set[str]:
    """The metrics whose sign matters: of sums that are still adding up, and take nothing away otherwise."""
    names = {
        planned.rule.kpi
        for goal in goals
        for planned in goal.kpi_rules
        if any(planned.fills_up(frame) for frame in planned.frames) and catalogue.only_adds(planned.rule.kpi)
    }
    return {metric.id for name in names for metric in catalogue.metrics_of(name)}


def _weight(metric: MetricDefinition, source: str, catalogue: Catalogue) -> Column | None:
    if metric.weighted_by is None:
        return None
    weight = catalogue.definitions[metric.weighted_by]
    assert isinstance(weight, MetricDefinition)  # noqa: S101  checked when the catalogue was built
    column = dict(weight.columns).get(source)
    return catalogue.tables[source].columns[column] if column is not None else None


def _timed(tally: Tally, metric: MetricDefinition, table: Table) -> Tally:
    """What is counted of a metric that says something of the times of a row."""
    return replace(
        tally,
        elapsed=None if metric.between is None else elapsed_of(table, metric.between),
        seconds=seconds_of(metric.unit),
        within=tuple((elapsed_of(table, one.between), one.seconds) for one in metric.within),
    )

"""Every number that the rules need, as of a day, and what must be had of each source for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import Unit, Window
from goalkeeper.crossing import parted
from goalkeeper.days import DAILY
from goalkeeper.definitions import LEVEL_KINDS, Catalogue, Filter, MetricDefinition, Only
from goalkeeper.frames import Frame, frames, last_complete_day, nature
from goalkeeper.inputs import Splits, splits_of
from goalkeeper.levels import level_windows
from goalkeeper.meaning import Diagnosis, Goal, Meaning
from goalkeeper.planned import (
    Part,
    Plan,
    PlannedDiagnosis,
    PlannedGoal,
    PlannedRule,
    compared,
    fresh_window,
    named_levels,
    proven_together,
)
from goalkeeper.problems import Problem
from goalkeeper.reduction import Quantile, SourceReduction, Tally, cut
from goalkeeper.said import say
from goalkeeper.scope import Scope, leaves, row_scopes, telling_apart
from goalkeeper.settings import Settings
from goalkeeper.sources.table import Column, Table
from goalkeeper.statements import (
    Change,
    ChildRule,
    KpiRule,
)
from goalkeeper.times import elapsed_of, seconds_of


def plan(
    meaning: Meaning,
    catalogue: Catalogue,
    as_of: date,
    *,
    split: tuple[str, ...] = (),
    also: Iterable[tuple[str, Scope]] = (),
    beside: Iterable[Goal] = (),
    explaining: bool = False,
    trends: bool = False,
) -> tuple[Plan, list[Problem]]:
    """The plan of an evaluation as of a day.

    *split* are dimensions that the report breaks values down by, *also* are metrics and KPIs that are wanted besides.
    *beside* are goals that are not judged, but whose changes are held together with those that are.
    The segments that contributed to a change are read later, where it is asked what did; *explaining* asks at once.
    *trends* asks for the days of every rule, those of segments to be read later.
    """
    problems: list[Problem] = []
    goals = tuple(_goal(goal, meaning, catalogue, as_of, problems) for goal in meaning.goals)
    others = tuple(_goal(goal, meaning, catalogue, as_of, []) for goal in beside)
    wanted = _Wanted()
    wanted.ask(goals, others, catalogue, as_of, split)
    if trends:
        wanted.ask_trends(goals, catalogue)
    for name, scope in also:
        wanted.numbers += leaves(catalogue, name, scope)
    sources = wanted.reductions(goals, catalogue, meaning.settings)
    for name, sets in _sets_by_day(wanted.days_later, catalogue).items():
        sources[name] = replace(sources[name], later_days=tuple(sorted(sets.difference(sources[name].grain_sets))))
    for name, sets in _contributing(goals, catalogue).items():
        told = sources[name].dimension_sets
        if explaining:
            sources[name] = replace(sources[name], dimension_sets=tuple(sorted({*told, *sets})))
        else:
            sources[name] = replace(sources[name], later=tuple(sorted(sets.difference(told))))
    return Plan(as_of, meaning.settings, goals, sources, others), problems


def plans(
    meaning: Meaning, catalogue: Catalogue, days: Sequence[date], *, beside: Iterable[Goal] = ()
) -> tuple[list[Plan], list[Problem]]:
    """The plans of evaluations as of many days, which share what must be had of the sources: each is read once for all.

    Nothing is planned for reports: no diagnoses, no contributions, and how sure or likely something is only where a
    rule is decided by it.
    """
    problems: dict[Problem, None] = {}
    proving = any(rule.evidence.require for goal in (*meaning.goals, *beside) for rule in _kpi_rules(goal))
    outlines, others = (
        [_outline(goal, catalogue, deciding=True, proving=proving) for goal in some]
        for some in (meaning.goals, tuple(beside) if proving else ())
    )
    wanted, seen = _Wanted(), set[tuple[str, int, Frame]]()
    asked: list[PlannedGoal] = []
    found: list[tuple[date, tuple[PlannedGoal, ...], tuple[PlannedGoal, ...]]] = []
    for as_of in days:
        said: list[Problem] = []
        goals = tuple(_framed(goal, meaning.settings, catalogue, as_of, said) for goal in outlines)
        unseen = tuple(_framed(goal, meaning.settings, catalogue, as_of, []) for goal in others)
        new, new_beside = ([_unseen(goal, seen) for goal in some] for some in (goals, unseen))
        wanted.ask(new, new_beside, catalogue, as_of)
        asked += new
        problems |= dict.fromkeys(said)
        found.append((as_of, goals, unseen))
    sources = wanted.reductions(asked, catalogue, meaning.settings)
    return [Plan(as_of, meaning.settings, goals, sources, unseen) for as_of, goals, unseen in found], list(problems)


def _unseen(goal: PlannedGoal, seen: set[tuple[str, int, Frame]]) -> PlannedGoal:
    """The goal with the frames that no day before had; one that is not over for good is looked at on each day."""
    planned: list[PlannedRule | ChildRule] = []
    for number, rule in enumerate(goal.rules):
        if isinstance(rule, PlannedRule):
            new = [f for f in rule.frames if not f.for_good or (goal.goal.id, number, f) not in seen]
            seen.update((goal.goal.id, number, frame) for frame in new)
            planned.append(replace(rule, frames=tuple(new)))
        else:
            planned.append(rule)
    return replace(goal, rules=tuple(planned))


def _kpi_rules(goal: Goal) -> Iterator[KpiRule]:
    return (rule for rule in goal.rules if isinstance(rule, KpiRule))


class _Wanted(Struct):
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
            for planned in goal.rules:
                if isinstance(planned, PlannedRule):
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
        for planned in (planned for goal in beside for planned in goal.rules if isinstance(planned, PlannedRule)):
            together = [frame for frame in planned.frames if proven_together(planned, frame)]
            for _, name, scope in (part for frame in together for part in compared(planned, frame)):
                self.numbers += _asked(catalogue, name, scope)
            for window in _windows_by_day(planned, together):
                self.by_day += leaves(catalogue, planned.rule.kpi, planned.scope(window))

    def ask_trends(self, goals: Iterable[PlannedGoal], catalogue: Catalogue) -> None:
        """The days of every rule, those of segments to be read later."""
        for planned in (rule for goal in goals for rule in goal.rules if isinstance(rule, PlannedRule)):
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


def _goal(goal: Goal, meaning: Meaning, catalogue: Catalogue, as_of: date, problems: list[Problem]) -> PlannedGoal:
    found = _framed(_outline(goal, catalogue), meaning.settings, catalogue, as_of, problems)
    rules = [rule for rule in found.rules if isinstance(rule, PlannedRule) and rule.frames]
    diagnoses = (_diagnosis(diagnosis, rules, catalogue) for diagnosis in meaning.diagnoses)
    return replace(found, diagnoses=tuple(one for one in diagnoses if one is not None))


def _outline(goal: Goal, catalogue: Catalogue, *, deciding: bool = False, proving: bool = False) -> PlannedGoal:
    """The goal without its frames: what is the same on every day.

    *deciding*: how much days vary is asked only where it decides; where some rule is *proving*, of all changes.
    """
    planned: list[PlannedRule | ChildRule] = []
    for rule in goal.rules:
        if isinstance(rule, ChildRule):
            planned.append(rule)
            continue
        sources = tuple(catalogue.sources_of(rule.kpi))
        change = isinstance(rule.ask, Change)
        told = change and not rule.by and not deciding
        splits = splits_of(catalogue, rule.kpi, sources, rule.where) if told else Splits()
        tables = {name: [catalogue.tables[s] for s in catalogue.sources_of(name)] for name in named_levels(rule)}
        whole = frozenset(name for name, of in tables.items() if any(table.grain is not Unit.DAY for table in of))
        spreads = not deciding or rule.pace.by_chance or (change and proving)
        kind = nature(catalogue, rule.kpi)
        planned.append(PlannedRule(rule, kind, (), sources, goal.calendar, splits, whole, spreads))
    return PlannedGoal(goal, tuple(planned))


def _framed(
    goal: PlannedGoal, settings: Settings, catalogue: Catalogue, as_of: date, problems: list[Problem]
) -> PlannedGoal:
    """The goal with the frames of its rules as of a day."""
    planned: list[PlannedRule | ChildRule] = []
    for rule in goal.rules:
        if isinstance(rule, PlannedRule):
            last = last_complete_day(catalogue, rule.rule.kpi, as_of, settings.calendar)
            found = tuple(frames(rule.rule, goal.goal, rule.nature, last, problems))
            planned.append(replace(rule, frames=found))
        else:
            planned.append(rule)
    return PlannedGoal(goal.goal, tuple(planned))


def _diagnosis(diagnosis: Diagnosis, rules: Sequence[PlannedRule], catalogue: Catalogue) -> PlannedDiagnosis | None:
    """A diagnosis over the days and segments of the goal's first rule about one of its KPIs.

    Else of the first whose KPI is made of one, or that one is made of; None where there is no such rule, or nothing to
    see of it yet.
    """
    names = {read.name for read in diagnosis.when.reads}
    parts = {part for name in names for part in catalogue.parts_of(name)}
    about = [rule for rule in rules if rule.rule.kpi in names]
    about += [rule for rule in rules if names & catalogue.parts_of(rule.rule.kpi)]
    about += [rule for rule in rules if rule.rule.kpi in parts]
    if not about or not about[0].frames[-1].elapsed:
        return None
    scope = about[0].value_scope(about[0].frames[-1])
    planned = PlannedDiagnosis(diagnosis, scope, about[0].sources)
    return replace(planned, unreadable=_untold(planned, catalogue))


def _untold(planned: PlannedDiagnosis, catalogue: Catalogue) -> str | None:
    """Why the numbers of a diagnosis cannot be had for its segments and filters: a source does not tell them apart."""
    for name, scope in planned.looks():
        for metric, at in leaves(catalogue, name, scope):
            for source, _ in metric.columns:
                table = catalogue.tables[source]
                missing = next((one for one in at.dimensions if not table.is_dimension(one)), None)
                if missing is not None:
                    return say(
                        "'{metric}' is not told by {dimension}: '{source}' has no such dimension",
                        metric=metric.id,
                        dimension=missing,
                        source=source,
                    )
    return None


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


def _sets_by_day(
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
    day_sets = _sets_by_day([*by_day, *(one for one in wanted if one[1].by_day)], catalogue)
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
    rules = (planned for goal in goals for planned in goal.rules if isinstance(planned, PlannedRule))
    names = {
        planned.rule.kpi
        for planned in rules
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

"""What packs offer and the data allows: columns they describe, metrics they compute, formulas whose parts are there.

Nothing here stops a run. What does not apply is withheld with its reason, which is said when somebody names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.dates import days_in
from goalkeeper.definitions import (
    STOCK_MAX_AGE,
    Catalogue,
    Definition,
    KpiDefinition,
    MetricDefinition,
    Only,
    filter_of,
    label_of,
    labels_of,
)
from goalkeeper.filters import day_problems, dimension_problems, places_of
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.kinds import define, define_kpi, known_for, refusal, refused_kinds, weight_problem
from goalkeeper.model import Kpi, Metric
from goalkeeper.problems import Problem, Span
from goalkeeper.project import Offers, Placed
from goalkeeper.said import Said, all_of, listed, say
from goalkeeper.sources.given import source_of
from goalkeeper.sources.table import ColumnKind, Table
from goalkeeper.times import timed_of
from goalkeeper.units import MONEY
from goalkeeper.unknown import column_help, nowhere, unfit_for, use_problem
from goalkeeper.words import Names, fold


class _Lack(Struct, frozen=True):
    """Why something of a pack does not apply: the metrics that no source has, or else what is wrong with one."""

    names: tuple[str, ...] = ()
    problem: Problem | None = None


class Offering(Struct):
    """The taking of what packs offer, into `definitions`."""

    offers: Offers
    tables: Mapping[str, Table]
    open: bool
    own: AbstractSet[str]
    """What goal files declare, whether it reads or not."""
    definitions: MutableMapping[str, Definition]
    withheld: dict[str, Problem] = field(default_factory=dict)
    places: dict[Only, Mapping[str, Span]] = field(default_factory=dict)
    lacks: dict[str, _Lack | None] = field(default_factory=dict)

    def take(self) -> None:
        """Define what applies, and withhold what does not."""
        # An average needs its weight, which may be a metric of a pack itself.
        for name, placed in sorted(self.offers.metrics.items(), key=lambda item: item[1].written.weighted_by or ""):
            self._keep(name, self._metric(name, placed))
        for name in self.offers.kpis:
            self._keep(name, self._kpi(name, ()))
        for name, unit in self.offers.units.items():
            own = self.definitions.get(name)
            if isinstance(own, MetricDefinition) and own.unit is None:
                self.definitions[name] = replace(own, unit=unit)

    def applied(self, entries: Mapping[str, Placed[Any]]) -> dict[str, Placed[Any]]:
        """Those of *entries* that define or describe something."""
        packs, found = self.offers.packs, self.definitions
        return {name: entry for name, entry in entries.items() if name in found and found[name].pack == packs[name]}

    def take_back(self, faults: Mapping[str, list[Problem]]) -> None:
        """Withhold the KPIs whose formulas do not fit the units of the data, and those made of them."""
        waiting = {
            name: replace(found[0], message=self._is(name, found[0].message))
            for name, found in faults.items()
            if name in self.offers.kpis and found
        }
        while waiting:
            for name, problem in waiting.items():
                self.definitions.pop(name, None)
                self.withheld[name] = replace(problem, span=None)
            gone = waiting.keys()
            waiting = {
                name: _reads(name, read, waiting[read])
                for name, reads in self._formulas()
                if (read := min(gone & reads, default=None)) is not None
            }

    def _is(self, name: str, problem: str) -> Said:
        """What a KPI is, and what is wrong with that."""
        formula = str(self.offers.kpis[name].written.formula).strip()
        return say("'{name}' is {formula}: {problem}", name=name, formula=formula, problem=problem)

    def _formulas(self) -> Iterator[tuple[str, set[str]]]:
        for name in self.offers.kpis:
            definition = self.definitions.get(name)
            if isinstance(definition, KpiDefinition):
                yield name, {read.name for read in definition.formula.reads}

    def _keep(self, name: str, lack: _Lack | None) -> None:
        self.lacks[name] = lack
        if lack is None:
            return
        if name in self.offers.kpis and name in self.definitions:
            # A column that holds ready-made rates: it cannot be added up, and what it is made of is not there.
            del self.definitions[name]
        if name not in self.definitions:
            self.withheld[name] = self._withheld(name, lack)

    def _withheld(self, name: str, lack: _Lack) -> Problem:
        if lack.problem is not None:
            return lack.problem
        first = lack.names[0]
        needs = say("'{name}' needs {names}, which no source has", name=name, names=listed(lack.names))
        message = nowhere(first) if lack.names == (name,) else needs
        return Problem("GK216", message, help=self._cure(first))

    def _cure(self, name: str) -> str:
        return column_help(name, self.tables) or say(
            "name its column under the source, {columns}, or give it under metrics: or kpis:",
            columns=say("columns: {{{name}: the header}}", name=name),
        )

    # metrics

    def _metric(self, name: str, placed: Placed[Metric]) -> _Lack | None:
        metric, column = placed.written, self.definitions.get(name)
        if metric.values:
            source = source_of(name)
            return self._define(name, placed, ((source, name),) if source in self.tables else (), "flow")
        if _computed(metric, name):
            if self._stands(column):
                self._describe(name, metric)
                return None
            return self._compute(name, placed)
        if isinstance(column, MetricDefinition):
            return self._describe_as(name, placed, column)
        if self.open:
            self._define(name, placed, (), metric.kind or "flow")
            return None
        return _Lack((name,))

    def _describe_as(self, name: str, placed: Placed[Metric], column: MetricDefinition) -> _Lack | None:
        """A column as a pack describes it; where that cannot be, its numbers cannot be told either."""
        metric = placed.written
        if column.of_format:  # the format of its file knows it better
            self._describe(name, metric)
            return None
        kind = metric.kind or column.kind
        two_ways = column.refused is not None and column.refused.code == "GK211"
        defined = replace(
            define(name, metric, column.columns, kind, max_age=_max_age(placed)),
            unit=column.unit or metric.unit,
            declared=False,
            known_as=column.known_as,
            refused=column.refused if kind == "flow" or two_ways else None,
            pack=self.offers.packs[name],
        )
        problem = self._weight_problem(defined, placed)
        if problem is not None:
            self.definitions[name] = replace(column, refused=problem)
            return _Lack(problem=problem)
        self.definitions[name] = defined
        return None

    def _compute(self, name: str, placed: Placed[Metric]) -> _Lack | None:
        """A metric that a pack takes from another column, or from rows of its own choice."""
        metric = placed.written
        asked = [metric.source] if isinstance(metric.source, str) else metric.source
        by_source: dict[str, str] = {}
        for one, table in self.tables.items():
            if _has(table, name, metric):
                by_source.setdefault(table.of, one)
        having = [by_source[source] for source in asked or by_source if source in by_source]
        if not having and not self.open:
            named = [metric.from_, metric.to, *metric.where]
            needed = metric.column or next((d for d in named if d is not None and not self._anywhere(d)), name)
            return _Lack((needed,))
        if asked and len(having) < len(asked) and not self.open:
            missing = next(source for source in asked if source not in by_source)
            message = say("'{name}' is not in source '{source}'", name=name, source=missing)
            return _Lack(problem=Problem("GK216", message))
        if len(having) > 1 and not asked:
            message = say("'{name}' can be read from {sources}", name=name, sources=listed(having))
            help_ = say("declare it in this file, with its source: {source}", source=having[0])
            return _Lack(problem=Problem("GK207", message, help=help_))
        columns = []
        for source in having:
            found = None if metric.count else self.tables[source].column(metric.column or metric.to or name)
            unfit = unfit_for(metric, self.tables[source], found) if found else None
            if unfit is not None:
                return _Lack(problem=unfit)
            columns.append((source, found.id if found else None))
        known = None if metric.kind or metric.count or metric.to else known_for(name, metric.column)
        problem = refusal(name, known, None, declared=True) if known else None
        if problem is not None:
            return _Lack(problem=problem)
        return self._define(name, placed, tuple(columns), metric.kind or (known.kind if known else "flow"))

    def _define(
        self, name: str, placed: Placed[Metric], columns: tuple[tuple[str, str | None], ...], kind: str
    ) -> _Lack | None:
        metric = placed.written
        times = timed_of(name, placed, {source: self.tables[source] for source, _ in columns if source in self.tables})
        if times.problems:
            return _Lack(problem=replace(times.problems[0], span=None))
        defined = define(name, metric, columns, kind, filter_of(metric.where), _max_age(placed))
        defined = replace(defined, between=times.between, within=times.within, pack=self.offers.packs[name])
        problem = self._weight_problem(defined, placed)
        if problem is not None:
            return _Lack(problem=problem)
        self.places.update(places_of(metric.where, placed))
        self.definitions[name] = defined
        return None

    def _anywhere(self, column: str) -> bool:
        return any(column in table.columns for table in self.tables.values())

    def _weight_problem(self, metric: MetricDefinition, placed: Placed[Metric]) -> Problem | None:
        if metric.weighted_by is None:
            return None
        weight = self.definitions.get(metric.weighted_by)
        if weight is None and self.open:
            return None
        if weight is None:
            needs = listed([metric.weighted_by])
            message = say("'{name}' needs {names}, which no source has", name=metric.id, names=needs)
            return Problem("GK216", message, help=self._cure(metric.weighted_by))
        found = weight_problem(metric, weight, placed.at("weighted_by"))
        return replace(found, span=None) if found else None

    # KPIs

    def _stands(self, column: Definition | None) -> bool:
        """Whether a column of the data is counted as it is: it stands before what a pack would compute."""
        if not isinstance(column, MetricDefinition) or column.declared or column.refused is not None:
            return False
        return column.of_format or column.kind not in refused_kinds()

    def _describe(self, name: str, entry: Metric | Kpi) -> None:
        """A column with what a pack says of the number that it holds, where its file does not say it."""
        column = self.definitions[name]
        self.definitions[name] = replace(
            column,
            unit=column.unit or (None if entry.unit == MONEY else entry.unit),
            direction=column.direction or entry.direction,
            label=column.label or label_of(entry.label),
            level=column.level or entry.level,
            stage=column.stage or entry.stage,
            aspect=column.aspect or entry.aspect,
            about=entry.about,
            pack=self.offers.packs[name],
        )

    def _kpi(self, name: str, way: tuple[str, ...]) -> _Lack | None:
        if name in self.lacks or name in way:
            return self.lacks.get(name)  # those that refer to each other in a circle are found later
        placed, column = self.offers.kpis[name], self.definitions.get(name)
        kpi = placed.written
        if self._stands(column):
            self._describe(name, kpi)
            return None
        parsed = parse_formula(str(kpi.formula))
        if not isinstance(parsed, Formula):
            return _Lack(problem=Problem(parsed[0].code, say("the formula of '{name}' does not read", name=name)))
        lack = self._lack(name, parsed, (*way, name))
        if lack is not None:
            return lack
        self.definitions[name] = define_kpi(name, kpi, parsed, filter_of(kpi.where), self.offers.packs[name])
        return self._undimensioned(name, placed) or self._without_days(name, placed, parsed)

    def _lack(self, name: str, formula: Formula, way: tuple[str, ...]) -> _Lack | None:
        """What a formula reads and the data does not have, or has in a way that cannot be used."""
        missing: dict[str, None] = {}
        for read in dict.fromkeys(read.name for read in formula.reads):
            lack = self._lack_of(read, way)
            if lack is not None and lack.problem is not None:
                return _Lack(problem=_reads(name, read, lack.problem))
            missing |= dict.fromkeys(lack.names if lack else ())
        return _Lack(tuple(missing)) if missing else None

    def _lack_of(self, read: str, way: tuple[str, ...]) -> _Lack | None:
        if read in self.own:
            return None
        if read in self.offers.kpis:
            lack = self._kpi(read, way)
            self._keep(read, lack)
            return lack
        problem = use_problem(read, self.definitions.get(read), None)
        if problem is not None:
            return _Lack(problem=problem)
        if read in self.definitions:
            return None
        if self.open:
            self.definitions[read] = MetricDefinition(read, (), "flow")
            return None
        return self.lacks.get(read) or _Lack((read,))

    def _undimensioned(self, name: str, placed: Placed[Kpi]) -> _Lack | None:
        """What the filter of a KPI speaks of and its sources do not have."""
        where = placed.written.where
        sources = Catalogue(self.definitions, Names({}), self.tables).sources_of(name) if where else ()
        tables = [self.tables[source] for source in sources if source in self.tables]
        problem = next(dimension_problems(tables, {one: placed.at("where", one, key=True) for one in where}), None)
        if problem is not None:
            del self.definitions[name]
            message = say(
                "'{name}' is of {only} alone: {problem}",
                name=name,
                only=all_of(map(str, filter_of(where))),
                problem=problem.message,
            )
            return _Lack(problem=replace(problem, message=message, span=None))
        self.places.update(places_of(where, placed))
        return None

    def _without_days(self, name: str, placed: Placed[Kpi], formula: Formula) -> _Lack | None:
        """What a KPI looks at by day and has no single days, or by a dimension that its sources do not have."""
        known = Catalogue(self.definitions, Names({}), self.tables)
        problem = next(day_problems(known, placed, "formula", formula), None)
        if problem is None:
            return None
        del self.definitions[name]
        return _Lack(problem=replace(problem, message=self._is(name, problem.message), span=None))


def offered_names(offers: Offers) -> dict[str, str]:
    """The names and labels that packs give; a label that two things have names neither."""
    ids = {name: name for name in (*offers.metrics, *offers.kpis)}
    by_label: dict[str, dict[str, str]] = {}
    entries: Iterable[tuple[str, Placed[Any]]] = (*offers.metrics.items(), *offers.kpis.items())
    for name, placed in entries:
        for label in labels_of(placed.written.label):
            by_label.setdefault(fold(label), {})[name] = label
    return {next(iter(named.values())): next(iter(named)) for named in by_label.values() if len(named) == 1} | ids


def offered_directions(offers: Offers) -> dict[str, str]:
    """The directions that packs give; `improve` reads them of what is withheld, too."""
    entries: dict[str, Placed[Any]] = {**offers.metrics, **offers.kpis}
    return {name: placed.written.direction for name, placed in entries.items() if placed.written.direction}


def _has(table: Table, name: str, metric: Metric) -> bool:
    """Whether a table has all that a metric of a pack takes from it."""
    if table.numbers is not None or not metric.where.keys() <= table.columns.keys():
        return False
    if metric.from_ is not None and metric.to is not None:
        return table.column(metric.from_) is not None and table.column(metric.to) is not None
    column = None if metric.count else table.column(metric.column or name)
    return bool(metric.count) or (column is not None and column.kind in {ColumnKind.NUMBER, ColumnKind.EMPTY})


def _computed(metric: Metric, name: str) -> bool:
    """Whether a metric says itself where its numbers come from."""
    return bool(metric.count or metric.where or metric.source or metric.to or metric.column not in {None, name})


def _max_age(placed: Placed[Metric]) -> int:
    """How many days a metric may be old; what is wrong with it is said where the pack is read."""
    return days_in(placed.written.max_age, placed.at("max_age"), []) or STOCK_MAX_AGE.in_days


def _reads(name: str, read: str, problem: Problem) -> Problem:
    """Why *name* cannot be told: it reads something that cannot be used."""
    message = say("'{name}' reads '{other}': {problem}", name=name, other=read, problem=problem.message)
    return replace(problem, message=message, span=None)

"""A goal file as tests see it: the numbers that it asks for, and the columns of sources that tests may fill."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import Calendar, Unit
from goalkeeper.catalogue import build
from goalkeeper.definitions import Catalogue, KpiDefinition, Only, is_of_time, is_pattern, without_times
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.meaning import Meaning
from goalkeeper.model import Metric
from goalkeeper.model_report import Stage
from goalkeeper.model_sources import Source
from goalkeeper.opening import own_formats
from goalkeeper.paths import Allowed
from goalkeeper.planned import names_in
from goalkeeper.problems import Problem, did_you_mean, errors
from goalkeeper.project import Placed, Project
from goalkeeper.resolve import resolve
from goalkeeper.running import read
from goalkeeper.said import listed, say
from goalkeeper.settings import calendar_of_file
from goalkeeper.sources.formats import Format, Measured, Shape
from goalkeeper.sources.shipped import shipped_format
from goalkeeper.sources.table import Column, ColumnKind, Table
from goalkeeper.statements import KpiRule
from goalkeeper.tables import written_values
from goalkeeper.testing.asked import trusting
from goalkeeper.times import timed_of
from goalkeeper.words import fold


class Ground(Struct, frozen=True, dict=True):
    """A project with what its names mean before any data is seen, and its sources. `given` are its own written values."""

    written: Project
    catalogue: Catalogue
    meaning: Meaning
    sources: Mapping[str, TestedSource]
    given: Mapping[str, Table]
    calendar: Calendar

    @cached_property
    def needed(self) -> frozenset[str]:
        """Every metric that rules, KPIs, diagnoses and stages of the goal files read."""
        return frozenset(_needed(self))

    @cached_property
    def described(self) -> Mapping[str, Placed[Metric]]:
        """The metrics that are more than a column of their name, by id."""
        computed = {n: placed for n, placed in self.written.offers.metrics.items() if _is_computed(placed.written)}
        return {**computed, **self.written.metrics()}

    def metrics_of(self, name: str) -> list[str]:
        """The metrics that a metric or KPI is made of, by id; what is not known is a column of that name."""
        found = [metric.id for metric in self.catalogue.metrics_of(name)]
        weights = [m.weighted_by for m in self.catalogue.metrics_of(name) if m.weighted_by]
        return list(dict.fromkeys([*(found or [name]), *weights]))

    def read_by(self, rule: KpiRule) -> list[str]:
        """The metrics that the verdict of a rule is made from."""
        return list(dict.fromkeys(metric for name in names_in(rule) for metric in self.metrics_of(name)))

    def filters_of(self, rule: KpiRule) -> set[Only]:
        """The filters that the numbers of a rule come through: its own, and those of what it is made of."""
        parts = {part for name in names_in(rule) for part in self.catalogue.parts_of(name)}
        own = (self.catalogue.definitions[part].where for part in parts if part in self.catalogue.definitions)
        return {*rule.where, *(only for where in own for only in where)}

    def sites(self, name: str, source: str | None = None) -> list[Site]:
        """Where the numbers of a metric stand: a place in each of its sources.

        Where it is not known which source it comes from, all that it may come from; see `Site.may_be`.
        """
        placed = self.described.get(name)
        if placed is None:
            known = [s for s, one in self.sources.items() if name in one.measured]
            having = known or [s for s, one in self.sources.items() if not one.measured] or list(self.sources)
            return [Site(s, name, may_be=len(having) > 1) for s in having if source in {None, s}]
        metric = placed.written
        if metric.values or _is_of_times(metric):
            return []
        column = None if metric.count else metric.column or name
        having = self.sources_of(metric, column)
        fixed, free = _conditions(metric)
        return [
            Site(
                s,
                self.sources[s].ours(column) if column else None,
                fixed,
                free,
                metric.source is None and len(having) > 1,
            )
            for s in having
            if s in self.sources and source in {None, s}
        ]

    def sources_of(self, metric: Metric, column: str | None) -> list[str]:
        """The sources that a metric with this column comes from, as far as its goal file says."""
        if metric.source is None:
            return [s for s, one in self.sources.items() if column in one.measured] or list(self.sources)
        return [metric.source] if isinstance(metric.source, str) else list(metric.source)

    def times_of(self, name: str) -> dict[str, set[str]]:
        """The columns of times that a metric looks at, by source."""
        placed = self.described[name]
        timed = timed_of(name, placed, {})
        pairs = [*(one.between for one in timed.within), *([timed.between] if timed.between else [])]
        columns = {column for pair in pairs for column in (pair.since, pair.until)}
        return {s: columns for s in self.sources_of(placed.written, None) if s in self.sources and columns}

    def refused(self, key: str) -> Problem | None:
        """Why a test cannot give the numbers of *key*, without a place; None when it can."""
        name = self.name_of(key)[0]
        placed = self.described.get(name)
        metric = placed.written if placed is not None else None
        if metric is not None and metric.values:
            text = say("'{metric}' has values of its own in the goal file", metric=name)
            return Problem("GK603", text, help=say("take the series out: they are judged"))
        if metric is not None and _is_of_times(metric):
            text = say("'{metric}' comes from the times of single rows, which a series does not have", metric=name)
            help_ = say("test this rule on a small data file, with goalkeeper score")
            return Problem("GK603", text, help=help_)
        if name in self.kpis and name not in self.needed:
            help_ = say("give the numbers that it is made of: {metrics}", metrics=listed(self.metrics_of(name)))
            return Problem("GK602", say("'{kpi}' is a KPI", kpi=name), help=help_)
        return self._unknown(key)

    @property
    def kpis(self) -> Collection[str]:
        """The KPIs by id."""
        return {name for name, one in self.catalogue.definitions.items() if isinstance(one, KpiDefinition)}

    @cached_property
    def folded(self) -> Mapping[str, str]:
        """The metrics that tests may name, by their names as they are compared."""
        return {fold(name): name for name in sorted({*self.needed, *self.described})}

    def name_of(self, key: str) -> tuple[str, str | None]:
        """The metric that the key of a series means, and its source where the key says it: `ads.clicks`."""
        if fold(key) in self.folded:
            return self.folded[fold(key)], None
        source, dot, name = key.rpartition(".")
        if dot and source in self.sources:
            return self.folded.get(fold(name), name), source
        return key, None

    def _unknown(self, key: str) -> Problem | None:
        """That *key* is nothing whose numbers matter here."""
        name, source = self.name_of(key)
        if fold(name) in self.folded or self._is_column(name, source):
            return None
        before = key.rpartition(".")[0]
        if before and source is None and before not in self.sources:
            help_ = did_you_mean(before, self.sources)
            return Problem("GK602", say("'{source}' is no source of the goal files", source=before), help=help_)
        help_ = did_you_mean(name, {*self.needed, *self.described})
        return Problem("GK602", say("nothing that is judged reads '{metric}'", metric=name), help=help_)

    def _is_column(self, name: str, source: str | None) -> bool:
        """Whether a metric that is read has this column in the source."""
        return any(
            site.column == name and site.source == source for metric in self.described for site in self.sites(metric)
        )


class Site(Struct, frozen=True):
    """Where the numbers of a metric stand: a column of a source (None counts rows), in rows of `where`.

    `free` are dimensions whose value the metric leaves open, `may_be` says that the source is one of several.
    """

    source: str
    column: str | None
    where: Mapping[str, str] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    may_be: bool = False


class TestedSource(Struct, frozen=True):
    """A source that tests fill; of one with a format, the columns that it knows."""

    placed: Placed[Source]
    grain: Unit
    measured: Mapping[str, Measured] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ()
    form: Format | None = None

    def ours(self, column: str) -> str:
        """The name that a column has here, where it is named by its header."""
        return next((ours for ours, header in self.placed.written.columns.items() if header == column), column)

    def column(self, name: str, beside: Iterable[str] = ()) -> Column:
        """A column of numbers; an average is weighed by the first of its weights that is *beside* it."""
        known = self.measured.get(name)
        if known is None:
            return Column(name, self.placed.written.columns.get(name, name), ColumnKind.NUMBER)
        facts = known.facts
        if known.weights:
            facts = replace(facts, weighted_by=next((w for w in known.weights if w in beside), known.weights[0]))
        return Column(name, name, ColumnKind.NUMBER, facts=facts, unit=facts.unit)


def ground_of(goals: Sequence[Path], allowed: Allowed) -> tuple[Ground | None, list[Problem]]:
    """The goal files as tests see them, or what is wrong with them."""
    written, problems = read(list(goals), against_schema=True, allowed=allowed)
    if written is None or errors(problems):
        return None, problems
    values = written_values(written)
    problems += values.problems
    own = own_formats(written)
    sources = {}
    for name, placed in written.sources().items():
        form = placed.written.format
        known = (own.get(form) or shipped_format(form)) if form is not None else None
        if form is not None and known is None:
            problems.append(Problem("GK209", say("unknown format '{format}'", format=form), placed.at("format")))
        sources[name] = _source(placed, known)
    from goalkeeper.testing.stage import blank_table  # which needs this module to say what a source is

    blank = {n: blank_table(n, one, one.measured) for n, one in sources.items() if one.measured}
    catalogue, found = build(written, {**values.tables, **blank}, unseen=list(sources))
    catalogue = trusting(catalogue, written)
    meaning, more = resolve(written, catalogue)
    problems += [*found, *more]
    if errors(problems):
        return None, problems
    calendar = calendar_of_file(written.settings.written.defaults)
    return Ground(written, catalogue, meaning, sources, values.tables, calendar), problems


def _source(placed: Placed[Source], form: Format | None) -> TestedSource:
    source = placed.written
    if form is None:
        return TestedSource(placed, Unit(source.grain))
    read = [shape for shape in form.shapes if shape.not_read is None]
    first = [shape for shape in read if not shape.apart] or read
    shapes = tuple(s for s in read if source.table in {s.name, s.part_of}) if source.table else tuple(first)
    measured = {column.id: column for shape in reversed(shapes) for column in shape.measured}
    for ours, header in source.columns.items():
        found = next((column for column in measured.values() if column.headers.find(header)), None)
        if found is not None:
            measured[ours] = found
    own = "grain" in source.model_fields_set or not shapes
    return TestedSource(placed, Unit(source.grain if own else shapes[0].grain), measured, shapes, form)


def _needed(ground: Ground) -> Iterator[str]:
    names = [
        name
        for goal in ground.meaning.goals
        for rule in goal.rules
        if isinstance(rule, KpiRule)
        for name in names_in(rule)
    ]
    names += ground.written.kpis()
    for placed in ground.written.diagnoses():
        parsed = parse_formula(placed.written.when)
        names += [read.name for read in parsed.reads] if isinstance(parsed, Formula) else []
    for file in ground.written.files:
        names += [stage.volume for stage in file.written.stages or () if isinstance(stage, Stage) and stage.volume]
    for name in dict.fromkeys(names):
        yield from ground.metrics_of(name)
    for name in ground.written.metrics():
        yield from (other for other in ground.metrics_of(name) if other != name)


def _is_of_times(metric: Metric) -> bool:
    """Whether a metric comes from the times of single rows."""
    return bool(metric.from_ or metric.to) or any(map(is_of_time, metric.where.values()))


def _is_computed(metric: Metric) -> bool:
    return bool(metric.column or metric.where or metric.count or metric.from_ or metric.to or metric.values)


def _conditions(metric: Metric) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values that the rows of a metric must have, and the dimensions in which it leaves a choice."""
    fixed: dict[str, str] = {}
    free: list[str] = []
    for dimension, condition in without_times(metric.where).items():
        if isinstance(condition, str) and not is_pattern(condition):
            fixed[dimension] = condition
        elif isinstance(condition, bool | int | float):
            fixed[dimension] = str(condition).lower() if isinstance(condition, bool) else str(condition)
        else:
            free.append(dimension)
    return fixed, tuple(free)

"""What metrics and KPIs are made of, how they add up, and everything that has a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import assert_never

from msgspec import Struct, field

from goalkeeper.breaks import Break
from goalkeeper.calendar import Duration, Unit
from goalkeeper.formula import Formula
from goalkeeper.model import Label
from goalkeeper.model_base import Condition, Not, Where
from goalkeeper.problems import Problem, Span
from goalkeeper.said import Figure, one_of, say
from goalkeeper.sources.table import Table
from goalkeeper.units import COUNT
from goalkeeper.words import Names

_WITHIN = re.compile(r"\s*(?:not\s+)?within\s+(?:\d|\S.*\sof\s)", re.IGNORECASE)
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
STOCK_MAX_AGE = Duration(7, Unit.DAY)
LEVEL_KINDS = frozenset({"stock", "rank", "running_total"})
"""Kinds that are read at the edges of windows."""
_COUNTS = frozenset({"flow", "running_total", "stock", "unique"})

Filter = tuple["Only", ...]


class Only(Struct, frozen=True, order=True):
    """Rows whose dimension has one of these values or patterns; `negated`: none of them."""

    dimension: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        return say(
            "{dimension} other than {values}" if self.negated else "{dimension} {values}",
            dimension=self.dimension,
            values=one_of(self.values) if self.values else "",
        )


class Between(Struct, frozen=True, order=True):
    """The time of a row from what one column says to what another one says, by the ids of both."""

    since: str
    until: str


class Within(Struct, frozen=True, order=True):
    """Rows with at most so many seconds between two times, the second not before the first."""

    between: Between
    seconds: int

    def __str__(self) -> str:
        unit, size = next((u, s) for u, s in (("day", 86_400), ("hour", 3600), ("minute", 60)) if not self.seconds % s)
        count = self.seconds // size
        unit = unit if count == 1 else f"{unit}s"
        return say(
            "{until} within {time} of {since}",
            until=self.between.until,
            time=Figure(f"{count} {unit}", str(count), unit),
            since=self.between.since,
        )


class Touch(Struct, frozen=True):
    """A metric of one source that changed its meaning, and the factor that turns the old numbers into new ones."""

    change: Break
    source: str
    where: Filter = ()
    """The rows that changed."""
    folded: bool = False
    """Whether `where` holds names as `breaks.fold` makes them."""
    factor: float | None = None
    weight_factor: float = 1.0
    """For an average whose weight is touched: the factor of the weight."""


Places = Mapping[Only, Mapping[str, Span]]
"""Where each value of a filter is written."""


class MetricDefinition(Struct, frozen=True):
    """A column that can be counted. `columns` has a header for each source; None counts rows."""

    id: str
    columns: tuple[tuple[str, str | None], ...]
    kind: str
    weighted_by: str | None = None
    where: Filter = ()
    unit: str | None = None
    direction: str | None = None
    label: str | None = None
    max_age: int = STOCK_MAX_AGE.in_days
    """For a stock, running total or rank: how many days before the edge of a window its last value may lie."""
    declared: bool = True
    """False for a numeric column that is used under its own name."""
    level: int | None = None
    """1 for vanity, 2 for amplification, 3 for outcomes; None when nobody says."""
    known_as: str | None = None
    """For a numeric column that is used under another name: its header."""
    quantile: float | None = None
    """For a median or percentile: the share of events that stay at or below it."""
    begins_at_zero: bool = False
    """For a running total: whether a segment had nothing before its first row."""
    touches: tuple[Touch, ...] = ()
    of_format: bool = False
    """Whether the format of its file says what it is."""
    refused: Problem | None = None
    """Why the numbers of a column that nobody declared cannot be added up."""
    stage: str | None = None
    """The stage of the funnel, as written."""
    aspect: str | None = None
    """`influence`, `interaction` or `distribution`."""
    about: str | None = None
    pack: str | None = None
    """The pack that describes it; None for what is the goal files' own."""
    between: Between | None = None
    """For a number that is no column: the two whose difference it is, in the unit of the metric."""
    within: tuple[Within, ...] = ()
    """The conditions on times that a row must meet, besides those of `where`."""
    in_place_of: tuple[str, ...] = ()
    """The metrics and KPIs that count people, in whose place it can be known."""
    instead: tuple[str, ...] = ()
    """For people: what can be known in their place, in words."""

    def least_filled(self, min_coverage: float) -> float:
        """The share of rows that must have a number. A row without an answer is no gap: it took no time."""
        return min_coverage if self.between is None else 0.0

    def empty(self, empty: int, rows: int, source: str = "") -> str:
        """What is said of rows without a number."""
        if self.between is None:
            return say(
                "'{metric}' is empty in {empty:,} of {rows:,} rows of '{source}'"
                if source
                else "'{metric}' is empty in {empty:,} of {rows:,} rows",
                metric=self.id,
                empty=empty,
                rows=rows,
                source=source,
            )
        return say(
            "{empty:,} of {rows:,} rows of '{source}' have no '{metric}': '{until}' is blank, or before '{since}'"
            if source
            else "{empty:,} of {rows:,} rows have no '{metric}': '{until}' is blank, or before '{since}'",
            metric=self.id,
            empty=empty,
            rows=rows,
            source=source,
            until=self.between.until,
            since=self.between.since,
        )


class KpiDefinition(Struct, frozen=True):
    """A formula over metrics and KPIs."""

    id: str
    formula: Formula
    where: Filter = ()
    unit: str | None = None
    direction: str | None = None
    label: str | None = None
    level: int | None = None
    """As that of a metric, and so are the next five."""
    stage: str | None = None
    aspect: str | None = None
    about: str | None = None
    pack: str | None = None
    in_place_of: tuple[str, ...] = ()


Definition = MetricDefinition | KpiDefinition


class Catalogue(Struct, frozen=True):
    """Metrics and KPIs by id, and the names under which rules may speak of them."""

    definitions: Mapping[str, Definition]
    names: Names
    tables: Mapping[str, Table]
    places: Places = field(default_factory=dict)
    """Where the filters of metrics and KPIs are written."""
    withheld: Mapping[str, Problem] = field(default_factory=dict)
    """What packs offer and the data does not allow, each by id with the reason; the reason has no place."""

    def metrics_of(self, name: str) -> Iterator[MetricDefinition]:
        """The metrics that a metric or KPI is made of, each once; weights among them."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop(0)
            if current in seen:
                continue
            seen.add(current)
            match self.definitions.get(current):
                case MetricDefinition() as metric:
                    yield metric
                    if metric.weighted_by:
                        waiting.append(metric.weighted_by)
                case KpiDefinition(formula=formula):
                    waiting.extend(read.name for read in formula.reads)

    def parts_of(self, name: str) -> set[str]:
        """What a metric or KPI is made of: itself, and the KPIs and metrics that it reads."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            definition = self.definitions.get(current)
            if current not in found and isinstance(definition, KpiDefinition):
                waiting.extend(read.name for read in definition.formula.reads)
            found.add(current)
        return found

    def sources_of(self, name: str) -> list[str]:
        """The sources that a metric or KPI comes from."""
        return list(dict.fromkeys(source for metric in self.metrics_of(name) for source, _ in metric.columns))

    def told_by(self, name: str, dimensions: Iterable[str]) -> tuple[str, ...]:
        """Those of *dimensions* that every source of a metric or KPI has; plain values have no table to ask."""
        tables = [self.tables[source] for source in self.sources_of(name) if source in self.tables]
        return tuple(one for one in dimensions if all(table.is_dimension(one) for table in tables))

    def adds_up(self, name: str) -> bool:
        """Whether a metric or KPI grows with the days it is looked at: a flow or running total, or a sum of them."""
        return self._sums(name, lambda metric: metric.kind in {"flow", "running_total"})

    def only_adds(self, name: str) -> bool:
        """Whether a metric or KPI that adds up takes nothing away: a sum of what is not below 0 only grows."""
        match self.definitions[name]:
            case MetricDefinition():
                return True
            case KpiDefinition(formula=formula):
                return not formula.subtracts and all(self.only_adds(read.name) for read in formula.reads)
            case never:
                assert_never(never)

    def is_stock(self, name: str) -> bool:
        """Whether a metric or KPI is a level: a stock, or a sum of stocks."""
        return self._sums(name, lambda metric: metric.kind == "stock")

    def never_below_zero(self, name: str) -> bool:
        """Whether a metric or KPI is a count, which is 0 or more: of rows, events or people, or a sum of counts."""
        return self._sums(
            name,
            lambda metric: metric.kind in _COUNTS and metric.unit in {None, COUNT},
            lambda kpi: kpi.unit in {None, COUNT} and not kpi.formula.subtracts,
        )

    def _sums(
        self,
        name: str,
        is_one: Callable[[MetricDefinition], bool],
        may_add: Callable[[KpiDefinition], bool] = lambda _: True,
        way: tuple[str, ...] = (),
    ) -> bool:
        """Whether it is such a metric, or a KPI that only adds them up; what is made of itself is nothing of the kind."""
        match self.definitions.get(name):
            case MetricDefinition() as metric:
                return is_one(metric)
            case KpiDefinition(formula=formula) as kpi if name not in way and formula.is_sum and may_add(kpi):
                return all(self._sums(read.name, is_one, may_add, (*way, name)) for read in formula.reads)
            case _:
                return False

    def is_rank(self, name: str) -> bool:
        """Whether a metric is a place in an order: between two of them there are places, and no percentages."""
        definition = self.definitions[name]
        return isinstance(definition, MetricDefinition) and definition.kind == "rank"

    def unit(self, name: str) -> str | None:
        """The unit of a metric or KPI, None when none is declared."""
        return self.definitions[name].unit


def filter_of(where: Where) -> Filter:
    """The filter on values that a `where` mapping says."""
    return tuple(sorted(only_of(dimension, condition) for dimension, condition in without_times(where).items()))


def without_times(where: Where) -> Where:
    """The conditions of a `where` mapping that are about values, and not about the times of a row."""
    return {column: condition for column, condition in where.items() if not is_of_time(condition)}


def is_of_time(condition: Condition) -> bool:
    """Whether a condition is meant to be `within 24 hours of` another column."""
    return isinstance(condition, str) and bool(_WITHIN.match(condition))


def only_of(dimension: str, condition: Condition) -> Only:
    """The filter on one dimension."""
    if isinstance(condition, Not):
        return Only(dimension, _texts(condition.not_), negated=True)
    return Only(dimension, _texts(condition))


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in values)


def labels_of(label: str | Label | None) -> list[str]:
    """The labels in all languages."""
    return [text for text in (label.en, label.fa) if text] if isinstance(label, Label) else [label] if label else []


def matches(only: Only, value: str) -> bool:
    """Whether a value of the dimension passes the filter. Patterns know `*`, `?` and `[...]`."""
    plain, patterns = _parted(only.values)
    return (value in plain or any(fnmatchcase(value, pattern) for pattern in patterns)) != only.negated


def is_pattern(text: str) -> bool:
    """Whether a text of a filter stands for more than itself."""
    return any(sign in text for sign in "*?[")


@lru_cache(maxsize=1024)  # a filter is asked about every value of its dimension
def _parted(texts: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The texts of a filter that stand for themselves alone, and the patterns."""
    patterns = tuple(filter(is_pattern, texts))
    return frozenset(texts).difference(patterns), patterns


def stands_for_any(text: str, values: AbstractSet[str]) -> bool:
    """Whether a text of a filter, plain or a pattern, passes any of *values*."""
    plain, patterns = _parted((text,))
    return not plain.isdisjoint(values) or any(fnmatchcase(value, one) for one in patterns for value in values)


def texts_of(written: str | Sequence[str] | None) -> tuple[str, ...]:
    """What was written as one text or as a list of them."""
    return () if written is None else (written,) if isinstance(written, str) else tuple(written)


def label_of(label: str | Label | None) -> str | None:
    """The label to show, English first."""
    return (label.en or label.fa) if isinstance(label, Label) else label

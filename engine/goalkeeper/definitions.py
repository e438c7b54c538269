"""What metrics and KPIs are made of, how they add up, and everything that has a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from goalkeeper.calendar import Duration, Unit
from goalkeeper.formula import Formula
from goalkeeper.model import Label
from goalkeeper.model_base import Condition, Not, Where
from goalkeeper.problems import Span
from goalkeeper.sources.table import Table
from goalkeeper.words import Names

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
STOCK_MAX_AGE = Duration(7, Unit.DAY)

Filter = tuple["Only", ...]


@dataclass(frozen=True, slots=True, order=True)
class Only:
    """Rows whose dimension has one of these values or patterns; `negated`: none of them."""

    dimension: str
    values: tuple[str, ...]
    negated: bool = False


Places = Mapping[Only, Mapping[str, Span]]
"""Where each value of a filter is written."""


@dataclass(frozen=True, slots=True)
class MetricDefinition:
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
    """For a stock: how many days before the end of a window its last value may lie."""
    declared: bool = True
    """False for a numeric column that is used under its own name."""


@dataclass(frozen=True, slots=True)
class KpiDefinition:
    """A formula over metrics and KPIs."""

    id: str
    formula: Formula
    where: Filter = ()
    unit: str | None = None
    direction: str | None = None
    label: str | None = None


Definition = MetricDefinition | KpiDefinition


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Metrics and KPIs by id, and the names under which rules may speak of them."""

    definitions: Mapping[str, Definition]
    names: Names
    tables: Mapping[str, Table]
    places: Places = field(default_factory=dict)
    """Where the filters of metrics and KPIs are written."""

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

    def sources_of(self, name: str) -> list[str]:
        """The sources that a metric or KPI comes from."""
        return list(dict.fromkeys(source for metric in self.metrics_of(name) for source, _ in metric.columns))

    def adds_up(self, name: str) -> bool:
        """Whether a metric or KPI grows with the days it is looked at: a flow, or a sum of flows."""
        match self.definitions[name]:
            case MetricDefinition(kind=kind):
                return kind == "flow"
            case KpiDefinition(formula=formula):
                return formula.is_sum and all(self.adds_up(read.name) for read in formula.reads)

    def is_stock(self, name: str) -> bool:
        """Whether a metric or KPI is a level: a stock, or a sum of stocks."""
        match self.definitions[name]:
            case MetricDefinition(kind=kind):
                return kind == "stock"
            case KpiDefinition(formula=formula):
                return formula.is_sum and all(self.is_stock(read.name) for read in formula.reads)

    def unit(self, name: str) -> str | None:
        """The unit of a metric or KPI, None when none is declared."""
        return self.definitions[name].unit


def filter_of(where: Where) -> Filter:
    """The filter that a `where` mapping says."""
    return tuple(sorted(only_of(dimension, condition) for dimension, condition in where.items()))


def only_of(dimension: str, condition: Condition) -> Only:
    """The filter on one dimension."""
    if isinstance(condition, Not):
        return Only(dimension, _texts(condition.not_), negated=True)
    return Only(dimension, _texts(condition))


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in values)


def label_of(label: str | Label | None) -> str | None:
    """The label to show, English first."""
    return (label.en or label.fa) if isinstance(label, Label) else label

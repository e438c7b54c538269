"""Which rows a number is taken over: the days, the filter, and the segments it is split by."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import GREGORIAN, Calendar, Window
from goalkeeper.definitions import Catalogue, Filter, KpiDefinition, MetricDefinition
from goalkeeper.shifts import by_day

Key = tuple[str, ...]
"""The values of one segment, in the order of `Scope.by`."""


class Scope(Struct, frozen=True):
    """The days of `window`, the rows of `where`, one number for each segment of `by`."""

    window: Window
    where: Filter = ()
    by: tuple[str, ...] = ()
    calendar: Calendar = GREGORIAN
    """How the windows before and a year earlier are found."""
    beside: tuple[str, ...] = ()
    """Dimensions that are told apart besides, without filter or split."""
    by_day: bool = False
    """Whether each of its days is looked at by itself."""

    def under(self, where: Filter) -> Scope:
        """The same rows under one more filter."""
        return replace(self, where=(*self.where, *where)) if where else self

    def shifted(self, shifts: tuple[str, ...]) -> Scope:
        """The scope that functions of formulas turn to: `previous`, `last_year`, `total`, and those of single days."""
        scope = self
        for shift in shifts:
            match shift:
                case "previous" | "earlier":
                    scope = replace(scope, window=self.calendar.previous(scope.window))
                case "last_year":
                    scope = replace(scope, window=self.calendar.last_year(scope.window))
                case "total":
                    scope = replace(scope, by=())
                case _:
                    days = by_day((shift,))
                    if days is None:
                        raise AssertionError(f"{shift} is no shift")
                    scope = replace(scope.widened(days[1]) if days[1] else scope, by_day=True)
        return scope

    def looked_at(self, shifts: tuple[str, ...]) -> tuple[Scope, ...]:
        """Every scope that is looked at for a name under shift functions: segments too, where their parts are."""
        found = self.shifted(shifts)
        return (
            (found,)
            if found.by_day is False or found.by == self.shifted(shifts[:-1]).by
            else (self.shifted(shifts[:-1]), found)
        )

    def widened(self, dimension: str) -> Scope:
        """All segments of a dimension beside each other, whichever of them are asked for."""
        where = tuple(only for only in self.where if only.dimension != dimension)
        return replace(self, where=where, by=(*(one for one in self.by if one != dimension), dimension))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that must be told apart, sorted."""
        return tuple(sorted({*self.by, *self.beside, *(only.dimension for only in self.where)}))


def telling_apart(metric: MetricDefinition, source: str, scope: Scope) -> Scope:
    """*scope* with the dimensions that say which rows of *source* changed their meaning."""
    beside = {only.dimension for touch in metric.touches if touch.source == source for only in touch.where}
    return replace(scope, beside=tuple(sorted(beside))) if beside else scope


def row_scopes(catalogue: Catalogue, name: str, scope: Scope) -> list[tuple[str, Scope]]:
    """The rows that a metric or KPI looks at in the very days and segments of *scope*: each source with its filter."""
    found = [
        (source, at)
        for metric, at in leaves(catalogue, name, scope)
        if at.window == scope.window and at.by == scope.by
        for source, _ in metric.columns
    ]
    return list(dict.fromkeys(found or [(source, scope) for source in catalogue.sources_of(name)]))


def leaves(catalogue: Catalogue, name: str, scope: Scope) -> list[tuple[MetricDefinition, Scope]]:
    """The metrics that a metric or KPI is computed from, each with its scope, each pair once."""
    found: dict[tuple[str, Scope], MetricDefinition] = {}

    def visit(current: str, at: Scope) -> None:
        match catalogue.definitions[current]:
            case MetricDefinition() as metric:
                found[current, at] = metric
            case KpiDefinition(formula=formula, where=where):
                inner = at.under(where)
                for read in formula.reads:
                    for looked in inner.looked_at(read.shifts):
                        visit(read.name, looked)
            case never:
                assert_never(never)

    visit(name, scope)
    return [(metric, at) for (_, at), metric in found.items()]

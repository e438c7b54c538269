"""Numbers that are written in a goal file, as a source of their own: `values: {2026-01: 5000, 2026-02: 5200}`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from goalkeeper.calendar import Calendar, Unit, Window
from goalkeeper.dates import is_fiscal, parse_period, system_in
from goalkeeper.model import Metric
from goalkeeper.problems import Problem
from goalkeeper.project import Placed
from goalkeeper.quantity import parse_quantity
from goalkeeper.said import all_of, say
from goalkeeper.sources.table import Column, ColumnKind, Table
from goalkeeper.thresholds import Misfit, fit
from goalkeeper.units import parse_unit

_UNITS = {
    Unit.DAY: say("days"),
    Unit.WEEK: say("weeks"),
    Unit.MONTH: say("months"),
    Unit.QUARTER: say("quarters"),
    Unit.YEAR: say("years"),
}


def source_of(metric: str) -> str:
    """The name of the source that a metric's written values make."""
    return say("values of {metric}", metric=metric)


def given_tables(metrics: Mapping[str, Placed[Metric]], calendar: Calendar) -> tuple[dict[str, Table], list[Problem]]:
    """The tables that metrics with written values make, by their names."""
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for name, placed in metrics.items():
        if placed.written.values:
            table, found = _given(name, placed, calendar)
            problems += found
            if table is not None:
                tables[table.name] = table
    return tables, problems


def _given(name: str, placed: Placed[Metric], calendar: Calendar) -> tuple[Table | None, list[Problem]]:
    """The table of a metric's values, or what is wrong with them."""
    problems: list[Problem] = []
    numbers: dict[Window, float] = {}
    units: set[Unit] = set()
    problems += [
        Problem(
            "GK115",
            say("'{key}' does not go with '{other}'", key=key, other="values"),
            placed.at(key, key=True),
            say("take it out"),
        )
        for key in ("source", "column", "count", "where", "weighted_by", "max_age", "from", "to")
        if key.replace("from", "from_") in placed.written.model_fields_set
    ]
    if placed.written.kind not in {None, "flow"}:
        message = say("values add up: they are a flow")
        problems.append(Problem("GK115", message, placed.at("kind"), say("take it out")))
    own = parse_unit(placed.written.unit) if placed.written.unit else None
    for text, written in placed.written.values.items():
        try:
            window = parse_period(text, calendar)
            quantity = parse_quantity(written)
        except ValueError as error:
            problems.append(Problem("GK210", str(error), placed.at("values", text, key=True)))
            continue
        value = fit(quantity, name, own.name if own else None, is_kpi=False, beside=True)
        if isinstance(value, Misfit):
            problems.append(Problem("GK206", value.message, placed.at("values", text), value.help))
            continue
        unit = _unit_of(text, window, calendar)
        if unit is None:
            at = placed.at("values", text, key=True)
            message = say("'{period}' is no day, week, month, quarter or year", period=text)
            problems.append(Problem("GK210", message, at))
        else:
            units.add(unit)
            numbers[window] = value.value
    if len(units) > 1:
        message = say("the values are for {units}", units=all_of(_UNITS[unit] for unit in sorted(units)))
        problems.append(Problem("GK112", message, placed.at("values"), say("use one kind of period")))
    if problems:
        return None, problems
    source = source_of(name)
    column = Column(name, name, ColumnKind.NUMBER, typed="number")
    grain = units.pop() if units else Unit.MONTH
    return Table(source, (), {}, {name: column}, (), "", None, grain, 0, None, placed.at("values"), numbers), []


def _unit_of(text: str, window: Window, calendar: Calendar) -> Unit | None:
    system = system_in(text)
    assert system is not None  # noqa: S101  a period has a year
    own = replace(calendar, system=system) if is_fiscal(text) else Calendar(system, calendar.week_start)
    candidates = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR)
    return next((unit for unit in candidates if own.window_of(window.first, unit) == window), None)

"""Numbers from plain values, without any file: snapshots of metrics, each with one of its baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
from msgspec import Struct

from goalkeeper.breaks import Side, straddles
from goalkeeper.calendar import DAY, Unit, Window
from goalkeeper.columns import Column, Floats, Mask, Missing, Reasons, Why
from goalkeeper.crossing import factor, of_window
from goalkeeper.cube import Cube
from goalkeeper.days import Days
from goalkeeper.definitions import MetricDefinition, Touch
from goalkeeper.planned import Plan
from goalkeeper.problems import Problem
from goalkeeper.reduction import Ints
from goalkeeper.said import say
from goalkeeper.scope import Key, Scope
from goalkeeper.sources.table import Column as TableColumn
from goalkeeper.sources.table import ColumnKind, Table
from goalkeeper.verdict import Coverage

NAME = "snapshot"


def read(snapshot: Any, what: str) -> tuple[dict[str, float | None], list[Problem]]:
    """A snapshot as it was given to the library: a number for each name, or what is wrong with it."""
    if not isinstance(snapshot, Mapping):
        text = say("{name}: a number for each metric is wanted, not a {kind}", name=what, kind=type(snapshot).__name__)
        return {}, [Problem("GK112", text, help=say('write {{"conversions": 280}}'))]
    found: dict[str, float | None] = {}
    problems: list[Problem] = []
    for name, value in snapshot.items():
        if not isinstance(name, str):
            text = say("{name}: the name of a metric is a text, not {other}", name=what, other=repr(name))
            problems.append(Problem("GK112", text))
            continue
        number = _number(value)
        if value is not None and number is None:
            shown = repr(value) if len(repr(value)) <= 40 else f"{repr(value)[:37]}..."
            text = say(
                "{name}: '{metric}' is {value}, which is no number that can be judged",
                name=what,
                metric=name,
                value=shown,
            )
            help_ = say("give a finite number, in the unit of the metric; None says that there is none")
            problems.append(Problem("GK112", text, help=help_))
        found[name] = number
    return found, problems


def _number(value: Any) -> float | None:
    """A finite number; None for everything else, a truth value too."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if isfinite(number) else None


def table(*snapshots: Mapping[str, float | None]) -> Table:
    """The snapshots' names as the columns of a table."""
    names = dict.fromkeys(name for snapshot in snapshots for name in snapshot)
    columns = {name: TableColumn(name, name, ColumnKind.NUMBER, typed="number") for name in names}
    return Table(NAME, (), {}, columns, (), "", None, Unit.DAY, 0, None)


Given = tuple[Mapping[str, float | None], Mapping[str, float | None]]
"""A snapshot, and that of its baseline."""


class SnapshotNumbers(Struct, frozen=True):
    """The numbers of snapshots: of each one for the windows that rules look at, one for their baselines.

    Other windows, such as those of `previous(x)`, are in neither.
    """

    given: Sequence[Given]
    value_windows: frozenset[Window]
    baseline_windows: frozenset[Window]
    beside: Cube
    """The numbers that are written in the goal file itself."""
    whole: tuple[Key, ...]
    """See `Numbers.whole`: one for each snapshot."""

    @classmethod
    def of(cls, given: Sequence[Given], plan: Plan, beside: Cube) -> SnapshotNumbers:
        """The numbers for a plan, which says what days are baselines."""
        rules = list(plan.kpi_rules)
        values = frozenset(window for rule in rules for f in rule.frames for window in (f.seen, f.window))
        before = (f.baseline for rule in rules if not rule.begins_at_nothing for f in rule.frames)
        baselines = frozenset(window for window in before if window is not None)
        return cls(given, values, baselines, beside, ((),) * len(given))

    def column(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...], reasons: Reasons) -> Column:
        """See `Numbers.column`."""
        if any(source in self.beside.sources for source, _ in metric.columns):
            one = self.beside.column(metric, scope, self.beside.whole, reasons)
            return Column(np.repeat(one.values, len(segments)), np.repeat(one.codes, len(segments)))
        numbers = self._numbers(metric.id, scope.window)
        if isinstance(numbers, Missing):
            return Column.missing(reasons.code(numbers), len(segments))
        sides = [int(_side(metric, touch, scope)) for touch in metric.touches]
        given = np.array([np.nan if number is None else number for number in numbers], np.float64)
        with np.errstate(over="ignore"):
            values = given * factor(list(metric.touches), sides)
        codes = np.zeros(len(values), np.int32)
        for where, reason in (
            (np.isnan(values), self._no(metric.id, scope.window)),
            (np.isinf(values), _large(metric)),
        ):
            if where.any():
                codes[where] = reasons.code(reason)
        return Column(np.where(codes == 0, values, 0.0) + 0.0, codes)  # -0 is 0

    def _numbers(self, name: str, window: Window) -> list[float | None] | Missing:
        """The number of each snapshot, or why there is none in any."""
        of_value, of_baseline = window in self.value_windows, window in self.baseline_windows
        if of_value and of_baseline:
            detail = say(
                "{days} is judged by one rule and the baseline of another: one snapshot cannot hold both", days=window
            )
            return Missing(Why.NOT_COMPARABLE, detail)
        if not of_value and not of_baseline:
            detail = say(
                "the snapshot does not say what was before: no '{metric}' from {days}", metric=name, days=window
            )
            return Missing(Why.NO_DATA, detail)
        return [pair[of_baseline].get(name) for pair in self.given]

    def _no(self, name: str, window: Window) -> Missing:
        before = window in self.baseline_windows
        detail = say("the baseline has no '{metric}'" if before else "the snapshot has no '{metric}'", metric=name)
        return Missing(Why.NO_DATA, detail)

    def sides(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Iterator[tuple[Touch, Ints]]:
        """See `Numbers.sides`: one number holds all days of its window."""
        if any(source in self.beside.sources for source, _ in metric.columns):
            for touch, sides in self.beside.sides(metric, scope, self.beside.whole):
                yield touch, np.repeat(sides, len(segments))
            return
        for touch in metric.touches:
            yield touch, np.full(len(segments), int(_side(metric, touch, scope)), np.int64)

    def falls(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Mask:  # noqa: ARG002  the port's signature
        """See `Numbers.falls`: a snapshot does not tell its rows."""
        return np.zeros(len(segments), bool)

    def segments(self, sources: Sequence[str], scope: Scope) -> tuple[Key, ...]:  # noqa: ARG002  the port's signature
        """See `Numbers.segments`."""
        return self.whole

    def coverage(self, source: str, window: Window) -> Coverage | None:  # noqa: ARG002  the port's signature
        """See `Numbers.coverage`: a snapshot does not say which days it holds."""
        return None

    def newest(self, source: str, window: Window) -> date | None:  # noqa: ARG002  the port's signature
        """See `Numbers.newest`."""
        return window.last

    def events(self, metric: MetricDefinition, scope: Scope, segment: Key) -> int | None:
        """See `Numbers.events`: a snapshot does not say."""

    def row_counts(self, source: str, scope: Scope, segments: tuple[Key, ...]) -> Floats | None:  # noqa: ARG002  the port's signature
        """See `Numbers.row_counts`: a snapshot has none."""
        return None

    def rows(self, sources: Sequence[str], scope: Scope, segment: Key) -> int:  # noqa: ARG002  the port's signature
        """See `Numbers.rows`: a snapshot has none."""
        return 0

    def daily(self, metric: MetricDefinition, scope: Scope, segments: tuple[Key, ...]) -> Days | None:  # noqa: ARG002  the port's signature
        """See `Numbers.daily`: a snapshot has no days."""
        return None

    def gaps(self, metric: MetricDefinition, scope: Scope) -> Iterator[str]:  # noqa: ARG002  the port's signature
        """See `Numbers.gaps`."""
        return iter(())


def _large(metric: MetricDefinition) -> Missing:
    return Missing(Why.UNDEFINED, say("{formula} is too large a number", formula=metric.id))


def _side(metric: MetricDefinition, touch: Touch, scope: Scope) -> Side:
    """The side of the one number that a window has: a level is that of its last day, growth begins the day before."""
    window = scope.window
    if metric.kind in {"stock", "rank"}:
        window = Window(window.last, window.last)
    elif metric.kind == "running_total":
        window = Window(window.first - DAY, window.last)
    sides = of_window(touch.change, window)
    return Side.UNSURE if straddles(sides) else sides

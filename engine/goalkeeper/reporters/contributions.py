"""Contributions to a change as text: in a few phrases, and as tables that can be added up by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.moves import Driver, Drivers, SegmentDriver, SegmentDrivers
from goalkeeper.quantity import exact_quantity, format_quantity
from goalkeeper.reporters.layout import table
from goalkeeper.reporters.safe import safe
from goalkeeper.units import PERCENT, POINTS

NAMED = 3
"""How many inputs or segments a phrase names."""
DIGITS = 8
"""So many significant digits are enough to add a table up by hand."""
_WIDE = 1000


def phrases(drivers: Drivers, unit: str | None) -> Iterator[str]:
    """The contributions of the inputs, and those of the most telling dimension, a phrase each."""
    head = f"contributions to {_signed(drivers.change, unit)} {drivers.compared}"
    if len(drivers.inputs) > 1:
        named = [(safe(one.name), one.contribution) for one in drivers.inputs]
        yield f"{head}: {_ranked(named, unit)}"
    for told in drivers.segments[:1]:
        alone = f"{head}, " if len(drivers.inputs) <= 1 else "contributions "
        yield f"{alone}by {safe(told.dimension)}: {_segments(told, drivers, unit)}"


def _segments(told: SegmentDrivers, drivers: Drivers, unit: str | None) -> str:
    named = [(f"{_name(part)}{_only(part)}", part.contribution) for part in told.parts]
    ranked = _ranked(named, unit, told.others, told.others_contribution)
    if told.rate is None or told.mix is None:
        return ranked
    effects = f"rate {_signed(told.rate, unit)}, mix {_signed(told.mix, unit)}"
    return f"{effects} ({_simpson(told, drivers)})" if told.simpson else f"{effects}; {ranked}"


def _simpson(told: SegmentDrivers, drivers: Drivers) -> str:
    each, whole = ("fell", "rose") if drivers.change > 0 else ("rose", "fell")
    both = " that is there before and after" if told.others or any(map(_only, told.parts)) else ""
    return f"Simpson's case: every {safe(told.dimension)}{both} {each} and the whole {whole}"


def _ranked(named: Sequence[tuple[str, float]], unit: str | None, others: int = 0, rest: float = 0.0) -> str:
    """The largest contributions by name, and the others in one."""
    shown = list(named) if len(named) <= NAMED + 1 and not others else list(named[:NAMED])
    others += len(named) - len(shown)
    rest += sum(contribution for _, contribution in named[len(shown) :])
    parts = [f"{name} {_signed(contribution, unit)}" for name, contribution in shown]
    if others:
        parts.append(f"{others} others {_signed(rest, unit)}")
    return ", ".join(parts)


def _signed(value: float, unit: str | None, *, exact: bool = False) -> str:
    """A difference in the KPI's unit; of a percentage in points."""
    write = _exact if exact else format_quantity
    text = write(abs(value), POINTS if unit == PERCENT else unit)
    return f"{'+' if value > 0 else '-' if value < 0 else ''}{text}"


def _exact(value: float, unit: str | None) -> str:
    return exact_quantity(float(f"{value:.{DIGITS}g}"), unit)


def _name(part: SegmentDriver) -> str:
    return safe(part.name) or "(blank)"


def _only(part: SegmentDriver) -> str:
    """A segment that is on one side only."""
    if part.before is None and part.after is not None:
        return " (new)"
    return " (gone)" if part.after is None and part.before is not None else ""


class Grid(Struct, frozen=True):
    """A list of contributions: a row of heads, a row each, and their sum; `caption` and `note` may be empty."""

    caption: str
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def head(drivers: Drivers, unit: str | None) -> str:
    """The change that is contributed to, from what to what."""
    ends = f"{_exact(drivers.after, unit)} {drivers.compared}, {_exact(drivers.before, unit)}"
    return f"contributions to the change of {_signed(drivers.change, unit, exact=True)}: {ends}"


def grids(drivers: Drivers, unit: str | None) -> Iterator[Grid]:
    """The contributions of the inputs, and those of the segments of each dimension."""
    if drivers.inputs:
        rows = [["input", "before", "after", "contribution"], *(_input(one, unit) for one in drivers.inputs)]
        rows.append(["sum", "", "", _signed(drivers.change, unit, exact=True)])
        yield Grid("", tuple(map(tuple, rows)))
    for told in drivers.segments:
        yield _by_segment(told, drivers, unit)


def tables(drivers: Drivers, unit: str | None) -> Iterator[str]:
    """All contributions in lines, each list with its sum."""
    yield head(drivers, unit)
    for grid in grids(drivers, unit):
        if grid.caption:
            yield f"  {grid.caption}"
        yield from _lines(grid.rows)
        if grid.note:
            yield f"  {grid.note}"
    for note in drivers.notes:
        yield f"  - {safe(note)}"


def _input(one: Driver, unit: str | None) -> list[str]:
    ends = ["no number" if isinstance(n, Missing) else _exact(n, one.unit) for n in (one.before, one.after)]
    return [safe(one.name), *ends, _signed(one.contribution, unit, exact=True)]


def _by_segment(told: SegmentDrivers, drivers: Drivers, unit: str | None) -> Grid:
    ratio = told.rate is not None and told.mix is not None
    head = [safe(told.dimension), "before", "after"]
    caption = ""
    if ratio:
        caption = f"by {safe(told.dimension)}, with the shares of {safe(told.divisor or '')}"
        head += ["share before", "share after", "rate effect", "mix effect"]
    rows = [[*head, "contribution"]]
    for part in told.parts:
        ends = [_exact(n, unit) if n is not None else "none" for n in (part.before, part.after)]
        rows.append([f"{_name(part)}{_only(part)}", *ends])
        if ratio:
            rows[-1] += [_exact(n or 0.0, PERCENT) for n in (part.share_before, part.share_after)]
            rows[-1] += [_signed(n or 0.0, unit, exact=True) for n in (part.rate, part.mix)]
        rows[-1].append(_signed(part.contribution, unit, exact=True))
    if told.others:
        empty = [""] * (len(head) - 1)
        rows.append([f"{told.others} others", *empty, _signed(told.others_contribution, unit, exact=True)])
    effects = [_signed(n, unit, exact=True) for n in (told.rate, told.mix) if n is not None]
    between = [""] * (len(head) - 1 - len(effects))
    rows.append(["sum", *between, *effects, _signed(drivers.change, unit, exact=True)])
    return Grid(caption, tuple(map(tuple, rows)), _simpson(told, drivers) if told.simpson else "")


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    right = [False, *[True] * (len(rows[0]) - 1)]
    for row in table(rows, right, _WIDE):
        yield f"  {'  '.join(row)}".rstrip()

"""Contributions to a change as text: in a few phrases, and as tables that can be added up by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.languages import Shown, tr
from goalkeeper.moves import Driver, Drivers, SegmentDriver, SegmentDrivers
from goalkeeper.quantity import exact_quantity, format_quantity
from goalkeeper.reporters.layout import table
from goalkeeper.reporters.safe import apart, clauses, safe
from goalkeeper.said import Figure, Listed, Said, enumerated, say
from goalkeeper.units import PERCENT, POINTS

NAMED = 3
"""How many inputs or segments a phrase names."""
DIGITS = 8
"""So many significant digits are enough to add a table up by hand."""
_WIDE = 1000


def phrases(drivers: Drivers, unit: str | None) -> Iterator[Shown]:
    """The contributions of the inputs, and those of the most telling dimension, a phrase each."""
    change, compared = _signed(drivers.change, unit), drivers.compared
    if len(drivers.inputs) > 1:
        ranked = _ranked([(one.name, one.contribution) for one in drivers.inputs], unit)
        yield tr("contributions to {change} {compared}: {ranked}", change=change, compared=compared, ranked=ranked)
    for told in drivers.segments[:1]:
        by, found = told.dimension, _segments(told, drivers, unit)
        if len(drivers.inputs) > 1:
            yield tr("contributions by {dimension}: {ranked}", dimension=by, ranked=found)
        else:
            yield tr(
                "contributions to {change} {compared}, by {dimension}: {ranked}",
                change=change,
                compared=compared,
                dimension=by,
                ranked=found,
            )


def _segments(told: SegmentDrivers, drivers: Drivers, unit: str | None) -> str:
    named = [(_named(part), part.contribution) for part in told.parts]
    ranked = _ranked(named, unit, told.others, told.others_contribution)
    if told.rate is None or told.mix is None:
        return ranked
    rate, mix = _signed(told.rate, unit), _signed(told.mix, unit)
    if told.simpson:
        case = _simpson(told, drivers)
        return say("rate {rate}, mix {mix} ({simpson})", rate=rate, mix=mix, simpson=case)
    return clauses([say("rate {rate}, mix {mix}", rate=rate, mix=mix), ranked])


def _simpson(told: SegmentDrivers, drivers: Drivers) -> Said:
    both, rose = bool(told.others or any(map(_on_one_side, told.parts))), drivers.change > 0
    if both:
        return say(
            "Simpson's case: every {dimension} that is there before and after fell and the whole rose"
            if rose
            else "Simpson's case: every {dimension} that is there before and after rose and the whole fell",
            dimension=told.dimension,
        )
    return say(
        "Simpson's case: every {dimension} fell and the whole rose"
        if rose
        else "Simpson's case: every {dimension} rose and the whole fell",
        dimension=told.dimension,
    )


def _ranked(named: Sequence[tuple[str, float]], unit: str | None, others: int = 0, rest: float = 0.0) -> Listed:
    """The largest contributions by name, and the others in one."""
    shown = list(named) if len(named) <= NAMED + 1 and not others else list(named[:NAMED])
    others += len(named) - len(shown)
    rest += sum(contribution for _, contribution in named[len(shown) :])
    parts = [say("{name} {change}", name=name, change=_signed(contribution, unit)) for name, contribution in shown]
    if others:
        parts.append(say("{count} others {change}", count=others, change=_signed(rest, unit)))
    return enumerated(parts)


def _signed(value: float, unit: str | None, *, exact: bool = False) -> Figure:
    """A difference in the KPI's unit; of a percentage in points."""
    write = _exact if exact else format_quantity
    text = write(abs(value), POINTS if unit == PERCENT else unit)
    sign = "+" if value > 0 else "-" if value < 0 else ""
    return Figure(f"{sign}{text}", f"{sign}{text.number}", text.unit)


def _exact(value: float, unit: str | None) -> Figure:
    return exact_quantity(float(f"{value:.{DIGITS}g}"), unit)


def _named(part: SegmentDriver) -> str:
    """A segment by its name, and whether it is on one side only."""
    name = part.name or say("(blank)")
    if part.before is None and part.after is not None:
        return say("{name} (new)", name=name)
    return say("{name} (gone)", name=name) if _on_one_side(part) else name


def _on_one_side(part: SegmentDriver) -> bool:
    return (part.before is None) != (part.after is None)


class Grid(Struct, frozen=True):
    """A list of contributions: a row of heads, a row each, and their sum; `caption` and `note` may be empty."""

    caption: str
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def head(drivers: Drivers, unit: str | None) -> Shown:
    """The change that is contributed to, from what to what."""
    return tr(
        "contributions to the change of {change}: {after} {compared}, {before}",
        change=_signed(drivers.change, unit, exact=True),
        after=_exact(drivers.after, unit),
        compared=drivers.compared,
        before=_exact(drivers.before, unit),
    )


def grids(drivers: Drivers, unit: str | None) -> Iterator[Grid]:
    """The contributions of the inputs, and those of the segments of each dimension."""
    if drivers.inputs:
        rows: list[list[str]] = [
            [tr("input"), tr("before"), tr("after"), tr("contribution")],
            *(_input(one, unit) for one in drivers.inputs),
            [tr("sum"), "", "", _change(drivers.change, unit)],
        ]
        yield Grid("", tuple(map(tuple, rows)))
    for told in drivers.segments:
        yield _by_segment(told, drivers, unit)


def tables(drivers: Drivers, unit: str | None) -> Iterator[Shown]:
    """All contributions in lines, each list with its sum."""
    yield head(drivers, unit)
    for grid in grids(drivers, unit):
        if grid.caption:
            yield Shown(f"  {grid.caption}")
        yield from _lines(grid.rows)
        if grid.note:
            yield Shown(f"  {grid.note}")
    for note in drivers.notes:
        yield Shown(f"  - {safe(note)}")


def _input(one: Driver, unit: str | None) -> list[str]:
    ends = [tr("no number") if isinstance(n, Missing) else _written(n, one.unit) for n in (one.before, one.after)]
    return [apart(one.name), *ends, _change(one.contribution, unit)]


def _written(value: float, unit: str | None) -> Shown:
    return safe(_exact(value, unit))


def _change(value: float, unit: str | None) -> Shown:
    return safe(_signed(value, unit, exact=True))


def _by_segment(told: SegmentDrivers, drivers: Drivers, unit: str | None) -> Grid:
    ratio = told.rate is not None and told.mix is not None
    head = [apart(told.dimension), tr("before"), tr("after")]
    caption = ""
    if ratio:
        caption = tr(
            "by {dimension}, with the shares of {divisor}", dimension=told.dimension, divisor=told.divisor or ""
        )
        head += [tr("share before"), tr("share after"), tr("rate effect"), tr("mix effect")]
    rows: list[list[str]] = [[*head, tr("contribution")]]
    for part in told.parts:
        ends = [_written(n, unit) if n is not None else tr("none") for n in (part.before, part.after)]
        rows.append([apart(_named(part)), *ends])
        if ratio:
            rows[-1] += [_written(n or 0.0, PERCENT) for n in (part.share_before, part.share_after)]
            rows[-1] += [_change(n or 0.0, unit) for n in (part.rate, part.mix)]
        rows[-1].append(_change(part.contribution, unit))
    if told.others:
        empty = [""] * (len(head) - 1)
        rows.append([tr("{count} others", count=told.others), *empty, _change(told.others_contribution, unit)])
    effects = [_change(n, unit) for n in (told.rate, told.mix) if n is not None]
    between = [""] * (len(head) - 1 - len(effects))
    rows.append([tr("sum"), *between, *effects, _change(drivers.change, unit)])
    return Grid(caption, tuple(map(tuple, rows)), safe(_simpson(told, drivers)) if told.simpson else "")


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[Shown]:
    right = [False, *[True] * (len(rows[0]) - 1)]
    for row in table(rows, right, _WIDE):
        yield Shown(f"  {'  '.join(row)}".rstrip())

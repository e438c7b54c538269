"""The query of one number, as an analyst writes it: values written out, from a view with the name of its table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from goalkeeper.calendar import Window
from goalkeeper.engines import parts
from goalkeeper.reduction import Alone, SourceReduction
from goalkeeper.reduction import parts as days_on_end
from goalkeeper.sources.table import Table


def number(asked: SourceReduction, alone: Alone) -> str:
    """A query that gives the number alone."""
    match alone.tally.kind:
        case "stock" | "rank" | "running_total":
            newest = "\n  UNION ALL\n  ".join(_of_segments(asked, alone, *days) for days in alone.parts)
            return f"SELECT sum(n) FROM (\n  {newest})"
        case _:
            where = [_days(asked, [part for _, part in alone.parts]), *_conditions(asked, alone)]
            return f"SELECT {_sum(alone)}\n{_from(asked.table)}\nWHERE {_all(where)}"


def _sum(alone: Alone) -> str:
    """What is taken of the rows."""
    tally = alone.tally
    if tally.column is None:
        return "count(*)"
    if alone.share is not None:
        return f"quantile_cont({parts.amount(tally)}, {alone.share!r})"
    if tally.kind == "average" and tally.weight is None:
        return f"avg({parts.amount(tally)})"
    if tally.weight is None:
        return f"sum({parts.amount(tally)})"
    product = f"{parts.inexact(tally.column)} * {parts.inexact(tally.weight)}"
    weight = f"CASE WHEN {parts.inexact(tally.column)} IS NOT NULL THEN {parts.inexact(tally.weight)} END"
    return f"sum({product}) / sum({weight})"


def _of_segments(asked: SourceReduction, alone: Alone, before: Window | None, part: Window) -> str:
    """The newest number of each finest segment; of a running total less the newest one before."""
    table, day = asked.table, parts.day(asked)
    assert alone.tally.column is not None  # noqa: S101  a level is the level of a column
    exact = parts.number(alone.tally.column)
    windows = [part] if before is None else [before, part]
    where = [_days(asked, windows), *_conditions(asked, alone), f"{exact} IS NOT NULL"]
    newest = f"arg_max({exact}, {day})"
    earlier = "" if before is None else f" - coalesce({newest} FILTER ({_days(asked, [before])}), 0)"
    keys = ", ".join(parts.dimension(table, one) for one in table.dimensions)
    by = f"\n  GROUP BY {keys}" if keys else ""
    return f"SELECT {newest}{earlier} AS n\n  {_from(table)}\n  WHERE {_all(where)}{by}"


def _from(table: Table) -> str:
    return f"FROM {parts.name(table.name)} AS s"


def _all(conditions: list[str]) -> str:
    return "\n  AND ".join(conditions)


def _days(asked: SourceReduction, windows: list[Window]) -> str:
    """The rows whose days are in *windows*."""
    day = parts.day(asked)
    if parts.day_kind(asked.table) == "DATE":
        unbroken = [part for window in windows for part in days_on_end(window)]
        tests = [f"{day} BETWEEN DATE '{part.first}' AND DATE '{part.last}'" for part in unbroken]
        return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"
    texts = parts.spelled(asked.table, [one for window in windows for one in window.each_day()])
    return f"{day} IN ({', '.join(parts.text(one) for one in texts if one is not None)})"


def _conditions(asked: SourceReduction, alone: Alone) -> Iterator[str]:
    values: dict[str, Any] = {}
    for test in (*parts.conditions(asked.table, alone.tally, values), *parts.passes(asked.table, alone.where, values)):
        yield _written_out(test, values)
    for dimension, value in alone.segment:
        yield f"coalesce({parts.dimension(asked.table, dimension)}, '') = {parts.text(value)}"


def _written_out(query: str, values: Mapping[str, Any]) -> str:
    """*query* with its bound values in their places."""

    def literal(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return found[0] if value is None else parts.text(value) if isinstance(value, str) else repr(value)

    return re.sub(r"\$(v\d+)\b", literal, query)

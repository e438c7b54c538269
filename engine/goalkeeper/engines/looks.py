"""Queries that look at rows and reduce nothing: what may be totals among them, and what is there twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from goalkeeper.engines import parts
from goalkeeper.reduction import SourceReduction
from goalkeeper.sources.table import Column, ColumnKind, Table


def adding(table: Table) -> list[Column]:
    """The columns whose numbers a row of totals adds up."""
    return [
        column
        for column in table.columns.values()
        if column.kind is ColumnKind.NUMBER
        and column.only is None
        and column.two_ways is None
        and not (column.notation is not None and column.notation.percent)
    ]


def against_others(
    table: Table, rows: str, dimension: str, value: str, totals: Sequence[str], columns: Sequence[Column]
) -> tuple[str, Mapping[str, Any]]:
    """For each of *columns*, the numbers of one value of a dimension against the sums of the others, day by day.

    *totals* are the values that are none of the others. Days count on which two others or more have a number.
    """
    values: dict[str, Any] = {}
    text = f"coalesce({parts.dimension(table, dimension)}, '')"
    mine = f"{text} = {parts.bind(values, value)}"
    other = f"{text} NOT IN ({', '.join(parts.bind(values, total) for total in totals)})"
    inner, outer = [], []
    for place, column in enumerate(columns):
        number = f"CAST({parts.number(column)} AS DOUBLE)"
        inner += [
            f"sum({number}) FILTER ({mine}) AS t{place}",
            f"sum({number}) FILTER ({other}) AS o{place}",
            f"count({number}) FILTER ({other}) AS n{place}",
        ]
        told = f"(t{place} IS NOT NULL AND n{place} > 1 AND (t{place} <> 0 OR o{place} <> 0))"
        # Each of the others may have been rounded, and what is shown with cents by half a cent.
        same = f"abs(t{place} - o{place}) <= greatest(0.006 * (n{place} + 1), 1e-9 * abs(o{place}))"
        outer += [
            f"count(*) FILTER ({told})",
            f"count(*) FILTER ({told} AND {same})",
            f"count(*) FILTER ({told} AND t{place} < 0.99 * o{place})",
            f"coalesce(sum(log10(1 + abs(t{place}))) FILTER ({told} AND {same}), 0)",
        ]
    by = f"s.{parts.name(table.day)}" if table.day else "''"
    query = (
        f"SELECT {parts.BREAK.join(outer)}\nFROM (SELECT {parts.BREAK.join(inner)}\nFROM {rows} AS s\nGROUP BY {by})"
    )
    return query, values


def daily(table: Table, rows: str, columns: Sequence[Column]) -> str:
    """The mean cell of each day in *columns*, by the text of the day."""
    day = parts.day(SourceReduction(table, "UTC", (), (), ()))
    means = [f"avg(CAST({parts.number(column)} AS DOUBLE))" for column in columns]
    return f"SELECT CAST({day} AS VARCHAR) AS day, {', '.join(means)}\nFROM {rows} AS s\nWHERE day IS NOT NULL\nGROUP BY day"


def repeated(table: Table, rows: str) -> str:
    """How many rows were there before with the same cells, and the cells of one of them."""
    cells = [f"s.{parts.name(header)}" for header in table.types]
    texts = ", ".join(f"CAST(c{place} AS VARCHAR)" for place in range(len(cells)))
    picks = ", ".join(f"{cell} AS c{place}" for place, cell in enumerate(cells))
    return (
        f"SELECT coalesce(sum(n - 1), 0), any_value(list_value({texts}))\n"
        f"FROM (SELECT {picks}, count(*) AS n FROM {rows} AS s GROUP BY {', '.join(cells)} HAVING count(*) > 1)"
    )


def texts(path: Path, most: int | None) -> str:
    """All cells of a file that knows its types, as texts: of its first rows, where *most* says how many."""
    limit = "" if most is None else f" LIMIT {most}"
    return f"SELECT COLUMNS(*)::VARCHAR FROM read_parquet({parts.pattern(path)}){limit}"

"""Advice on plain tables that are exports of a known format: as a format, their traps are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from goalkeeper.lint.meant import advise
from goalkeeper.problems import Problem
from goalkeeper.reduction import Engine
from goalkeeper.sources.files import KINDS
from goalkeeper.sources.shipped import shipped_formats
from goalkeeper.sources.sniffed import best_fit
from goalkeeper.sources.table import Table


def as_plain(tables: Iterable[Table], engine: Engine) -> Iterator[Problem]:  # noqa: ARG001  as all that looks at tables
    """GK520: an export of a known format that is read as a plain table. The first file of a source tells."""
    for table in tables:
        if not table.files or any(column.facts is not None for column in table.columns.values()):
            continue
        file = table.files[0]
        kind = KINDS.get(file.path.suffix.lower(), "")
        fit = best_fit(replace(file, kind=kind), shipped_formats().values()) if kind in {"csv", "workbook"} else None
        if fit is not None:
            yield advise(
                "GK520",
                f"'{file.shown}' looks like an export of '{fit.form.name}', and '{table.of}' reads it as a plain table",
                table.place,
                f"write format: {fit.form.name} in place of time:, so that its totals, rates and newest days are known; "
                f"look at it first: goalkeeper inspect '{file.shown}'",
            )


__all__ = ["as_plain"]

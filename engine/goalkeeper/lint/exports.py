"""Advice on plain tables that are exports of a known format: as a format, their traps are known."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from goalkeeper.definitions import Catalogue
from goalkeeper.lint.meant import advise
from goalkeeper.problems import Problem
from goalkeeper.reduction import Engine
from goalkeeper.said import say
from goalkeeper.sources.files import KINDS
from goalkeeper.sources.shipped import shipped_formats
from goalkeeper.sources.sniffed import best_fit


def as_plain(catalogue: Catalogue, engine: Engine) -> Iterator[Problem]:  # noqa: ARG001  as all that looks at tables
    """GK520: an export of a known format that is read as a plain table. The first file of a source tells."""
    for table in catalogue.tables.values():
        if not table.files or any(column.facts is not None for column in table.columns.values()):
            continue
        file = table.files[0]
        kind = KINDS.get(file.path.suffix.lower(), "")
        fit = best_fit(replace(file, kind=kind), shipped_formats().values()) if kind in {"csv", "workbook"} else None
        if fit is not None:
            yield advise(
                "GK520",
                say(
                    "'{file}' looks like an export of '{format}', and '{source}' reads it as a plain table",
                    file=file.shown,
                    format=fit.form.name,
                    source=table.of,
                ),
                table.place,
                say(
                    "write {key} in place of time:, so that its totals, rates and newest days are known; "
                    "look at it first: {command}",
                    key=f"format: {fit.form.name}",
                    command=f"goalkeeper inspect '{file.shown}'",
                ),
            )


__all__ = ["as_plain"]

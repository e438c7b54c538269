"""A source tried out: opened as a score would open it, to know that what is proposed can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from goalkeeper import api
from goalkeeper.calendar import DAY
from goalkeeper.opening import Formed, open_formed
from goalkeeper.paths import Allowed
from goalkeeper.problems import Problem, ProblemsFound, errors
from goalkeeper.project import Project
from goalkeeper.running import read
from goalkeeper.sources.files import locate
from goalkeeper.sources.table import Table
from goalkeeper.tables import Opened, opened_tables
from goalkeeper.totals import totals_in

_ROWS = "rows_read"
NAME = "export"
"""What the source is called while it is tried out."""


class Tried(Struct, frozen=True):
    """What came of it."""

    opened: Opened
    totals: Mapping[str, Sequence[tuple[str, str]]]
    """The texts of dimensions that are totals of the others, each with how that is known."""

    @property
    def problems(self) -> list[Problem]:
        """What keeps the source from being read."""
        return errors(self.opened.problems)

    @property
    def tables(self) -> list[Table]:
        """Its tables."""
        return list(self.opened.tables.values())


def project_of(sources: Mapping[str, Any], use: Sequence[str]) -> Project:
    """The project of a goal file with these sources alone.

    Raises:
        ProblemsFound: when the packs of *use* do not read.
    """
    written, problems = read(
        {"version": 1, "use": list(use), "sources": sources}, against_schema=False, allowed=_allowed(sources, use)
    )
    if written is None or errors(problems):
        raise ProblemsFound(problems)
    return written


def _allowed(sources: Mapping[str, Any], use: Sequence[str]) -> Allowed:
    """Reading of what was named on the command line, wherever it lies: the files, and what stands beside the packs."""
    paths = [source["path"] for source in sources.values()]
    named = [path for one in paths for path in ([one] if isinstance(one, str) else one)]
    return Allowed(read=(*named, *(Path(pack).parent for pack in use if Path(pack).suffix)))


def tried(source: Mapping[str, Any], use: Sequence[str] = ()) -> Tried:
    """A source opened as for a score."""
    opened = opened_tables(project_of({NAME: dict(source)}, use), needed=True)
    engine = opened.engine
    totals = {
        dimension: told
        for table in (opened.tables.values() if engine else ())
        if table.suspects and engine
        for dimension, told in totals_in(table, engine).items()
    }
    return Tried(opened, totals)


def scored(source: Mapping[str, Any], first: date, last: date, use: Sequence[str] = ()) -> list[Problem]:
    """What keeps the rows of a source, from its first day to its last, from being counted in a score."""
    goals: dict[str, Any] = {
        "version": 1,
        "use": list(use),
        "sources": {NAME: dict(source)},
        "metrics": {_ROWS: {"count": "rows", "source": NAME}},
        "goals": [{"rule": f"keep {_ROWS} at least 0", "period": f"{first} to {last}"}],
    }
    try:
        api.score(goals, as_of=last + DAY, allowed=_allowed(goals["sources"], use))
    except ProblemsFound as stop:
        return errors(stop.problems)
    return []


def formed(source: Mapping[str, Any], use: Sequence[str] = ()) -> Formed:
    """A source with a format laid out, with all that was found in its files."""
    written = project_of({NAME: dict(source)}, use)
    placed = written.sources()[NAME]
    files, problems = locate(placed, written.allowed, plain=False)
    if errors(problems):
        return Formed(problems=tuple(problems))
    return open_formed(NAME, placed, files, written)

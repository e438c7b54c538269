"""How tests read a file in its format and ask for numbers: what its tables are, and what a goal gets from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import yaml
from msgspec import Struct

import goalkeeper
from goalkeeper import ProblemsFound
from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.opening import Formed, open_formed
from goalkeeper.problems import errors
from goalkeeper.running import read
from goalkeeper.sources.cells import cells_of
from goalkeeper.sources.files import DataFile, locate
from goalkeeper.sources.formats import DAY
from goalkeeper.sources.laid import Laid
from goalkeeper.sources.layout import grids_of
from goalkeeper.sources.table import Table
from goalkeeper.verdict import Verdict

LATER = "2027-06-01"
"""The day of judging: after the last day of every file."""

ANYWHERE = goalkeeper.Allowed(read=["/"])
"""For files that lie beside the checkout, or in a folder for tests."""


class TextLoader(yaml.SafeLoader):
    """Case files, with dates left as text."""


TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Ask(Struct, frozen=True):
    """A number that is asked for: a KPI over some days, for the rows of some segments."""

    kpi: str
    period: str
    where: Mapping[str, Any] = {}
    keep: str = "at least 0"


class ReadTables:
    """The tables of one source, as they were found in its files."""

    def __init__(self, file: Mapping[str, Any]) -> None:
        self.formed = formed(file)
        assert not errors(self.formed.problems), described(self.formed.problems)
        self.tables = [table for table in self.formed.tables if not _is_of_totals(table)]

    def of(self, names: Sequence[str] | None) -> Iterator[tuple[Table, DataFile, Laid]]:
        """The parts of the tables with these names; of all without."""
        for table in self.tables:
            for file in table.files:
                assert file.laid is not None
                if names is None or file.laid.shape.name in names:
                    yield table, file, file.laid

    def facts(self, names: Sequence[str] | None = None) -> dict[str, Any]:
        """How many rows, and which days."""
        parts = [laid for _, _, laid in self.of(names)]
        assert parts, f"no table {names} among {[table.name for table in self.tables]}"
        spans = {span for laid in parts for span in laid.spans}
        days = {day for laid in parts if not laid.spans for day in _days(laid)}
        ends = [*days, *(span.first for span in spans), *(span.last for span in spans)]
        return {
            "rows": sum(len(laid.rows) for laid in parts),
            "date_first": str(min(ends)),
            "date_last": str(max(ends)),
            "days_present": None if spans else len(days),
            "days_in_range": (max(ends) - min(ends)).days + 1,
        }

    @property
    def columns(self) -> int:
        """How many cells the widest row of a file has."""
        (file, layout), *_ = self.formed.layouts
        grids, _, _ = grids_of(file, layout.form.encodings if layout.form else ("utf-8",), None)
        return max(len(row.cells) for grid in grids for row in grid.rows)

    @property
    def dropped(self) -> dict[str, int]:
        """How many rows are left out, by the reason."""
        found: dict[str, int] = {}
        for one in self.formed.dropped:
            found[one.why] = found.get(one.why, 0) + one.rows
        return found

    def cells(self, column: str) -> Iterator[tuple[str | None, str | None]]:
        """The day of each row, and what the column holds there as a number."""
        for table, file, _ in self.of(None):
            found = dict(cells_of(table, file))
            if column in found:
                yield from zip(found[DAY], found[column], strict=True)


def formed(file: Mapping[str, Any]) -> Formed:
    """The one source of a goal file, opened."""
    written, problems = read(file, against_schema=True)
    assert written is not None, described(problems)
    assert not errors(problems), described(problems)
    ((name, placed),) = written.sources().items()
    files, found = locate(placed, ANYWHERE, plain=False)
    assert not errors(found), described(found)
    return open_formed(name, placed, files, written)


def _is_of_totals(table: Table) -> bool:
    return any(file.laid is not None and file.laid.shape.totals_of for file in table.files)


def _days(laid: Laid) -> Iterator[date]:
    place = laid.header.index(DAY)
    return (date.fromisoformat(str(row[place])) for row in laid.rows)


def verdicts(file: Mapping[str, Any], asks: Sequence[Ask]) -> list[Verdict | ProblemsFound]:
    """What comes of each ask over the source of *file*; a problem of one does not keep the others from an answer."""
    goals = [
        {
            "id": f"ask{number}",
            "period": ask.period,
            "rules": [{"kpi": ask.kpi, "keep": ask.keep, **({"where": dict(ask.where)} if ask.where else {})}],
        }
        for number, ask in enumerate(asks)
    ]
    try:
        card = goalkeeper.score({**file, "goals": goals}, as_of=LATER, allowed=ANYWHERE)
    except ProblemsFound as stop:
        return [stop] if len(asks) == 1 else [one for ask in asks for one in verdicts(file, [ask])]
    return [goal.rules[0].verdicts[0] for goal in card.goals]


def bound(sign: str, level: float, unit: str | None) -> str:
    """The bound of a Keep rule, in the unit of its KPI."""
    side = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}[sign]
    if unit == "percent":
        return f"{side} {level * 100:.10g}%"
    return f"{side} {level:.15g}" + (f" {unit}" if unit not in {None, "count", "ratio", "rank", "number"} else "")


def described(problems: Iterable[Any]) -> str:
    """Problems as a reader of a failed test wants them."""
    return "\n".join(f"{problem.code} {problem.message} | {problem.help}" for problem in problems)


def number_of(found: Verdict | ProblemsFound) -> float | Missing:
    """The value of a verdict."""
    assert not isinstance(found, ProblemsFound), described(found.problems)
    assert found.value is not None
    return found.value


def last_days(last: str, days: int) -> str:
    """The period of so many days up to *last*."""
    end = date.fromisoformat(last)
    return str(Window(end - timedelta(days=days - 1), end))

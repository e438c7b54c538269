"""Tables as they were found in files: rows of texts under our ids, each with its line, and what was left out and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.problems import Problem
from goalkeeper.sources.formats import DAY, Format, Shape
from goalkeeper.sources.notation import Notation
from goalkeeper.sources.spellings import alike

if TYPE_CHECKING:
    from goalkeeper.sources.files import DataFile

ALL = "all"
"""In `key` and `dedupe`: every cell of the row."""


class Asked(Struct, frozen=True):
    """What the author says of a source beside its format."""

    timezone: str = "UTC"
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Headers for ids."""
    time_format: str | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)
    """How numbers are written, by id; the empty id for all."""
    dedupe: tuple[str, ...] = ()
    """What makes two rows the same; `all` for all their cells."""
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: Window | None = None
    table: str | None = None
    """The one table that is wanted."""
    grain: str | None = None
    """What a row stands for."""


SHOWN = 5
"""So many of the lines that something is said of are named."""


class Dropped(Struct, frozen=True):
    """Rows or a part of a file that are not read, and why."""

    file: str
    why: str
    rows: int
    lines: tuple[int, ...] = ()
    """The first lines of them."""


class Reading(Struct, frozen=True):
    """How the cells of a column are read as numbers; `duration`: as times such as 00:01:44, in seconds."""

    notation: Notation
    duration: bool = False
    words: Mapping[str, str] = {}
    """Folded words, and the number that each stands for."""


class Laid(Struct, frozen=True, eq=False):
    """One table of one file. Cells are as written; the day of each row is in the column `.day`, as YYYY-MM-DD."""

    shape: Shape
    header: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    lines: tuple[int, ...]
    headers: Mapping[str, str]
    """For each id the header in the file."""
    readings: Mapping[str, Reading]
    """How the cells of each metric are read."""
    units: Mapping[str, str] = field(default_factory=dict)
    """What metrics are counted in, as far as the file says."""
    spans: tuple[Window, ...] = ()
    """The stretches of days that rows stand for, where these are longer than a day."""
    extent: Window | None = None
    """The first and last day of the file."""
    sheet: str | None = None
    blanks: frozenset[str] = frozenset()
    """What stands in cells without a number, as it is compared."""
    times: frozenset[str] = frozenset()
    """The columns that the day of a row was taken from and that say its time, too; here as they are written."""
    dated: bool = True
    """Whether its rows say their days themselves."""
    header_line: int = 1
    """The line that its header stands on, in a sheet the row."""
    above: int = 0
    """How many lines of its file stand above the header and are not read."""


def without(laid: Laid, columns: Collection[str]) -> Laid:
    """A table without some of its columns."""
    if not columns:
        return laid
    kept = [place for place, id_ in enumerate(laid.header) if id_ not in columns]
    return replace(
        laid,
        header=tuple(laid.header[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in laid.rows),
        readings={id_: reading for id_, reading in laid.readings.items() if id_ not in columns},
    )


def in_one_spelling(parts: Sequence[tuple[DataFile, Laid]]) -> Sequence[tuple[DataFile, Laid]]:
    """The parts of a table, with one spelling for texts that are alike, whichever of its files they are in."""
    for dimension in parts[0][1].shape.alike if len(parts) > 1 else ():
        places = [laid.header.index(dimension) if dimension in laid.header else -1 for _, laid in parts]
        texts = {
            row[place] or "" for (_, laid), place in zip(parts, places, strict=True) if place >= 0 for row in laid.rows
        }
        names = {text: group[0] for group in alike(texts) for text in group}
        if names:
            parts = [
                (file, _spelt(laid, place, names) if place >= 0 else laid)
                for (file, laid), place in zip(parts, places, strict=True)
            ]
    return parts


def _spelt(laid: Laid, place: int, names: Mapping[str, str]) -> Laid:
    rows = ((*row[:place], names.get(row[place] or "", row[place]), *row[place + 1 :]) for row in laid.rows)
    return replace(laid, rows=tuple(rows))


class Layout(Struct, frozen=True, eq=False):
    """What was found in one file."""

    form: Format | None = None
    tables: tuple[Laid, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()
    """What else is worth knowing of how it was read."""
    encoding: str = ""
    delimiter: str = ""
    problems: tuple[Problem, ...] = ()


def whole(windows: Iterable[Window]) -> Window | None:
    """From the first to the last day of all of these; None where there are none."""
    found = list(windows)
    return Window(min(one.first for one in found), max(one.last for one in found)) if found else None


def over_each_other(spans: Sequence[Window]) -> tuple[Window, Window] | None:
    """The first two stretches, in order, that lie over each other."""
    return next(((one, other) for one, other in pairwise(spans) if other.first <= one.last), None)


def ids_of(names: Iterable[str]) -> list[str]:
    """The columns of a key as tables call them."""
    return [DAY if name == "day" else name for name in names]


def as_written(names: Sequence[str]) -> str:
    """The columns of a key as a goal file says them under `dedupe`."""
    return ALL if ALL in names else f"[{', '.join(names)}]"

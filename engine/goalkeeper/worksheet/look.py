"""A look at a data file: which column has the days, which have numbers, and what tells rows apart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

from msgspec import Struct

from goalkeeper import documents, project
from goalkeeper.definitions import IDENTIFIER, labels_of
from goalkeeper.inputs import MANY_VALUES
from goalkeeper.packs import shipped, shipped_names
from goalkeeper.paths import Allowed, fixed
from goalkeeper.problems import Problem, errors
from goalkeeper.said import enumerated, quoted, say
from goalkeeper.sources.days import Ambiguous, DayFormat, coarser_grain, recognise
from goalkeeper.sources.delimited import sample as delimited_sample
from goalkeeper.sources.described import column_of
from goalkeeper.sources.files import DataFile, locate
from goalkeeper.sources.rows import looks_numeric, odd_number
from goalkeeper.sources.table import ColumnKind, Sample
from goalkeeper.sources.texts import joined, unlike
from goalkeeper.units import PERCENT
from goalkeeper.words import fold
from goalkeeper.worksheet.sheet import Fault, Numbers

MONEY = frozenset({"spend", "cost", "costs", "amount_spent", "revenue", "turnover", "margin", "budget", "income"})
"""Names that columns with money often have; the currency is asked for."""
CHANNELS = ("platform", "channel", "network")
"""Dimensions that tell channels apart."""
_IN_PERSIAN = {"پلتفرم": "platform", "کانال": "channel", "شبکه": "network", "کمپین": "campaign", "شهر": "city"}
"""Names for dimensions whose headers people write in Persian."""
LISTED = 12
"""How many values of a dimension are told."""


class Look(Struct, frozen=True):
    """What a data file looks like. `days` are the columns that hold days, each with the ways to read it."""

    name: str
    path: str
    days: dict[str, tuple[str | None, ...]]
    numbers: tuple[str, ...]
    groups: tuple[str, ...]
    """The columns of texts that are few enough to tell segments apart."""
    values: dict[str, tuple[str, ...]]
    """The first values of these and of the days, each once."""
    odd: tuple[str, ...] = ()
    """What is said of columns of numbers in clothes, which do not add up as they are."""

    def columns(self, dimensions: Sequence[str]) -> dict[str, str]:
        """A name for each header of a number or of one of the *dimensions* that is none itself."""
        taken = {header for header in (*self.numbers, *dimensions) if IDENTIFIER.fullmatch(header)}
        found: dict[str, str] = {}
        for kind, headers in (("number", self.numbers), ("group", dimensions)):
            for place, header in enumerate(headers, 1):
                if not IDENTIFIER.fullmatch(header):
                    known = _slug(header) or _IN_PERSIAN.get(header.strip()) or _labels().get(fold(header))
                    name = unlike(known or f"{kind}_{place}", taken)
                    taken.add(name)
                    found[name] = header
        return found

    def as_numbers(self, time: str, form: str | None, dimensions: Sequence[str]) -> Numbers:
        """The file as a source: with this column for the days, and these headers to tell segments apart."""
        columns = self.columns(dimensions)
        names = {header: name for name, header in columns.items()}
        metrics = tuple(names.get(header, header) for header in self.numbers)
        return Numbers(
            self.name,
            self.path,
            time,
            form,
            self.grain(time, form),
            tuple(names.get(header, header) for header in dimensions),
            columns,
            {names[one]: one for one in self.numbers if not one.isascii() and _labels().get(fold(one)) != names[one]},
            metrics,
            tuple(name for name in metrics if name.lower() in MONEY),
        )

    def grain(self, time: str, form: str | None) -> str:
        """What a row seems to stand for: a day, a week, a month or a quarter."""
        read = DayFormat(form) if form else recognise(self.values[time])
        if read is None:
            return "day"
        found: set[date] = set()
        for value in self.values[time]:
            with suppress(ValueError):
                found.add(read.day_of(value))
        return str(coarser_grain(sorted(found)) or "day")


@cache
def _labels() -> dict[str, str]:
    """The metrics that the shipped packs know by a label that is not in Latin letters."""
    metrics = [found for name in shipped_names() for found in shipped(name).written.metrics.items()]
    return {fold(label): name for name, metric in metrics for label in labels_of(metric.label) if not label.isascii()}


def _slug(header: str) -> str:
    """A header as a name; empty where it has no Latin letter."""
    slug = joined(header)
    return slug if IDENTIFIER.fullmatch(slug) else f"n_{slug}" if slug else ""


def look(path: str, folder: Path) -> Look:
    """What the file at *path* looks like, which is seen from *folder*.

    Raises:
        Fault: when there is no such file, it does not read, or it has no days or no numbers.
    """
    name = _slug(Path(path).stem) or "data"
    files = _located(name, path, folder)
    sample = _sample(name, files)
    values = {header: sample.values(header) for header in sample.types}
    days = {header: ways for header in sample.types if (ways := _ways(sample.types[header], values[header]))}
    if not days:
        raise Fault(
            say("no column of '{path}' holds days; it has {columns}", path=path, columns=_listed(sample.types)),
            say("each row needs its day, week or month, such as 2026-04-01"),
        )
    numbers = tuple(h for h in sample.types if h not in days and _is_number(h, sample))
    texts = [h for h in sample.types if h not in days and h not in numbers and sample.types[h] in {"text", "other"}]
    odd = {header: _odd(header, found[0]) for header in texts if (found := list(filter(looks_numeric, values[header])))}
    if not numbers:
        message = say(
            "no column of '{path}' holds plain numbers; it has {columns}", path=path, columns=_listed(sample.types)
        )
        raise Fault(message, *odd.values())
    known = {header: tuple(dict.fromkeys(values[header])) for header in texts}
    groups = tuple(header for header in texts if header not in odd and _groups(known[header], values[header]))
    told = {header: tuple(dict.fromkeys(values[header])) for header in (*days, *groups)}
    return Look(name, path, days, numbers, groups, told, tuple(odd.values()))


def seen_from_here(typed: str, folder: Path) -> str:
    """A path as it is seen from here; one that is only seen from *folder* may be typed as from there."""
    path = Path(typed).expanduser()
    if path.is_absolute() or _is_there(path) or not _is_there(folder / path):
        return path.as_posix()
    return (folder / path).as_posix()


def _is_there(path: Path) -> bool:
    """Whether something is at a path or pattern."""
    return path.exists() or (not path.is_absolute() and any(Path().glob(path.as_posix())))


def beside(path: str, folder: Path) -> str:
    """A path that is seen from here, as a goal file in *folder* writes it."""
    if Path(path).is_absolute():
        return path
    return Path(os.path.relpath(path, folder)).as_posix()


def _located(name: str, path: str, folder: Path) -> tuple[DataFile, ...]:
    draft = {"version": 1, "sources": {name: {"path": path, "time": "date"}}}
    document, problems = documents.from_data(draft, (folder / "goals.yaml").as_posix())
    found, more = project.read_model(document, against_schema=False) if document else (None, [])
    typed = Allowed(read=(fixed(folder / path),))
    files, faults = locate(found.sources()[name], typed) if found else ((), [])
    _stop_at([*problems, *more, *faults])
    return files


def _sample(name: str, files: tuple[DataFile, ...]) -> Sample:
    if all(file.kind == "csv" for file in files):
        sample = delimited_sample(files)
    else:
        from goalkeeper.engines.duckdb import DuckDB  # delimited files are read without a database

        sample = DuckDB(files).sample(name, files, [])
    if isinstance(sample, list):
        raise Fault(sample[0].message, sample[0].help)
    return sample


def _stop_at(problems: Sequence[Problem]) -> None:
    wrong = errors(problems)
    if wrong:
        raise Fault(wrong[0].message, wrong[0].help)


def _ways(typed: str, values: Sequence[str]) -> tuple[str | None, ...]:
    """How the days of a column are written: one way, two where nothing tells them apart, none where it has no days."""
    if typed in {"day", "instant"}:
        return (None,)
    if typed != "text" or not values:
        return ()
    try:
        found = recognise(values)
    except Ambiguous as two:
        return tuple(form.strptime for form in two.formats)
    return () if found is None else (None,)


def _is_number(header: str, sample: Sample) -> bool:
    """Whether a column has numbers, in whatever digits, that add up and read in one way."""
    column = column_of(header, header, sample, is_day=False)
    return column.kind is ColumnKind.NUMBER and column.two_ways is None and column.unit != PERCENT


def _odd(header: str, cell: str) -> str:
    fault, cure = odd_number(cell)
    return say("'{header}' holds '{text}', {fault}; {cure}", header=header, text=cell[:40], fault=fault, cure=cure)


def _groups(known: Sequence[str], values: Sequence[str]) -> bool:
    """Whether a column of texts tells segments apart, and not single rows."""
    return bool(known) and len(known) <= MANY_VALUES and (len(known) == 1 or 2 * len(known) <= len(values))


def _listed(headers: Iterable[str]) -> str:
    return enumerated(map(quoted, headers))

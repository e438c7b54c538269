"""What the database says of files that it cannot read, as problems with a place and a cure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from goalkeeper.engines import parts
from goalkeeper.problems import Problem, Span
from goalkeeper.said import say
from goalkeeper.sources.delimited import faulty_line
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.objects import fault_of
from goalkeeper.sources.table import Table


def name_taken(table: Table, column: str) -> Problem:
    """That a column has a name that the queries give to what they work out."""
    return Problem(
        "GK302",
        say(
            "source '{source}' has a column '{column}', a name that is kept for what is worked out",
            source=table.name,
            column=column,
        ),
        Span(table.files[0].shown, 1, 1),
        say("rename it in the file: no name begins with a point, or with the name of a metric and a point"),
    )


def unreadable(name: str, files: Sequence[DataFile], error: Exception) -> Problem:
    """What is wrong with files that the database could not read, from what it says of them."""
    text = str(error)
    shown = files[0].shown
    for file in files:
        if str(file.path) in text:
            shown = file.shown
    if isinstance(error, duckdb.OutOfMemoryException):
        what = say("adding up the source '{source}' takes more memory than it is given", source=name)
        return Problem("GK302", what, Span(shown, 1, 1), say("give it more, with {option}", option="--memory"))
    if "JSON" in text or any(file.kind == "json" for file in files):
        fault = next((fault for file in files if file.kind == "json" and (fault := fault_of(file))), None)
        if fault is not None:
            return fault
    if parts.UNFIT in text:
        return Problem(
            "GK306",
            say("in source '{source}' a number times its weight has more than 26 digits, or hardly any", source=name),
            Span(shown, 1, 1),
            say("count both in units in which they are neither so large nor so small"),
        )
    if "CSV Parser state machine" in text:
        return Problem(
            "GK302",
            say("the lines of '{file}' do not all end in the same way", file=shown),
            Span(shown, 1, 1),
            say("save it again: every line ends in a line feed, or every line in a carriage return and a line feed"),
        )
    line = _line_in(text)
    if line is not None:
        return faulty_line(next(file for file in files if file.shown == shown), line)
    first = text.splitlines()[0].split(": ", 1)[-1][:160].replace(str(files[0].path), shown)
    return Problem(
        "GK302", say("source '{source}' cannot be read: {error}", source=name, error=first), Span(shown, 1, 1)
    )


def _line_in(message: str) -> int | None:
    """The line of a file that an error message of the database names."""
    found = re.search(r"CSV Error on Line: (\d+)", message) or re.search(r"in line (\d+)", message, re.IGNORECASE)
    return int(found[1]) if found else None

"""Segments of plain tables that stand for all the others: with them every number would count twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goalkeeper.problems import Problem
from goalkeeper.reduction import Engine
from goalkeeper.said import quoted, say
from goalkeeper.sources.repeats import Suspect
from goalkeeper.sources.rows import odd_rows, place_of
from goalkeeper.sources.table import Table
from goalkeeper.sources.texts import dropping

ENOUGH = 4
"""So many digits of sums prove a total that no name tells: by chance they are the same once in ten thousand."""


def totals_among(table: Table, engine: Engine) -> Iterator[Problem]:
    """What is wrong with a table in which a segment is the total of the others.

    What a text means is told by numbers: it is a total where it is the sum of the others on every day, and none where
    it is less. Where numbers tell nothing, a text that totals go by is taken for one.
    """
    found = totals_in(table, engine)
    for dimension, values in found.items():
        yield _problem(table, dimension, values)
    # Totals among days are said when rows are added up, which this table will not be: they are said here.
    days = {suspect.value for suspect in table.suspects if suspect.dimension == table.day}
    if found and days:
        yield from odd_rows(table, table.day, "day", days)


def totals_in(table: Table, engine: Engine) -> dict[str, list[tuple[str, str]]]:
    """For dimensions: the texts that are totals of the others, each with how that is known."""
    found: dict[str, list[tuple[str, str]]] = {}
    for suspect in table.suspects:
        told = None if suspect.dimension == table.day else _told(table, suspect, engine)
        if told is not None:
            found.setdefault(suspect.dimension, []).append((suspect.value, told))
    return found


def _told(table: Table, suspect: Suspect, engine: Engine) -> str | None:
    """How a text is known to be a total; None when it is none."""
    totals = [other.value for other in table.suspects if other.dimension == suspect.dimension]
    found = engine.against_others(table, suspect.dimension, suspect.value, totals)
    sums = [against for against in found if against.same == against.days]
    if sums and (suspect.named or sum(against.digits for against in sums) >= ENOUGH):
        return say("is the sum of the others, in '{column}' on every day", column=sums[0].column)
    if not suspect.sure and found and all(2 * against.below > against.days for against in found):
        return None
    return say("is what totals are called") if suspect.named else None


def _problem(table: Table, dimension: str, found: Sequence[tuple[str, str]]) -> Problem:
    (value, how), *others = found
    told = {
        "text": quoted(value) if value else say("a blank"),
        "dimension": dimension,
        "source": table.of,
        "how": how,
    }
    if len(others) > 1:
        text = say(
            "{text} in '{dimension}' of '{source}' {how}, and so are {count} more: numbers would count twice",
            count=len(others),
            **told,
        )
    elif others:
        text = say(
            "{text} in '{dimension}' of '{source}' {how}, and so is '{other}': numbers would count twice",
            other=others[0][0],
            **told,
        )
    else:
        text = say("{text} in '{dimension}' of '{source}' {how}: numbers would count twice", **told)
    rows = dropping(dimension, *(value for value, _ in found))
    return Problem(
        "GK327",
        text,
        place_of(table, table.columns[dimension].header, value),
        say("leave these rows out: drop: {rows}", rows=rows),
    )

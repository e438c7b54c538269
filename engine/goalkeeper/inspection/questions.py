"""What a person must decide of a plain table: which days its rows are about, and what odd rows and gaps mean."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from goalkeeper.inspection.days import DayColumn
from goalkeeper.inspection.seen import PERIOD, Decision
from goalkeeper.said import enumerated, quoted, say
from goalkeeper.sources.days import coarser_grain
from goalkeeper.sources.grid import Row
from goalkeeper.sources.notation import folded
from goalkeeper.sources.repeats import repeated
from goalkeeper.sources.texts import inline, literal

LINES = 5
"""So many lines are listed."""

Kept = Sequence[tuple[Row, tuple[str, ...]]]
"""The rows that count, each with as many cells as there are headers."""


def ask_which_days(day: DayColumn | None, period: str | None) -> Iterator[Decision]:
    """Which days the rows are about, where neither a column nor a period tells."""
    if period is None and day is None:
        question = say("no column holds days: which days are the rows about?")
        yield Decision(question, "period", ((PERIOD, say("such as these")),))
    elif day is not None and len(day.ways) > 1:
        options = tuple((inline({"column": day.header, "format": way}), day.shown(way)) for way in day.ways)
        question = say(
            "days such as '{text}' in '{header}' can be read in two ways", text=day.example, header=day.header
        )
        yield Decision(question, "time", options)


def ask_about_lacking_days(day: DayColumn | None, kept: Kept, drop: Mapping[str, Sequence[str]]) -> Iterator[Decision]:
    """Rows that say no day: a score refuses them."""
    if day is None:
        return
    texts_of_days = ((row.line, cells[day.place].strip()) for row, cells in kept)
    odd = [(line, text) for line, text in texts_of_days if day.days.get(text) is None]
    if not odd:
        return
    texts = list(dict.fromkeys(text for _, text in odd))
    shown = enumerated(quoted(text[:20]) if text else say("a blank") for text in texts[:3])
    question = say(
        "1 row has no day in '{header}' but {texts} ({lines}): mend it in the file, or leave it out"
        if len(odd) == 1
        else "{rows} rows have no day in '{header}' but {texts} ({lines}): mend them in the file, or leave them out",
        rows=len(odd),
        header=day.header,
        texts=shown,
        lines=_lines([line for line, _ in odd]),
    )
    yield Decision(question, "drop", ((inline(dropping({**drop, day.header: texts[:LINES]})), ""),))


def dropping(drop: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What `drop:` says: the texts as patterns that fit nothing else."""
    return {header: [literal(value) for value in values] for header, values in drop.items()}


def ask_about_repeats(kept: Kept, names: Sequence[str], keys: Sequence[str]) -> Iterator[Decision]:
    """Rows that are there twice, and rows with a link or number that another row has."""
    again = repeated([cells for _, cells in kept])
    if again:
        question = say(
            "{rows} row is there twice, with the same cells ({lines})"
            if len(again) == 1
            else "{rows} rows are there twice, with the same cells ({lines})",
            rows=len(again),
            lines=_lines([kept[place][0].line for place, _ in again]),
        )
        meaning = say("keeps the first of each; leave it out if each is an event of its own")
        yield Decision(question, "dedupe", (("all", meaning),), needed=False)
        return
    for header in keys:
        place = names.index(header)
        texts = [(row.line, folded(cells[place])) for row, cells in kept if cells[place].strip()]
        again = repeated([text for _, text in texts])
        if again:
            question = say(
                "'{header}' is the same in {rows} rows ({lines}): should each count once?",
                header=header,
                rows=len(again) + len({first for _, first in again}),
                lines=_lines([texts[place][0] for place, _ in again]),
            )
            meaning = say("keeps the first row of each")
            yield Decision(question, "dedupe", ((inline([header]), meaning),), needed=False)
            return


def ask_about_gaps(found: Collection[date]) -> Iterator[Decision]:
    """Rows a week or more apart, or days without any."""
    days = sorted(found)
    grain = coarser_grain(days) if days else None
    if grain is not None:
        question = say("the rows are a {grain} apart: does each stand for its whole {grain}?", grain=grain)
        yield Decision(question, "grain", ((str(grain), ""),))
        return
    gaps = (days[-1] - days[0]).days + 1 - len(days) if days else 0
    if gaps:
        question = say(
            "{days} day between the first and the last has no row: did nothing happen then?"
            if gaps == 1
            else "{days} days between the first and the last have no row: did nothing happen then?",
            days=gaps,
        )
        meaning = say("if so; left out, their numbers are missing")
        yield Decision(question, "missing", (("zero", meaning),), needed=False)


def _lines(lines: Sequence[int]) -> str:
    numbers = enumerated(say("{number}", number=line) for line in lines[:LINES])
    if len(lines) > LINES:
        return say("lines {numbers}, ...", numbers=numbers)
    return say("line {numbers}" if len(lines) == 1 else "lines {numbers}", numbers=numbers)

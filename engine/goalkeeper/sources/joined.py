"""Tables of one file that tell of the same days put beside each other, each with columns of its own."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from goalkeeper.sources.formats import DAY
from goalkeeper.sources.laid import Laid


def put_together(tables: Sequence[Laid]) -> list[Laid]:
    """The tables, those that continue another one put beside it where that one is in the file."""
    kept = list(tables)
    for laid in tables:
        place = next((n for n, one in enumerate(kept) if one.shape.name == laid.shape.continues), None)
        if place is not None and DAY in kept[place].header and DAY in laid.header:
            kept[place] = _beside(kept[place], laid)
            kept.remove(laid)
    return kept


def _beside(first: Laid, other: Laid) -> Laid:
    """The columns of both; a day that one of them does not have is blank there."""
    mine, theirs = first.header.index(DAY), other.header.index(DAY)
    more = [place for place, id_ in enumerate(other.header) if id_ not in first.header]
    by_day = {row[theirs]: tuple(row[place] for place in more) for row in other.rows}
    lines = dict(zip((row[theirs] for row in other.rows), other.lines, strict=True))
    known = {row[mine] for row in first.rows}
    blank = (None,) * len(first.header)
    late = [day for day in by_day if day not in known]
    return replace(
        first,
        shape=replace(first.shape, measured=(*first.shape.measured, *other.shape.measured)),
        header=(*first.header, *(other.header[place] for place in more)),
        rows=(
            *((*row, *by_day.get(row[mine], (None,) * len(more))) for row in first.rows),
            *((*blank[:mine], day, *blank[mine + 1 :], *by_day[day]) for day in late),
        ),
        lines=(*first.lines, *(lines[day] for day in late)),
        headers={**other.headers, **first.headers},
        readings={**other.readings, **first.readings},
        units={**other.units, **first.units},
    )

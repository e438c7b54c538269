"""What data files are, as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from goalkeeper.inspection.seen import (
    DAY,
    DIMENSION,
    EMPTY,
    IGNORED,
    NAMES,
    RATE,
    TEXT,
    Inspection,
    SeenColumn,
    SeenTable,
)
from goalkeeper.reporters.layout import Page, Style, cells, cut, pad, wrap
from goalkeeper.reporters.left_out import text_of
from goalkeeper.reporters.safe import safe

NARROWEST = 40
HEADER, EXAMPLE = 30, 18
"""So wide at most are the columns of headers and examples."""
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_KINDS = {"csv": "text", "json": "JSON", "parquet": "Parquet", "workbook": "a workbook"}


def render(inspections: Sequence[Inspection], block: str, *, width: int = 80, color: bool = False) -> str:
    """A report for each file, and the block of sources to paste."""
    page = _Page(max(width, NARROWEST), color=color)
    lines: list[str] = []
    for one in inspections:
        lines += [*page.inspection(one), ""]
    if block:
        lines += [page.paint("To paste into a goal file", Style.BOLD), "", *map(safe, block.splitlines())]
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


class _Page(Page):
    def wrap(self, text: str, indent: str = "  ") -> Iterator[str]:
        yield from wrap(safe(text), self.width, indent, " " * len(indent))

    def inspection(self, one: Inspection) -> Iterator[str]:
        for line in wrap(safe(one.path), self.width):
            yield self.paint(line, Style.BOLD)
        yield from self.wrap(_what(one))
        for line in wrap(_how(one), self.width, "  "):
            yield self.paint(line, Style.DIM)
        for found in one.tables:
            yield ""
            yield from self.table(found, several=len(one.tables) > 1, apart=found not in one.read)
        yield from self.listed("Left out", map(text_of, one.dropped))
        yield from self.listed("To decide", [decision.question for decision in one.asked])
        yield from self.listed("Good to know", one.notes)

    def listed(self, title: str, texts: Iterable[str]) -> Iterator[str]:
        for number, text in enumerate(texts):
            if number == 0:
                yield ""
                yield "  " + self.paint(title, Style.BOLD)
            yield from self.wrap(text, "  - ")

    def table(self, found: SeenTable, *, several: bool, apart: bool) -> Iterator[str]:
        if several:
            how = f", read only with table: {found.name}" if apart and found.apart else ""
            how = f", made of the table {found.part_of}" if found.part_of else how
            named = found.name if found.label in {"", found.name} else f"{found.name}: {found.label}"
            for line in wrap(safe(f"{named} ({_extent(found)}{how})"), self.width, "  "):
                yield self.paint(line, Style.BOLD)
        rows = [[safe(c.header) or "(no header)", _is(c), safe(c.example)] for c in found.columns]
        headers = [cut(header, HEADER) for header, _, _ in rows]
        examples = [cut(example, EXAMPLE) for _, _, example in rows]
        left = max(map(cells, (*headers, "column")))
        right = max(map(cells, (*examples, "such as")))
        room = max(self.width - 4 - left - right - 4, 12)
        yield "    " + self.paint(f"{pad('column', left)}  {pad('is', room)}  such as", Style.DIM)
        for header, (_, what, _), example in zip(headers, rows, examples, strict=True):
            first, *others = list(wrap(what, room)) or [""]
            yield f"    {pad(header, left)}  {pad(first, room)}  {example}"
            yield from (f"    {' ' * left}  {other}" for other in others)


def _what(one: Inspection) -> str:
    if one.format is not None:
        verb = "fits" if len(one.rivals) == 1 else "fit"
        also = f"; {' and '.join(one.rivals)} {verb} as well, or nearly" if one.rivals else ""
        return f"{one.format}: {one.about}{also}"
    if one.source or not one.problems:
        return "a plain table: no known export has these columns"
    return "no table that can be read, and no known export"


def _how(one: Inspection) -> str:
    first = one.read[0] if one.read else None
    parts = [
        _encoding(one) if one.encoding else _KINDS[one.kind],
        _DELIMITERS.get(one.delimiter or "", ""),
        f"sheet {safe(first.sheet)}" if first and first.sheet else "",
        f"header on {'row' if first.sheet else 'line'} {first.header_line}"
        if first and one.kind in {"csv", "workbook"}
        else "",
        f"{one.rows:,} {'row' if one.rows == 1 else 'rows'}" if one.tables else "",
        _days(one) if one.tables else "",
    ]
    return " · ".join(filter(None, parts))


def _encoding(one: Inspection) -> str:
    return re.sub("utf-16-[lb]e", "UTF-16", one.encoding or "").replace("utf-", "UTF-")


def _days(one: Inspection) -> str:
    if one.start is None:
        return "days to be decided" if any(decision.key == "time" for decision in one.asked) else "no days"
    return f"{one.start} to {one.end}" if one.start != one.end else f"{one.start}"


def _extent(found: SeenTable) -> str:
    days = f", {found.start} to {found.end}" if found.start else ""
    return f"{'row' if found.sheet else 'line'} {found.header_line}, {found.rows:,} {'row' if found.rows == 1 else 'rows'}{days}"


def _is(column: SeenColumn) -> str:
    """What a column is, in words."""
    written = f"written {safe(column.written)}" if column.written else ""
    match column.kind:
        case kind if kind == DAY:
            return ", ".join(filter(None, ("the day", safe(column.written))))
        case kind if kind == DIMENSION:
            values = "1 value" if column.values == 1 else f"{column.values} values"
            return f"tells segments apart: {values}" if column.values is not None else "tells segments apart"
        case kind if kind == NAMES:
            return f"names what the number of its row counts: {column.values} metrics"
        case kind if kind in {TEXT, EMPTY, IGNORED}:
            return f"not read: {safe(column.why)}"
        case kind if kind == RATE:
            return f"{', '.join(filter(None, ('not added up', written)))}: {safe(column.why)}"
    kind = f"{column.kind.replace('_', ' ')}{f' weighted by {column.weighted_by}' if column.weighted_by else ''}"
    unit = f"in {safe(column.unit)}" if column.unit and column.unit != "count" else ""
    parts = (f"{safe(column.id or '')}: {kind}", unit, written, safe(column.why))
    return ", ".join(filter(None, parts))

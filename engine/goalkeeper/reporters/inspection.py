"""What data files are, as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from goalkeeper.calendar import Window
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
from goalkeeper.languages import Shown, tr
from goalkeeper.reporters.layout import Page, Style, as_it_is, cells, cut, directed, pad, wrap
from goalkeeper.reporters.left_out import text_of
from goalkeeper.reporters.phrases import words_of
from goalkeeper.reporters.safe import apart as _apart
from goalkeeper.reporters.safe import composed, safe, stretch
from goalkeeper.said import Said, UnitName, all_of, enumerated, say

HEADER, EXAMPLE = 30, 18
"""So wide at most are the columns of headers and examples."""
_DELIMITERS = {",": say("commas"), ";": say("semicolons"), "\t": say("tabs"), "|": say("bars")}
_KINDS = {"csv": say("text"), "json": "JSON", "parquet": "Parquet", "workbook": say("a workbook")}


def render(inspections: Sequence[Inspection], block: str, *, width: int = 80, color: bool = False) -> str:
    """A report for each file, and the block of sources to paste."""
    page = _Page(width, color=color)
    lines: list[str] = []
    for one in inspections:
        lines += [*page.inspection(one), ""]
    if block:
        lines += [page.paint(tr("To paste into a goal file"), Style.BOLD), ""]
        lines += [as_it_is(safe(line)) for line in block.splitlines()]
    return directed("\n".join(line.rstrip() for line in lines).rstrip("\n")) + "\n"


class _Page(Page):
    def wrap(self, text: str, indent: str = "  ") -> Iterator[str]:
        yield from wrap(safe(text), self.width, indent, " " * len(indent))

    def inspection(self, one: Inspection) -> Iterator[str]:
        yield from self.painted(safe(one.path), Style.BOLD)
        yield from self.wrap(_what(one))
        yield from self.dim(_how(one), "  ")
        for found in one.tables:
            yield ""
            yield from self.table(found, several=len(one.tables) > 1, apart=found not in one.read)
        yield from self.listed(tr("Left out"), map(text_of, one.dropped))
        yield from self.listed(tr("To decide"), [decision.question for decision in one.asked])
        yield from self.listed(tr("Good to know"), one.notes)

    def listed(self, title: str, texts: Iterable[str]) -> Iterator[str]:
        for number, text in enumerate(texts):
            if number == 0:
                yield ""
                yield "  " + self.paint(title, Style.BOLD)
            yield from self.wrap(text, "  - ")

    def table(self, found: SeenTable, *, several: bool, apart: bool) -> Iterator[str]:
        if several:
            yield from self.painted(_title(found, apart=apart), Style.BOLD, indent="  ")
        rows = [[_apart(c.header or tr("(no header)")), composed(_is(c)), _apart(c.example)] for c in found.columns]
        titles = tr("column"), tr("is"), tr("such as")
        headers = [cut(header, HEADER) for header, _, _ in rows]
        examples = [cut(example, EXAMPLE) for _, _, example in rows]
        left = max(map(cells, (*headers, titles[0])))
        right = max(map(cells, (*examples, titles[2])))
        room = max(self.width - 4 - left - right - 4, 12)
        yield "    " + self.paint(f"{pad(titles[0], left)}  {pad(titles[1], room)}  {titles[2]}", Style.DIM)
        for header, (_, what, _), example in zip(headers, rows, examples, strict=True):
            first, *others = list(wrap(what, room)) or [""]
            yield f"    {pad(header, left)}  {pad(first, room)}  {example}"
            yield from (f"    {' ' * left}  {other}" for other in others)


def _what(one: Inspection) -> Shown:
    if one.format is not None and one.rivals:
        return tr(
            "{format}: {about}; {rivals} fits as well, or nearly"
            if len(one.rivals) == 1
            else "{format}: {about}; {rivals} fit as well, or nearly",
            format=one.format,
            about=one.about,
            rivals=all_of(one.rivals),
        )
    if one.format is not None:
        return tr("{format}: {about}", format=one.format, about=one.about)
    if one.source or not one.problems:
        return tr("a plain table: no known export has these columns")
    return tr("no table that can be read, and no known export")


def _how(one: Inspection) -> Shown:
    first = one.read[0] if one.read else None
    parts: list[Shown] = [Shown(_encoding(one)) if one.encoding else safe(_KINDS[one.kind])]
    if one.delimiter in _DELIMITERS:
        parts.append(safe(_DELIMITERS[one.delimiter]))
    if first and first.sheet:
        parts.append(tr("sheet {sheet}", sheet=first.sheet))
    if first and one.kind in {"csv", "workbook"}:
        line = first.header_line
        parts.append(tr("header on row {row}", row=line) if first.sheet else tr("header on line {line}", line=line))
    if one.tables:
        parts += [safe(_rows(one.rows)), _days(one)]
    return composed(" · ".join(parts))


def _encoding(one: Inspection) -> str:
    return re.sub("utf-16-[lb]e", "UTF-16", one.encoding or "").replace("utf-", "UTF-")


def _rows(rows: int) -> Said:
    return say("{rows:,} row" if rows == 1 else "{rows:,} rows", rows=rows)


def _days(one: Inspection) -> Shown:
    if one.start is None or one.end is None:
        return tr("days to be decided" if any(decision.key == "time" for decision in one.asked) else "no days")
    return stretch(one.start, one.end)


def _title(found: SeenTable, *, apart: bool) -> Shown:
    """The name of a table of several, and where it is."""
    named = say("{name}: {label}", name=found.name, label=found.label)
    line = found.header_line
    facts = [say("row {row}", row=line) if found.sheet else say("line {line}", line=line), _rows(found.rows)]
    if found.start is not None and found.end is not None:
        facts.append(say("{days}", days=Window(found.start, found.end)))
    if found.part_of:
        facts.append(say("made of the table {table}", table=found.part_of))
    elif apart and found.apart:
        facts.append(say("read only with table: {table}", table=found.name))
    name = found.name if found.label in {"", found.name} else named
    return tr("{table} ({facts})", table=name, facts=enumerated(facts))


def _is(column: SeenColumn) -> Shown:
    """What a column is, in words."""
    written = say("written {how}", how=column.written) if column.written else ""
    match column.kind:
        case kind if kind == DAY:
            return _one_by_one(say("the day"), column.written)
        case kind if kind == DIMENSION and column.values is not None:
            count = column.values
            return tr(
                "tells segments apart: 1 value" if count == 1 else "tells segments apart: {count} values", count=count
            )
        case kind if kind == DIMENSION:
            return tr("tells segments apart")
        case kind if kind == NAMES:
            return tr("names what the number of its row counts: {count} metrics", count=column.values)
        case kind if kind in {TEXT, EMPTY, IGNORED}:
            return tr("not read: {why}", why=column.why)
        case kind if kind == RATE:
            what = enumerated(filter(None, (say("not added up"), written)))
            return tr("{what}: {why}", what=what, why=column.why)
    added = words_of(column.kind)
    if column.weighted_by:
        added = say("{kind} weighted by {weight}", kind=added, weight=column.weighted_by)
    unit = say("in {unit}", unit=UnitName(column.unit)) if column.unit and column.unit != "count" else ""
    return _one_by_one(say("{id}: {kind}", id=column.id or "", kind=added), unit, written, column.why)


def _one_by_one(*texts: str) -> Shown:
    return safe(enumerated(filter(None, texts)))

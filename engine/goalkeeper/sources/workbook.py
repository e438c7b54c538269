"""The sheets of xls and xlsx files, their cells as text."""

from __future__ import annotations

import struct
from datetime import date, datetime, time, timedelta
from typing import Any

from goalkeeper.problems import Problem, Span
from goalkeeper.said import say
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.grid import Grid, Row
from goalkeeper.sources.packed import MOST_BYTES, MOST_CELLS, unfolds


def sheets(file: DataFile) -> list[Grid] | Problem:
    """The sheets of a workbook, hidden ones too."""
    try:
        from python_calamine import CalamineWorkbook, SheetVisibleEnum  # few read workbooks
    except ImportError:
        return Problem(
            "GK302",
            say("'{file}' is a workbook, and the library that reads those is not installed", file=file.shown),
            Span(file.shown, 1, 1),
            say(
                "install it: {command}; or save the sheet as CSV UTF-8",
                command="python -m pip install 'goalkeeper[excel]'",
            ),
        )
    if not _chains_end(file.content()):
        return _damaged(file, say("its parts go round in circles"))
    size, cells = unfolds(file.path)
    if size > MOST_BYTES or cells > MOST_CELLS:
        return Problem(
            "GK302",
            say("'{file}' unfolds to {count:,} cells: more than are read", file=file.shown, count=cells)
            if cells
            else say("'{file}' unfolds to {count:,} bytes: more than are read", file=file.shown, count=size),
            Span(file.shown, 1, 1),
            say("take out what stands far below or beside the table, or save the sheet as CSV UTF-8"),
        )
    try:
        book = CalamineWorkbook.from_path(str(file.path))
        found = []
        for meta in book.sheets_metadata:
            rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            found.append(
                Grid(
                    tuple(Row(number, tuple(map(_text, row))) for number, row in enumerate(rows, 1)),
                    meta.name,
                    meta.visible is not SheetVisibleEnum.Visible,
                )
            )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  the library raises its own errors; a panic of its parser is none
        return _damaged(file, str(error).splitlines()[0][:120] if str(error) else say("it is damaged"))
    return found


def _damaged(file: DataFile, how: str) -> Problem:
    return Problem(
        "GK302",
        say("'{file}' cannot be read as a workbook: {fault}", file=file.shown, fault=how),
        Span(file.shown, 1, 1),
        say("export it again: it may have been cut off on the way"),
    )


_MAGIC, _HEADER, _IN_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 512, 109
_LAST_SECTOR = 0xFFFFFFFA
"""Larger numbers name no sector: they end a chain, or say that a sector is free."""


def _chains_end(data: bytes) -> bool:
    """Whether every chain of sectors in an xls file ends. The library follows one that does not until memory is full."""
    if not data.startswith(_MAGIC) or len(data) < _HEADER:
        return True
    size = 1 << min(int.from_bytes(data[30:32], "little"), 12)

    def sector(number: int) -> tuple[int, ...]:
        raw = data[(number + 1) * size : (number + 2) * size]
        return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])

    tables = list(struct.unpack(f"<{_IN_HEADER}I", data[76:_HEADER]))
    more, seen = int.from_bytes(data[68:72], "little"), set[int]()
    while more < _LAST_SECTOR and sector(more):
        if more in seen:
            return False
        seen.add(more)
        *listed, more = sector(more)
        tables += listed
    after = [number for table in tables if table < _LAST_SECTOR for number in sector(table)]
    ended: set[int] = set()
    for start in range(len(after)):
        chain: set[int] = set()
        place = start
        while place < len(after) and place not in ended:
            if place in chain:
                return False
            chain.add(place)
            place = after[place]
        ended |= chain
    return True


def _text(cell: Any) -> str:
    """A cell as it would be written in a text file: whole numbers without a point, days and times in ISO form."""
    match cell:
        case str():
            return cell
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime():
            return cell.isoformat() if cell.time() != time() else cell.date().isoformat()
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat(timespec="seconds")
        case timedelta():
            seconds = round(cell.total_seconds())
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case _:  # a number with a fraction, or from an old workbook a whole one
            return str(cell)

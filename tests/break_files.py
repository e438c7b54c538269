"""How tests break a file: one thing of a good file is changed, whatever its encoding, delimiter and lines above."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
DIGITS = "0-9۰-۹"
DAY = re.compile(
    rf"(?P<y>[{DIGITS}]{{4}})(?P<s>[-/]?)(?P<m>[{DIGITS}]{{2}})(?P=s)(?P<d>[{DIGITS}]{{2}})(?![{DIGITS}])"
    rf"|(?P<a>\d{{2}})(?P<t>[-/])(?P<b>\d{{2}})(?P<z>(?P=t)\d{{4}})"
)
"""A day in numbers: the year first, or the year last."""

Cells = list[str]


def broken(path: Path, changes: Mapping[str, Any]) -> bytes:
    """The bytes of the file at *path* with the one thing changed that *changes* says."""
    data = path.read_bytes()
    if path.suffix in {".xlsx", ".xls"}:
        assert path.suffix == ".xlsx" or not changes.keys() - {"cut"}, f"nothing here writes '{path.name}'"
        whole = _workbook(path, changes) if changes.keys() - {"cut"} else data
        return whole[: changes.get("cut")]
    mark = next((mark for mark in MARKS if data.startswith(mark)), b"")
    encoding = MARKS.get(mark) or changes.get("written_in", "utf-8")
    text = data[len(mark) :].decode(encoding)
    text = _text(text, changes)
    if "saved_as" in changes:
        mark, encoding = b"", changes["saved_as"]
    cut = changes.get("cut")
    return (mark + text.encode(encoding))[: cut if isinstance(cut, int) else None]


def _text(text: str, changes: Mapping[str, Any]) -> str:
    for old, new in changes.get("replace", {}).items():
        assert text.count(old) == 1, f"'{old}' is {text.count(old)} times in the file"
        text = text.replace(old, new)
    for old, new in changes.get("replace_all", {}).items():
        assert old in text, f"'{old}' is not in the file"
        text = text.replace(old, new)
    for header in changes.get("drop", ()):
        text = _by_column(text, header, _without)
    for header in changes.get("swap", ()):
        text = _by_column(text, header, _swapped)
    if isinstance(changes.get("cut"), str):
        kept, found, _ = text.rpartition(changes["cut"])
        assert found, f"'{changes['cut']}' is not in the file"
        text = kept + found
    return text


def _by_column(text: str, header: str, change: Callable[[Cells, int], None]) -> str:
    """The text with *change* made to the rows below each *header*, down to the next blank line."""
    end = "\r\n" if "\r\n" in text else "\n"
    said = re.match(r"\"?sep=(.)", text)
    delimiter = said[1] if said else max(",;\t", key=text.count)
    place, times = None, 0
    lines: list[str] = []
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        found = next((n for n, cell in enumerate(cells) if cell.strip() == header), None)
        if found is not None:
            place, times = found, times + 1
        elif not any(cell.strip() for cell in cells):
            place = None
        if place is not None and place < len(cells):
            change(cells, place)
        out = io.StringIO()
        quote_all = csv.QUOTE_ALL if f'"{header}"' in text else csv.QUOTE_MINIMAL
        csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quote_all).writerow(cells)
        lines.append(end if not cells else text.partition(end)[0] + end if said and not lines else out.getvalue())
    assert times, f"no column '{header}' in the file"
    return "".join(lines)


def _without(cells: Cells, place: int) -> None:
    del cells[place]


def _swapped(cells: Cells, place: int) -> None:
    cells[place] = swapped(cells[place])


def swapped(text: str) -> str:
    """The text with day and month of each of its days exchanged."""

    def exchange(day: re.Match[str]) -> str:
        if day["y"]:
            return f"{day['y']}{day['s']}{day['d']}{day['s']}{day['m']}"
        return f"{day['b']}{day['t']}{day['a']}{day['z']}"

    return DAY.sub(exchange, text)


def _workbook(path: Path, changes: Mapping[str, Any]) -> bytes:
    book = openpyxl.load_workbook(path)
    for old, new in changes.get("replace", {}).items():
        found = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value == old]
        assert found, f"no cell holds '{old}'"
        for cell in found:
            cell.value = new
    for header in changes.get("drop", ()):
        for sheet, _, place in _columns(book.worksheets, header):
            sheet.delete_cols(place)
    for header in changes.get("swap", ()):
        for sheet, line, place in _columns(book.worksheets, header):
            for (cell,) in sheet.iter_rows(line + 1, min_col=place, max_col=place):
                cell.value = _swapped_cell(cell.value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _columns(sheets: Sequence[Worksheet], header: str) -> Iterator[tuple[Worksheet, int, int]]:
    found = [
        (sheet, cell.row, cell.column)
        for sheet in sheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value == header
    ]
    assert found, f"no column '{header}' in the workbook"
    yield from found


def _swapped_cell(value: Any) -> Any:
    """A cell as a spreadsheet has it that takes the month for the day: a day where that is one, else text."""
    if not isinstance(value, datetime):
        return swapped(value) if isinstance(value, str) else value
    if value.day > 12:
        return f"{value:%m/%d/%Y}"
    return value.replace(month=value.day, day=value.month)

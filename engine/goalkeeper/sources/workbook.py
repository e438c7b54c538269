"""The sheets of xls and xlsx files, their cells as text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from goalkeeper.problems import Problem, Span
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.grid import Grid, Row


def sheets(file: DataFile) -> list[Grid] | Problem:
    """The sheets of a workbook, hidden ones too."""
    try:
        from python_calamine import CalamineWorkbook, SheetVisibleEnum  # few read workbooks
    except ImportError:
        return Problem(
            "GK302",
            f"'{file.shown}' is a workbook, and the library that reads those is not installed",
            Span(file.shown, 1, 1),
            "install it: python -m pip install 'goalkeeper[excel]'; or save the sheet as CSV UTF-8",
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
    except Exception as error:  # noqa: BLE001  the library raises its own errors, and panics of its parser
        return Problem(
            "GK302",
            f"'{file.shown}' cannot be read as a workbook: {str(error).splitlines()[0][:120] if str(error) else 'it is damaged'}",
            Span(file.shown, 1, 1),
            "export it again: it may have been cut off on the way",
        )
    return found


def _text(cell: Any) -> str:
    """A cell as it would be written in a text file: whole numbers without a point, days and times in ISO form."""
    match cell:
        case None:
            return ""
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
        case float():
            return repr(cell)
        case _:
            return str(cell)

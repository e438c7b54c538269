"""The cells of a workbook as text, read in a process of its own: `python -m goalkeeper.sources.sheet_cells FILE`.

A few hundred bytes can make the library that reads workbooks ask for more memory than there is, which ends the process
that it runs in. So that process is not the one that judges. It loads nothing but what it needs.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import msgpack

MOST_MEMORY = 4 << 30
"""So many bytes of memory reading may take, where the system holds a process to that."""

Sheet = tuple[str, bool, list[list[str]]]
"""The name of a sheet, whether it is hidden, and its rows."""


def sheets(path: str) -> list[Sheet] | str:
    """The sheets of a workbook, or what the library says of it."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(path)
        found: list[Sheet] = []
        for meta in book.sheets_metadata:
            rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            cells = [list(map(_text, row)) for row in rows]
            found.append((meta.name, meta.visible is not SheetVisibleEnum.Visible, cells))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  the library raises its own errors; a panic of its parser is none
        return str(error)
    return found


def _hold_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system can
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        least = MOST_MEMORY if most == resource.RLIM_INFINITY else min(MOST_MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (least, most))


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


if __name__ == "__main__":
    _hold_memory()
    sys.stdout.buffer.write(msgpack.encode(sheets(sys.argv[1])))

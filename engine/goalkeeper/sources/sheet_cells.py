"""The cells of a workbook as text, read in a process of its own: `python -m goalkeeper.sources.sheet_cells FILE`.

A few hundred bytes can make the library that reads workbooks ask for more memory than there is, which ends the process
that it runs in. So that process is not the one that judges. It loads nothing but what it needs.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import msgpack

MOST_MEMORY = 4 << 30
"""So many bytes of memory reading may take, where the system holds a process to that."""
MOST_SECONDS = 300
"""So long reading may take: a full sheet takes a tenth of it."""
BEGUN = b"\0reading\0"
"""What is written before the file is looked at: without it, no fault is the file's."""

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


def main() -> None:
    """Write the sheets of a workbook, within bounds."""
    import python_calamine  # noqa: F401  that it loads is no matter of the file

    _hold()
    sys.stdout.buffer.write(BEGUN)
    sys.stdout.buffer.flush()
    sys.stdout.buffer.write(msgpack.encode(sheets(sys.argv[1])))


def _hold() -> None:
    """Hold this process to its bounds. It may outlive the one that waits for it, and would then go on for ever."""
    with suppress(AttributeError):  # not every system can
        signal.alarm(MOST_SECONDS)
    with suppress(ImportError, ValueError, OSError):
        import resource

        bounds = resource.getrlimit(resource.RLIMIT_AS)
        least, most = (MOST_MEMORY if bound == resource.RLIM_INFINITY else bound for bound in bounds)
        resource.setrlimit(resource.RLIMIT_AS, (min(MOST_MEMORY, least, most), bounds[1]))


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
    main()

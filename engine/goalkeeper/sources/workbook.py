"""The sheets of xls and xlsx files, their cells as text, by way of a process that may fail."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from importlib.util import find_spec

from msgspec import msgpack

from goalkeeper.problems import Problem, Span
from goalkeeper.said import say
from goalkeeper.sources import sheet_cells
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.grid import Grid, Row
from goalkeeper.sources.packed import MOST_BYTES, MOST_CELLS, unfolds
from goalkeeper.sources.sheet_cells import BEGUN, MOST_SECONDS, Sheet


def sheets(file: DataFile) -> list[Grid] | Problem:
    """The sheets of a workbook, hidden ones too."""
    if find_spec("python_calamine") is None:
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
    found = _read_apart(file)
    if isinstance(found, str):
        return _damaged(file, found.splitlines()[0][:120] if found else say("it is damaged"))
    return [
        Grid(tuple(Row(n, tuple(row)) for n, row in enumerate(rows, 1)), name, hidden) for name, hidden, rows in found
    ]


def _read_apart(file: DataFile) -> list[Sheet] | str:
    """The sheets, as another process reads them; what is wrong with the workbook where it does not come to an end.

    Where no such process can be started, they are read here: that is no fault of the file.
    """
    path = str(file.path)
    if getattr(sys, "frozen", False) or not sys.executable:  # there is no Python to start
        return sheet_cells.sheets(path)
    # Without -P it would look for its modules in the working directory, where anybody's files may lie. It finds them
    # where this process does, which may have been told of places that a new Python does not know.
    command = [sys.executable, "-P", "-m", sheet_cells.__name__, path]
    places = os.pathsep.join(place for place in sys.path if place and isinstance(place, str))
    try:
        done = subprocess.run(  # noqa: S603  ourselves
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=MOST_SECONDS,
            env={**os.environ, "PYTHONPATH": places},
        )
    except subprocess.TimeoutExpired:
        return say("reading it takes too long")
    except OSError:
        return sheet_cells.sheets(path)
    _, begun, told = done.stdout.partition(BEGUN)
    if not begun:
        return sheet_cells.sheets(path)
    if done.returncode:
        return say("what reads it gave up: it is damaged, or asks for more memory than a workbook may")
    return msgpack.decode(told, type=list[Sheet] | str)


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

"""How much a workbook unfolds to: a few kilobytes may say a sheet that no memory holds."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 1 << 30
"""So many bytes the parts of a workbook may have, unpacked."""
MOST_CELLS = 30_000_000
"""So many cells its sheets may have, empty ones too, up to the last that holds anything: a full one of 28 columns."""
_CHUNK, _OVERLAP = 1 << 23, 1 << 10
_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


def unfolds(path: Path) -> tuple[int, int]:
    """How many bytes a workbook has, unpacked, and how many cells; 0 for what is no such archive.

    The library that reads it lays out every cell up to the last one.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(part.file_size for part in packed.infolist())
            if size > MOST_BYTES:
                return size, 0
            sheets = [_area(packed, name) for name in packed.namelist() if _SHEET.fullmatch(name)]
            # One part may stand for many sheets.
            listed = packed.read("xl/workbook.xml").count(b"sheetId=") if "xl/workbook.xml" in packed.namelist() else 0
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError):
        return 0, 0  # what is wrong with it is said by the library
    return size, max(sum(sheets), max(sheets, default=0) * listed)


def _area(packed: zipfile.ZipFile, name: str) -> int:
    """The cells from the first one of a sheet to its last row and column."""
    width = height = 0
    for text in _chunks(packed, name):
        for column, row in _CELL.findall(text):
            height = max(height, int(row))
            if len(column) > 1 or width < len("ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
                width = max(width, _number(column))
    return width * height


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number


def _chunks(packed: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part of the archive in pieces; a cell that is cut off stands in the next one, too."""
    before = b""
    with packed.open(name) as part:
        while read := part.read(_CHUNK):
            yield before + read
            before = read[-_OVERLAP:]

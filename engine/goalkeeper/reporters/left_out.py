"""What was left out of data files, and what else is worth knowing of how they were read, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from goalkeeper.languages import Shown, tr
from goalkeeper.reporters.layout import wrap
from goalkeeper.reporters.safe import apart
from goalkeeper.said import Figure, Said, enumerated, say
from goalkeeper.scorecard import LeftOut, ReadNote

if TYPE_CHECKING:
    from goalkeeper.sources.laid import Dropped


def in_one_line(dropped: Sequence[LeftOut], notes: Sequence[ReadNote]) -> Shown:
    """How much was left out, where something was."""
    parts = [_dropped(dropped)] if dropped else []
    if notes:
        one = len(notes) == 1
        parts.append(
            say(
                "1 remark on how files were read" if one else "{count} remarks on how files were read", count=len(notes)
            )
        )
    return tr("{left_out}: --verbose lists them", left_out=enumerated(parts))


def _dropped(dropped: Sequence[LeftOut]) -> Said:
    """How many rows were left out, of how many files."""
    files = len({one.file for one in dropped})
    rows = sum(one.rows for one in dropped)
    match rows, files:
        case 0, 1:
            return say("parts of 1 file were left out")
        case 0, _:
            return say("parts of {files} files were left out", files=files)
        case 1, 1:
            return say("1 row of 1 file was left out")
        case 1, _:
            return say("1 row of {files} files was left out", files=files)
        case _, 1:
            return say("{rows:,} rows of 1 file were left out", rows=rows)
        case _:
            return say("{rows:,} rows of {files} files were left out", rows=rows, files=files)


def listed(dropped: Sequence[LeftOut], notes: Sequence[ReadNote], width: int) -> Iterator[str]:
    """Everything that was left out, by file, each with its reason and its first lines."""
    files = {(left.source, left.file) for left in dropped} | {(note.source, note.file) for note in notes}
    for source, file in sorted(files):
        yield from wrap(f"{apart(source)}: {apart(file)}", width, "  ")
        for left in dropped:
            if (left.source, left.file) == (source, file):
                yield from wrap(text_of(left), width, "    - ", "      ")
        for note in notes:
            if (note.source, note.file) == (source, file):
                yield from wrap(apart(note.note), width, "    - ", "      ")


def text_of(left: LeftOut | Dropped) -> Shown:
    """What was left out, in a line."""
    what = left.why
    if left.rows:
        what = say("1 row: {why}" if left.rows == 1 else "{rows:,} rows: {why}", rows=left.rows, why=left.why)
    lines = enumerated(Figure(str(line), str(line)) for line in left.lines)
    if not left.lines:
        return apart(what)
    if left.rows > len(left.lines):
        several = len(left.lines) > 1
        return tr("{what} (lines {lines}, ...)" if several else "{what} (line {lines}, ...)", what=what, lines=lines)
    return tr("{what} (lines {lines})" if len(left.lines) > 1 else "{what} (line {lines})", what=what, lines=lines)

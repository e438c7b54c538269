"""What was left out of data files, and what else is worth knowing of how they were read, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from goalkeeper.reporters.layout import wrap
from goalkeeper.reporters.safe import safe
from goalkeeper.scorecard import LeftOut, ReadNote

if TYPE_CHECKING:
    from goalkeeper.sources.laid import Dropped


def in_one_line(dropped: Sequence[LeftOut], notes: Sequence[ReadNote]) -> str:
    """How much was left out, where something was."""
    files = len({one.file for one in dropped})
    rows = sum(one.rows for one in dropped)
    parts = []
    if dropped:
        of = "1 file" if files == 1 else f"{files} files"
        parts.append(
            f"{rows:,} {'row' if rows == 1 else 'rows'} of {of} {'was' if rows == 1 else 'were'} left out"
            if rows
            else f"parts of {of} were left out"
        )
    if notes:
        parts.append(f"{len(notes)} {'remark' if len(notes) == 1 else 'remarks'} on how files were read")
    return f"{', '.join(parts)}: --verbose lists them"


def listed(dropped: Sequence[LeftOut], notes: Sequence[ReadNote], width: int) -> Iterator[str]:
    """Everything that was left out, by file, each with its reason and its first lines."""
    files = {(left.source, left.file) for left in dropped} | {(note.source, note.file) for note in notes}
    for source, file in sorted(files):
        yield from wrap(f"{safe(source)}: {safe(file)}", width, "  ")
        for left in dropped:
            if (left.source, left.file) == (source, file):
                yield from wrap(text_of(left), width, "    - ", "      ")
        for note in notes:
            if (note.source, note.file) == (source, file):
                yield from wrap(safe(note.note), width, "    - ", "      ")


def text_of(left: LeftOut | Dropped) -> str:
    """What was left out, in a line."""
    rows = f"{left.rows:,} {'row' if left.rows == 1 else 'rows'}: " if left.rows else ""
    return f"{rows}{safe(left.why)}{_lines_of(left.lines, left.rows)}"


def _lines_of(lines: Sequence[int], rows: int) -> str:
    """The first lines, in brackets."""
    if not lines:
        return ""
    more = ", ..." if rows > len(lines) else ""
    return f" (line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}{more})"

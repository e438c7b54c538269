"""What the numbers may mean, for a terminal: each diagnosis once, with the goals that it was read for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goalkeeper.columns import Missing
from goalkeeper.quantity import format_number
from goalkeeper.reporters.layout import Style, paint, wrap
from goalkeeper.reporters.safe import safe, segment_text
from goalkeeper.scorecard import DiagnosisNote

SHOWN_GOALS = 3
"""How many goals are named."""


def render(
    notes: Sequence[DiagnosisNote], names: Mapping[str, str], *, width: int, color: bool, verbose: bool
) -> Iterator[str]:
    """The diagnoses in lines; *names* are those of all goals, by id."""
    alike: dict[Any, list[DiagnosisNote]] = {}
    for note in notes:
        key = note.id, note.say, tuple(note.segment.items()), note.holds, note.evidence, note.reason
        alike.setdefault(key, []).append(note)
    for found in alike.values():
        goals = [names.get(note.goal, note.goal) for note in found] if len(names) > 1 else []
        yield from wrap(_headline(found[0]), width, "  - ", "    ")
        for text in _beside(found[0], goals, verbose=verbose):
            for line in wrap(text, width, "    "):
                yield paint(line, Style.DIM, color=color)


def _headline(note: DiagnosisNote) -> str:
    segment = segment_text(note.segment)
    said = note.say if note.holds else f"{note.id} could not be read"
    return f"{safe(said)}{f' ({segment})' if segment else ''}{f': {safe(note.reason)}' if note.reason else ''}"


def _beside(note: DiagnosisNote, goals: Sequence[str], *, verbose: bool) -> Iterator[str]:
    if goals:
        named = goals if verbose else goals[:SHOWN_GOALS]
        rest = f" and {len(goals) - len(named)} more" if len(goals) > len(named) else ""
        yield f"for {', '.join(map(safe, named))}{rest}"
    if note.evidence:
        seen = (f"{safe(name)} {_number(value)}" for name, value in note.evidence)
        yield f"seen: {', '.join(seen)}"
    if note.check:
        yield f"check: {safe(note.check)}"


def _number(value: float | Missing) -> str:
    return "no number" if isinstance(value, Missing) else format_number(value)

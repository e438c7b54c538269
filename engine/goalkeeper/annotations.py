"""Days on which something special went on: holidays, sales, outages. They count like all others."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from goalkeeper.calendar import Window
from goalkeeper.periods import stretch_of
from goalkeeper.problems import Problem, Span
from goalkeeper.project import Project


class Annotation(Struct, frozen=True):
    """What went on, and when."""

    window: Window
    say: str
    location: Span


def annotations_of(project: Project, problems: list[Problem]) -> Iterator[Annotation]:
    """The annotations of all files; what is wrong with their days goes to *problems*."""
    for placed in project.annotations():
        days = stretch_of(placed.written.from_, placed.written.to, placed, (), problems)
        if days is not None:
            yield Annotation(Window(*days), placed.written.say, placed.at("say"))

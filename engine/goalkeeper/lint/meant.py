"""What advice looks at: goals as written beside goals as meant, and the names that they speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from goalkeeper import model, said
from goalkeeper.definitions import Catalogue
from goalkeeper.meaning import Goal, Meaning
from goalkeeper.placement import level_of
from goalkeeper.problems import Problem, Related, Severity, Span
from goalkeeper.project import Placed, Project
from goalkeeper.said import enumerated, say
from goalkeeper.statements import ChildRule, KpiRule


class Meant(Struct, frozen=True, dict=True):
    """The goal files of a run, read without an error."""

    project: Project
    meaning: Meaning
    catalogue: Catalogue

    @cached_property
    def goals(self) -> tuple[tuple[Placed[model.Goal], Goal], ...]:
        """Each goal as written and as meant."""
        return tuple(zip(self.project.goals(), self.meaning.goals, strict=True))

    @cached_property
    def parents(self) -> Mapping[str, frozenset[str]]:
        """For each goal the goals that it is inside of, directly or not."""
        direct: dict[str, set[str]] = {goal.id: set() for goal in self.meaning.goals}
        for goal in self.meaning.goals:
            for rule in goal.rules:
                if isinstance(rule, ChildRule):
                    direct[rule.goal].add(goal.id)
        return {goal: frozenset(_above(goal, direct)) for goal in direct}

    def level_of(self, name: str) -> int | None:
        """How close to the business a metric or KPI is, 1 to 3; None when nobody says."""
        return level_of(self.catalogue, name)


def _above(goal: str, direct: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(direct[goal])
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting += direct[parent]
    return found


def kpi_rules(goal: Goal) -> Iterator[KpiRule]:
    """The rules of a goal that are about a KPI."""
    return (rule for rule in goal.rules if isinstance(rule, KpiRule))


def advise(code: str, message: str, span: Span | None, help_: str, *related: Related) -> Problem:
    """One piece of advice; its level is set by the goal file."""
    return Problem(code, message, span, help_, Severity.WARNING, related)


def quoted(names: list[str], most: int = 3) -> str:
    """The first of some names, in quotes, and how many more there are."""
    shown = enumerated(map(said.quoted, names[:most]))
    if len(names) <= most:
        return shown
    return say("{names} and {count} more", names=shown, count=len(names) - most)

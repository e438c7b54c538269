"""What a test expects, with the goals and rules that it names found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from goalkeeper.calendar import Calendar
from goalkeeper.dates import parse_date, parse_period
from goalkeeper.meaning import Goal
from goalkeeper.model_tests import Expected, ExpectedGoal, ExpectedVerdict
from goalkeeper.problems import Problem, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import say
from goalkeeper.statements import ChildRule, Rule
from goalkeeper.testing.numbers import written_number
from goalkeeper.testing.shorthand import segment_of
from goalkeeper.words import fold

NUMBERS = ("value", "target", "low", "high", "baseline", "expected", "projection", "needed_per_day")
"""What is in the unit of the KPI."""
SHARES = ("progress", "index")


class Wanted(Struct, frozen=True):
    """The expectations of a test on one rule: the rule as meant, its place in the goal, and each with its place."""

    goal: Goal
    number: int
    rule: Rule
    placed: Placed[Any]
    """An outcome, or an `ExpectedVerdict`."""


class Aim(Struct, frozen=True):
    """What a test expects, with goals and rules found."""

    placed: Placed[Expected]
    goals: tuple[tuple[Goal, Placed[Any]], ...]
    rules: tuple[Wanted, ...]

    @property
    def whole(self) -> bool:
        """Whether something is expected of the whole scorecard."""
        return bool(self.placed.written.model_fields_set & {"outcome", "score", "exit_code"}) or not self.goals


def aim_of(placed: Placed[Expected], goals: Sequence[Goal], calendar: Calendar) -> tuple[Aim, list[Problem]]:
    """What is expected, over the *goals* of the goal files, and what of it is not there or does not read."""
    problems: list[Problem] = []
    found: list[tuple[Goal, Placed[Any]]] = []
    wanted: list[Wanted] = []
    for name in placed.written.goals:
        goal = _goal_named(name, goals)
        at: Placed[Any] = placed.part("goals", name)
        if goal is None:
            known = [one for goal in goals for one in dict.fromkeys((goal.id, goal.name))]
            text, help_ = say("there is no goal '{name}'", name=name), did_you_mean(name, known)
            problems.append(Problem("GK606", text, at.at(key=True), help_))
            continue
        found.append((goal, at))
        for rule_name in at.written.rules if isinstance(at.written, ExpectedGoal) else ():
            wanted += _wanted(goal, rule_name, at.part("rules", rule_name), problems)
    for one in wanted:
        problems += _unreadable(one, calendar)
    problems += [
        Problem("GK210", str(fault), at.at("score"))
        for at in (placed, *(at for _, at in found))
        if isinstance(at.written, Expected | ExpectedGoal) and (fault := _fault_of_score(at.written.score))
    ]
    return Aim(placed, tuple(found), tuple(wanted)), problems


def _goal_named(name: str, goals: Iterable[Goal]) -> Goal | None:
    exact = [goal for goal in goals if goal.id == name]
    alike = [goal for goal in goals if fold(name) in {fold(goal.id), fold(goal.name)}]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


def _wanted(goal: Goal, name: str, at: Placed[Any], problems: list[Problem]) -> Iterator[Wanted]:
    found = _rules_named(name, goal)
    if len(found) != 1:
        text = say(
            "goal '{goal}' has several rules '{rule}'" if found else "goal '{goal}' has no rule '{rule}'",
            goal=goal.id,
            rule=name,
        )
        known = [rule.text for rule in goal.rules]
        help_ = say("name it by its sentence") if found else did_you_mean(name, known)
        problems.append(Problem("GK606", text, at.at(key=True), help_))
        return
    ((number, rule),) = found
    entries = [at.part(place) for place in range(len(at.written))] if isinstance(at.written, list) else [at]
    for entry in entries:
        if isinstance(entry.written, ExpectedVerdict) and not entry.written.model_fields_set - {"segment", "window"}:
            text = say("nothing is expected of '{rule}'", rule=name)
            problems.append(Problem("GK609", text, entry.at(), say("add an outcome, a state or a number")))
        yield Wanted(goal, number, rule, entry)


def _rules_named(name: str, goal: Goal) -> list[tuple[int, Rule]]:
    rules = list(enumerate(goal.rules))
    exact = [(number, rule) for number, rule in rules if fold(rule.text) == fold(name)]
    of_kpi = [(n, rule) for n, rule in rules if (rule.goal if isinstance(rule, ChildRule) else rule.kpi) == name]
    return exact or of_kpi


def _unreadable(wanted: Wanted, calendar: Calendar) -> Iterator[Problem]:
    """What of an expected verdict does not read."""
    verdict = wanted.placed.written
    if not isinstance(verdict, ExpectedVerdict):
        return
    if verdict.segment is not None:
        segment = segment_of(verdict.segment)
        if isinstance(segment, list):
            yield from wanted.placed.problems("segment", segment)
    if verdict.window is not None:
        try:
            first_day(verdict.window, calendar)
        except ValueError as error:
            yield Problem("GK210", str(error), wanted.placed.at("window"))
    for key in (*NUMBERS, *SHARES):
        written = getattr(verdict, key)
        if written is not None:
            try:
                written_number(written)
            except ValueError as error:
                yield Problem("GK210", str(error), wanted.placed.at(key))


def _fault_of_score(score: Any) -> ValueError | None:
    try:
        written_number(score if score is not None else 0)
    except ValueError as fault:
        return fault
    return None


def first_day(text: str, calendar: Calendar) -> date:
    """The first day of a window that is named by it, or by its period.

    Raises:
        ValueError: when it is neither.
    """
    try:
        return parse_date(text)
    except ValueError:
        return parse_period(text, calendar).first

"""What goal files mean: goals with their periods and rules, diagnoses, waivers, and what holds for all of them."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from goalkeeper import model
from goalkeeper.annotations import Annotation
from goalkeeper.calendar import Calendar, Window
from goalkeeper.definitions import Filter, Places
from goalkeeper.formula import Formula
from goalkeeper.problems import Span
from goalkeeper.report import Report
from goalkeeper.settings import Settings
from goalkeeper.statements import Rollup, Rule
from goalkeeper.verdict import ExcludedNote, WaiverNote


class Goal(Struct, frozen=True):
    """A goal as meant. Without a period it is standing: judged over its latest days."""

    id: str
    name: str
    period: Window | None
    calendar: Calendar
    excluded: tuple[ExcludedNote, ...]
    without: tuple[tuple[date, date], ...]
    """The excluded days as stretches in order and apart: they count for neither value, baseline nor pace."""
    rules: tuple[Rule, ...]
    rollup: Rollup
    rollup_text: str
    written: model.Goal
    location: Span
    declared: date | None = None
    """The day on which it was agreed."""


class Waiver(Struct, frozen=True):
    """An exception: verdicts of this goal, and of this rule or these segments if it says so, do not count."""

    goal: str
    rule: str | None
    where: Filter
    note: WaiverNote
    location: Span


class Diagnosis(Struct, frozen=True):
    """A formula over KPIs that tells something about the business when it holds."""

    id: str
    when: Formula
    say: str
    causes: tuple[str, ...]
    check: str | None


class Meaning(Struct, frozen=True):
    """Everything that the goal files mean."""

    settings: Settings
    goals: tuple[Goal, ...]
    diagnoses: tuple[Diagnosis, ...]
    waivers: tuple[Waiver, ...]
    places: Places
    """Where the filters of goals and rules are written."""
    annotations: tuple[Annotation, ...] = ()
    report: Report = Report()

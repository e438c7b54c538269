"""What holds for a whole run: its time zone, calendar and gate, and what becomes of missing numbers."""

from __future__ import annotations

import re

from msgspec import Struct

from goalkeeper import model
from goalkeeper.calendar import WEEKDAYS, Calendar, System
from goalkeeper.problems import Problem
from goalkeeper.project import Project
from goalkeeper.quantity import parse_quantity
from goalkeeper.said import say
from goalkeeper.statements import All, Rollup, read_rollup


class Settings(Struct, frozen=True):
    """What holds for the whole run."""

    timezone: str
    calendar: Calendar
    on_missing: str
    min_coverage: float
    gate: Rollup
    gate_text: str
    language: str = "en"
    """The language of what people read, one of `languages.CODES`."""
    digits: str = "own"
    """The digits there, one of `languages.DIGITS`."""


def settings_of(project: Project, problems: list[Problem]) -> Settings:
    """The settings of the one file that says any; what is wrong with them goes to *problems*."""
    placed = project.settings
    defaults = placed.written.defaults
    gate: Rollup = All()
    try:
        gate = read_rollup(placed.written.gate)
    except ValueError as error:
        problems.append(Problem("GK210", str(error), placed.at("gate")))
    coverage = 0.8
    try:
        quantity = parse_quantity(defaults.min_coverage)
        coverage = quantity.value
        if quantity.unit != "percent" or not 0 <= coverage <= 1:
            raise ValueError(say("'{text}' is not a share of days: write 80%", text=defaults.min_coverage))
    except ValueError as error:
        problems.append(Problem("GK210", str(error), placed.at("defaults", "min_coverage")))
    if not re.fullmatch(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,2}", defaults.timezone) or not _is_zone(
        defaults.timezone
    ):
        problems.append(
            Problem(
                "GK210",
                say("'{name}' is no time zone", name=defaults.timezone),
                placed.at("defaults", "timezone"),
                say("write an IANA name such as Europe/Berlin, Asia/Tehran or UTC"),
            )
        )
    calendar = calendar_of_file(defaults)
    return Settings(
        defaults.timezone,
        calendar,
        defaults.on_missing,
        coverage,
        gate,
        placed.written.gate,
        defaults.language,
        defaults.digits,
    )


def calendar_of_file(defaults: model.Defaults) -> Calendar:
    """The calendar of a file. Jalali weeks begin on Saturday, others on Monday, unless the file says otherwise."""
    system = System(defaults.calendar)
    start = defaults.week_start or ("saturday" if system is System.JALALI else "monday")
    fiscal = defaults.fiscal_year
    ends = fiscal is not None and fiscal.named_after == "end"
    return Calendar(system, WEEKDAYS.index(start), fiscal.start if fiscal else 1, ends, fiscal is not None)


def _is_zone(name: str) -> bool:
    if name == "UTC":
        return True
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # only for files that name a zone

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True

"""What the days before a goal came to: the windows that advice over rows looks at, and their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import DAY, Calendar, Window
from goalkeeper.columns import Missing
from goalkeeper.definitions import Catalogue
from goalkeeper.frames import baseline_of, last_complete_day
from goalkeeper.meaning import Goal
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan, PlannedRule
from goalkeeper.scope import Key, Scope
from goalkeeper.statements import ByAmount, ByShare, Change, KpiRule, Reach, ToLevel

MOST_MONTHS, MOST_WEEKS = 60, 104
"""How far back windows go, by months and by weeks."""
MOST_DAYS = 400
"""A baseline with more days than this is not looked at day by day."""


class Past(Struct, frozen=True):
    """The windows of one rule: the period, its baseline, and those of the same length before the period."""

    goal: Goal
    planned: PlannedRule
    period: Window
    baseline: Window
    measured: bool
    """Whether the rule counts from the baseline; otherwise from 0 or from a written number."""
    versus_year: bool
    earlier: tuple[Window, ...]
    """The latest first: a month apart when the period is made of months, else a week."""

    @property
    def rule(self) -> KpiRule:
        """The rule as meant."""
        return self.planned.rule

    @property
    def sign(self) -> int:
        """1 when more is asked for, -1 when less."""
        return self.rule.ask.sign if isinstance(self.rule.ask, Change) else 1

    def before(self, window: Window) -> Window:
        """What a change over *window* is measured from, as the baseline is for the period."""
        calendar = self.planned.calendar
        return calendar.last_year(window) if self.versus_year else calendar.previous(window)

    def days(self) -> Iterator[Window]:
        """Each day of the baseline that counts."""
        if self.planned.nature == "flow" and self.baseline.days <= MOST_DAYS:
            yield from (Window(day, day) for day in self.baseline.each_day())

    def windows(self) -> Iterator[Window]:
        """All windows whose numbers are wanted, for the whole that the rule is about."""
        yield self.baseline
        if not self.rule.by:
            for window in self.earlier:
                yield window
                yield self.before(window)
            yield from self.days()

    def scopes(self) -> Iterator[tuple[str, Scope]]:
        """Every number that is wanted."""
        for window in dict.fromkeys(self.windows()):
            yield self.rule.kpi, self.planned.scope(window)


def pasts(plan: Plan, catalogue: Catalogue) -> Iterator[Past]:
    """What is looked at for each rule that asks for movement and whose baseline is over."""
    for planned_goal in plan.goals:
        for planned in planned_goal.kpi_rules:
            found = _past(planned_goal.goal, planned)
            last = last_complete_day(catalogue, planned.rule.kpi, plan.as_of, plan.settings.calendar)
            if found is not None and found.baseline.last <= last:
                yield found


def _past(goal: Goal, planned: PlannedRule) -> Past | None:
    rule, calendar = planned.rule, planned.calendar
    if goal.period is None or rule.each is not None or rule.over is not None:
        return None
    previous = calendar.previous(goal.period)
    match rule.ask:
        case Change(_, ToLevel(_, start)) if start is not None:
            baseline, measured = previous, False
        case Change():
            baseline, measured = baseline_of(rule, goal, goal.period), True
        case Reach() if planned.nature != "ratio":
            baseline, measured = previous, False
        case _:
            return None
    versus_year = baseline == calendar.last_year(goal.period)
    earlier = tuple(_back(previous, calendar)) if versus_year or baseline == previous else ()
    return Past(goal, planned, goal.period, baseline, measured, versus_year, earlier)


def _back(window: Window, calendar: Calendar) -> Iterator[Window]:
    """*window* and those of its length before it."""
    months = calendar.whole_months(window)
    for number in range(MOST_MONTHS if months else MOST_WEEKS):
        if months:
            first = calendar.shift(window.first, -number)
            yield replace(window, first=first, last=calendar.shift(first, months) - DAY)
        else:
            yield replace(window, first=window.first - 7 * number * DAY, last=window.last - 7 * number * DAY)


class Measured(Struct, frozen=True):
    """The numbers of the days before the goals."""

    measuring: Measuring
    pasts: tuple[Past, ...]

    @property
    def wholes(self) -> Iterator[Past]:
        """Those of rules that are not judged by segment."""
        return (past for past in self.pasts if not past.rule.by)

    def number(self, past: Past, window: Window) -> float | Missing:
        """What the rule's KPI came to over a window, or why that cannot be said."""
        scope = replace(past.planned.scope(window), by=())
        return self.measuring.measure(past.rule.kpi, scope, ((),)).at(0, self.measuring.reasons)

    def segments(self, past: Past) -> dict[Key, float | Missing]:
        """The baseline of each segment that has rows in it; without segments, of the whole."""
        scope = past.planned.scope(past.baseline)
        keys: tuple[Key, ...] = ((),)
        if past.rule.by:
            keys = self.measuring.numbers.segments(past.planned.sources, scope)
        column = self.measuring.measure(past.rule.kpi, scope, keys)
        return {key: column.at(place, self.measuring.reasons) for place, key in enumerate(keys)}

    def growth(self, past: Past, window: Window) -> float | None:
        """By which share the KPI grew over a window; sums are compared per day."""
        before = past.before(window)
        value, base = self.number(past, window), self.number(past, before)
        if isinstance(value, Missing) or isinstance(base, Missing) or base <= 0:
            return None
        return value / (base * _scale(past, window, before)) - 1


def _scale(past: Past, window: Window, before: Window) -> float:
    """How many times as long *window* is, for what adds up over days."""
    return window.days / before.days if past.planned.nature == "flow" else 1.0


def asked(past: Past, baseline: float) -> float | None:
    """The change that a rule asks for, as a share of the baseline; None when that cannot be said."""
    if baseline <= 0:
        return None
    base = baseline * _scale(past, past.period, past.baseline)
    match past.rule.ask:
        case Change(sign, ByShare(rate)):
            return sign * rate
        case Change(sign, ByAmount(amount)):
            return sign * amount.value / base
        case Change(_, ToLevel(level, _)) | Reach(level):
            return None if isinstance(level, str) else level.value / base - 1
        case _:
            return None

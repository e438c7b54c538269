"""How the value of a verdict came about: by day, with the baseline and the path that the pace of the rule asks for.

Nothing is shown that does not end at the number of the verdict: a line whose days do not add up to it is left out, and
that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isclose

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import DAY, Window
from goalkeeper.case import Case, Judged
from goalkeeper.columns import Floats, Missing, Why
from goalkeeper.daily import counted, daily_parts, weekdays
from goalkeeper.frames import Frame
from goalkeeper.inputs import ratio_of
from goalkeeper.judge import from_and_to
from goalkeeper.measure import Measuring
from goalkeeper.planned import PlannedRule
from goalkeeper.prepare import Prepared
from goalkeeper.reduction import parts
from goalkeeper.said import say
from goalkeeper.scope import Key
from goalkeeper.statements import Keep
from goalkeeper.verdict import Trend, TrendPoint, Verdict, how_bad
from goalkeeper.workings import steps_of

MOST_TRENDS = 5
"""Of so many segments of a rule it is told: the worst."""
MOST_CELLS = 500_000
"""So many days of segments are read at most to show how the worst of them came about."""
BY_WEEK_FROM = 45
"""A ratio over so many days or more is shown by week: single days would be noise."""

LEAST_OF_A_WEEK = 4
"""So many days at the beginning are a week of their own; fewer belong to the one after."""

Steps = tuple[Window, ...]


def in_full(
    planned: PlannedRule,
    prepared: Prepared,
    judged: Judged,
    verdicts: Sequence[Verdict],
    measuring: Measuring,
    min_coverage: float,
) -> list[Verdict]:
    """The verdicts of a frame, the worst of them with the numbers that theirs are made of, and with their trend.

    Several windows of a rule are a trend themselves, and have no other.
    """
    found = list(verdicts)
    worst_first = sorted(range(len(found)), key=lambda place: how_bad(found[place]))
    shown = {place: found[place] for place in sorted(worst_first[:MOST_TRENDS])}
    alone = len(planned.frames) == 1
    told = _trends(planned, prepared, judged, shown, measuring, min_coverage) if alone else {}
    for place, verdict in shown.items():
        steps = tuple(steps_of(planned, prepared.frame, prepared.segments[place], measuring))
        found[place] = replace(verdict, trend=told.get(place), steps=steps)
    return found


def _trends(
    planned: PlannedRule,
    prepared: Prepared,
    judged: Judged,
    verdicts: Mapping[int, Verdict],
    measuring: Measuring,
    min_coverage: float,
) -> dict[int, Trend | Missing]:
    """The trend of each verdict, or why it has none, by the place of its segment."""
    case, frame = prepared.case, prepared.frame
    if case is None:
        return {}
    found: dict[int, Trend | Missing] = {}
    for place, verdict in verdicts.items():
        if isinstance(verdict.value, Missing):
            found[place] = verdict.value
    places = [place for place in verdicts if place not in found]
    if planned.rule.by and not planned.is_level and len(prepared.segments) * frame.elapsed > MOST_CELLS:
        many = say(
            "{segments:,} segments over {days} days are too many to read day by day",
            segments=len(prepared.segments),
            days=frame.elapsed,
        )
        return found | dict.fromkeys(places, Missing(Why.NOT_COMPARABLE, many))
    keys = tuple(prepared.segments[place] for place in places)
    drawing = _Drawing(planned, frame, case, judged, measuring, keys, places, [verdicts[p] for p in places])
    if not places:
        return found
    if planned.is_level:
        told = drawing.levels()
    else:
        told = drawing.sums() if planned.nature == "flow" else drawing.ratios(min_coverage)
    return found | dict(zip(places, told, strict=True))


class _Drawing(Struct, frozen=True):
    """The lines of one rule, for some of its segments."""

    planned: PlannedRule
    frame: Frame
    case: Case
    judged: Judged
    measuring: Measuring
    keys: tuple[Key, ...]
    places: Sequence[int]
    """Where the segments stand in the case."""
    verdicts: Sequence[Verdict]

    def untold(self) -> list[Trend | Missing]:
        reason = say("'{kpi}' is not known day by day", kpi=self.planned.rule.kpi)
        return [Missing(Why.NOT_COMPARABLE, reason)] * len(self.keys)

    # what adds up

    def sums(self) -> list[Trend | Missing]:
        seen = self.by_day(self.frame.seen)
        if seen is None:
            return self.untold()
        whole = self.steps(self.frame.window, seen[0])
        path = _running(seen[1])
        before, expected = self.baselines(whole), self.expected(whole)
        found: list[Trend | Missing] = []
        for at, verdict in enumerate(self.verdicts):
            if not _ends_at(float(np.nansum(seen[1][at])), verdict.value):
                reason = say("its single days do not add up to it: some cells are empty")
                found.append(Missing(Why.NOT_COMPARABLE, reason))
                continue
            values = dict(zip(seen[0], path[at], strict=True))
            base, asked = before[at], expected[at]
            notes = []
            if base is None and isinstance(verdict.baseline, float) and self.planned.trend_windows(self.frame)[1:]:
                notes.append(say("the way of the baseline is not known day by day"))
            if asked is None and verdict.expected is not None:
                notes.append(say("the pace is not known day by day"))
            points = tuple(
                TrendPoint(
                    step.first,
                    step.last,
                    _number(values.get(step)),
                    None if base is None else _number(base[n]),
                    None if asked is None else _number(asked[n]),
                )
                for n, step in enumerate(whole)
            )
            found.append(Trend(True, points, tuple(notes)))
        return found

    def by_day(self, window: Window) -> tuple[Steps, Floats] | None:
        """The days of a window (weeks or months, as the rows have them), and a number for each segment and day."""
        found = self.measuring.daily(self.planned.rule.kpi, self.planned.scope(window), self.keys)
        if found is None:
            return None
        steps = self.steps(window, found.grains)
        place = {grain: n for n, grain in enumerate(found.grains)}
        values = np.full((len(self.keys), len(steps)), np.nan)
        for column, step in enumerate(steps):
            if step in place:
                values[:, column] = np.where(found.present[:, place[step]], found.values[:, place[step]], np.nan)
        return steps, values

    def steps(self, window: Window, found: Steps) -> Steps:
        """The grains that a window should have rows of; of a source that lists its own, those that are found."""
        tables = [self.measuring.catalogue.tables[source] for source in self.planned.sources]
        if any(table.listed is not None for table in tables):
            return found
        grain = tables[0].grain
        return tuple(step for part in parts(window) for step in self.planned.calendar.windows_in(part, grain))

    def baselines(self, whole: Steps) -> list[Floats | None]:
        """What the baseline had come to by the same share of its days as the end of each step, in as many days."""
        nothing: list[Floats | None] = [None] * len(self.keys)
        scope, windows = self.planned.baseline_scope(self.frame), self.planned.trend_windows(self.frame)
        if scope is None or scope.window not in windows[1:]:
            return nothing
        found = self.by_day(scope.window)
        if found is None or not found[0]:
            return nothing
        ends = _days_until(scope.window, found[0])
        days, length = np.array(_days_until(self.frame.window, whole)), self.frame.window.days
        taken = np.round(days * scope.window.days / length)
        told = nothing
        for at, verdict in enumerate(self.verdicts):
            total = float(np.nansum(found[1][at])) * length / scope.window.days
            if not _ends_at(total, verdict.baseline):
                continue
            by_end = dict(zip(ends, _running(found[1])[at], strict=True))
            told[at] = np.array(
                [by_end.get(int(k), np.nan) / max(k, 1) * day for k, day in zip(taken, days, strict=True)]
            )
        return told

    def expected(self, whole: Steps) -> list[Floats | None]:
        """What the pace of the rule asks for by the end of each step."""
        goals = self.goals()
        if not self.planned.fills_up(self.frame) or goals is None:
            return [None] * len(self.keys)
        found: list[Floats | None] = []
        shares = self.shares(whole)
        for at, verdict in enumerate(self.verdicts):
            now = None if shares is None else float(goals[at] * shares[at][-1])
            told = shares is not None and verdict.expected is not None and now is not None
            ends = told and now is not None and _ends_at(now, verdict.expected)
            found.append(goals[at] * shares[at][:-1] if ends and shares is not None else None)
        return found

    def goals(self) -> Floats | None:
        """What is to be there at the end."""
        if isinstance(self.planned.rule.ask, Keep):
            return None if self.judged.low is None else self.judged.low[self.places]
        goals: Floats = self.judged.target.values[self.places]
        return goals

    def shares(self, whole: Steps) -> Floats | None:
        """The share of the whole that comes by the end of each step, and last the one by now, for each segment."""
        days = np.array([*_days_until(self.frame.window, whole), self.frame.elapsed])
        history = self.planned.history(self.frame)
        if history is not None:
            weights = weekdays(self.measuring, self.planned.rule.kpi, self.planned.scope(history), self.keys).weights
            total = weights @ counted(self.frame.window)
            by_weekday = [weights @ counted(self.frame.window.first_days(int(day))) for day in days]
            return np.array(by_weekday).T / total[:, None]
        shapes = self.planned.shape_windows(self.frame)
        if not shapes:
            return np.tile(days / self.frame.window.days, (len(self.keys), 1))
        found = self.by_day(shapes[1])
        if found is None:
            return None
        ends = _days_until(shapes[1], found[0])
        done: Floats = np.cumsum(np.nan_to_num(found[1]), axis=1)
        total = done[:, -1]
        by_end = {end: done[:, n] for n, end in enumerate(ends)}
        taken = np.round(days * shapes[1].days / self.frame.window.days)
        gap = np.full(len(self.keys), np.nan)
        return np.array([by_end.get(int(k), gap) for k in taken]).T / np.where(total > 0, total, np.nan)[:, None]

    # levels

    def levels(self) -> list[Trend | Missing]:
        days = self.planned.trend_days(self.frame)
        seen = [day for day in days if day.last <= self.frame.seen.last]
        columns = [self.measuring.measure(self.planned.rule.kpi, self.planned.scope(day), self.keys) for day in seen]
        paths = self.paths([*days, self.frame.seen])
        found: list[Trend | Missing] = []
        for at, verdict in enumerate(self.verdicts):
            values = [float(column.values[at]) if column.present[at] else None for column in columns]
            if not values or not _ends_at(values[-1], verdict.value):
                found.append(Missing(Why.NOT_COMPARABLE, say("its single days do not lead to it")))
                continue
            asked = paths[at]
            known = asked is not None and verdict.expected is not None and _ends_at(float(asked[-1]), verdict.expected)
            later = [None] * (len(days) - len(seen))
            points = tuple(
                TrendPoint(day.first, day.last, value, None, float(asked[n]) if known and asked is not None else None)
                for n, (day, value) in enumerate(zip(days, [*values, *later], strict=True))
            )
            found.append(Trend(False, points))
        return found

    def paths(self, steps: Sequence[Window]) -> list[Floats | None]:
        """Where a level should be at the end of each step on its way from the baseline to the target."""
        if self.frame.over or self.frame.trailing or isinstance(self.planned.rule.ask, Keep):
            return [None] * len(self.keys)
        start, target, _ = from_and_to(self.case, self.measuring.reasons)
        share = np.array(_days_until(self.frame.window, steps)) / self.frame.window.days
        found: list[Floats | None] = []
        for place in self.places:
            first, last = float(start.values[place]), float(target.values[place])
            if self.planned.nature == "rank" or not (start.present[place] and target.present[place]):
                found.append(np.full(len(steps), last) if target.present[place] else None)
            elif self.planned.rule.pace.shape == "geometric" and first > 0 and last > 0:
                found.append(first * (last / first) ** share)
            else:
                found.append(first + (last - first) * share)
        return found

    # ratios and averages

    def ratios(self, min_coverage: float) -> list[Trend | Missing]:
        """By week where that is a ratio of sums, else by day."""
        kpi, scope = self.planned.rule.kpi, self.planned.value_scope(self.frame)
        made_of = daily_parts(self.measuring, kpi, scope, self.keys)
        if made_of is None:
            days = self.by_day(scope.window)
            if days is None:
                return self.untold()
            return [self.apart(days[0], row) for row in days[1]]
        over, under = made_of
        ratio = ratio_of(self.measuring.catalogue, kpi)
        scale = 1.0 if ratio is None else ratio.scale
        by_week = self.frame.elapsed >= BY_WEEK_FROM and all(grain.days == 1 for grain in over.grains)
        steps = self.weeks() if by_week else self.steps(scope.window, over.grains)
        found: list[Trend | Missing] = []
        for at, verdict in enumerate(self.verdicts):
            there = over.present[at] & under.present[at]
            above, below = over.values[at][there], under.values[at][there]
            if below.sum() == 0 or not _ends_at(scale * float(above.sum() / below.sum()), verdict.value):
                reason = say("its single days do not come to it: some cells are empty")
                found.append(Missing(Why.NOT_COMPARABLE, reason))
                continue
            first = [grain for grain, known in zip(over.grains, there, strict=True) if known]
            row = [_ratio(step, first, above, below, min_coverage) for step in steps]
            found.append(self.apart(steps, scale * np.array(row)))
        return found

    def weeks(self) -> Steps:
        """Seven days each, back from the last one that is seen; the first takes what is left, four to ten days.

        Calendar weeks would end in part of one, whose ratio jumps for being of few days.
        """
        seen = self.frame.seen
        firsts = [seen.last - n * 7 * DAY + DAY for n in range(1, ((seen.last - seen.first).days + 4) // 7 + 1)]
        edges = [seen.first, *(first for first in reversed(firsts) if (first - seen.first).days >= LEAST_OF_A_WEEK)]
        return tuple(Window(first, after - DAY, seen.without) for first, after in pairwise([*edges, seen.last + DAY]))

    def apart(self, steps: Steps, values: Floats) -> Trend:
        return Trend(
            False,
            tuple(TrendPoint(s.first, s.last, _number(value)) for s, value in zip(steps, values, strict=True)),
        )


def _ratio(step: Window, grains: Sequence[Window], above: Floats, below: Floats, least: float) -> float:
    """The ratio of the sums of a step's days; nan where too many of them are not known, or nothing is divided by."""
    inside = np.array([step.covers(grain.first, grain.last) for grain in grains], bool)
    days = sum(grain.days for grain, here in zip(grains, inside, strict=True) if here)
    total = float(below[inside].sum())
    return float(above[inside].sum()) / total if total and days >= least * step.days else np.nan


def _running(values: Floats) -> Floats:
    """The sum up to each day, nan on days without a number."""
    told: Floats = np.cumsum(np.nan_to_num(values), axis=1)
    told[np.isnan(values)] = np.nan
    return told


def _days_until(window: Window, steps: Sequence[Window]) -> list[int]:
    """How many days of the window count up to the end of each step."""
    return [max(window.until(step.last).days, 0) for step in steps]


def _ends_at(told: float | None, number: float | Missing | None) -> bool:
    return isinstance(number, float) and told is not None and isclose(told, number, rel_tol=1e-6, abs_tol=1e-9)


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)

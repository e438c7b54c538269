"""Which days each verdict looks at, as of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import DAY, Calendar, Duration, Unit, Window
from goalkeeper.definitions import Catalogue
from goalkeeper.meaning import Goal
from goalkeeper.problems import Problem
from goalkeeper.said import say
from goalkeeper.statements import Change, Keep, KpiRule, LastYear, PreviousPeriod, Reach, ToLevel

STANDING = Duration(28, Unit.DAY)
"""What a standing goal, and a Reach on a ratio, is judged over unless it says `over`."""


class Frame(Struct, frozen=True):
    """The days of one verdict: the whole `window`, and the part `seen`, which holds complete days only."""

    window: Window
    seen: Window
    baseline: Window | None = None
    trailing: bool = False
    """Whether the window moves along with the days instead of filling up."""
    over: bool = False
    """Whether its last day is complete."""
    standing: bool = False
    """Whether the goal has no end: its newest rows must be fresh."""
    baseline_open: bool = False
    """Whether days of the baseline are still to come: it has no number yet."""
    end_of: Window | None = None
    """For a window that moves along inside a period: that period."""

    @property
    def elapsed(self) -> int:
        """How many complete days are seen."""
        return max(self.seen.days, 0)

    @property
    def for_good(self) -> bool:
        """Whether it is judged the same on every later day."""
        return self.over and not self.standing


def nature(catalogue: Catalogue, kpi: str) -> str:
    """How a metric or KPI moves: `flow` adds up over days, `stock` is a level, `rank` a place, `ratio` none of these."""
    if catalogue.adds_up(kpi):
        return "flow"
    if catalogue.is_rank(kpi):
        return "rank"
    return "stock" if catalogue.is_stock(kpi) else "ratio"


def last_complete_day(catalogue: Catalogue, kpi: str, as_of: date, calendar: Calendar) -> date:
    """The last day that all sources of a KPI have in full: the day before *as_of*, less the longest lag."""
    tables = [catalogue.tables[source] for source in catalogue.sources_of(kpi)]
    last = as_of - DAY * (1 + max((table.lag for table in tables), default=0))
    for table in tables:
        grain = calendar.window_of(last, table.grain)
        last = last if grain.last == last else grain.first - DAY
    return last


def frames(rule: KpiRule, goal: Goal, kind: str, last: date, problems: list[Problem]) -> Iterator[Frame]:
    """The frames of a rule about a KPI of this nature, when *last* is the last complete day."""
    for frame in _frames(rule, goal, kind, last, problems):
        yield replace(frame, baseline_open=frame.baseline is not None and frame.baseline.last > last)


def _frames(rule: KpiRule, goal: Goal, kind: str, last: date, problems: list[Problem]) -> Iterator[Frame]:
    if rule.each is not None:
        yield from _calendar_frames(rule, rule.each, goal, last, problems)
    elif goal.period is None or rule.over is not None or (isinstance(rule.ask, Reach) and kind == "ratio"):
        yield _trailing_frame(rule, goal, last)
    else:
        yield _with_baseline(rule, goal, Frame(goal.period, goal.period.until(last), over=last >= goal.period.last))


def _trailing_frame(rule: KpiRule, goal: Goal, last: date) -> Frame:
    """The last days of the period so far, or of a standing goal."""
    over, period = rule.over or STANDING, goal.period
    if period is None:
        window = replace(goal.calendar.before(last, over), without=goal.without)
        return Frame(window, window, trailing=True, over=True, standing=True)
    end = min(last, period.last)
    window = period
    if end >= period.first:
        window = replace(period, first=max(goal.calendar.before(end, over).first, period.first), last=end)
    before, ended = _before(rule, goal, period, over), last >= period.last
    return Frame(window, window.until(last), before, trailing=True, over=ended, end_of=period)


def _before(rule: KpiRule, goal: Goal, period: Window, over: Duration) -> Window | None:
    """For a Reach on a level or ratio: the days before the start, from which progress counts."""
    if not isinstance(rule.ask, Reach):
        return None
    return replace(goal.calendar.before(period.first - DAY, over), without=goal.without)


def _calendar_frames(rule: KpiRule, unit: Unit, goal: Goal, last: date, problems: list[Problem]) -> Iterator[Frame]:
    period, calendar = goal.period, goal.calendar
    if period is None:
        window = calendar.window_of(last, unit)
        if window.last != last:
            window = calendar.window_of(window.first - DAY, unit)
        window = replace(window, without=goal.without)
        yield _with_baseline(rule, goal, Frame(window, window, over=True, standing=True))
        return
    windows = [window for window in calendar.windows_in(period, unit) if window.days > 0]
    if not windows:
        text = say("no whole {unit} lies inside the period {days}", unit=unit, days=period)
        problems.append(Problem("GK405", text, rule.location, say("make the period longer")))
        return
    complete = [window for window in windows if window.last <= last]
    for window in complete:
        yield _with_baseline(rule, goal, Frame(window, window, over=True))
    if not complete:
        yield _with_baseline(rule, goal, Frame(windows[0], windows[0].until(last)))


def _with_baseline(rule: KpiRule, goal: Goal, frame: Frame) -> Frame:
    match rule.ask:
        case Change(_, ToLevel(_, start)) if start is not None:
            return frame
        case Change():
            return replace(frame, baseline=baseline_of(rule, goal, frame.window))
        case Reach():
            return replace(frame, baseline=Window(frame.window.first - DAY, frame.window.first - DAY))
        case Keep():
            return frame
        case never:
            assert_never(never)


def baseline_of(rule: KpiRule, goal: Goal, window: Window) -> Window:
    """The days that a change over *window* is measured from."""
    match rule.versus:
        case PreviousPeriod():
            return goal.calendar.previous(window)
        case LastYear():
            return goal.calendar.last_year(window)
        case named:
            return replace(named, without=goal.without)

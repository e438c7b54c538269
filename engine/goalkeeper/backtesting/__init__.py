"""The verdicts of past days, from the rows as they are now: one plan of many days, each source read once for all."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import arguments, running
from goalkeeper.backtesting.alone import Alone, Place, must_be_alone
from goalkeeper.backtesting.grid import Grid
from goalkeeper.backtesting.judging import LookedAt, RuleDays, judge_at_once
from goalkeeper.backtesting.past import Telling
from goalkeeper.backtesting.result import Backtest, GoalPast, Past, RulePast, Run, SegmentPast
from goalkeeper.backtesting.stacked import Unit
from goalkeeper.calendar import DAY, Calendar, Window
from goalkeeper.calendar import Unit as Length
from goalkeeper.columns import Mask
from goalkeeper.cube import Cube
from goalkeeper.definitions import Catalogue
from goalkeeper.meaning import Goal, Meaning
from goalkeeper.measure import Measuring
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.plan import plan, plans
from goalkeeper.planned import Plan, PlannedRule
from goalkeeper.problems import Problem, ProblemsFound, in_order
from goalkeeper.reduction import Reduced, SourceReduction
from goalkeeper.said import say
from goalkeeper.scorecard import Input

if TYPE_CHECKING:
    from goalkeeper.running import Goals
    from goalkeeper.running import Run as Running

__all__ = ["Backtest", "GoalPast", "Past", "RulePast", "Run", "SegmentPast", "backtest"]

Progress = Callable[[str], None]
"""Is told what is being done."""
EACH = ("day", "week")
NO_END = 365
"""Of goals without a period so many days are judged."""


def backtest(
    goals: Goals,
    *,
    start: date | str | None = None,
    end: date | str | None = None,
    each: str = "day",
    select: Sequence[str] = (),
    progress: Progress | None = None,
    allowed: Allowed = USUAL,
) -> Backtest:
    """What `score` would have said of *goals* on each day from *start* to *end*, from the rows as they are now.

    Args:
        goals: goal files or folders, or the content of one as plain Python values.
        start: the first day of judging, a date or `YYYY-MM-DD`. Left out: the day after the first day of the earliest
            period; where no goal has a period, a year before *end*.
        end: the last one. Left out: today in the time zone of the files, or the day on which the last period is over.
        each: `day`, or `week` for the first day of each week.
        select: ids, names or patterns; only these goals, and the goals inside them, are judged.
        progress: is told what is being done, in a few words, and at the end an empty text.
        allowed: what the goal files may read besides their own project, and the memory and threads of adding up.

    Raises:
        ProblemsFound: when the files, the data or the arguments do not allow an answer.
    """
    return told(judge_days(goals, start=start, end=end, each=each, select=select, progress=progress, allowed=allowed))


class DaysJudged(Struct, frozen=True):
    """The verdicts of all days, before anything is counted."""

    run: Running
    each: str
    plans: Sequence[Plan]
    rules: Mapping[Place, RuleDays]
    inputs: tuple[Input, ...]
    problems: tuple[Problem, ...]


def judge_days(
    goals: Goals,
    *,
    start: date | str | None = None,
    end: date | str | None = None,
    each: str = "day",
    select: Sequence[str] = (),
    progress: Progress | None = None,
    allowed: Allowed = USUAL,
) -> DaysJudged:
    """Every verdict of each day, as arrays; see `backtest`."""
    first, last = (
        None if given is None else arguments.day(given, "UTC", name)
        for given, name in ((start, "--from"), (end, "--to"))
    )
    running.stop_at(_usage(first, last, each))
    tell = progress or _nobody_looks_on
    tell(say("Reading the goals and the heads of the data files"))
    run = running.prepared(goals, last, select, allowed)
    kept = tuple(goal.goal for goal in run.plan.goals)
    days = _days(kept, run.catalogue, run.meaning.settings.calendar, first, (last, run.plan.as_of), each)
    shown = replace(run.meaning, goals=kept, diagnoses=())
    beside = tuple(goal.goal for goal in run.plan.beside)
    tell(say("Planning {count} weeks" if each == "week" else "Planning {count} days", count=len(days)))
    planned, problems = plans(shown, run.catalogue, days, beside=beside)
    running.stop_at(problems)
    tell(say("Reading the rows, once for all days"))
    whole = replace(run, plan=planned[-1])
    measuring, inputs, said = whole.measuring()
    cube = measuring.numbers
    assert isinstance(cube, Cube)  # noqa: S101  the numbers of sources
    rules = _judged(planned, measuring, cube, _looked_at(shown, run.catalogue, beside, cube), tell)
    whole.hold_still()
    return DaysJudged(run, each, planned, rules, inputs, (*problems, *said))


def told(found: DaysJudged) -> Backtest:
    """The past of each goal, from the verdicts of all days."""
    run = found.run
    return Backtest(
        each=found.each,
        days=tuple(plan.as_of for plan in found.plans),
        goals=Telling(found.plans, run.catalogue, run.meaning.waivers, found.rules).goals(),
        dropped=run.dropped,
        notes=run.notes,
        inputs=found.inputs,
        problems=in_order([*run.problems, *found.problems]),
    )


def _usage(first: date | None, last: date | None, each: Any) -> list[Problem]:
    found = []
    if each not in EACH:
        text = say("each: day or week is wanted, not {each}", each=repr(each))
        found.append(Problem("GK112", text, help=say("write each='week'")))
    if first is not None and last is not None and first > last:
        text = say("--from {first} is after --to {last}", first=first, last=last)
        found.append(Problem("GK631", text, help=say("give the earlier day to --from")))
    return found


def _days(
    goals: Sequence[Goal],
    catalogue: Catalogue,
    calendar: Calendar,
    first: date | None,
    last: tuple[date | None, date],
    each: str,
) -> list[date]:
    """The days of judging: those asked for, else those of the periods, up to today (the second of *last*)."""
    periods = [goal.period for goal in goals if goal.period is not None]
    asked, today = last
    end = today
    if asked is None and periods and len(periods) == len(goals):
        lag = max((table.lag for table in catalogue.tables.values()), default=0)
        end = min(today, max(period.last for period in periods) + (1 + lag) * DAY)
    start = first
    if start is None:
        start = min((period.first for period in periods), default=end - NO_END * DAY) + DAY
        start = min(start, end)
    if start > end:
        text = say("--from {first} is after {last}, the last day of judging", first=start, last=end)
        raise ProblemsFound([Problem("GK631", text)])
    days = list(Window(start, end).each_day())
    if each == "week":
        days = [day for day in days if calendar.window_of(day, Length.WEEK).first == day] or days[-1:]
    return days


def _nobody_looks_on(_: str) -> None:
    """Says nothing."""


def _judged(
    planned: Sequence[Plan], measuring: Measuring, cube: Cube, looked_at: LookedAt, tell: Progress
) -> dict[Place, RuleDays]:
    """The verdicts of each rule on all days."""
    grid, found = Grid(measuring, cube), dict[Place, RuleDays]()
    alone: dict[Place, list[list[Unit]]] = {}
    for at, goal in enumerate(planned[-1].goals):
        for number, rule in enumerate(goal.rules):
            if not isinstance(rule, PlannedRule):
                continue
            tell(
                say(
                    "Judging '{goal}', rule {number} of {count}",
                    goal=goal.goal.id,
                    number=number + 1,
                    count=len(goal.rules),
                )
            )
            units = [_units(plan_, at, number) for plan_ in planned]
            if must_be_alone(measuring, rule):
                alone[goal.goal.id, number] = units
            else:
                coverage = planned[-1].settings.min_coverage
                found[goal.goal.id, number] = judge_at_once(rule, units, grid, coverage, looked_at)
    if alone:
        tell(say("Judging the rules that take each day by itself"))
        found |= Alone(grid, looked_at).judged(planned, alone)
    return found


def _units(of: Plan, goal: int, number: int) -> list[Unit]:
    rule = of.goals[goal].rules[number]
    assert isinstance(rule, PlannedRule)  # noqa: S101  it is the same rule on every day
    return [Unit(frame, None if frame.for_good else of.as_of) for frame in rule.frames]


def _looked_at(meaning: Meaning, catalogue: Catalogue, beside: Sequence[Goal], cube: Cube) -> LookedAt:
    """Which stretches a score as of a day would look at, of sources of which it does not look at every row.

    It is asked for rows below 0 alone: a source without one needs no plan of single days.
    """
    partly = {
        name: one.asked for name, one in cube.sources.items() if not one.asked.sees_every_row and _below_zero(one)
    }
    known: dict[date, Mapping[str, Mask]] = {}

    def looked_at(as_of: date) -> Mapping[str, Mask]:
        if partly and as_of not in known:
            alone, _ = plan(meaning, catalogue, as_of, beside=beside)
            known[as_of] = {name: _inside(asked, alone.sources[name]) for name, asked in partly.items()}
        return known.get(as_of, {})

    return looked_at


def _below_zero(source: Reduced) -> bool:
    every = (sums for cells in source.cells.values() for sums in cells.sums.values())
    return any(sums.least is not None and (sums.least < 0).any() for sums in every)


def _inside(many: SourceReduction, one: SourceReduction) -> Mask:
    """The stretches of many days that lie in a stretch of one of them."""
    firsts = [stretch.first for stretch in one.stretches]
    places = [bisect_right(firsts, stretch.first) - 1 for stretch in many.stretches]
    return np.array(
        [
            place >= 0 and stretch.last <= one.stretches[place].last
            for place, stretch in zip(places, many.stretches, strict=True)
        ],
        bool,
    )

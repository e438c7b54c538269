"""Rules that cannot be judged all days at once: each frame is prepared as a score prepares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.backtesting.grid import Grid
from goalkeeper.backtesting.judging import LookedAt, RuleDays
from goalkeeper.backtesting.stacked import Unit
from goalkeeper.frames import Frame
from goalkeeper.judge import judge
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan, PlannedGoal, PlannedRule, named_levels, proven_together
from goalkeeper.prepare import Prepared, prepare
from goalkeeper.statements import ChildRule

Place = tuple[str, int]
"""The id of a goal, and the number of the rule in it."""
_Judged = tuple[Unit, Prepared]


def must_be_alone(measuring: Measuring, planned: PlannedRule) -> bool:
    """Whether a rule asks how sure or how likely something is, goes by weekdays, or has a metric that changed."""
    names = [planned.rule.kpi, *named_levels(planned.rule)]
    touched = any(metric.touches for name in names for metric in measuring.catalogue.metrics_of(name))
    return touched or planned.rule.pace.shape == "weekday" or planned.spreads


class Alone(Struct):
    """Judges rules day by day; a frame that was prepared before is not prepared again."""

    grid: Grid
    looked_at: LookedAt
    _known: dict[tuple[Place, Unit], Prepared] = field(default_factory=dict)
    _together: dict[tuple[tuple[str, int, Frame, date | None], ...], dict[Place, list[_Judged]]] = field(
        default_factory=dict
    )

    def judged(self, plans: Sequence[Plan], rules: Mapping[Place, Sequence[Sequence[Unit]]]) -> dict[Place, RuleDays]:
        """Each of *rules* on all days."""
        taken: dict[Place, list[list[_Judged]]] = {place: [] for place in rules}
        for day, plan in enumerate(plans):
            self.grid.cube.looked_at = self.looked_at(plan.as_of)
            for place, found in self._day(plan, {place: units[day] for place, units in rules.items()}).items():
                taken[place].append(found)
        self.grid.cube.looked_at = {}
        return {place: self._told(_rules(plans[-1])[place], days) for place, days in taken.items()}

    def _day(self, plan: Plan, units: Mapping[Place, Sequence[Unit]]) -> dict[Place, list[_Judged]]:
        """The frames of one day, those that are proven together held together."""
        rules = _rules(plan)
        proven = {place: [u for u in us if proven_together(rules[place], u.frame)] for place, us in units.items()}
        together = self._held_together(plan, proven)
        new = {
            place: [u for u in us if u not in proven[place] and (place, u) not in self._known]
            for place, us in units.items()
        }
        for place, found in self._prepared(replace(plan, beside=()), new, proving=False).items():
            self._known.update(((place, unit), prepared) for unit, prepared in found)
        alone = {
            place: [(u, self._known[place, u]) for u in us if u not in proven[place]] for place, us in units.items()
        }
        return {place: [*together[place], *alone[place]] for place in units}

    def _held_together(self, plan: Plan, units: Mapping[Place, Sequence[Unit]]) -> dict[Place, list[_Judged]]:
        """The changes that are proven together; the day on which there were the same ones knows them already."""
        beside = (
            (goal.goal.id, number, frame, None if frame.for_good else plan.as_of)
            for goal in plan.beside
            for number, planned in enumerate(goal.rules)
            if isinstance(planned, PlannedRule)
            for frame in planned.frames
            if proven_together(planned, frame)
        )
        same = (*((*place, unit.frame, unit.as_of) for place, us in units.items() for unit in us), *beside)
        if same not in self._together:
            found = self._prepared(plan, units) if any(units.values()) else {place: [] for place in units}
            # What is proven of a frame depends on the others: on another day it is another one.
            self._together[same] = {
                place: [(Unit(unit.frame, plan.as_of), prepared) for unit, prepared in some]
                for place, some in found.items()
            }
        return self._together[same]

    def _prepared(
        self, plan: Plan, units: Mapping[Place, Sequence[Unit]], *, proving: bool = True
    ) -> dict[Place, list[_Judged]]:
        """These frames of the plan and no others, prepared; what is not *proving* may not be over."""
        goals = tuple(_only(goal, units) for goal in plan.goals)
        found = prepare(replace(plan, goals=goals), self.grid.measuring, proving=proving)
        return {
            place: [(unit, found[*place, number]) for number, unit in enumerate(some)] for place, some in units.items()
        }

    def _told(self, planned: PlannedRule, days: Sequence[Sequence[_Judged]]) -> RuleDays:
        segments = tuple(sorted({key for found in days for _, one in found for key in one.segments}))
        told = RuleDays.blank(planned, segments, [[unit for unit, _ in found] for found in days])
        columns = {key: number for number, key in enumerate(segments)}
        every = {unit: prepared for found in days for unit, prepared in found}
        for row, unit in enumerate(told.units):
            case, keys = every[unit].case, every[unit].segments
            if case is not None:
                judged = judge(case, self.grid.measuring.reasons)
                told.take([row], [columns[key] for key in keys], np.ones((1, len(keys)), bool), case, judged)
        told.fill()
        return told


def _rules(plan: Plan) -> dict[Place, PlannedRule]:
    return {
        (goal.goal.id, number): planned
        for goal in plan.goals
        for number, planned in enumerate(goal.rules)
        if isinstance(planned, PlannedRule)
    }


def _only(goal: PlannedGoal, units: Mapping[Place, Sequence[Unit]]) -> PlannedGoal:
    """The goal with these frames alone."""
    rules = tuple(
        rule
        if isinstance(rule, ChildRule)
        else replace(rule, frames=tuple(unit.frame for unit in units.get((goal.goal.id, number), ())))
        for number, rule in enumerate(goal.rules)
    )
    return replace(goal, rules=rules)

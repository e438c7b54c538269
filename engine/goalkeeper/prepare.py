"""A planned rule and the numbers to what is judged: the segments of each frame, and a case for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.case import Case
from goalkeeper.columns import Column, Floats, Mask, Missing, Why
from goalkeeper.comparison import Comparison, compare
from goalkeeper.definitions import Definition
from goalkeeper.frames import Frame
from goalkeeper.limits import SEGMENTS
from goalkeeper.measure import Measuring
from goalkeeper.planned import Place, Plan, PlannedRule, fresh_window, named_levels, proven_together
from goalkeeper.problems import Problem, ProblemsFound
from goalkeeper.said import all_of, say
from goalkeeper.scope import Key, Scope, row_scopes
from goalkeeper.units import COUNT
from goalkeeper.verdict import Proof

if TYPE_CHECKING:
    from goalkeeper.evidence import Measured


class Prepared(Struct, frozen=True):
    """A frame ready to be judged; without a segment there is no case. `before` are the segments looked back at."""

    frame: Frame
    segments: tuple[Key, ...]
    before: tuple[Key, ...]
    case: Case | None
    comparison: Comparison


def prepare(plan: Plan, measuring: Measuring, *, proving: bool = True) -> dict[Place, Prepared]:
    """The cases of all rules, and if *proving* how sure the changes among them are."""
    preparing = _Preparing(measuring, plan.as_of, plan.settings.min_coverage)
    found: dict[Place, Prepared] = {}
    measured: dict[Place, Measured] = {}
    shown = {goal.goal.id for goal in plan.goals}
    for goal in (*plan.goals, *plan.beside):
        for number, planned in enumerate(goal.rules):
            if not isinstance(planned, PlannedRule):
                continue
            for place, frame in enumerate(planned.frames):
                if goal.goal.id not in shown and not proven_together(planned, frame):
                    continue
                at = goal.goal.id, number, place
                found[at] = preparing.prepared(planned, frame)
                case = found[at].case
                change = planned.rule.kind == "change" and bool(planned.spread_windows(frame))
                if case is not None and proving and change:
                    from goalkeeper.evidence import estimates  # only for changes

                    told = estimates(measuring, planned, frame, found[at].segments, case)
                    if told is not None:
                        measured[at] = replace(told, estimates=found[at].comparison.left(told.estimates))
    if measured:
        from goalkeeper.evidence import proofs

        for at, proven in proofs(measured, apart=len(measuring.numbers.whole) > 1).items():
            found[at] = _with_proofs(found[at], proven)
    return found


def _with_proofs(prepared: Prepared, proven: tuple[Proof, ...]) -> Prepared:
    return replace(prepared, case=None if prepared.case is None else replace(prepared.case, proofs=proven))


def bare_case(planned: PlannedRule, frame: Frame, definition: Definition, value: Column) -> Case:
    """A case that has its value and no other number: what the rule, its KPI and the frame say of it."""
    return Case(
        rule=planned.rule,
        nature=planned.nature,
        falls=definition.direction == "down",
        unit=definition.unit,
        counts=definition.unit in {None, COUNT},
        elapsed=frame.elapsed,
        days=frame.window.days,
        over=frame.over,
        trailing=frame.trailing,
        value=value,
        baseline=None,
    )


def check_segments(planned: PlannedRule, count: int) -> None:
    """Refuse a rule with more segments than are judged.

    Raises:
        ProblemsFound: with the place of the rule.
    """
    if count > SEGMENTS:
        what = say("the rule has {count:,} segments, and at most {most:,} are judged", count=count, most=SEGMENTS)
        help_ = say("pick some of them with where:, or judge by a dimension with fewer values")
        raise ProblemsFound([Problem("GK333", what, planned.rule.location, help_)])


def scale_of(planned: PlannedRule, frame: Frame) -> float:
    """The window's days for each day of the baseline that a change is measured from; 1 where there is none."""
    before = frame.baseline.days if frame.baseline is not None and planned.rule.kind == "change" else 0
    return frame.window.days / before if before > 0 else 1.0


class _Preparing(Struct, frozen=True):
    """Makes the cases of one run."""

    measuring: Measuring
    as_of: date
    min_coverage: float

    def prepared(self, planned: PlannedRule, frame: Frame) -> Prepared:
        segments, before = self.segments(planned, frame)
        comparison = compare(self.measuring, planned, frame, segments)
        case = comparison.held(self.case(planned, frame, segments, before)) if segments else None
        return Prepared(frame, segments, before, case, comparison)

    def segments(self, planned: PlannedRule, frame: Frame) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
        """The segments with rows in the frame, and those with rows in the days looked back at."""
        if not planned.rule.by:
            return self.measuring.numbers.whole, self.measuring.numbers.whole
        kpi, measuring = planned.rule.kpi, self.measuring
        segments = measuring.segments(kpi, planned.value_scope(frame)) if frame.elapsed else ()
        check_segments(planned, len(segments))
        scope = planned.look_back(frame)
        return segments, (measuring.segments(kpi, scope) if scope else ())

    def case(self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...], before: tuple[Key, ...]) -> Case:
        rule, measure = planned.rule, self.measuring.measure
        value_scope = planned.value_scope(frame)
        definition = self.measuring.catalogue.definitions[rule.kpi]
        done, weekdays, left = self.done(planned, frame, segments)
        so_far = planned.so_far(frame)
        return replace(
            bare_case(planned, frame, definition, self.value(planned, frame, segments)),
            baseline=self.baseline(planned, frame, segments),
            scale=scale_of(planned, frame),
            levels={name: self.level(name, planned.target_scope(frame, name), segments) for name in named_levels(rule)},
            samples=tuple((least, measure(name, value_scope, segments)) for name, least in rule.min_sample),
            done=done,
            weekdays=weekdays,
            left=left,
            new=self.new(planned, frame, segments, before),
            so_far=None if so_far is None else measure(rule.kpi, planned.scope(so_far), segments),
            dispersion=self.dispersion(planned, frame, segments),
            may_fall=self.measuring.falls(rule.kpi, value_scope, segments) if planned.fills_up(frame) else None,
        )

    def value(self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]) -> Column:
        """The value; without a row that the filter of the rule picks there is none, for nobody knows what a 0 would be."""
        kpi, scope = planned.rule.kpi, planned.value_scope(frame)
        value = self.measuring.measure(kpi, scope, segments)
        filters = [at for _, at in row_scopes(self.measuring.catalogue, kpi, scope) if at.where]
        if not planned.rule.by and filters and frame.elapsed and planned.nature != "stock":
            nothing = value.present & self.measuring.without_rows(kpi, scope, segments)
            if nothing.any():
                value = self.without(value, nothing, self.nothing(planned, frame, _picked(filters)))
        return self.fresh(planned, frame, value)

    def nothing(self, planned: PlannedRule, frame: Frame, picked: str) -> str:
        """What is said where no row is *picked*, and when there were some before."""
        scope = planned.look_back(frame)
        if scope is None or self.measuring.without_rows(planned.rule.kpi, scope, self.measuring.numbers.whole).all():
            return say("no row has {filters} from {days}", filters=picked, days=frame.seen)
        return say(
            "no row has {filters} from {days}; it had rows from {before}: idle, and not judged",
            filters=picked,
            days=frame.seen,
            before=scope.window,
        )

    def level(self, name: str, scope: Scope, segments: tuple[Key, ...]) -> Column:
        """The number of a metric or KPI that a bound is taken from; a segment that it has no row of has none."""
        measuring = self.measuring
        column = measuring.measure(name, scope, segments)
        if not scope.dimensions or measuring.catalogue.is_stock(name):
            return column
        nothing = column.present & measuring.without_rows(name, scope, segments)
        for place in np.flatnonzero(nothing):
            own = [
                say("{dimension} {values}", dimension=dimension, values=value or say("(blank)"))
                for dimension, value in zip(scope.by, segments[place], strict=True)
            ]
            whose = all_of([*own, *([_picked([scope])] if scope.where else [])])
            here = np.arange(len(segments)) == place
            detail = say("'{name}' has no row with {filters} from {days}", name=name, filters=whose, days=scope.window)
            column = self.without(column, here, detail)
        return column

    def without(self, column: Column, where: Mask, detail: str) -> Column:
        """The column without numbers at *where*."""
        code = self.measuring.reasons.code(Missing(Why.NO_DATA, detail))
        return Column(column.values, np.where(where, code, column.codes).astype(np.int32))

    def baseline(self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]) -> Column | None:
        """The number of the baseline; there is none while days of it are still to come."""
        if frame.baseline is None or planned.begins_at_nothing:
            return None
        scope = planned.baseline_scope(frame)
        if scope is not None:
            return self.measuring.measure(planned.rule.kpi, scope, segments)
        missing = Missing(Why.NOT_COMPARABLE, say("the baseline, {days}, is not complete yet", days=frame.baseline))
        if frame.baseline.days <= 0:
            missing = Missing(
                Why.NO_DATA, say("no day of the baseline, {days}, is left: all are excluded", days=frame.baseline)
            )
        return Column.missing(self.measuring.reasons.code(missing), len(segments))

    def new(
        self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...], before: tuple[Key, ...]
    ) -> Mask | None:
        """The segments that a change is asked of and that had no row in the baseline, where it has data at all."""
        rule, scope = planned.rule, planned.baseline_scope(frame)
        if scope is None or rule.kind != "change" or not scope.dimensions:
            return None
        coverage = self.measuring.coverage(rule.kpi, scope)
        if coverage is not None and coverage.share < self.min_coverage:
            return None
        if rule.by:
            old = set(before)
            return np.array([key not in old for key in segments])
        return self.measuring.without_rows(rule.kpi, scope, segments) if planned.look_back(frame) else None

    def dispersion(self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]) -> Floats | None:
        if planned.nature != "flow" or not planned.spread_windows(frame):
            return None
        from goalkeeper.evidence import dispersions  # only for counts on their way

        return dispersions(self.measuring, planned, frame, segments)

    def done(
        self, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]
    ) -> tuple[Column | None, Floats | None, Floats | None]:
        """For a pace that is not even: the share that comes by now; by weekday also their weights and how many are left."""
        history = planned.history(frame)
        if history is not None:
            from goalkeeper.daily import counted, weekdays  # only for a pace by weekday

            found = weekdays(self.measuring, planned.rule.kpi, planned.scope(history), segments)
            left = counted(frame.window) - counted(frame.seen)
            return found.share(frame.seen, frame.window), found.weights, left
        windows = planned.shape_windows(frame)
        if not windows:
            return None, None, None
        part, whole = (
            self.measuring.measure(planned.rule.kpi, replace(planned.value_scope(frame), window=window), segments)
            for window in windows
        )
        codes = np.where(whole.codes != 0, whole.codes, part.codes)
        nothing = (codes == 0) & ((whole.values <= 0) | (part.values <= 0))
        text = say("nothing came in {days}, so there is no pace to follow", days=windows[0])
        reason = Missing(Why.UNDEFINED, text)
        codes[nothing] = self.measuring.reasons.code(reason)
        share = np.where(codes == 0, part.values / np.where(whole.values == 0, 1, whole.values), 1.0)
        return Column(share, codes), None, None

    def fresh(self, planned: PlannedRule, frame: Frame, value: Column) -> Column:
        """The value, or the reason that a source is older than it may be. What is over stays as it was judged."""
        if frame.for_good:
            return value
        for source in planned.sources:
            limit = self.measuring.catalogue.tables[source].max_age
            if limit is None or frame.elapsed == 0:
                continue
            newest = self.measuring.numbers.newest(source, fresh_window(frame, self.as_of, limit))
            if newest is None or (self.as_of - newest).days > limit:
                text = say(
                    "'{source}' ends on {last}, and may be {limit} days old"
                    if newest
                    else "'{source}' has no rows from {days}, and may be {limit} days old",
                    source=source,
                    last=newest,
                    days=frame.seen,
                    limit=limit,
                )
                return Column.missing(self.measuring.reasons.code(Missing(Why.STALE, text)), len(value))
        return value


def _picked(scopes: Sequence[Scope]) -> str:
    """The filters of *scopes* in words."""
    said = dict.fromkeys(all_of(map(str, dict.fromkeys(scope.where))) for scope in scopes)
    return reduce(lambda one, other: say("{one}, or {other}", one=one, other=other), said)

"""The verdicts of one rule over one window: what was judged as columns, told segment by segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import isfinite

import numpy as np
from msgspec import Struct

from goalkeeper import wording
from goalkeeper.case import LIKELY, STATES, Case, Judged
from goalkeeper.columns import Column, Floats
from goalkeeper.frames import STANDING, Frame
from goalkeeper.judge import warn_band
from goalkeeper.measure import Measuring
from goalkeeper.planned import PlannedRule
from goalkeeper.said import all_of, say
from goalkeeper.scope import Key
from goalkeeper.statements import Keep, KpiRule
from goalkeeper.verdict import OUTCOME_OF, Bounds, Breakdown, Likely, Outcome, State, Verdict

SAID_BELOW = 0.95
"""A share of days with data below this is said."""


class Telling(Struct, frozen=True, eq=False):
    """What was judged in one frame, and what is needed to tell it."""

    planned: PlannedRule
    frame: Frame
    case: Case
    judged: Judged
    segments: tuple[Key, ...]
    measuring: Measuring

    def verdicts(self, as_of: date, breakdowns: Mapping[Key, tuple[Breakdown, ...]]) -> Iterator[Verdict]:
        """One verdict for each segment; *breakdowns* are the values of its parts, where they are asked for."""
        planned, frame, case, judged, segments = self.planned, self.frame, self.case, self.judged, self.segments
        rule, reasons, shared = planned.rule, self.measuring.reasons, self.of_all()
        coverage = self.measuring.coverage(rule.kpi, planned.value_scope(frame)) if frame.elapsed else None
        unit = self.measuring.catalogue.unit(rule.kpi)
        starts = wording.starts(frame.window, as_of)
        warn = warn_band(case)
        alone = (say("of {only} alone", only=all_of(map(str, rule.where))),) if rule.where else ()
        of_events = any(metric.quantile is not None for metric in self.measuring.catalogue.metrics_of(rule.kpi))
        window_name, baseline_window = planned.calendar.name_of(frame.window), frame.baseline
        expected, index, progress = _numbers(judged.expected), _numbers(judged.index), _numbers(judged.progress)
        projection, chance = _numbers(judged.projection), _numbers(judged.chance)
        needed_per_day, needed_uplift = _numbers(judged.needed_per_day), _numbers(judged.needed_uplift)
        values = case.value.told(reasons) if frame.elapsed else [None] * len(segments)
        baselines = judged.baseline.told(reasons) if judged.baseline is not None else [None] * len(segments)
        targets, so_far = _targets(judged, rule), _so_far(planned, frame, case)
        outcomes = [outcome_of(state, rule) for state in STATES]
        decided, missing = judged.state.tolist(), judged.missing.tolist()
        for place, key in enumerate(segments):
            state, value, baseline = STATES[decided[place]], values[place], baselines[place]
            told = wording.Told(
                state=state,
                value=value if isinstance(value, float) else None,
                target=targets[place],
                baseline=baseline if isinstance(baseline, float) else None,
                expected=expected[place],
                projection=projection[place],
                index=index[place],
                needed_per_day=needed_per_day[place],
                needed_uplift=needed_uplift[place],
                starts=starts,
                so_far=so_far[place],
                likely=None if chance[place] is None else _likely(case, judged, place),
                proof=case.proofs[place] if case.proofs else None,
                weekdays=() if case.weekdays is None else wording.weekday_needs(case, place, needed_per_day[place]),
                missing=reasons.of(missing[place]) if missing[place] else None,
                samples=tuple(
                    (name, least, _present(column, place))
                    for (name, least), (_, column) in zip(rule.min_sample, case.samples, strict=True)
                )
                if case.samples
                else (),
            )
            yield Verdict(
                rule=rule.text,
                kind=rule.kind,
                kpi=rule.kpi,
                segment=dict(zip(rule.by, key, strict=True)),
                outcome=outcomes[decided[place]],
                state=state,
                value=value,
                target=told.target,
                baseline=baseline,
                expected=told.expected,
                index=told.index,
                progress=progress[place],
                projection=told.projection,
                needed_per_day=told.needed_per_day,
                needed_uplift=told.needed_uplift,
                so_far=told.so_far,
                likely=told.likely,
                proof=told.proof,
                window=frame.window,
                window_name=window_name,
                elapsed=frame.elapsed,
                baseline_window=baseline_window if judged.baseline is not None else None,
                coverage=coverage,
                reasons=tuple(
                    dict.fromkeys(
                        (
                            *wording.reasons(case, told, unit),
                            *(alone if told.value is not None else ()),
                            *shared,
                            *(self.few(key) if of_events else ()),
                        )
                    )
                ),
                unit=unit,
                from_zero=planned.nature == "flow",
                bounds=_bounds(judged, place) if isinstance(rule.ask, Keep) else None,
                warn=None if warn is None else Bounds(*(_number(side[place]) for side in warn)),
                breakdown=breakdowns.get(key, ()) if breakdowns else (),
                location=rule.location,
            )

    def of_all(self) -> tuple[str, ...]:
        """What must be said of days and cells without data, for every verdict of the frame."""
        planned, frame = self.planned, self.frame
        said = [wording.trailing(planned.rule.over or STANDING, frame, planned.calendar)] if frame.end_of else []
        kpi = planned.rule.kpi
        for scope, before in ((planned.value_scope(frame), False), (planned.baseline_scope(frame), True)):
            if scope is None or scope.window.days <= 0 or planned.nature in {"stock", "rank"}:
                continue
            if before and planned.rule.kind != "change":
                continue
            found: list[str] = []
            coverage = self.measuring.coverage(kpi, scope)
            adds = planned.nature == "flow"  # a sum lacks what a single day would have brought
            if coverage is not None and coverage.share < (1 if adds else SAID_BELOW):
                found.append(
                    say(
                        "data for {days} of {of} days, and the sum is of those alone"
                        if adds
                        else "data for {days} of {of} days",
                        days=coverage.days,
                        of=coverage.of,
                    )
                )
            found += [*self.measuring.gaps(kpi, scope), *self.measuring.unlike(kpi, scope)]
            said += map(_of_baseline, found) if before else found
        return tuple(said)

    def few(self, key: Key) -> Iterator[str]:
        """What must be said of medians and percentiles that rest on few events."""
        planned, frame = self.planned, self.frame
        kpi = planned.rule.kpi
        yield from self.measuring.few(kpi, planned.value_scope(frame), key)
        before = planned.baseline_scope(frame)
        if before is not None and planned.rule.kind == "change":
            yield from map(_of_baseline, self.measuring.few(kpi, before, key))


def _of_baseline(text: str) -> str:
    return say("baseline: {text}", text=text)


def outcome_of(state: State, rule: KpiRule) -> Outcome:
    """What a state comes to under a rule, which may say what becomes of what is missing."""
    outcome = OUTCOME_OF[state]
    return Outcome(rule.on_missing) if outcome is Outcome.INCONCLUSIVE else outcome


def _targets(judged: Judged, rule: KpiRule) -> Sequence[float | Bounds | None]:
    if isinstance(rule.ask, Keep) and judged.low is not None and judged.high is not None:
        return [Bounds(low, high) for low, high in zip(judged.low.tolist(), judged.high.tolist(), strict=True)]
    return _presents(judged.target)


def _bounds(judged: Judged, place: int) -> Bounds:
    low, high = (None if side is None else _number(side[place]) for side in (judged.low, judged.high))
    return Bounds(low, high)


def _likely(case: Case, judged: Judged, place: int) -> Likely:
    assert case.dispersion is not None  # noqa: S101  without it there is no chance
    spread = _number(case.dispersion[place])
    return Likely(
        float(judged.chance[place]), float(judged.low_total[place]), float(judged.high_total[place]), LIKELY, spread
    )


def _so_far(planned: PlannedRule, frame: Frame, case: Case) -> Sequence[float | None]:
    """What the baseline had come to by the same share of its days; of a sum, in as many days as the value."""
    window = planned.so_far(frame)
    if case.so_far is None:
        return [None] * len(case.value)
    found = _presents(case.so_far)
    if window is None or window.days <= 0 or case.nature != "flow":
        return found
    return [None if one is None else one * frame.elapsed / window.days for one in found]


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _numbers(values: Floats) -> list[float | None]:
    """`_number` of each."""
    found = values.tolist()
    return found if np.isfinite(values).all() else [number if isfinite(number) else None for number in found]


def _present(column: Column, place: int) -> float | None:
    return float(column.values[place]) if column.codes[place] == 0 else None


def _presents(column: Column) -> list[float | None]:
    """`_present` in every place."""
    return [
        number if code == 0 else None
        for number, code in zip(column.values.tolist(), column.codes.tolist(), strict=True)
    ]

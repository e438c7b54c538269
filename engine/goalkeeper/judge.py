"""Measurement, rule and baseline to verdict, for many segments at once. Pure: numbers in, states and numbers out."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from goalkeeper.case import LIKELY, STATES, Case, Judged
from goalkeeper.columns import TOLERANCE, Codes, Column, Floats, Mask, Missing, Reasons, Why, exceeds, near, reaches
from goalkeeper.quantity import HUGE, format_quantity
from goalkeeper.said import say
from goalkeeper.statements import Bound, ByAmount, ByShare, Change, Keep, Level, Reach, ToLevel
from goalkeeper.verdict import PROVEN, State

EARLY_SHARE = 0.1
EARLY_EVENTS = 25
HALF_WAY = 0.5

_STATE_OF: dict[Why, State] = {
    Why.NO_DATA: State.NO_DATA,
    Why.STALE: State.STALE,
    Why.UNDEFINED: State.UNDEFINED,
    Why.INFINITE: State.UNDEFINED,
    Why.NOT_COMPARABLE: State.NOT_COMPARABLE,
}


def judge(case: Case, reasons: Reasons) -> Judged:
    """The verdict for each segment of *case*."""
    with np.errstate(all="ignore"):
        match case.rule.ask:
            case Keep() as keep:
                return _keep(case, keep, reasons)
            case Change() | Reach():
                return _approach(case, reasons)
            case never:
                assert_never(never)


def _keep(case: Case, keep: Keep, reasons: Reasons) -> Judged:
    judged = Judged.blank(case)
    value = case.value
    bounds = [(side, bound) for side, bound in (("low", keep.low), ("high", keep.high)) if bound is not None]
    columns = {side: level(bound.level, case) for side, bound in bounds}
    judged.target = columns["high"] if "high" in columns else columns["low"]
    judged.low = columns["low"].values if "low" in columns else None
    judged.high = columns["high"].values if "high" in columns else None

    _not_started(case, judged)
    for column in columns.values():
        _missing(judged, column.codes, reasons)
    above = np.zeros(len(value), bool)
    below = np.zeros(len(value), bool)
    for side, bound in bounds:
        outside = ~_inside(value.values, columns[side].values, bound, side) & value.present
        if side == "high":
            above = outside | reasons.where(value.codes, Why.INFINITE)
        else:
            below = outside

    _few(case, judged, reasons)
    if case.fills_up:
        judged.decide(above, State.BREACHED)
        if keep.high is None:
            judged.decide(value.present & ~below & case.grows, State.HOLDING)  # what only grows holds for good
        if case.done is not None and keep.low is not None:
            _missing(judged, case.done.codes, reasons)
        _early(case, judged, columns.get("low"), reached=~below)
        _missing(judged, value.codes, reasons)
        judged.projection = value.values / case.share
        if keep.low is not None:
            low = columns["low"].values
            judged.expected = low * case.share
            judged.index = np.where(low > 0, judged.projection / low, np.nan)
            ahead = _inside(judged.projection, low, keep.low, "low")
            judged.decide(~ahead & reaches(judged.index, np.full(len(value), case.rule.pace.at_risk)), State.AT_RISK)
            judged.decide(~ahead, State.OFF_TRACK)
            judged.needed_per_day = np.maximum(low - value.values, 0) / case.days_left
            below = ~ahead
    else:
        judged.decide(above & ~value.present, State.BREACHED)
        _early(case, judged, None)
        _missing(judged, value.codes, reasons)
        judged.decide(above | below, State.BREACHED)
    judged.decide(judged.undecided, State.HOLDING)
    judged.progress = np.where(above | below, 0.0, 1.0)
    return _finish(case, judged)


def _approach(case: Case, reasons: Reasons) -> Judged:
    """Change and Reach: a target to be at, at the end."""
    judged = Judged.blank(case)
    value, rule = case.value, case.rule
    baseline, target, sign = from_and_to(case, reasons)
    judged.baseline = baseline if isinstance(rule.ask, Change) or case.nature != "flow" else None
    judged.target = target

    _not_started(case, judged)
    if case.new is not None and isinstance(rule.ask, Change):
        judged.decide(case.new, State.NEW)
    _missing(judged, target.codes, reasons)
    if isinstance(rule.ask, Change):
        _missing(judged, _asked(case, baseline, target, sign, reasons), reasons)
    start = np.where(baseline.present, baseline.values, np.nan)
    now, goal = value.values, target.values
    judged.projection, judged.expected = _by_now(case, start, goal, now)
    judged.progress = _progress(judged.projection, start, goal, sign)
    # Where less is asked and the projection is nothing or below, there is no index: it is as little as can be.
    # A rank is no amount: the 40th place is not half of the 20th, so its progress in places decides alone.
    usable = (goal > 0) & ((judged.projection > 0) | (sign > 0)) & (not case.ranked)
    judged.index = np.where(usable, judged.projection / goal if sign > 0 else goal / judged.projection, np.nan)

    there = reaches(sign * now, sign * goal) & value.present
    _few(case, judged, reasons)
    if case.fills_up:  # what only grows has reached or passed something for good
        settled = (there if sign > 0 else ~there & value.present) & case.grows
        judged.decide(settled, State.MET if sign > 0 else State.MISSED)
        if case.done is not None:
            _missing(judged, case.done.codes, reasons)
    _early(case, judged, target)
    _missing(judged, value.codes, reasons)
    if case.over:
        judged.decide(there, State.MET)
        judged.decide(~there, State.MISSED)
    else:
        _likely(case, judged, now, goal, sign)
        _pace(case, judged, goal, sign, reasons)
        if case.nature in {"flow", "stock"} and sign > 0 and case.days > case.elapsed and not case.trailing:
            judged.needed_per_day = np.maximum(goal - now, 0) / case.days_left
            coming = judged.projection - now
            judged.needed_uplift = np.where(coming > 0, np.maximum(goal - now, 0) / coming - 1, np.nan)
    _prove(case, judged)
    return _finish(case, judged)


def _likely(case: Case, judged: Judged, now: Floats, goal: Floats, sign: int) -> None:
    """For a count that is still growing: how likely it is to reach the target, and where it will end."""
    if case.dispersion is None or not case.fills_up:
        return
    from goalkeeper import chance  # only where something is counted

    share = case.share
    open_ = judged.undecided & (share < 1) & (now >= 0) & (now < HUGE)
    for place in np.flatnonzero(open_):
        spread = case.dispersion[place] if np.isfinite(case.dispersion[place]) else 1.0
        seen, done, slack = float(now[place]), float(share[place]), TOLERANCE * abs(float(goal[place]))
        missing = float(goal[place]) - seen
        if sign > 0:
            judged.chance[place] = chance.at_least(float(np.ceil(missing - slack)), seen, done, spread)
        else:
            judged.chance[place] = chance.at_most(float(np.floor(missing + slack)), seen, done, spread)
        judged.low_total[place], judged.high_total[place] = chance.likely_range(seen, done, spread, LIKELY)


def _prove(case: Case, judged: Judged) -> None:
    """A target that is met counts as met only with the proof that the rule asks for."""
    require = case.rule.evidence.require
    if require is None:
        return
    for place in np.flatnonzero(judged.state == STATES.index(State.MET)):
        proof = case.proofs[place] if case.proofs else None
        word = None if proof is None else proof.lift if require == "lift" else proof.target
        if word != PROVEN:
            judged.state[place] = STATES.index(State.NOT_PROVEN if case.over else State.ON_TRACK)


def from_and_to(case: Case, reasons: Reasons) -> tuple[Column, Column, int]:
    """Baseline, target, and whether more (1) or less (-1) is asked for."""
    with np.errstate(over="ignore"):
        return _from_and_to(case, reasons)


def _from_and_to(case: Case, reasons: Reasons) -> tuple[Column, Column, int]:
    length = len(case.value)
    measured = case.baseline if case.baseline is not None else Column.of(0.0, length)
    if case.nature == "flow":
        measured = _finite(measured.values * (case.scale if case.each is None else case.each.scale), measured, reasons)
    match case.rule.ask:
        case Reach(target):
            start = Column.of(0.0, length) if case.nature == "flow" else measured
            return start, level(target, case), -1 if case.falls else 1
        case Change(sign, ByShare(rate)):
            changed = _finite(measured.values * (1 + sign * rate), measured, reasons)
            nothing = measured.present & (measured.values <= 0)
            if nothing.any():
                changed.codes[nothing] = reasons.code(_of_nothing(rate))
            return measured, changed, sign
        case Change(sign, ByAmount(amount)):
            return measured, _finite(measured.values + sign * amount.value, measured, reasons), sign
        case Change(sign, ToLevel(target, start)):
            given = measured if start is None else Column.of(start.value, length)
            return given, level(target, case), sign
    raise AssertionError  # a Keep has no baseline


def _finite(values: Floats, measured: Column, reasons: Reasons) -> Column:
    """What *measured* comes to, with a reason where it has none or is no longer a number."""
    codes = measured.codes.copy()
    large = measured.present & ~np.isfinite(values)
    if large.any():
        too_large = say("what it is measured against is too large a number")
        codes[large] = reasons.code(Missing(Why.UNDEFINED, too_large))
    return Column(values, codes)


def _asked(case: Case, baseline: Column, target: Column, sign: int, reasons: Reasons) -> Codes:
    """Why no change is asked for: a number is missing, or the baseline is at the target or past it already."""
    asks = exceeds(sign * target.values, sign * baseline.values)
    codes = np.where(baseline.codes != 0, baseline.codes, target.codes)
    for place in np.flatnonzero((codes == 0) & ~asks):
        was, goal = (format_quantity(float(c.values[place]), case.unit) for c in (baseline, target))
        there = bool(near(baseline.values, target.values)[place])
        codes[place] = reasons.code(_asks_for_nothing(was, goal, sign, there=there))
    return codes


def _asks_for_nothing(was: str, goal: str, sign: int, *, there: bool) -> Missing:
    """Why there is nothing to judge: the baseline is *there* already, at the target, or past it."""
    if sign > 0:
        text = say(
            "the baseline of {baseline} is at the target already: an increase to {target} asks for nothing"
            if there
            else "the baseline of {baseline} is past the target already: an increase to {target} asks for nothing",
            baseline=was,
            target=goal,
        )
    else:
        text = say(
            "the baseline of {baseline} is at the target already: a decrease to {target} asks for nothing"
            if there
            else "the baseline of {baseline} is past the target already: a decrease to {target} asks for nothing",
            baseline=was,
            target=goal,
        )
    return Missing(Why.NOT_COMPARABLE, text)


def _by_now(case: Case, start: Floats, goal: Floats, now: Floats) -> tuple[Floats, Floats]:
    """What it will come to at the end, and what it should have come to by now."""
    if case.fills_up:
        return now / case.share, goal * case.share
    if case.nature == "stock" and not case.over:
        known = np.isfinite(start)
        along, ahead = _path(case, start, goal, now)
        return np.where(known, ahead, now), np.where(known, along, goal)
    return now.copy(), goal.copy()


def _path(case: Case, start: Floats, goal: Floats, now: Floats) -> tuple[Floats, Floats]:
    """For a level: where it should be by now on its way to the goal, and where it will be at the end."""
    share = case.share
    straight = start + (goal - start) * share, start + (now - start) / share
    if case.rule.pace.shape != "geometric":
        return straight
    grows = (start > 0) & (goal > 0) & (now > 0)
    along = np.where(grows, start * (goal / start) ** share, straight[0])
    return along, np.where(grows, start * (now / start) ** (1 / share), straight[1])


def _of_nothing(rate: float) -> Missing:
    return Missing(
        Why.UNDEFINED,
        say("the baseline is not above 0, and {rate:.0%} of that means nothing: ask for an amount", rate=rate),
    )


def level(target: Level, case: Case) -> Column:
    """A bound or target as a column: the same number everywhere, or another KPI's."""
    return case.levels[target] if isinstance(target, str) else Column.of(target.value, len(case.value))


def _inside(value: Floats, bound: Floats, how: Bound, side: str) -> Mask:
    low, high = (bound, value) if side == "low" else (value, bound)
    return reaches(high, low) if how.included else exceeds(high, low)


def _progress(at: Floats, start: Floats, goal: Floats, sign: int) -> Floats:
    """The share of the way from *start* to *goal* that is done; where it was done before, 1 for being there still."""
    way = goal - start
    no_way = near(goal, start) | (sign * way < 0)
    done = np.where(reaches(sign * at, sign * goal), 1.0, 0.0)
    return np.where(no_way, done, (at - start) / way)


def _pace(case: Case, judged: Judged, goal: Floats, sign: int, reasons: Reasons) -> None:
    one = np.ones(len(goal))
    on_the_way = np.isnan(judged.progress) | reaches(judged.progress, one * HALF_WAY)
    positive = (goal > 0) & (not case.ranked)
    pace = case.rule.pace
    if pace.by_chance:
        judged.decide(reaches(judged.chance, one * pace.on_track), State.ON_TRACK)
        judged.decide(reaches(judged.chance, one * pace.at_risk), State.AT_RISK)
        judged.decide(np.isfinite(judged.chance), State.OFF_TRACK)
        no_count = Missing(Why.NOT_COMPARABLE, say("a probability is told for whole numbers that come day by day"))
        _missing(judged, np.full(len(goal), reasons.code(no_count), np.int32), reasons)
    idle = positive & (judged.projection <= 0) & (sign < 0)  # there is no less
    judged.decide(idle | reaches(judged.index, one), State.ON_TRACK)
    judged.decide(reaches(judged.index, one * pace.at_risk) & on_the_way, State.AT_RISK)
    judged.decide(positive, State.OFF_TRACK)
    judged.decide(reaches(judged.progress, one), State.ON_TRACK)
    judged.decide(reaches(judged.progress, one * HALF_WAY), State.AT_RISK)
    judged.decide(judged.undecided, State.OFF_TRACK)


def _not_started(case: Case, judged: Judged) -> None:
    if case.elapsed <= 0 and not case.over:
        judged.decide(judged.undecided, State.NOT_STARTED)


def _missing(judged: Judged, missing: Codes, reasons: Reasons) -> None:
    """Inconclusive where a number is *missing*, with its reason."""
    here = np.flatnonzero((missing != 0) & judged.undecided)
    if not len(here):
        return
    codes = missing[here]
    places = {code: STATES.index(_STATE_OF[reasons.of(code).why]) for code in set(codes.tolist())}
    judged.missing[here] = codes
    judged.state[here] = [places[code] for code in codes.tolist()]


def _few(case: Case, judged: Judged, reasons: Reasons) -> None:
    for least, column in case.samples:
        _missing(judged, column.codes, reasons)
        judged.decide(~reaches(column.values, np.full(len(column), least)), State.TOO_FEW)


def _early(case: Case, judged: Judged, target: Column | None, *, reached: Mask | None = None) -> None:
    """Too early to tell: little of the period is over, nothing is expected so far, or few events are and few came.

    Where the target is *reached*, what is expected does not matter any more.
    """
    days = np.full(len(case.value), case.elapsed_share)
    judged.decide(~reaches(days, np.full(len(days), EARLY_SHARE)), State.TOO_EARLY)
    if not case.fills_up or target is None:
        return
    few = case.share <= 0  # by the weekdays that were, nothing has to be there yet
    if case.counts:
        enough = np.full(len(days), float(EARLY_EVENTS))
        came = case.value.present & reaches(case.value.values, enough)
        few |= ~reaches(target.values * case.share, enough) & ~came
    judged.decide(few if reached is None else few & ~reached, State.TOO_EARLY)


def warn_band(case: Case) -> tuple[Floats, Floats] | None:
    """The sides between which a value warns, in each segment; nan where there is none. None for no such band."""
    warn = case.rule.warn
    if warn is None:
        return None
    open_ = Column.of(np.nan, len(case.value))
    low, high = (open_ if side is None else level(side.level, case) for side in (warn.low, warn.high))
    return np.where(low.present, low.values, np.nan), np.where(high.present, high.values, np.nan)


def _finish(case: Case, judged: Judged) -> Judged:
    """The warn band, and no numbers that the state does not allow."""
    warn = case.rule.warn
    if warn is not None:
        passed = np.isin(judged.state, [STATES.index(s) for s in (State.ON_TRACK, State.MET, State.HOLDING)])
        in_band = passed.copy()
        for side, bound in (("low", warn.low), ("high", warn.high)):
            if bound is not None:
                column = level(bound.level, case)
                in_band &= column.present & _inside(case.value.values, column.values, bound, side)
        judged.state[in_band] = STATES.index(State.WARN_BAND)
    unjudged = [State.NOT_STARTED, State.NEW, State.NO_DATA, State.STALE, State.UNDEFINED, State.NOT_COMPARABLE]
    told = case.value.present & ~np.isin(judged.state, [STATES.index(s) for s in unjudged])
    for numbers in (
        judged.expected,
        judged.index,
        judged.progress,
        judged.projection,
        judged.needed_per_day,
        judged.needed_uplift,
        judged.chance,
    ):
        numbers[~told] = np.nan
    judged.progress[np.abs(judged.progress) < TOLERANCE] = 0.0  # the dust of two numbers that are equal
    judged.progress[judged.state == STATES.index(State.BREACHED)] = 0.0  # what is above every bound is, too
    aside = np.full(len(case.value), case.over or case.trailing)  # from the pace, or without one
    if case.done is not None:
        aside |= ~case.done.present
    judged.expected[aside] = np.nan
    judged.projection[aside] = np.nan
    return judged

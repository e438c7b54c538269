"""The reasons of a verdict in sentences: what decided, and what a reader would work out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import isclose

from msgspec import Struct

from goalkeeper.calendar import WEEKDAYS, Calendar, Duration, Window
from goalkeeper.case import Case
from goalkeeper.columns import TOLERANCE, Missing
from goalkeeper.figures import Show, share_text, side_by_side
from goalkeeper.frames import Frame
from goalkeeper.quantity import format_number, format_quantity
from goalkeeper.statements import Bound, Change, Keep, LastYear, PreviousPeriod, Reach
from goalkeeper.units import POINTS, RANK
from goalkeeper.verdict import PROVEN, Bounds, Likely, Proof, State


class Told(Struct, frozen=True):
    """The numbers of one verdict that its reasons speak of."""

    state: State
    value: float | None
    target: float | Bounds | None
    baseline: float | None
    expected: float | None
    projection: float | None
    index: float | None
    needed_per_day: float | None
    needed_uplift: float | None
    so_far: float | None
    likely: Likely | None
    proof: Proof | None
    weekdays: tuple[tuple[str, float], ...]
    """For a pace by weekday: the weekday that needs least and the one that needs most, with their numbers."""
    starts: str
    """When the window begins, or why nothing of it is there yet."""
    missing: Missing | None
    samples: tuple[tuple[str, float, float | None], ...]


def reasons(case: Case, told: Told, unit: str | None) -> Iterator[str]:
    """Why the verdict is what it is, most telling first."""
    low, high = _sides(told.target)
    numbers = (told.value, low, high, told.baseline, told.expected, told.projection, told.so_far)
    show = side_by_side(numbers, unit)
    if told.missing is not None:
        yield told.missing.detail
    match told.state:
        case State.NOT_STARTED:
            yield told.starts
        case State.NEW:
            yield "new: no rows in the baseline period"
        case State.TOO_FEW:
            for name, least, number in told.samples:
                if number is not None and number < least:
                    yield f"only {format_number(number)} {name} so far; judged from {format_number(least)}"
        case State.TOO_EARLY:
            yield _too_early(case)
        case State.BREACHED if told.value is None and told.missing is None:
            yield "divided by 0: above every bound"
        case State.HOLDING | State.BREACHED | State.WARN_BAND if isinstance(case.rule.ask, Keep):
            yield from _kept(case, case.rule.ask, told, show)
        case State.NOT_PROVEN if told.value is not None and isinstance(told.target, float):
            what = "a lift" if case.rule.evidence.require == "lift" else "a lift as large as the target"
            yield f"{show(told.value)} against a target of {show(told.target)}: reached, but {what} is not proven"
        case State.MET | State.MISSED if told.value is not None and isinstance(told.target, float):
            yield f"{show(told.value)} against a target of {show(told.target)}: {_ended(case, told)}"
        case _:
            pass
    yield from _pace(case, told, show, ranked=unit == RANK)
    yield from _on_the_way(case, told, show)
    yield from _likely(told, show)
    yield from _baseline(case, told, show, ranked=unit == RANK)
    yield from _proof(case, told)


def trailing(over: Duration, frame: Frame, calendar: Calendar) -> str:
    """Which days of its period a verdict looks at, where it does not look at all of them."""
    assert frame.end_of is not None  # noqa: S101  only then is it said
    so_far = "" if frame.over else ", so far"
    return f"judged over the last {over} of the period {calendar.name_of(frame.end_of) or frame.end_of}{so_far}"


def _too_early(case: Case) -> str:
    if case.elapsed_share < 0.1:
        return f"too early to tell: {case.elapsed} of {case.days} days"
    return "too early to tell: fewer than 25 are expected by now"


def _sides(target: float | Bounds | None) -> tuple[float | None, float | None]:
    return (target.low, target.high) if isinstance(target, Bounds) else (target, target)


def _ended(case: Case, told: Told) -> str:
    """How it ended with a target, and when."""
    left = case.days - case.elapsed
    days = f"{left} {'day' if left == 1 else 'days'}"
    if told.state is State.MET:
        return "reached" if case.over else f"reached, {days} early"
    return "missed" if case.over else f"missed for good, {days} before the end: a sum does not fall"


def _kept(case: Case, keep: Keep, told: Told, show: Show) -> Iterator[str]:
    """Which bounds hold, or which one does not; a lower bound on a sum that is not reached yet goes by its pace."""
    value = show(told.value) if told.value is not None else "no number"
    low, high = _sides(told.target)
    by_pace = case.fills_up and keep.low is not None and low is not None and _short_of(keep.low, told.value, low)
    parts: list[tuple[str, bool]] = []
    if keep.low is not None and low is not None and not by_pace:
        word = "at least" if keep.low.included else "above"
        parts.append((f"{word} {show(low)}", not _short_of(keep.low, told.value, low)))
    if keep.high is not None and high is not None:
        word = "at most" if keep.high.included else "below"
        parts.append((f"{word} {show(high)}", told.value is not None and not _past(keep.high, told.value, high)))
    so_far = " so far" if case.fills_up and keep.high is not None and told.state is not State.BREACHED else ""
    band = ", but in the warn band" if told.state is State.WARN_BAND else ""
    wanted = told.state is not State.BREACHED
    said = [text for text, holds in parts if holds is wanted]
    if said:
        yield f"{value}{so_far} {'is' if wanted else 'is not'} {' and '.join(said)}{band}"


def _short_of(bound: Bound, value: float | None, low: float) -> bool:
    return value is None or not (value > low or (bound.included and isclose(value, low, rel_tol=TOLERANCE)))


def _past(bound: Bound, value: float, high: float) -> bool:
    return not (value < high or (bound.included and isclose(value, high, rel_tol=TOLERANCE)))


def _pace(case: Case, told: Told, show: Show, *, ranked: bool) -> Iterator[str]:
    if told.expected is None or told.value is None or told.state in {State.MET, State.MISSED}:
        return
    if isinstance(case.rule.ask, Keep):
        low, _ = _sides(told.target)
        if told.state is State.BREACHED or case.rule.ask.low is None or low is None:
            return
        if not _short_of(case.rule.ask.low, told.value, low):
            return
    pace = _SHAPES.get(case.rule.pace.shape, "") if case.done is not None else ""
    yield f"{show(told.value)} after {case.elapsed} of {case.days} days; {show(told.expected)} expected by now{pace}"
    if told.projection is not None and told.index is not None:
        against = "lower bound" if isinstance(case.rule.ask, Keep) else "target"
        share = "" if ranked else f", {share_text(told.index)} of the {against}"
        yield f"at this pace {show(told.projection)} at the end{share}"


_SHAPES = {
    "like baseline": " at the pace of the baseline",
    "same period last year": " at the pace of the same period last year",
    "weekday": " at the pace of the weekdays",
}


def _on_the_way(case: Case, told: Told, show: Show) -> Iterator[str]:
    if told.value is None or told.state not in {State.ON_TRACK, State.AT_RISK, State.OFF_TRACK, State.TOO_EARLY}:
        return
    if told.needed_uplift is not None and told.needed_uplift > 0.0005:
        times = told.needed_uplift + 1
        often = f"{times:.1f}" if times < 1000 else format_number(times)
        how = f"{told.needed_uplift:.1%} faster than" if times < 2 else f"{often} times as fast as"
        yield f"the rest must come {how} so far"
    if told.weekdays and told.needed_per_day:
        (least, low), (most, high) = told.weekdays
        yield f"needs {show(low)} on a {least}, and up to {show(high)} on a {most}"
    if told.so_far is not None and told.so_far > 0:
        grown = told.value / told.so_far - 1
        per_day = ", compared per day" if case.nature == "flow" and abs(case.scale - 1) > 1e-12 else ""
        yield f"the baseline had {show(told.so_far)} by the same share of its days{per_day}: {grown:+.1%}"


def weekday_needs(case: Case, place: int, needed_per_day: float | None) -> tuple[tuple[str, float], ...]:
    """For a pace by weekday: the weekday that needs least and the one that needs most of what is left."""
    if case.weekdays is None or case.left is None or not needed_per_day:
        return ()
    weights, left = case.weekdays[place], case.left
    coming = float(weights @ left)
    if coming <= 0:
        return ()
    need = needed_per_day * float(left.sum()) / coming
    days = sorted((float(weights[day]) * need, WEEKDAYS[day]) for day in range(7) if left[day])
    return tuple((name.capitalize(), number) for number, name in (days[0], days[-1]))


def _likely(told: Told, show: Show) -> Iterator[str]:
    if told.likely is None or told.state not in {State.ON_TRACK, State.AT_RISK, State.OFF_TRACK}:
        return
    likely = told.likely
    ends = f"{show(likely.low)} to {show(likely.high)} at the end, {likely.confidence:.0%} sure"
    yield f"{_chance(likely.chance)} likely to reach the target; {ends}"


def _chance(chance: float) -> str:
    """A probability: never so rounded that it looks certain."""
    if 0.001 <= chance <= 0.999:
        return f"{chance:.1%}"
    return "less than 0.1%" if chance < 0.001 else "more than 99.9%"


def _proof(case: Case, told: Told) -> Iterator[str]:
    proof = told.proof
    if proof is None or proof.lift is None or told.value is None or told.baseline is None:
        return
    if proof.low is None or proof.high is None:
        yield f"{proof.lift} to tell the change from chance"
        return
    low, high = (f"{end:+.1%}" if proof.relative else format_quantity(end, POINTS) for end in (proof.low, proof.high))
    others = f"held together with {proof.tests - 1} more, " if proof.tests > 1 else ""
    word = "fall" if isinstance(case.rule.ask, Change) and case.rule.ask.sign < 0 else "rise"
    yield f"the change lies between {low} and {high}, {proof.confidence:.0%} sure: {others}a {word} is {proof.lift}"
    if proof.target is not None and proof.lift == PROVEN:
        yield f"a {word} as large as asked for is {proof.target}"


def _baseline(case: Case, told: Told, show: Show, *, ranked: bool) -> Iterator[str]:
    match case.rule.ask:
        case Change() if told.baseline is not None:
            if abs(case.scale - 1) > 1e-12 and case.nature == "flow" and case.baseline is not None:
                days = round(case.days / case.scale)
                yield (
                    f"compared per day: {show(told.baseline / case.scale)} in {days} baseline days "
                    f"is {show(told.baseline)} in {case.days}"
                )
            if told.value is not None and (ranked or case.nature == "rank"):
                yield f"{show(told.value)} against {show(told.baseline)} {versus_words(case)}"
            elif told.value is not None and told.baseline > 0 and (case.over or case.nature == "ratio"):
                yield f"{told.value / told.baseline - 1:+.1%} against {show(told.baseline)} {versus_words(case)}"
        case Reach() | Keep() | Change():
            return


def starts(window: Window, as_of: date) -> str:
    """When a window begins, or that nothing of it is complete yet although it has begun."""
    first = next(window.each_day(), window.first)
    return f"starts on {first}" if as_of <= first else f"began on {first}, and nothing of it is complete yet"


def versus_words(case: Case) -> str:
    """What the baseline is, in words."""
    match case.rule.versus:
        case PreviousPeriod():
            return "in the period before"
        case LastYear():
            return "in the same period last year"
        case named:
            return f"from {named}"

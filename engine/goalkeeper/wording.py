"""The reasons of a verdict in sentences: what decided, and what a reader would work out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from goalkeeper.calendar import WEEKDAYS, Window
from goalkeeper.case import Case
from goalkeeper.columns import Missing
from goalkeeper.quantity import format_number, format_quantity
from goalkeeper.scorecard import PROVEN, Bounds, Likely, Proof, State
from goalkeeper.statements import Change, Keep, LastYear, PreviousPeriod, Reach
from goalkeeper.units import POINTS, RANK

Show = Callable[[float], str]
"""Writes a number in the KPI's unit."""


@dataclass(frozen=True, slots=True)
class Told:
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
    missing: Missing | None
    samples: tuple[tuple[str, float, float | None], ...]


def reasons(case: Case, told: Told, unit: str | None, window: Window) -> Iterator[str]:
    """Why the verdict is what it is, most telling first."""

    def show(number: float) -> str:
        return format_quantity(number, unit)

    if told.missing is not None:
        yield told.missing.detail
    match told.state:
        case State.NOT_STARTED:
            yield f"starts on {window.first}"
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
            yield _kept(case.rule.ask, told, show)
        case State.NOT_PROVEN if told.value is not None and isinstance(told.target, float):
            what = "a lift" if case.rule.evidence.require == "lift" else "a lift as large as the target"
            yield f"{show(told.value)} against a target of {show(told.target)}: reached, but {what} is not proven"
        case State.MET | State.MISSED if told.value is not None and isinstance(told.target, float):
            word = "reached" if told.state is State.MET else "missed"
            early = "" if case.over else f", {case.days - case.elapsed} days early"
            yield f"{show(told.value)} against a target of {show(told.target)}: {word}{early}"
        case _:
            pass
    yield from _pace(case, told, show, ranked=unit == RANK)
    yield from _on_the_way(told, show)
    yield from _likely(told, show)
    yield from _baseline(case, told, show, ranked=unit == RANK)
    yield from _proof(case, told)


def _too_early(case: Case) -> str:
    if case.elapsed_share < 0.1:
        return f"too early to tell: {case.elapsed} of {case.days} days"
    return "too early to tell: fewer than 25 are expected by now"


def _kept(keep: Keep, told: Told, show: Show) -> str:
    value = show(told.value) if told.value is not None else "no number"
    low, high = (told.target.low, told.target.high) if isinstance(told.target, Bounds) else (told.target, told.target)
    parts = []
    if keep.low is not None and low is not None:
        parts.append(f"{'at least' if keep.low.included else 'above'} {show(low)}")
    if keep.high is not None and high is not None:
        parts.append(f"{'at most' if keep.high.included else 'below'} {show(high)}")
    inside = "is not" if told.state is State.BREACHED else "is"
    band = ", but in the warn band" if told.state is State.WARN_BAND else ""
    return f"{value} {inside} {' and '.join(parts)}{band}"


def _pace(case: Case, told: Told, show: Show, *, ranked: bool) -> Iterator[str]:
    if told.expected is None or told.value is None or told.state in {State.MET, State.HOLDING}:
        return
    pace = _SHAPES.get(case.rule.pace.shape, "") if case.done is not None else ""
    yield f"{show(told.value)} after {case.elapsed} of {case.days} days; {show(told.expected)} expected by now{pace}"
    if told.projection is not None and told.index is not None:
        share = "" if ranked else f", {told.index:.1%} of the target"
        yield f"at this pace {show(told.projection)} at the end{share}"


_SHAPES = {
    "like baseline": " at the pace of the baseline",
    "same period last year": " at the pace of the same period last year",
    "weekday": " at the pace of the weekdays",
}


def _on_the_way(told: Told, show: Show) -> Iterator[str]:
    if told.value is None or told.state not in {State.ON_TRACK, State.AT_RISK, State.OFF_TRACK, State.TOO_EARLY}:
        return
    if told.needed_uplift is not None and told.needed_uplift > 0.0005:
        times = told.needed_uplift + 1
        how = f"{told.needed_uplift:.1%} faster than" if times < 2 else f"{times:.1f} times as fast as"
        yield f"the rest must come {how} so far"
    if told.weekdays and told.needed_per_day:
        (least, low), (most, high) = told.weekdays
        yield f"needs {show(low)} on a {least}, and up to {show(high)} on a {most}"
    if told.so_far is not None and told.so_far > 0:
        grown = told.value / told.so_far - 1
        yield f"the baseline had {show(told.so_far)} by the same share of its days: {grown:+.1%}"


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
    among = f" among {proof.tests} changes" if proof.tests > 1 else ""
    word = "fall" if isinstance(case.rule.ask, Change) and case.rule.ask.sign < 0 else "rise"
    yield f"the change lies between {low} and {high}, {proof.confidence:.0%} sure: a {word} is {proof.lift}{among}"
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


def versus_words(case: Case) -> str:
    """What the baseline is, in words."""
    match case.rule.versus:
        case PreviousPeriod():
            return "in the period before"
        case LastYear():
            return "in the same period last year"
        case named:
            return f"from {named}"

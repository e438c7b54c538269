"""The reasons of a verdict in sentences: what decided, and what a reader would work out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import isclose
from typing import assert_never

from msgspec import Struct

from goalkeeper.calendar import Calendar, Duration, Unit, Window
from goalkeeper.case import Case
from goalkeeper.columns import TOLERANCE, Missing
from goalkeeper.figures import Show, count_as_equal, not_to_the_last_digit, share_text, side_by_side
from goalkeeper.frames import Frame
from goalkeeper.quantity import format_number, format_quantity
from goalkeeper.said import Figure, all_of, say
from goalkeeper.statements import Bound, Change, Keep, LastYear, PreviousPeriod, Reach
from goalkeeper.units import POINTS
from goalkeeper.verdict import PROVEN, Bounds, Likely, Proof, State

_SETTLED = (State.MET, State.MISSED, State.NOT_PROVEN, State.HOLDING, State.BREACHED, State.WARN_BAND)
"""States in which a value and a bound were held against each other."""
_ENDED = (State.MET, State.MISSED)
_BY_PACE = (State.ON_TRACK, State.AT_RISK, State.OFF_TRACK)
_OPEN = (*_BY_PACE, State.TOO_EARLY)


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
            yield say("new: no rows in the baseline period")
        case State.TOO_FEW:
            for name, least, number in told.samples:
                if number is not None and number < least:
                    yield say(
                        "only {number} {name} so far; judged from {least}",
                        number=format_number(number),
                        name=name,
                        least=format_number(least),
                    )
        case State.TOO_EARLY:
            yield _too_early(case, told)
        case State.BREACHED if told.value is None and told.missing is None:
            yield say("divided by 0: above every bound")
        case State.HOLDING | State.BREACHED | State.WARN_BAND if isinstance(case.rule.ask, Keep):
            yield from _kept(case, case.rule.ask, told, show)
        case State.NOT_PROVEN if told.value is not None and isinstance(told.target, float):
            yield say(
                "{value} against a target of {target}: reached, but a lift is not proven"
                if case.rule.evidence.require == "lift"
                else "{value} against a target of {target}: reached, but a lift as large as the target is not proven",
                value=show(told.value),
                target=show(told.target),
            )
        case State.MET | State.MISSED if told.value is not None and isinstance(told.target, float):
            yield _ended(case, told.state, show(told.value), show(told.target))
        case _:
            pass
    yield from _precision(case, told, unit)
    yield from _pace(case, told, show)
    yield from _on_the_way(case, told, show)
    yield from _likely(told, show)
    yield from _baseline(case, told, show)
    yield from _proof(case, told)


def _precision(case: Case, told: Told, unit: str | None) -> Iterator[str]:
    """What decided within the last digits: two numbers that count as equal, or one that is not known to the last one."""
    low, high = _sides(told.target)
    if told.value is None or told.state not in _SETTLED:
        return
    match case.rule.ask:
        case Keep(low=least, high=most):
            bounds = [end for end, bound in ((low, least), (high, most)) if bound is not None]
        case _:
            bounds = [low]
    yield from count_as_equal(told.value, bounds, unit)
    yield from not_to_the_last_digit((told.value, *bounds), unit)


def trailing(over: Duration, frame: Frame, calendar: Calendar) -> str:
    """Which days of its period a verdict looks at, where it does not look at all of them."""
    assert frame.end_of is not None  # noqa: S101  only then is it said
    return say(
        "judged over the last {over} of the period {period}"
        if frame.over
        else "judged over the last {over} of the period {period}, so far",
        over=over,
        period=calendar.name_of(frame.end_of) or frame.end_of,
    )


def _too_early(case: Case, told: Told) -> str:
    if case.elapsed_share < 0.1:
        return say("too early to tell: {elapsed} of {days} days", elapsed=case.elapsed, days=case.days)
    if told.expected == 0:
        return say("too early to tell: nothing is expected by now")
    return say("too early to tell: fewer than 25 are expected by now")


def _sides(target: float | Bounds | None) -> tuple[float | None, float | None]:
    return (target.low, target.high) if isinstance(target, Bounds) else (target, target)


def _ended(case: Case, state: State, value: str, target: str) -> str:
    """How it ended with a target, and when."""
    left = Duration(case.days - case.elapsed, Unit.DAY)
    if case.over:
        return say(
            "{value} against a target of {target}: reached"
            if state is State.MET
            else "{value} against a target of {target}: missed",
            value=value,
            target=target,
        )
    return say(
        "{value} against a target of {target}: reached, {left} before the end"
        if state is State.MET
        else "{value} against a target of {target}: missed for good, {left} before the end: a sum does not fall",
        value=value,
        target=target,
        left=left,
    )


def _kept(case: Case, keep: Keep, told: Told, show: Show) -> Iterator[str]:
    """Which bounds hold, or which one does not; a lower bound on a sum that is not reached yet goes by its pace."""
    value = show(told.value) if told.value is not None else say("no number")
    low, high = _sides(told.target)
    by_pace = case.fills_up and keep.low is not None and low is not None and _short_of(keep.low, told.value, low)
    parts: list[tuple[str, bool]] = []
    if keep.low is not None and low is not None and not by_pace:
        least = say("at least {bound}" if keep.low.included else "above {bound}", bound=show(low))
        parts.append((least, not _short_of(keep.low, told.value, low)))
    if keep.high is not None and high is not None:
        most = say("at most {bound}" if keep.high.included else "below {bound}", bound=show(high))
        parts.append((most, told.value is not None and not _past(keep.high, told.value, high)))
    wanted = told.state is not State.BREACHED
    told_of = [text for text, holds in parts if holds is wanted]
    if not told_of:
        return
    bounds = all_of(told_of)
    if not wanted:
        yield say("{value} is not {bounds}", value=value, bounds=bounds)
    elif case.fills_up and keep.high is not None:
        yield say(
            "{value} so far is {bounds}, but in the warn band"
            if told.state is State.WARN_BAND
            else "{value} so far is {bounds}",
            value=value,
            bounds=bounds,
        )
    else:
        yield say(
            "{value} is {bounds}, but in the warn band" if told.state is State.WARN_BAND else "{value} is {bounds}",
            value=value,
            bounds=bounds,
        )


def _short_of(bound: Bound, value: float | None, low: float) -> bool:
    return value is None or not (value > low or (bound.included and isclose(value, low, rel_tol=TOLERANCE)))


def _past(bound: Bound, value: float, high: float) -> bool:
    return not (value < high or (bound.included and isclose(value, high, rel_tol=TOLERANCE)))


def _pace(case: Case, told: Told, show: Show) -> Iterator[str]:
    if told.expected is None or told.value is None or told.state in _ENDED:
        return
    if isinstance(case.rule.ask, Keep):
        low, _ = _sides(told.target)
        if told.state is State.BREACHED or case.rule.ask.low is None or low is None:
            return
        if not _short_of(case.rule.ask.low, told.value, low):
            return
    yield _by_now(case, show(told.value), show(told.expected))
    if told.projection is not None and told.index is not None:
        yield say(
            "at this pace {projection} at the end, {share} of the lower bound"
            if isinstance(case.rule.ask, Keep)
            else "at this pace {projection} at the end, {share} of the target",
            projection=show(told.projection),
            share=share_text(told.index),
        )


def _by_now(case: Case, value: str, expected: str) -> str:
    """What there is and what is expected by now, at which pace where that is not an even one."""
    told = {"value": value, "elapsed": case.elapsed, "days": case.days, "expected": expected}
    match case.rule.pace.shape if case.done is not None else None:
        case "like baseline":
            return say(
                "{value} after {elapsed} of {days} days; {expected} expected by now at the pace of the baseline", **told
            )
        case "same period last year":
            return say(
                "{value} after {elapsed} of {days} days; {expected} expected by now"
                " at the pace of the same period last year",
                **told,
            )
        case "weekday":
            return say(
                "{value} after {elapsed} of {days} days; {expected} expected by now at the pace of the weekdays", **told
            )
        case _:
            return say("{value} after {elapsed} of {days} days; {expected} expected by now", **told)


def _on_the_way(case: Case, told: Told, show: Show) -> Iterator[str]:
    if told.value is None or told.state not in _OPEN:
        return
    if told.needed_uplift is not None and told.needed_uplift > 0.0005:
        times = told.needed_uplift + 1
        if times < 2:
            yield say("the rest must come {uplift:.1%} faster than so far", uplift=told.needed_uplift)
        else:
            often = _figure(f"{times:.1f}") if times < 1000 else format_number(times)
            yield say("the rest must come {times} times as fast as so far", times=often)
    if told.weekdays and told.needed_per_day:
        (least, low), (most, high) = told.weekdays
        yield say(
            "needs {low} on a {least}, and up to {high} on a {most}",
            low=show(low),
            least=least,
            high=show(high),
            most=most,
        )
    if told.so_far is not None and told.so_far > 0 and not case.ranked:
        grown = told.value / told.so_far - 1
        yield say(
            "the baseline had {number} by the same share of its days, compared per day: {grown:+.1%}"
            if case.nature == "flow" and abs(case.scale - 1) > 1e-12
            else "the baseline had {number} by the same share of its days: {grown:+.1%}",
            number=show(told.so_far),
            grown=grown,
        )


_WEEKDAYS = (
    say("Monday"),
    say("Tuesday"),
    say("Wednesday"),
    say("Thursday"),
    say("Friday"),
    say("Saturday"),
    say("Sunday"),
)


def weekday_needs(case: Case, place: int, needed_per_day: float | None) -> tuple[tuple[str, float], ...]:
    """For a pace by weekday: the weekday that needs least and the one that needs most of what is left."""
    if case.weekdays is None or case.left is None or not needed_per_day:
        return ()
    weights, left = case.weekdays[place], case.left
    coming = float(weights @ left)
    if coming <= 0:
        return ()
    need = needed_per_day * float(left.sum()) / coming
    days = sorted((float(weights[day]) * need, _WEEKDAYS[day]) for day in range(7) if left[day])
    return tuple((name, number) for number, name in (days[0], days[-1]))


def _likely(told: Told, show: Show) -> Iterator[str]:
    if told.likely is None or told.state not in _BY_PACE:
        return
    likely = told.likely
    yield say(
        "{chance} likely to reach the target; {low} to {high} at the end, {confidence:.0%} sure",
        chance=_chance(likely.chance),
        low=show(likely.low),
        high=show(likely.high),
        confidence=likely.confidence,
    )


def _chance(chance: float) -> str:
    """A probability: never so rounded that it looks certain."""
    if 0.001 <= chance <= 0.999:
        return _figure(f"{chance:.1%}")
    return say("less than 0.1%" if chance < 0.001 else "more than 99.9%")


def _figure(number: str) -> Figure:
    return Figure(number, number)


def _proof(case: Case, told: Told) -> Iterator[str]:
    proof = told.proof
    if proof is None or proof.lift is None or told.value is None or told.baseline is None:
        return
    if proof.low is None or proof.high is None:
        yield say("too little data to tell the change from chance")
        return
    low, high = (
        _figure(f"{end:+.1%}") if proof.relative else format_quantity(end, POINTS) for end in (proof.low, proof.high)
    )
    falls = isinstance(case.rule.ask, Change) and case.rule.ask.sign < 0
    yield say(
        "the change lies between {low} and {high}, {confidence:.0%} sure: held together with {others} more, {found}"
        if proof.tests > 1
        else "the change lies between {low} and {high}, {confidence:.0%} sure: {found}",
        low=low,
        high=high,
        confidence=proof.confidence,
        others=proof.tests - 1,
        found=_found(proven=proof.lift == PROVEN, falls=falls),
    )
    if proof.target is not None and proof.lift == PROVEN:
        yield _as_asked(proven=proof.target == PROVEN, falls=falls)


def _found(*, proven: bool, falls: bool) -> str:
    """Whether there is any change."""
    if falls:
        return say("a fall is proven" if proven else "a fall is not proven")
    return say("a rise is proven" if proven else "a rise is not proven")


def _as_asked(*, proven: bool, falls: bool) -> str:
    """Whether a change is as large as the rule asks for."""
    if falls:
        return say("a fall as large as asked for is proven" if proven else "a fall as large as asked for is not proven")
    return say("a rise as large as asked for is proven" if proven else "a rise as large as asked for is not proven")


def _baseline(case: Case, told: Told, show: Show) -> Iterator[str]:
    match case.rule.ask:
        case Change() if told.baseline is not None:
            if abs(case.scale - 1) > 1e-12 and case.nature == "flow" and case.baseline is not None:
                yield say(
                    "compared per day: {before} in {of} baseline days is {baseline} in {days}",
                    before=show(told.baseline / case.scale),
                    of=round(case.days / case.scale),
                    baseline=show(told.baseline),
                    days=case.days,
                )
            if told.value is not None and case.ranked:
                yield _against(case, show(told.value), show(told.baseline))
            elif told.value is not None and told.baseline > 0 and (case.over or case.nature == "ratio"):
                grown = _figure(f"{told.value / told.baseline - 1:+.1%}")
                yield _against(case, grown, show(told.baseline))
        case Reach() | Keep() | Change():
            pass
        case never:
            assert_never(never)


def starts(window: Window, as_of: date) -> str:
    """When a window begins, or that nothing of it is complete yet although it has begun."""
    first = next(window.each_day(), window.first)
    return say("starts on {day}" if as_of <= first else "began on {day}, and nothing of it is complete yet", day=first)


def _against(case: Case, number: str, baseline: str) -> str:
    """A value, or how much it grew, beside the baseline."""
    match case.rule.versus:
        case PreviousPeriod():
            return say("{number} against {baseline} in the period before", number=number, baseline=baseline)
        case LastYear():
            return say("{number} against {baseline} in the same period last year", number=number, baseline=baseline)
        case named:
            return say("{number} against {baseline} from {days}", number=number, baseline=baseline, days=named)

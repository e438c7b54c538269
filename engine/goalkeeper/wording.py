"""The reasons of a verdict in sentences: what decided, and what a reader would work out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.judge import Case
from goalkeeper.quantity import format_number, format_quantity
from goalkeeper.scorecard import Bounds, State
from goalkeeper.statements import Change, Keep, LastYear, PreviousPeriod, Reach

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
        case State.MET | State.MISSED if told.value is not None and isinstance(told.target, float):
            word = "reached" if told.state is State.MET else "missed"
            early = "" if case.over else f", {case.days - case.elapsed} days early"
            yield f"{show(told.value)} against a target of {show(told.target)}: {word}{early}"
        case _:
            pass
    yield from _pace(case, told, show)
    yield from _baseline(case, told, show)


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


def _pace(case: Case, told: Told, show: Show) -> Iterator[str]:
    if told.expected is None or told.value is None or told.state in {State.MET, State.HOLDING}:
        return
    pace = "" if case.rule.shape == "linear" else f" at a pace {case.rule.shape}" if case.done is not None else ""
    yield f"{show(told.value)} after {case.elapsed} of {case.days} days; {show(told.expected)} expected by now{pace}"
    if told.projection is not None and told.index is not None:
        yield f"at this pace {show(told.projection)} at the end, {told.index:.1%} of the target"


def _baseline(case: Case, told: Told, show: Show) -> Iterator[str]:
    match case.rule.ask:
        case Change() if told.baseline is not None:
            if abs(case.scale - 1) > 1e-12 and case.nature == "flow" and case.baseline is not None:
                days = round(case.days / case.scale)
                yield (
                    f"compared per day: {show(told.baseline / case.scale)} in {days} baseline days "
                    f"is {show(told.baseline)} in {case.days}"
                )
            if told.value is not None and case.nature == "rank":
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

"""A verdict in short phrases: its state, its numbers beside each other, its bar and its days."""

from __future__ import annotations

from collections.abc import Iterator

from goalkeeper.columns import Missing
from goalkeeper.figures import Show, side_by_side
from goalkeeper.quantity import format_quantity
from goalkeeper.verdict import Bounds, Outcome, State, Verdict


def state_of(verdict: Verdict) -> str:
    """The state in words."""
    words = verdict.state.replace("_", " ")
    return f"waived ({words})" if verdict.outcome is Outcome.WAIVED else words


def window_of(verdict: Verdict) -> str:
    """The calendar's name of a window, or its first day."""
    return verdict.window_name or (str(verdict.window.first) if verdict.window else "")


def floats_of(*numbers: float | Bounds | Missing | None) -> Iterator[float | None]:
    """Those that are there."""
    for number in numbers:
        if isinstance(number, Bounds):
            yield from (number.low, number.high)
        elif isinstance(number, float):
            yield number


def shown_by(verdict: Verdict) -> Show:
    """How the numbers of one verdict are written beside each other."""
    return side_by_side(floats_of(verdict.value, verdict.target, verdict.baseline), verdict.unit)


def value_text(value: float | Missing | None, show: Show) -> str:
    """A number, or that there is none."""
    return "no number" if value is None or isinstance(value, Missing) else show(value)


def numbers_of(verdict: Verdict) -> str:
    """`280 of 300`, `11.95 EUR, bound 12 EUR`, `280, target 920, baseline 800`."""
    if verdict.value is None:
        return ""
    show = shown_by(verdict)
    value = value_text(verdict.value, show)
    if verdict.kind == "keep":
        bound = against(verdict)
        return f"{value}{', ' if bound else ''}{bound}"
    if not isinstance(verdict.target, float):
        return value
    target = show(verdict.target)
    if isinstance(verdict.baseline, float):
        return f"{value}, target {target}, baseline {show(verdict.baseline)}"
    return f"{value} of {target}" if isinstance(verdict.value, float) else f"{value}, target {target}"


def against(verdict: Verdict) -> str:
    """What the value is held against."""
    show = shown_by(verdict)
    match verdict.target:
        case Bounds(low, high):
            return f"bounds {value_text(low, show)} to {value_text(high, show)}"
        case float() as target:
            return f"{'bound' if verdict.kind == 'keep' else 'target'} {show(target)}"
        case _:
            return ""


def bar_of(verdict: Verdict) -> tuple[float | None, float | None]:
    """How much is there, and how much there should be by now.

    Of a sum: of its target, which is a limit where less is asked. Of all else: of the way from the baseline to the
    target.
    """
    if verdict.kind == "keep" or verdict.progress is None or not isinstance(verdict.target, float):
        return None, None
    if not isinstance(verdict.value, float):
        return None, None
    start = 0.0 if verdict.from_zero or not isinstance(verdict.baseline, float) else verdict.baseline
    way = verdict.target - start
    share = (verdict.value - start) / way if way else -1.0
    if verdict.state is State.MET and share < 1:  # it was there before, and still is
        return 1.0, None
    if share < 0:
        return None, None
    done = verdict.expected is None or verdict.state in {State.MET, State.MISSED}
    return share, None if done or verdict.expected is None else (verdict.expected - start) / way


def when(verdict: Verdict, *, windows: bool = False, whose: str = "") -> str:
    """The days of a verdict, how many are over, and what is needed a day."""
    days = days_of(verdict)
    if windows or not days:
        return ""
    needed = ""
    if verdict.needed_per_day is not None and verdict.needed_per_day > 0:
        who = f"{whose} " if whose else ""
        needed = f" · {who}needs {format_quantity(verdict.needed_per_day, verdict.unit)} a day"
    return f"{days}{needed}"


def days_of(verdict: Verdict) -> str:
    """The days of a verdict, and how many are over; nothing before they have begun."""
    window = verdict.window
    if window is None or verdict.state is State.NOT_STARTED:
        return ""
    days = (
        f"day {verdict.elapsed} of {window.days}"
        if verdict.elapsed < window.days
        else f"{window.days} {'day' if window.days == 1 else 'days'}"
    )
    return f"{window.first} to {window.last}, {days}"

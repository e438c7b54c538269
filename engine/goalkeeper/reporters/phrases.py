"""A verdict in short phrases: its state, its numbers beside each other, its bar and its days."""

from __future__ import annotations

from collections.abc import Iterator

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.figures import Show, side_by_side
from goalkeeper.languages import Shown, tr
from goalkeeper.quantity import format_quantity
from goalkeeper.reporters.safe import day, safe
from goalkeeper.said import Said, say
from goalkeeper.verdict import Bounds, ExcludedNote, Outcome, State, Verdict


def words_of(name: str) -> Said:
    """A state, an outcome or a kind in words."""
    words = name.replace("_", " ")
    return say(words)


def state_words(verdict: Verdict) -> Said:
    """The state in words."""
    state = words_of(verdict.state)
    return say("waived ({state})", state=state) if verdict.outcome is Outcome.WAIVED else state


def state_of(verdict: Verdict) -> Shown:
    """The state as people see it."""
    return safe(state_words(verdict))


def window_of(verdict: Verdict) -> Shown:
    """The calendar's name of a window, or its first day."""
    if verdict.window_name:
        return safe(verdict.window_name)
    return day(verdict.window.first) if verdict.window else Shown("")


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


def value_of(value: float | Missing | None, show: Show) -> str:
    """A number, or that there is none."""
    return say("no number") if value is None or isinstance(value, Missing) else show(value)


def value_text(value: float | Missing | None, show: Show) -> Shown:
    """The same as people see it."""
    return safe(value_of(value, show))


def numbers_of(verdict: Verdict) -> Shown:
    """`280 of 300`, `11.95 EUR, bound 12 EUR`, `280, target 920, baseline 800`."""
    if verdict.value is None:
        return Shown("")
    show = shown_by(verdict)
    value = value_of(verdict.value, show)
    if verdict.kind == "keep":
        held = _against(verdict, show)
        return tr("{value}, {against}", value=value, against=held) if held else safe(value)
    if not isinstance(verdict.target, float):
        return safe(value)
    target = show(verdict.target)
    if isinstance(verdict.baseline, float):
        baseline = show(verdict.baseline)
        return tr("{value}, target {target}, baseline {baseline}", value=value, target=target, baseline=baseline)
    if isinstance(verdict.value, float):
        return tr("{value} of {target}", value=value, target=target)
    return tr("{value}, target {target}", value=value, target=target)


def against(verdict: Verdict) -> Shown:
    """What the value is held against."""
    held = _against(verdict, shown_by(verdict))
    return safe(held) if held else Shown("")


def _against(verdict: Verdict, show: Show) -> Said | None:
    match verdict.target:
        case Bounds(low, high):
            return say("bounds {low} to {high}", low=value_of(low, show), high=value_of(high, show))
        case float() as target if verdict.kind == "keep":
            return say("bound {bound}", bound=show(target))
        case float() as target:
            return say("target {target}", target=show(target))
        case _:
            return None


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


def when(verdict: Verdict, *, windows: bool = False, whose: str = "") -> Shown:
    """The days of a verdict, how many are over, and what is needed a day."""
    days = days_of(verdict)
    if windows or not days:
        return Shown("")
    if verdict.needed_per_day is None or verdict.needed_per_day <= 0:
        return days
    amount = format_quantity(verdict.needed_per_day, verdict.unit)
    needed = (
        tr("{whose} needs {amount} a day", whose=whose, amount=amount)
        if whose
        else tr("needs {amount} a day", amount=amount)
    )
    return Shown(f"{days} · {needed}")


def days_of(verdict: Verdict) -> Shown:
    """The days of a verdict, and how many are over; nothing before they have begun."""
    window = verdict.window
    if window is None or verdict.state is State.NOT_STARTED:
        return Shown("")
    if verdict.elapsed < window.days:
        return tr("{window}, day {elapsed} of {days}", window=window, elapsed=verdict.elapsed, days=window.days)
    return tr("{window}, 1 day" if window.days == 1 else "{window}, {days} days", window=window, days=window.days)


def without(note: ExcludedNote, reason: str) -> Shown:
    """Days that a goal leaves out, and why."""
    if note.first == note.last:
        return tr("without {day}: {reason}", day=note.first, reason=reason)
    return tr("without {days}: {reason}", days=Window(note.first, note.last), reason=reason)

"""The numbers of a verdict in words: those beside its bar, and all of them with as many digits as a check needs."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.figures import share_text
from goalkeeper.quantity import exact_quantity, format_quantity
from goalkeeper.reporters import phrases
from goalkeeper.units import PERCENT, POINTS
from goalkeeper.verdict import Bounds, Likely, Proof, Verdict


class Figure(Struct, frozen=True):
    """A number beside the bar, with the `mark` that it has there; `what` says what it is."""

    mark: str
    what: str
    text: str


def figures(verdict: Verdict) -> Iterator[Figure]:
    """The numbers of a verdict as the terminal shows them, the value first."""
    if verdict.value is None:
        return
    show = phrases.shown_by(verdict)
    runs = verdict.window is not None and verdict.elapsed < verdict.window.days
    yield Figure("value", "so far" if runs else "value", phrases.value_text(verdict.value, show))
    match verdict.target:
        case Bounds(low, high):
            yield Figure("target", "bounds", f"{phrases.value_text(low, show)} to {phrases.value_text(high, show)}")
        case float() as target:
            yield Figure("target", _bound(verdict), show(target))
    if verdict.warn is not None:
        yield Figure("warn", "warns", _stretch(verdict.warn, verdict.unit))
    if verdict.expected is not None:
        yield Figure("expected", "expected by now", show(verdict.expected))
    if verdict.projection is not None:
        yield Figure("projection", "projected", show(verdict.projection))
    if isinstance(verdict.baseline, float):
        yield Figure("baseline", "baseline", show(verdict.baseline))
    if verdict.needed_per_day is not None and verdict.needed_per_day > 0:
        yield Figure("", "needed a day", format_quantity(verdict.needed_per_day, verdict.unit))


def _bound(verdict: Verdict) -> str:
    if verdict.kind != "keep":
        return "target"
    if verdict.bounds is None or (verdict.bounds.low is None) == (verdict.bounds.high is None):
        return "bound"
    return "upper bound" if verdict.bounds.low is None else "lower bound"


def _stretch(bounds: Bounds, unit: str | None) -> str:
    low, high = (None if side is None else format_quantity(side, unit) for side in (bounds.low, bounds.high))
    if low is None or high is None:
        return f"from {low}" if high is None else f"up to {high}"
    return f"{low} to {high}"


def all_of(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Everything that a verdict rests on, each with what it is; numbers with all digits that are known of them."""
    yield "state", f"{phrases.state_of(verdict)}: {verdict.outcome}"
    yield from _numbers(verdict)
    if verdict.index is not None:
        yield "index", f"{verdict.index:.3f} (projection against target)"
    if verdict.progress is not None:
        yield "progress", share_text(verdict.progress)
    if verdict.likely is not None:
        yield "chance", _likely(verdict.likely, verdict.unit)
    if verdict.proof is not None:
        yield "evidence", _proof(verdict.proof, verdict.unit)
    if verdict.window is not None:
        name = f"{verdict.window_name}: " if verdict.window_name else ""
        yield "window", f"{name}{verdict.window}, {verdict.elapsed} of {verdict.window.days} days complete"
        for first, last in verdict.window.left_out:
            yield "left out", f"{first} to {last}" if first != last else str(first)
    if verdict.baseline_window is not None:
        yield "baseline window", str(verdict.baseline_window)
    if verdict.coverage is not None:
        yield "data", f"rows on {verdict.coverage.days} of {verdict.coverage.of} days"
    if verdict.breaks:
        yield "breaks", ", ".join(verdict.breaks)
    if verdict.kpi is not None:
        yield "KPI", f"{verdict.kpi}{f', in {verdict.unit}' if verdict.unit else ''}"
    if verdict.location is not None:
        yield "written in", f"{verdict.location.file}:{verdict.location.line}"


def _numbers(verdict: Verdict) -> Iterator[tuple[str, str]]:
    def show(value: float) -> str:
        return exact_quantity(value, verdict.unit)

    told: list[tuple[str, float | Missing | None]] = [
        ("value", verdict.value),
        *([(_bound(verdict), verdict.target)] if not isinstance(verdict.target, Bounds) else []),
        ("baseline", verdict.baseline),
        ("baseline by now", verdict.so_far),
        ("expected by now", verdict.expected),
        ("projected", verdict.projection),
        ("needed a day", verdict.needed_per_day),
    ]
    for what, number in told:
        if isinstance(number, Missing):
            yield what, f"no number: {number.detail}"
        elif number is not None:
            yield what, show(number)
        if what == "value" and isinstance(verdict.target, Bounds):
            low, high = verdict.target.low, verdict.target.high
            yield (
                "bounds",
                f"{show(low) if low is not None else 'open'} to {show(high) if high is not None else 'open'}",
            )
    if verdict.warn is not None:
        yield "warns", _stretch(verdict.warn, verdict.unit)
    if verdict.needed_uplift is not None:
        yield "pace must rise by", share_text(verdict.needed_uplift)


def _likely(likely: Likely, unit: str | None) -> str:
    low, high = (format_quantity(end, unit) for end in (likely.low, likely.high))
    spread = (
        "" if likely.dispersion is None else f"; days vary {likely.dispersion:.2f} times as much as by chance alone"
    )
    chance, sure = share_text(likely.chance), f"{likely.confidence:.0%}"
    return f"{chance} to reach the target; the total ends between {low} and {high}, {sure} sure{spread}"


def _proof(proof: Proof, unit: str | None) -> str:
    parts = []
    if proof.low is not None and proof.high is not None:
        in_points = POINTS if unit == PERCENT else unit
        low, high = (
            f"{end:+.1%}" if proof.relative else f"{'+' if end > 0 else ''}{format_quantity(end, in_points)}"
            for end in (proof.low, proof.high)
        )
        parts.append(f"the change lies between {low} and {high}, {proof.confidence:.0%} sure")
    parts += [f"a change: {proof.lift}"] if proof.lift else []
    parts += [f"as large as asked for: {proof.target}"] if proof.target else []
    parts += [f"method: {proof.method}"] if proof.method else []
    if proof.dispersion is not None:
        parts.append(f"days vary {proof.dispersion:.2f} times as much as by chance alone")
    parts += [f"held together with {proof.tests - 1} more"] if proof.tests > 1 else []
    return "; ".join(parts) or "too little data"

"""The numbers of a verdict in words: those beside its bar, and all of them with as many digits as a check needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.figures import share_text
from goalkeeper.languages import Shown, tr
from goalkeeper.quantity import exact_quantity, format_quantity
from goalkeeper.reporters import phrases
from goalkeeper.reporters.html import texts
from goalkeeper.reporters.safe import clauses, day, stretch
from goalkeeper.said import Figure as Written
from goalkeeper.said import Said, UnitName, enumerated, say
from goalkeeper.units import PERCENT, POINTS
from goalkeeper.verdict import PROVEN, TOO_LITTLE, UNPROVEN, Bounds, Likely, Proof, Verdict

_LIFT: Mapping[str, Said] = {
    PROVEN: say("a change: proven"),
    UNPROVEN: say("a change: not proven"),
    TOO_LITTLE: say("a change: too little data"),
}
_TARGET: Mapping[str, Said] = {
    PROVEN: say("as large as asked for: proven"),
    UNPROVEN: say("as large as asked for: not proven"),
    TOO_LITTLE: say("as large as asked for: too little data"),
}


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
    yield Figure("value", tr("so far" if runs else "value"), phrases.value_text(verdict.value, show))
    match verdict.target:
        case Bounds(low, high):
            told = tr("{low} to {high}", low=phrases.value_text(low, show), high=phrases.value_text(high, show))
            yield Figure("target", tr("bounds"), told)
        case float() as target:
            yield Figure("target", _bound(verdict), show(target))
    if verdict.warn is not None:
        yield Figure("warn", tr("warns"), _stretch(verdict.warn, verdict.unit))
    if verdict.expected is not None:
        yield Figure("expected", tr("expected by now"), show(verdict.expected))
    if verdict.projection is not None:
        yield Figure("projection", tr("projected"), show(verdict.projection))
    if isinstance(verdict.baseline, float):
        yield Figure("baseline", tr("baseline"), show(verdict.baseline))
    if verdict.needed_per_day is not None and verdict.needed_per_day > 0:
        yield Figure("", tr("needed a day"), format_quantity(verdict.needed_per_day, verdict.unit))


def _bound(verdict: Verdict) -> Shown:
    if verdict.kind != "keep":
        return tr("target")
    if verdict.bounds is None or (verdict.bounds.low is None) == (verdict.bounds.high is None):
        return tr("bound")
    return tr("upper bound" if verdict.bounds.low is None else "lower bound")


def _stretch(bounds: Bounds, unit: str | None) -> Shown:
    low, high = (None if side is None else format_quantity(side, unit) for side in (bounds.low, bounds.high))
    if low is None or high is None:
        return tr("from {low}", low=low) if high is None else tr("up to {high}", high=high)
    return tr("{low} to {high}", low=low, high=high)


def all_of(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Everything that a verdict rests on, each with what it is; numbers with all digits that are known of them."""
    yield tr("state"), tr("{state}: {outcome}", state=phrases.state_of(verdict), outcome=verdict.outcome)
    yield from _numbers(verdict)
    if verdict.index is not None:
        yield tr("index"), tr("{index:.3f} (projection against target)", index=verdict.index)
    if verdict.progress is not None:
        yield tr("progress"), share_text(verdict.progress)
    if verdict.likely is not None:
        yield tr("chance"), _likely(verdict.likely, verdict.unit)
    if verdict.proof is not None:
        yield tr("evidence"), _proof(verdict.proof, verdict.unit)
    if verdict.window is not None:
        yield tr("window"), _window(verdict)
        for first, last in verdict.window.left_out:
            yield tr("left out"), stretch(first, last)
    if verdict.baseline_window is not None:
        yield tr("baseline window"), day(verdict.baseline_window)
    if verdict.coverage is not None:
        yield tr("data"), tr("rows on {days} of {of} days", days=verdict.coverage.days, of=verdict.coverage.of)
    if verdict.breaks:
        yield tr("breaks"), enumerated(verdict.breaks)
    if verdict.kpi is not None:
        yield (
            tr("KPI"),
            tr("{kpi}, in {unit}", kpi=verdict.kpi, unit=UnitName(verdict.unit)) if verdict.unit else verdict.kpi,
        )
    if verdict.location is not None:
        yield tr("written in"), texts.place(verdict.location.file, verdict.location.line)


def _window(verdict: Verdict) -> Shown:
    days = 0 if verdict.window is None else verdict.window.days
    if verdict.window_name:
        return tr(
            "{name}: {window}, {elapsed} of {days} days complete",
            name=verdict.window_name,
            window=verdict.window,
            elapsed=verdict.elapsed,
            days=days,
        )
    return tr("{window}, {elapsed} of {days} days complete", window=verdict.window, elapsed=verdict.elapsed, days=days)


def _numbers(verdict: Verdict) -> Iterator[tuple[str, str]]:
    def show(value: float) -> str:
        return exact_quantity(value, verdict.unit)

    told: list[tuple[str, float | Missing | None]] = [
        (tr("value"), verdict.value),
        *([(_bound(verdict), verdict.target)] if not isinstance(verdict.target, Bounds) else []),
        (tr("baseline"), verdict.baseline),
        (tr("baseline by now"), verdict.so_far),
        (tr("expected by now"), verdict.expected),
        (tr("projected"), verdict.projection),
        (tr("needed a day"), verdict.needed_per_day),
    ]
    for at, (what, number) in enumerate(told):
        if isinstance(number, Missing):
            yield what, tr("no number: {reason}", reason=number.detail)
        elif number is not None:
            yield what, show(number)
        if at == 0 and isinstance(verdict.target, Bounds):
            low, high = (tr("open") if end is None else show(end) for end in (verdict.target.low, verdict.target.high))
            yield tr("bounds"), tr("{low} to {high}", low=low, high=high)
    if verdict.warn is not None:
        yield tr("warns"), _stretch(verdict.warn, verdict.unit)
    if verdict.needed_uplift is not None:
        yield tr("pace must rise by"), share_text(verdict.needed_uplift)


def _likely(likely: Likely, unit: str | None) -> str:
    low, high = (format_quantity(end, unit) for end in (likely.low, likely.high))
    parts = [
        tr("{chance} to reach the target", chance=share_text(likely.chance)),
        tr("the total ends between {low} and {high}, {sure:.0%} sure", low=low, high=high, sure=likely.confidence),
    ]
    if likely.dispersion is not None:
        parts.append(tr("days vary {times:.2f} times as much as by chance alone", times=likely.dispersion))
    return clauses(parts)


def _proof(proof: Proof, unit: str | None) -> str:
    parts: list[str] = []
    if proof.low is not None and proof.high is not None:
        low, high = (_change(end, unit, relative=proof.relative) for end in (proof.low, proof.high))
        parts.append(
            tr("the change lies between {low} and {high}, {sure:.0%} sure", low=low, high=high, sure=proof.confidence)
        )
    parts += [_LIFT[proof.lift]] if proof.lift else []
    parts += [_TARGET[proof.target]] if proof.target else []
    parts += [tr("method: {method}", method=proof.method)] if proof.method else []
    if proof.dispersion is not None:
        parts.append(tr("days vary {times:.2f} times as much as by chance alone", times=proof.dispersion))
    parts += [tr("held together with {count} more", count=proof.tests - 1)] if proof.tests > 1 else []
    return clauses(parts) if parts else tr("too little data")


def _change(change: float, unit: str | None, *, relative: bool) -> Written:
    """A change with its sign."""
    if relative:
        text = f"{change:+.1%}"
        return Written(text, text)
    told = format_quantity(change, POINTS if unit == PERCENT else unit)
    return Written(f"+{told}", f"+{told.number}", told.unit) if change > 0 else told

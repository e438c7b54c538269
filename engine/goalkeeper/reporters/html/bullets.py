"""A value against its target, bounds and warn band, as places on a line: percentages of its width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from goalkeeper.reporters.phrases import floats_of
from goalkeeper.verdict import Bounds, Outcome, Verdict

ROOM = 0.08
"""How much of the line lies beyond the last number."""
MOST = 2.5
"""In a table a bar ends at so many times the largest target: one value must not make all others invisible."""


class Zone(Struct, frozen=True):
    """A part of the line. `kind` is `inside`, `warn` or `bar`."""

    kind: str
    x: float
    width: float


class Mark(Struct, frozen=True):
    """A place on the line. `kind` is `target`, `expected`, `baseline` or `projection`."""

    kind: str
    x: float


class Bullet(Struct, frozen=True):
    """What is drawn, from the back to the front; `cut` says that the bar goes on past the end of the line."""

    zones: tuple[Zone, ...]
    bar: Zone
    marks: tuple[Mark, ...]
    cut: bool = False


class Scale(Struct, frozen=True):
    """The numbers at the two ends of the line."""

    low: float
    high: float

    def place(self, number: float) -> float:
        """Where a number stands, held to the line."""
        way = self.high - self.low
        return round(min(max((number - self.low) / way, 0.0), 1.0) * 100, 2)

    def between(self, low: float | None, high: float | None) -> tuple[float, float]:
        """Where a stretch begins, and how long it is; an open side goes to the end of the line."""
        first = 0.0 if low is None else self.place(low)
        last = 100.0 if high is None else self.place(high)
        return first, round(max(last - first, 0.0), 2)


def bullet(verdict: Verdict, scale: Scale | None = None) -> Bullet | None:
    """The bullet bar of a verdict, None where there is no value or nothing to hold it against."""
    if not isinstance(verdict.value, float) or not list(_targets(verdict)):
        return None
    moves = _moves(verdict)
    line = scale or _scale(_numbers(verdict), moves=moves)
    start = verdict.baseline if moves and isinstance(verdict.baseline, float) else 0.0
    x, width = line.between(*sorted((start, verdict.value)))
    zones = [Zone(kind, *line.between(low, high)) for kind, low, high in _zones(verdict)]
    marks = [Mark("baseline", line.place(verdict.baseline))] if isinstance(verdict.baseline, float) else []
    if verdict.projection is not None and verdict.projection != verdict.value:
        marks.append(Mark("projection", line.place(verdict.projection)))
    if verdict.expected is not None and verdict.expected != verdict.target:
        marks.append(Mark("expected", line.place(verdict.expected)))
    marks += [Mark("target", line.place(target)) for target in _targets(verdict)]
    return Bullet(tuple(zones), Zone("bar", x, width), tuple(marks), cut=verdict.value > line.high)


def shared_scale(verdicts: Sequence[Verdict]) -> Scale | None:
    """One line for all rows of a table, None where each must have its own: they move from baselines of their own."""
    shown = [one for one in verdicts if isinstance(one.value, float) and list(_targets(one))]
    if not shown or any(_moves(one) for one in shown):
        return None
    targets = [abs(target) for one in shown for target in _targets(one)]
    numbers = [number for one in shown for number in _numbers(one)]
    line = _scale(numbers, moves=False)
    most = max(targets) * MOST
    return Scale(line.low, min(line.high, most)) if most > max(line.low, 0.0) else line


def _moves(verdict: Verdict) -> bool:
    """Whether the value moves on from a baseline, and is no amount that adds up from nothing."""
    return verdict.kind != "keep" and not verdict.from_zero and isinstance(verdict.baseline, float)


def _targets(verdict: Verdict) -> Iterator[float]:
    yield from (target for target in floats_of(verdict.target) if target is not None)


def _numbers(verdict: Verdict) -> list[float]:
    told = [*floats_of(verdict.value, verdict.target, verdict.baseline), verdict.expected, verdict.projection]
    return [number for number in told if number is not None]


def _scale(numbers: Iterable[float], *, moves: bool) -> Scale:
    """From 0, or where a value moves on from a baseline, from around the numbers themselves."""
    low, high = min(numbers := list(numbers)), max(numbers)
    room = (high - low) * ROOM or abs(high) * ROOM or 1.0
    if moves:
        return Scale(low - room, high + room)
    low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * ROOM or 1.0
    return Scale(low - (room if low < 0 else 0.0), high + (room if high > 0 or low == high else 0.0))


def _zones(verdict: Verdict) -> Iterator[tuple[str, float | None, float | None]]:
    inside = verdict.bounds or Bounds()
    if verdict.bounds is not None:
        yield "inside", inside.low, inside.high
    if verdict.warn is not None and verdict.outcome is not Outcome.WAIVED:
        low = verdict.warn.low if verdict.warn.low is not None else inside.low
        high = verdict.warn.high if verdict.warn.high is not None else inside.high
        yield "warn", low, high

"""How each number of a verdict follows from others, written so that a person can work it out with a calculator."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose, isfinite

from msgspec import Struct

from goalkeeper.frames import Frame
from goalkeeper.quantity import bare_number, exact_quantity
from goalkeeper.statements import ByAmount, ByShare, Change, Keep, KpiRule
from goalkeeper.units import PERCENT
from goalkeeper.verdict import Verdict


class Worked(Struct, frozen=True):
    """A number of a verdict, by its name there, and what it is worked out from."""

    name: str
    text: str


class _Number(Struct, frozen=True):
    """A number with the text that gives it."""

    value: float
    text: str

    def plus(self, other: _Number) -> _Number:
        return _Number(self.value + other.value, f"{self.text} + {other.text}")

    def minus(self, other: _Number) -> _Number:
        return _Number(self.value - other.value, f"{self.text} - {other.text}")

    def times(self, other: _Number) -> _Number:
        return _Number(self.value * other.value, f"{self.text} × {other.text}")

    def over(self, other: _Number) -> _Number:
        return _Number(self.value / other.value if other.value else float("nan"), f"{self.text} / {other.text}")

    def to_the(self, other: _Number) -> _Number:
        value = self.value**other.value if self.value > 0 else float("nan")
        return _Number(value, f"{self.text} ^ {other.text}")

    @property
    def whole(self) -> _Number:
        """The same, kept together in brackets."""
        return _Number(self.value, f"({self.text})")


def worked(verdict: Verdict, rule: KpiRule, frame: Frame, nature: str, measured: float | None) -> tuple[Worked, ...]:
    """Every number of a verdict that follows from others; *measured* is the baseline before it is brought to the window.

    What is written comes to the number of the verdict: where it would not, nothing is written.
    """
    told = {
        "baseline": verdict.baseline,
        "target": verdict.target,
        "expected": verdict.expected,
        "projection": verdict.projection,
        "needed_per_day": verdict.needed_per_day,
        "index": verdict.index,
        "progress": verdict.progress,
    }
    found = []
    for name, number in _Working(verdict, rule, frame, nature).all(measured):
        value = told[name]
        fits = isinstance(value, float | int) and isfinite(number.value)
        if fits and isclose(number.value, float(value), rel_tol=1e-9, abs_tol=1e-12):  # type: ignore[arg-type]
            found.append(Worked(name, number.text))
    return tuple(found)


class _Working(Struct, frozen=True):
    verdict: Verdict
    rule: KpiRule
    frame: Frame
    nature: str

    def number(self, value: object, *, unit: bool = True) -> _Number | None:
        """A number of the verdict as it stands there, without its unit but for a percent sign."""
        if not isinstance(value, float | int):
            return None
        text = exact_quantity(float(value), PERCENT if unit and self.verdict.unit == PERCENT else None)
        return _Number(float(value), f"({text})" if value < 0 else text)

    def all(self, measured: float | None) -> Iterator[tuple[str, _Number]]:
        """Each number by its name, made of those before it."""
        verdict, frame = self.verdict, self.frame
        value, target, start = (self.number(one) for one in (verdict.value, verdict.target, verdict.baseline))
        window, elapsed = self.plain(frame.window.days), self.plain(frame.elapsed)
        before = self.number(measured)
        if before is not None and frame.baseline is not None and frame.baseline.days != frame.window.days:
            yield "baseline", before.times(window).over(self.plain(frame.baseline.days))
        if start is not None:
            yield from self.target(start)
        if target is None or value is None:
            return
        begin = start or _Number(0.0, "0")
        share = self.share(elapsed.over(window), target)
        yield from self.path(begin, target, share)
        yield from self.ahead(begin, value, share)
        projection = self.number(verdict.projection)
        if verdict.needed_per_day is not None:
            left = window.minus(elapsed).whole
            yield "needed_per_day", target.minus(value).whole.over(left)
        end = value if projection is None else projection
        yield "index", end.over(target)
        yield "index", target.over(end)
        if not isinstance(self.rule.ask, Keep):
            yield (
                "progress",
                end.over(target) if start is None else end.minus(start).whole.over(target.minus(start).whole),
            )

    def target(self, start: _Number) -> Iterator[tuple[str, _Number]]:
        """The target of a change from its baseline."""
        match self.rule.ask:
            case Change(sign, ByShare(rate)):
                yield "target", start.times(self.plain(1 + sign * rate))
            case Change(sign, ByAmount(amount)):
                by = self.number(amount.value)
                if by is not None:
                    yield "target", start.plus(by) if sign > 0 else start.minus(by)

    def share(self, of_days: _Number, target: _Number) -> _Number:
        """The share of the way that should be done: that of the days, or as the pace has it."""
        expected = self.verdict.expected
        if self.nature != "flow" or expected is None or target.value == 0:
            return of_days.whole
        share = expected / target.value
        return of_days.whole if isclose(share, of_days.value, rel_tol=1e-9) else self.plain(share)

    def path(self, begin: _Number, target: _Number, share: _Number) -> Iterator[tuple[str, _Number]]:
        """What should be there by now."""
        if self.nature == "flow":
            yield "expected", target.times(share)
        elif self.rule.pace.shape == "geometric":
            yield "expected", begin.times(target.over(begin).whole.to_the(share))
        else:
            yield "expected", begin.plus(target.minus(begin).whole.times(share))

    def ahead(self, begin: _Number, value: _Number, share: _Number) -> Iterator[tuple[str, _Number]]:
        """What it will come to."""
        if self.nature == "flow":
            yield "projection", value.over(share)
        elif self.rule.pace.shape == "geometric":
            one = self.plain(1)
            yield "projection", begin.times(value.over(begin).whole.to_the(one.over(share).whole))
        else:
            yield "projection", begin.plus(value.minus(begin).whole.over(share))

    def plain(self, value: float) -> _Number:
        """A number that has no unit."""
        return _Number(float(value), bare_number(value))

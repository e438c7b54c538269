"""How a value came about, as a chart: lines over days, as places in a plot that stretches with the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import floor, log10

from msgspec import Struct

from goalkeeper.calendar import DAY, Unit, Window
from goalkeeper.languages import Shown, tr
from goalkeeper.quantity import format_quantity
from goalkeeper.reporters.html import texts
from goalkeeper.reporters.phrases import floats_of, shown_by
from goalkeeper.reporters.safe import stretch
from goalkeeper.verdict import Trend, Verdict

WIDTH, HEIGHT = 1000, 170
"""The plot in its own units: a unit of height is a pixel, the width stretches."""
TOP = 8
TICKS = 4
"""About so many numbers stand at the side."""


class Line(Struct, frozen=True):
    """A line in the plot, as the path of an SVG. `kind` is its class."""

    kind: str
    path: str


class Dot(Struct, frozen=True):
    """A single point: in percent of the width, and in pixels from the top."""

    kind: str
    x: float
    y: float


class Tick(Struct, frozen=True):
    """A number at the side, or a day below, with its place."""

    text: str
    at: float
    anchor: str = "start"


class Band(Struct, frozen=True):
    """A stretch of days, or of values. Both in the units of the plot."""

    kind: str
    x: float
    y: float
    width: float
    height: float


class Chart(Struct, frozen=True):
    """All that is drawn, the keys that explain it, the same in words, and the numbers of every point."""

    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    dots: tuple[Dot, ...]
    levels: tuple[Tick, ...]
    """Numbers at the side, in pixels from the top."""
    targets: tuple[Tick, ...]
    """Targets and bounds, in pixels from the top."""
    days: tuple[Tick, ...]
    """Days below, in percent of the width."""
    today: float | None
    keys: tuple[tuple[str, str], ...]
    """Each kind of line or band with its words."""
    words: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def chart(verdict: Verdict, trend: Trend, as_of: date) -> Chart:
    """The chart of a verdict whose trend is known."""
    return _Plot.of(verdict, trend, as_of).chart()


class _Plot(Struct, frozen=True):
    verdict: Verdict
    trend: Trend
    as_of: date
    first: date
    last: date
    low: float
    high: float

    @classmethod
    def of(cls, verdict: Verdict, trend: Trend, as_of: date) -> _Plot:
        window = verdict.window
        first = window.first if window else trend.points[0].first
        last = window.last if window else trend.points[-1].last
        numbers = [
            number
            for point in trend.points
            for number in (point.value, point.baseline, point.expected)
            if number is not None
        ]
        beside = floats_of(verdict.target, verdict.baseline, verdict.value if trend.adds_up else None)
        numbers += [number for number in (*beside, verdict.projection) if number is not None]
        low, high = min(numbers, default=0.0), max(numbers, default=1.0)
        if trend.adds_up or (low >= 0 and low < high / 2):
            low, high = min(low, 0.0), max(high, 0.0)
        room = (high - low) * 0.06 or abs(high) * 0.06 or 1.0
        return cls(verdict, trend, as_of, first, last, low if low == 0 else low - room, high + room)

    def x(self, after: date) -> float:
        """The place of the end of a day."""
        days = (self.last - self.first).days + 1
        return round(((after - self.first).days + 1) / days * WIDTH, 1)

    def y(self, number: float) -> float:
        return round(TOP + (self.high - number) / (self.high - self.low) * (HEIGHT - TOP), 1)

    def chart(self) -> Chart:
        verdict, points = self.verdict, self.trend.points
        lines = [*self.baseline(), *self.levels_of_target()]
        lines += self.line("expected", [(p.last, p.expected) for p in points])
        seen = [p for p in points if p.value is not None]
        value = [(p.last, p.value) for p in points]
        if self.trend.adds_up and seen and points[0].value is not None:
            value.insert(0, (self.first - DAY, 0.0))
        lines += self.line("value", value)
        dots = [Dot("value", self.x(d) / 10, self.y(v)) for d, v in _alone(value)]
        if seen:
            dots.append(Dot("now", self.x(seen[-1].last) / 10, self.y(seen[-1].value or 0.0)))
        projected = list(self.projection())
        lines += projected
        if projected and verdict.projection is not None:
            dots.append(Dot("projection", 100.0, self.y(verdict.projection)))
        bands = [*self.warn_band(), *self.without_days(), *self.without_data()]
        inside = self.first <= self.as_of <= self.last
        return Chart(
            lines=tuple(lines),
            bands=tuple(bands),
            dots=tuple(dots),
            levels=tuple(self.side()),
            targets=tuple(self.at_target()),
            days=tuple(self.below()),
            today=self.x(self.as_of - DAY) / 10 if inside else None,
            keys=tuple(self.keys([*(one.kind for one in lines), *(one.kind for one in bands)])),
            words=self.words(),
            head=(tr("days"), tr("so far" if self.trend.adds_up else "value"), *self.beside().values()),
            rows=tuple(self.rows()),
        )

    def line(self, kind: str, points: Sequence[tuple[date, float | None]]) -> Iterator[Line]:
        """A line that breaks where there is no number."""
        parts, pen = [], "M"
        for day, number in points:
            if number is None:
                pen = "M"
                continue
            parts.append(f"{pen}{self.x(day):g} {self.y(number):g}")
            pen = "L"
        if len(parts) > 1:
            yield Line(kind, "".join(parts))

    def across(self, kind: str, number: float) -> Line:
        return Line(kind, f"M0 {self.y(number):g}H{WIDTH}")

    def baseline(self) -> Iterator[Line]:
        if any(point.baseline is not None for point in self.trend.points):
            yield from self.line("baseline", [(p.last, p.baseline) for p in self.trend.points])
        elif isinstance(self.verdict.baseline, float):
            yield self.across("baseline", self.verdict.baseline)

    def levels_of_target(self) -> Iterator[Line]:
        for number in floats_of(self.verdict.target):
            if number is not None:
                yield self.across("target", number)

    def projection(self) -> Iterator[Line]:
        """From the last point to the end, where the value itself is what goes on."""
        seen = [p for p in self.trend.points if p.value is not None]
        end = self.verdict.projection
        if end is None or not seen or seen[-1].last >= self.last:
            return
        if self.trend.adds_up or seen[-1].value == self.verdict.value:
            yield from self.line("projection", [(seen[-1].last, seen[-1].value), (self.last, end)])

    def warn_band(self) -> Iterator[Band]:
        warn, bounds = self.verdict.warn, self.verdict.bounds
        if warn is None:
            return
        low = warn.low if warn.low is not None else bounds.low if bounds else None
        high = warn.high if warn.high is not None else bounds.high if bounds else None
        top = self.y(high) if high is not None else TOP
        bottom = self.y(low) if low is not None else HEIGHT
        top, bottom = max(top, TOP), min(bottom, HEIGHT)
        if bottom > top:
            yield Band("warn", 0, top, WIDTH, round(bottom - top, 1))

    def days_between(self, kind: str, first: date, last: date) -> Band:
        left = self.x(first - DAY)
        return Band(kind, left, TOP, round(self.x(last) - left, 1), HEIGHT - TOP)

    def without_days(self) -> Iterator[Band]:
        for first, last in self.verdict.window.left_out if self.verdict.window else ():
            yield self.days_between("excluded", first, last)

    @property
    def until(self) -> date:
        """The last day that is complete."""
        window = self.verdict.window
        return window.first_days(self.verdict.elapsed).last if window else self.last

    @property
    def nothing(self) -> str:
        """What is said of days without a point: of a sum there is no row, a ratio may have had nothing to divide by."""
        return tr("no data" if self.trend.adds_up else "no number")

    def without_data(self) -> Iterator[Band]:
        until = self.until
        for point in self.trend.points:
            if point.value is None and point.last <= until:
                yield self.days_between("gap", point.first, point.last)

    def at_target(self) -> Iterator[Tick]:
        show, keeps = shown_by(self.verdict), self.verdict.kind == "keep"
        for number in floats_of(self.verdict.target):
            if number is not None:
                text = tr("bound {number}" if keeps else "target {number}", number=show(number))
                yield Tick(texts.label(text), self.y(number), "end")

    def side(self) -> Iterator[Tick]:
        """Round numbers, but for those that a target would strike through."""
        step = _step((self.high - self.low) / TICKS)
        number = -(-self.low // step) * step
        lines = [tick.at for tick in self.at_target()]
        while number <= self.high:
            y = self.y(number)
            if y >= TOP + 6 and not any(-17 < line - y < 1 for line in lines):
                text = format_quantity(0.0 if abs(number) < step / 1e6 else number, self.verdict.unit)
                yield Tick(texts.label(text), y)
            number += step

    def below(self) -> Iterator[Tick]:
        yield Tick(texts.day_label(self.first), 0.0)
        yield Tick(texts.day_label(self.last), 100.0, "end")

    def keys(self, kinds: Iterable[str]) -> Iterator[tuple[str, str]]:
        words = {
            "value": tr("so far") if self.trend.adds_up else self.by_length(),
            "expected": tr("expected by the pace"),
            "baseline": tr("baseline"),
            "projection": tr("projection"),
            "target": tr("bound" if self.verdict.kind == "keep" else "target"),
            "warn": tr("warns here"),
            "gap": self.nothing,
            "excluded": tr("days left out"),
        }
        there = set(kinds)
        yield from ((kind, text) for kind, text in words.items() if kind in there)

    def by_length(self) -> Shown:
        """What a point is of."""
        match _length(self.trend):
            case Unit.DAY:
                return tr("by day")
            case Unit.WEEK:
                return tr("by week")
            case _:
                return tr("by month")

    def words(self) -> Shown:
        """The chart for those who do not see it."""
        show = shown_by(self.verdict)
        seen = [point for point in self.trend.points if point.value is not None]
        parts = [self.titled(Window(self.first, self.last))]
        if seen:
            first, last = seen[0], seen[-1]
            parts.append(
                tr(
                    "{first} by {first_day}, {last} by {last_day}.",
                    first=show(first.value or 0.0),
                    first_day=first.last,
                    last=show(last.value or 0.0),
                    last_day=last.last,
                )
            )
            if last.expected is not None:
                parts.append(tr("Expected by then: {number}.", number=show(last.expected)))
            if last.baseline is not None:
                parts.append(tr("The baseline by then: {number}.", number=show(last.baseline)))
        if self.verdict.projection is not None:
            parts.append(tr("Projected: {number}.", number=show(self.verdict.projection)))
        gaps = len(list(self.without_data()))
        if gaps:
            parts.append(tr("Gaps: {count}.", count=gaps))
        return Shown(" ".join(parts))

    def titled(self, days: Window) -> Shown:
        """What is drawn."""
        if self.trend.adds_up:
            return tr("Chart from {days}, added up day by day.", days=days)
        match _length(self.trend):
            case Unit.DAY:
                return tr("Chart from {days}, by day.", days=days)
            case Unit.WEEK:
                return tr("Chart from {days}, by week.", days=days)
            case _:
                return tr("Chart from {days}, by month.", days=days)

    def beside(self) -> Mapping[str, Shown]:
        """The columns of the table besides days and value, each with its head."""
        heads = {"expected": tr("expected"), "baseline": tr("baseline")}
        points = self.trend.points
        return {kind: head for kind, head in heads.items() if any(getattr(p, kind) is not None for p in points)}

    def rows(self) -> Iterator[tuple[str, ...]]:
        show, until, kinds = shown_by(self.verdict), self.until, list(self.beside())
        for point in self.trend.points:
            days = stretch(point.first, point.last)
            blank = self.nothing if point.last <= until else ""
            value = blank if point.value is None else show(point.value)
            others = (getattr(point, kind) for kind in kinds)
            yield (days, value, *("" if number is None else show(number) for number in others))


def _alone(points: Sequence[tuple[date, float | None]]) -> Iterator[tuple[date, float]]:
    """The points that no line leads to or from."""
    padded = [None, *(number for _, number in points), None]
    for place, (day, number) in enumerate(points):
        if number is not None and padded[place] is None and padded[place + 2] is None:
            yield day, number


def _length(trend: Trend) -> Unit:
    """What a point is of; the last week of a window takes in the days that make no week of their own."""
    longest = max((point.last - point.first).days + 1 for point in trend.points)
    apart = min(((b.last - a.last).days for a, b in pairwise(trend.points)), default=1)
    return Unit.DAY if longest == 1 and apart < 7 else Unit.WEEK if longest < 14 else Unit.MONTH


def _step(least: float) -> float:
    """The next round number: 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= least)

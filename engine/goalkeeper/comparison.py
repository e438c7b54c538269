"""Numbers that a definition break keeps from being compared or added up, and what has to be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.breaks import RETIRED, Break, Side, straddles
from goalkeeper.calendar import DAY, Window
from goalkeeper.case import Case
from goalkeeper.columns import Codes, Column, Mask, Missing, Why
from goalkeeper.definitions import MetricDefinition, Touch
from goalkeeper.frames import Frame
from goalkeeper.measure import Measuring
from goalkeeper.planned import Part, PlannedRule, compared, named_levels
from goalkeeper.reduction import Ints
from goalkeeper.said import all_of, quoted, say
from goalkeeper.scope import Key, Scope
from goalkeeper.verdict import Verdict

T = TypeVar("T")


class Comparison(Struct, frozen=True):
    """For one frame: which numbers are none because of breaks, and the words for it; a place for each segment."""

    barred: Mapping[Part, Codes] = field(default_factory=dict)
    """The reason against each part of the comparison, 0 where there is none."""
    against: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Why numbers cannot be compared."""
    bridged: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """What was turned into present numbers."""
    breaks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """The ids of the breaks that stand against a number, or that were bridged."""

    def of(self, part: Part, column: Column) -> Column:
        """*column*, without the numbers that cannot be compared."""
        codes = self.barred.get(part)
        return column if codes is None else Column(column.values, np.where(column.codes == 0, codes, column.codes))

    def held(self, case: Case) -> Case:
        """*case*, without the numbers that cannot be compared."""
        if not self.barred:
            return case
        return replace(
            case,
            value=self.of(Part.VALUE, case.value),
            baseline=None if case.baseline is None else self.of(Part.BASELINE, case.baseline),
            levels={name: self.of(Part.TARGET, column) for name, column in case.levels.items()},
            done=None if case.done is None else self.of(Part.PACE, case.done),
            so_far=None if case.so_far is None else self.of(Part.BASELINE, case.so_far),
        )

    def left(self, numbers: tuple[T, ...]) -> tuple[T | None, ...]:
        """*numbers*, one for each segment, without those of segments that cannot be compared."""
        against = [codes for part, codes in self.barred.items() if part in {Part.VALUE, Part.BASELINE}]
        return tuple(None if any(codes[place] for codes in against) else number for place, number in enumerate(numbers))

    def noted(self, place: int, verdict: Verdict) -> Verdict:
        """*verdict*, the one of the segment at *place*, with what has to be said of breaks."""
        if place not in self.breaks:
            return verdict
        # A level that is to be reached is judged without its baseline; only the progress counts from that.
        said = tuple(text for text in self.against.get(place, ()) if text not in verdict.reasons)
        if verdict.kind == "reach" and isinstance(verdict.value, float):
            said = tuple(say("no progress is counted: {why}", why=text) for text in said)
        reasons = (*verdict.reasons, *said, *self.bridged.get(place, ()))
        return replace(verdict, reasons=reasons, breaks=self.breaks[place])


class _Crossed(Struct):
    """One break in one frame: the sides of each part, and what is bridged."""

    sides: dict[Part, Ints] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    """The metrics that nothing bridges, with their kinds."""
    bridges: dict[tuple[str, float], Mask] = field(default_factory=dict)

    def add(self, part: Part, metric: MetricDefinition, touch: Touch, sides: Ints) -> None:
        """Note the sides that a metric's numbers lie on."""
        if touch.factor is not None:
            # A factor of 1 says that the break did not touch the numbers, whatever their days.
            untouched = touch.factor == touch.weight_factor == 1
            turned = np.int64(Side.OTHER | Side.UNSURE if untouched else Side.OTHER)
            other = (sides & turned) != 0
            sides = np.where(other, (sides & ~turned) | Side.PRESENT | Side.BRIDGED, sides)
            bridged = other & ((sides & Side.UNSURE) == 0)
            known = self.bridges.get((metric.id, touch.factor))
            self.bridges[metric.id, touch.factor] = bridged if known is None else known | bridged
        if (sides & (Side.OTHER | Side.UNSURE)).any():
            self.metrics[metric.id] = metric.kind
        self.sides[part] = self.sides[part] | sides if part in self.sides else np.array(sides)

    def straddles(self, *parts: Part) -> Mask:
        """Where the numbers of these parts together lie on both sides."""
        length = len(next(iter(self.sides.values())))
        together = np.zeros(length, np.int64)
        for part in parts:
            together |= self.sides.get(part, 0)
        known = {sides: straddles(sides) for sides in set(together.tolist())}
        return np.fromiter((known[sides] for sides in together.tolist()), bool, length)


def compare(measuring: Measuring, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]) -> Comparison:
    """What definition breaks do to the verdicts of one frame."""
    catalogue = measuring.catalogue
    names = [planned.rule.kpi, *named_levels(planned.rule)]
    if not any(metric.touches for name in names for metric in catalogue.metrics_of(name)):
        return Comparison()
    return _compared(measuring, compared(planned, frame), segments)


def add_up(measuring: Measuring, names: Iterable[tuple[str, Scope]], segments: tuple[Key, ...]) -> Comparison:
    """What definition breaks do to numbers that are only looked at."""
    return _compared(measuring, ((Part.VALUE, name, scope) for name, scope in names), segments)


def _compared(
    measuring: Measuring, numbers: Iterable[tuple[Part, str, Scope]], segments: tuple[Key, ...]
) -> Comparison:
    found: dict[Break, _Crossed] = {}
    for part, name, scope in numbers:
        keys = segments if scope.by else measuring.numbers.whole
        for metric, touch, sides in measuring.sides(name, scope, keys):
            found.setdefault(touch.change, _Crossed()).add(part, metric, touch, np.broadcast_to(sides, len(segments)))
    barred: dict[Part, Codes] = {}
    against: dict[int, dict[str, None]] = {}
    bridged: dict[int, dict[str, None]] = {}
    breaks: dict[int, dict[str, None]] = {}
    for change, crossed in found.items():
        told = np.zeros(len(segments), bool)
        for part, where, here in _against(crossed):
            codes = barred.setdefault(part, np.zeros(len(segments), np.int32))
            if not here.any():
                continue
            detail = _detail(change, crossed, part, where, here)
            codes[here & (codes == 0)] = measuring.reasons.code(Missing(Why.NOT_COMPARABLE, detail))
            _note(against, here & ~told, detail)
            told |= here
        for (name, factor), here in crossed.bridges.items():
            text = say(
                "bridged: '{metric}' {days} × {factor:g} ({id})",
                metric=name,
                days=change.other_days,
                factor=factor,
                id=change.id,
            )
            _note(bridged, here, text)
            told |= here
        _note(breaks, told, change.id)
    return Comparison(
        barred, *({place: tuple(all_) for place, all_ in said.items()} for said in (against, bridged, breaks))
    )


def _note(notes: dict[int, dict[str, None]], here: Mask, text: str) -> None:
    for place in np.flatnonzero(here):
        notes.setdefault(int(place), {})[text] = None


def _against(crossed: _Crossed) -> Iterator[tuple[Part, str, Mask]]:
    """Each part of the comparison that the break stands against, in words why, and where."""
    inside = crossed.straddles(Part.VALUE)
    yield Part.VALUE, _IN_WINDOW, inside
    for part in (Part.BASELINE, Part.TARGET, Part.PACE):
        if part in crossed.sides:
            within = crossed.straddles(part)
            both = crossed.straddles(part, Part.VALUE)
            # What stands against the window stands against all that it is compared with, too.
            yield part, _IN_WINDOW, inside
            yield part, _INSIDE[part], within & ~inside
            if part is not Part.PACE:  # a share of other days, whatever they count
                yield part, _BETWEEN[part], both & ~within & ~inside


_IN_WINDOW = say("inside the window")
_INSIDE = {
    Part.BASELINE: say("inside the baseline"),
    Part.TARGET: say("inside the target"),
    Part.PACE: say("inside the pace"),
}
_BETWEEN = {
    Part.BASELINE: say("between the baseline and the window"),
    Part.TARGET: say("between the target and the window"),
}


def _detail(change: Break, crossed: _Crossed, part: Part, where: str, here: Mask) -> str:
    """Why the numbers cannot be compared, and the cure."""
    together = [sides for at, sides in crossed.sides.items() if at in {part, Part.VALUE}]
    unsure = any(bool((sides[here] & Side.UNSURE).any()) for sides in together)
    if unsure and change.zone:
        days = Window(change.edges[0], change.edges[1] - DAY)
        cure = say("leave out {days} with exclude_days ({id})", days=days, id=change.id)
    elif unsure:
        cure = say(
            "look at days on one side: one number holds days of both, and no factor divides it ({id})", id=change.id
        )
    elif "rank" in crossed.metrics.values():
        cure = say("compare days on one side: no factor turns one rank into another ({id})", id=change.id)
    else:
        cure = say("compare days on one side, or bridge it: bridges: {{{id}: FACTOR}}", id=change.id)
    told = {
        "metrics": all_of(map(quoted, crossed.metrics)),
        "days": change.days,
        "where": where,
        "what": change.what,
        "cure": cure,
    }
    if change.kind == RETIRED:
        return say("{metrics} ended {days}, {where}: {what}; {cure}", **told)
    if len(crossed.metrics) < 2:
        return say("{metrics} changed its meaning {days}, {where}: {what}; {cure}", **told)
    return say("{metrics} changed {days}, {where}: {what}; {cure}", **told)

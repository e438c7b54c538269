"""What single days tell of what was done on them: how long nothing was, and what ran on the same days."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from itertools import combinations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from goalkeeper.calendar import Duration, Unit, Window
from goalkeeper.columns import Column, Mask, Missing, Reasons, Why
from goalkeeper.days import Daily
from goalkeeper.definitions import matches
from goalkeeper.said import say
from goalkeeper.scope import Key, Scope

MOST_PAIRS = 3
"""How many of those that ran on the same days are named."""


class Gaps(Struct, frozen=True, eq=False, dict=True):
    """How long nothing of something was, for each segment: its numbers on the days of a window."""

    name: str
    days: Daily
    window: Window

    def column(self, reasons: Reasons) -> Column:
        """The longest stretch of days with none of it; days that nobody knows of leave it between two bounds."""
        active, unknown = self._each_day
        least, most = _longest(~active & ~unknown), _longest(~active)
        codes = np.zeros(len(least), np.int32)
        for place in np.flatnonzero(least != most):
            detail = say(
                "the longest gap of '{name}' lies between {least} and {most} days: on {unknown} it has no number. "
                "Where the file leaves out days on which nothing happened, say missing: zero",
                name=self.name,
                least=int(least[place]),
                most=int(most[place]),
                unknown=Duration(int(unknown[place].sum()), Unit.DAY),
            )
            codes[place] = reasons.code(Missing(Why.NO_DATA, detail))
        return Column(least.astype(np.float64), codes)

    def note(self, place: int) -> str:
        """The days of the longest gap."""
        active, _ = self._each_day
        days, run = list(self.window.each_day()), 0
        longest: tuple[int, int] = (0, 0)
        for at, one in enumerate(active[place].tolist()):
            run = 0 if one else run + 1
            longest = max(longest, (run, -at))  # the first of those that are as long
        length, end = longest[0], -longest[1]
        return say("{days}", days=Window(days[end - length + 1], days[end])) if length else ""

    @cached_property
    def _each_day(self) -> tuple[Mask, Mask]:
        """For each segment and day of the window: whether there was any, and whether that is not known."""
        place = {day: at for at, day in enumerate(self.window.each_day())}
        columns = [place[grain.first] for grain in self.days.grains]
        shape = len(self.days.values), len(place)
        active, unknown = np.zeros(shape, bool), np.ones(shape, bool)
        active[:, columns] = self.days.present & (self.days.values != 0)
        unknown[:, columns] = ~self.days.present
        return active, unknown


def _longest(nothing: Mask) -> NDArray[np.int64]:
    """The longest run of days with nothing in each row."""
    run = np.zeros(len(nothing), np.int64)
    longest = run
    for day in nothing.T:
        run = np.where(day, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


class Overlap(Struct, frozen=True, eq=False, dict=True):
    """What ran on the same days: the days of each part, such as each campaign, and which parts belong to a segment."""

    name: str
    parts: tuple[str, ...]
    days: Daily
    """A row for each part."""
    own: Sequence[Sequence[int]]
    """For each segment its parts."""
    beside: Sequence[Sequence[int]]
    """For each segment all parts that stand beside each other in it, its own among them."""

    def column(self, reasons: Reasons) -> Column:
        """Of the days on which one of its own parts ran: the share on which another ran too."""
        shares, codes = np.zeros(len(self.own)), np.zeros(len(self.own), np.int32)
        active = self._active
        several: dict[int, Mask] = {}  # many segments have the same beside them
        for place, (own, beside) in enumerate(zip(self.own, self.beside, strict=True)):
            ran = active[list(own)].any(axis=0)
            if ran.any():
                if id(beside) not in several:
                    several[id(beside)] = active[list(beside)].sum(axis=0) > 1
                together = ran & several[id(beside)]
                shares[place] = together.sum() / ran.sum()
            else:
                never = say("there is no day with any '{name}'", name=self.name)
                codes[place] = reasons.code(Missing(Why.UNDEFINED, never))
        return Column(shares, codes)

    def note(self, place: int) -> str:
        """Those that ran on the same days most often."""
        active, own = self._active, set(self.own[place])
        counts = [
            (int((active[a] & active[b]).sum()), self.parts[a], self.parts[b])
            for a, b in combinations(self._busiest(place), 2)
            if a in own or b in own
        ]
        found = sorted((one for one in counts if one[0]), key=lambda one: (-one[0], one[1:]))
        told = [
            say(
                "{one} and {other} on {days}",
                one=one or say("(blank)"),
                other=other or say("(blank)"),
                days=Duration(count, Unit.DAY),
            )
            for count, one, other in found[:MOST_PAIRS]
        ]
        return reduce(lambda one, other: say("{one}; {other}", one=one, other=other), told) if told else ""

    def _busiest(self, place: int) -> list[int]:
        """The parts that ran on most days: pairs of thousands would be millions."""
        days = self._days_active
        own = set(self.own[place])
        return sorted(self.beside[place], key=lambda part: (part not in own, -int(days[part]), self.parts[part]))[:50]

    @cached_property
    def _active(self) -> Mask:
        found: Mask = self.days.present & (self.days.values > 0)
        return found

    @cached_property
    def _days_active(self) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self._active.sum(axis=1)
        return found


def overlap(
    name: str, days: Daily, scope: Scope, dimension: str, parts: tuple[Key, ...], segments: tuple[Key, ...]
) -> Overlap:
    """What ran on the same days: *parts* have the value of *dimension* last, and before it what they have in common."""
    groups: dict[Key, list[int]] = {}
    for place, part in enumerate(parts):
        groups.setdefault(part[:-1], []).append(place)
    places = {part: place for place, part in enumerate(parts)}
    only = [one for one in scope.where if one.dimension == dimension]
    own: list[list[int]] = []
    beside: list[list[int]] = []
    for key in segments:
        of = dict(zip(scope.by, key, strict=True))
        shared = tuple(value for one, value in of.items() if one != dimension)
        beside.append(groups.get(shared, []))
        chosen = groups.get(shared, [])
        if dimension in of:
            mine = places.get((*shared, of[dimension]))
            chosen = [] if mine is None else [mine]
        own.append([place for place in chosen if all(matches(one, parts[place][-1]) for one in only)])
    return Overlap(name, tuple(part[-1] for part in parts), days, own, beside)


Activity = Gaps | Overlap


def single_days(name: str, days: Daily | None) -> Daily | Missing:
    """Numbers by day, or why single days of something cannot be told apart."""
    if days is None:
        return Missing(Why.NOT_COMPARABLE, say("the single days of '{name}' are not known", name=name))
    if any(grain.days != 1 for grain in days.grains):
        return Missing(Why.NOT_COMPARABLE, say("the rows of '{name}' stand for more than a day each", name=name))
    return days

"""Days on which metrics changed their meaning: what a break is, and those that ship in the registry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import IntFlag
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from goalkeeper import documents
from goalkeeper.calendar import DAY, Window
from goalkeeper.dates import parse_date, parse_duration
from goalkeeper.said import of_catalogue, say

RENAMED, RETIRED = "renamed", "retired"


class Side(IntFlag):
    """How numbers were counted; numbers of two sides make no sum and no change."""

    NONE = 0
    OTHER = 1
    """In the way that has ended."""
    PRESENT = 2
    """In the way that holds now."""
    UNSURE = 4
    """In both, or too near to the day to tell."""
    BRIDGED = 8
    """In the way that has ended, and turned into the present one by the user's factor."""


def straddles(sides: int) -> bool:
    """Whether numbers of these sides are counted in two ways."""
    return bool(sides & Side.UNSURE) or (sides & (Side.OTHER | Side.PRESENT)) == Side.OTHER | Side.PRESENT


class Break(Struct, frozen=True):
    """A change of what a metric counts. `first` is the first day in the new way, or of the stretch up to `until`."""

    id: str
    what: str
    first: date
    until: date | None = None
    """The last day of a stretch that was counted in another way than the days before and after it."""
    zone: int = 0
    """How many days the change may lie from `first`, either way."""
    kind: str = "redefined"
    instead: str = ""

    @property
    def edges(self) -> tuple[date, ...]:
        """The days on which another side begins."""
        turns = [self.first] if self.until is None else [self.first, self.until + DAY]
        return tuple(sorted({turn + self.zone * way * DAY for turn in turns for way in (-1, 1)}))

    def side(self, first: date, last: date) -> Side:
        """The side of a number that all days from *first* to *last* went into."""
        near = self.zone * DAY
        if last < self.first - near:
            return Side.OTHER if self.until is None else Side.PRESENT
        if self.until is not None and first > self.until + near:
            return Side.PRESENT
        if first >= self.first + near and (self.until is None or last <= self.until - near):
            return Side.PRESENT if self.until is None else Side.OTHER
        return Side.UNSURE

    @property
    def days(self) -> str:
        """When it was, in words."""
        if self.until is None:
            return say(
                "on {day} (give or take {zone} days)" if self.zone else "on {day}", day=self.first, zone=self.zone
            )
        return say(
            "from {days} (give or take {zone} days)" if self.zone else "from {days}",
            days=Window(self.first, self.until),
            zone=self.zone,
        )

    @property
    def other_days(self) -> str:
        """The days that a bridge turns into the present way, in words."""
        if self.until is None:
            return say("before {day}", day=self.first)
        return say("from {days}", days=Window(self.first, self.until))


class Registered(Struct, frozen=True):
    """A break of the registry: whose metric it is, by which names, and where that is said."""

    change: Break
    platforms: tuple[str, ...]
    metrics: tuple[str, ...]
    """The names of what changed: it is claimed for them where the platform is known."""
    own_names: tuple[str, ...]
    """Names that no other platform has."""
    paid_differs: bool
    title: str
    link: str
    evidence: str

    @property
    def names(self) -> frozenset[str]:
        """`metrics`, folded."""
        return frozenset(map(fold, self.metrics))

    @property
    def names_of_its_own(self) -> frozenset[str]:
        """`own_names`, folded."""
        return frozenset(map(fold, self.own_names))


class Registry(Struct, frozen=True):
    """What ships: platforms with their other names (folded), and breaks by id."""

    platforms: Mapping[str, frozenset[str]]
    breaks: Mapping[str, Registered]

    def platform(self, text: str) -> str | None:
        """The platform that goes by this name, None for one that is not known."""
        folded = fold(text)
        return next((platform for platform, names in self.platforms.items() if folded in names), None)


def fold(text: str) -> str:
    """*text* as names are compared: without case, spaces and signs."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _text() -> str:
    return files("goalkeeper.rules").joinpath("breaks.yaml").read_text(encoding="utf-8")


def knows(names: Iterable[str], *, on_a_platform: bool) -> bool:
    """Whether the registry has any of these metrics; a quick look at its lists, before it is read as YAML.

    Without a platform only the names count that no other platform has.
    """
    keys = "metrics|own_names" if on_a_platform else "own_names"
    lists = re.findall(rf"^ +(?:{keys}): \[(.*)\]$", _text(), re.MULTILINE)
    known = {fold(name) for listed in lists for name in listed.split(",")}
    return not known.isdisjoint(map(fold, names))


@cache
def registry() -> Registry:
    """The registry that ships."""
    document, problems = documents.parse(_text(), "breaks.yaml")
    if document is None or problems:
        raise AssertionError(f"the shipped registry of breaks does not read: {problems}")
    platforms = {
        name: frozenset({fold(name), *map(fold, others)}) for name, others in document.data["platforms"].items()
    }
    return Registry(platforms, {name: _registered(name, entry) for name, entry in document.data["breaks"].items()})


def _registered(name: str, entry: Mapping[str, Any]) -> Registered:
    change = Break(
        name,
        of_catalogue(entry["what"]),
        parse_date(entry["date"]),
        parse_date(entry["until"]) if "until" in entry else None,
        parse_duration(entry["zone"]).in_days if "zone" in entry else 0,
        entry["kind"],
        of_catalogue(entry.get("instead", "")),
    )
    return Registered(
        change,
        tuple(entry["platforms"]),
        tuple(entry["metrics"]),
        tuple(entry.get("own_names", ())),
        entry.get("paid_differs", False),
        entry["source"]["title"],
        entry["source"]["link"],
        entry["evidence"],
    )

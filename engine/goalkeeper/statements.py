"""Rules with their texts understood: what each asks for, of which KPI, over which days and segments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, assert_never

from msgspec import Struct

from goalkeeper.calendar import Duration, Unit, Window
from goalkeeper.definitions import Filter
from goalkeeper.numerals import spelled, unclear
from goalkeeper.problems import Span
from goalkeeper.quantity import COMPARISONS, Quantity, parse_quantity
from goalkeeper.said import say
from goalkeeper.sentence import in_english
from goalkeeper.units import PERCENT, POINTS
from goalkeeper.words import Named

Level = Quantity | str
"""A number, or the id of a metric or KPI that gives it."""


class ByShare(Struct, frozen=True):
    """A change in proportion to the baseline: 0.15 is 15%."""

    rate: float


class ByAmount(Struct, frozen=True):
    """A change by so much, in the KPI's unit; points of a percent KPI are such an amount."""

    amount: Quantity


class ToLevel(Struct, frozen=True):
    """A change to a level, from the measured baseline or from a given one."""

    level: Level
    start: Quantity | None = None


class Change(Struct, frozen=True):
    """A rise (`sign` 1) or a fall (-1) from a baseline."""

    sign: int
    amount: ByShare | ByAmount | ToLevel


class Reach(Struct, frozen=True):
    """A level by the end of the period."""

    level: Level


class Bound(Struct, frozen=True):
    """One side of a Keep rule; `included` says whether the bound itself is inside."""

    level: Level
    included: bool


class Keep(Struct, frozen=True):
    """Inside bounds; one side may be open."""

    low: Bound | None
    high: Bound | None


Ask = Change | Reach | Keep


class PreviousPeriod(Struct, frozen=True):
    """The window of the same length right before."""


class LastYear(Struct, frozen=True):
    """The same dates a year earlier."""


Versus = PreviousPeriod | LastYear | Window


class Pace(Struct, frozen=True):
    """How much of the way should be done by when, and what decides while the period runs."""

    shape: str = "linear"
    """`linear`, `like baseline`, `same period last year`, `weekday` or `geometric`."""
    by_chance: bool = False
    """Whether the probability of reaching the target decides, not the index."""
    on_track: float = 1.0
    at_risk: float = 0.9


class Evidence(Struct, frozen=True):
    """How sure a change must be: `require` is `lift`, `target` or None. `asked` says that the rule speaks of it."""

    confidence: float = 0.95
    require: str | None = None
    asked: bool = False


class KpiRule(Struct, frozen=True):
    """A testable statement about one KPI."""

    text: str
    kpi: str
    ask: Ask
    versus: Versus
    over: Duration | None
    each: Unit | None
    by: tuple[str, ...]
    where: Filter
    warn: Keep | None
    weight: float
    key: bool
    min_sample: tuple[tuple[str, float], ...]
    pace: Pace
    evidence: Evidence
    on_missing: str
    location: Span
    mapping: Mapping[str, Any]
    """The rule in the mapping form of the language."""

    @property
    def kind(self) -> str:
        """`change`, `reach` or `keep`."""
        return type(self.ask).__name__.lower()


class ChildRule(Struct, frozen=True):
    """Another goal as a rule."""

    text: str
    goal: str
    weight: float
    key: bool
    location: Span

    @property
    def kind(self) -> str:
        """`child`."""
        return "child"


Rule = KpiRule | ChildRule

NameOf = Callable[[str], str | None]
"""The id of the metric or KPI that a phrase names, None when there is none."""

_WORDS = re.compile(r"\s+")


def read_level(text: str | float, name_of: NameOf) -> Level:
    """A number with its unit, or the id of a metric or KPI.

    Raises:
        ValueError: with a message for the author.
    """
    if isinstance(text, str):
        name = name_of(text)
        if name is not None:
            return name
        if re.fullmatch(r"[^\W\d][\w ]*", text.strip()) and spelled(text.strip()) == text.strip():
            raise LookupError(text.strip())
    return parse_quantity(text)


def read_amount(text: str | float, name_of: NameOf) -> ByShare | ByAmount | ToLevel:
    """The amount of a change: `15%`, `200`, `2 points`, `to N`, `from N to N`.

    Raises:
        ValueError: with a message for the author.
        LookupError: with the name of a metric or KPI that is not known.
    """
    plain = (
        _WORDS.sub(" ", in_english("change", text.strip(), Named({}, of=name_of))) if isinstance(text, str) else text
    )
    if isinstance(plain, str):
        if found := re.fullmatch(r"from (.+?) to (.+)", plain, re.IGNORECASE):
            _one_way(found[1], found[2])
            level = read_level(found[2], name_of)
            return ToLevel(level, _with_unit_of(parse_quantity(found[1]), level))
        if found := re.fullmatch(r"to (.+)", plain, re.IGNORECASE):
            return ToLevel(read_level(found[1], name_of))
        if found := re.fullmatch(r"by (.+)", plain, re.IGNORECASE):
            plain = found[1]
    amount = parse_quantity(plain)
    if amount.value <= 0:
        raise ValueError(
            say("'{text}': an amount must be above 0; the direction is in the word increase or decrease", text=text)
        )
    return ByShare(amount.value) if amount.unit == PERCENT else ByAmount(amount)


def _one_way(low: str, high: str) -> None:
    """Two numbers of which only the second is of thousands may both be meant so: that is not guessed."""
    if unclear(low, high):
        raise ValueError(say("'{low}' before '{high}' can be read in two ways", low=low, high=high))


def _with_unit_of(low: Quantity, high: Level) -> Quantity:
    """The first of two numbers, in the unit that is said once, after the second: `between 2 and 4%`."""
    if low.unit is not None or not isinstance(high, Quantity) or high.unit is None:
        return low
    return Quantity(low.value / 100 if high.unit in {PERCENT, POINTS} else low.value, high.unit)


_BOUNDS = (
    ("at least ", "low", True),
    ("at most ", "high", True),
    ("above ", "low", False),
    ("below ", "high", False),
)


def read_bounds(text: str, name_of: NameOf) -> Keep:
    """The bounds of a Keep rule.

    Raises:
        ValueError: with a message for the author.
        LookupError: with the name of a metric or KPI that is not known.
    """
    plain = _WORDS.sub(" ", in_english("bound", text.strip(), Named({}, of=name_of)))
    if found := re.fullmatch(r"between (.+?) and (.+)", plain, re.IGNORECASE):
        _one_way(*found.groups())
        low, high = (read_level(part, name_of) for part in found.groups())
        if isinstance(low, Quantity):
            low = _with_unit_of(low, high)
        return Keep(Bound(low, included=True), Bound(high, included=True))
    for words, side, included in _BOUNDS:
        if plain.lower().startswith(words):
            bound = Bound(read_level(plain[len(words) :], name_of), included)
            return Keep(bound, None) if side == "low" else Keep(None, bound)
    sign = next((sign for sign in COMPARISONS if plain.startswith(sign)), None)
    if sign is not None and plain != sign:
        said = f"{COMPARISONS[sign]} {plain.removeprefix(sign).strip()}"
        raise ValueError(say("'{text}' is not a bound: write '{bound}'", text=text, bound=said))
    raise ValueError(
        say("'{text}' is not a bound: write above N, below N, at least N, at most N, or between N and N", text=text)
    )


def levels_of(ask: Ask) -> Iterator[Level]:
    """The numbers and names that a rule is held against."""
    match ask:
        case Change(_, ToLevel(level, start)):
            yield level
            if start is not None:
                yield start
        case Change(_, ByAmount(amount)):
            yield amount
        case Change():
            return
        case Reach(level):
            yield level
        case Keep(low, high):
            yield from (bound.level for bound in (low, high) if bound)
        case never:
            assert_never(never)


def with_levels(ask: Ask, change: Callable[[Level], Level]) -> Ask:
    """The same rule with every number and name that it is held against changed."""
    match ask:
        case Change(sign, ToLevel(level, start)):
            given = None if start is None else change(start)
            return Change(sign, ToLevel(change(level), given if isinstance(given, Quantity) else start))
        case Change(sign, ByAmount(amount)):
            changed = change(amount)
            return Change(sign, ByAmount(changed if isinstance(changed, Quantity) else amount))
        case Change():
            return ask
        case Reach(level):
            return Reach(change(level))
        case Keep(low, high):
            return with_bounds(Keep(low, high), change)
        case never:
            assert_never(never)


def with_bounds(keep: Keep, change: Callable[[Level], Level]) -> Keep:
    """The same bounds with every number and name in them changed."""
    low, high = (bound and Bound(change(bound.level), bound.included) for bound in (keep.low, keep.high))
    return Keep(low, high)


class All(Struct, frozen=True):
    """Every one must pass."""


class AtLeast(Struct, frozen=True):
    """So many must pass; `any` is at least 1."""

    count: int


class ScoreAtLeast(Struct, frozen=True):
    """The score, 0 to 100, must be so high."""

    score: float


Rollup = All | AtLeast | ScoreAtLeast


def read_rollup(text: str) -> Rollup:
    """A rollup or gate: `all`, `any`, `at least 2`, `score at least 75`.

    Raises:
        ValueError: with a message for the author.
    """
    plain = _WORDS.sub(" ", text.strip().lower())
    if plain in {"all", "any"}:
        return All() if plain == "all" else AtLeast(1)
    found = re.fullmatch(r"(score )?at least (\d{1,9}(?:\.\d{1,9})?)", plain)
    if found and found[1] and float(found[2]) <= 100:
        return ScoreAtLeast(float(found[2]))
    if found and not found[1] and found[2].isdigit() and int(found[2]) >= 1:
        return AtLeast(int(found[2]))
    raise ValueError(say("'{text}' is no rollup: write all, any, at least 2, or score at least 75 (of 100)", text=text))

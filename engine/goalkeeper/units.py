"""Units: what a number is counted in, as people write it, and how units multiply and divide."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from goalkeeper.currencies import CURRENCIES
from goalkeeper.said import UnitName, enumerated, meant, say

COUNT = "count"
PERCENT = "percent"
POINTS = "points"
RATIO = "ratio"
RANK = "rank"
MONEY = "money"
"""For a KPI: the currency of what it is made of, whether per thing, per thousand of them, or not."""

_WRITTEN: dict[str, tuple[str, ...]] = {
    COUNT: ("count",),
    PERCENT: ("percent", "%", "درصد"),
    POINTS: ("points", "point", "pp", "percentage points", "percentage point", "واحد درصد"),
    RATIO: ("ratio", "x", "×"),
    RANK: ("rank", "places", "place"),
    "milliseconds": ("milliseconds", "millisecond", "ms"),
    "seconds": ("seconds", "second", "secs", "sec", "s", "ثانیه"),
    "minutes": ("minutes", "minute", "mins", "min", "دقیقه"),
    "hours": ("hours", "hour", "hrs", "hr", "h", "ساعت"),
    "days": ("days", "day", "d", "روز"),
    "IRR": ("rial", "rials", "ریال"),
    "toman": ("toman", "tomans", "irt", "tmn", "تومان", "تومن"),
    "IRR_new": ("irr_new",),
}
_FAMILIES: dict[str, Mapping[str, int]] = {
    "time": {"milliseconds": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000},
    "rial": {"IRR": 1, "toman": 10, "IRR_new": 10_000},
}
"""Units that can be turned into each other, each with how many of the smallest it is."""

_CODES = {"€": "EUR", "$": "USD", "£": "GBP"} | {code: code for code in CURRENCIES}
_WORDS = {alias: name for name, aliases in _WRITTEN.items() for alias in aliases}
_BASE = {name: (family, size) for family, sizes in _FAMILIES.items() for name, size in sizes.items()}
_NAMES = [name for name in _WRITTEN if name != "milliseconds"]
_PLAIN = frozenset({PERCENT, POINTS, RATIO})
_PER = re.compile(r"(\S+)(?: per | ?/ ?)(\S+)")
_THING = re.compile(r"[^\W\d_]{2,}(?:[_-][^\W\d_]+)*")
_NO_THINGS = frozenset(f"{word}{s}" for word in ("week", "month", "quarter", "year") for s in ("", "s"))
_WORD = re.compile(r"\s?(%|[^\W\d]\w*)")
_PER_WORD = re.compile(r"(?:\s+per\s+|\s?/\s?)([^\W\d]\w*)")


class Unit(Struct, frozen=True):
    """A unit: its `name` as it is written and printed, and the units that it is made of with their exponents.

    What has no `parts` is a plain number: percent, points, ratio, and `number` for one that nobody gave a unit.
    """

    name: str
    parts: tuple[tuple[str, int], ...] = ()

    @property
    def bases(self) -> dict[str, int]:
        """What it measures: the families of its parts, with their exponents."""
        return {_BASE.get(part, (part, 1))[0]: exponent for part, exponent in self.parts}

    @property
    def uncounted(self) -> dict[str, int]:
        """What it measures, whether for each thing or not: cost per click is money like cost."""
        return {base: exponent for base, exponent in self.bases.items() if base != COUNT}

    @property
    def counts(self) -> int:
        """The exponent of things that are counted: -1 for what is per click."""
        return self.bases.get(COUNT, 0)

    @property
    def size(self) -> tuple[int, int]:
        """How many of the smallest unit of its families it is, as a fraction."""
        above = below = 1
        for part, exponent in self.parts:
            size = _BASE.get(part, (part, 1))[1]
            above, below = (above * size**exponent, below) if exponent > 0 else (above, below * size**-exponent)
        return above, below

    @property
    def siblings(self) -> list[str]:
        """The other units that its numbers could be meant in: hours for minutes, rial for toman."""
        return [other for part, exponent in self.parts if exponent > 0 for other in family(part) if other != part]

    @property
    def thing(self) -> str | None:
        """What it is per, when that is a thing and no unit: `click`."""
        _, _, thing = self.name.partition(" per ")
        return thing if thing and thing != COUNT and _atom(thing) is None else None

    def like(self, other: Unit) -> Unit:
        """It with the units of *other* wherever both are of a family: minutes, like hours, are hours."""
        theirs = {_BASE.get(part, (part, 1))[0]: part for part, _ in other.parts}
        parts = {theirs.get(_BASE.get(part, (part, 1))[0], part): exponent for part, exponent in self.parts}
        return self if parts == dict(self.parts) else _made_of(parts)


NUMBER = Unit("number")


def family(name: str) -> Mapping[str, int]:
    """The units that *name* can be turned into, itself among them; empty when there are none."""
    return _FAMILIES.get(_BASE.get(name, (name, 1))[0], {})


def currency_of(unit: Unit) -> Unit | None:
    """The currency that a unit is of, whether for each thing or not; None for what is no money."""
    named = [part for part, exponent in unit.parts if part != COUNT and exponent == 1]
    if len(named) == len(unit.uncounted) == 1 and (named[0] in CURRENCIES or named[0] in _FAMILIES["rial"]):
        return parse_unit(named[0])
    return None


def is_time(name: str) -> bool:
    """Whether *name* is a unit of time."""
    return name in _FAMILIES["time"]


def singular(name: str) -> str:
    """The name of a unit for one of it: `hour`."""
    return name[:-1] if is_time(name) else name


def _atom(text: str) -> str | None:
    return _CODES.get(text) or _WORDS.get(text.lower())


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit | None:
    """The unit that *text* says, None for a text that is none: `EUR`, `h`, `toman`, `EUR per click`, `count/hour`."""
    plain = " ".join(text.split())
    atom = _atom(plain)
    if atom is not None:
        return Unit(atom, () if atom in _PLAIN else ((atom, 1),))
    found = _PER.fullmatch(plain)
    above, below = (_atom(found[1]), _atom(found[2])) if found else (None, None)
    if not found or above is None or {above, below} & {*_PLAIN, RANK}:
        return None
    if below is None and not _is_thing(found[2]):
        return None
    name = f"{above} per {found[2].lower() if below is None else singular(below)}"
    if below is None and above == COUNT:
        return Unit(name)
    unit = _made_of({above: 1, below or COUNT: -1})
    return Unit(name, unit.parts) if len(unit.bases) == 2 else None


def _is_thing(word: str) -> bool:
    """Whether a word may be what is counted: any, but for slips of the pen and lengths of time that vary."""
    low = word.lower()
    slip = difflib.get_close_matches(low, [w for w in _WORDS if len(w) > 3], n=1, cutoff=0.85)
    code = word.upper() in CURRENCIES
    return bool(_THING.fullmatch(low)) and low not in _NO_THINGS and not slip and not code


def near_unit(word: str) -> str | None:
    """The unit that a word which is none was probably meant to be."""
    low = word.strip().lower()
    if low == "m":
        return "min"
    if low.upper() in CURRENCIES or low.removesuffix("s") == "euro":
        return low.upper()[:3]
    return next(iter(difflib.get_close_matches(low, _NAMES, n=1, cutoff=0.75)), None)


def unit_help(text: str) -> str:
    """The cure for a text that is no unit."""
    if text.strip() == "m":
        return say("minutes or months? Write min")
    if re.search(r" per |/", text):
        return say("a unit per another is money, time or count per time, or per a thing: EUR per hour, EUR per click")
    near = near_unit(text)
    if near:
        return meant(near)
    return say(
        "things are counted in count; other units are {units}, and currencies such as EUR", units=enumerated(_NAMES[1:])
    )


def unit_ends(text: str, start: int) -> int:
    """Where a unit ends that begins at *start* of a sentence, a space before it allowed; *start* when none does."""
    first = _WORD.match(text, start)
    if not first:
        return start
    two = _WORD.match(text, first.end())
    if two and f"{first[1]} {two[1]}".lower() in _WORDS:
        return two.end()
    if _atom(first[1]) is None:
        return start
    per = _PER_WORD.match(text, first.end())
    return per.end() if per and parse_unit(f"{first[1]} per {per[1]}") else first.end()


def said(unit: Unit) -> str:
    """What something in this unit is, for messages: `in EUR`, `a count`, `a percentage`."""
    match unit.name:
        case "count":
            return say("a count")
        case "percent":
            return say("a percentage")
        case "ratio":
            return say("a ratio")
        case "rank":
            return say("a rank")
        case "number":
            return say("a plain number")
        case name:
            return say("in {unit}", unit=UnitName(name))


# how units multiply and divide


def _made_of(parts: Mapping[str, int]) -> Unit:
    kept = {part: exponent for part, exponent in parts.items() if exponent}
    above = [_power(part, exponent) for part, exponent in kept.items() if exponent > 0]
    below = [_power(singular(part), -exponent) for part, exponent in kept.items() if exponent < 0]
    if not kept:
        return NUMBER
    name = " * ".join(above or ["1"]) + (f" per {' * '.join(below)}" if below else "")
    return Unit(name, tuple(sorted(kept.items())))


def _power(part: str, exponent: int) -> str:
    return part if exponent == 1 else f"{part} ** {exponent}"


def times(left: Unit, right: Unit) -> Unit:
    """The unit of a product. Where both have parts of one family, they are the same parts (`clash`)."""
    if not left.parts or not right.parts:
        return _scaled(left, right) if left.parts or right.name == NUMBER.name else _scaled(right, left)
    parts = dict(left.parts)
    for part, exponent in right.parts:
        parts[part] = parts.get(part, 0) + exponent
    return _made_of(parts)


def _scaled(unit: Unit, by: Unit) -> Unit:
    """A unit times a plain number: 20% of 30% is a percentage; of two other kinds of number it is just a number."""
    return unit if unit.parts or by in {NUMBER, unit} or unit == NUMBER else NUMBER


def over(left: Unit, right: Unit) -> Unit:
    """The unit of a quotient: EUR / count is EUR per count, EUR / EUR is a plain number."""
    if not right.parts:
        return left if left.parts or right == NUMBER else NUMBER
    return times(left if left.parts else NUMBER, power(right, -1))


def power(unit: Unit, exponent: int) -> Unit:
    """The unit of a power with a whole exponent."""
    return _made_of({part: by * exponent for part, by in unit.parts})


def clash(left: Unit, right: Unit) -> bool:
    """Whether both have a part of one family, but not the same one: minutes and hours."""
    return left.like(right) != left


def rate(unit: Unit, other: Unit) -> tuple[int, int]:
    """How many of *other* one of *unit* is, as a fraction; both measure the same."""
    (a, b), (c, d) = unit.size, other.size
    return a * d, b * c


def scaled(formula: str, unit: Unit, other: Unit) -> str:
    """A formula written so that its unit becomes *other*, which measures the same: `wait * 60`."""
    above, below = rate(unit, unit.like(other))
    whole = formula if formula.isidentifier() else f"({formula})"
    return f"{whole} * {above // below}" if above >= below else f"{whole} / {below // above}"


def conversion(unit: Unit, other: Unit) -> str:
    """What one of the larger is in the smaller, for two units that `clash`: `1 hour is 60 minutes`."""
    pairs = ((part, sibling) for part, _ in unit.parts for sibling, _ in other.parts)
    sizes, *both = next((family(a), a, b) for a, b in pairs if a != b and b in family(a))
    small, large = sorted(both, key=sizes.__getitem__)
    return say("1 {large} is {count:,} {small}", large=singular(large), count=sizes[large] // sizes[small], small=small)

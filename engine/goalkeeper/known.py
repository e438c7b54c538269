"""Names that the field gives to metrics, and how those add up: read from the shipped vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from msgspec import Struct

from goalkeeper import documents
from goalkeeper.said import one_of

RATE = "rate"
"""A ready-made ratio, such as a click-through rate: it neither adds up nor averages."""
EVENTS = "events"
"""A time or size of single events, such as minutes to a response: its median says something, its sum nothing."""
READY = "ready"
"""A ready-made median or percentile: it cannot be rebuilt from its parts."""


class Known(Struct, frozen=True):
    """How a known metric adds up; `instead` is the formula to declare for a rate, or an average's weight.

    A rate that people mean in two ways has both formulas in it; `pack` is the shipped one that gives it.
    """

    kind: str
    instead: str = ""
    pack: str = ""


@cache
def known_metrics() -> Mapping[str, Known]:
    """The known metrics by their names in lower case."""
    names: dict[str, Known] = {}
    shipped = dict(_shipped("vocabulary.yaml"))
    for pack, rates in shipped.pop(RATE).items():
        for name, formulas in rates.items():
            names[name] = Known(RATE, formulas if isinstance(formulas, str) else one_of(formulas), pack)
    names.update({name: Known(RATE, formula) for name, formula in shipped.pop("other_rate").items()})
    for kind, entries in shipped.items():
        if isinstance(entries, dict):
            names.update({name: Known(kind, instead) for name, instead in entries.items()})
        else:
            names.update({name: Known(kind) for name in entries})
    return names


LEVELS = ("vanity", "amplification", "outcome")
"""How close to the business a KPI is, from level 1 on."""


@cache
def known_levels() -> Mapping[str, int]:
    """The level of known metrics and KPIs, 1 to 3, by their names in lower case."""
    shipped = _shipped("levels.yaml")
    return {name: level for level, word in enumerate(LEVELS, 1) for name in shipped[word]}


def _shipped(file: str) -> Mapping[str, Any]:
    """What a file of the shipped rules says."""
    text = files("goalkeeper.rules").joinpath(file).read_text(encoding="utf-8")
    document, problems = documents.parse(text, file)
    if document is None or problems:
        raise AssertionError(f"the shipped {file} does not read: {problems}")
    return cast("Mapping[str, Any]", document.data)

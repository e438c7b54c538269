"""What is whole in a goal file with mistakes of shape, so that the rest of it is read in the same run."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.documents import Document
from goalkeeper.limits import PROBLEMS
from goalkeeper.schema import faults
from goalkeeper.syntax import Path

T = TypeVar("T")

NAMED = ("sources", "metrics", "kpis")
LISTED = ("diagnoses", "waivers")
EVERYTHING = frozenset({*NAMED, "goals"})
"""The sections that other parts refer to."""


class Salvaged(Struct, frozen=True):
    """A document without its faulty parts; paths are those of what is left, places those of the text."""

    document: Document
    lost: frozenset[str] = frozenset()
    """The sections with parts that were left out: what refers to these may be right."""
    partial: frozenset[Path] = frozenset()
    """The goals that were left incomplete: what they lack may be in what was left out."""


def salvage(document: Document) -> Salvaged | None:
    """What of *document* fits the schema, None when that is nothing."""
    if not isinstance(document.data, dict):
        return None
    found = Salvaged(replace(document, data=deepcopy(document.data)))
    for _ in range(PROBLEMS):
        path = next(iter(faults(found.document)), None)
        if path is None:
            return found
        found = _without(found, path)
    return None


def _without(found: Salvaged, path: Path) -> Salvaged:
    """The document without the smallest part around a fault that can be left out."""
    data = found.document.data
    match path:
        case () | ("version",):
            data["version"] = 1
            return found
        case ("defaults", "fiscal_year", *_):
            data["defaults"]["fiscal_year"] = {"start": 4, "named_after": "start"}
            return found
        case ("defaults", key, *_):
            return _drop(found, ("defaults", key))
        case (section, name, *_) if section in NAMED:
            return _drop(found, (section, name), lost={str(section)})
        case (section, number, *_) if section in LISTED:
            return _drop(found, (section, number))
        case ("goals", number):
            return _drop(found, path, lost={"goals"})
        case ("goals", number, *inside):
            return _drop(found, ("goals", number, *_part_of_goal(tuple(inside))), partial={("goals", number)})
        case (section, *_):
            known = section in {"defaults", "gate"}
            return _drop(found, (section,), lost=set() if known else set(EVERYTHING))
    raise AssertionError(path)


def _part_of_goal(inside: Path) -> Path:
    """An option of a rule, else the rule, else the key of the goal."""
    rule = 2 if inside[0] == "rules" else 1
    if inside[0] in {"rule", "rules"} and len(inside) > rule:
        is_said = inside[rule] in {"rule", "kpi", "goal", "increase", "decrease", "reach", "keep"}
        return inside[:rule] if is_said else inside[: rule + 1]
    return inside[: rule if inside[0] == "rules" else 1]


def _drop(found: Salvaged, path: Path, *, lost: set[str] | None = None, partial: set[Path] | None = None) -> Salvaged:
    """Without the part at *path*; what stands behind it in a list moves up."""
    holder = found.document.data
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    document = replace(
        found.document, values=_moved(found.document.values, path), keys=_moved(found.document.keys, path)
    )
    goals = dict.fromkeys(found.partial | (partial or set()))
    return Salvaged(document, found.lost | (lost or set()), frozenset(_moved(goals, path)))


def _moved(places: Mapping[Path, T], gone: Path) -> dict[Path, T]:
    last = len(gone) - 1
    moved: dict[Path, T] = {}
    for path, mark in places.items():
        if path[: last + 1] == gone:
            continue
        behind = path[:last] == gone[:last] and len(path) > last and _is_behind(path[last], gone[last])
        moved[(*path[:last], path[last] - 1, *path[last + 1 :]) if behind else path] = mark  # type: ignore[operator]
    return moved


def _is_behind(part: Any, gone: Any) -> bool:
    return isinstance(part, int) and isinstance(gone, int) and part > gone

"""Where a metric or KPI belongs: how close to the business it is, its stage of the funnel, and its aspect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from goalkeeper.definitions import Catalogue, KpiDefinition
from goalkeeper.known import known_levels


class Place(NamedTuple):
    """The stage of the funnel and the aspect of a metric or KPI, None where nobody says."""

    stage: str | None
    aspect: str | None


def level_of(catalogue: Catalogue, name: str) -> int | None:
    """The level of a metric or KPI: as declared, as the field knows it, or the highest among those it adds up."""
    definition = catalogue.definitions[name]
    if definition.level is not None:
        return definition.level
    known = known_levels().get(name.lower())
    if known is None and isinstance(definition, KpiDefinition) and definition.formula.is_sum:
        levels = [level_of(catalogue, read.name) for read in definition.formula.reads]
        return max((level for level in levels if level is not None), default=None) if all(levels) else None
    return known


def place_of(catalogue: Catalogue, name: str) -> Place:
    """The stage and aspect of a metric or KPI: as declared, as the shipped packs know its name, or that of all that it
    adds up.
    """
    definition = catalogue.definitions[name]
    if definition.stage and definition.aspect:
        return Place(definition.stage, definition.aspect)
    known = known_places().get(name.lower(), Place(None, None))
    stage, aspect = definition.stage or known.stage, definition.aspect or known.aspect
    if isinstance(definition, KpiDefinition) and definition.formula.is_sum:
        parts = [place_of(catalogue, read.name) for read in definition.formula.reads]
        stages, aspects = {part.stage for part in parts}, {part.aspect for part in parts}
        stage = stage or (stages.pop() if len(stages) == 1 else None)
        aspect = aspect or (aspects.pop() if len(aspects) == 1 else None)
    return Place(stage, aspect)


@cache
def known_places() -> Mapping[str, Place]:
    """The places of the names that the shipped packs know, in lower case, whether a file uses these packs or not."""
    from goalkeeper.packs import shipped, shipped_names  # only for those who ask for sections

    found: dict[str, Place] = {}
    for pack in map(shipped, shipped_names()):
        for name, metric in pack.written.metrics.items():
            found.setdefault(name.lower(), Place(metric.stage, metric.aspect))
        for name, kpi in pack.written.kpis.items():
            found.setdefault(name.lower(), Place(kpi.stage, kpi.aspect))
    return found

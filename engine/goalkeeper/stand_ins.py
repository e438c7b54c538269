"""What can be known in the place of people, who are counted once and never added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from goalkeeper.definitions import Catalogue, Definition, KpiDefinition, MetricDefinition
from goalkeeper.known import known_metrics
from goalkeeper.problems import Problem, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import say

MOST = 2
"""So many are spoken of."""


def with_stand_ins(catalogue: Catalogue, placed: Mapping[str, Placed[Any]]) -> tuple[Catalogue, list[Problem]]:
    """*catalogue* with what can be known in the place of each metric that counts people.

    *placed* is what goal files declare; of packs that offer more than the data has nothing is said.
    """
    problems: list[Problem] = []
    offers: dict[str, list[str]] = {}
    for name, definition in catalogue.definitions.items():
        for number, other in enumerate(definition.in_place_of):
            people = _people(catalogue, other)
            if name in placed:
                problems += _faults(catalogue, name, number, placed[name])
            if not _people(catalogue, name):
                for metric in people:
                    offers.setdefault(metric, []).append(_said(definition))
    if not offers:
        return catalogue, problems
    told = {
        name: replace(metric, instead=tuple(dict.fromkeys(offers[name]))[:MOST])
        for name, metric in catalogue.definitions.items()
        if isinstance(metric, MetricDefinition) and name in offers
    }
    return replace(catalogue, definitions={**catalogue.definitions, **told}), problems


def _faults(catalogue: Catalogue, name: str, number: int, placed: Placed[Any]) -> Iterator[Problem]:
    """What is wrong with the name at a place of `in_place_of`."""
    other = catalogue.definitions[name].in_place_of[number]
    place = placed.at("in_place_of", *([number] if isinstance(placed.written.in_place_of, list) else []))
    if other not in catalogue.definitions:
        if other not in known_metrics() and not catalogue.names.open:
            help_ = did_you_mean(other, catalogue.definitions)
            yield Problem("GK201", say("unknown metric or KPI '{name}'", name=other), place, help_)
    elif not _people(catalogue, other):
        text = say("'{name}' counts no people: nothing needs to stand in its place", name=other)
        yield Problem("GK115", text, place, say("take in_place_of: out"))
    elif _people(catalogue, name):
        text = say("'{name}' counts people itself, and cannot be known where '{other}' cannot", name=name, other=other)
        help_ = say("make it of what adds up, such as the reach of each post")
        yield Problem("GK115", text, place, help_)


def _people(catalogue: Catalogue, name: str) -> list[str]:
    """The metrics that a metric or KPI is made of and that count people."""
    return [metric.id for metric in catalogue.metrics_of(name) if metric.kind == "unique"]


def _said(definition: Definition) -> str:
    match definition:
        case KpiDefinition(formula=formula):
            return f"{definition.id} ({formula.text.strip()})"
        case _:
            return definition.id

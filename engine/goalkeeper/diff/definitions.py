"""What rules are made of: metrics, KPIs and sources. Another one is another question, whatever the rule says."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from goalkeeper.dates import parse_duration
from goalkeeper.definitions import LEVEL_KINDS, Definition, KpiDefinition, MetricDefinition, texts_of
from goalkeeper.diff import wheres
from goalkeeper.diff.changes import Change, Effect, between, placed_at
from goalkeeper.diff.goals import Pair
from goalkeeper.diff.sides import Side
from goalkeeper.diff.written import shown
from goalkeeper.model_base import Written
from goalkeeper.planned import names_in
from goalkeeper.problems import Span
from goalkeeper.said import all_of, enumerated, say
from goalkeeper.statements import KpiRule

NO_RULE = say("no rule reads it")
WORDS = ("label", "level", "stage", "aspect", "about", "in_place_of")
"""What a metric or KPI says for people and reports."""
UNWRITTEN = {"known_as", "declared", "of_format", "refused", "instead", "pack", "id", "formula", "where", "max_age"}
"""What of a definition is made of other things, or compared in a way of its own."""
MARKED = "touches"
"""What comes of breaks and bridges, which are compared themselves."""


def definition_changes(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Change]:
    """How the metrics, KPIs and sources of both sides differ: of those that rules are made of, and of all others."""
    used = _used(old, new, pairs)
    spoken_of = _spoken_of(old, new)
    yield from _definitions(old, new, used, spoken_of)
    yield from _sources(old, new, used, spoken_of)


def _used(old: Side, new: Side, pairs: Sequence[Pair]) -> Mapping[str, list[str]]:
    """Every metric and KPI that rules on both sides are made of, with the goals that read it."""
    found: dict[str, dict[str, None]] = {}
    for pair in pairs:
        for before, after in pair.rules:
            if not (isinstance(before, KpiRule) and isinstance(after, KpiRule)):
                continue
            for side, rule in ((old, before), (new, after)):
                for name in _read(side, rule):
                    found.setdefault(name, {})[pair.new.id] = None
    return {name: list(goals) for name, goals in found.items()}


def _spoken_of(*sides: Side) -> set[str]:
    """Every metric and KPI that any rule is made of, and every source that these come from."""
    rules = [(side, rule) for side in sides for goal in side.meaning.goals for rule in goal.rules]
    found = {name for side, rule in rules if isinstance(rule, KpiRule) for name in _read(side, rule)}
    return found | {source for side in sides for name in found for source in side.catalogue.sources_of(name)}


def _read(side: Side, rule: KpiRule) -> set[str]:
    """The metrics and KPIs that a rule is made of."""
    named = list(names_in(rule))
    parts = {part for name in named for part in side.catalogue.parts_of(name)}
    return parts | {metric.id for name in named for metric in side.catalogue.metrics_of(name)}


def _definitions(old: Side, new: Side, used: Mapping[str, list[str]], spoken_of: set[str]) -> Iterator[Change]:
    before, after = old.catalogue.definitions, new.catalogue.definitions
    metrics = [side.project.described_metrics() for side in (old, new)]
    for name in sorted(used):
        if name in before and name in after:
            was, now = _columned(old, before[name]), _columned(new, after[name])
            for change in _definition(name, was, now, say("read by {goals}", goals=enumerated(used[name]))):
                yield placed_at(change, _place(new, name))
        bridges = [declared[name].written.bridges if name in declared else {} for declared in metrics]
        if bridges[0] != bridges[1]:
            texts = [shown(one) if one else None for one in bridges]
            yield between(Effect.CHANGED, f"metrics: {name}", texts, note="bridges", location=_place(new, name))
    for section in ("metrics", "kpis"):
        entries = [getattr(side.project, section)() for side in (old, new)]
        for name in dict.fromkeys([*entries[0], *entries[1]]):
            written = [side.get(name) for side in entries]
            one, other = (placed.written if placed else None for placed in written)
            if name in used and (one is None or other is None or _words_apart(one, other) is None):
                continue
            texts = [shown(value) for value in (_words_apart(one, other) or (one, other))]
            if one != other:
                side = new if written[1] else old
                note = "" if name in spoken_of else NO_RULE
                place = side.shown((written[1] or written[0]).at(key=True))
                yield between(Effect.WORDING, f"{section}: {name}", texts, note=note, location=place)


def _columned(side: Side, definition: Definition) -> Definition:
    """A metric with the columns that it says itself, where the data that has them could not be looked at."""
    if not isinstance(definition, MetricDefinition) or definition.columns or not side.unseen:
        return definition
    placed = side.project.described_metrics().get(definition.id)
    header = None if placed and placed.written.count else (placed and placed.written.column) or definition.id
    sources = texts_of(placed.written.source if placed else None) or side.unseen[:1]
    return replace(definition, columns=tuple((source, header) for source in sources))


def _words_apart(old: Written | None, new: Written | None) -> tuple[Any, Any] | None:
    """What two declarations say differently for people; None when they do not."""
    if old is None or new is None:
        return None
    keys = [key for key in WORDS if getattr(old, key) != getattr(new, key)]
    sides = ({key: getattr(one, key) for key in keys if getattr(one, key) is not None} for one in (old, new))
    return (next(sides), next(sides)) if keys else None


def _definition(name: str, old: Definition, new: Definition, note: str) -> Iterator[Change]:
    """How a metric or KPI that is judged differs: what it counts is another thing then."""
    match old, new:
        case KpiDefinition(), KpiDefinition():
            what = f"kpis: {name}"
            if ast.dump(old.formula.tree) != ast.dump(new.formula.tree):
                yield Change(Effect.CHANGED, what, old.formula.text.strip(), new.formula.text.strip(), note=note)
            keys: tuple[str, ...] = ("unit", "direction")
        case MetricDefinition(), MetricDefinition():
            what = f"metrics: {name}"
            keys = tuple(key for key in MetricDefinition.__struct_fields__ if key not in {*UNWRITTEN, *WORDS, MARKED})
            if old.max_age != new.max_age and {old.kind, new.kind} & LEVEL_KINDS:
                effect = Effect.LOOSENED if new.max_age > old.max_age else Effect.TIGHTENED
                texts = [say("max_age {age} days", age=age) for age in (old.max_age, new.max_age)]
                yield between(effect, what, texts, note=note)
        case _:
            kinds = [say("a KPI" if isinstance(one, KpiDefinition) else "a metric") for one in (old, new)]
            yield between(Effect.CHANGED, f"kpis: {name}", kinds, note=note)
            return
    if wheres.compare(old.where, new.where) is not wheres.Compared.SAME:
        yield Change(Effect.CHANGED, what, wheres.text(old.where), wheres.text(new.where), note=note)
    for key in keys:
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            texts = [say("{key} {value}", key=key, value=_part(key, value)) for value in (before, after)]
            yield between(Effect.CHANGED, what, texts, note=note)


def _part(key: str, value: Any) -> str:
    """A part of a definition in words."""
    match key, value:
        case "columns", _:
            return all_of(f"{source}.{header or 'rows'}" for source, header in value) if value else ""
        case _, None | ():
            return say("none")
        case "within", _:
            return enumerated(map(str, value))
        case "between", _:
            return say("{since} to {until}", since=value.since, until=value.until)
        case _:
            return f"{value}"


def _place(side: Side, name: str) -> Span | None:
    """Where a metric or KPI is declared, None for a column that nobody declares."""
    placed = (
        side.project.kpis().get(name)
        or side.project.described_metrics().get(name)
        or side.project.offers.kpis.get(name)
    )
    return side.shown(placed.at(key=True)) if placed is not None else None


def _sources(old: Side, new: Side, used: Mapping[str, list[str]], spoken_of: set[str]) -> Iterator[Change]:
    before, after = old.project.sources(), new.project.sources()
    read = {source for side in (old, new) for name in used for source in side.catalogue.sources_of(name)}
    every = bool(old.unseen or new.unseen)
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            side, placed = (new, after[name]) if name in after else (old, before[name])
            texts = [shown(sources[name].written.path) if name in sources else None for sources in (before, after)]
            effect = Effect.CHANGED if name in read else Effect.WORDING
            note = "" if name in spoken_of else NO_RULE
            yield between(effect, f"sources: {name}", texts, note=note, location=side.shown(placed.at(key=True)))
            continue
        judged = every or name in read
        for change in _source(name, before[name].written, after[name].written):
            place = new.shown(after[name].at(key=True))
            found = change if judged else Change(Effect.WORDING, change.what, change.old, change.new, note=NO_RULE)
            yield placed_at(found, place)


def _source(name: str, old: Written, new: Written) -> Iterator[Change]:
    for key in type(new).model_fields:
        before, after = (_plain(key, getattr(source, key)) for source in (old, new))
        if before == after:
            continue
        effect = _older(before, after) if key == "max_age" else Effect.CHANGED
        texts = [None if value in (None, {}, []) else f"{key}: {shown(value)}" for value in (before, after)]
        yield between(effect, f"sources: {name}", texts)


def _plain(key: str, value: Any) -> Any:
    """A value of a source in the one form that all that mean the same share."""
    match key, value:
        case "time", str():
            return {"column": value}
        case "path", str():
            return [value]
        case "dimensions", list():
            return sorted(value)
        case _, Written():
            return value.model_dump(by_alias=True, exclude_none=True)
        case _:
            return value


def _older(old: str | None, new: str | None) -> Effect:
    """What it does to let the newest row be older, or of any age."""
    if old is None or new is None:
        return Effect.TIGHTENED if old is None else Effect.LOOSENED
    days = [parse_duration(text).in_days for text in (old, new)]
    return Effect.CHANGED if days[0] == days[1] else Effect.LOOSENED if days[1] > days[0] else Effect.TIGHTENED

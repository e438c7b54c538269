"""What rules stand on: metrics, KPIs and sources, what holds for the whole file, waivers, and what judges nothing."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from goalkeeper.dates import parse_duration
from goalkeeper.definitions import LEVEL_KINDS, Definition, KpiDefinition, MetricDefinition, texts_of
from goalkeeper.diff import wheres
from goalkeeper.diff.changes import Change, Effect, between
from goalkeeper.diff.goals import Pair, rollup_change
from goalkeeper.diff.rules import on_missing_change
from goalkeeper.diff.sides import Side
from goalkeeper.model_base import Written
from goalkeeper.problems import Span
from goalkeeper.project import Placed
from goalkeeper.quantity import format_quantity
from goalkeeper.resolve import Waiver, children
from goalkeeper.statements import KpiRule, levels_of
from goalkeeper.units import PERCENT

MOST = 120
"""So long at most is what is shown of a value."""
NO_RULE = "no rule reads it"
WORDS = ("label", "level", "stage", "aspect", "about", "in_place_of")
"""What a metric or KPI says for people and reports."""
UNWRITTEN = {"known_as", "declared", "of_format", "refused", "instead", "pack", "id", "formula", "where", "max_age"}
"""What of a definition is made of other things, or compared in a way of its own."""
MARKED = "touches"
"""What comes of breaks and bridges, which are compared themselves."""


def ground_changes(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Change]:
    """What is different in all that is no goal."""
    used = _used(old, new, pairs)
    yield from _settings(old, new)
    yield from _definitions(old, new, used)
    yield from _sources(old, new, used)
    yield from _waivers(old, new, pairs)
    yield from _listed("breaks", old.project.breaks(), new.project.breaks(), old, new, Effect.CHANGED)
    yield from _listed("diagnoses", old.project.diagnoses(), new.project.diagnoses(), old, new, Effect.WORDING)
    yield from _listed("annotations", old.project.annotations(), new.project.annotations(), old, new, Effect.WORDING)
    for key, effect in (("lint", Effect.CHANGED), ("report", Effect.WORDING), ("stages", Effect.WORDING)):
        yield from _said(key, old, new, effect)
    yield from _packs(old, new)


# what holds for the whole file


def _settings(old: Side, new: Side) -> Iterator[Change]:
    place = new.shown(new.project.settings.at("defaults", key=True))
    one, other = old.meaning.settings, new.meaning.settings
    roots = [len(goals) - len(children(goals)) for goals in (old.meaning.goals, new.meaning.goals)]
    gate = new.shown(new.project.settings.at("gate", key=True))
    for change in rollup_change("gate", one.gate, roots[0], other.gate, roots[1], "goal"):
        yield _at(change, gate)
    for change in on_missing_change(one.on_missing, other.on_missing):
        yield _at(change, place)
    if one.min_coverage != other.min_coverage:
        effect = Effect.TIGHTENED if other.min_coverage > one.min_coverage else Effect.LOOSENED
        texts = [format_quantity(settings.min_coverage, PERCENT) for settings in (one, other)]
        yield between(effect, "min_coverage", texts, location=place)
    for key in ("timezone", "calendar"):
        before, after = getattr(one, key), getattr(other, key)
        if before != after:
            keys = ("timezone",) if key == "timezone" else ("calendar", "week_start", "fiscal_year")
            texts = [_defaults(side, keys) for side in (old, new)]
            yield between(Effect.CHANGED, key, texts, note="days begin and end elsewhere", location=place)


def _defaults(side: Side, keys: Sequence[str]) -> str:
    defaults = side.project.settings.written.defaults
    said = {key: getattr(defaults, key) for key in keys if getattr(defaults, key) is not None}
    return ", ".join(text if key in {"timezone", "calendar"} else f"{key}: {text}" for key, text in _texts(said))


def _texts(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in said.items():
        yield key, _shown(value) or ""


def _said(key: str, old: Side, new: Side, effect: Effect) -> Iterator[Change]:
    """A setting of the report or of advice."""
    files = [side.project.saying(key) or side.project.files[0] for side in (old, new)]
    before, after = (getattr(file.written, key) for file in files)
    if before != after:
        told = [_shown(value) for value in _apart(before, after)]
        yield between(effect, key, told, location=new.shown(files[1].at(key, key=True)))


def _apart(old: Any, new: Any) -> tuple[Any, Any]:
    """Of two mappings only the keys that differ; of all else the whole."""
    if not (isinstance(old, Written) and isinstance(new, Written)):
        return old, new
    before, after = old.model_dump(by_alias=True), new.model_dump(by_alias=True)
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before[key] for key in keys}, {key: after[key] for key in keys}


def _packs(old: Side, new: Side) -> Iterator[Change]:
    """The packs in use: what they give is compared as if it were written in the file."""
    used = [sorted({name for file in side.project.files for name in file.written.use}) for side in (old, new)]
    if used[0] != used[1]:
        texts = [", ".join(names) or None for names in used]
        yield between(Effect.WORDING, "use", texts, location=new.shown(new.project.files[0].at("use", key=True)))


# metrics, KPIs and sources


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


def _read(side: Side, rule: KpiRule) -> set[str]:
    """The metrics and KPIs that a rule is made of."""
    named = [rule.kpi, *(level for level in levels_of(rule.ask) if isinstance(level, str))]
    named += [name for name, _ in rule.min_sample]
    for keep in filter(None, [rule.warn]):
        named += [level for level in levels_of(keep) if isinstance(level, str)]
    parts = {part for name in named for part in side.catalogue.parts_of(name)}
    return parts | {metric.id for name in named for metric in side.catalogue.metrics_of(name)}


def _definitions(old: Side, new: Side, used: Mapping[str, list[str]]) -> Iterator[Change]:
    before, after = old.catalogue.definitions, new.catalogue.definitions
    metrics = [side.project.described_metrics() for side in (old, new)]
    for name in sorted(used):
        if name in before and name in after:
            was, now = _columned(old, before[name]), _columned(new, after[name])
            for change in _definition(name, was, now, f"read by {', '.join(used[name])}"):
                yield _at(change, _place(new, name))
        bridges = [declared[name].written.bridges if name in declared else {} for declared in metrics]
        if bridges[0] != bridges[1]:
            texts = [_shown(one) if one else None for one in bridges]
            yield between(Effect.CHANGED, f"metrics: {name}", texts, note="bridges", location=_place(new, name))
    for section in ("metrics", "kpis"):
        entries = [getattr(side.project, section)() for side in (old, new)]
        for name in dict.fromkeys([*entries[0], *entries[1]]):
            written = [side.get(name) for side in entries]
            one, other = (placed.written if placed else None for placed in written)
            if name in used and (one is None or other is None or _words_apart(one, other) is None):
                continue
            texts = [_shown(value) for value in (_words_apart(one, other) or (one, other))]
            if one != other:
                side = new if written[1] else old
                note = "" if name in used else NO_RULE
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
                texts = [f"max_age {age} days" for age in (old.max_age, new.max_age)]
                yield between(effect, what, texts, note=note)
        case _:
            kinds = ["a KPI" if isinstance(one, KpiDefinition) else "a metric" for one in (old, new)]
            yield between(Effect.CHANGED, f"kpis: {name}", kinds, note=note)
            return
    if wheres.compare(old.where, new.where) is not wheres.Compared.SAME:
        yield Change(Effect.CHANGED, what, wheres.text(old.where), wheres.text(new.where), note=note)
    for key in keys:
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            texts = [f"{key} {_part(key, value)}" for value in (before, after)]
            yield between(Effect.CHANGED, what, texts, note=note)


def _part(key: str, value: Any) -> str:
    """A part of a definition in words."""
    match key:
        case "columns":
            return " and ".join(f"{source}.{header or 'rows'}" for source, header in value)
        case "within":
            return ", ".join(map(str, value)) or "none"
        case "between":
            return "none" if value is None else f"{value.since} to {value.until}"
        case _:
            return "none" if value is None else f"{value}"


def _place(side: Side, name: str) -> Span | None:
    """Where a metric or KPI is declared, None for a column that nobody declares."""
    placed = (
        side.project.kpis().get(name)
        or side.project.described_metrics().get(name)
        or side.project.offers.kpis.get(name)
    )
    return side.shown(placed.at(key=True)) if placed is not None else None


def _sources(old: Side, new: Side, used: Mapping[str, list[str]]) -> Iterator[Change]:
    before, after = old.project.sources(), new.project.sources()
    read = {source for side in (old, new) for name in used for source in side.catalogue.sources_of(name)}
    every = bool(old.unseen or new.unseen)
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            side, placed = (new, after[name]) if name in after else (old, before[name])
            texts = [_shown(sources[name].written.path) if name in sources else None for sources in (before, after)]
            effect = Effect.CHANGED if name in read else Effect.WORDING
            note = "" if name in read else NO_RULE
            yield between(effect, f"sources: {name}", texts, note=note, location=side.shown(placed.at(key=True)))
            continue
        judged = every or name in read
        for change in _source(name, before[name].written, after[name].written):
            place = new.shown(after[name].at(key=True))
            found = change if judged else Change(Effect.WORDING, change.what, change.old, change.new, note=NO_RULE)
            yield _at(found, place)


def _source(name: str, old: Written, new: Written) -> Iterator[Change]:
    for key in type(new).model_fields:
        before, after = (_plain(key, getattr(source, key)) for source in (old, new))
        if before == after:
            continue
        effect = _older(before, after) if key == "max_age" else Effect.CHANGED
        texts = [None if value in (None, {}, []) else f"{key}: {_shown(value)}" for value in (before, after)]
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


# waivers, and what is listed


def _waivers(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Change]:
    """An exception is a loosening, and so is one that holds longer or for more."""
    ids = {pair.old.id: pair.new.id for pair in pairs}
    before, after = list(old.meaning.waivers), list(new.meaning.waivers)
    for waiver in list(before):
        same = [one for one in after if one.goal == ids.get(waiver.goal, waiver.goal) and one.rule == waiver.rule]
        found = next((one for one in same if one.where == waiver.where), same[0] if len(same) == 1 else None)
        if found is not None:
            before.remove(waiver)
            after.remove(found)
            yield from _waiver(waiver, found, new)
    for waiver in before:
        yield Change(
            Effect.TIGHTENED,
            "waivers",
            _excused(waiver),
            None,
            ids.get(waiver.goal, waiver.goal),
            location=old.shown(waiver.location),
        )
    for waiver in after:
        yield Change(
            Effect.LOOSENED, "waivers", None, _excused(waiver), waiver.goal, location=new.shown(waiver.location)
        )


def _waiver(old: Waiver, new: Waiver, side: Side) -> Iterator[Change]:
    place = side.shown(new.location)
    texts = _excused(old), _excused(new)
    if old.note.until != new.note.until:
        effect = Effect.LOOSENED if new.note.until > old.note.until else Effect.TIGHTENED
        note = "it ends later" if effect is Effect.LOOSENED else "it ends earlier"
        yield between(effect, "waivers", texts, goal=new.goal, note=note, location=place)
    match wheres.compare(old.where, new.where):
        case wheres.Compared.NARROWER:
            yield between(Effect.TIGHTENED, "waivers", texts, goal=new.goal, note="it excuses less", location=place)
        case wheres.Compared.WIDER:
            yield between(Effect.LOOSENED, "waivers", texts, goal=new.goal, note="it excuses more", location=place)
        case wheres.Compared.APART:
            yield between(Effect.CHANGED, "waivers", texts, goal=new.goal, note="it excuses others", location=place)
        case _:
            pass
    for key in ("owner", "reason", "ticket"):
        before, after = getattr(old.note, key), getattr(new.note, key)
        if before != after:
            yield Change(Effect.WORDING, f"waivers: {key}", before, after, new.goal, location=place)


def _excused(waiver: Waiver) -> str:
    about = [waiver.rule, wheres.text(waiver.where) if waiver.where else None]
    return ", ".join([*(text for text in about if text), f"until {waiver.note.until}: {waiver.note.reason}"])


def _listed(
    key: str, old: Iterator[Placed[Any]], new: Iterator[Placed[Any]], before: Side, after: Side, effect: Effect
) -> Iterator[Change]:
    """Entries of a list, by their id where they have one."""
    was, now = (
        {getattr(placed.written, "id", _shown(placed.written)): placed for placed in side} for side in (old, new)
    )
    for name in dict.fromkeys([*was, *now]):
        one, other = was.get(name), now.get(name)
        if one is not None and other is not None and one.written == other.written:
            continue
        texts = [None if placed is None else _entry(placed.written) for placed in (one, other)]
        place = after.shown(other.at()) if other else before.shown(one.at()) if one else None
        yield between(effect, key, texts, location=place)


def _entry(written: Written) -> str:
    return _shown(written) or ""


def _shown(value: Any) -> str | None:
    """A value in short, as the file would have it."""
    if value is None:
        return None
    plain = value.model_dump(by_alias=True, exclude_unset=True, mode="json") if isinstance(value, Written) else value
    text = plain if isinstance(plain, str) else json.dumps(_dumped(plain), ensure_ascii=False)
    return text if len(text) <= MOST else f"{text[: MOST - 3]}..."


def _dumped(value: Any) -> Any:
    match value:
        case Written():
            return value.model_dump(by_alias=True, exclude_unset=True)
        case dict():
            return {str(key): _dumped(one) for key, one in value.items()}
        case list() | tuple():
            return [_dumped(one) for one in value]
        case _:
            return value


def _at(change: Change, place: Span | None) -> Change:
    return Change(change.effect, change.what, change.old, change.new, change.goal, change.rule, change.note, place)

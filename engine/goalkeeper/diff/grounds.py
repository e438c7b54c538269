"""What is no goal: what holds for the whole file, what rules are made of, waivers, and what judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goalkeeper.diff import wheres
from goalkeeper.diff.changes import Change, Effect, between, placed_at
from goalkeeper.diff.definitions import definition_changes
from goalkeeper.diff.goals import Pair, rollup_change
from goalkeeper.diff.rules import on_missing_change
from goalkeeper.diff.sides import Side
from goalkeeper.diff.written import shown
from goalkeeper.meaning import Waiver
from goalkeeper.model_base import Written
from goalkeeper.project import Placed
from goalkeeper.quantity import format_quantity
from goalkeeper.resolve import is_about
from goalkeeper.said import enumerated, say
from goalkeeper.together import children
from goalkeeper.units import PERCENT


def ground_changes(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Change]:
    """What is different in all that is no goal."""
    yield from _settings(old, new)
    yield from definition_changes(old, new, pairs)
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
    for change in rollup_change("gate", one.gate, roots[0], other.gate, roots[1]):
        yield placed_at(change, gate)
    for change in on_missing_change(one.on_missing, other.on_missing):
        yield placed_at(change, place)
    if one.min_coverage != other.min_coverage:
        effect = Effect.TIGHTENED if other.min_coverage > one.min_coverage else Effect.LOOSENED
        texts: list[str] = [format_quantity(settings.min_coverage, PERCENT) for settings in (one, other)]
        yield between(effect, "min_coverage", texts, location=place)
    for key in ("timezone", "calendar"):
        before, after = getattr(one, key), getattr(other, key)
        if before != after:
            keys = ("timezone",) if key == "timezone" else ("calendar", "week_start", "fiscal_year")
            texts = [_defaults(side, keys) for side in (old, new)]
            note = say("days begin and end elsewhere")
            yield between(Effect.CHANGED, key, texts, note=note, location=place)


def _defaults(side: Side, keys: Sequence[str]) -> str:
    defaults = side.project.settings.written.defaults
    said = {key: getattr(defaults, key) for key in keys if getattr(defaults, key) is not None}
    return ", ".join(text if key in {"timezone", "calendar"} else f"{key}: {text}" for key, text in _texts(said))


def _texts(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in said.items():
        yield key, shown(value) or ""


def _said(key: str, old: Side, new: Side, effect: Effect) -> Iterator[Change]:
    """A setting of the report or of advice."""
    files = [side.project.saying(key) or side.project.files[0] for side in (old, new)]
    before, after = (getattr(file.written, key) for file in files)
    if before != after:
        told = [shown(value) for value in _apart(before, after)]
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


# waivers, and what is listed


def _waivers(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Change]:
    """An exception is a loosening, and so is one that holds longer or for more."""
    ids = {pair.old.id: pair.new.id for pair in pairs}
    before, after = list(old.meaning.waivers), list(new.meaning.waivers)
    for waiver, found in [*_alike(before, after, pairs, exactly=True), *_alike(before, after, pairs, exactly=False)]:
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


def _alike(
    before: list[Waiver], after: list[Waiver], pairs: Sequence[Pair], *, exactly: bool
) -> Iterator[tuple[Waiver, Waiver]]:
    """Waivers of the same rules, for the same segments or (not `exactly`) the only ones left; they are taken out."""

    def fits(one: Waiver, other: Waiver) -> bool:
        return _same_rules(one, other, pairs) and (one.where == other.where or not exactly)

    for waiver in list(before):
        there = [other for other in after if fits(waiver, other)]
        if there and (exactly or (len(there) == 1 and sum(fits(one, there[0]) for one in before) == 1)):
            before.remove(waiver)
            after.remove(there[0])
            yield waiver, there[0]


def _same_rules(old: Waiver, new: Waiver, pairs: Sequence[Pair]) -> bool:
    """Whether two waivers are about the same goal, and the same rule of it if they say one."""
    pair = next((pair for pair in pairs if (pair.old.id, pair.new.id) == (old.goal, new.goal)), None)
    if pair is None or old.rule is None or new.rule is None:
        return pair is not None and old.rule == new.rule
    return any(is_about(was, old.rule) and is_about(now, new.rule) for was, now in pair.rules)


def _waiver(old: Waiver, new: Waiver, side: Side) -> Iterator[Change]:
    place = side.shown(new.location)
    texts = _excused(old), _excused(new)
    if old.note.until != new.note.until:
        effect = Effect.LOOSENED if new.note.until > old.note.until else Effect.TIGHTENED
        note = say("it ends later" if effect is Effect.LOOSENED else "it ends earlier")
        yield between(effect, "waivers", texts, goal=new.goal, note=note, location=place)
    match wheres.compare(old.where, new.where):
        case wheres.Compared.NARROWER:
            note = say("it excuses less")
            yield between(Effect.TIGHTENED, "waivers", texts, goal=new.goal, note=note, location=place)
        case wheres.Compared.WIDER:
            note = say("it excuses more")
            yield between(Effect.LOOSENED, "waivers", texts, goal=new.goal, note=note, location=place)
        case wheres.Compared.APART:
            note = say("it excuses others")
            yield between(Effect.CHANGED, "waivers", texts, goal=new.goal, note=note, location=place)
        case _:
            pass
    for key in ("owner", "reason", "ticket"):
        before, after = getattr(old.note, key), getattr(new.note, key)
        if before != after:
            yield Change(Effect.WORDING, f"waivers: {key}", before, after, new.goal, location=place)


def _excused(waiver: Waiver) -> str:
    about = [waiver.rule, wheres.text(waiver.where) if waiver.where else None]
    ends = say("until {day}: {reason}", day=waiver.note.until, reason=waiver.note.reason)
    return enumerated([*(text for text in about if text), ends])


def _listed(
    key: str, old: Iterator[Placed[Any]], new: Iterator[Placed[Any]], before: Side, after: Side, effect: Effect
) -> Iterator[Change]:
    """Entries of a list, by their id where they have one."""
    was, now = (
        {getattr(placed.written, "id", shown(placed.written)): placed for placed in side} for side in (old, new)
    )
    for name in dict.fromkeys([*was, *now]):
        one, other = was.get(name), now.get(name)
        if one is not None and other is not None and one.written == other.written:
            continue
        texts = [None if placed is None else _entry(placed.written) for placed in (one, other)]
        place = after.shown(other.at()) if other else before.shown(one.at()) if one else None
        yield between(effect, key, texts, location=place)


def _entry(written: Written) -> str:
    return shown(written) or ""

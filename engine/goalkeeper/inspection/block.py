"""The `sources:` block of inspected files, as text to paste into a goal file: with comments for what must be decided."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goalkeeper.inspection.answers import answers_to
from goalkeeper.inspection.seen import Decision, Inspection
from goalkeeper.inspection.trial import tried
from goalkeeper.languages import shown
from goalkeeper.said import Listed, Said, enumerated, say
from goalkeeper.sources.shipped import pack_of
from goalkeeper.sources.texts import flow, inline, joined, unlike

WIDTH = 80
_STEP = "  "
_ISOLATING = re.compile("[\u2066-\u2069]")


def named(inspections: Sequence[Inspection]) -> dict[str, list[Inspection]]:
    """The inspections of files that can be read, by the name of their source.

    Files of one kind in one folder are one source, where they can be read as one.
    """
    groups: dict[tuple[Any, ...], list[Inspection]] = {}
    for whole in inspections:
        for one in (whole, *whole.others):
            if one.source:
                groups.setdefault(_alike(one), []).append(one)
    found: dict[str, list[Inspection]] = {}
    for group in groups.values():
        united = len(group) == 1 or not tried({**source_of(group), **answers_to(_decisions(group))}).problems
        for part in [group] if united else [[one] for one in group]:
            found[_name(part, found)] = part
    return found


def _alike(one: Inspection) -> tuple[Any, ...]:
    """What files of one source have in common."""
    folder, _, name = one.path.rpartition("/")
    # What no format knows is told by its name: the numbers in it may be days.
    told = one.format or re.sub(r"\d+", "#", name)
    rest = tuple((key, repr(value)) for key, value in one.source.items() if key not in {"path", "dedupe"})
    tables = tuple((table.name, table.label, tuple(c.header for c in table.columns)) for table in one.read)
    return folder, told, rest, tables, tuple(decision.key for decision in one.decisions if decision.needed)


def sources_of(inspections: Sequence[Inspection]) -> dict[str, dict[str, Any]]:
    """The sources of inspected files, by name, without what has to be decided."""
    return {name: source_of(group) for name, group in named(inspections).items()}


def source_of(group: Sequence[Inspection]) -> dict[str, Any]:
    """The source of files of one kind."""
    merged: dict[str, Any] = {}
    for one in group:
        merged |= one.source
    paths = [one.path for one in group]
    return {**merged, "path": paths[0] if len(paths) == 1 else paths}


def block(inspections: Sequence[Inspection]) -> str:
    """The sources as YAML; empty where no file can be read."""
    groups = named(inspections)
    if not groups:
        return ""
    formats = dict.fromkeys(group[0].format for group in groups.values())
    use = dict.fromkeys(pack for name in formats if name and (pack := pack_of(name)))
    lines = [f"# use: [{', '.join(use)}]   # {_plain(say('the KPIs of these exports'))}"] if use else []
    lines.append("sources:")
    metrics: dict[str, str] = {}
    for name, group in groups.items():
        decisions = _decisions(group)
        lines += _source(name, source_of(group), [one for one in decisions if one.key != "metrics"])
        for one in decisions:
            if one.key == "metrics":
                others = enumerated(value.partition(": ")[2] for value, _ in one.options[1:])
                asked = say("{question} or {others}", question=one.question, others=others) if others else one.question
                metrics.setdefault(one.options[0][0], asked)
    if metrics:
        lines += [f"# {_plain(say('if need be, what amounts are counted in:'))}", "# metrics:"]
        for value, question in metrics.items():
            lines += [*_comment(question, "#   # "), f"#   {value}"]
    return "\n".join(lines) + "\n"


def _decisions(group: Sequence[Inspection]) -> list[Decision]:
    """What must be decided of a source: each question once."""
    found: dict[tuple[str, str], Decision] = {}
    for one in group:
        for decision in one.decisions:
            found.setdefault((decision.key, decision.question if len(group) == 1 else ""), decision)
    return list(found.values())


def _source(name: str, source: Mapping[str, Any], decisions: Sequence[Decision]) -> Iterator[str]:
    yield f"{_STEP}{flow(name)}:"
    for key, value in source.items():
        yield from _entry(key, value)
    for decision in decisions:
        yield from _asked(decision)


def _entry(key: str, value: Any) -> Iterator[str]:
    """A key of a source with its value: on one line where that is short enough."""
    line = f"{_STEP * 2}{key}: {inline(value)}"
    if len(line) <= WIDTH or not isinstance(value, list | dict):
        yield line
        return
    yield f"{_STEP * 2}{key}:"
    if isinstance(value, dict):
        yield from (f"{_STEP * 3}{flow(one)}: {inline(other)}" for one, other in value.items())
    else:
        yield from (f"{_STEP * 3}- {inline(one)}" for one in value)


def _asked(decision: Decision) -> Iterator[str]:
    """What must be decided, as comments: the line that holds is kept without its sign."""
    before = f"{_STEP * 2}# "
    question = say("decide: {question}" if decision.needed else "if need be: {question}", question=decision.question)
    yield from _comment(question, before)
    for value, means in decision.options:
        meaning = _plain(means)
        line = f"{before}{decision.key}: {value}"
        beside = f"{line}   # {meaning}"
        if not meaning or len(beside) <= WIDTH:
            yield beside if meaning else line
        else:
            yield from _comment(f"({meaning})", before)
            yield line


def _comment(text: str, before: str) -> Iterator[str]:
    yield from textwrap.wrap(" ".join(_plain(text).split()), WIDTH, initial_indent=before, subsequent_indent=before)


def _plain(text: str) -> str:
    """A text in the language that is spoken, without what a goal file must not hold."""
    return _ISOLATING.sub("", shown(text)) if isinstance(text, Said | Listed) else text


def _name(group: Sequence[Inspection], taken: Mapping[str, Any]) -> str:
    """A name for a source: its format and, where it is read apart, its table; else what its files are called."""
    first = group[0]
    if first.format is not None:
        apart = [table.name for table in first.tables if table.apart]
        told = [first.format, *(apart[:1] if len(apart) == len(first.tables) else ())]
    else:
        stem = re.split(r"[\\/]", first.path)[-1].rsplit(".", 1)[0]
        told = [re.sub(r"(?<!\d)\d{4,}(?!\d).*$", "", stem) or stem, str(first.source.get("table", ""))]
    name = joined("_".join(told))
    return unlike(name if re.match("[a-z]", name) else f"data_{name}".rstrip("_"), taken)

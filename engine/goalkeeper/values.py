"""The values that filters speak of, against those that rows hold: one that no row has would judge nothing, in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce

from goalkeeper.cube import Cube
from goalkeeper.definitions import Catalogue, MetricDefinition, Only, Places, stands_for_any
from goalkeeper.meaning import Waiver
from goalkeeper.planned import Plan
from goalkeeper.problems import Problem, Related, Severity, did_you_mean
from goalkeeper.project import SHIPPED
from goalkeeper.said import Said, all_of, enumerated, one_of, quoted, say
from goalkeeper.sources.spellings import alike, seen, tidy
from goalkeeper.sources.table import Table

Values = Callable[[Table, str], frozenset[str]]
"""Reads every value of a column: see `Engine.values`."""
MOST = 3
"""So many texts are shown of those that are alike."""
_BLANKS = frozenset({"blank", "(blank)", "empty", "none", "null", "not blank", "not empty"})


def never_seen(
    plan: Plan, catalogue: Catalogue, waivers: tuple[Waiver, ...], places: Places, cube: Cube, values: Values
) -> Iterator[Problem]:
    """The values of filters that no row has. Of a metric that is added over sources, one of these must have it."""
    for only, written in places.items():
        seen_in: dict[str, frozenset[str]] = {}
        for sources in _using(plan, catalogue, waivers, only):
            tables = {name: cube.sources[name].asked.table for name in sources if name in cube.sources}
            having = [name for name, table in tables.items() if only.dimension in table.columns]
            having = [name for name in having if cube.sources[name].rows]
            for name in having:
                seen_in.setdefault(name, cube.values_of(name, only.dimension))
            for value in filter(None, only.values):  # that no cell is blank is no mistake
                if not having or any(stands_for_any(value, seen_in[name]) for name in having):
                    continue
                if any(stands_for_any(value, values(tables[name], only.dimension)) for name in having):
                    continue
                where = one_of(map(quoted, having))
                seen_here = set().union(*(seen_in[name] for name in having))
                spelt = {
                    t.spellings[only.dimension].of(value) for t in tables.values() if only.dimension in t.spellings
                }
                message = say(
                    "no row of {sources} has {dimension} '{value}'",
                    sources=where,
                    dimension=only.dimension,
                    value=value,
                )
                help_ = _help(value, seen_here, spelt - {value})
                if written[value].file.startswith(SHIPPED):
                    # Only the source can say what a pack that ships means there.
                    held = set().union(*(values(tables[name], only.dimension) for name in having))
                    place, asked = tables[having[0]].place, (Related(say("asked for here"), written[value]),)
                    yield Problem("GK308", message, place, _call_so(only.dimension, value, held), related=asked)
                    continue
                yield Problem("GK308", message, written[value], help_)


def spelt_apart(cube: Cube, values: Values) -> Iterator[Problem]:
    """Warnings about texts that are alike and count as different, in the dimensions that numbers are told apart by."""
    for source, reduced in cube.sources.items():
        table = reduced.asked.table
        picked = {only.dimension for tally in reduced.asked.counted for only in tally.where}
        for dimension in sorted(reduced.asked.dimensions & table.columns.keys()):
            texts = cube.values_of(source, dimension)
            if dimension in picked and not texts:
                texts = values(table, dimension)
            own = table.spellings.get(dimension)
            groups = [group for group in alike(texts) if own is None or not own.listed(group)]
            if groups:
                yield _spelt_apart(table, dimension, groups)


def _spelt_apart(table: Table, dimension: str, groups: list[tuple[str, ...]]) -> Problem:
    from json import dumps  # only where there is something to say

    told = (all_of(map(_seen, group[:MOST])) for group in groups[:MOST])
    message = say(
        "'{dimension}' of '{source}' has texts that are alike and count as different: {texts}; and {more} more"
        if len(groups) > MOST
        else "'{dimension}' of '{source}' has texts that are alike and count as different: {texts}",
        dimension=dimension,
        source=table.name,
        texts=reduce(lambda one, other: say("{one}; {other}", one=one, other=other), told),
        more=len(groups) - MOST,
    )
    names = []
    for name, *others in (group for group in groups[:MOST] if tidy(group[0])):
        other = next((tidy(one) for one in others if tidy(one) != tidy(name)), tidy(name))
        names.append(f"{dumps(tidy(name), ensure_ascii=False)}: {dumps(other, ensure_ascii=False)}")
    return Problem(
        "GK332",
        message,
        table.place,
        say(
            "where they are one thing, say so: spellings: {{{dimension}: {{{names}}}}}",
            dimension=dimension,
            names=", ".join(names),
        )
        if names
        else say("empty the cells that hold blanks alone"),
        Severity.WARNING,
    )


def _help(value: str, known: set[str], spelt: set[str]) -> str:
    if spelt:
        return say("it is spelt {texts} here", texts=one_of(map(_seen, sorted(spelt))))
    if value.casefold() in _BLANKS:
        return say('a cell without anything in it is written "", and one with something {{not: ""}}')
    return did_you_mean(value, known) if known else ""


def _call_so(dimension: str, value: str, held: set[str]) -> str:
    texts = sorted(text for text in held if text)
    return say(
        "say which one it is, under the source: spellings: {{{dimension}: {{{value}: NAME}}}}; "
        "it has {texts} and {more} more"
        if len(texts) > MOST
        else "say which one it is, under the source: spellings: {{{dimension}: {{{value}: NAME}}}}; it has {texts}",
        dimension=dimension,
        value=value,
        texts=enumerated(map(_seen, texts[:MOST])),
        more=len(texts) - MOST,
    )


def _seen(text: str) -> Said:
    """A text in quotes, with what cannot be seen of it written out."""
    return quoted(seen(text)[1:-1])


def _using(plan: Plan, catalogue: Catalogue, waivers: tuple[Waiver, ...], only: Only) -> Iterator[tuple[str, ...]]:
    """The sources of each number of the plan that is filtered by *only*, and of each rule that a waiver with it is about."""
    found: dict[tuple[str, ...], None] = {}
    for asked in plan.sources.values():
        metrics = {tally.id for tally in asked.counted if only in tally.where} | asked.filters.get(only, frozenset())
        for metric in sorted(metrics):
            definition = catalogue.definitions[metric]
            assert isinstance(definition, MetricDefinition)  # noqa: S101  nothing else is read from sources
            found[tuple(source for source, _ in definition.columns)] = None
    waived = {waiver.goal for waiver in waivers if only in waiver.where}
    for goal in plan.goals:
        for rule in goal.kpi_rules if goal.goal.id in waived else ():
            found[rule.sources] = None
    yield from found

"""Goals with the windows of their rules as of a day, and what must be had of each source for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from goalkeeper.calendar import Unit
from goalkeeper.definitions import Catalogue
from goalkeeper.frames import Frame, frames, last_complete_day, nature
from goalkeeper.inputs import Splits, splits_of
from goalkeeper.meaning import Diagnosis, Goal, Meaning
from goalkeeper.planned import Plan, PlannedDiagnosis, PlannedGoal, PlannedRule, named_levels
from goalkeeper.problems import Problem
from goalkeeper.said import say
from goalkeeper.scope import Scope, leaves
from goalkeeper.settings import Settings
from goalkeeper.statements import Change, ChildRule, KpiRule
from goalkeeper.wanted import Wanted, contributing, sets_by_day


def plan(
    meaning: Meaning,
    catalogue: Catalogue,
    as_of: date,
    *,
    split: tuple[str, ...] = (),
    also: Iterable[tuple[str, Scope]] = (),
    beside: Iterable[Goal] = (),
    explaining: bool = False,
    trends: bool = False,
) -> tuple[Plan, list[Problem]]:
    """The plan of an evaluation as of a day.

    *split* are dimensions that the report breaks values down by, *also* are metrics and KPIs that are wanted besides.
    *beside* are goals that are not judged, but whose changes are held together with those that are.
    The segments that contributed to a change are read later, where it is asked what did; *explaining* asks at once.
    *trends* asks for the days of every rule, those of segments to be read later.
    """
    problems: list[Problem] = []
    goals = tuple(_goal(goal, meaning, catalogue, as_of, problems) for goal in meaning.goals)
    others = tuple(_goal(goal, meaning, catalogue, as_of, []) for goal in beside)
    wanted = Wanted()
    wanted.ask(goals, others, catalogue, as_of, split)
    if trends:
        wanted.ask_trends(goals, catalogue)
    for name, scope in also:
        wanted.numbers += leaves(catalogue, name, scope)
    sources = wanted.reductions(goals, catalogue, meaning.settings)
    for name, sets in sets_by_day(wanted.days_later, catalogue).items():
        sources[name] = replace(sources[name], later_days=tuple(sorted(sets.difference(sources[name].grain_sets))))
    for name, sets in contributing(goals, catalogue).items():
        told = sources[name].dimension_sets
        if explaining:
            sources[name] = replace(sources[name], dimension_sets=tuple(sorted({*told, *sets})))
        else:
            sources[name] = replace(sources[name], later=tuple(sorted(sets.difference(told))))
    return Plan(as_of, meaning.settings, goals, sources, others), problems


def plans(
    meaning: Meaning, catalogue: Catalogue, days: Sequence[date], *, beside: Iterable[Goal] = ()
) -> tuple[list[Plan], list[Problem]]:
    """The plans of evaluations as of many days, which share what must be had of the sources: each is read once for all.

    Nothing is planned for reports: no diagnoses, no contributions, and how sure or likely something is only where a
    rule is decided by it.
    """
    problems: dict[Problem, None] = {}
    proving = any(rule.evidence.require for goal in (*meaning.goals, *beside) for rule in _kpi_rules(goal))
    outlines, others = (
        [_outline(goal, catalogue, deciding=True, proving=proving) for goal in some]
        for some in (meaning.goals, tuple(beside) if proving else ())
    )
    wanted, seen = Wanted(), set[tuple[str, int, Frame]]()
    asked: list[PlannedGoal] = []
    found: list[tuple[date, tuple[PlannedGoal, ...], tuple[PlannedGoal, ...]]] = []
    for as_of in days:
        said: list[Problem] = []
        goals = tuple(_framed(goal, meaning.settings, catalogue, as_of, said) for goal in outlines)
        unseen = tuple(_framed(goal, meaning.settings, catalogue, as_of, []) for goal in others)
        new, new_beside = ([_unseen(goal, seen) for goal in some] for some in (goals, unseen))
        wanted.ask(new, new_beside, catalogue, as_of)
        asked += new
        problems |= dict.fromkeys(said)
        found.append((as_of, goals, unseen))
    sources = wanted.reductions(asked, catalogue, meaning.settings)
    return [Plan(as_of, meaning.settings, goals, sources, unseen) for as_of, goals, unseen in found], list(problems)


def _unseen(goal: PlannedGoal, seen: set[tuple[str, int, Frame]]) -> PlannedGoal:
    """The goal with the frames that no day before had; one that is not over for good is looked at on each day."""
    planned: list[PlannedRule | ChildRule] = []
    for number, rule in enumerate(goal.rules):
        if isinstance(rule, PlannedRule):
            new = [f for f in rule.frames if not f.for_good or (goal.goal.id, number, f) not in seen]
            seen.update((goal.goal.id, number, frame) for frame in new)
            planned.append(replace(rule, frames=tuple(new)))
        else:
            planned.append(rule)
    return replace(goal, rules=tuple(planned))


def _kpi_rules(goal: Goal) -> Iterator[KpiRule]:
    return (rule for rule in goal.rules if isinstance(rule, KpiRule))


def _goal(goal: Goal, meaning: Meaning, catalogue: Catalogue, as_of: date, problems: list[Problem]) -> PlannedGoal:
    found = _framed(_outline(goal, catalogue), meaning.settings, catalogue, as_of, problems)
    rules = [rule for rule in found.kpi_rules if rule.frames]
    diagnoses = (_diagnosis(diagnosis, rules, catalogue) for diagnosis in meaning.diagnoses)
    return replace(found, diagnoses=tuple(one for one in diagnoses if one is not None))


def _outline(goal: Goal, catalogue: Catalogue, *, deciding: bool = False, proving: bool = False) -> PlannedGoal:
    """The goal without its frames: what is the same on every day.

    *deciding*: how much days vary is asked only where it decides; where some rule is *proving*, of all changes.
    """
    planned: list[PlannedRule | ChildRule] = []
    for rule in goal.rules:
        if isinstance(rule, ChildRule):
            planned.append(rule)
            continue
        sources = tuple(catalogue.sources_of(rule.kpi))
        change = isinstance(rule.ask, Change)
        told = change and not rule.by and not deciding
        splits = splits_of(catalogue, rule.kpi, sources, rule.where) if told else Splits()
        tables = {name: [catalogue.tables[s] for s in catalogue.sources_of(name)] for name in named_levels(rule)}
        whole = frozenset(name for name, of in tables.items() if any(table.grain is not Unit.DAY for table in of))
        spreads = not deciding or rule.pace.by_chance or (change and proving)
        kind = nature(catalogue, rule.kpi)
        planned.append(PlannedRule(rule, kind, (), sources, goal.calendar, splits, whole, spreads))
    return PlannedGoal(goal, tuple(planned))


def _framed(
    goal: PlannedGoal, settings: Settings, catalogue: Catalogue, as_of: date, problems: list[Problem]
) -> PlannedGoal:
    """The goal with the frames of its rules as of a day."""
    planned: list[PlannedRule | ChildRule] = []
    for rule in goal.rules:
        if isinstance(rule, PlannedRule):
            last = last_complete_day(catalogue, rule.rule.kpi, as_of, settings.calendar)
            found = tuple(frames(rule.rule, goal.goal, rule.nature, last, problems))
            planned.append(replace(rule, frames=found))
        else:
            planned.append(rule)
    return PlannedGoal(goal.goal, tuple(planned))


def _diagnosis(diagnosis: Diagnosis, rules: Sequence[PlannedRule], catalogue: Catalogue) -> PlannedDiagnosis | None:
    """A diagnosis over the days and segments of the goal's first rule about one of its KPIs.

    Else of the first whose KPI is made of one, or that one is made of; None where there is no such rule, or nothing to
    see of it yet.
    """
    names = {read.name for read in diagnosis.when.reads}
    parts = {part for name in names for part in catalogue.parts_of(name)}
    about = [rule for rule in rules if rule.rule.kpi in names]
    about += [rule for rule in rules if names & catalogue.parts_of(rule.rule.kpi)]
    about += [rule for rule in rules if rule.rule.kpi in parts]
    if not about or not about[0].frames[-1].elapsed:
        return None
    scope = about[0].value_scope(about[0].frames[-1])
    planned = PlannedDiagnosis(diagnosis, scope, about[0].sources)
    return replace(planned, unreadable=_untold(planned, catalogue))


def _untold(planned: PlannedDiagnosis, catalogue: Catalogue) -> str | None:
    """Why the numbers of a diagnosis cannot be had for its segments and filters: a source does not tell them apart."""
    for name, scope in planned.looks():
        for metric, at in leaves(catalogue, name, scope):
            for source, _ in metric.columns:
                table = catalogue.tables[source]
                missing = next((one for one in at.dimensions if not table.is_dimension(one)), None)
                if missing is not None:
                    return say(
                        "'{metric}' is not told by {dimension}: '{source}' has no such dimension",
                        metric=metric.id,
                        dimension=missing,
                        source=source,
                    )
    return None

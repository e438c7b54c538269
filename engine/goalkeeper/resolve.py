"""Goals as written to goals as meant: periods found, names known, rules understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from goalkeeper import model, model_rules
from goalkeeper.annotations import annotations_of
from goalkeeper.calendar import Unit
from goalkeeper.definitions import Catalogue, Only, filter_of, without_times
from goalkeeper.filters import day_problems, places_of
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.formula_units import formula_unit
from goalkeeper.kpi_units import given_of
from goalkeeper.meaning import Diagnosis, Goal, Meaning, Waiver
from goalkeeper.periods import apart, baseline_before, calendar_of, day_of, excluded_days, period_of
from goalkeeper.problems import Problem, Related, Span, did_you_mean, enough
from goalkeeper.project import Placed, Project
from goalkeeper.reading import Inherited, Said, read_rule
from goalkeeper.report import report_of
from goalkeeper.said import say
from goalkeeper.settings import Settings, settings_of
from goalkeeper.statements import All, AtLeast, ChildRule, KpiRule, Rollup, Rule, read_rollup
from goalkeeper.times import misplaced
from goalkeeper.together import children, too_many_windows, unfit_children
from goalkeeper.unknown import unknown, use_problem
from goalkeeper.verdict import WaiverNote

ID = re.compile(r"[A-Za-z0-9_-]+")
"""Ids of goals and diagnoses stand in commands, waivers and reports."""
OF_WHOLE_GOALS = frozenset({"GK401", "GK402", "GK403", "GK405", "GK406"})
"""What can only be said of a goal that is read as a whole: what it lacks may be in a part that is left out."""


def resolve(project: Project, catalogue: Catalogue) -> tuple[Meaning, list[Problem]]:
    """What *project* means over the names of *catalogue*, and what is wrong with it."""
    problems: list[Problem] = []
    settings = settings_of(project, problems)
    goals = tuple(_goals(project, catalogue, settings, problems))
    if len(goals) < len(list(project.goals())):
        project = replace(project, lost=project.lost | {"goals"})
    problems += too_many_windows(goals)
    if "goals" not in project.lost:
        problems += unfit_children(goals)
    diagnoses = tuple(_diagnoses(project, catalogue, problems))
    waivers = tuple(_waivers(project, goals, problems))
    annotations = tuple(annotations_of(project, problems))
    roots = len(goals) - len(children(goals))
    if "goals" not in project.lost and isinstance(settings.gate, AtLeast) and goals and settings.gate.count > roots:
        place = project.settings.at("gate")
        message = say(
            "the gate asks for {wanted} goals, and there are {count}", wanted=settings.gate.count, count=roots
        )
        problems.append(Problem("GK406", message, place))
    report = report_of(project, catalogue, problems)
    places: dict[Only, Mapping[str, Span]] = {}
    for placed in _filtered(project):
        places |= places_of(placed.written.where, placed)
        problems += misplaced(placed.written.where, placed)
    return Meaning(settings, goals, diagnoses, waivers, places, annotations, report), problems


def _filtered(project: Project) -> Iterator[Placed[Any]]:
    """Everything with a `where` that picks segments."""
    yield from project.waivers()
    for placed in project.goals():
        yield placed
        yield from (rule for rule in _written_rules(placed, []) if isinstance(rule.written, model_rules.Options))


def _check_id(written: str, message: str, place: Span, problems: list[Problem]) -> None:
    if not ID.fullmatch(written):
        help_ = say("use letters a to z, digits, - and _, such as profitable-growth")
        problems.append(Problem("GK208", message, place, help_))


def _goals(project: Project, catalogue: Catalogue, settings: Settings, problems: list[Problem]) -> Iterator[Goal]:
    taken: dict[str, Span] = {}
    for placed in project.goals():
        if placed.written.id is None:
            continue
        place = placed.at("id")
        no_id = say("'{name}' cannot be the id of a goal", name=placed.written.id)
        _check_id(placed.written.id, no_id, place, problems)
        if placed.written.id in taken:
            related = (Related(say("first written here"), taken[placed.written.id]),)
            problems.append(
                Problem(
                    "GK207",
                    say("two goals have the id '{name}'", name=placed.written.id),
                    place,
                    say("give one another id"),
                    related=related,
                )
            )
        taken.setdefault(placed.written.id, place)
    ids = set(taken)
    before = len(problems)
    for placed in project.goals():
        if enough(problems, before, placed.at()):
            return
        found: list[Problem] = []
        goal = _goal(placed, catalogue, settings, ids, found)
        left_out = (placed.document.file, placed.path) in project.partial
        problems.extend(p for p in found if not left_out or p.code not in OF_WHOLE_GOALS)
        yield goal


def _goal(
    placed: Placed[model.Goal], catalogue: Catalogue, settings: Settings, ids: set[str], problems: list[Problem]
) -> Goal:
    goal = placed.written
    inherited = _inherited(placed, settings)
    rules: list[Rule] = []
    said: list[Said] = []
    read: list[tuple[Rule, Said]] = []
    kinds: list[str] = []
    for written in _written_rules(placed, problems):
        rule, about_period, found = read_rule(written, catalogue, inherited)
        problems.extend(found)
        said.append(about_period)
        kinds.append(_kind(written.written, rule))
        if rule is not None:
            rules.append(rule)
            read.append((rule, about_period))
    period = period_of(placed, said, kinds, settings.calendar, problems)
    calendar = calendar_of(goal, said, settings.calendar)
    excluded = excluded_days(placed, problems)
    without = apart(excluded)
    if period is not None:
        for rule, about_period in read:
            problems.extend(baseline_before(rule, about_period, period, calendar))
        period = replace(period, without=without)
        if period.days <= 0:
            message = say("no day of the period is left")
            problems.append(Problem("GK405", message, placed.at("exclude_days"), say("leave some in")))
    rollup: Rollup = All()
    try:
        rollup = read_rollup(goal.rollup)
    except ValueError as error:
        problems.append(Problem("GK210", str(error), placed.at("rollup")))
    if isinstance(rollup, AtLeast) and said and rollup.count > len(said):
        message = say(
            "the rollup asks for {wanted} rules, and the goal has {count}", wanted=rollup.count, count=len(said)
        )
        problems.append(Problem("GK406", message, placed.at("rollup")))
    children = [rule.goal for rule in rules if isinstance(rule, ChildRule)]
    said_first = rules[0].text if rules and not children else goal.id or " and ".join(children)
    name = goal.name or said_first or "goal"
    return Goal(
        goal.id or _slug(goal.name or (rules[0].text if rules else "goal"), ids),
        name,
        period,
        calendar,
        excluded,
        without,
        tuple(rules),
        rollup,
        goal.rollup,
        goal,
        placed.at(),
        day_of(goal.declared, placed.at("declared"), problems) if goal.declared else None,
    )


def _slug(name: str, taken: set[str]) -> str:
    slug = re.sub(r"[^\w]+", "-", name.lower().replace("%", " percent")).strip("-")[:60].strip("-") or "goal"
    unique, number = slug, 2
    while unique in taken:
        unique, number = f"{slug}-{number}", number + 1
    taken.add(unique)
    return unique


def _kind(written: Any, rule: Rule | None) -> str:
    """The kind of a rule; of one that does not read, as far as its words tell."""
    if rule is not None:
        return rule.kind
    text = written if isinstance(written, str) else getattr(written, "rule", "")
    return "keep" if str(text).lower().startswith("keep") or isinstance(written, model_rules.KeepRule) else "unknown"


def _written_rules(placed: Placed[model.Goal], problems: list[Problem]) -> list[Placed[Any]]:
    goal = placed.written
    if goal.rule is not None and goal.rules:
        message = say("'{key}' does not go with '{other}'", key="rule", other="rules")
        help_ = say("put it into the list of rules")
        problems.append(Problem("GK115", message, placed.at("rule", key=True), help_))
    if goal.rule is not None:
        return [Placed(goal.rule, placed.document, (*placed.path, "rule"))]
    if not goal.rules:
        problems.append(
            Problem(
                "GK403",
                say("the goal has no rules"),
                placed.at("rules", key=True) if "rules" in goal.model_fields_set else placed.at(),
                say("add rule: with a sentence such as increase conversions 15% in 3 months"),
            )
        )
    return [Placed(rule, placed.document, (*placed.path, "rules", n)) for n, rule in enumerate(goal.rules)]


def _inherited(placed: Placed[model.Goal], settings: Settings) -> Inherited:
    each = placed.written.each
    names = [each] if isinstance(each, str) else each or []
    units = [name for name in names if name in set(Unit)]
    dimensions = tuple(name for name in names if name not in set(Unit))
    return Inherited(
        Unit(units[0]) if units else None,
        dimensions,
        filter_of(placed.written.where),
        settings.on_missing,
        settings.calendar,
        _dimension_places(placed),
    )


def _dimension_places(placed: Placed[model.Goal]) -> dict[str, Span]:
    """Where the dimensions of a goal's `where` and `each` are written."""
    each = placed.written.each
    places = {d: placed.at("where", d, key=True) for d in without_times(placed.written.where)}
    if isinstance(each, str):
        return places | {each: placed.at("each")}
    return places | {name: placed.at("each", number) for number, name in enumerate(each or [])}


def _diagnoses(project: Project, catalogue: Catalogue, problems: list[Problem]) -> Iterator[Diagnosis]:
    before = len(problems)
    for placed in project.diagnoses():
        if enough(problems, before, placed.at()):
            return
        no_id = say("'{name}' cannot be the id of a diagnosis", name=placed.written.id)
        _check_id(placed.written.id, no_id, placed.at("id"), problems)
        parsed = parse_formula(placed.written.when)
        if not isinstance(parsed, Formula):
            problems.extend(placed.problems("when", parsed))
            continue
        for read in parsed.written_reads:
            place = placed.at("when", offset=read.offset, length=read.length)
            definition = catalogue.definitions.get(read.name)
            if definition is None and not catalogue.names.open:
                problems.append(unknown(read.name, place, catalogue.definitions, catalogue.tables, catalogue.withheld))
            elif problem := use_problem(read.name, definition, place):
                problems.append(problem)
        _, faults = formula_unit(parsed, lambda name: given_of(catalogue.definitions.get(name)))
        problems.extend(placed.problems("when", faults))
        problems.extend(day_problems(catalogue, placed, "when", parsed))
        yield _meant(placed.written, parsed)
    for placed in project.offers.diagnoses:
        parsed = parse_formula(placed.written.when)
        if isinstance(parsed, Formula) and _is_told(placed, parsed, catalogue):
            yield _meant(placed.written, parsed)


def _meant(written: model.Diagnosis, when: Formula) -> Diagnosis:
    return Diagnosis(written.id, when, written.say, tuple(written.causes), written.check)


def _is_told(placed: Placed[model.Diagnosis], when: Formula, catalogue: Catalogue) -> bool:
    """Whether the data has all that a diagnosis of a pack reads, in units that go together."""
    found = catalogue.definitions
    if any(read.name not in found or use_problem(read.name, found[read.name], None) for read in when.reads):
        return False
    if any(day_problems(catalogue, placed, "when", when)):
        return False
    return not formula_unit(when, lambda name: given_of(found.get(name)))[1]


def _waivers(project: Project, goals: Sequence[Goal], problems: list[Problem]) -> Iterator[Waiver]:
    by_id = {goal.id: goal for goal in goals}
    before = len(problems)
    for placed in project.waivers():
        if enough(problems, before, placed.at()):
            return
        waiver = placed.written
        goal = by_id.get(waiver.goal)
        if goal is None and "goals" in project.lost:
            continue
        if goal is None:
            ids = {g.id for g in goals if g.written.id}
            problems.append(
                Problem(
                    "GK209",
                    say("unknown goal '{goal}'", goal=waiver.goal),
                    placed.at("goal"),
                    did_you_mean(waiver.goal, ids) or say("give that goal an id:"),
                )
            )
            continue
        named = any(is_about(rule, str(waiver.rule)) for rule in goal.rules) or waiver.rule in set(_texts(goal))
        if waiver.rule is not None and not named and not project.partial:
            names = [rule.text for rule in goal.rules]
            problems.append(
                Problem(
                    "GK407",
                    say("goal '{goal}' has no rule '{rule}'", goal=goal.id, rule=waiver.rule),
                    placed.at("rule"),
                    did_you_mean(waiver.rule, names),
                )
            )
        elif not project.partial:
            problems += _unsplit(waiver, goal, placed)
        until = day_of(waiver.until, placed.at("until"), problems)
        if until is not None:
            note = WaiverNote(waiver.owner, waiver.reason, until, waiver.ticket)
            yield Waiver(waiver.goal, waiver.rule, filter_of(waiver.where), note, placed.at())


def _unsplit(waiver: model.Waiver, goal: Goal, placed: Placed[model.Waiver]) -> Iterator[Problem]:
    """Segments that a waiver speaks of, and by which no rule that it is about is judged."""
    rules = [rule for rule in goal.rules if waiver.rule is None or is_about(rule, waiver.rule)]
    by = {dimension for rule in rules if isinstance(rule, KpiRule) for dimension in rule.by}
    for dimension in waiver.where:
        if dimension not in by and rules:
            text = say("goal '{goal}' has no verdicts by {dimension}", goal=goal.id, dimension=dimension)
            near = did_you_mean(dimension, by) if by else ""
            cure = say("take the filter out, or judge the rule {text}", text=f"in each {dimension}")
            help_ = near or cure
            yield Problem("GK407", text, placed.at("where", dimension, key=True), help_)


def _texts(goal: Goal) -> Iterator[str | None]:
    """The sentences and KPIs of a goal's rules as written, of those too that do not read."""
    for rule in [goal.written.rule] if goal.written.rule is not None else goal.written.rules:
        yield rule if isinstance(rule, str) else getattr(rule, "rule", None) or getattr(rule, "kpi", None)


def is_about(rule: Rule, name: str) -> bool:
    """Whether a waiver that names *name* means this rule: by its sentence, or by its KPI."""
    return rule.text == name or (isinstance(rule, KpiRule) and rule.kpi == name)

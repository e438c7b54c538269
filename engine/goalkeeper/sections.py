"""The sections that a goal file asks its report to have, made of goals that are judged. They judge nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.channels import Ranking, ranking
from goalkeeper.columns import Missing, Why
from goalkeeper.definitions import Catalogue
from goalkeeper.frames import last_complete_day
from goalkeeper.known import LEVELS
from goalkeeper.measure import Measuring
from goalkeeper.model_base import Aspect
from goalkeeper.placement import level_of, place_of
from goalkeeper.planned import Plan
from goalkeeper.report import Report, is_volume
from goalkeeper.rollup import worst
from goalkeeper.said import enumerated, say
from goalkeeper.scope import Scope
from goalkeeper.scorecard import Channels, Group, Groups, PlannedLine, Said, Section, Volume, Worksheet
from goalkeeper.unknown import use_problem
from goalkeeper.verdict import GoalResult

QUESTIONS: Mapping[str, str] = {
    "reach": "awareness",
    "engage": "consideration",
    "inquire": "inquiry",
    "convert": "conversion",
}
"""The four questions of a campaign, each with the stage whose rules answer it."""
ASPECTS = get_args(Aspect)


class Sections(Struct, frozen=True):
    """The sections of a report, before their numbers are read."""

    report: Report
    catalogue: Catalogue
    """With what is worked out for sections alone."""
    window: Window | None
    """The days of their numbers, which all of them have in full; None before there are any."""
    volumes: Mapping[str, str | Missing]
    """For each stage of the funnel the count that stands for it, or why none does."""
    ranking: Ranking | None

    @classmethod
    def over(cls, report: Report, plan: Plan, catalogue: Catalogue) -> Sections:
        """The sections of *report* over a plan of its rules alone."""
        ranked = None
        if "channels" in report.sections:
            catalogue, ranked = ranking(catalogue, report.platforms)
        asked = report.stages if "stages" in report.sections else ()
        volumes = {stage.name: stage.volume or _volume(stage.name, plan, catalogue) for stage in asked}
        counted = [name for name in volumes.values() if isinstance(name, str)]
        returned = [ranked.basis.name] if ranked is not None and ranked.basis is not None else []
        return cls(report, catalogue, _days(plan, catalogue, [*counted, *returned]), volumes, ranked)

    def wanted(self) -> Iterator[tuple[str, Scope]]:
        """The numbers that have to be read besides those of the plan."""
        if self.window is not None:
            for name in self.volumes.values():
                if isinstance(name, str):
                    yield name, Scope(self.window)
            if self.ranking is not None:
                yield from self.ranking.wanted(self.window)

    def of(self, goals: Sequence[GoalResult], plan: Plan, measuring: Measuring) -> tuple[Section, ...]:
        """The sections with their numbers, in the order in which they are asked for."""
        measuring = Measuring(self.catalogue, measuring.numbers, measuring.reasons)
        periods = {planned.goal.id: planned.goal.period for planned in plan.goals}
        makers: dict[str, Callable[[], Section]] = {
            "questions": lambda: self._questions(goals),
            "stages": lambda: self._stages(goals, measuring),
            "levels": lambda: self._levels(goals),
            "aspects": lambda: self._aspects(goals),
            "channels": lambda: self._channels(measuring),
            "worksheet": lambda: _worksheet(goals, periods),
        }
        return tuple(makers[name]() for name in self.report.sections)

    def _questions(self, goals: Sequence[GoalResult]) -> Groups:
        rules = list(self._rules(goals))
        names = {stage: question for question, stage in QUESTIONS.items()}
        groups = [_group(question, [one for one in rules if one.stage == stage]) for stage, question in names.items()]
        return Groups("questions", (*groups, *_beside([one for one in rules if one.stage not in names])))

    def _stages(self, goals: Sequence[GoalResult], measuring: Measuring) -> Groups:
        rules = list(self._rules(goals))
        names = [stage.name for stage in self.report.stages]
        volumes = {name: self._counted(name, measuring) for name in names}
        groups = []
        for name, following in zip_longest(names, names[1:]):
            volume = volumes[name]
            if following is not None:
                volume = _going_on(volume, following, volumes[following])
            found = _group(name, [one for one in rules if one.stage == name])
            own = tuple(goal.id for goal in goals if goal.stage == name)
            groups.append(replace(found, goals=own, volume=volume))
        others = _beside([one for one in rules if one.stage not in names])
        return Groups("stages", (*groups, *others), self.window, tuple(self._lacking(measuring)))

    def _lacking(self, measuring: Measuring) -> Iterator[str]:
        """What the counts do not have."""
        if self.window is not None:
            for name in dict.fromkeys(self.volumes.values()):
                if isinstance(name, str):
                    for text in measuring.lacking(name, Scope(self.window)):
                        yield say("{name}: {text}", name=name, text=text)

    def _levels(self, goals: Sequence[GoalResult]) -> Groups:
        def level(name: str) -> str | None:
            found = level_of(self.catalogue, name)
            return None if found is None else LEVELS[found - 1]

        return self._by("levels", LEVELS, level, goals)

    def _aspects(self, goals: Sequence[GoalResult]) -> Groups:
        return self._by("aspects", ASPECTS, lambda name: place_of(self.catalogue, name).aspect, goals)

    def _by(
        self, section: str, names: Sequence[str], of: Callable[[str], str | None], goals: Sequence[GoalResult]
    ) -> Groups:
        rules = [(one, of(one.rule.kpi or "")) for one in self._rules(goals)]
        groups = [_group(name, [one for one, found in rules if found == name]) for name in names]
        rest = [one for one, found in rules if found is None]
        return Groups(section, (*groups, *([_group(None, rest)] if rest else [])))

    def _rules(self, goals: Sequence[GoalResult]) -> Iterator[Said]:
        """The rules about KPIs, each with its stage: that of its KPI, or else the one that its goal says."""
        for goal in goals:
            for rule in goal.rules:
                if rule.kpi is not None:
                    yield Said(goal.id, goal.name, rule, place_of(self.catalogue, rule.kpi).stage or goal.stage)

    def _counted(self, stage: str, measuring: Measuring) -> Volume:
        name = self.volumes[stage]
        if isinstance(name, Missing):
            return Volume(None, name)
        if self.window is None:
            return Volume(name, Missing(Why.NO_DATA, say("there are no days to look at yet")))
        return Volume(name, measuring.measure(name, Scope(self.window), ((),)).at(0, measuring.reasons))

    def _channels(self, measuring: Measuring) -> Channels:
        assert self.ranking is not None  # noqa: S101  it is asked for
        return self.ranking.read(self.window, measuring)


def _group(name: str | None, rules: Iterable[Said]) -> Group:
    found = tuple(rules)
    return Group(name, worst(one.rule.outcome for one in found) if found else None, found)


def _beside(rules: Sequence[Said]) -> Iterator[Group]:
    """Rules of other stages, by stage, and last those that have none: what is judged does not vanish."""
    for stage in dict.fromkeys(one.stage for one in rules if one.stage is not None):
        yield _group(stage, [one for one in rules if one.stage == stage])
    if rest := [one for one in rules if one.stage is None]:
        yield _group(None, rest)


def _going_on(volume: Volume, stage: str, following: Volume) -> Volume:
    """A count with the share of it that the next stage counts, where both have a number."""
    if following.name is None or isinstance(volume.value, Missing) or isinstance(following.value, Missing):
        return volume
    undefined = Missing(Why.UNDEFINED, say("'{name}' is {value:g}", name=volume.name, value=volume.value))
    share = following.value / volume.value if volume.value > 0 else undefined
    return replace(volume, next_stage=stage, next_name=following.name, share=share)


def _volume(stage: str, plan: Plan, catalogue: Catalogue) -> str | Missing:
    """The one count that has a stage: among those that the rules are about, or else among all that the data has."""
    judged = [rule.rule.kpi for rule in plan.kpi_rules]
    for names in (judged, catalogue.definitions):
        found = [name for name in dict.fromkeys(names) if _counts(name, stage, catalogue)]
        if len(found) == 1:
            return found[0]
        if found:
            detail = say(
                "several counts have it: {names}; say which: stages: [{{stage: {stage}, volume: {volume}}}]",
                names=enumerated(found),
                stage=stage,
                volume=found[0],
            )
            return Missing(Why.NOT_COMPARABLE, detail)
    return Missing(Why.NO_DATA, say("no count has it"))


def _counts(name: str, stage: str, catalogue: Catalogue) -> bool:
    usable = use_problem(name, catalogue.definitions[name], None) is None
    return usable and place_of(catalogue, name).stage == stage and is_volume(catalogue, name)


def _days(plan: Plan, catalogue: Catalogue, names: Sequence[str]) -> Window | None:
    """The days that most goals have seen of their periods, as far as the sources of *names* have them in full.

    Of several the latest, then the longest.
    """
    seen: Counter[Window] = Counter()
    for goal in plan.goals:
        windows = [frame.seen for rule in goal.kpi_rules for frame in rule.frames if frame.elapsed]
        if windows:
            first, last = min(window.first for window in windows), max(window.last for window in windows)
            seen[Window(first, last, goal.goal.without)] += 1
    if not seen:
        return None
    days = max(seen, key=lambda window: (seen[window], window.last, window.days))
    for name in names:
        days = days.until(last_complete_day(catalogue, name, plan.as_of, plan.settings.calendar))
    return days if days.days > 0 else None


def _worksheet(goals: Sequence[GoalResult], periods: Mapping[str, Window | None]) -> Worksheet:
    names = {goal.id: goal.name for goal in goals}
    lines = (
        PlannedLine(
            goal=goal.id,
            name=goal.name,
            outcome=goal.outcome,
            why=goal.why,
            measures=tuple(rule.title(names) for rule in goal.rules),
            sign_of_success=goal.sign_of_success,
            owner=goal.owner,
            declared=goal.declared,
            window=periods.get(goal.id),
        )
        for goal in goals
    )
    return Worksheet(tuple(lines))

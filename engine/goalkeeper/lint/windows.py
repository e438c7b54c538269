"""Advice on the days that goals look at: special times on one side alone, and goals that share their days and rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.annotations import Annotation
from goalkeeper.calendar import Window
from goalkeeper.definitions import Filter, Only, is_pattern, matches
from goalkeeper.frames import baseline_of
from goalkeeper.lint.meant import Meant, advise, kpi_rules
from goalkeeper.meaning import Goal
from goalkeeper.problems import Problem, Related
from goalkeeper.said import Said, say
from goalkeeper.scope import Scope, leaves
from goalkeeper.statements import Change, Keep, KpiRule, ToLevel
from goalkeeper.words import fold


def special_times(meant: Meant) -> Iterator[Problem]:
    """GK510: an annotation falls into the baseline or into the period, and its like into the other one does not."""
    for _, goal in meant.goals:
        said: set[tuple[str, Annotation]] = set()
        for rule in kpi_rules(goal):
            if goal.period is None or rule.each is not None or not _measures_baseline(rule):
                continue
            baseline = baseline_of(rule, goal, goal.period)
            for there, here, where in ((baseline, goal.period, "baseline"), (goal.period, baseline, "period")):
                for annotation in _alone(meant.meaning.annotations, there, here):
                    if (where, annotation) in said:
                        continue
                    said.add((where, annotation))
                    yield advise(
                        "GK510",
                        say(
                            "'{event}' falls into the baseline ({days}) and not into the period"
                            if where == "baseline"
                            else "'{event}' falls into the period ({days}) and not into the baseline",
                            event=annotation.say,
                            days=there,
                        ),
                        rule.location,
                        say(
                            "compare with a time that is like it, such as versus same period last year, "
                            "or take the days out with exclude_days"
                        ),
                        Related(say("noted here"), annotation.location),
                    )


def _measures_baseline(rule: KpiRule) -> bool:
    match rule.ask:
        case Change(_, ToLevel(_, start)):
            return start is None
        case Change():
            return True
        case _:
            return False


def _alone(annotations: tuple[Annotation, ...], there: Window, here: Window) -> Iterator[Annotation]:
    """The annotations of one window whose like the other one does not have."""
    like = {_kind(a.say) for a in annotations if _days_in(here, a.window) > 0}
    yield from (a for a in annotations if _days_in(there, a.window) > 0 and _kind(a.say) not in like)


def _kind(text: str) -> str:
    """What an annotation is about: Nowruz of one year is like that of another."""
    return fold(re.sub(r"[\d۰-۹]+", "", text))


def _days_in(window: Window, part: Window) -> int:
    """How many days of *part* count in *window*."""
    return replace(window, first=max(window.first, part.first), last=min(window.last, part.last)).days


class _Work(Struct, frozen=True):
    """What a rule that asks for movement is about: whose days, and which rows of which columns."""

    goal: Goal
    rule: KpiRule
    period: Window
    reads: tuple[tuple[str, frozenset[tuple[str, str | None]], Filter], ...]
    """Each metric with its columns by source, and the filter on their rows."""


def overlaps(meant: Meant) -> Iterator[Problem]:
    """GK511: two goals want the same numbers to move in the same days, so that neither can claim the movement."""
    before: list[_Work] = []
    for _, goal in meant.goals:
        own = list(_works(meant, goal))
        yield from _shared(meant, goal, own, before)
        before += own


def _shared(meant: Meant, goal: Goal, own: list[_Work], before: list[_Work]) -> Iterator[Problem]:
    found: dict[str, tuple[_Work, _Work, str]] = {}
    for work in own:
        for earlier in before:
            other = earlier.goal.id
            if other in found or other in meant.parents[goal.id] or goal.id in meant.parents[other]:
                continue
            metric = _common(work, earlier)
            if metric is not None:
                found[other] = (work, earlier, metric)
    if found:
        work, _, metric = next(iter(found.values()))
        places = [Related(_as_does(earlier.goal.name), earlier.rule.location) for _, earlier, _ in found.values()]
        yield advise(
            "GK511",
            say(
                "the goal claims '{metric}' of the same days and rows as another: which of them moved it cannot be told",
                metric=metric,
            ),
            work.rule.location,
            say("give each a where: of its own, make one a rule of the other, or read both as one"),
            *places,
        )


@lru_cache(maxsize=4096)  # a goal that many others overlap is named by each of them
def _as_does(goal: str) -> Said:
    return say("as does '{goal}'", goal=goal)


def _works(meant: Meant, goal: Goal) -> Iterator[_Work]:
    for rule in kpi_rules(goal):
        if goal.period is None or isinstance(rule.ask, Keep):
            continue
        found = leaves(meant.catalogue, rule.kpi, Scope(goal.period, rule.where, (), goal.calendar))
        reads = tuple(
            (metric.id, frozenset(metric.columns) or frozenset({("", metric.id)}), (*scope.where, *metric.where))
            for metric, scope in found
        )
        yield _Work(goal, rule, goal.period, reads)


def _common(one: _Work, other: _Work) -> str | None:
    """A metric of both rules that the same rows may count for."""
    if one.period.first > other.period.last or other.period.first > one.period.last:
        return None
    for name, columns, where in one.reads:
        for _, others, elsewhere in other.reads:
            if columns & others and not any(_apart(a, b) for a in where for b in elsewhere):
                return name
    return None


def _apart(one: Only, other: Only) -> bool:
    """Whether no row can pass both filters, as far as their texts tell."""
    if one.dimension != other.dimension or (one.negated and other.negated):
        return False
    if one.negated or other.negated:
        wanted, refused = (other, one) if one.negated else (one, other)
        return not any(matches(refused, value) for value in wanted.values)
    return not any(_may_meet(a, b) for a in one.values for b in other.values)


def _may_meet(one: str, other: str) -> bool:
    """Whether two values or patterns may mean the same value; two patterns always may."""
    both = is_pattern(one) and is_pattern(other)
    return both or fnmatchcase(one, other) or fnmatchcase(other, one)

"""Advice on what goals are judged by: KPIs that flatter, that do not say what they are, or that miss the point."""

from __future__ import annotations

import re
from collections.abc import Iterator

from goalkeeper.breaks import RETIRED
from goalkeeper.definitions import KpiDefinition, labels_of
from goalkeeper.lint.meant import Meant, advise, kpi_rules, quoted
from goalkeeper.meaning import Goal
from goalkeeper.model import Kpi, Metric
from goalkeeper.problems import Problem
from goalkeeper.project import Placed
from goalkeeper.said import say
from goalkeeper.words import fold

BARE_RATES = frozenset({"engagement_rate", "engagementrate", "eng_rate", "er"})
BARE_LABELS = frozenset({"engagement rate", "er", fold("نرخ تعامل")})

DISPLAYS = frozenset({"impressions", "views", "video_views", "plays", "post_impressions", "ad_impressions"})
"""Metrics that count how often something was shown, not to how many."""
_PEOPLE = re.compile(
    r"\b(?:reach(?! +[\d۰-۹])|people|persons|unique|individuals)\b|دسترسی|ریچ|افراد|نفر", re.IGNORECASE
)


def vanity_alone(meant: Meant) -> Iterator[Problem]:
    """GK504: every rule of the goal is about a KPI of level 1."""
    for _, goal in meant.goals:
        names = list(dict.fromkeys(rule.kpi for rule in kpi_rules(goal)))
        if names and all(meant.level_of(name) == 1 for name in names):
            yield advise(
                "GK504",
                say("the goal is judged by vanity KPIs alone: {names}", names=quoted(names)),
                next(kpi_rules(goal)).location,
                say(
                    "add a rule about what they lead to, such as shares, clicks, leads or sales; "
                    "level: says what a KPI is"
                ),
            )


def bare_engagement_rate(meant: Meant) -> Iterator[Problem]:
    """GK505: by reach, impressions, views or followers, one post has four engagement rates."""
    declared: dict[str, Placed[Kpi] | Placed[Metric]] = {**meant.project.metrics(), **meant.project.kpis()}
    for name, placed in declared.items():
        label = next((label for label in labels_of(placed.written.label) if fold(label) in BARE_LABELS), None)
        if name.lower() in BARE_RATES or label is not None:
            bare_id = name.lower() in BARE_RATES
            yield advise(
                "GK505",
                say("'{name}' does not say of what it is a rate", name=name if bare_id else label),
                placed.at(key=True) if bare_id else placed.at("label"),
                say("name it by what it is divided by, such as {name}", name=_named(meant, name)),
            )


def _named(meant: Meant, name: str) -> str:
    """A name for an engagement rate: by what its formula divides by, where that is one name."""
    definition = meant.catalogue.definitions[name]
    if isinstance(definition, KpiDefinition):
        found = re.search(r"/\s*([A-Za-z_]\w*)\s*(?:\*\s*\d+\s*)?$", definition.formula.text)
        if found:
            return f"er_by_{found[1]}"
    return say("er_by_reach or er_by_followers")


def impressions_for_reach(meant: Meant) -> Iterator[Problem]:
    """GK506: the goal's words speak of people, and its rules count how often something was shown."""
    for _, goal in meant.goals:
        rules = list(kpi_rules(goal))
        if rules and all(_counts_displays(meant, rule.kpi) for rule in rules) and (word := _speaks_of_people(goal)):
            yield advise(
                "GK506",
                say(
                    "the goal speaks of '{word}', and '{kpi}' counts how often, not how many",
                    word=word,
                    kpi=rules[0].kpi,
                ),
                rules[0].location,
                say("judge it by reach, which counts people; seen a hundred times by one person is 1"),
            )


def _counts_displays(meant: Meant, name: str) -> bool:
    metrics = [metric.id for metric in meant.catalogue.metrics_of(name)]
    return meant.catalogue.adds_up(name) and bool(metrics) and all(metric.lower() in DISPLAYS for metric in metrics)


def _speaks_of_people(goal: Goal) -> str | None:
    """The word of the goal's own texts that says that people are meant."""
    written = goal.written
    texts = (written.name, written.why, written.sign_of_success)
    found = (_PEOPLE.search(text) for text in texts if text)
    return next((one.group() for one in found if one), None)


def ended(meant: Meant) -> Iterator[Problem]:
    """GK519: a rule is about a metric that its platform no longer counts, while the goal still runs."""
    for _, goal in meant.goals:
        for rule in kpi_rules(goal):
            for metric in meant.catalogue.metrics_of(rule.kpi):
                # Where only some rows are of that platform, nobody knows which are meant.
                known = (touch.change for touch in metric.touches if touch.change.kind == RETIRED and not touch.where)
                change = next(known, None)
                if change is not None and (goal.period is None or goal.period.last >= change.first):
                    message = say(
                        "'{metric}' ended on {first}: {what}", metric=metric.id, first=change.first, what=change.what
                    )
                    cure = say("take {metric}", metric=change.instead) if change.instead else say("take another metric")
                    yield advise("GK519", message, rule.location, cure)

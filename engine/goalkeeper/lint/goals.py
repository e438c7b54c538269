"""Advice on goals as such: that they say why and until when, are few, and were agreed on before they began."""

from __future__ import annotations

import re
from collections.abc import Iterator

from goalkeeper import model
from goalkeeper.lint.meant import Meant, advise, kpi_rules
from goalkeeper.problems import Problem, Related, Span
from goalkeeper.project import Placed
from goalkeeper.quantity import format_quantity, latin_digits
from goalkeeper.said import say
from goalkeeper.statements import Change, ToLevel

MOST_GOALS = 3
MOST_RULES = 2


def without_why(meant: Meant) -> Iterator[Problem]:
    """GK501: neither the goal nor one that it is inside of says why. All of them are said in one."""
    saying = {goal.id for _, goal in meant.goals if goal.written.why}
    silent = [(placed, goal) for placed, goal in meant.goals if not saying & {goal.id, *meant.parents[goal.id]}]
    if silent:
        places = [_heading(placed) for placed, _ in silent]
        message = say(
            "the goal does not say why" if len(silent) == 1 else "{count} goals do not say why", count=len(silent)
        )
        others = [
            Related(say("nor does '{goal}'", goal=goal.name), place)
            for (_, goal), place in zip(silent[1:], places[1:], strict=True)
        ]
        yield advise("GK501", message, places[0], say("add why: with what it is good for, in a sentence"), *others)


def too_many_goals(meant: Meant) -> Iterator[Problem]:
    """GK502: more than three goals that are inside no other one."""
    main = [(placed, goal) for placed, goal in meant.goals if not meant.parents[goal.id]]
    if len(main) > MOST_GOALS:
        yield advise(
            "GK502",
            say("{count} main goals: more than {most} compete for attention", count=len(main), most=MOST_GOALS),
            _heading(main[MOST_GOALS][0]),
            say("put those that serve another goal under its rules, as {rule}", rule="{goal: ID}"),
        )


def too_many_rules(meant: Meant) -> Iterator[Problem]:
    """GK503: more than two rules decide a goal: its key rules, or without any all rules about KPIs."""
    for _, goal in meant.goals:
        rules = list(kpi_rules(goal))
        keys = [rule for rule in rules if rule.key]
        decide = keys or rules
        if len(decide) > MOST_RULES:
            yield advise(
                "GK503",
                say(
                    "{count} key rules decide the goal: one or two say what it is about"
                    if keys
                    else "{count} rules decide the goal: one or two say what it is about",
                    count=len(decide),
                ),
                decide[MOST_RULES].location,
                say("keep key: true for {count} of them", count=MOST_RULES)
                if keys
                else say("mark one or two as key: true; the others then only warn"),
            )


def on_trust(meant: Meant) -> Iterator[Problem]:
    """GK507: a change counts from a written number, and the goal does not mention where that comes from."""
    for _, goal in meant.goals:
        told = [text for text in (goal.written.why, goal.written.sign_of_success) if text]
        for rule in kpi_rules(goal):
            match rule.ask:
                case Change(_, ToLevel(_, start)) if start is not None:
                    number = format_quantity(start.value, start.unit)
                    if not any(_mentions(text, number) for text in told):
                        yield advise(
                            "GK507",
                            say(
                                "'{kpi}' counts from {number}, and nothing says where that comes from",
                                kpi=rule.kpi,
                                number=number,
                            ),
                            rule.location,
                            say(
                                "leave '{words}' out, so that it is measured; or say in why: where {number} is from",
                                words=f"from {number}",
                                number=number,
                            ),
                        )
                case _:
                    pass


def without_end(meant: Meant) -> Iterator[Problem]:
    """GK508: a goal that goes on for ever. Off by default: keeping a bound needs no end."""
    for placed, goal in meant.goals:
        if goal.period is None and any(kpi_rules(goal)):
            yield advise(
                "GK508",
                say("the goal has no end"),
                _heading(placed),
                say("give it a period: when is it looked at again?"),
            )


def declared_late(meant: Meant) -> Iterator[Problem]:
    """GK509: agreed on when its period had begun, so that part of the outcome was known."""
    for placed, goal in meant.goals:
        if goal.declared is not None and goal.period is not None and goal.declared > goal.period.first:
            days = (goal.declared - goal.period.first).days
            yield advise(
                "GK509",
                say(
                    "declared {days} day after its period began on {first}"
                    if days == 1
                    else "declared {days} days after its period began on {first}",
                    days=days,
                    first=goal.period.first,
                ),
                placed.at("declared"),
                say("let the period begin afterwards, or set the goal before the next one"),
            )


def _heading(placed: Placed[model.Goal]) -> Span:
    """What stands for a goal: its name, else its single rule, else its id."""
    written = placed.written
    for key in ("name", "rule", "id"):
        if isinstance(getattr(written, key), str):
            return placed.at(key)
    return placed.at()


def _mentions(text: str, number: str) -> bool:
    """Whether a text has a number in it, however its thousands are separated."""
    wanted = re.sub(r"[^\d.]", "", latin_digits(number))
    plain = re.sub(r"(?<=\d)[, _](?=\d{3})", "", latin_digits(text))
    return wanted in re.findall(r"\d+(?:\.\d+)?", plain)

"""Which verdicts turn: both sides judged over the data of the new one, as of the same day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from goalkeeper import api, arguments
from goalkeeper.diff.changes import Turn
from goalkeeper.diff.goals import Pair
from goalkeeper.diff.sides import Side
from goalkeeper.problems import Problem, ProblemsFound, errors
from goalkeeper.said import say
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import GoalResult


class Judged(Struct, frozen=True):
    """The verdicts that turn, or why they could not be compared."""

    as_of: date
    turns: tuple[Turn, ...] = ()
    unjudged: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What keeps the new side from being judged: an old side that does not go with the data is no fault of it."""


def judged(old: Side, new: Side, pairs: Sequence[Pair], as_of: date | str | None) -> Judged:
    """The verdicts that are not the same on both sides.

    The data is that of the new side for both, so that what turns is turned by the goal files alone.

    Raises:
        ProblemsFound: when *as_of* is no day.
    """
    day = arguments.day(as_of, new.meaning.settings.timezone)
    after, problems = _score(new, day)
    before, found = (None, list(old.apart)) if old.apart else _score(old, day)
    if before is None or after is None:
        sides = ((old, before, found), (new, after, problems))
        reasons = tuple(
            say("{side}: {why}", side=side.place.asked, why=_first(wrong))
            for side, card, wrong in sides
            if card is None
        )
        return Judged(day, (), reasons, tuple(problems))
    return Judged(day, tuple(_turns(before, after, pairs)))


def _score(side: Side, day: date) -> tuple[Scorecard | None, list[Problem]]:
    try:
        return api.score(side.project, as_of=day), []
    except ProblemsFound as stop:
        return None, [side.told(problem) for problem in errors(stop.problems)]


def _first(problems: Sequence[Problem]) -> str:
    if not problems:
        return say("it could not be judged")
    first, *others = problems
    return say("{problem}, and {count} more", problem=first.message, count=len(others)) if others else first.message


def _turns(old: Scorecard, new: Scorecard, pairs: Sequence[Pair]) -> Iterator[Turn]:
    if old.outcome is not new.outcome:
        yield Turn(None, None, old.outcome, new.outcome)
    before, after = ({goal.id: goal for goal in card.goals} for card in (old, new))
    for pair in pairs:
        yield from _goal(pair, before[pair.old.id], after[pair.new.id])
    both = {pair.old.id for pair in pairs}, {pair.new.id for pair in pairs}
    for name, goal in before.items():
        if name not in both[0]:
            yield Turn(name, None, goal.outcome, None)
    for name, goal in after.items():
        if name not in both[1]:
            yield Turn(name, None, None, goal.outcome)


def _goal(pair: Pair, old: GoalResult, new: GoalResult) -> Iterator[Turn]:
    if old.outcome is not new.outcome:
        yield Turn(new.id, None, old.outcome, new.outcome)
    was = {id(rule): result for rule, result in zip(pair.old.rules, old.rules, strict=True)}
    now = {id(rule): result for rule, result in zip(pair.new.rules, new.rules, strict=True)}
    for one, other in pair.rules:
        before, after = was[id(one)], now[id(other)]
        if before.outcome is not after.outcome:
            yield Turn(new.id, after.rule, before.outcome, after.outcome, before.standing, after.standing)
    for rule in pair.gone:
        before = was[id(rule)]
        yield Turn(new.id, before.rule, before.outcome, None, before.standing)
    for rule in pair.added:
        after = now[id(rule)]
        yield Turn(new.id, after.rule, None, after.outcome, None, after.standing)

"""Rules that were met with room for a while, and the tighter number that would still have been met. Nothing is edited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import isclose

from msgspec import Struct

from goalkeeper.history.trends import GoalTrend, RuleTrend, rule_looks
from goalkeeper.problems import Span
from goalkeeper.quantity import latin_digits, parse_quantity
from goalkeeper.units import PERCENT, POINTS
from goalkeeper.verdict import Outcome, State, Verdict

ROOM = 0.1
"""How far beyond its target, relative, each verdict must be."""
LOOKS = 4
"""So many looks in a row must say so, each over other days."""
DAYS = 28
"""The days that they must span."""

_MET = {State.ON_TRACK, State.MET, State.HOLDING}
_NUMBER = re.compile(r"(?<![\w.,/-])([€$£#]?\s?)(\d[\d,]*(?:\.\d+)?|\.\d+)(?=\s?%|\s|$|\s?[€$£])(\s?%|\s+points?\b)?")
_DIGITS = 2


class Suggestion(Struct, frozen=True):
    """A rule that could ask for more, and the number that every look since `since` would have met."""

    goal: str
    goal_name: str
    rule: str
    looks: int
    since: date
    until: date
    target: float
    """What is asked for at the latest look: a level, in the KPI's unit."""
    worst: float
    """The level that came nearest to its target."""
    projected: bool
    """Whether that is where its pace led to: its period was still running."""
    level: float
    """The tighter level."""
    unit: str | None
    sentence: str | None
    """The rule with its number changed; None where the number does not stand in its text."""
    location: Span | None


def suggestions(goals: Sequence[GoalTrend]) -> Iterator[Suggestion]:
    """What could be tightened, in the order of the rules.

    A rule is one of these where each verdict of its latest looks passed, with at least a tenth of its target to
    spare: at least four looks over different days, that span at least 28 days.
    """
    for goal in goals:
        for rule in goal.rules:
            found = None if rule.ended or rule.rule.child is not None else _suggestion(goal, rule)
            if found is not None:
                yield found


class _Met(Struct, frozen=True):
    """A verdict that was met: its target, and how far it came."""

    verdict: Verdict
    target: float
    came: float
    share: float
    """How much better than the target, relative to it."""
    days: tuple[date, int]
    """The end of its window, and how many of its days are over: the same looked at again is no new proof."""


def _suggestion(goal: GoalTrend, rule: RuleTrend) -> Suggestion | None:
    run: list[tuple[date, list[_Met]]] = []
    for as_of, verdicts in reversed(rule_looks(goal, rule)):
        met = [one for one in map(_met, verdicts) if one is not None]
        if len(met) < len(verdicts):
            break
        run.append((as_of, met))
    every = [one for _, met in run for one in met]
    days = {max(one.days for one in met) for _, met in run}
    if len(days) < LOOKS or (run[0][0] - run[-1][0]).days < DAYS or len({_sign(one) for one in every}) > 1:
        return None
    worst = min(every, key=lambda m: m.share)
    last = min(run[0][1], key=lambda m: m.share)
    written = _written(rule.rule.rule, last)
    level, sentence = _tightened(every, worst, last, written, rule.rule.rule)
    if level is None or (level - last.target) * _sign(worst) <= 0 or isclose(level, last.target, rel_tol=1e-9):
        return None
    return Suggestion(
        goal=goal.goal.id,
        goal_name=goal.goal.name,
        rule=rule.rule.rule,
        looks=len(run),
        since=run[-1][0],
        until=run[0][0],
        target=last.target,
        worst=worst.came,
        projected=worst.came != worst.verdict.value,
        level=level,
        unit=last.verdict.unit,
        sentence=sentence,
        location=last.verdict.location,
    )


def _met(verdict: Verdict) -> _Met | None:
    """How far a verdict came, where it passed with room."""
    target = verdict.target
    if verdict.outcome is not Outcome.PASS or verdict.state not in _MET or verdict.window is None:
        return None
    projected = verdict.projection if verdict.state is not State.MET else None
    came = verdict.value if projected is None else projected
    if not isinstance(target, float) or not isinstance(came, float) or target <= 0:
        return None
    share = abs(came - target) / target
    days = (verdict.window.last, verdict.elapsed)
    return _Met(verdict, target, came, share, days) if share >= ROOM else None


def _sign(met: _Met) -> int:
    """1 where more than the target is better. It passed, so what it came to lies on the better side."""
    return 1 if met.came > met.target else -1


class _Written(Struct, frozen=True):
    """Where the number of a rule stands in its text, and what it is: a level, a share or an amount of the baseline."""

    start: int
    end: int
    what: str
    scale: float


def _written(text: str, met: _Met) -> _Written | None:
    """The one number of the text that says the target; None where there is none, or several could be it."""
    baseline = met.verdict.baseline
    meanings = {"level": met.target}
    if met.verdict.kind == "change" and isinstance(baseline, float):
        meanings = {"level": met.target, "amount": abs(met.target - baseline)}
        meanings |= {"share": abs(met.target / baseline - 1)} if baseline else {}
    found = []
    for token in _NUMBER.finditer(latin_digits(text)):
        in_percent = token[3] is not None
        value = parse_quantity(token[2]).value / (100 if in_percent else 1)
        for what, number in meanings.items():
            fits = met.verdict.unit in {PERCENT, POINTS} or what == "share" if in_percent else what != "share"
            points = in_percent and "point" in token[3]
            fits = fits and not (points and what != "amount") and not (in_percent and not points and what == "amount")
            if fits and isclose(value, number, rel_tol=1e-9):
                found.append(_Written(token.start(2), token.end(2), what, 100.0 if in_percent else 1.0))
    return found[0] if len(found) == 1 else None


def _tightened(
    every: Sequence[_Met], worst: _Met, last: _Met, written: _Written | None, text: str
) -> tuple[float | None, str | None]:
    """The tighter level, rounded so that all looks would have met it, and the sentence that asks for it."""
    sign = _sign(worst)
    levels = [met.came for met in every]
    if written is None or written.what == "level":
        scale = written.scale if written else 1.0
        number = _rounded((min(levels) if sign > 0 else max(levels)) * scale, up=sign < 0)
        level = float(number) / scale
    else:
        baselines = [(met, met.verdict.baseline) for met in every]
        known = [(met, base) for met, base in baselines if isinstance(base, float) and base > 0]
        before = last.verdict.baseline
        if len(known) < len(every) or not isinstance(before, float):
            return None, None
        shares = written.what == "share"
        changes = [abs(met.came - base) / (base if shares else 1.0) for met, base in known]
        number = _rounded(min(changes) * written.scale, up=False)
        change = float(number) / written.scale * (before if shares else 1.0)
        level = before + sign * change
    if written is None:
        return level, None
    return level, f"{text[: written.start]}{number:,f}{text[written.end :]}"


def _rounded(value: float, *, up: bool) -> Decimal:
    """*value* to two digits, never further than it is, nor exactly as far: a bound may be excluded."""
    exact = Decimal(f"{value:.12g}")
    step = Decimal(1).scaleb(exact.adjusted() - _DIGITS + 1)
    found = (exact / step).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * step
    if found == exact:
        found += step if up else -step
    return found.normalize() if found % 1 else Decimal(int(found))

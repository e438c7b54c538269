"""Which rules and outcomes the tests of goals reach: an outcome is reached where a test expects it, and it came."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from goalkeeper.definitions import Catalogue
from goalkeeper.meaning import Goal
from goalkeeper.statements import Keep, KpiRule
from goalkeeper.testing.comparison import Reached
from goalkeeper.testing.ground import Ground
from goalkeeper.testing.report import RuleCoverage
from goalkeeper.verdict import Outcome


def coverage_of(ground: Ground, reached: Collection[Reached]) -> Iterator[RuleCoverage]:
    """The coverage of the rules of a goal file."""
    for goal in ground.meaning.goals:
        for number, rule in enumerate(goal.rules):
            if isinstance(rule, KpiRule):
                outcomes = [str(outcome) for outcome in _outcomes_of(rule, goal, ground.catalogue)]
                seen = [outcome for outcome in outcomes if Reached(goal.id, number, outcome) in reached]
                yield RuleCoverage(goal.id, rule.text, tuple(outcomes), tuple(seen))


def _outcomes_of(rule: KpiRule, goal: Goal, catalogue: Catalogue) -> tuple[Outcome, ...]:
    """The outcomes that a rule can come to; waivers are none of its own."""
    approaches = not isinstance(rule.ask, Keep)
    # A Keep has no pace but where a lower bound on a sum is not reached yet.
    fills_up = rule.kpi not in catalogue.definitions or catalogue.adds_up(rule.kpi)
    paced = isinstance(rule.ask, Keep) and rule.ask.low is not None and goal.period is not None and fills_up
    warns = approaches or paced or rule.warn is not None or rule.on_missing == "warn"
    waits = approaches or goal.period is not None or bool(rule.min_sample)
    return (
        Outcome.PASS,
        *([Outcome.WARN] if warns else []),
        Outcome.FAIL,
        *([Outcome.PENDING] if waits else []),
        *([Outcome.INCONCLUSIVE] if rule.on_missing == "inconclusive" else []),
    )

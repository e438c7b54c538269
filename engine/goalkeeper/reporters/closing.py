"""Which rules keep the gate closed, so that a report is red where the pipeline is, and nowhere else."""

from __future__ import annotations

from goalkeeper.exits import EXIT_OPEN
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import GoalResult, Outcome, RuleResult


def closes(card: Scorecard, goal: GoalResult, rule: RuleResult) -> bool:
    """Whether *rule* of *goal* has a part in what keeps the gate closed.

    It has none where the gate is open, beside key rules, and where the goal, the goals it counts through or the gate
    come to something better all the same.
    """
    if card.exit_code == EXIT_OPEN or not _counts_fully(goal, rule):
        return False
    match rule.outcome:
        case Outcome.FAIL:
            return goal.key_failed or (card.outcome is Outcome.FAIL and _all_the_way(card, goal, {Outcome.FAIL}))
        case Outcome.INCONCLUSIVE:
            return _all_the_way(card, goal, {Outcome.FAIL, Outcome.INCONCLUSIVE})
        case Outcome.WARN:
            return card.outcome is Outcome.WARN and _all_the_way(card, goal, {Outcome.WARN})
        case _:
            return False


def _counts_fully(goal: GoalResult, rule: RuleResult) -> bool:
    """Whether a rule can do more than warn. A warning is one of any rule."""
    return rule.key or rule.outcome is Outcome.WARN or not any(other.key for other in goal.rules)


def _all_the_way(card: Scorecard, goal: GoalResult, outcomes: set[Outcome]) -> bool:
    """Whether a goal came to one of *outcomes*, and one of the goals that it counts through did."""
    if goal.outcome not in outcomes:
        return False
    above = [other for other in card.goals if any(rule.child == goal.id for rule in other.rules)]
    return not goal.child or any(_all_the_way(card, parent, outcomes) for parent in above)

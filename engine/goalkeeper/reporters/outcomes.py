"""How the outcomes are shown: by a sign, a word, a colour, and a sentence for the whole scorecard."""

from __future__ import annotations

from collections.abc import Mapping

from goalkeeper.reporters.layout import Style
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import SEVERITY, Outcome

SIGNS: Mapping[Outcome, str] = {
    Outcome.PASS: "✓",
    Outcome.WARN: "!",
    Outcome.FAIL: "✗",
    Outcome.PENDING: "·",
    Outcome.INCONCLUSIVE: "?",
    Outcome.WAIVED: "~",
}
STYLES: Mapping[Outcome, Style] = {
    Outcome.PASS: Style.GOOD,
    Outcome.WARN: Style.WARN,
    Outcome.FAIL: Style.BAD,
    Outcome.PENDING: Style.DIM,
    Outcome.INCONCLUSIVE: Style.UNSURE,
    Outcome.WAIVED: Style.DIM,
}
HEADLINES: Mapping[Outcome, str] = {
    Outcome.PASS: "PASS",
    Outcome.WARN: "WARN",
    Outcome.FAIL: "FAIL",
    Outcome.PENDING: "PENDING",
    Outcome.INCONCLUSIVE: "INCONCLUSIVE",
    Outcome.WAIVED: "WAIVED",
}
_PAST: Mapping[Outcome, str] = {
    Outcome.FAIL: "failed",
    Outcome.INCONCLUSIVE: "could not be judged",
    Outcome.WARN: "warned",
    Outcome.PENDING: "pending",
    Outcome.PASS: "passed",
    Outcome.WAIVED: "waived",
}


def tally(card: Scorecard) -> str:
    """How many goals came to each outcome, the worst first: `1 failed, 2 passed`."""
    counts = card.counts
    return ", ".join(f"{counts[outcome]} {_PAST[outcome]}" for outcome in reversed(SEVERITY) if counts[outcome])


def ending(card: Scorecard) -> str:
    """What became of the gate, in a sentence."""
    judged = sum(card.counts.values())
    number = card.counts[card.outcome]
    goals = "goal" if judged == 1 else "goals"
    if not card.goals:
        return "Nothing was evaluated."
    match card.outcome:
        case Outcome.FAIL if any(goal.key_failed for goal in card.goals):
            return "Gate closed: a key rule failed."
        case Outcome.FAIL:
            return f"Gate closed: {number} of {judged} {goals} failed." if number else "Gate closed."
        case Outcome.INCONCLUSIVE:
            return f"Inconclusive: {number} of {judged} {goals} could not be judged."
        case Outcome.WARN:
            return (
                "Gate open" if card.exit_code == 0 else "Gate closed"
            ) + f", {number} of {judged} {goals} with a warning."
        case _:
            return "Gate open."

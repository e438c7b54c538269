"""How the outcomes are shown: by a sign, a word, a colour, and a sentence for the whole scorecard."""

from __future__ import annotations

from collections.abc import Mapping

from goalkeeper.languages import Shown, tr
from goalkeeper.quantity import format_number
from goalkeeper.reporters.layout import Style
from goalkeeper.reporters.safe import in_a_row, safe
from goalkeeper.said import say
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
    Outcome.PASS: say("PASS"),
    Outcome.WARN: say("WARN"),
    Outcome.FAIL: say("FAIL"),
    Outcome.PENDING: say("PENDING"),
    Outcome.INCONCLUSIVE: say("INCONCLUSIVE"),
    Outcome.WAIVED: say("WAIVED"),
}


def headline(outcome: Outcome) -> Shown:
    """An outcome in a word, with its sign."""
    return Shown(f"{SIGNS[outcome]} {safe(HEADLINES[outcome])}")


def word(outcome: Outcome) -> Shown:
    """An outcome in a word."""
    return tr("{outcome}", outcome=outcome)


def score_of(score: float | None) -> Shown:
    """A score out of 100, or that there is none."""
    return tr("no score") if score is None else tr("score {score} of 100", score=format_number(round(score, 1)))


def tally(card: Scorecard) -> Shown:
    """How many goals came to each outcome, the worst first: `1 failed, 2 passed`."""
    counts = card.counts
    return in_a_row(_counted(outcome, counts[outcome]) for outcome in reversed(SEVERITY) if counts[outcome])


def _counted(outcome: Outcome, count: int) -> Shown:
    match outcome:
        case Outcome.FAIL:
            return tr("{count} failed", count=count)
        case Outcome.INCONCLUSIVE:
            return tr("{count} could not be judged", count=count)
        case Outcome.WARN:
            return tr("{count} warned", count=count)
        case Outcome.PENDING:
            return tr("{count} pending", count=count)
        case Outcome.PASS:
            return tr("{count} passed", count=count)
        case Outcome.WAIVED:
            return tr("{count} waived", count=count)


def ending(card: Scorecard) -> Shown:
    """What became of the gate, in a sentence."""
    judged = sum(card.counts.values())
    number, one = card.counts[card.outcome], judged == 1
    if not card.goals:
        return tr("Nothing was evaluated.")
    match card.outcome:
        case Outcome.FAIL if any(goal.key_failed for goal in card.goals):
            return tr("Gate closed: a key rule failed.")
        case Outcome.FAIL if number:
            return tr(
                "Gate closed: {count} of 1 goal failed." if one else "Gate closed: {count} of {goals} goals failed.",
                count=number,
                goals=judged,
            )
        case Outcome.FAIL:
            return tr("Gate closed.")
        case Outcome.INCONCLUSIVE:
            return tr(
                "Inconclusive: {count} of 1 goal could not be judged."
                if one
                else "Inconclusive: {count} of {goals} goals could not be judged.",
                count=number,
                goals=judged,
            )
        case Outcome.WARN if card.exit_code == 0:
            return tr(
                "Gate open, {count} of 1 goal with a warning."
                if one
                else "Gate open, {count} of {goals} goals with a warning.",
                count=number,
                goals=judged,
            )
        case Outcome.WARN:
            return tr(
                "Gate closed, {count} of 1 goal with a warning."
                if one
                else "Gate closed, {count} of {goals} goals with a warning.",
                count=number,
                goals=judged,
            )
        case _:
            return tr("Gate open.")

"""What does not count, or could not be judged: waivers, days left out, and verdicts without an answer."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from goalkeeper.reporters import phrases
from goalkeeper.reporters.safe import apart
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import ExcludedNote, Outcome, Segment, WaiverNote


class Waived(Struct, frozen=True):
    """A verdict that does not count."""

    goal: str
    rule: str
    segment: Segment
    window: str
    state: str
    waiver: WaiverNote


class Unanswered(Struct, frozen=True):
    """Verdicts of a rule that came to no answer for the same reason."""

    goal: str
    rule: str
    outcome: Outcome
    state: str
    reason: str
    verdicts: int


class Standing(Struct, frozen=True):
    """All of it."""

    waived: tuple[Waived, ...]
    excluded: tuple[tuple[str, ExcludedNote], ...]
    unanswered: tuple[Unanswered, ...]
    idle: tuple[tuple[str, str, tuple[Segment, ...]], ...]

    def __bool__(self) -> bool:
        return bool(self.waived or self.excluded or self.unanswered or self.idle)


def standing(card: Scorecard) -> Standing:
    """What of a scorecard does not count or was not judged."""
    return Standing(
        tuple(
            Waived(goal.name, rule.rule, one.segment, apart(phrases.window_of(one)), phrases.state_of(one), one.waiver)
            for goal in card.goals
            for rule in goal.rules
            for one in rule.verdicts
            if one.waiver is not None
        ),
        tuple((goal.name, note) for goal in card.goals for note in goal.excluded),
        tuple(_unanswered(card)),
        tuple((goal.name, rule.rule, rule.idle) for goal in card.goals for rule in goal.rules if rule.idle),
    )


def _unanswered(card: Scorecard) -> Iterator[Unanswered]:
    for goal in card.goals:
        for rule in goal.rules:
            counted: dict[tuple[Outcome, str, str], int] = {}
            for one in rule.verdicts:
                if one.kind != "child" and one.outcome in {Outcome.INCONCLUSIVE, Outcome.PENDING}:
                    key = one.outcome, phrases.state_of(one), one.reasons[0] if one.reasons else ""
                    counted[key] = counted.get(key, 0) + 1
            for (outcome, state, reason), count in counted.items():
                yield Unanswered(goal.name, rule.rule, outcome, state, reason, count)

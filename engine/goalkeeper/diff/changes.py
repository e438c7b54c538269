"""What a change to goal files does: each change with its effect, and the verdicts that turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.problems import Problem, ProblemsFound, Span
from goalkeeper.verdict import Outcome, Verdict


class Effect(StrEnum):
    """What a change does to what is asked for."""

    LOOSENED = "loosened"
    REMOVED = "removed"
    """A goal or a rule is gone: what it asked for is asked for no more."""
    TIGHTENED = "tightened"
    ADDED = "added"
    CHANGED = "changed"
    """It asks for something else, and which of the two is more cannot be told from the files."""
    WORDING = "wording"
    """It judges nothing: names, reasons, owners, diagnoses, sections of the report."""


EASES = frozenset({Effect.LOOSENED, Effect.REMOVED})
"""The effects that `--fail-on loosened` stops at."""
MIRRORED = {
    Effect.LOOSENED: Effect.TIGHTENED,
    Effect.TIGHTENED: Effect.LOOSENED,
    Effect.REMOVED: Effect.ADDED,
    Effect.ADDED: Effect.REMOVED,
    Effect.CHANGED: Effect.CHANGED,
    Effect.WORDING: Effect.WORDING,
}
"""What each effect is when old and new change places."""


class Change(Struct, frozen=True):
    """One thing that differs. `what` is the key of the language that it stands under, or `target` or `bound`.

    `old` and `new` are in the author's words, None where there is nothing on that side.
    """

    effect: Effect
    what: str
    old: str | None
    new: str | None
    goal: str | None = None
    """The id of the goal, on the new side where it has one; None for what holds for the whole file."""
    rule: str | None = None
    note: str = ""
    """Why it has this effect, where that is not plain."""
    location: Span | None = None
    """Where it stands in the new file, or, for what is gone, in the old one."""


def between(
    effect: Effect,
    what: str,
    texts: Iterable[str | None],
    *,
    note: str = "",
    goal: str | None = None,
    location: Span | None = None,
) -> Change:
    """The change between two texts, the old and the new one."""
    old, new = texts
    return Change(effect, what, old, new, goal, None, note, location)


class Turn(Struct, frozen=True):
    """A goal or rule that comes to another outcome. An outcome is None on the side that does not have it.

    Both outcomes are of the same data and the same day, so that only the goal files can have turned them. The goal is
    None for the gate.
    """

    goal: str | None
    rule: str | None
    old: Outcome | None
    new: Outcome | None
    before: Verdict | None = None
    """For a rule: the verdict that stood for it."""
    after: Verdict | None = None


class Difference(Struct, frozen=True):
    """What changed from one side to the other, what eases first."""

    old: str
    new: str
    """What is compared, as it was asked for."""
    changes: tuple[Change, ...]
    as_of: date | None = None
    """The day of judging, None when verdicts were not compared."""
    turns: tuple[Turn, ...] = ()
    unjudged: tuple[str, ...] = ()
    """Why verdicts could not be compared, although that was asked for."""
    problems: tuple[Problem, ...] = ()
    """What keeps the new side from being judged."""

    @property
    def loosened(self) -> bool:
        """Whether less is asked for anywhere."""
        return any(change.effect in EASES for change in self.changes)

    @property
    def counts(self) -> dict[Effect, int]:
        """How many changes have each effect."""
        return {effect: sum(change.effect is effect for change in self.changes) for effect in Effect}


class SidesUnreadable(ProblemsFound):
    """Raised when a side cannot be read. `sides` holds what was asked for, with its problems, of each that cannot."""

    def __init__(self, sides: Sequence[tuple[str, Sequence[Problem]]]) -> None:
        self.sides = tuple(sides)
        super().__init__(problem for _, problems in sides for problem in problems)


def in_order(changes: Sequence[Change]) -> tuple[Change, ...]:
    """What eases first; inside of that goal by goal as they are written, and the whole file last."""
    ranks = list(Effect)
    goals = list(dict.fromkeys(change.goal for change in changes if change.goal is not None))
    places = {goal: place for place, goal in enumerate([*goals, None])}
    return tuple(sorted(changes, key=lambda change: (ranks.index(change.effect), places[change.goal])))


def of_rule(change: Change, goal: str, rule: str | None, location: Span | None) -> Change:
    """A change, told of a rule of a goal."""
    return replace(change, goal=goal, rule=rule, location=location)


def placed_at(change: Change, place: Span | None) -> Change:
    """A change, told of a place."""
    return replace(change, location=place)

"""What a change to goal files does, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from goalkeeper.diff.changes import Change, Difference, Effect, Turn
from goalkeeper.languages import Shown, shown, tr
from goalkeeper.reporters.layout import Page, Style, as_page, cells, sides, wrap
from goalkeeper.reporters.outcomes import STYLES
from goalkeeper.reporters.phrases import numbers_of
from goalkeeper.reporters.safe import apart, safe
from goalkeeper.reporters.safe import place as place_of
from goalkeeper.rollup import severity
from goalkeeper.said import enumerated, say
from goalkeeper.verdict import Outcome

TITLES = {
    Effect.LOOSENED: say("Loosened: less is asked for"),
    Effect.REMOVED: say("Removed"),
    Effect.TIGHTENED: say("Tightened: more is asked for"),
    Effect.ADDED: say("Added"),
    Effect.CHANGED: say("Changed: whether more or less is asked for cannot be told"),
    Effect.WORDING: say("Wording: judges nothing"),
}
COLORS = {
    Effect.LOOSENED: Style.BAD,
    Effect.REMOVED: Style.BAD,
    Effect.TIGHTENED: Style.GOOD,
    Effect.ADDED: Style.GOOD,
    Effect.CHANGED: Style.WARN,
    Effect.WORDING: Style.DIM,
}
FILE = say("the whole file")
NOTHING = say("nothing")
WORDS = {
    "goal": say("goal"),
    "rule": say("rule"),
    "bound": say("bound"),
}
"""What changed, where that is no key of the language."""


def render(found: Difference, *, width: int = 80, color: bool = False) -> str:
    """The changes by their effect, what eases first, then the verdicts that turn."""
    return as_page(_Page(width, color=color).lines(found))


def headline(found: Difference) -> str:
    """How many changes there are of each effect."""
    counts = [
        say("{count} {effect}", count=count, effect=effect)
        for effect, count in found.counts.items()
        if count and effect is not Effect.WORDING
    ]
    if counts:
        return shown(enumerated(counts))
    return tr("nothing but wording" if found.changes else "no difference")


def subject(change: Change) -> str:
    """The goal that a change is about, or the whole file."""
    return change.goal or FILE


def turned(turn: Turn) -> Shown:
    """What a turn is about, in words: `pass to fail`, `new: fail`, `was pass, now gone`."""
    if turn.old is None:
        return tr("new: {new}", new=turn.new)
    return tr("gone: was {old}", old=turn.old) if turn.new is None else tr("{old} to {new}", old=turn.old, new=turn.new)


def numbers(turn: Turn) -> str:
    """The numbers of the verdicts behind a turn, where there are any."""
    before, after = (numbers_of(verdict) if verdict is not None else "" for verdict in (turn.before, turn.after))
    if turn.old is None or turn.new is None or before == after:
        return after or before
    return tr("was {before}; is {after}", before=before, after=after) if before and after else before or after


def by_goal(turns: Sequence[Turn]) -> list[tuple[str | None, list[Turn]]]:
    """The turns of each goal, its own before those of its rules: the gate first, then goals from the worst on."""
    goals: dict[str | None, list[Turn]] = {}
    for turn in turns:
        goals.setdefault(turn.goal, []).append(turn)
    bad = {goal: max(severity(turn.new or Outcome.PASS) for turn in found) for goal, found in goals.items()}
    return sorted(goals.items(), key=lambda entry: (entry[0] is not None, -bad[entry[0]]))


def place(change: Change) -> str:
    """The file and line of a change."""
    return f"{change.location.file}:{change.location.line}" if change.location is not None else ""


class _Page(Page):
    def wrap(self, text: str, indent: str = "", later: str | None = None) -> Iterator[str]:
        yield from wrap(safe(text), self.width, indent, later)

    def lines(self, found: Difference) -> Iterator[str]:
        head = tr("{old} to {new}: {changes}", old=found.old, new=found.new, changes=headline(found))
        yield from self.painted(head, Style.BOLD)
        for effect, changes in groupby(found.changes, key=lambda change: change.effect):
            yield ""
            yield from self.painted(safe(TITLES[effect]), COLORS[effect], Style.BOLD)
            for about, alike in groupby(changes, key=subject):
                yield ""
                yield from self.painted(apart(about), Style.BOLD, indent="  ")
                for change in alike:
                    yield from self.change(change)
        yield from self.verdicts(found)

    def change(self, change: Change) -> Iterator[str]:
        what, only = WORDS.get(change.what, change.what), change.old or change.new
        whole = change.what in {"goal", "rule"} and (change.old is None or change.new is None)
        if whole:
            about = tr("{what}: {text}", what=what, text=only)
        else:
            about = _of_rule(what, change.rule) if change.rule else apart(what)
        yield from self.beside(about, "    ", place_of(change.location), Style.DIM)
        if not whole:
            told = tr("{old} -> {new}", old=change.old or NOTHING, new=change.new or NOTHING)
            yield from self.wrap(told, "      ")
        if change.note:
            yield from self.dim(safe(change.note), "      ")

    def verdicts(self, found: Difference) -> Iterator[str]:
        yield ""
        if found.as_of is None:
            yield from self.wrap(tr("Verdicts were not compared: --data judges both sides."))
            return
        if found.unjudged:
            yield self.paint(tr("Verdicts could not be compared"), Style.UNSURE, Style.BOLD)
            for reason in found.unjudged:
                yield from self.wrap(reason, "  - ", "    ")
            return
        if not found.turns:
            yield from self.wrap(tr("As of {day} no verdict turns.", day=found.as_of))
            return
        title = tr("Verdicts that turn as of {day}, on the data of {side}", day=found.as_of, side=found.new)
        yield from self.painted(title, Style.BOLD)
        for goal, turns in by_goal(found.turns):
            own = [turn for turn in turns if turn.rule is None]
            name = tr("the gate") if goal is None else apart(goal)
            yield from self.beside(name, "  ", turned(own[0]) if own else "", _style(own[0] if own else None))
            for turn in turns:
                if turn.rule is not None:
                    yield from self.beside(apart(turn.rule), "    ", turned(turn), _style(turn))
                    yield from self.wrap(numbers(turn), "      ")

    def beside(self, text: str, indent: str, right: str, style: Style) -> Iterator[str]:
        """A text, and what belongs to it at the right edge."""
        parts = list(wrap(safe(text), max(self.width - cells(indent) - cells(right) - 2, 10))) or [""]
        head = sides(indent + parts[0], right, self.width)
        yield head[: len(head) - len(right)] + self.paint(right, style)
        yield from (f"{indent}  {part}" for part in parts[1:])


def _of_rule(what: str, rule: str) -> Shown:
    """What changed of a rule."""
    return tr("target of: {rule}", rule=rule) if what == "target" else tr("{what} of: {rule}", what=what, rule=rule)


def _style(turn: Turn | None) -> Style:
    """How the outcome on the new side stands out."""
    return STYLES[turn.new] if turn is not None and turn.new is not None else Style.DIM

"""What a change to goal files does, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from goalkeeper.diff.changes import Change, Difference, Effect, Turn
from goalkeeper.reporters.layout import Page, Style, cells, sides, wrap
from goalkeeper.reporters.outcomes import STYLES
from goalkeeper.reporters.phrases import numbers_of
from goalkeeper.reporters.safe import safe
from goalkeeper.rollup import severity
from goalkeeper.verdict import Outcome

NARROWEST = 40
TITLES = {
    Effect.LOOSENED: "Loosened: less is asked for",
    Effect.REMOVED: "Removed",
    Effect.TIGHTENED: "Tightened: more is asked for",
    Effect.ADDED: "Added",
    Effect.CHANGED: "Changed: whether more or less is asked for cannot be told",
    Effect.WORDING: "Wording: judges nothing",
}
COLORS = {
    Effect.LOOSENED: Style.BAD,
    Effect.REMOVED: Style.BAD,
    Effect.TIGHTENED: Style.GOOD,
    Effect.ADDED: Style.GOOD,
    Effect.CHANGED: Style.WARN,
    Effect.WORDING: Style.DIM,
}
FILE = "the whole file"
NOTHING = "nothing"


def render(found: Difference, *, width: int = 80, color: bool = False) -> str:
    """The changes by their effect, what eases first, then the verdicts that turn."""
    page = _Page(max(width, NARROWEST), color=color)
    return "\n".join(line.rstrip() for line in page.lines(found)) + "\n"


def headline(found: Difference) -> str:
    """How many changes there are of each effect."""
    counts = [f"{count} {effect}" for effect, count in found.counts.items() if count and effect is not Effect.WORDING]
    if counts:
        return ", ".join(counts)
    return "nothing but wording" if found.changes else "no difference"


def subject(change: Change) -> str:
    """The goal that a change is about, or the whole file."""
    return change.goal or FILE


def turned(turn: Turn) -> str:
    """What a turn is about, in words: `pass to fail`, `new: fail`, `was pass, now gone`."""
    if turn.old is None:
        return f"new: {turn.new}"
    return f"gone: was {turn.old}" if turn.new is None else f"{turn.old} to {turn.new}"


def numbers(turn: Turn) -> str:
    """The numbers of the verdicts behind a turn, where there are any."""
    before, after = (numbers_of(verdict) if verdict is not None else "" for verdict in (turn.before, turn.after))
    if turn.old is None or turn.new is None or before == after:
        return after or before
    return f"was {before}; is {after}" if before and after else before or after


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
        for line in self.wrap(f"{found.old} to {found.new}: {headline(found)}"):
            yield self.paint(line, Style.BOLD)
        for effect, changes in groupby(found.changes, key=lambda change: change.effect):
            yield ""
            for line in self.wrap(TITLES[effect]):
                yield self.paint(line, COLORS[effect], Style.BOLD)
            for about, alike in groupby(changes, key=subject):
                yield ""
                for line in self.wrap(about, "  "):
                    yield self.paint(line, Style.BOLD)
                for change in alike:
                    yield from self.change(change)
        yield from self.verdicts(found)

    def change(self, change: Change) -> Iterator[str]:
        if change.what in {"goal", "rule"} and (change.old is None or change.new is None):
            about = f"{change.what}: {change.old or change.new}"
        else:
            about = f"{change.what} of: {change.rule}" if change.rule else change.what
        yield from self.beside(about, "    ", safe(place(change)), Style.DIM)
        if about != f"{change.what}: {change.old or change.new}":
            yield from self.wrap(f"{change.old or NOTHING} -> {change.new or NOTHING}", "      ")
        if change.note:
            for line in self.wrap(change.note, "      "):
                yield self.paint(line, Style.DIM)

    def verdicts(self, found: Difference) -> Iterator[str]:
        yield ""
        if found.as_of is None:
            yield from self.wrap("Verdicts were not compared: --data judges both sides.")
            return
        if found.unjudged:
            yield self.paint("Verdicts could not be compared", Style.UNSURE, Style.BOLD)
            for reason in found.unjudged:
                yield from self.wrap(reason, "  - ", "    ")
            return
        if not found.turns:
            yield from self.wrap(f"As of {found.as_of} no verdict turns.")
            return
        for line in self.wrap(f"Verdicts that turn as of {found.as_of}, on the data of {found.new}"):
            yield self.paint(line, Style.BOLD)
        for goal, turns in by_goal(found.turns):
            own = [turn for turn in turns if turn.rule is None]
            name = "the gate" if goal is None else goal
            yield from self.beside(name, "  ", turned(own[0]) if own else "", _style(own[0] if own else None))
            for turn in turns:
                if turn.rule is not None:
                    yield from self.beside(turn.rule, "    ", turned(turn), _style(turn))
                    yield from self.wrap(numbers(turn), "      ")

    def beside(self, text: str, indent: str, right: str, style: Style) -> Iterator[str]:
        """A text, and what belongs to it at the right edge."""
        parts = list(wrap(safe(text), max(self.width - cells(indent) - cells(right) - 2, 10))) or [""]
        head = sides(indent + parts[0], right, self.width)
        yield head[: len(head) - len(right)] + self.paint(right, style)
        yield from (f"{indent}  {part}" for part in parts[1:])


def _style(turn: Turn | None) -> Style:
    """How the outcome on the new side stands out."""
    return STYLES[turn.new] if turn is not None and turn.new is not None else Style.DIM

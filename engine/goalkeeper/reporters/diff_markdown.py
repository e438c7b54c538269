"""What a change to goal files does, as Markdown for the comment of a pull request.

What people wrote stands in code spans: there no link, mention, picture or HTML comes to life.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from goalkeeper.diff.changes import EASES, Change, Difference, Effect, Turn
from goalkeeper.languages import Shown, shown, tr
from goalkeeper.reporters.defused import defused, fence_for
from goalkeeper.reporters.diff import FILE, NOTHING, WORDS, by_goal, headline, numbers, place, turned
from goalkeeper.reporters.diff import TITLES as PLAIN_TITLES
from goalkeeper.reporters.inert import quiet
from goalkeeper.reporters.markdown import turned as turned_around
from goalkeeper.reporters.safe import safe
from goalkeeper.said import enumerated


def render(found: Difference) -> str:
    """The comment: what eases first, what judges nothing folded away."""
    return turned_around("\n".join(_lines(found)) + "\n")


def _lines(found: Difference) -> Iterator[str]:
    yield f"### {tr('Goals: {changes}', changes=headline(found))}"
    yield ""
    yield tr("From {old} to {new}.", old=_code(found.old), new=_code(found.new))
    for effect, changes in groupby(found.changes, key=lambda change: change.effect):
        folded = effect is Effect.WORDING
        title = shown(PLAIN_TITLES[effect])
        yield ""
        if folded:
            yield f"<details><summary>{title}</summary>"
        else:
            yield f"**{title}**" if effect in EASES else title
        yield ""
        yield from (_change(change) for change in changes)
        if folded:
            yield ""
            yield "</details>"
    yield ""
    yield from _verdicts(found)


def _change(change: Change) -> str:
    about = _code(change.goal) if change.goal is not None else shown(FILE)
    if change.what in {"goal", "rule"} and (change.old is None or change.new is None):
        told = tr("{what} {text}", what=WORDS[change.what], text=_code(change.old or change.new or ""))
    else:
        told = _from_to(change)
    if change.note:
        told = tr("{change} ({note})", change=told, note=defused(change.note))
    where = f" · {_code(place(change))}" if change.location is not None else ""
    return f"- {tr('{about}: {change}', about=about, change=told)}{where}"


def _from_to(change: Change) -> Shown:
    """What changed, from what to what."""
    name, _, entry = change.what.partition(": ")
    what = tr("{what} {text}", what=name, text=_code(entry)) if entry else _code(WORDS.get(name, name))
    old, new = (_code(text) if text else shown(NOTHING) for text in (change.old, change.new))
    if change.rule and change.what == "target":
        return tr("`target` of {rule}: {old} → {new}", rule=_code(change.rule), old=old, new=new)
    if change.rule:
        return tr("{what} of {rule}: {old} → {new}", what=what, rule=_code(change.rule), old=old, new=new)
    return tr("{what}: {old} → {new}", what=what, old=old, new=new)


def _verdicts(found: Difference) -> Iterator[str]:
    if found.as_of is None:
        yield tr("Verdicts were not compared.")
    elif found.unjudged:
        yield tr("Verdicts could not be compared:")
        yield ""
        yield from (f"- {_code(reason)}" for reason in found.unjudged)
    elif not found.turns:
        yield tr("As of {day} no verdict turns.", day=found.as_of)
    else:
        data = _code(found.new)
        yield tr("**Verdicts that turn as of {day}**, on the data of {side}:", day=found.as_of, side=data)
        yield ""
        yield from (_turn(turn) for _, turns in by_goal(found.turns) for turn in turns)


def _turn(turn: Turn) -> str:
    goal = _code(turn.goal) if turn.goal is not None else tr("the gate")
    about = goal if turn.rule is None else shown(enumerated([goal, _code(turn.rule)]))
    told = numbers(turn)
    line = tr("{about}: **{turn}**", about=about, turn=turned(turn))
    return f"- {line}{f' ({_code(told)})' if told else ''}"


def _code(text: str) -> Shown:
    """A text in a code span, as it is: its fence is longer than any run of backticks in it."""
    told = quiet(" ".join(safe(text).split())) or " "
    fence = fence_for(told)
    return Shown(f"`{told}`" if len(fence) == 1 else f"{fence} {told} {fence}")

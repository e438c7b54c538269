"""What a change to goal files does, as Markdown for the comment of a pull request.

What people wrote stands in code spans: there no link, mention, picture or HTML comes to life.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from goalkeeper.diff.changes import EASES, Change, Difference, Effect, Turn
from goalkeeper.reporters.diff import FILE, NOTHING, by_goal, headline, numbers, place, turned
from goalkeeper.reporters.diff import TITLES as PLAIN_TITLES
from goalkeeper.reporters.safe import safe


def render(found: Difference) -> str:
    """The comment: what eases first, what judges nothing folded away."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Difference) -> Iterator[str]:
    yield f"### Goals: {headline(found)}"
    yield ""
    yield f"From {_code(found.old)} to {_code(found.new)}."
    for effect, changes in groupby(found.changes, key=lambda change: change.effect):
        folded = effect is Effect.WORDING
        title = PLAIN_TITLES[effect]
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
    about = _code(change.goal) if change.goal is not None else FILE
    if change.what in {"goal", "rule"} and (change.old is None or change.new is None):
        told = f"{change.what} {_code(change.old or change.new or '')}"
    else:
        name, _, entry = change.what.partition(": ")
        what = f"{name} {_code(entry)}" if entry else f"`{name}`"
        rule = f" of {_code(change.rule)}" if change.rule else ""
        texts = [_code(text) if text else NOTHING for text in (change.old, change.new)]
        told = f"{what}{rule}: {texts[0]} → {texts[1]}"
    note = f" ({_plain(change.note)})" if change.note else ""
    where = f" · {_code(place(change))}" if change.location is not None else ""
    return f"- {about}: {told}{note}{where}"


def _verdicts(found: Difference) -> Iterator[str]:
    if found.as_of is None:
        yield "Verdicts were not compared."
    elif found.unjudged:
        yield "Verdicts could not be compared:"
        yield ""
        yield from (f"- {_code(reason)}" for reason in found.unjudged)
    elif not found.turns:
        yield f"As of {found.as_of} no verdict turns."
    else:
        yield f"**Verdicts that turn as of {found.as_of}**, on the data of {_code(found.new)}:"
        yield ""
        yield from (_turn(turn) for _, turns in by_goal(found.turns) for turn in turns)


def _turn(turn: Turn) -> str:
    goal = _code(turn.goal) if turn.goal is not None else "the gate"
    rule = f", {_code(turn.rule)}" if turn.rule is not None else ""
    told = numbers(turn)
    return f"- {goal}{rule}: **{turned(turn)}**{f' ({_code(told)})' if told else ''}"


def _code(text: str) -> str:
    """A text in a code span, as it is: its fence is longer than any run of backticks in it."""
    shown = " ".join(safe(text).split()) or " "
    longest = max(map(len, re.findall("`+", shown)), default=0)
    if not longest:
        return f"`{shown}`"
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}"


def _plain(text: str) -> str:
    """A note of ours; the ids of goals in it are the author's."""
    return (
        re.sub(r"([\\`*_{}\[\]<>()#!|@&~])", lambda found: f"\\{found[1]}", safe(text)) if not _is_ours(text) else text
    )


def _is_ours(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9 ,:()-]*", text) is not None

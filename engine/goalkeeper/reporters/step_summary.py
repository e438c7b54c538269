"""What GitHub shows as the summary of a step: the scorecard or the problems, in Markdown, as far as there is room."""

from __future__ import annotations

from collections.abc import Iterable

from goalkeeper.languages import speaking, tr
from goalkeeper.limits import SUMMARY_BYTES as ROOM
from goalkeeper.problems import Problem
from goalkeeper.reporters import outputs
from goalkeeper.reporters import problems as problem_texts
from goalkeeper.reporters.defused import fence_for
from goalkeeper.reporters.inert import quiet
from goalkeeper.reporters.markdown import turned
from goalkeeper.scorecard import Scorecard


def render(scorecard: Scorecard, *, room: int = ROOM) -> str:
    """The scorecard in at most *room* bytes."""
    with speaking(scorecard.language, scorecard.digits):
        return _fitting(outputs.render(scorecard, "markdown", limit=room), room)


def render_problems(problems: Iterable[Problem], *, room: int = ROOM) -> str:
    """What is wrong with the files, as the log has it."""
    text = quiet(problem_texts.render(problems))
    fence = fence_for(text, 3)
    block = f"{fence}text\n{text.rstrip()}\n{fence}\n"
    title, cure = tr("Goals: nothing was judged"), tr("The goal files or their data have to be mended first.")
    head = turned(f"## {title}\n\n{cure}\n")
    return _fitting(f"{head}\n{block}", room)


def _fitting(text: str, room: int) -> str:
    """*text*, or that there is no room for it; nothing where there is not even room for that."""
    no_room = tr("There is no room for more in this step summary; the log has all of it.")
    return next((one for one in (text, turned(f"\n{no_room}\n")) if len(one.encode("utf-8")) <= room), "")

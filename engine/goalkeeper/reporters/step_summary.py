"""What GitHub shows as the summary of a step: the scorecard or the problems, in Markdown, as far as there is room."""

from __future__ import annotations

import re
from collections.abc import Iterable

from goalkeeper.problems import Problem
from goalkeeper.reporters import markdown
from goalkeeper.reporters import problems as problem_texts
from goalkeeper.scorecard import Scorecard

ROOM = 1024 * 1024
"""The bytes that a summary may have; GitHub refuses a longer one as a whole."""
_NO_ROOM = "\nThere is no room for more in this step summary; the log has all of it.\n"


def render(scorecard: Scorecard, *, room: int = ROOM) -> str:
    """The scorecard in at most *room* bytes."""
    return _fitting(markdown.render(scorecard, limit=room), room)


def render_problems(problems: Iterable[Problem], *, room: int = ROOM) -> str:
    """What is wrong with the files, as the log has it."""
    text = problem_texts.render(problems)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    block = f"{fence}text\n{text.rstrip()}\n{fence}\n"
    head = "## Goals: nothing was judged\n\nThe goal files or their data have to be mended first.\n\n"
    return _fitting(head + block, room)


def _fitting(text: str, room: int) -> str:
    """*text*, or that there is no room for it; nothing where there is not even room for that."""
    return next((one for one in (text, _NO_ROOM) if len(one.encode("utf-8")) <= room), "")

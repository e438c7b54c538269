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
_TOO_LONG = "> This scorecard is longer than a step summary may be. Here is its beginning; the log has all of it.\n\n"


def render(scorecard: Scorecard, *, room: int = ROOM) -> str:
    """The scorecard in at most *room* bytes, cut between two paragraphs, and saying so."""
    return _fitted(markdown.render(scorecard), room)


def render_problems(problems: Iterable[Problem], *, room: int = ROOM) -> str:
    """What is wrong with the files, as the log has it."""
    text = problem_texts.render(problems)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    block = f"{fence}text\n{text.rstrip()}\n{fence}\n"
    head = "## Goals: nothing was judged\n\nThe goal files or their data have to be mended first.\n\n"
    if len((head + block).encode("utf-8", "replace")) <= room:
        return head + block
    return f"{head}There is too much to say for a step summary; the log has all of it.\n"


def _fitted(text: str, room: int) -> str:
    if len(text.encode("utf-8")) <= room:
        return text
    left = text.encode("utf-8")[: max(room - len(_TOO_LONG.encode("utf-8")), 0)].decode("utf-8", "ignore")
    # the note comes first: a cut may leave something open that would swallow it
    return _TOO_LONG + left[: left.rfind("\n\n") + 1]

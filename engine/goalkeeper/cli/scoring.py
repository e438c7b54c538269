"""What the commands that judge goals share: their options, the judging, and the text of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.cli.allowing import allowing
from goalkeeper.cli.goal_files import AS_OF, PATHS, named
from goalkeeper.cli.outputs import Output, put_out, read_outputs, write
from goalkeeper.cli.render import note, problem_code, say_nothing, say_problems
from goalkeeper.cli.speech import Command, heeded, speech, with_options
from goalkeeper.exits import EXIT_DATA, EXIT_NOTHING
from goalkeeper.languages import tr
from goalkeeper.paths import Allowed
from goalkeeper.problems import Problem, ProblemsFound
from goalkeeper.reporters.outputs import WITH_TRENDS

if TYPE_CHECKING:  # what judges is imported when there is something to judge
    from goalkeeper.scorecard import Scorecard

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    PATHS,
    AS_OF,
    click.option(
        "--select", multiple=True, metavar="GOAL", help="Only goals with this id, name or pattern. Repeatable."
    ),
    click.option(
        "--by", multiple=True, metavar="DIMENSION", help="Break values down by this; judges nothing. Repeatable."
    ),
    click.option(
        "--fail-on", type=click.Choice(["fail", "warn"]), default="fail", help="Close the gate on warnings too."
    ),
    click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT=PATH",
        callback=read_outputs,
        help="Write a report, too; - prints it instead. Repeatable.",
    ),
    click.option(
        "--history", metavar="FILE", type=click.Path(path_type=Path), help="Append the scorecard to this history."
    ),
    click.option("--notify-on", type=click.Choice(["turn"]), help="Print only what turned, as JSON lines, and append."),
    click.option("--allow-inconclusive", is_flag=True, help="Exit 0 although something could not be judged."),
    click.option("--verbose", "-v", is_flag=True, help="Show every segment and window, and all that was left out."),
    allowing,
    speech,
)


def judging(command: Command) -> Command:
    """Gives a command the arguments and options that make an `Asked`."""
    return with_options(command, _OPTIONS)


class Asked(Struct, frozen=True, kw_only=True):
    """What to judge, and how: the options of `judging`."""

    paths: tuple[Path, ...]
    as_of: str | None
    select: tuple[str, ...]
    by: tuple[str, ...]
    fail_on: str
    outputs: tuple[Output, ...]
    history: Path | None
    notify_on: str | None
    allow_inconclusive: bool
    verbose: bool
    allowed: Allowed

    @property
    def printed(self) -> list[str]:
        """The format of the report that is printed instead of the scorecard, if there is one."""
        return [output.form for output in self.outputs if output.path is None]


class Judged(Struct, frozen=True):
    """The scorecard, or None and the problems that there is none for; and the exit code."""

    card: Scorecard | None
    problems: tuple[Problem, ...]
    exit_code: int


def judge(asked: Asked, *, form: str | None = None) -> Judged:
    """Judges what is asked for; *form* is the format that is printed."""
    from goalkeeper import api

    try:
        card = api.score(
            named(asked.paths),
            as_of=asked.as_of,
            select=asked.select,
            by=asked.by,
            fail_on_warn=asked.fail_on == "warn",
            allow_inconclusive=asked.allow_inconclusive,
            allowed=asked.allowed,
            trends=not WITH_TRENDS.isdisjoint([form, *(output.form for output in asked.outputs)]),
        )
    except ProblemsFound as stop:
        return Judged(None, stop.problems, problem_code(stop.problems))
    card = replace(card, **heeded(language=card.language, digits=card.digits))
    return Judged(card, card.problems, card.exit_code)


def _history(asked: Asked) -> Path | None:
    """The history that the scorecard is appended to, if there is one."""
    if asked.history is None and asked.notify_on is None:
        return None
    from goalkeeper.history.store import DEFAULT  # only for those who keep one

    return asked.history or DEFAULT


def say_judged(judged: Judged, asked: Asked, *, form: str | None = None) -> int:
    """Writes the reports that are asked for, prints the scorecard, and what else there is to say to standard error.

    Returns the exit code: that of the judging, unless a report could not be written.
    """
    say_problems(judged.problems)
    if judged.card is None:
        if asked.outputs:
            note(tr("No report was written."))
        return judged.exit_code
    written, problems = write(judged.card, asked.outputs, verbose=asked.verbose, history=_history(asked))
    if asked.notify_on:
        from goalkeeper.cli.history import say_turns

        say_turns(judged.card, asked.history)
    else:
        put_out(judged.card, *asked.printed or [form or "terminal"], verbose=asked.verbose)
    for path in written:
        note(tr("wrote {file}", file=path.as_posix()))
    say_problems(problems)
    if judged.exit_code == EXIT_NOTHING:
        say_nothing(asked.select)
    elif asked.history or asked.notify_on:
        from goalkeeper.cli.history import keep

        if not keep(judged.card, asked.history):
            return EXIT_DATA
    return problem_code(problems) or judged.exit_code

"""What the commands that judge goals share: their options, the judging, and the text of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from goalkeeper.cli.goal_files import AS_OF, PATHS, named
from goalkeeper.cli.render import problem_code, say, say_problems, terminal_color, terminal_width
from goalkeeper.exits import EXIT_NOTHING
from goalkeeper.problems import Problem, ProblemsFound

if TYPE_CHECKING:  # what judges is imported when there is something to judge
    from goalkeeper.scorecard import Scorecard

Command = TypeVar("Command", bound=Callable[..., Any])

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
    click.option("--allow-inconclusive", is_flag=True, help="Exit 0 although something could not be judged."),
    click.option("--verbose", "-v", is_flag=True, help="Show every segment and window, and all that was left out."),
)


def judging(command: Command) -> Command:
    """Gives a command the arguments and options that make an `Asked`."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), command)


class Asked(Struct, frozen=True, kw_only=True):
    """What to judge, and how: the options of `judging`."""

    paths: tuple[Path, ...]
    as_of: str | None
    select: tuple[str, ...]
    by: tuple[str, ...]
    fail_on: str
    allow_inconclusive: bool
    verbose: bool


class Judged(Struct, frozen=True):
    """The scorecard, or None and the problems that there is none for; and the exit code."""

    card: Scorecard | None
    problems: tuple[Problem, ...]
    exit_code: int


def judge(asked: Asked) -> Judged:
    """Judges what is asked for."""
    from goalkeeper import api

    try:
        card = api.score(
            named(asked.paths),
            as_of=asked.as_of,
            select=asked.select,
            by=asked.by,
            fail_on_warn=asked.fail_on == "warn",
            allow_inconclusive=asked.allow_inconclusive,
        )
    except ProblemsFound as stop:
        return Judged(None, stop.problems, problem_code(stop.problems))
    return Judged(card, card.problems, card.exit_code)


def say_judged(judged: Judged, asked: Asked, *, form: str = "terminal") -> None:
    """Prints the scorecard, and what else there is to say to standard error."""
    say_problems(judged.problems)
    if judged.card is None:
        return
    if form == "json":
        from goalkeeper.reporters import json as reporter

        click.echo(reporter.render(judged.card), nl=False)
    else:
        from goalkeeper.reporters import terminal

        say(terminal.render(judged.card, width=terminal_width(), color=terminal_color(), verbose=asked.verbose))
    if judged.exit_code == EXIT_NOTHING:
        click.echo("Nothing was evaluated: there is no goal" + (" with that name." if asked.select else "."), err=True)

"""Where output goes: its width, its colour, and problems on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from goalkeeper.cli.surroundings import CI, surroundings
from goalkeeper.exits import EXIT_DATA, EXIT_OPEN, EXIT_USAGE
from goalkeeper.languages import tr
from goalkeeper.problems import DATA_CODES, Problem, ProblemsFound, errors
from goalkeeper.reporters.layout import directed, filled
from goalkeeper.said import enumerated

PIPE_WIDTH = 80


class ReaderGone(Exception):
    """Nobody reads the output any more, as with `| head`: the verdict stands nowhere that anybody sees."""


def terminal_width() -> int:
    """The columns to fill: the terminal's, or 80 in a pipe."""
    return min(shutil.get_terminal_size((PIPE_WIDTH, 24)).columns, 120) if sys.stdout.isatty() else PIPE_WIDTH


def terminal_color() -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR is set; FORCE_COLOR overrides."""
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def say(text: str, *, err: bool = False) -> None:
    """Print the lines of *text*; in GitHub Actions so that nothing in them is a command to the runner."""
    stream = sys.stderr if err else sys.stdout
    if stream is not None and stream.isatty():
        text = filled(text, terminal_width())
    if surroundings().ci is CI.GITHUB:
        from goalkeeper.reporters.inert import quiet

        text = quiet(text)
    click.echo(text, nl=False, err=err, color=terminal_color() if not err else None)


def note(text: str, *, err: bool = True) -> None:
    """Print a line of ours."""
    say(f"{directed(text)}\n", err=err)


def reason_of(error: OSError) -> str:
    """Why something could not be read or written, in the words of the system."""
    return (error.strerror or str(error)).lower()


def problem_code(problems: Iterable[Problem]) -> int:
    """The exit code that problems end a command with."""
    wrong = errors(problems)
    if not wrong:
        return EXIT_OPEN
    return EXIT_DATA if all(problem.code.startswith(DATA_CODES) for problem in wrong) else EXIT_USAGE


@contextmanager
def stopping() -> Iterator[None]:
    """Ends the command with the problems that are found in here, and their exit code."""
    try:
        yield
    except ProblemsFound as stop:
        say_problems(stop.problems)
        raise SystemExit(problem_code(stop.problems)) from None


def say_problems(problems: Iterable[Problem], *, err: bool = True) -> None:
    """Print problems, each with its place."""
    from goalkeeper.reporters.problems import render

    text = render(problems, color=terminal_color() and sys.stderr is not None and sys.stderr.isatty())
    if text.strip():
        say(f"{text}\n", err=err)


def say_written(written: Iterable[Path], kept: Sequence[Path]) -> None:
    """Say which files were written; end the command where some were there before, so that none was."""
    if kept:
        there = enumerated(path.as_posix() for path in kept)
        note(tr("{files} is already there; nothing was written.", files=there))
        raise SystemExit(EXIT_USAGE)
    for path in written:
        note(tr("wrote {file}", file=path.as_posix()), err=False)


@contextmanager
def writing_files() -> Iterator[None]:
    """Ends the command where a file that is written here cannot be."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise
        what = Path(error.filename).as_posix()
        note(tr("{what} could not be written: {reason}.", what=what, reason=reason_of(error)))
        raise SystemExit(EXIT_DATA) from None


def say_nothing(select: Sequence[str]) -> None:
    """Say that there was no goal, or none of those that were asked for."""
    note(
        tr(
            "Nothing was evaluated: there is no goal with that name."
            if select
            else "Nothing was evaluated: there is no goal."
        )
    )

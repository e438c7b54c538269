"""What whoever runs a command allows the goal files: to be given on the command line, or for everywhere in variables."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, cast

import click

from goalkeeper.cli.speech import Command, with_options
from goalkeeper.languages import tr
from goalkeeper.paths import Allowed

MOST_THREADS = 1024


def _amount(_context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    """An amount of memory, as the database takes it."""
    if text is None or re.fullmatch(r"(?!0+(\.0+)?\D)\d{1,6}(\.\d{1,3})? ?[KMGT]i?B", text, re.IGNORECASE):
        return text
    raise click.BadParameter(tr("'{text}' is no amount of memory: write 2GB or 500MB", text=text), param=option)


_READ: Callable[[Any], Any] = click.option(
    "--allow-read",
    multiple=True,
    metavar="PATH",
    envvar="GOALKEEPER_ALLOW_READ",
    type=click.Path(path_type=Path, exists=True),
    help="Let goal files read this file or folder, too, outside of their project. Repeatable.",
)
_ENGINE: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--memory",
        metavar="AMOUNT",
        envvar="GOALKEEPER_MEMORY",
        callback=_amount,
        help="Add up in this much memory, such as 2GB. Four fifths of what there is when left out.",
    ),
    click.option(
        "--threads",
        envvar="GOALKEEPER_THREADS",
        type=click.IntRange(1, MOST_THREADS),
        help="Add up in so many threads. One for each processor when left out.",
    ),
)


def allowing(command: Command) -> Command:
    """Gives a command that adds up data the options that make its argument `allowed`."""
    return with_options(_taking(command), (_READ, *_ENGINE))


def allowing_reads(command: Command) -> Command:
    """The same for a command that reads goal files alone."""
    return with_options(_taking(command), (_READ,))


def _taking(command: Command) -> Command:
    """The command with these options as one argument."""

    @wraps(command)
    def taking(
        *arguments: Any,
        allow_read: tuple[Path, ...],
        memory: str | None = None,
        threads: int | None = None,
        **more: Any,
    ) -> Any:
        return command(*arguments, allowed=Allowed(allow_read, memory, threads), **more)

    return cast("Command", taking)

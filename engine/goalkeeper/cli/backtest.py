"""The command that judges past days."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from goalkeeper.cli.allowing import allowing
from goalkeeper.cli.goal_files import named
from goalkeeper.cli.render import say, say_nothing, say_problems, stopping, terminal_color, terminal_width
from goalkeeper.cli.speech import speech
from goalkeeper.exits import EXIT_NOTHING, EXIT_OPEN
from goalkeeper.paths import Allowed


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--from", "start", metavar="DATE", help="The first day of judging, YYYY-MM-DD. As the periods begin when left out."
)
@click.option(
    "--to",
    "--as-of",
    "end",
    metavar="DATE",
    help="The last day of judging. Today, or the end of the periods, when left out.",
)
@click.option(
    "--each", type=click.Choice(["day", "week"]), default="day", help="Judge every day, or the first of each week."
)
@click.option("--select", multiple=True, metavar="GOAL", help="Only goals with this id, name or pattern. Repeatable.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="What to print.")
@click.option("--verbose", "-v", is_flag=True, help="List every segment, and all that was left out.")
@allowing
@speech
def backtest(
    paths: tuple[Path, ...],
    start: str | None,
    end: str | None,
    each: str,
    select: tuple[str, ...],
    form: str,
    *,
    verbose: bool,
    allowed: Allowed,
) -> None:
    """Say what a score of PATHS would have said on past days, by the rows as they are now."""
    from goalkeeper import backtesting

    progress = _progress()
    try:
        with stopping():
            found = backtesting.backtest(
                named(paths), start=start, end=end, each=each, select=select, progress=progress, allowed=allowed
            )
    finally:
        if progress is not None:
            progress("")
    say_problems(found.problems)
    if form == "json":
        from goalkeeper.reporters import backtest_json

        click.echo(backtest_json.render(found), nl=False)
    elif found.goals:
        from goalkeeper.reporters import backtest as reporter

        text = reporter.render(found, width=terminal_width(), color=terminal_color(), verbose=verbose)
        say(text)
    if not found.goals:
        say_nothing(select)
        raise SystemExit(EXIT_NOTHING)
    raise SystemExit(EXIT_OPEN)


def _progress() -> Callable[[str], None] | None:
    """What says how far it is, in one line of a terminal; None where nobody looks on."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    from goalkeeper.languages import shown  # only for those who look on

    def over_itself(text: str) -> None:
        click.echo(f"\r\x1b[K{shown(text)}", nl=False, err=True)  # without a text the line is empty again

    return over_itself

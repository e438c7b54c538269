"""The command that compares goal files."""

from __future__ import annotations

from pathlib import Path

import click

from goalkeeper.cli.allowing import allowing
from goalkeeper.cli.render import note, problem_code, say, say_problems, stopping, terminal_color, terminal_width
from goalkeeper.cli.speech import heed, speech
from goalkeeper.exits import EXIT_CLOSED, EXIT_OPEN
from goalkeeper.paths import Allowed


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--data", is_flag=True, help="Judge both sides on the data of NEW, and list the verdicts that turn.")
@click.option("--as-of", metavar="DATE", help="With data, as of this day, YYYY-MM-DD. Today when left out.")
@click.option("--fail-on", type=click.Choice(["loosened"]), help="Exit 1 when less is asked for anywhere.")
@click.option(
    "--format", "form", type=click.Choice(["terminal", "json", "markdown"]), default="terminal", help="What to print."
)
@allowing
@speech
def diff(
    old: str,
    new: str | None,
    paths: tuple[Path, ...],
    as_of: str | None,
    fail_on: str | None,
    form: str,
    *,
    data: bool,
    allowed: Allowed,
) -> None:
    """Say which goals were loosened, tightened, added or removed from OLD to NEW.

    Each is a file, a folder or a git revision (main, HEAD~1, main:goals.yaml). Without NEW it is the files as they are
    here. PATHS say which files of a revision are meant.
    """
    from goalkeeper.diff import SidesUnreadable
    from goalkeeper.diff import diff as compare

    sides = [Path(side) for side in (new, old) if side]
    heed(path for path in (*sides, *paths) if path.exists())
    with stopping():
        try:
            found = compare(old, new, paths=paths, data=data, as_of=as_of, allowed=allowed)
        except SidesUnreadable as stop:
            for asked, problems in stop.sides:
                _say_side(asked)
                say_problems(problems)
            raise SystemExit(problem_code(stop.problems)) from None
    if form == "json":
        from goalkeeper.reporters import diff_json

        click.echo(diff_json.render(found), nl=False)
    elif form == "markdown":
        from goalkeeper.reporters import diff_markdown

        click.echo(diff_markdown.render(found), nl=False)
    else:
        from goalkeeper.reporters import diff as reporter

        text = reporter.render(found, width=terminal_width(), color=terminal_color())
        say(text)
    if found.problems:
        _say_side(found.new)
        say_problems(found.problems)
    closed = EXIT_CLOSED if fail_on and found.loosened else EXIT_OPEN
    raise SystemExit(problem_code(found.problems) or closed)


def _say_side(asked: str) -> None:
    """Say which side the problems that follow are of."""
    from goalkeeper.languages import tr

    if asked:
        note(tr("What is wrong with {side}:", side=asked))

"""The commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from goalkeeper.cli.allowing import allowing
from goalkeeper.cli.ci import ci, exit_code, show_in_github
from goalkeeper.cli.goal_files import AS_OF, PATHS, named
from goalkeeper.cli.render import (
    ReaderGone,
    note,
    problem_code,
    say,
    say_problems,
    say_written,
    stopping,
    terminal_color,
    terminal_width,
    writing_files,
)
from goalkeeper.cli.scoring import Asked, judge, judging, say_judged
from goalkeeper.cli.speech import heed_here, speech
from goalkeeper.cli.surroundings import CI, surroundings
from goalkeeper.exits import EXIT_OPEN, EXIT_USAGE
from goalkeeper.languages import speaking, tr
from goalkeeper.paths import Allowed
from goalkeeper.reporters.outputs import MODULES

SCHEMAS = ("goals", "pack", "scorecard", "inspection", "history", "turn", "diff", "test", "test-results", "backtest")


LATE = {"backtest": "backtest", "diff": "diff", "history": "history", "test": "testing"}
"""Commands in modules of their own, which are imported when they are asked for: a score needs none of them."""


@contextmanager
def _read_to_the_end() -> Iterator[None]:
    """Keeps click from leaving with 1 where nobody reads the output any more: that is the code of a closed gate.

    Raises:
        ReaderGone: instead.
    """
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error


class _Commands(click.Group):
    """The commands, those of `LATE` among them."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), *LATE])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in LATE:
            return super().get_command(context, name)
        found: click.Command = getattr(import_module(f"goalkeeper.cli.{LATE[name]}"), name)
        return found

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        with _read_to_the_end():  # it prints the help
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _read_to_the_end():
            return super().invoke(ctx)

    def main(self, *arguments: Any, **more: Any) -> Any:
        """Run one command. The language that it speaks ends with it, unless what becomes of it is still to be said."""
        if not more.get("standalone_mode", True):
            return super().main(*arguments, **more)
        with speaking("en"):
            return super().main(*arguments, **more)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="goalkeeper", message="%(prog)s %(version)s")
def goalkeeper() -> None:
    """Goals as code: declare business goals in YAML, get an honest scorecard.

    Exit codes: 0 gate open, 1 gate closed, 2 usage or invalid files, 3 data or engine error, 4 something is
    inconclusive, 5 nothing was evaluated, 70 a fault of goalkeeper itself, 130 stopped with Ctrl-C, 141 nobody read the
    output to its end.
    """


@goalkeeper.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--worksheet", is_flag=True, help="Ask for your own goals and data, as a planning worksheet does.")
@speech
def init(folder: Path, *, worksheet: bool) -> None:
    """Write a small project that scores at once, or one of your own goals."""
    if worksheet:
        from goalkeeper.cli.worksheet import fill_in

        fill_in(folder)
        return
    from goalkeeper.starter import write_starter

    with writing_files():
        written, kept = write_starter(folder)
    say_written(written, kept)
    command = f"goalkeeper score {(folder / 'goals.yaml').as_posix()}"
    click.echo()
    note(tr("Now run: {command}", command=command), err=False)


@goalkeeper.command()
@PATHS
@click.option("--data", is_flag=True, help="Read the rows too, for advice on baselines and targets.")
@click.option("--as-of", metavar="DATE", help="With --data: rows are complete up to the day before this one.")
@allowing
@speech
def check(paths: tuple[Path, ...], as_of: str | None, *, data: bool, allowed: Allowed) -> None:
    """Say everything that is wrong with goal files, and advise on goals, without judging them."""
    from goalkeeper import api
    from goalkeeper.problems import ProblemsFound, errors

    if as_of is not None and not data:
        raise click.UsageError(tr("--as-of goes with --data: without it no rows are read"))
    try:
        problems = api.check(named(paths), data=data, as_of=as_of, allowed=allowed)
    except ProblemsFound as stop:  # the day of --as-of does not read
        problems = list(stop.problems)
    say_problems(problems, err=False)
    wrong, warnings = len(errors(problems)), len(problems) - len(errors(problems))
    note(_counted(wrong, warnings) if problems else tr("All good."), err=False)
    raise SystemExit(problem_code(problems))


@goalkeeper.command()
@judging
@click.option("--format", "form", type=click.Choice(list(MODULES)), help="What to print: terminal when left out.")
@click.option(
    "--no-annotations",
    is_flag=True,
    envvar="GOALKEEPER_NO_ANNOTATIONS",
    help="In GitHub Actions: annotate no lines, and write no step summary.",
)
def score(form: str | None, *, no_annotations: bool, **options: Any) -> None:
    """Judge the goals of PATHS (files or folders; goals.yaml or goals/ when left out)."""
    asked, here = Asked(**options), surroundings()
    if asked.printed and form is not None:
        both = {"form": form, "other": asked.printed[0]}
        raise click.UsageError(tr("--format {form} and --output {other}=- both print; leave one of them out", **both))
    if asked.notify_on and (asked.printed or form not in {None, "terminal"}):
        raise click.UsageError(tr("--notify-on prints lines of its own: leave --format out, and --output with -"))
    judged = judge(asked, form=form)
    code = say_judged(judged, asked, form=form)
    shown = asked.printed[0] if asked.printed else form or "terminal"
    annotates = here.ci is CI.GITHUB and shown == "terminal" and not no_annotations
    written = show_in_github(judged, here) if annotates else True
    raise SystemExit(exit_code(code, written=written))


goalkeeper.add_command(ci)


@goalkeeper.command()
@click.argument("goal")
@PATHS
@AS_OF
@click.option(
    "--rows", metavar="DIR", type=click.Path(path_type=Path), help="Write the rows of exports here, for the SQL."
)
@click.option("--verbose", "-v", is_flag=True, help="Print the SQL of every segment and window, and what was run.")
@allowing
@speech
def explain(
    goal: str, paths: tuple[Path, ...], as_of: str | None, rows: Path | None, *, verbose: bool, allowed: Allowed
) -> None:
    """Take every number of GOAL back to its formula, days, rows and file, and print SQL that gives it."""
    from goalkeeper import api
    from goalkeeper.reporters import explanation

    with stopping():
        found = api.explain(named(paths), goal, as_of=as_of, rows=rows, allowed=allowed)
    text = explanation.render(found, width=terminal_width(), verbose=verbose)
    say(text)


@goalkeeper.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--use", multiple=True, metavar="PACK", help="A pack file whose formats are tried too. Repeatable.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="What to print.")
@speech
def inspect(files: tuple[Path, ...], use: tuple[str, ...], form: str) -> None:
    """Say what data files (or those of a folder) are, and print the sources that read them."""
    heed_here()
    from goalkeeper import inspection
    from goalkeeper.problems import Problem, ProblemsFound

    seen, problems = [], list[Problem]()
    for place in files:
        try:
            seen += [inspection.inspect(file, use=use) for file in inspection.data_files(place)]
        except ProblemsFound as stop:
            problems += stop.problems
    problems += [problem for one in seen for problem in one.problems]
    say_problems(problems)
    if seen and form == "json":
        from goalkeeper.reporters import inspection_json

        several = len(files) > 1 or files[0].is_dir()
        click.echo(inspection_json.render(seen, inspection.sources_of(seen), several=several), nl=False)
    elif seen:
        from goalkeeper.reporters import inspection as reporter

        text = reporter.render(seen, inspection.block(seen), width=terminal_width(), color=terminal_color())
        say(text)
    raise SystemExit(problem_code(problems))


@goalkeeper.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--format", "form", type=click.Choice(["terminal", "json", "markdown"]), default="terminal", help="What to print."
)
@speech
def packs(name: str | None, form: str) -> None:
    """List the packs that ship, or show what NAME gives (one that ships, or a pack file)."""
    heed_here()
    from goalkeeper.packs import found, shipped, shipped_names
    from goalkeeper.reporters import packs as reporter

    if name is None:
        every = [shipped(one) for one in shipped_names()]
        if form == "terminal":
            text = reporter.listing(every, width=terminal_width())
            say(text)
        else:
            click.echo((reporter.listing_json if form == "json" else reporter.index)(every), nl=False)
        return
    pack, problems = found(name)
    say_problems(problems)
    if pack is None or problem_code(problems) != EXIT_OPEN:
        raise SystemExit(EXIT_USAGE)
    if form == "terminal":
        text = reporter.render(pack, width=terminal_width())
        say(text)
    else:
        click.echo((reporter.pack_json if form == "json" else reporter.page)(pack), nl=False)


@goalkeeper.command()
@click.argument("name", type=click.Choice(SCHEMAS), default="goals")
def schema(name: str) -> None:
    """Print a JSON Schema: of goal files or packs, or of what is printed as JSON."""
    from importlib.resources import files

    file = f"{'goalkeeper' if name == 'goals' else name}.schema.json"
    click.echo(files("goalkeeper.schemas").joinpath(file).read_text(encoding="utf-8"), nl=False)


def _counted(errors: int, warnings: int) -> str:
    wrong = tr("1 error" if errors == 1 else "{count} errors", count=errors)
    warned = tr("1 warning" if warnings == 1 else "{count} warnings", count=warnings)
    return tr("{errors}, {warnings}.", errors=wrong, warnings=warned)

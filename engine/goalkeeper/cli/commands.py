"""The commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from goalkeeper.cli.backtest import backtest
from goalkeeper.cli.render import say_problems, say_written, terminal_color, terminal_width
from goalkeeper.exits import EXIT_DATA, EXIT_NOTHING, EXIT_OPEN, EXIT_USAGE

DEFAULT_PATHS = ("goals.yaml", "goals.yml", "goals")

PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
AS_OF = click.option("--as-of", metavar="DATE", help="Judge as of this day, YYYY-MM-DD. Today when left out.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="goalkeeper", message="%(prog)s %(version)s")
def goalkeeper() -> None:
    """Goals as code: declare business goals in YAML, get an honest scorecard.

    Exit codes: 0 gate open, 1 gate closed, 2 usage or invalid files, 3 data or engine error, 4 something is
    inconclusive, 5 nothing was evaluated, 70 a fault of goalkeeper itself.
    """


@goalkeeper.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--worksheet", is_flag=True, help="Ask for your own goals and data, as a planning worksheet does.")
def init(folder: Path, *, worksheet: bool) -> None:
    """Write a small project that scores at once, or one of your own goals."""
    if worksheet:
        from goalkeeper.cli.worksheet import fill_in

        fill_in(folder)
        return
    from goalkeeper.starter import write_starter

    written, kept = write_starter(folder)
    say_written(written, kept)
    click.echo(f"\nNow run: goalkeeper score {(folder / 'goals.yaml').as_posix()}")


@goalkeeper.command()
@PATHS
@click.option("--data", is_flag=True, help="Read the rows too, for advice on baselines and targets.")
@click.option("--as-of", metavar="DATE", help="With --data: rows are complete up to the day before this one.")
def check(paths: tuple[Path, ...], as_of: str | None, *, data: bool) -> None:
    """Say everything that is wrong with goal files, and advise on goals, without judging them."""
    from goalkeeper import api
    from goalkeeper.problems import ProblemsFound, errors

    if as_of is not None and not data:
        raise click.UsageError("--as-of goes with --data: without it no rows are read")
    try:
        problems = api.check(_paths(paths), data=data, as_of=as_of)
    except ProblemsFound as stop:  # the day of --as-of does not read
        problems = list(stop.problems)
    say_problems(problems, err=False)
    wrong, warnings = len(errors(problems)), len(problems) - len(errors(problems))
    click.echo(f"{_count(wrong, 'error')}, {_count(warnings, 'warning')}." if problems else "All good.")
    raise SystemExit(_problem_code(problems))


@goalkeeper.command()
@PATHS
@AS_OF
@click.option("--select", multiple=True, metavar="GOAL", help="Only goals with this id, name or pattern. Repeatable.")
@click.option("--by", multiple=True, metavar="DIMENSION", help="Break values down by this; judges nothing. Repeatable.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="What to print.")
@click.option("--fail-on", type=click.Choice(["fail", "warn"]), default="fail", help="Close the gate on warnings too.")
@click.option("--allow-inconclusive", is_flag=True, help="Exit 0 although something could not be judged.")
@click.option("--verbose", "-v", is_flag=True, help="Show every segment and window, and all that was left out.")
def score(
    paths: tuple[Path, ...],
    as_of: str | None,
    select: tuple[str, ...],
    by: tuple[str, ...],
    form: str,
    fail_on: str,
    *,
    allow_inconclusive: bool,
    verbose: bool,
) -> None:
    """Judge the goals of PATHS (files or folders; goals.yaml or goals/ when left out)."""
    from goalkeeper import api
    from goalkeeper.problems import ProblemsFound

    try:
        card = api.score(
            _paths(paths),
            as_of=as_of,
            select=select,
            by=by,
            fail_on_warn=fail_on == "warn",
            allow_inconclusive=allow_inconclusive,
        )
    except ProblemsFound as stop:
        say_problems(stop.problems)
        raise SystemExit(_problem_code(stop.problems)) from None
    say_problems(card.problems)
    if form == "json":
        from goalkeeper.reporters import json as reporter

        click.echo(reporter.render(card), nl=False)
    else:
        from goalkeeper.reporters import terminal

        text = terminal.render(card, width=terminal_width(), color=terminal_color(), verbose=verbose)
        click.echo(text, nl=False, color=terminal_color())
    if card.exit_code == EXIT_NOTHING:
        click.echo("Nothing was evaluated: there is no goal" + (" with that name." if select else "."), err=True)
    raise SystemExit(card.exit_code)


@goalkeeper.command()
@click.argument("goal")
@PATHS
@AS_OF
def explain(goal: str, paths: tuple[Path, ...], as_of: str | None) -> None:
    """Take every number of GOAL back to its formula, days, rows and file, and print the SQL."""
    from goalkeeper import api
    from goalkeeper.problems import ProblemsFound
    from goalkeeper.reporters import explanation

    try:
        found = api.explain(_paths(paths), goal, as_of=as_of)
    except ProblemsFound as stop:
        say_problems(stop.problems)
        raise SystemExit(_problem_code(stop.problems)) from None
    click.echo(explanation.render(found, width=terminal_width()), nl=False)


goalkeeper.add_command(backtest)


@goalkeeper.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--use", multiple=True, metavar="PACK", help="A pack file whose formats are tried too. Repeatable.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="What to print.")
def inspect(files: tuple[Path, ...], use: tuple[str, ...], form: str) -> None:
    """Say what data files (or those of a folder) are, and print the sources that read them."""
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
        click.echo(text, nl=False, color=terminal_color())
    raise SystemExit(_problem_code(problems))


@goalkeeper.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--format", "form", type=click.Choice(["terminal", "json", "markdown"]), default="terminal", help="What to print."
)
def packs(name: str | None, form: str) -> None:
    """List the packs that ship, or show what NAME gives (one that ships, or a pack file)."""
    from goalkeeper.packs import found, shipped, shipped_names
    from goalkeeper.reporters import packs as reporter

    if name is None:
        every = [shipped(one) for one in shipped_names()]
        lists = {"json": reporter.listing_json, "markdown": reporter.index}
        click.echo(lists[form](every) if form in lists else reporter.listing(every, width=terminal_width()), nl=False)
        return
    pack, problems = found(name)
    say_problems(problems)
    if pack is None or _problem_code(problems) != EXIT_OPEN:
        raise SystemExit(EXIT_USAGE)
    forms = {"json": reporter.pack_json, "markdown": reporter.page}
    click.echo(forms[form](pack) if form in forms else reporter.render(pack, width=terminal_width()), nl=False)


@goalkeeper.command()
@click.argument("name", type=click.Choice(["goals", "pack", "scorecard", "inspection", "backtest"]), default="goals")
def schema(name: str) -> None:
    """Print the JSON Schema of goal files, of packs, of the scorecard in JSON, of inspections, or of backtests."""
    from importlib.resources import files

    file = {
        "goals": "goalkeeper.schema.json",
        "pack": "pack.schema.json",
        "scorecard": "scorecard.schema.json",
        "inspection": "inspection.schema.json",
        "backtest": "backtest.schema.json",
    }[name]
    click.echo(files("goalkeeper.schemas").joinpath(file).read_text(encoding="utf-8"), nl=False)


def _paths(paths: Sequence[Path]) -> Sequence[Path]:
    if paths:
        return paths
    for name in DEFAULT_PATHS:
        if Path(name).exists():
            return [Path(name)]
    raise click.UsageError("name a goal file or a folder: there is no goals.yaml and no goals/ here")


def _problem_code(problems: Sequence[object]) -> int:
    from goalkeeper.problems import DATA_CODES, Problem, errors

    wrong = errors(p for p in problems if isinstance(p, Problem))
    if not wrong:
        return EXIT_OPEN
    return EXIT_DATA if all(p.code.startswith(DATA_CODES) for p in wrong) else EXIT_USAGE


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

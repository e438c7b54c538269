"""The command `history`, and what `score` does with a history: append to it, and say what turned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from goalkeeper.cli.render import note, problem_code, say, say_problems, stopping, terminal_color, terminal_width
from goalkeeper.cli.speech import heed_here, speech
from goalkeeper.exits import EXIT_USAGE

if TYPE_CHECKING:
    from goalkeeper.history.entries import Entry
    from goalkeeper.history.trends import GoalTrend
    from goalkeeper.scorecard import Scorecard


def now() -> datetime:
    """The moment at which a scorecard is appended: nothing else of a history reads a clock."""
    return datetime.now(UTC)


def say_turns(card: Scorecard, path: Path | None) -> None:
    """Print what turned since the history's last scorecard, a line of JSON each; end the command if it cannot be told."""
    from goalkeeper.history import store, trends
    from goalkeeper.problems import ProblemsFound
    from goalkeeper.reporters import history_json

    entries: Sequence[Entry] = ()
    try:
        entries = store.read(path or store.DEFAULT, goals=tuple(goal.id for goal in card.goals))
    except ProblemsFound as stop:
        if any(problem.code != "GK621" for problem in stop.problems):  # a first run has no history yet
            say_problems(stop.problems)
            raise SystemExit(problem_code(stop.problems)) from None
    looks = trends.looks_of(entries)
    for goal in card.goals:
        before = [look for look in looks.get(goal.id, ()) if look.as_of <= card.as_of]
        click.echo(history_json.lines(trends.turns(before, trends.Look(card.as_of, goal))), nl=False)


def keep(card: Scorecard, path: Path | None) -> bool:
    """Append a scorecard to the history; say what is wrong, and whether it was kept."""
    from importlib.metadata import version

    from goalkeeper.history import store
    from goalkeeper.problems import errors

    found = store.append(path or store.DEFAULT, card, recorded_at=now(), made_by=version("goalkeeper"))
    say_problems(found)
    return not errors(found)


@click.command()
@click.argument("goal", metavar="[GOAL]", required=False)
@click.option("--store", "path", metavar="FILE", type=click.Path(path_type=Path), help="The history to read.")
@click.option("--since", metavar="DATE", help="Only scorecards as of this day or a later one.")
@click.option("--suggest", is_flag=True, help="Say which rules passed with room for a while, and a tighter number.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="What to print.")
@speech
def history(goal: str | None, path: Path | None, since: str | None, form: str, *, suggest: bool) -> None:
    """Show goals over time: since when they are as they are, and what turned. GOAL is an id, name or pattern."""
    heed_here()
    from goalkeeper.history import store
    from goalkeeper.history.tighten import suggestions
    from goalkeeper.history.trends import trends
    from goalkeeper.languages import tr

    file, first = path or store.DEFAULT, _day(since)
    with stopping():
        entries = store.read(file)
    goals = _asked(trends(entries, since=first), goal)
    if not goals:
        nothing = tr(
            "The history {file} holds no scorecard as of {day} or later."
            if since
            else "The history {file} holds no scorecard.",
            file=file.as_posix(),
            day=since,
        )
        note(nothing)
    found = tuple(suggestions(goals))
    if form == "json":
        from goalkeeper.reporters import history_json

        shown = [entry for entry in entries if first is None or entry.card.as_of >= first]
        click.echo(history_json.render(shown, goals, found), nl=False)
        return
    if not goals:
        return
    from goalkeeper.reporters import history as reporter

    width, color = terminal_width(), terminal_color()
    if suggest:
        text = reporter.render_suggestions(file.as_posix(), goals, found, width=width, color=color)
    else:
        text = reporter.render(file.as_posix(), goals, width=width, color=color)
    say(text)


def _asked(goals: Sequence[GoalTrend], asked: str | None) -> Sequence[GoalTrend]:
    """The goals with this id, name or pattern; the command ends where there is none."""
    from goalkeeper.languages import tr
    from goalkeeper.problems import Problem, did_you_mean

    kept = [g for g in goals if asked is None or any(fnmatchcase(n, asked) for n in (g.goal.id, g.goal.name))]
    if goals and not kept and asked is not None:
        names = [name for g in goals for name in (g.goal.id, g.goal.name)]
        message = tr("the history knows no goal '{goal}'", goal=asked)
        say_problems([Problem("GK209", message, help=did_you_mean(asked, names))])
        raise SystemExit(EXIT_USAGE)
    return kept


def _day(text: str | None) -> date | None:
    from goalkeeper.dates import parse_date
    from goalkeeper.languages import shown

    try:
        return None if text is None else parse_date(text)
    except ValueError as error:
        raise click.BadParameter(shown(str(error)), param_hint="--since") from None

"""The command that runs tests of goals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from goalkeeper.cli.allowing import allowing_reads
from goalkeeper.cli.outputs import write_report
from goalkeeper.cli.render import note, problem_code, say, say_problems, terminal_color, terminal_width
from goalkeeper.cli.speech import heed_all, speech
from goalkeeper.exits import EXIT_CLOSED, EXIT_NOTHING, EXIT_OPEN, EXIT_USAGE
from goalkeeper.languages import tr
from goalkeeper.paths import Allowed

if TYPE_CHECKING:
    from goalkeeper.testing.report import Report

FORMATS = ("junit", "json")


def _outputs(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> list[tuple[str, Path]]:
    found = []
    for text in given:
        form, sign, path = text.partition("=")
        if form not in FORMATS or not sign or not path:
            raise click.BadParameter(f"write FORMAT=PATH with one of {', '.join(FORMATS)}, such as junit=tests.xml")
        found.append((form, Path(path)))
    return found


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--run", "names", multiple=True, metavar="NAME", help="Only tests with this name or pattern. Repeatable.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", help="What to print.")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_outputs,
    help="Write a file besides: junit=tests.xml or json=tests.json. Repeatable.",
)
@click.option("--coverage", is_flag=True, help="Say which rules and outcomes no test reaches.")
@click.option(
    "--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit 1 when coverage is below this."
)
@click.option("--verbose", "-v", is_flag=True, help="List the tests that passed, too.")
@allowing_reads
@speech
def test(
    paths: tuple[Path, ...],
    names: tuple[str, ...],
    form: str,
    outputs: list[tuple[str, Path]],
    fail_under: float | None,
    *,
    coverage: bool,
    verbose: bool,
    allowed: Allowed,
) -> None:
    """Run the tests of PATHS (*.test.yaml files, or folders of them; all below here when left out).

    A test gives made-up numbers, a day of judging and what must come of the goals. Exit codes: 0 all passed, 1 a test
    failed or coverage is below --fail-under, 2 a file is invalid, 5 there is no test.
    """
    from goalkeeper import testing
    from goalkeeper.problems import ProblemsFound

    heed_all(testing.goals_of(paths or [Path()], allowed))
    try:
        report = testing.run(paths or [Path()], names=names, allowed=allowed)
    except ProblemsFound as stop:
        say_problems(stop.problems)
        raise SystemExit(EXIT_USAGE) from None
    if not report.tests:
        nothing = tr(
            "There is no test with that name." if names else "There is no test here: a test file ends in .test.yaml."
        )
        note(nothing)
        raise SystemExit(EXIT_NOTHING)
    unwritten = [problem for kind, path in outputs if (problem := write_report(kind, path, _document(kind, report)))]
    if form == "json":
        click.echo(_document("json", report), nl=False)
    else:
        from goalkeeper.reporters import goal_tests

        shown = coverage or fail_under is not None
        text = goal_tests.render(
            report, width=terminal_width(), color=terminal_color(), verbose=verbose, coverage=shown
        )
        say(text)
    say_problems(unwritten)
    raise SystemExit(problem_code(unwritten) or _code(report, fail_under))


def _code(report: Report, fail_under: float | None) -> int:
    if fail_under is not None and report.coverage.percent < fail_under:
        from goalkeeper.reporters.goal_tests import percent
        from goalkeeper.said import Figure

        share = percent(report.coverage.percent)
        least = Figure(f"{fail_under:g}%", f"{fail_under:g}%")
        note(tr("Coverage is {share}, below {least}.", share=share, least=least))
        return EXIT_CLOSED
    return EXIT_CLOSED if report.failed else EXIT_OPEN


def _document(form: str, report: Report) -> str:
    if form == "json":
        from goalkeeper.reporters import goal_tests_json

        return goal_tests_json.render(report)
    from goalkeeper.reporters import junit_tests

    return junit_tests.render(report)

"""What a CI shows of a run besides its log: annotations and a summary in GitHub, reports in GitLab."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from goalkeeper.cli.scoring import Asked, Judged, judge, judging, say_judged
from goalkeeper.cli.surroundings import CI, Surroundings, surroundings
from goalkeeper.exits import EXIT_CLOSED, EXIT_DATA, EXIT_INCONCLUSIVE, EXIT_NOTHING, EXIT_OPEN
from goalkeeper.reporters.safe import safe

CODE_QUALITY = Path("gl-code-quality-report.json")
JUNIT = Path("junit.xml")


@click.command()
@judging
def ci(**options: Any) -> None:
    """Score, and show it with what the CI here can show.

    In GitHub Actions: annotations, the summary and the outputs of the step. In GitLab CI: a code quality report and a
    JUnit report. Anywhere else: what score prints.
    """
    asked = Asked(**options)
    judged, here = judge(asked), surroundings()
    say_judged(judged, asked)
    match here.ci:
        case CI.GITHUB:
            shown = show_in_github(judged, here)
            outputs = _outputs(judged, exit_code(judged, written=shown))
            written = _append(here.outputs, outputs, "outputs of the step") and shown
        case CI.GITLAB:
            written = _report_to_gitlab(judged, here)
        case CI.OTHER | CI.NONE:
            written = True
    raise SystemExit(exit_code(judged, written=written))


def exit_code(judged: Judged, *, written: bool) -> int:
    """The exit code of a run whose reports could, or could not, be written."""
    passing = {EXIT_OPEN, EXIT_CLOSED, EXIT_INCONCLUSIVE, EXIT_NOTHING}
    return EXIT_DATA if not written and judged.exit_code in passing else judged.exit_code


def show_in_github(judged: Judged, here: Surroundings) -> bool:
    """Annotates the lines of the goals, and adds to the summary of the step; whether all could be written."""
    from goalkeeper.reporters import github, step_summary

    if judged.card is not None:
        notes = github.render(judged.card, root=here.root)
        summary = step_summary.render(judged.card, room=_room(here.summary))
    else:
        notes = github.render_problems(judged.problems, root=here.root)
        summary = step_summary.render_problems(judged.problems, room=_room(here.summary))
    click.echo(notes, nl=False, err=True)  # the runner reads both streams, and standard output holds the result
    return _append(here.summary, summary, "summary of the step")


def _room(summary: Path | None) -> int:
    """The bytes that the summary of this step has left."""
    from goalkeeper.reporters.step_summary import ROOM

    return ROOM - (summary.stat().st_size if summary is not None and summary.exists() else 0)


def _outputs(judged: Judged, code: int) -> str:
    """The outputs of the step, a line each; the outcome and the score are empty where nothing was judged."""
    from goalkeeper.reporters.json import number

    outcome = "" if judged.card is None else str(judged.card.outcome)
    score = None if judged.card is None else number(judged.card.score)
    return f"outcome={outcome}\nscore={'' if score is None else score}\nexit_code={code}\n"


def _report_to_gitlab(judged: Judged, here: Surroundings) -> bool:
    """Writes the reports that GitLab collects into this folder; whether all could be written."""
    from goalkeeper.reporters import gitlab

    if judged.card is None:
        return _write(CODE_QUALITY, gitlab.render_problems(judged.problems, root=here.root))
    written = _write(CODE_QUALITY, gitlab.render(judged.card, root=here.root))
    try:
        from importlib import import_module

        junit = import_module("goalkeeper.reporters.junit")
    except ModuleNotFoundError:
        click.echo(f"{JUNIT} is not written: this version has no JUnit report.", err=True)
        return written
    return _write(JUNIT, junit.render(judged.card)) and written


def _append(file: Path | None, text: str, what: str) -> bool:
    """Adds *text* to a file of the runner, where it has one."""
    if file is None:
        return True
    try:
        with file.open("a", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except OSError as error:
        return _unwritten(f"the {what}", error)
    return True


def _write(file: Path, text: str) -> bool:
    """Writes a report beside its place and moves it there, so that nobody reads half of one."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        return _unwritten(str(file), error)
    click.echo(f"wrote {file}", err=True)
    return True


def _unwritten(what: str, error: OSError) -> bool:
    reason = (error.strerror or str(error)).lower()
    click.echo(f"{safe(what[:1].upper() + what[1:])} could not be written: {safe(reason)}.", err=True)
    return False

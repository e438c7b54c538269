"""What a CI shows of a run besides its log: annotations and a summary in GitHub, reports in GitLab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from goalkeeper.cli.outputs import Output, write_report
from goalkeeper.cli.render import note, reason_of, say_problems
from goalkeeper.cli.scoring import Asked, Judged, judge, judging, say_judged
from goalkeeper.cli.surroundings import CI, Surroundings, surroundings
from goalkeeper.exits import EXIT_CLOSED, EXIT_DATA, EXIT_INCONCLUSIVE, EXIT_NOTHING, EXIT_OPEN
from goalkeeper.languages import tr
from goalkeeper.said import Said, say

CODE_QUALITY = Path("gl-code-quality-report.json")
JUNIT = Path("junit.xml")


@click.command()
@judging
def ci(**options: Any) -> None:
    """Score, and show it with what the CI here can show.

    In GitHub Actions: annotations, the summary and the outputs of the step. In GitLab CI: a code quality report and a
    JUnit report. Anywhere else: what score prints.
    """
    asked, here = Asked(**options), surroundings()
    if here.ci is CI.GITLAB:
        asked = replace(asked, outputs=(*asked.outputs, *_reports(asked.outputs)))
    judged = judge(asked)
    code = say_judged(judged, asked)
    match here.ci:
        case CI.GITHUB:
            shown = show_in_github(judged, here)
            told = _outputs(judged, exit_code(code, written=shown))
            written = _append(here.outputs, told, say("The outputs of the step")) and shown
        case CI.GITLAB if judged.card is None:
            written = _say_in_gitlab(judged, here)
        case _:
            written = True
    raise SystemExit(exit_code(code, written=written))


def exit_code(code: int, *, written: bool) -> int:
    """The exit code of a run whose reports could, or could not, be written."""
    passing = {EXIT_OPEN, EXIT_CLOSED, EXIT_INCONCLUSIVE, EXIT_NOTHING}
    return EXIT_DATA if not written and code in passing else code


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
    return _append(here.summary, summary, say("The summary of the step"))


def _room(summary: Path | None) -> int:
    """The bytes that the summary of this step has left."""
    from goalkeeper.limits import SUMMARY_BYTES

    return SUMMARY_BYTES - (summary.stat().st_size if summary is not None and summary.exists() else 0)


def _outputs(judged: Judged, code: int) -> str:
    """The outputs of the step, a line each; the outcome and the score are empty where nothing was judged."""
    from goalkeeper.reporters.json_parts import number

    outcome = "" if judged.card is None else str(judged.card.outcome)
    score = None if judged.card is None else number(judged.card.score)
    return f"outcome={outcome}\nscore={'' if score is None else score}\nexit_code={code}\n"


def _reports(named: Sequence[Output]) -> list[Output]:
    """What GitLab collects, but for the formats that are written elsewhere already."""
    forms = {output.form for output in named}
    wanted = Output("gitlab", CODE_QUALITY), Output("junit", JUNIT)
    return [output for output in wanted if output.form not in forms]


def _say_in_gitlab(judged: Judged, here: Surroundings) -> bool:
    """Writes what is wrong with the files where GitLab shows it; whether it could be written."""
    from goalkeeper.reporters import gitlab

    text = gitlab.render_problems(judged.problems, root=here.root)
    problem = write_report("gitlab", CODE_QUALITY, text)
    if problem is not None:
        say_problems([problem])
        return False
    note(tr("wrote {file}", file=CODE_QUALITY.as_posix()))
    return True


def _append(file: Path | None, text: str, what: Said) -> bool:
    """Adds *text* to a file of the runner, where it has one."""
    if file is None:
        return True
    try:
        with file.open("a", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except OSError as error:
        note(tr("{what} could not be written: {reason}.", what=what, reason=reason_of(error)))
        return False
    return True

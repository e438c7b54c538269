"""The scorecard as workflow commands of GitHub Actions, which show as annotations beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from goalkeeper.languages import speaking
from goalkeeper.limits import ANNOTATIONS as SHOWN
from goalkeeper.problems import Problem
from goalkeeper.reporters import findings
from goalkeeper.reporters.findings import Finding, Level
from goalkeeper.reporters.layout import cut
from goalkeeper.reporters.safe import safe
from goalkeeper.scorecard import Scorecard

TITLE = 120
LONGEST = 4000
"""GitHub cuts a message after 4,096 characters."""


@speaking("en")
def render(scorecard: Scorecard, *, root: Path | None = None) -> str:
    """A command a line: each rule that does not pass, at its line of the file as seen from *root*."""
    return _commands(findings.of_scorecard(scorecard), root)


@speaking("en")
def render_problems(problems: Iterable[Problem], *, root: Path | None = None) -> str:
    """The same for files that could not be judged."""
    return _commands(findings.of_problems(problems), root)


def _commands(found: Sequence[Finding], root: Path | None) -> str:
    return "".join(f"{line}\n" for level in Level for line in _of_level(level, found, root))


def _of_level(level: Level, found: Sequence[Finding], root: Path | None) -> Iterator[str]:
    those = [one for one in found if one.level is level]
    shown = those if len(those) <= SHOWN else those[: SHOWN - 1]
    for one in shown:
        place = {}
        if one.span is not None:
            file = safe(findings.from_root(one.span.file, root))
            place = {"file": file, "line": str(one.span.line), "col": str(one.span.column)}
        yield _command(level, {**place, "title": cut(one.title, TITLE)}, "\n".join(one.lines)[:LONGEST])
    rest = len(those) - len(shown)
    if rest:
        text = f"There are {rest} more. GitHub shows {SHOWN} of a step; the log and the step summary have all of them."
        yield _command(level, {"title": f"and {rest} more"}, text)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("##[", "# #[").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Reports of one run: `--output FORMAT=PATH`, as often as there are readers, beside what is printed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from goalkeeper.cli import render
from goalkeeper.cli.render import reason_of, terminal_color, terminal_width
from goalkeeper.cli.surroundings import surroundings
from goalkeeper.languages import tr
from goalkeeper.paths import written_beside
from goalkeeper.problems import Problem, did_you_mean
from goalkeeper.reporters import outputs
from goalkeeper.said import enumerated, say

if TYPE_CHECKING:
    from goalkeeper.scorecard import Scorecard  # every command is known before one is run

PRINTED = "-"
"""The path of what is printed instead of the scorecard for the terminal."""
_CURES: Mapping[int, str] = {
    errno.EACCES: say("choose a folder that you may write to"),
    errno.EPERM: say("choose a folder that you may write to"),
    errno.EROFS: say("choose a folder that can be written to"),
    errno.ENOSPC: say("make room, or choose another disk"),
    errno.EDQUOT: say("make room, or choose another disk"),
    errno.EFBIG: say("make room, or choose another disk"),
    errno.ENOTDIR: say("a part of its path is a file: choose another folder"),
    errno.EEXIST: say("a part of its path is a file: choose another folder"),
    errno.EISDIR: say("it is a folder: name a file in it"),
    errno.ENAMETOOLONG: say("choose a shorter name"),
}


class Output(Struct, frozen=True):
    """A report to write: its format, and its file as it was named, or None where it is printed."""

    form: str
    path: Path | None


def read_outputs(_context: click.Context, option: click.Parameter, texts: Sequence[str]) -> tuple[Output, ...]:
    """The outputs that the option asks for.

    Raises:
        BadParameter: where one cannot be read, and where two would be written to one place.
    """
    found: dict[str, Output] = {}
    for text in texts:
        output = _read(text, option)
        place = PRINTED if output.path is None else os.path.normcase(os.path.realpath(output.path))
        if place in found:
            raise click.BadParameter(_both(found[place].form, output), param=option)
        found[place] = output
    return tuple(found.values())


def _both(one: str, other: Output) -> str:
    if other.path is None:
        return tr("{one} and {other} would both be written to standard output", one=one, other=other.form)
    path = other.path.as_posix()
    return tr("{one} and {other} would both be written to '{path}'", one=one, other=other.form, path=path)


def _read(text: str, option: click.Parameter) -> Output:
    form, sign, path = text.partition("=")
    if form in outputs.MODULES and not path:
        raise click.BadParameter(
            tr("'{text}' names no file: write {form}=PATH, or {form}=-", text=text, form=form), param=option
        )
    if not sign:
        known = enumerated(sorted(outputs.MODULES))
        raise click.BadParameter(
            tr("'{text}' names no format: write FORMAT={text}, with one of {known}", text=text, known=known),
            param=option,
        )
    if form not in outputs.MODULES:
        cure = did_you_mean(form, outputs.MODULES.keys())
        raise click.BadParameter(tr("there is no format '{form}': {cure}", form=form, cure=cure), param=option)
    return Output(form, None if path == PRINTED else Path(path))


def put_out(card: Scorecard, form: str, *, verbose: bool) -> None:
    """Print the scorecard. What machines read is the same bytes everywhere."""
    if form == "terminal":
        render.say(outputs.render(card, form, width=terminal_width(), color=terminal_color(), verbose=verbose))
    else:
        click.echo(_bytes(outputs.render(card, form, **_look(form, verbose=verbose))), nl=False)


def _look(form: str, *, verbose: bool) -> dict[str, Any]:
    """What a reporter takes besides: in a CI, the root of the repository that the goal files are seen from."""
    if form == "terminal":
        return {"verbose": verbose}
    return {"root": surroundings().root} if form in {"github", "gitlab"} else {}


def write(
    card: Scorecard, asked: Sequence[Output], *, verbose: bool, history: Path | None = None
) -> tuple[list[Path], list[Problem]]:
    """Write the reports that go to files: those written, and what is wrong with the others."""
    written, problems = list[Path](), list[Problem]()
    for output in asked:
        if output.path is None:
            continue
        name = output.path.as_posix()
        if history is not None and _is_one(output.path, history):
            help_ = say("name another file: a report takes the place of what was there")
            what = say("'{file}' is the history that the scorecard goes to", file=name)
            problems.append(Problem("GK642", what, help=help_))
            continue
        if _is_read(output.path, card):
            help_ = say("name another file: a report takes the place of what was there")
            what = say("'{file}' is a file that the scorecard was made from", file=name)
            problems.append(Problem("GK642", what, help=help_))
            continue
        text = outputs.render(card, output.form, **_look(output.form, verbose=verbose))
        problem = write_report(output.form, output.path, text)
        if problem is None:
            written.append(output.path)
        else:
            problems.append(problem)
    return written, problems


def write_report(form: str, path: Path, text: str) -> Problem | None:
    """Write one report, whole or not at all; what is wrong with its file, if anything is."""
    try:
        _replace(path, _bytes(text))
    except OSError as error:
        cure = _CURES.get(error.errno or 0, say("choose another path"))
        what = say(
            "the {form} report cannot be written to '{file}': {why}",
            form=form,
            file=path.as_posix(),
            why=reason_of(error),
        )
        return Problem("GK641", what, help=cure)
    return None


def _bytes(text: str) -> bytes:
    """The bytes of a report. Half a character is none of UTF-8: what is left of one in JSON becomes its escape."""
    return text.encode("utf-8", "backslashreplace")


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = Path(os.path.realpath(path))  # a link stays, and what it leads to is replaced
    if target.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():  # a pipe or a device has no place to move to
        path.write_bytes(content)
        return
    with written_beside(target) as beside:
        beside.write_bytes(content)


def _is_read(path: Path, card: Scorecard) -> bool:
    """Whether a path is that of a goal file or a data file of the scorecard; what is YAML is no report of ours."""
    if path.suffix.lower() in {".yaml", ".yml"} and path.exists():
        return True
    return path.is_file() and any(path.samefile(file) for file in _files(card) if file.is_file())


def _is_one(path: Path, other: Path) -> bool:
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(other))


def _files(card: Scorecard) -> Iterator[Path]:
    """The files that a scorecard was made from, where its paths lead to."""
    spans = [goal.location for goal in card.goals]
    spans += [verdict.location for goal in card.goals for rule in goal.rules for verdict in rule.verdicts]
    goals = {Path(file) for file in {span.file for span in spans if span is not None}}
    yield from goals
    for folder in {Path(), *(file.parent for file in goals)}:
        for file in card.inputs:
            yield folder / file.path

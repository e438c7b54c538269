"""A file of each format with one thing broken: it gives a problem that names the line and the cure, or no wrong number.

`cases/broken.yaml` has for each shipped format, and for each of the five breakages, an entry or a list of them:

    file       which file of `cases/formats/FORMAT` is broken; what else its first reading there reads stays whole
    only       true, where the others are not read
    name       what is special, where a format has several entries
    drop       headers whose columns are taken out
    replace    texts that stand there once, or cells of a workbook, and what stands there instead
    replace_all    the same for texts that stand there more often
    swap       headers of days whose day and month change places
    cut        the text behind which the file ends, or how many bytes are kept
    written_in, saved_as    the encoding that the file has, where nothing in it says so, and the one that it is given
    declared   what the source says under `encoding`
    problem    what is said, and nothing is scored: its `code`, `line` and `column`, what it `says`, and the `cure`;
               `header` where its place is the goal file: the line of the data file that it points to beside it
    reads      instead, where the file is read: for each number of the reading that is lost, what is said of it; all others
               are as they were
    why        with it: why no one could tell, or why it does not matter
    cannot     instead: why there is no such breakage

Whatever an entry says, no number that the reading of the whole file asks for comes out as another one. A cure that is all
there is to write, `columns:` or `time:`, is written into the goal file, and all numbers are right again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from break_files import broken
from goalkeeper import ProblemsFound
from goalkeeper.columns import Missing
from goalkeeper.problems import Problem, errors
from goalkeeper.sources.shipped import shipped_formats
from goalkeeper.verdict import Verdict
from read_files import Ask, TextLoader, described, formed, verdicts
from test_formats import goal_file, readings

CASES = Path(__file__).parent / "cases"
BREAKAGES = ("missing column", "changed header", "truncated", "wrong encoding", "swapped day and month")
CHANGES = {"drop", "replace", "replace_all", "swap", "cut", "written_in", "saved_as"}
KEYS = {*CHANGES, "file", "only", "name", "declared", "problem", "reads", "why", "cannot"}


@cache
def entries() -> tuple[Mapping[str, Any], ...]:
    """All entries, each with its format and breakage."""
    written = yaml.load((CASES / "broken.yaml").read_text(encoding="utf-8"), TextLoader)
    return tuple(
        {**entry, "format": name, "breakage": breakage}
        for name, breakages in written.items()
        for breakage, found in breakages.items()
        for entry in (found if isinstance(found, list) else [found])
    )


def each(kind: str) -> Iterator[Any]:
    """The entries with one of the three endings."""
    for number, entry in enumerate(entries()):
        if kind in entry:
            parts = [entry["format"], entry["breakage"], entry.get("name"), str(number)]
            yield pytest.param(number, id=": ".join(filter(None, parts)))


def whole(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first reading of the file as it is."""
    own = [r for r in readings() if r["folder"].name == entry["format"] and entry["file"] in r["files"]]
    alone = [r for r in own if "problem" not in r and (not entry.get("only") or len(r["files"]) == 1)]
    found = (alone or own)[0]
    return {**found, "files": [entry["file"]]} if entry.get("only") else found


def spoilt(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The goal file of a reading, its files in *folder*, one of them broken."""
    reading = whole(entry)
    for name in reading["files"]:
        shutil.copy(reading["folder"] / name, folder / name)
    changes = {key: entry[key] for key in CHANGES & entry.keys()}
    (folder / entry["file"]).write_bytes(broken(reading["folder"] / entry["file"], changes))
    encoding = {"encoding": entry["declared"]} if "declared" in entry else {}
    return goal_file({**reading, "source": {**(reading.get("source") or {}), **encoding}})


def asks(reading: Mapping[str, Any]) -> dict[str, tuple[Ask, Any]]:
    """What a reading asks for, and the right answers."""
    found = {}
    for name, said in reading["values"].items():
        asked = said if isinstance(said, dict) else {"value": said}
        period = asked.get("period", f"{reading['start']} to {reading['end']}")
        found[name] = Ask(asked.get("kpi", name), period, asked.get("where", {})), asked["value"]
    return found


def test_each_format_has_an_entry_for_each_breakage() -> None:
    wanted = {(name, breakage) for name in shipped_formats() for breakage in BREAKAGES}
    assert {(entry["format"], entry["breakage"]) for entry in entries()} == wanted


@pytest.mark.parametrize("number", range(len(entries())))
def test_an_entry_says_how_it_ends(number: int) -> None:
    entry = entries()[number]
    assert not entry.keys() - KEYS - {"format", "breakage"}
    assert sum(key in entry for key in ("problem", "reads", "cannot")) == 1
    assert ("reads" in entry) == ("why" in entry), "only what is read all the same has to be argued"
    assert "cannot" in entry or entry.keys() & {*CHANGES, "declared"} - {"written_in"}, "nothing is broken"


@pytest.mark.parametrize("number", list(each("problem")))
def test_the_problem_names_the_line_and_the_cure(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entries()[number]
    monkeypatch.chdir(tmp_path)
    file = spoilt(entry, tmp_path)
    found = errors(formed(file).problems)
    assert any(_is_said(entry, problem) for problem in found), described(found) or "nothing is said"
    first, *_ = asks(whole(entry)).values()
    (answer,) = verdicts(file, first[:1])
    assert isinstance(answer, ProblemsFound), f"said, and scored as {answer.value}"
    assert any(_is_said(entry, problem) for problem in answer.problems), described(answer.problems)


def cured() -> Iterator[Any]:
    """The entries whose cure is something to write in the goal file, in full."""
    for param in each("problem"):
        cure = entries()[param.values[0]]["problem"]["cure"]
        if cure.startswith(("columns: ", "time: ")) and "HEADER" not in cure and " or " not in cure:
            yield param


@pytest.mark.parametrize("number", list(cured()))
def test_a_cure_in_the_goal_file_cures(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entries()[number]
    monkeypatch.chdir(tmp_path)
    file = spoilt(entry, tmp_path)
    file["sources"]["export"] |= yaml.safe_load(f"{{{entry['problem']['cure']}}}")
    assert not errors(formed(file).problems), described(formed(file).problems)
    if "swap" in entry and entry.keys() & {"replace", "replace_all"}:
        return  # days that the reading does not ask for
    asked = asks(whole(entry))
    for name, answer in zip(asked, verdicts(file, [ask for ask, _ in asked.values()]), strict=True):
        _hold(name, _said(answer), asked[name][1])


def _is_said(entry: Mapping[str, Any], problem: Problem) -> bool:
    wanted = entry["problem"]
    places = [one.span for one in problem.related] if "header" in wanted else [problem.span]
    line = wanted.get("header", wanted.get("line"))
    return (
        problem.code == wanted["code"]
        and any(
            place is not None
            and (place.file, place.line) == (entry["file"], line)
            and wanted.get("column") in {None, place.column}
            for place in places
        )
        and wanted["says"] in problem.message
        and wanted["cure"] in problem.help
    )


@pytest.mark.parametrize("number", list(each("reads")))
def test_what_is_read_all_the_same_is_right(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entries()[number]
    monkeypatch.chdir(tmp_path)
    file = spoilt(entry, tmp_path)
    assert not errors(formed(file).problems), described(formed(file).problems)
    asked = asks(whole(entry))
    assert not entry["reads"].keys() - asked.keys()
    answers = dict(zip(asked, verdicts(file, [ask for ask, _ in asked.values()]), strict=True))
    for name, (_, right) in asked.items():
        _hold(name, _said(answers[name]), entry["reads"].get(name, right))


def _hold(name: str, said: float | str | None, right: float | str) -> None:
    """Hold what is said of a number to the right one, or to the reason why there is none."""
    if isinstance(right, str):
        assert isinstance(said, str), f"{name} is no number, and scored as {said}"
        assert right in said
    else:
        assert said == pytest.approx(right, rel=1e-9), name


def _said(answer: Verdict | ProblemsFound) -> float | str | None:
    """The number of an answer, or why there is none and what to do."""
    if isinstance(answer, ProblemsFound):
        return described(answer.problems)
    return answer.value.detail if isinstance(answer.value, Missing) else answer.value

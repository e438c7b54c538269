"""Goal files to data and places."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import model_validator

from goalkeeper import project, syntax
from goalkeeper.documents import from_data, parse, read
from goalkeeper.limits import DEPTH, PARTS, PROBLEMS
from goalkeeper.model import GoalFile
from goalkeeper.paths import entered, written_beside
from goalkeeper.problems import Problem
from goalkeeper.project import load, read_model
from goalkeeper.reporters.problems import render


def codes(text: str | bytes, file: str = "goals.yaml") -> list[str]:
    return [problem.code for problem in parse(text, file)[1]]


def data(text: str, file: str = "goals.yaml") -> object:
    document, problems = parse(text, file)
    assert document is not None, render(problems)
    return document.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("22:22", "22:22"),
        ("2026-04-01", "2026-04-01"),
        ("1405-01-01", "1405-01-01"),
        ("1_000", "1_000"),
        ("010", "010"),
        ("007", "007"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("1e400", "1e400"),
        ("9" * 31, "9" * 31),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("+1.5", 1.5),
        ("'1'", "1"),
        ('"a\\tb"', "a\tb"),
        ("15%", "15%"),
        ("نرخ‌تبدیل", "نرخ‌تبدیل"),
    ],
)
def test_scalars(text: str, value: object) -> None:
    assert data(f"a: {text}\n") == {"a": value}


def test_keys_are_text() -> None:
    assert data("{2026: 1, true: 2, 2026-01: 3}") == {"2026": 1, "true": 2, "2026-01": 3}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfev\x00", "GK102"),
        (b"a: \xff", "GK102"),
        ("a: \ud800", "GK102"),
        ("a: 1\rb: 2", "GK103"),
        ("# reviewed\u2028threshold: 0\n", "GK103"),
        ("a: \x85", "GK103"),
        ("a: \x00", "GK103"),
        ('a: "\\e[31m"', "GK103"),
        ('a: "\\u202e"', "GK103"),
        ("a: x\u200cy", "GK103"),
        ("%YAML 1.1\n---\na: 1\n", "GK105"),
        ("a: &x [*x]\n", "GK105"),
        ("? [a]\n: b\n", "GK112"),
        ("a: b\n" * 2, "GK104"),
    ],
)
def test_refused(content: str | bytes, code: str) -> None:
    assert codes(content) == [code]


def test_json_is_the_same_language() -> None:
    text = '{\n\t"a": [1, 2.5, null, true, "x\\/y"],\n\t"b": "\\ud83d\\ude00"\n}'
    assert data(text, "goals.json") == json.loads(text)
    assert codes('{"a": 1,}', "goals.json") == ["GK101"]
    assert codes('{"a": NaN}', "goals.json") == ["GK112"]
    assert codes('{"a": 1, "a": 2}', "goals.json") == ["GK104"]
    assert codes("[" * 5000, "goals.json") == ["GK106"]


def test_byte_order_mark_and_line_ends() -> None:
    assert data("\ufeffa: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert [p.code for p in read(tmp_path / "none.yaml")[1]] == ["GK114"]
    assert [p.code for p in read(tmp_path)[1]] == ["GK114"]
    (tmp_path / "goals.txt").write_text("version: 1\n", encoding="utf-8")
    _, (problem,) = load([tmp_path / "goals.txt"], against_schema=False)
    assert problem.message == f"'{tmp_path.as_posix()}/goals.txt' is not a goal file"


def barring(names: set[str], real: Callable[..., Any]) -> Callable[..., Any]:
    """What opens or looks into anything but what has one of these names."""

    def opened(path: Any, *args: Any, **options: Any) -> Any:
        if Path(path).name in names:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *args, **options)

    return opened


def test_what_may_not_be_read_is_said_and_never_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("goals.yaml", "closed.json"):
        (tmp_path / name).write_text('{"version": 1, "goals": []}', encoding="utf-8")
    monkeypatch.setattr(Path, "open", barring({"goals.yaml", "closed.json"}, Path.open))
    said = [problem.message for problem in load([tmp_path], against_schema=False)[1]]
    assert said == [
        f"'{tmp_path.as_posix()}/closed.json' cannot be read: Permission denied",
        f"'{tmp_path.as_posix()}/goals.yaml' cannot be read: Permission denied",
    ]
    (tmp_path / "more").mkdir()
    monkeypatch.setattr(os, "scandir", barring({"more"}, os.scandir))
    said = [problem.message for problem in load([tmp_path], against_schema=False)[1]]
    assert said == [f"'{tmp_path.as_posix()}/more' cannot be read: Permission denied"]


def test_a_pattern_leads_into_no_folder_that_may_not_be_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place).name != "closed")
    entered(tmp_path, "open/*.csv")
    with pytest.raises(PermissionError) as stop:
        entered(tmp_path, "closed/*.csv")
    assert stop.value.filename == str(tmp_path / "closed")


def test_a_file_that_is_not_written_to_its_end_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_text("before", encoding="utf-8")

    def breaks_off() -> None:
        with written_beside(file) as place:
            place.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        breaks_off()
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"card.json": "before"}


@pytest.mark.parametrize("escape", ["\\U00110000", "\\UFFFFFFFF"])
@pytest.mark.parametrize("loader", [syntax._Loader, yaml.SafeLoader], ids=["fast", "slow"])
def test_an_escape_that_is_no_character_is_refused(escape: str, loader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser in Python stands in where the one in C is not there."""
    monkeypatch.setattr(syntax, "_Loader", loader)
    assert codes(f'version: 1\nname: "{escape}"\n') == ["GK101"]


def nested(depth: int) -> object:
    return [nested(depth - 1)] if depth else "in"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("\ud800", "a text holds half a character"),
        (1j, "a value of the type complex cannot stand in a goal file"),
        (nested(DEPTH), f"the values are nested more than {DEPTH} deep"),
        ([0] * PARTS, f"the file has more than {PARTS:,} parts"),
        ({1: "a", "1": "b"}, "two keys are the same text"),
    ],
    ids=["half", "type", "deep", "many", "twice"],
)
def test_plain_values_that_no_goal_file_can_have(value: object, said: str) -> None:
    document, (problem,) = from_data({"version": 1, "of": value})
    assert document is None
    assert problem.message == said


def test_files_of_one_run_have_a_limit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "ENTRIES", 3)
    for name in ("a.yaml", "b.yaml"):
        kpis = ", ".join(f"{name[0]}{number}: {{formula: clicks}}" for number in range(2))
        (tmp_path / name).write_text(f"version: 1\nkpis: {{{kpis}}}\n", encoding="utf-8")
    _, (problem,) = load([tmp_path], against_schema=False)
    assert problem.message == "'kpis' has more than 3 entries in all files of the run"
    assert problem.span is not None
    assert (Path(problem.span.file).name, problem.span.line) == ("b.yaml", 2)


class Needy(GoalFile):
    """A model that asks for what its schema does not."""

    needed: int


class Picky(GoalFile):
    """A model that refuses what its schema allows."""

    @model_validator(mode="after")
    def refuse(self) -> Picky:
        raise ValueError("not on Mondays")


@pytest.mark.parametrize(
    ("model", "said"), [(Needy, ["Field required"]), (Picky, ["Value error, not on Mondays"])], ids=["needy", "picky"]
)
def test_what_the_model_alone_refuses_is_told(
    model: type[GoalFile], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours, that must not pass for a file that reads."""
    document, _ = parse("version: 1\n", "g.yaml")
    assert document is not None
    monkeypatch.setattr(project, "GoalFile", model)
    found, problems = read_model(document, against_schema=False)
    assert found is None
    assert [(problem.code, problem.message) for problem in problems] == [("GK112", one) for one in said]


def test_what_the_schema_alone_refuses_is_told_by_check(monkeypatch: pytest.MonkeyPatch) -> None:
    document, _ = parse("version: 1\n", "g.yaml")
    assert document is not None
    refusal = Problem("GK112", "refused")
    monkeypatch.setattr(project, "explain", lambda document: [refusal])
    assert read_model(document, against_schema=True)[1] == [refusal]
    assert read_model(document, against_schema=False)[1] == []


def test_where_as_many_mistakes_are_told_as_may_be_nothing_more_is_looked_for() -> None:
    """What is left of such a file would be said to lack what was left out."""
    goals = "".join(f"  - {{id: g{number}, zz: 1, rule: keep clicks above 3}}\n" for number in range(PROBLEMS))
    document, _ = parse(f"version: 1\ngoals:\n{goals}", "g.yaml")
    assert document is not None
    found, problems = read_model(document, against_schema=False)
    assert found is None
    assert [problem.code for problem in problems] == ["GK110"] * PROBLEMS


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ('{"version": 1, "sources": {}, "goals": []}', True),
        ('\ufeff{"goals": [{"rule": "a \\"{"}], "version": 1}', True),
        ('{"version": 1, "goals": [', True),
        ('[{"version": 1, "goals": []}]', False),
        ('{"rows": [{"version": 1, "goals": 3}]}', False),
        ('{"name": "version", "goals": 3}', False),
        ('{"name": "dashboard", "version": "1.0.0"}', False),
        ('{"version": 1, "as_of": "2026-05-01", "goals": []}', False),
        ('{"clicks": 3}', False),
        ("version: 1", False),
    ],
)
def test_a_goal_file_in_json_is_found_in_a_folder(text: str, taken: bool, tmp_path: Path) -> None:  # noqa: FBT001
    (tmp_path / "goals.yaml").write_text("version: 1\n", encoding="utf-8")
    (tmp_path / "inner").mkdir()
    file = tmp_path / "inner" / "some.json"
    file.write_text(text, encoding="utf-8")
    project, problems = load([tmp_path], against_schema=False)
    files = {placed.document.file for placed in project.files} if project else set()
    assert (file.as_posix() in files or any(p.span and p.span.file == file.as_posix() for p in problems)) is taken


def test_a_folder_without_goal_files_says_so(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('[{"clicks": 3}]', encoding="utf-8")
    _, (problem,) = load([tmp_path], against_schema=False)
    assert problem.code == "GK114"
    assert "no goal file in the folder" in problem.message
    assert "version" in problem.help


def test_plain_values() -> None:
    from datetime import date

    document, problems = from_data({"start": date(2026, 4, 1), "rules": ("a", "b")})
    assert not problems
    assert document is not None
    assert document.data == {"start": "2026-04-01", "rules": ["a", "b"]}
    assert from_data({"a": object()})[1][0].code == "GK112"
    assert from_data({"a": float("nan")})[1][0].code == "GK112"


def test_places_of_words_inside_texts() -> None:
    document, _ = parse("a: \"increase x by 15%\"\nb: >-\n  increase\n  clicks by 3\nc: 'it''s clicks'\n", "g.yaml")
    assert document is not None
    assert document.at(("a",), offset=9).column == 14
    folded = document.at(("b",), offset=9, length=6)
    assert (folded.line, folded.column, folded.length) == (4, 3, 6)
    quoted = document.at(("c",), offset=5, length=6)
    assert (quoted.line, quoted.column) == (5, 11)
    assert document.at(("zzz", 0)).line == 1
    escaped, _ = parse('a: "1 / \\u0441ost"\nb: 12\n', "g.yaml")
    assert escaped is not None
    assert (escaped.at(("a",), offset=4, length=4).column, escaped.at(("a",), offset=4, length=4).length) == (4, 15)
    assert (escaped.at(("b",), offset=1).column, escaped.at(("b",), offset=1).length) == (4, 2)


@given(st.text(max_size=200) | st.binary(max_size=200))
@example("{? }")
@example("- - -\n -")
@example('"\\x')
@settings(max_examples=400, deadline=None)
def test_no_input_raises(content: str | bytes) -> None:
    document, problems = parse(content, "goals.yaml")
    assert (document is None) == bool(problems)
    render(problems, color=True)
    if document is not None:
        read_model(document, against_schema=True)


VALID = (Path(__file__).parent / "cases" / "invalid" / "options.yaml").read_text(encoding="utf-8")


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_slip_in_a_goal_file_raises(draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(VALID)))
    end = start + draw.draw(st.integers(0, 12))
    slip = draw.draw(st.text(alphabet="{}[]:,-#&*!|>'\"%@ \n\tab1", max_size=6))
    for file in ("goals.yaml", "goals.json"):
        document, problems = parse(VALID[:start] + slip + VALID[end:], file)
        if document is not None:
            _, problems = read_model(document, against_schema=True)
        render(problems)


KEYS = st.text(alphabet="abcdefکلید", min_size=1, max_size=5)
TREES = st.recursive(
    st.integers(-99, 99) | st.text(alphabet="xyzخط ", min_size=1, max_size=8).filter(lambda t: t.strip() == t),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_every_place_points_at_what_stands_there(tree: dict[str, object]) -> None:
    import yaml

    for text in (yaml.safe_dump(tree, allow_unicode=True, width=1000), json.dumps(tree, ensure_ascii=False)):
        document, problems = parse(text, "goals.yaml")
        if problems and {p.code for p in problems} <= {"GK109", "GK116"}:
            continue
        assert document is not None, render(problems)
        assert document.data == tree
        for path, mark in document.values.items():
            value = document._value(path)
            if isinstance(value, int | str):
                span = document.at(path)
                assert span.text[span.column - 1 :].lstrip("'\"").startswith(str(value)[:1])
                assert str(value) in text[mark.start : mark.end]


def test_only_regular_files_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from goalkeeper import api

    monkeypatch.chdir(tmp_path)
    os.mkfifo("goals.yaml")
    os.mkfifo("pipe.csv")
    Path("link.csv").symlink_to("gone.csv")
    Path("folder").mkdir()
    assert [p.message for p in api.check("goals.yaml")] == ["'goals.yaml' is a pipe, and no goal file"]
    said = {
        name: [p.message for p in api.check({"version": 1, "sources": {"ads": {"path": name, "time": "date"}}})]
        for name in ("pipe.csv", "link.csv", "folder", "none.csv")
    }
    assert said == {
        "pipe.csv": ["'pipe.csv' is a pipe, and no data file"],
        "link.csv": ["'link.csv' is a link to 'gone.csv', which is not there, and no data file"],
        "folder": ["the folder 'folder' holds no data files"],
        "none.csv": ["no data file 'none.csv'"],
    }


def test_what_is_known_is_short_and_not_blank() -> None:
    from goalkeeper.problems import did_you_mean

    assert did_you_mean("x", ["", "  ", "b" * 150, "a"]) == f"known here: a, {'b' * 37}..."
    assert did_you_mean("x", ["", "  "]) == ""

"""The planning worksheet: answers down a pipe, held to what is said and to the goal file that they make.

A folder of `cases/worksheets/` has its `answers.txt`, and the data that they name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from goalkeeper import api, arguments, starter
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.problems import errors

CASES = Path(__file__).parent / "cases" / "worksheets"
TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    day = arguments.day
    monkeypatch.setattr(arguments, "day", lambda as_of, zone: TODAY if as_of is None else day(as_of, zone))


def fill_in(answers: str, *folder: str) -> Result:
    return CliRunner().invoke(command, ["init", "--worksheet", *folder], input=answers)


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_answers_make_a_goal_file(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path, str], None]
) -> None:
    for file in case.glob("*.csv"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    result = fill_in((case / "answers.txt").read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.output
    golden(case / "said.txt", "\n".join(line.rstrip() for line in result.output.splitlines()) + "\n")
    golden(case / "goals.yaml", Path("goals.yaml").read_text(encoding="utf-8"))
    assert not errors(api.check("goals.yaml"))
    card = api.score("goals.yaml", as_of="2026-04-20")
    assert card.goals


STARTER = (CASES / "starter" / "answers.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("lines", range(len(STARTER.splitlines())))
def test_answers_that_end_too_early_write_nothing(lines: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = fill_in("".join(f"{line}\n" for line in STARTER.splitlines()[:lines]), "new")
    assert result.exit_code == 2
    assert "nothing was written" in result.stderr
    assert everything(tmp_path) == []


def test_an_answer_of_no_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = fill_in(STARTER.removesuffix("yes\n") + "no\n", "new")
    assert result.exit_code == 0
    assert result.stderr.endswith("Nothing was written.\n")
    assert everything(tmp_path) == []


@pytest.mark.parametrize("there", ["goals.yaml", "data/ads.csv"])
def test_what_is_there_is_never_overwritten(there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine", encoding="utf-8")
    before = everything(tmp_path)
    result = fill_in(STARTER)
    assert result.exit_code == 2
    assert "is already there" in result.stderr
    assert everything(tmp_path) == before
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine"


def test_a_schema_that_is_there_stays_and_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "goalkeeper.schema.json").write_text("{}", encoding="utf-8")
    assert fill_in(STARTER).exit_code == 0
    assert (tmp_path / "goalkeeper.schema.json").read_text(encoding="utf-8") == "{}"


def test_writing_that_is_stopped_takes_back_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    texts = {tmp_path / "kept" / "a": "a", tmp_path / "new" / "in" / "b": "b", tmp_path / "new" / "c": None}
    with pytest.raises(TypeError):
        starter.write_new(texts)  # type: ignore[arg-type]
    assert everything(tmp_path) == ["kept"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no terminal to be made here")
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command_line = [sys.executable, "-m", "goalkeeper", "init", "--worksheet", str(tmp_path / "new")]
    with subprocess.Popen(
        command_line, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True
    ) as run:
        assert run.stderr is not None
        for answer in ("", "EUR", "nobody"):
            os.write(ours, f"{answer}\n".encode())
        seen = b""
        while b"would they like to hear?" not in seen:
            seen += os.read(run.stderr.fileno(), 1000)
        run.send_signal(2)
        said = run.stderr.read()
        assert run.wait() == 130
    os.close(ours)
    os.close(theirs)
    assert said.decode().endswith("Nothing was written.\nStopped.\n")
    assert everything(tmp_path) == []


def test_a_pipe_gets_nothing_but_what_was_written(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "goalkeeper", "init", "--worksheet", "new"],
        input=STARTER,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("wrote new/goals.yaml\n")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("name,clicks\na,1\n", "no column of 'x.csv' holds days; it has 'name', 'clicks'"),
        ("date,name\n2026-04-01,a\n", "no column of 'x.csv' holds plain numbers"),
        ("date,rate\n2026-04-01,5%\n", "'rate' holds '5%', which is no plain number; write 0.05"),
        ("date,ctr\n2026-04-01,0.1\n", "none of its numbers adds up"),
        ("", "'x.csv' is empty"),
        ("date,date\n2026-04-01,1\n", "two columns named 'date'"),
    ],
)
def test_a_file_that_no_goal_can_be_about_is_asked_for_again(
    rows: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text(rows, encoding="utf-8")
    result = fill_in("x.csv\n" + STARTER)
    assert result.exit_code == 0, result.output
    assert says in " ".join(result.stderr.split())
    assert "path: data/ads.csv" in Path("goals.yaml").read_text(encoding="utf-8")


def test_what_cannot_be_seen_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = fill_in(STARTER.replace("shop owners in Tehran", "shop\u202e owners\nshop owners"))
    assert result.exit_code == 0, result.output
    assert "U+202E" in result.stderr


def test_weekly_and_monthly_rows_are_told_by_their_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    months = "".join(f"2026-{month:02},12\n" for month in range(1, 5))
    Path("m.csv").write_text(f"month,orders\n{months}", encoding="utf-8")
    answers = STARTER.splitlines()
    answers[0] = "m.csv"
    del answers[1]
    text = "\n".join(answers).replace("instagram\nincrease", "\nincrease")
    text = text.replace("increase conversions 15%", "increase orders 15%").replace("keep cpa below 12 EUR", "")
    result = fill_in(f"{text}\n", "new")
    assert result.exit_code == 0, result.output
    assert "    path: ../m.csv\n    time: month\n    grain: month" in Path("new/goals.yaml").read_text(encoding="utf-8")
    assert api.score("new/goals.yaml", as_of="2026-05-02").goals[0].rules[0].worst.value == 12

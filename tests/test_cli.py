"""The command line: commands, exit codes, streams."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import goalkeeper
from goalkeeper import cli
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.starter import GOALS, TESTS, write_starter

ROOT = Path(__file__).parent.parent
QUICKSTART = ROOT / "examples" / "quickstart"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its name, those that are imported late among them."""
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield name, found


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def whole(*arguments: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "goalkeeper", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, **env},
        check=False,
    )


def test_init_writes_a_project_that_scores_at_once(tmp_path: Path) -> None:
    assert run("init", tmp_path / "new").exit_code == 0
    scored = run("score", tmp_path / "new" / "goals.yaml", "--as-of", "2026-06-15")
    assert scored.exit_code == 0
    assert "Gate open" in scored.stdout
    again = run("init", tmp_path / "new")
    assert again.exit_code == 2
    assert "nothing was written" in again.stderr


def test_the_quickstart_is_what_init_writes(tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert (tmp_path / "data" / "ads.csv").read_bytes() == (QUICKSTART / "data" / "ads.csv").read_bytes()
    example = (QUICKSTART / "goals.yaml").read_text(encoding="utf-8")
    assert example.replace("../../schemas/goalkeeper.schema.json", "./goalkeeper.schema.json") == GOALS
    assert (QUICKSTART / "goals.test.yaml").read_text(encoding="utf-8") == TESTS


def test_company_example_is_what_its_script_writes() -> None:
    import importlib.util

    script = ROOT / "examples" / "company" / "make_data.py"
    spec = importlib.util.spec_from_file_location("make_data", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("ads", "pages", "plan"):
        written = (script.parent / "data" / f"{name}.csv").read_text(encoding="utf-8")
        assert written == "\n".join(getattr(module, name)()) + "\n"


def test_check_says_all_good_or_everything() -> None:
    good = run("check", QUICKSTART)
    assert (good.exit_code, good.stdout) == (0, "All good.\n")
    bad = run("check", ROOT / "tests" / "cases" / "invalid" / "shape.yaml")
    assert bad.exit_code == 2
    assert "16 errors, 0 warnings." in bad.stdout or re.search(r"\d+ errors, 0 warnings\.", bad.stdout)


def test_check_without_data_takes_names_on_trust(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text(
        "version: 1\nsources: {ads: {path: gone.csv, time: date}}\n"
        "kpis: {rate: {formula: a / b, unit: percent}}\n"
        "goals: [{period: 2026-Q2, rules: [increase conversions by 3%, keep rate above 2% in each campaign]}]\n"
    )
    found = run("check", tmp_path / "goals.yaml")
    assert found.exit_code == 0, found.stdout
    assert "warning[GK301]" in found.stdout
    assert run("score", tmp_path / "goals.yaml").exit_code == 3


def test_explain_takes_numbers_back_to_rows() -> None:
    found = run("explain", "profitable-growth", QUICKSTART, "--as-of", "2026-06-15")
    assert found.exit_code == 0
    for part in ("spend / conversions", "from 75 rows", "SELECT", "data/ads.csv (ads): 636 rows", "goals.yaml:24"):
        assert part in found.stdout
    missing = run("explain", "profitable-grwth", QUICKSTART)
    assert missing.exit_code == 2
    assert "did you mean 'profitable-growth'?" in missing.stderr


def test_schema_prints_what_is_published() -> None:
    for name, file in (("goals", "goalkeeper"), ("scorecard", "scorecard")):
        printed = run("schema", name)
        assert printed.stdout == (ROOT / "schemas" / f"{file}.schema.json").read_text(encoding="utf-8")


def test_paths_may_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(QUICKSTART)
    assert run("score", "--as-of", "2026-06-15").exit_code == 0
    monkeypatch.chdir(tmp_path)
    nothing = run("score")
    assert nothing.exit_code == 2
    assert "there is no goals.yaml" in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["score", "none.yaml"], "there is no file 'none.yaml'"),
        (["score", "pyproject.toml"], "is not a goal file"),
        (["score", "examples/quickstart", "--as-of", "15/06/2026"], "is not a date"),
        (["score", "examples/quickstart", "--as-of", "2026-06-15", "--by", "platfrom"], "did you mean 'platform'?"),
        (["score", "examples/quickstart", "--format", "pdf"], "pdf"),
        (["scores"], "scores"),
    ],
)
def test_usage_errors_exit_2_and_say_why(arguments: list[str], says: str) -> None:
    found = whole(*arguments)
    assert found.returncode == 2
    assert says in found.stderr
    assert found.stdout == ""


def test_files_of_one_run_ask_for_one_report(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\nreport: [levels]\nstages: [awareness]\n")
    (tmp_path / "b.yaml").write_text("version: 1\nreport: [levels]\nstages: [awareness, conversion]\n")
    found = run("check", tmp_path)
    assert found.exit_code == 2
    assert "error[GK207]: 'stages' differs between two files of one run" in found.stdout
    assert "'report'" not in found.stdout


def test_only_the_goals_that_are_selected_answer_questions(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text(
        "version: 1\nreport: [questions]\nsources: {ads: {path: a.csv, time: date}}\n"
        "goals:\n"
        "  - {id: a, stage: awareness, period: 2026-04, rule: keep shown above 1}\n"
        "  - {id: b, stage: conversion, period: 2026-04, rule: keep clicks above 1}\n"
    )
    rows = "".join(f"2026-04-{day:02},1,1\n" for day in range(1, 31))
    (tmp_path / "a.csv").write_text(f"date,shown,clicks\n{rows}")
    found = run("score", tmp_path / "goals.yaml", "--as-of", "2026-05-01", "--select", "a", "--format", "json")
    groups = json.loads(found.stdout)["sections"][0]["groups"]
    assert [group["outcome"] for group in groups] == ["pass", None, None, None]


def test_one_run_over_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\nsources: {ads: {path: a.csv, time: date}}\ngate: any\n")
    (tmp_path / "b.yaml").write_text("version: 1\ngoals: [{period: 2026-04, rule: keep clicks above 1}]\n")
    (tmp_path / "a.csv").write_text("date,clicks\n" + "".join(f"2026-04-{d:02},1\n" for d in range(1, 31)))
    found = run("score", tmp_path, "--as-of", "2026-05-01", "--format", "json")
    assert found.exit_code == 0, found.stderr
    assert json.loads(found.stdout)["gate"] == "any"
    (tmp_path / "c.yaml").write_text("version: 1\nsources: {ads: {path: a.csv, time: date}}\ngate: all\n")
    twice = run("score", tmp_path)
    assert twice.exit_code == 2
    assert twice.stderr.count("GK207") == 2


def test_results_go_to_stdout_and_all_else_to_stderr(tmp_path: Path) -> None:
    goals = tmp_path / "goals.yaml"
    goals.write_text(
        "version: 1\nsources: {ads: {path: a.csv, time: date}}\n"
        "kpis: {rate: {formula: a / b, unit: percent}}\n"
        "goals: [{period: 2026-04, rule: increase rate by 3%}]\n"
    )
    days = [f"2026-{month:02}-{day:02},1,2" for month in (3, 4) for day in range(1, 31)]
    (tmp_path / "a.csv").write_text("date,a,b\n" + "\n".join(days) + "\n")
    found = whole("score", goals, "--format", "json", "--as-of", "2026-05-02")
    assert found.returncode == 1
    assert json.loads(found.stdout)["problems"][0]["code"] == "GK214"
    assert "warning[GK214]" in found.stderr


class Panic(BaseException):
    """As libraries in Rust raise it: nothing that catches errors catches it."""


@pytest.mark.parametrize("fault", [RuntimeError, Panic])
def test_a_fault_of_ours_exits_70(
    fault: type[BaseException], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise fault("boom \x1b[31m")

    monkeypatch.setattr("goalkeeper.api.score", broken)
    with pytest.raises(SystemExit) as leave:
        cli.main(["score", str(QUICKSTART)])
    assert leave.value.code == 70
    said = capsys.readouterr().err
    assert fault.__name__ in said
    assert "no verdict about your goals" in said
    assert "\x1b" not in said
    assert "Traceback" not in said
    monkeypatch.setenv("GOALKEEPER_TRACEBACK", "1")
    with pytest.raises(SystemExit):
        cli.main(["score", str(QUICKSTART)])
    assert "Traceback" in capsys.readouterr().err


def test_a_closed_pipe_is_no_fault() -> None:
    script = f'"{sys.executable}" -m goalkeeper schema | head -c 10; exit ${{PIPESTATUS[0]}}'
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert found.returncode in {0, 141}
    assert found.stderr == ""


def test_colour_only_when_asked_for_in_a_pipe() -> None:
    assert "\x1b[" not in whole("score", QUICKSTART, "--as-of", "2026-06-15").stdout
    assert "\x1b[" in whole("score", QUICKSTART, "--as-of", "2026-06-15", FORCE_COLOR="1").stdout
    assert "\x1b[" not in whole("score", QUICKSTART, "--as-of", "2026-06-15", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_the_same_bytes_every_time() -> None:
    runs = {whole("score", "examples/company", "--as-of", "2026-06-10", "--format", "json").stdout for _ in range(3)}
    assert len(runs) == 1


def test_every_command_and_option_has_help() -> None:
    for name, one in commands():
        assert one.help, name
        for parameter in one.params:
            if parameter.param_type_name == "option":
                assert parameter.help, (name, parameter.name)  # type: ignore[attr-defined]


def test_version() -> None:
    assert run("--version").stdout.startswith("goalkeeper, version ") or "goalkeeper" in run("--version").stdout


def test_a_score_loads_no_more_than_it_needs() -> None:
    loaded = whole(
        "score", QUICKSTART, "--as-of", "2026-06-15", PYTHONPROFILEIMPORTTIME="1", FORCE_COLOR="", PYTHONUTF8="1"
    ).stderr
    names = {line.rsplit("|", 1)[-1].strip() for line in loaded.splitlines() if line.startswith("import time:")}
    assert "duckdb" in names
    others = {"explanation", "arithmetic", "sections", "channels", "placement", "packs", "worksheet", "cli.worksheet"}
    others |= {
        "engines.by_hand",
        "model_readers",
        "sources.formats",
        "inspection",
        "lint",
        "history",
        "diff",
        "testing",
    }
    others |= {"backtesting", "cli.backtest", "cli.diff", "cli.history", "cli.testing", "reporters.html", "workings"}
    assert not names & {"jsonschema", "pandas", "numpy.ma", *(f"goalkeeper.{name}" for name in others)}


def test_the_library_knows_its_public_names() -> None:
    for name in goalkeeper.__all__:
        assert getattr(goalkeeper, name) is not None
    with pytest.raises(AttributeError):
        _ = goalkeeper.nothing  # type: ignore[attr-defined]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("redirection", ["> /dev/full", ">&-"])
def test_output_that_cannot_be_written_is_no_fault_of_ours(redirection: str) -> None:
    command = f"'{sys.executable}' -m goalkeeper score --as-of 2026-06-15 {redirection}"
    found = subprocess.run(command, shell=True, cwd=QUICKSTART, capture_output=True, text=True, check=False)
    assert found.returncode == 3
    assert found.stderr.startswith("The output could not be written: ")
    assert "Traceback" not in found.stderr

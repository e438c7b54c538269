"""Every mistake is named, with its place and its cure: `cases/invalid`, a goal file and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from goalkeeper import api
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.problems import ADVICE, CODES, Problem

CASES = Path(__file__).parent / "cases" / "invalid"
FILES = sorted(CASES.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_score_says_what_is_wrong(
    file: Path, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASES)
    result = CliRunner().invoke(command, ["score", file.name, "--as-of", "2026-05-01"])
    assert result.exit_code in {2, 3}, result.output
    assert result.stdout == ""
    golden(file.with_suffix(".out"), f"exit {result.exit_code}\n\n{result.stderr}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_check_finds_what_score_finds_before_it_adds_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    said = file.with_suffix(".out").read_text(encoding="utf-8")
    found = {(p.code, p.span.line if p.span else 0) for p in api.check(file.name)}
    for code, line in re.findall(
        rf"^(?:error|warning)\[(GK\d+)\].*\n  --> {re.escape(file.name)}:(\d+)", said, re.MULTILINE
    ):
        if code not in {"GK405", "GK307", "GK308"}:  # these need a day, or rows
            assert (code, int(line)) in found


def test_a_problem_has_a_code_of_the_catalogue() -> None:
    with pytest.raises(ValueError, match="GK999 is not in the catalogue"):
        Problem("GK999", "nobody could look it up")


def test_every_code_has_a_case() -> None:
    said = "".join(file.read_text(encoding="utf-8") for file in CASES.glob("*.out"))
    elsewhere = {
        "GK102",
        "GK106",
        "GK114",
        "GK117",
        "GK121",
        "GK307",
        "GK308",
        "GK322",
        "GK324",
        "GK331",
        "GK332",
        "GK333",
        "GK341",
        "GK408",
        "GK611",
        "GK612",
        "GK621",
        "GK622",
        "GK623",
        "GK624",
        "GK625",
        "GK631",
        "GK632",
        "GK641",
        "GK642",
    }  # test_documents, test_limits, test_runs, test_formats, test_api, test_diff, test_history, test_backtest,
    # test_outputs, test_shut_in, test_faults
    advice = ADVICE.keys() - {"GK214"}  # test_lint
    of_tests = {code for code in CODES if code.startswith("GK60")}  # test_goal_tests
    missing = {code for code in CODES if f"[{code}]" not in said} - elsewhere - advice - of_tests
    assert not missing

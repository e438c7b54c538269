"""What a CI shows: annotations, the step summary, code quality reports, and which CI it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.cli.surroundings import CI, Surroundings, surroundings
from goalkeeper.problems import Problem, Severity, Span
from goalkeeper.reporters import findings, github, gitlab, step_summary
from goalkeeper.reporters import json as json_reporter
from goalkeeper.reporters.inert import quiet
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import Outcome, State, WaiverNote
from test_reporters import HOSTILE, STORIES, card, goal, rule, verdict

ROOT = Path(__file__).parent.parent
QUICKSTART = ROOT / "examples" / "quickstart"
COMPANY = ROOT / "examples" / "company"
REPORTS = Path(__file__).parent / "cases" / "reports"
AS_OF = ("--as-of", "2026-06-15")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it: split first, unescaped then."""
    found = re.fullmatch(r"::(\w+) ?([^:]*(?::(?!:)[^:]*)*)::(.*)", line)
    assert found is not None, line
    pairs = (part.split("=", 1) for part in found[2].split(",") if part)
    return found[1], {key: unescaped(value, ":,") for key, value in pairs}, unescaped(found[3], "")


def unescaped(text: str, more: str) -> str:
    for character in ("\r", "\n", *more):
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


def commands(card: Scorecard, **more: Any) -> Iterator[tuple[str, dict[str, str], str]]:
    yield from map(read, github.render(card, **more).splitlines())


# what is found


@pytest.mark.parametrize("name", STORIES)
def test_a_run_that_does_not_end_with_0_has_an_error(name: str) -> None:
    story = STORIES[name]
    loudest = [one.level for one in findings.of_scorecard(story)][:1]
    if story.exit_code:
        assert loudest == [findings.Level.ERROR]


def one_rule(state: State, code: int, **more: Any) -> Scorecard:
    held = rule(verdict("reach 300 conversions", state))
    return card(held.outcome, code, goal("Reach", held.outcome, held), **more)


@pytest.mark.parametrize(
    ("state", "code", "levels"),
    [
        (State.MISSED, 1, ["error"]),
        (State.AT_RISK, 0, ["warning"]),
        (State.AT_RISK, 1, ["error"]),  # --fail-on warn
        (State.NO_DATA, 4, ["error"]),
        (State.NO_DATA, 0, ["warning"]),  # --allow-inconclusive
        (State.TOO_EARLY, 0, []),
        (State.ON_TRACK, 0, []),
    ],
)
def test_what_closes_the_gate_is_an_error(state: State, code: int, levels: list[str]) -> None:
    assert [level for level, _, _ in commands(one_rule(state, code))] == levels


def test_what_is_waived_is_a_notice_with_its_reason() -> None:
    from datetime import date

    waived = verdict(
        "reach 300 conversions",
        State.MISSED,
        outcome=Outcome.WAIVED,
        waiver=WaiverNote("growth@example.com", "the shop was closed", date(2026, 7, 1)),
    )
    shown = card(Outcome.WAIVED, 0, goal("Reach", Outcome.WAIVED, rule(waived)))
    ((level, _, message),) = commands(shown)
    assert level == "notice"
    assert "waived until 2026-07-01 by growth@example.com: the shop was closed" in message
    assert json.loads(gitlab.render(shown))[0]["severity"] == "info"


def test_goals_and_gates_that_fail_beyond_their_rules_say_so() -> None:
    held = rule(verdict("reach 300 conversions", State.AT_RISK))
    strict = goal("Reach", Outcome.FAIL, held, rollup="score at least 80", location=Span("goals.yaml", 3, 5))
    failed = list(commands(card(Outcome.FAIL, 1, strict)))
    assert [(level, told["title"]) for level, told, _ in failed] == [
        ("error", "FAIL: Reach"),
        ("warning", "WARN: Reach"),
    ]
    assert "passes when: score at least 80" in failed[0][2]
    gate = card(
        Outcome.FAIL,
        1,
        goal("Reach", Outcome.WARN, held),
    )
    assert [told["title"] for _, told, _ in commands(gate)] == ["The gate is closed", "WARN: Reach"]
    assert [told["title"] for _, told, _ in commands(card(Outcome.INCONCLUSIVE, 5))] == ["Nothing was evaluated"]


def test_a_child_goal_is_shown_once() -> None:
    child = goal("Reach", Outcome.FAIL, rule(verdict("reach 300 conversions", State.MISSED)), child=True)
    told = rule(verdict("goal: reach", State.MISSED, kind="child", kpi=None))
    shown = list(commands(card(Outcome.FAIL, 1, goal("All", Outcome.FAIL, told), child)))
    assert [properties["title"] for _, properties, _ in shown] == ["FAIL: Reach"]


# annotations


@pytest.mark.parametrize("name", STORIES)
def test_annotations_are_as_they_were(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(REPORTS / f"{name}.github.txt", github.render(STORIES[name]))
    golden(REPORTS / f"{name}.gitlab.json", gitlab.render(STORIES[name]))


@given(st.text(), st.text(), st.text())
def test_what_is_written_is_what_the_runner_reads(name: str, said: str, reason: str) -> None:
    held = rule(verdict(said or "a rule", State.MISSED, reasons=(reason,), location=Span(f"{name}.yaml", 5, 5)))
    text = github.render(card(Outcome.FAIL, 1, goal(name or "A goal", Outcome.FAIL, held)))
    assert text.count("\n") == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    level, told, message = read(text.rstrip("\n"))
    assert (level, told["line"], told["col"]) == ("error", "5", "5")
    assert message.count("\n") >= 1


def test_more_than_github_shows_are_summed_up_worst_first() -> None:
    rules = [rule(verdict(f"reach {n} conversions", State.MISSED, location=None)) for n in range(12)]
    rules[7] = replace(rules[7], key=True)
    shown = list(commands(card(Outcome.FAIL, 1, goal("Reach", Outcome.FAIL, *rules))))
    assert len(shown) == github.SHOWN
    assert "reach 7 conversions (key)" in shown[0][2]
    assert "There are 3 more" in shown[-1][2]
    exactly = card(Outcome.FAIL, 1, goal("Reach", Outcome.FAIL, *rules[:10]))
    assert "more" not in github.render(exactly)


def test_paths_are_those_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "marketing").mkdir()
    monkeypatch.chdir(tmp_path / "marketing")
    assert findings.from_root("goals.yaml", tmp_path) == "marketing/goals.yaml"
    assert findings.from_root("../goals.yaml", tmp_path) == "goals.yaml"
    assert findings.from_root(str(tmp_path / "goals.yaml"), tmp_path) == "goals.yaml"
    assert findings.from_root("../../goals.yaml", tmp_path) == "../../goals.yaml"  # no part of the repository
    assert findings.from_root("./goals/a.yaml", None) == "goals/a.yaml"


@given(st.text(alphabet=st.sampled_from([*" \t:#[error]%\nx", "\u2003"])))
def test_nothing_in_the_log_is_a_command(text: str) -> None:
    for line in quiet(text).split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


@given(st.text(alphabet=st.sampled_from([*'#["\\\n'])))
def test_json_is_no_command_and_the_same_text(text: str) -> None:
    told = json_reporter.render(card(Outcome.FAIL, 1, goal(f"a{text}", Outcome.FAIL, rule(verdict("x", State.MISSED)))))
    assert "##[" not in told
    assert json.loads(told)["goals"][0]["name"] == f"a{text}"


# code quality


@pytest.mark.parametrize("name", STORIES)
def test_code_quality_reports_have_what_gitlab_requires(name: str) -> None:
    entries = json.loads(gitlab.render(STORIES[name]))
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["description"]
        assert entry["check_name"]
        assert re.fullmatch("[0-9a-f]{64}", entry["fingerprint"])
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        path = entry["location"]["path"]
        assert path
        assert not path.startswith(("/", "./"))
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


def test_a_fingerprint_outlives_a_move_and_no_change_of_the_rule() -> None:
    def fingerprint(said: str, line: int, state: State = State.MISSED) -> str:
        held = rule(verdict(said, state, location=Span("goals.yaml", line, 5)))
        (entry,) = json.loads(gitlab.render(card(held.outcome, 1, goal("Reach", held.outcome, held))))
        return str(entry["fingerprint"])

    before = fingerprint("reach 300 conversions", 5)
    assert fingerprint("reach 300 conversions", 50) == before
    assert fingerprint("reach 200 conversions", 5) != before
    assert fingerprint("reach 300 conversions", 5, State.AT_RISK) != before


# the step summary


def test_a_summary_too_long_for_github_is_cut_and_says_so() -> None:
    names = [f"Goal {n}" for n in range(200)]
    long = card(Outcome.FAIL, 1, *(goal(n, Outcome.FAIL, rule(verdict("reach 3", State.MISSED))) for n in names))
    assert "Goal 199" in step_summary.render(long)
    cut = step_summary.render(long, room=5000)
    assert len(cut.encode()) <= 5000
    assert "Cut at 5,000 bytes" in cut
    assert "Goal 1" in cut
    for room in (0, 10, 75, 200, 500, 5000):
        assert len(step_summary.render(long, room=room).encode()) <= room
    assert step_summary.render(long, room=10) == ""


def test_problems_in_a_summary_stay_inside_their_block() -> None:
    hostile = Problem("GK201", f"unknown ```` <img src=x> {HOSTILE}", Span("goals.yaml", 1, 1, 1, "``` # out"))
    text = step_summary.render_problems([hostile])
    html = rendered(text)
    assert "<img" not in html
    assert html.count("<pre>") == 1
    assert html.rstrip().endswith("</code></pre>")
    assert "no room" in step_summary.render_problems([hostile], room=100)


def rendered(text: str) -> str:
    """Markdown as HTML, by the rules of CommonMark with tables."""
    markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py, which comes with rich, is not there")
    return str(markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def test_the_summary_of_an_example_renders_as_a_page() -> None:
    from goalkeeper import api

    html = rendered(step_summary.render(api.score(COMPANY, as_of="2026-06-15")))
    for part in ("<h2>", "A healthy second quarter", "<td", "13.43 EUR"):
        assert part in html


# the commands


def run(*arguments: str | Path, **env: str | Path) -> Result:
    told = {key: str(value) for key, value in env.items()}
    return CliRunner().invoke(command, [str(argument) for argument in arguments], env=told)


def in_github(tmp_path: Path) -> dict[str, str | Path]:
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": ROOT,
        "GITHUB_STEP_SUMMARY": tmp_path / "summary.md",
        "GITHUB_OUTPUT": tmp_path / "outputs.txt",
    }


def test_the_environment_tells_which_ci_it_is() -> None:
    assert surroundings({}) == Surroundings(CI.NONE)
    assert surroundings({"CI": "false"}).ci is CI.NONE
    assert surroundings({"CI": "1"}).ci is CI.OTHER
    assert surroundings({"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": "/b"}) == Surroundings(
        CI.GITLAB, Path("/b")
    )
    assert surroundings({"CI": "true", "GITHUB_ACTIONS": "true"}) == Surroundings(CI.GITHUB)


@pytest.mark.parametrize("name", ["ci", "score"])
def test_in_github_both_annotate_and_summarise(name: str, tmp_path: Path) -> None:
    found = run(name, COMPANY, *AS_OF, **in_github(tmp_path))
    assert found.exit_code == 1
    assert found.stdout.startswith("Scorecard as of 2026-06-15")
    assert "::" not in found.stdout
    lines = found.stderr.splitlines()
    assert [read(line)[1]["file"] for line in lines] == ["examples/company/goals.yaml"] * 2
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("## ✗ ")
    if name == "ci":
        told = (tmp_path / "outputs.txt").read_text(encoding="utf-8")
        assert told == "outcome=fail\nscore=71.5241450482\nexit_code=1\n"


def test_score_annotates_nothing_beside_a_machine_format_or_where_it_is_switched_off(tmp_path: Path) -> None:
    off = {"GOALKEEPER_NO_ANNOTATIONS": "1"}
    for options, more in ((("--format", "json"), {}), (("--no-annotations",), {}), ((), off)):
        found = run("score", COMPANY, *AS_OF, *options, **in_github(tmp_path), **more)
        assert found.exit_code == 1
        assert found.stderr == ""
        assert not (tmp_path / "summary.md").exists()


def test_problems_are_annotated_too(tmp_path: Path) -> None:
    shape = ROOT / "tests" / "cases" / "invalid" / "shape.yaml"
    found = run("ci", shape, **in_github(tmp_path))
    assert found.exit_code == 2
    shown = [read(line) for line in found.stderr.splitlines() if line.startswith("::")]
    assert len(shown) == github.SHOWN
    assert shown[0][1]["title"] == "GK112: a value of the wrong kind"
    assert shown[0][1]["file"] == "tests/cases/invalid/shape.yaml"
    assert "nothing was judged" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert (tmp_path / "outputs.txt").read_text(encoding="utf-8") == "outcome=\nscore=\nexit_code=2\n"


def test_summaries_of_one_step_follow_each_other_as_long_as_there_is_room(tmp_path: Path) -> None:
    here = in_github(tmp_path)
    (tmp_path / "summary.md").write_text("x" * (step_summary.ROOM - 77) + "\n\n", encoding="utf-8")
    assert run("ci", COMPANY, *AS_OF, **here).exit_code == 1
    assert (tmp_path / "summary.md").stat().st_size <= step_summary.ROOM
    left = (tmp_path / "summary.md").read_text(encoding="utf-8").split("x\n\n")[1]
    assert re.search("There is no room for more|Cut at", left)


def test_what_cannot_be_written_ends_with_3(tmp_path: Path) -> None:
    here = in_github(tmp_path) | {"GITHUB_STEP_SUMMARY": tmp_path / "no" / "summary.md"}
    found = run("ci", QUICKSTART, *AS_OF, **here)
    assert found.exit_code == 3
    assert "The summary of the step could not be written: no such file or directory." in found.stderr
    assert (tmp_path / "outputs.txt").read_text(encoding="utf-8").endswith("exit_code=3\n")
    assert run("ci", ROOT / "tests" / "cases" / "invalid" / "shape.yaml", **here).exit_code == 2


def test_a_hostile_goal_gives_the_runner_no_commands(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,clicks\n2026-04-01,5\n", encoding="utf-8")
    name = "x" * 60 + " ::error file=a::boo ##[error]boo"
    file = {
        "version": 1,
        "sources": {"a": {"path": "a.csv", "time": "date"}},
        "goals": [{"name": name, "why": "::stop-commands::x", "period": "2026-04", "rules": ["reach 900 clicks"]}],
    }
    (tmp_path / "goals.json").write_text(json.dumps(file), encoding="utf-8")
    found = run("ci", tmp_path / "goals.json", "--as-of", "2026-05-01", **in_github(tmp_path))
    assert "##[" not in found.output
    commanding = [line for line in found.output.splitlines() if line.lstrip().startswith("::")]
    assert [read(line)[0] for line in commanding] == ["error"]
    assert name in read(commanding[0])[1]["title"].replace("# #[", "##[")


def test_in_gitlab_reports_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = {"GITLAB_CI": "true", "CI": "true", "CI_PROJECT_DIR": ROOT}
    found = run("ci", COMPANY, *AS_OF, **here)
    assert found.exit_code == 1
    assert "wrote gl-code-quality-report.json" in found.stderr
    entries = json.loads(Path("gl-code-quality-report.json").read_text(encoding="utf-8"))
    assert [(one["severity"], one["location"]) for one in entries] == [
        ("blocker", {"path": "examples/company/goals.yaml", "lines": {"begin": 46}}),
        ("critical", {"path": "examples/company/goals.yaml", "lines": {"begin": 60}}),
    ]
    assert Path("junit.xml").exists() is ("wrote junit.xml" in found.stderr)
    assert {path.name for path in tmp_path.iterdir()} <= {"gl-code-quality-report.json", "junit.xml"}
    assert run("ci", ROOT / "tests" / "cases" / "invalid" / "shape.yaml", **here).exit_code == 2
    entries = json.loads(Path("gl-code-quality-report.json").read_text(encoding="utf-8"))
    assert {one["severity"] for one in entries} == {"blocker"}


def test_elsewhere_ci_prints_what_score_prints() -> None:
    for env in ({}, {"CI": "true"}):
        assert run("ci", COMPANY, *AS_OF, **env).output == run("score", COMPANY, *AS_OF).output


def test_a_warning_of_a_file_is_a_warning() -> None:
    warned = replace(STORIES["best"], problems=(Problem("GK308", "never seen", severity=Severity.WARNING),))
    assert [level for level, _, _ in commands(warned)] == ["warning"]
    assert [entry["severity"] for entry in json.loads(gitlab.render(warned))] == ["minor"]

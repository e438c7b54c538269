"""What a change to goal files does: a case file for every kind of change, read in both directions, and its laws."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.diff import Change, Difference, SidesUnreadable, Turn, diff
from goalkeeper.diff.changes import EASES, MIRRORED, Effect
from goalkeeper.reporters import diff as terminal
from goalkeeper.reporters import diff_json, diff_markdown
from goalkeeper.rollup import severity
from goalkeeper.statements import KpiRule
from goalkeeper.verdict import Outcome
from read_files import TextLoader
from test_runs import assert_says, write_rows

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "diff"
NAMES = sorted(path.stem for path in CASES.glob("[!_]*.yaml"))
ROWS = [
    {
        "date": f"2026-{month:02}-{day:02}",
        "platform": platform,
        "campaign": campaign,
        "clicks": 40 + day,
        "spend": 30 + day,
        "conversions": 4 + day % 3,
        "followers": 1000 + 10 * month + day,
    }
    for month in range(1, 7)
    for day in range(1, 29)
    for platform, campaign in (("instagram", "launch-x"), ("facebook", "brand"), ("search", "brand"))
]


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), TextLoader)


def write_side(folder: Path, name: str, says: Mapping[str, Any]) -> str:
    file = {**read(CASES / "_base.yaml"), **says}
    plain = json.loads(json.dumps(file))  # what stands in two places is written twice, without an anchor
    (folder / name).write_text(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "ads.csv", ROWS)
    return tmp_path


def entry(change: Change) -> dict[str, Any]:
    said = {"effect": str(change.effect), "what": change.what, "old": change.old, "new": change.new}
    return {**said, "goal": change.goal, "rule": change.rule, "note": change.note}


@pytest.mark.parametrize("name", NAMES)
def test_a_change_is_told(name: str, folder: Path) -> None:
    case = read(CASES / f"{name}.yaml")
    sides = [write_side(folder, f"{side}.yaml", case[side]) for side in ("old", "new")]
    found = diff(*sides)
    told = [entry(change) for change in found.changes]
    assert len(told) == len(case["says"]), told
    for wanted in case["says"]:
        assert any(says(one, wanted) for one in told), f"{wanted}: {told}"
    (folder / "ads.csv").unlink()  # what the columns are called is taken on trust then
    back = diff(*reversed(sides))
    assert mirrored(found) == sorted(map(plain, back.changes))
    assert found.loosened is any(one["effect"] in EASES for one in case["says"])


def says(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    try:
        assert_says(found, wanted, "")
    except AssertionError:
        return False
    return True


def plain(change: Change) -> tuple[str, ...]:
    return change.effect, change.what, change.old or "", change.new or ""


def mirrored(found: Difference) -> list[tuple[str, ...]]:
    """The changes as they are when old and new change places."""
    return sorted((MIRRORED[one.effect], one.what, one.new or "", one.old or "") for one in found.changes)


# verdicts that turn


LOOSER = [name for name in NAMES if {one["effect"] for one in read(CASES / f"{name}.yaml")["says"]} == {"loosened"}]


@pytest.mark.parametrize("name", LOOSER)
def test_what_only_loosens_turns_no_pass_to_fail(name: str, folder: Path) -> None:
    case = read(CASES / f"{name}.yaml")
    found = diff(*(write_side(folder, f"{side}.yaml", case[side]) for side in ("old", "new")), as_of="2026-05-20")
    assert not found.unjudged
    assert not [turn for turn in found.turns if (turn.old, turn.new) == (Outcome.PASS, Outcome.FAIL)]


LEVELS = ["1", "150", "2,000", "9,999", "20,000"]
ASKS = [
    "increase conversions by {}%",
    "decrease cpa by 0.{}%",
    "reach {} clicks",
    "reach cpa of {} EUR",
    "keep clicks at least {}",
    "keep spend at most {}",
    "keep cpa below {} EUR in each platform",
    "increase clicks to {}",
    "decrease spend to {}",
]


@given(
    st.sampled_from(ASKS),
    st.sampled_from(LEVELS),
    st.sampled_from(LEVELS),
    st.sampled_from(["04-20", "06-01", "07-01"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_looser_number_never_gets_a_worse_verdict(
    judged_folder: Path, ask: str, one: str, other: str, day: str
) -> None:
    del judged_folder
    if "%" in ask:
        one, other = one.replace(",", ""), other.replace(",", "")
    sides = [
        write_side(Path(), f"{side}.yaml", {"goals": [{"id": "a", "period": "2026-Q2", "rule": ask.format(number)}]})
        for side, number in (("old", one), ("new", other))
    ]
    found = diff(*sides, as_of=f"2026-{day}")
    effects = {change.effect for change in found.changes}
    assert effects <= {Effect.LOOSENED, Effect.TIGHTENED}
    # 0.2000% and 0.20000% ask for the same.
    before, after = (float(n.replace(",", "")) / (10 ** len(n) if "0.{}" in ask else 1) for n in (one, other))
    assert bool(effects) is (before != after)
    for turn in found.turns:
        assert turn.old is not None
        assert turn.new is not None
        better = severity(turn.new) < severity(turn.old)
        if Outcome.INCONCLUSIVE not in {turn.old, turn.new}:
            assert better is (effects == {Effect.LOOSENED})


@pytest.fixture(scope="module")
def judged_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("judged")
    write_rows(folder / "ads.csv", ROWS)
    with contextlib.chdir(folder):
        yield folder


# laws of all files

RULES = st.sampled_from(
    [
        "increase conversions by 15%",
        "increase conversions by 10%",
        "increase conversions by 200",
        "reach 900 conversions",
        "keep cpa below 12 EUR",
        "keep cpa below 15 EUR in each platform",
        {"rule": "keep cpa at most 12 EUR each week", "warn": "at least 10 EUR"},
        {"kpi": "cpa", "keep": "between 2 EUR and 12 EUR", "key": True, "weight": 2},
        {"kpi": "clicks", "reach": "900", "where": {"platform": ["search", "facebook"]}},
        {"kpi": "clicks", "reach": "700", "where": {"platform": "search"}, "min_sample": {"clicks": 10}},
        {"rule": "keep spend at most 900 in each campaign", "on_missing": "fail"},
        {"rule": "increase clicks by 5%", "pace": {"at_risk": "80%"}, "evidence": {"require": "lift"}},
    ]
)
GOALS = st.fixed_dictionaries(
    {"period": st.sampled_from(["2026-Q2", "2026-04", {"start": "2026-04-01", "length": "6 months"}])},
    optional={
        "id": st.sampled_from(["a", "b", "c"]),
        "name": st.sampled_from(["Growth", "Reach"]),
        "why": st.sampled_from(["It pays", "It must"]),
        "where": st.sampled_from([{"platform": "search"}, {"campaign": {"not": "brand"}}]),
        "exclude_days": st.just([{"from": "2026-04-10", "reason": "outage"}]),
        "rollup": st.sampled_from(["all", "any", "score at least 60"]),
    },
)
FILES = st.fixed_dictionaries(
    {
        "goals": st.lists(
            st.tuples(GOALS, st.lists(RULES, min_size=1, max_size=3)),
            max_size=3,
            unique_by=lambda one: one[0].get("id"),
        )
    },
    optional={
        "gate": st.sampled_from(["any", "score at least 50"]),
        "defaults": st.sampled_from([{"on_missing": "warn"}, {"min_coverage": "50%"}]),
    },
)


def written(says: Mapping[str, Any], name: str) -> str:
    goals = [{**goal, "rules": list(rules)} for goal, rules in says["goals"]]
    return write_side(Path(), name, {**says, "goals": goals})


@given(FILES, FILES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_difference_read_backwards_is_its_mirror(
    bare_folder: Path, one: Mapping[str, Any], other: Mapping[str, Any]
) -> None:
    del bare_folder
    sides = written(one, "one.yaml"), written(other, "other.yaml")
    assert diff(sides[0], sides[0]).changes == ()
    found, back = diff(*sides), diff(*reversed(sides))
    assert mirrored(found) == sorted(map(plain, back.changes))
    if found.changes == ():
        assert [goal.get("rules") for goal in read(Path(sides[0]))["goals"]] == [
            goal.get("rules") for goal in read(Path(sides[1]))["goals"]
        ]


@pytest.fixture(scope="module")
def bare_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder without the data: what columns there are is taken on trust."""
    with contextlib.chdir(tmp_path_factory.mktemp("bare")) as _:
        yield Path()


def test_every_part_of_a_rule_is_compared() -> None:
    """A part that a rule gets one day has to be compared, or said here not to judge."""
    judging = {
        "ask",
        "versus",
        "over",
        "each",
        "by",
        "where",
        "warn",
        "weight",
        "key",
        "min_sample",
        "pace",
        "evidence",
    }
    no_part = {"text", "kpi", "on_missing", "location", "mapping"}
    assert set(KpiRule.__struct_fields__) == judging | no_part
    told = {entry["what"] for name in NAMES for entry in read(CASES / f"{name}.yaml")["says"]}
    named = {"ask": "target", "by": "each"}
    assert {named.get(part, part) for part in judging} <= told


# what people see


@pytest.fixture
def story(folder: Path) -> Difference:
    for side in ("old", "new"):
        text = (CASES / "reports" / f"_{side}.yaml").read_text(encoding="utf-8")
        (folder / f"{side}.yaml").write_text(text, encoding="utf-8")
    return diff("old.yaml", "new.yaml", as_of="2026-06-15")


def test_reports_look_as_they_did(story: Difference, golden: Callable[[Path, str], None]) -> None:
    golden(CASES / "reports" / "terminal.txt", terminal.render(story))
    golden(CASES / "reports" / "comment.md", diff_markdown.render(story))
    golden(CASES / "reports" / "document.json", diff_json.render(story))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_report_keeps_to_the_width(story: Difference, width: int) -> None:
    for line in terminal.render(story, width=width).splitlines():
        assert cell_len(line) <= width, line


def test_color_changes_no_word(story: Difference) -> None:
    colored = terminal.render(story, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == terminal.render(story)


def test_the_document_keeps_to_its_schema(story: Difference, folder: Path) -> None:
    schema = json.loads((ROOT / "schemas" / "diff.schema.json").read_text(encoding="utf-8"))
    same = diff("old.yaml", "old.yaml")
    for found in (story, same):
        Draft202012Validator(schema).validate(json.loads(diff_json.render(found)))


HOSTILE = "\x1b[31m \u202egnp | `` <script> [a](https://example.com) @all #1 ![x](y)\n\n# head"


def test_names_stay_in_their_place() -> None:
    change = Change(Effect.LOOSENED, f"kpis: {HOSTILE}", HOSTILE, HOSTILE, HOSTILE, HOSTILE, f"read by {HOSTILE}")
    found = Difference(
        HOSTILE, HOSTILE, (change,), date(2026, 6, 1), (Turn(HOSTILE, HOSTILE, Outcome.PASS, Outcome.FAIL),)
    )
    for text in (terminal.render(found), diff_markdown.render(found), diff_json.render(found)):
        assert "\x1b" not in text
    for text in (terminal.render(found), diff_markdown.render(found)):
        assert "\u202e" not in text
    comment = diff_markdown.render(found)
    assert "\n# head" not in comment
    outside = re.sub(r"(`+) .*? \1(?!`)", "", comment)
    for sign in ("<script>", "](", "@all", "#1"):
        assert re.search(rf"(?<![\\&]){re.escape(sign)}", outside) is None, outside


# git revisions


class Repository:
    """A git repository made for a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> None:
        who = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True)

    def write(self, name: str, rule: str, **more: Any) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_side(path.parent, path.name, {"goals": [{"id": "a", "period": "2026-Q2", "rule": rule}], **more})


@pytest.fixture
def repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    if shutil.which("git") is None:
        pytest.skip("there is no git on this machine")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    made = Repository(folder)
    made("init", "--quiet", "--initial-branch", "main")
    (folder / ".gitignore").write_text("*.csv\n", encoding="utf-8")
    made.write("goals.yaml", "reach 900 conversions")
    made("add", ".")
    made("commit", "--quiet", "-m", "first")
    return made


def targets(found: Difference) -> list[tuple[str, str | None, str | None]]:
    return [(str(change.effect), change.old, change.new) for change in found.changes]


LOWER = [("loosened", "900", "700")]


def test_a_revision_is_held_against_the_files_here(repository: Repository) -> None:
    repository.write("goals.yaml", "reach 700 conversions")
    for sides in (
        ("main",),
        ("HEAD", "goals.yaml"),
        ("main:", "."),
        ("main:goals.yaml", "goals.yaml"),
        ("HEAD:./goals.yaml",),
    ):
        assert targets(diff(*sides)) == LOWER, sides
    assert targets(diff("goals.yaml", "main")) == [("tightened", "700", "900")]


def test_a_revision_is_judged_on_the_data_that_is_here(repository: Repository) -> None:
    """The data need not be in git: what turns is turned by the goals."""
    repository.write("goals.yaml", "reach 1,300 conversions")
    repository("commit", "--quiet", "-am", "second")
    for sides in (("HEAD~1", "HEAD"), ("HEAD~1",)):
        found = diff(*sides, as_of="2026-07-01")
        assert found.unjudged == ()
        assert [(turn.goal, turn.rule, turn.old, turn.new) for turn in found.turns] == [
            (None, None, "pass", "fail"),
            ("a", None, "pass", "fail"),
            ("a", "reach 1,300 conversions", "pass", "fail"),
        ]


def test_two_revisions(repository: Repository) -> None:
    repository("checkout", "--quiet", "-b", "feature/lower")
    repository.write("goals.yaml", "reach 700 conversions")
    repository.write("teams/social.yaml", "reach 300 clicks", sources={}, metrics={}, kpis={})
    repository("add", ".")
    repository("commit", "--quiet", "-m", "second")
    repository("checkout", "--quiet", "main")
    found = diff("main", "feature/lower")
    assert targets(found) == LOWER
    assert found.changes[0].location is not None
    assert found.changes[0].location.file == "feature/lower:goals.yaml"
    back = diff("feature/lower", "main")
    assert targets(back) == [("tightened", "700", "900")]
    gone = "goals:\n  - {id: b, period: 2026-Q2, rule: reach 1 clicks}\n"
    text = Path("goals.yaml").read_text(encoding="utf-8")
    Path("goals.yaml").write_text(text[: text.index("goals:")] + gone, encoding="utf-8")
    places = [change.location for change in diff("main").changes if change.effect is Effect.REMOVED]
    assert [place.file for place in places if place is not None] == ["main:goals.yaml"]


def test_packs_are_those_of_the_revision(repository: Repository) -> None:
    pack = "version: 1\npack: own\nkpis:\n  cpc: {formula: spend / clicks, unit: EUR, direction: down}\n"
    Path("packs").mkdir()
    Path("packs/own.yaml").write_text(pack, encoding="utf-8")
    repository.write("goals.yaml", "keep cpc below 2 EUR", use=["./packs/own.yaml"])
    repository("add", ".")
    repository("commit", "--quiet", "-m", "second")
    Path("packs/own.yaml").write_text(pack.replace("spend / clicks", "spend / conversions"), encoding="utf-8")
    (change,) = diff("HEAD").changes
    assert (change.effect, change.what) == (Effect.CHANGED, "kpis: cpc")
    assert (change.old, change.new) == ("spend / clicks", "spend / conversions")


def test_a_folder_below_the_top(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write("teams/social/goals.yaml", "reach 900 clicks")
    repository("add", ".")
    repository("commit", "--quiet", "-m", "second")
    repository.write("teams/social/goals.yaml", "reach 700 clicks")
    monkeypatch.chdir("teams/social")
    for sides in (
        ("HEAD",),
        ("HEAD:./goals.yaml", "goals.yaml"),
        ("HEAD:teams/social/goals.yaml", "goals.yaml"),
        ("HEAD", "."),
    ):
        assert targets(diff(*sides)) == LOWER, sides
    assert diff("HEAD", "HEAD", paths=["../../goals.yaml"]).changes == ()


def test_the_repository_is_left_as_it_was(repository: Repository) -> None:
    def state() -> dict[str, bytes]:
        files = [path for path in (repository.folder / ".git").rglob("*") if path.is_file()]
        return {path.as_posix(): path.read_bytes() for path in files}

    before = state()
    diff("main", "HEAD", as_of="2026-06-01")
    assert state() == before


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ("nowhere", "GK611", "no file, no folder and no git revision"),
        ("mian", "GK611", "did you mean 'main'?"),
        ("-x", "GK611", "begins with '-'"),
        ("--upload-pack=touch x", "GK611", "begins with '-'"),
        ("main:nowhere.yaml", "GK611", "'main' has no 'nowhere.yaml'"),
        ("main:../goals.yaml", "GK611", ""),
        ("main:/etc/passwd", "GK611", ""),
        ("main..HEAD", "GK611", "goalkeeper diff main HEAD"),
        (":", "GK611", ""),
        ("", "GK611", ""),
        ("a\0b", "GK611", ""),
        ("x" * 5000, "GK611", ""),
    ],
)
def test_what_is_not_there_is_said(repository: Repository, asked: str, code: str, said: str) -> None:
    del repository
    with pytest.raises(SidesUnreadable) as stop:
        diff(asked, "goals.yaml")
    (problem,) = stop.value.problems
    assert problem.code == code
    assert said in f"{problem.message} {problem.help}"


def test_without_a_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    with pytest.raises(SidesUnreadable) as stop:
        diff("main", write_side(folder, "goals.yaml", {"goals": []}))
    assert [problem.code for problem in stop.value.problems] == ["GK612"]


def test_without_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(SidesUnreadable) as stop:
        diff("main", write_side(folder, "goals.yaml", {"goals": []}))
    assert "no git" in stop.value.problems[0].help


# the command


def command_line(*arguments: str) -> Any:
    return CliRunner().invoke(command, ["diff", *arguments])


def test_exit_codes(repository: Repository) -> None:
    repository.write("lower.yaml", "reach 700 conversions")
    assert command_line("goals.yaml", "lower.yaml").exit_code == 0
    assert command_line("goals.yaml", "lower.yaml", "--fail-on", "loosened").exit_code == 1
    assert command_line("lower.yaml", "goals.yaml", "--fail-on", "loosened").exit_code == 0
    repository.write("none.yaml", "reach 700 conversions", goals=[])
    assert command_line("goals.yaml", "none.yaml", "--fail-on", "loosened").exit_code == 1
    assert command_line("goals.yaml", "lower.yaml", "--as-of", "someday").exit_code == 2
    assert command_line("goals.yaml", "lower.yaml", "main").exit_code == 2


def test_both_sides_say_what_is_wrong_with_them(repository: Repository) -> None:
    repository.write("goals.yaml", "reach conversions plenty")
    repository("commit", "--quiet", "-am", "second")
    repository.write("goals.yaml", "reach conversions many")
    found = command_line("HEAD", "goals.yaml", "--format", "json")
    assert found.exit_code == 2
    assert found.stdout == ""
    assert "What is wrong with HEAD:" in found.stderr
    assert "HEAD:goals.yaml:" in found.stderr
    assert "What is wrong with goals.yaml:" in found.stderr
    assert "goalkeeper-" not in found.stderr


def test_data_that_cannot_be_read_leaves_the_rest(repository: Repository) -> None:
    repository.write("goals.yaml", "reach 700 conversions")
    Path("ads.csv").write_text("date;clicks\nno day;x\n", encoding="utf-8")
    found = command_line("HEAD", "goals.yaml", "--data", "--as-of", "2026-06-01", "--fail-on", "loosened")
    assert "900 -> 700" in found.stdout
    assert "could not be compared" in found.stdout
    assert found.exit_code == 3
    Path("ads.csv").unlink()
    assert command_line("HEAD", "goals.yaml").exit_code == 0


def test_an_old_side_that_does_not_go_with_the_data(repository: Repository) -> None:
    """A column with another name in both goals and data is no fault of the new side."""
    text = Path("ads.csv").read_text(encoding="utf-8")
    Path("ads.csv").write_text(text.replace("conversions", "orders"), encoding="utf-8")
    orders = {"cpa": {"formula": "spend / orders", "unit": "EUR", "direction": "down"}}
    repository.write("goals.yaml", "reach 900 orders", kpis=orders)
    found = diff("HEAD", "goals.yaml", as_of="2026-06-01")
    assert {change.effect for change in found.changes} >= {Effect.REMOVED, Effect.ADDED}
    assert found.unjudged
    assert found.problems == ()
    assert command_line("HEAD", "goals.yaml", "--as-of", "2026-06-01").exit_code == 0


def test_a_rule_that_only_the_data_explains_is_not_passed_over(folder: Path) -> None:
    Path("ads.csv").unlink()
    goals = [{"id": "a", "period": "2026-Q2", "rule": {"kpi": "new customers", "reach": "900"}}]
    sides = [write_side(folder, name, {"goals": goals}) for name in ("old.yaml", "new.yaml")]
    found = command_line(*sides)
    assert found.exit_code == 3
    assert "only the data can explain" in found.stderr


def test_goals_of_goals_turn(folder: Path) -> None:
    goals = [
        {"id": "a", "period": "2026-Q2", "rule": "reach 900 conversions"},
        {"id": "b", "rules": [{"goal": "a", "key": True}]},
    ]
    harder = [{**goals[0], "rule": "reach 90,000 conversions"}, goals[1]]
    found = diff(
        write_side(folder, "old.yaml", {"goals": goals}),
        write_side(folder, "new.yaml", {"goals": harder}),
        as_of="2026-07-01",
    )
    assert [(turn.goal, turn.rule, turn.new) for turn in found.turns] == [
        (None, None, "fail"),
        ("a", None, "fail"),
        ("a", "reach 90,000 conversions", "fail"),
        ("b", None, "fail"),
        ("b", "goal: a", "fail"),
    ]

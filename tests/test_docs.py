"""The documentation is true: every command and every example in it is run, in order, one folder a page.

A fenced block with a file name (```yaml goals.yaml) writes that file. A console block runs its `$` lines and holds
what they print; `...` stands for lines left out. A YAML block without a file name is read as a goal file, completed
from the goal file of the folder where it is a part of one. A command may read a file that the page wrote (`< FILE`). A block named `verdict` is a worked example: a rule, its numbers
(`so far` and `baseline`, or `rows`), and what the verdict must say. The data of the quickstart is at hand. `--update` rewrites what the console blocks print.
"""

from __future__ import annotations

import doctest
import json
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from goalkeeper import ProblemsFound, api, documents, testing
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.problems import CODES, errors
from goalkeeper.reporters import json as json_reporter
from goalkeeper.verdict import State
from test_cli import commands
from test_runs import TextLoader, assert_says, block_rows, write_rows

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)(?: +(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,3} (GK\d+)\b", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
AS_OF = "2026-06-15"


@dataclass(frozen=True)
class Block:
    language: str
    file: str | None
    text: str
    start: int
    end: int


def blocks(text: str) -> Iterator[Block]:
    for found in BLOCK.finditer(text):
        yield Block(found[1], found[2], found[3], found.start(3), found.end(3))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_is_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copytree(ROOT / "examples" / "quickstart" / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    codes = {found.start(): found[1] for found in HEADING.finditer(text)}
    rewritten, done = "", 0
    session: dict[str, Any] = {}
    updating = request.config.getoption("--update")
    for block in blocks(text):
        if block.file == "verdict":
            hold_verdict(yaml.load(block.text, TextLoader))
        elif block.file:
            target = Path(block.file)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            printed = run(block.text, monkeypatch)
            if updating:
                rewritten += text[done : block.start] + elided(block.text, printed)
                done = block.end
            else:
                assert elided(block.text, printed) == block.text
        elif block.language == "yaml":
            assert problems_of(completed(block.text)) == []
        elif block.language == "pycon":
            test = doctest.DocTestParser().get_doctest(block.text, {}, page.name, str(page), 0)
            test.globs = session
            assert doctest.DocTestRunner().run(test, clear_globs=False).failed == 0
        else:
            assert block.language in {"sh", "text"}, f"nothing runs a block of {block.language}"
        if codes and block is last_of_section(text, block):
            start = max(place for place in codes if place < block.start)
            left = {"GK5": advice, "GK60": problems_of_tests}.get(
                codes[start][: 4 if codes[start].startswith("GK6") else 3], lambda: problems_of(None)
            )()
            assert codes[start] not in left, f"the cure of {codes[start]} does not cure it: {left}"
            shown = f"[{codes[start]}]" in text[start : block.end]
            assert shown or updating, f"the example of {codes[start]} does not show it"
    if updating:
        page.write_text(rewritten + text[done:], encoding="utf-8", newline="\n")


def hold_verdict(example: dict[str, Any]) -> None:
    """The example's rule comes to the verdict that it shows."""
    file: dict[str, Any] = {"version": 1} | {key: example[key] for key in ("metrics", "kpis") if key in example}
    file["goals"] = [{key: example[key] for key in ("rule", "start", "period") if key in example}]
    if "rows" in example:
        write_rows(Path("example.csv"), [row for block in example["rows"] for row in block_rows(block)])
        file["sources"] = {"example": {"path": "example.csv", "time": "date"}}
        Path("example.yaml").write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
        card = api.score("example.yaml", as_of=example["as of"])
    else:
        numbers, baseline = example["so far"], example.get("baseline", {})
        card = api.score(file, as_of=example["as of"], snapshot=numbers, baseline=baseline)
    verdicts = json.loads(json_reporter.render(card))["goals"][0]["verdicts"]
    segment = example["verdict"].get("segment", {})
    (found,) = [verdict for verdict in verdicts if verdict["segment"] == segment]
    wanted = {key.replace(" ", "_"): value for key, value in example["verdict"].items()}
    wanted["state"] = wanted["state"].replace(" ", "_")
    assert_says(found, wanted, f"{example['rule']}: ")


def test_every_state_has_a_worked_example() -> None:
    page = (ROOT / "docs" / "how-a-verdict-is-made.md").read_text(encoding="utf-8")
    shown = {yaml.load(block.text, TextLoader)["verdict"]["state"] for block in blocks(page) if block.file == "verdict"}
    assert {state.replace("_", " ") for state in State} == shown


def last_of_section(text: str, block: Block) -> Block | None:
    """*block*, when no other one comes before the next code of a problem page."""
    following = HEADING.search(text, block.end)
    until = following.start() if following else len(text)
    preceded = any(found.start() < block.start for found in HEADING.finditer(text))
    return block if preceded and not BLOCK.search(text[:until], block.end + 3) else None


def run(script: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Each command of a console block, with what it prints."""
    printed = []
    for line in script.splitlines():
        if not line.startswith("$ "):
            continue
        name, *arguments = shlex.split(line[2:].removesuffix("; echo exit $?"))
        if name == "cd":
            monkeypatch.chdir(arguments[0])
            printed.append((line, ""))
        elif name == "cat":
            printed.append((line, Path(arguments[0]).read_text(encoding="utf-8")))
        else:
            assert name == "goalkeeper", f"nothing runs {name}"
            answers = None
            if "<" in arguments:
                *arguments, _, file = arguments
                answers = Path(file).read_text(encoding="utf-8")
            result = CliRunner().invoke(command, arguments, input=answers)
            assert result.exit_code in {0, 1, 2, 3, 4, 5}, result.output
            code = f"exit {result.exit_code}\n" if line.endswith("; echo exit $?") else ""
            printed.append((line, result.output.rstrip("\n") + "\n" + code if result.output else code))
    return printed


def elided(written: str, printed: list[tuple[str, str]]) -> str:
    """What was printed, with the stretches left out that the page leaves out, as far as the rest agrees."""
    parts = re.split(r"^(?=\$ )", written, flags=re.MULTILINE)
    assert parts[0] == "", "a console block begins with a command"
    whole = ""
    for part, (line, output) in zip(parts[1:], printed, strict=True):
        shown = part.removeprefix(f"{line}\n")
        pattern = "(?:.*\n)*?".join(re.escape(piece) for piece in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE))
        agrees = "...\n" in shown and re.fullmatch(pattern, output)
        whole += f"{line}\n{shown if agrees else output}"
    return whole


def read(text: str) -> dict[str, Any]:
    document, problems = documents.parse(text, "goals.yaml")
    assert document is not None, problems
    assert isinstance(document.data, dict), text
    return document.data


def completed(text: str) -> dict[str, Any]:
    """A goal file made of *text* and, for what it leaves out, the goal file of this folder."""
    part = read(text)
    if "version" in part or not Path("goals.yaml").exists():
        return part
    base = read(Path("goals.yaml").read_text(encoding="utf-8"))
    kept = {key: base[key] for key in ("version", "defaults", "sources", "metrics", "kpis") if key in base}
    goals = {} if "goals" in part else {"goals": base["goals"]}
    merged = {key: {**kept[key], **part[key]} for key in ("sources", "metrics", "kpis") if key in part and key in kept}
    return {**kept, **goals, **part, **merged}


def problems_of(document: dict[str, Any] | None) -> list[str]:
    """The codes of what is wrong with a goal file, with the one of this folder when there is none."""
    goals: Any = "goals.yaml"
    if document is not None:
        goals = "part.yaml"
        Path(goals).write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    try:
        card = api.score(goals, as_of=AS_OF)
    except ProblemsFound as found:
        return [problem.code for problem in found.problems]
    return [problem.code for problem in card.problems if problem.code != "GK214"]


def advice() -> list[str]:
    """The codes of what `check --data` says of the goal file of this folder; nothing may be wrong with it."""
    found = api.check("goals.yaml", data=True, as_of=AS_OF)
    assert not errors(found)
    return [problem.code for problem in found]


def problems_of_tests() -> list[str]:
    """The codes of what is wrong with the test files of this folder; what they hold passes where nothing is."""
    files = [file for file in Path().rglob("*.test.yaml") if "examples" not in file.parts]
    try:
        report = testing.run(files)
    except ProblemsFound as found:
        return [problem.code for problem in found.problems]
    assert (len(report.tests) > 0, report.failed) == (True, 0)
    return []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{path}#{anchor}"


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_first_two_commands_are_those_that_are_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [line for block in blocks(readme) if block.language == "sh" for line in block.text.splitlines()]
    assert len(shown) == 2
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    for line in shown:
        assert line in gate


def test_every_code_has_its_place() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "problems").glob("*.md")]
    explained = [code for page in pages for code in HEADING.findall(page)]
    assert sorted(explained) == sorted(CODES)


def test_every_command_and_option_is_described() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, one in commands():
        assert f"## goalkeeper {name}" in page
        for parameter in one.params:
            for option in parameter.opts:
                assert not option.startswith("-") or f"`{option}" in page, f"{name} {option}"


def test_every_room_of_the_house_is_on_its_map() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    house = ROOT / "engine" / "goalkeeper"
    rooms = {path.stem for path in house.glob("*.py") if not path.stem.startswith("__")}
    rooms |= {f"{path.parent.name}/" for path in house.glob("*/__init__.py")}
    mapped = re.findall(r"`([a-z_]+/?)`", text[text.index("| stage |") : text.index("`rules/` holds")])
    assert sorted(mapped) == sorted(rooms)


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert sys.version_info >= (3, 11)

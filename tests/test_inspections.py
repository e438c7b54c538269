"""What an inspection says of small files, held to files, and laws for the sources that it prints.

Each file and folder in `cases/inspections/data` is looked at: beside it, `NAME.out` is what a terminal of 80 columns shows, and
`NAME.json` the document. The printed `sources:` is pasted into a goal file as it stands, and scored: it reads, or asks
what the inspection asked; with an answer it reads. The same holds for the files of `cases/formats`, and each of them
that is declared to be of another format is refused, with its own named.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from msgspec import Struct
from rich.cells import cell_len

import goalkeeper
from goalkeeper import ProblemsFound
from goalkeeper.calendar import Calendar, Unit
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.columns import Missing
from goalkeeper.opening import Formed
from goalkeeper.problems import errors
from goalkeeper.sources.files import KINDS
from goalkeeper.sources.shipped import shipped_formats
from read_files import LATER, ReadTables, TextLoader, described, formed

CASES = Path(__file__).parent / "cases" / "inspections"
DATA = CASES / "data"
FORMATS = Path(__file__).parent / "cases" / "formats"
SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parent.parent / "schemas" / "inspection.schema.json").read_text(encoding="utf-8"))
)
PASTE = "To paste into a goal file\n\n"
PLACES = {
    **{place.name: place.name for place in sorted(DATA.iterdir())},
    "no such file.csv": "no such file.csv",
    "an address": "https://example.com/visits.csv",
}
ASKED = {
    "dedupe": {"GK323"},
    "drop": {"GK306"},
    "encoding": {"GK318", "GK302"},
    "grain": {"GK307", "GK308"},
    "period": {"GK111", "GK325"},
    "table": {"GK326"},
    "time": {"GK111", "GK305"},
}
"""What a score says when the answer to a question is left out, by the key of the answer."""


def looked_at(place: str, *options: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(command, ["inspect", place, *options])


@pytest.mark.parametrize("name", PLACES)
def test_the_report(name: str, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    result = looked_at(PLACES[name])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    parts = [f"exit {result.exit_code}\n", result.stderr, result.stdout]
    golden(CASES / f"{name}.out", "\n".join(filter(None, parts)))


@pytest.mark.parametrize("name", PLACES)
def test_the_report_fits_a_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    for line in looked_at(PLACES[name]).stdout.splitlines():
        assert cell_len(line) <= 80, line


@pytest.mark.parametrize("name", PLACES)
def test_the_document(name: str, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    result = looked_at(PLACES[name], "--format", "json")
    golden(CASES / f"{name}.json", result.stdout)
    if result.stdout:
        SCHEMA.validate(json.loads(result.stdout))


class Pasted(Struct):
    """A block as it was printed, what the inspections say beside it, and the sources of a goal file that has it."""

    text: str
    files: Sequence[Mapping[str, Any]]

    @property
    def needed(self) -> list[Mapping[str, Any]]:
        """What has to be decided before anything can be read."""
        return [decision for one in self.files for decision in one["decisions"] if decision["needed"]]

    def answers(self) -> Iterator[Pasted]:
        """The block with the questions answered: each answer once, beside the first ones of other questions."""
        lists = [decision["options"] for decision in self.needed]
        for turn in range(max(map(len, lists), default=1)):
            text = self.text
            for decision in self.needed:
                option = decision["options"][min(turn, len(decision["options"]) - 1)]
                text = answered(text, f"{decision['key']}: {option['value']}")
            yield Pasted(text, self.files)

    def asides(self) -> Iterator[Pasted]:
        """The block with all questions answered, those too that can wait: each answer once."""
        waiting = [
            one for file in self.files for one in file["decisions"] if not one["needed"] and one["key"] != "metrics"
        ]
        for turn in range(max((len(decision["options"]) for decision in waiting), default=0)):
            text = next(self.answers()).text
            for decision in waiting:
                option = decision["options"][min(turn, len(decision["options"]) - 1)]
                text = answered(text, f"{decision['key']}: {option['value']}")
            yield Pasted(text, self.files)

    @property
    def sources(self) -> Mapping[str, Any]:
        """The sources."""
        found: Mapping[str, Any] = yaml.load(self.text, TextLoader)["sources"]
        return found


def answered(text: str, answer: str) -> str:
    """The block without the sign of a comment before an answer."""
    lines = text.splitlines()
    there = [n for n, line in enumerate(lines) if line.strip().partition("   #")[0] in {f"# {answer}", answer}]
    assert there, f"no line '# {answer}' in\n{text}"
    for number in there:
        lines[number] = lines[number].replace("# ", "", 1)
    return "\n".join(lines) + "\n"


def pasted(place: str) -> Pasted | None:
    """The block that is printed for a file; None where none is."""
    result = looked_at(place)
    _, _, text = result.stdout.partition(PASTE)
    if not text:
        return None
    said = json.loads(looked_at(place, "--format", "json").stdout)
    return Pasted(text, said.get("files", [said]))


def scored(block: Pasted, kpi: str, period: str, *, unit: str = "", more: str = "") -> float | Missing | ProblemsFound:
    """The number of a KPI over a period, from a goal file with the block."""
    rule = f"keep {kpi} above -1000000000000{unit}"
    goals = f'version: 1\n{block.text}{more}goals:\n  - {{rule: "{rule}", period: {period}}}\n'
    Path("goals.yaml").write_text(goals, encoding="utf-8")
    try:
        card = goalkeeper.score("goals.yaml", as_of=LATER)
    except ProblemsFound as stop:
        return stop
    finally:
        Path("goals.yaml").unlink()
    (verdict,) = card.goals[0].rules[0].verdicts
    assert verdict.value is not None
    return verdict.value


def rows_of(block: Pasted, name: str, period: str) -> float | Missing | ProblemsFound:
    more = f"metrics: {{rows_read: {{count: rows, source: {name}}}}}\n"
    return scored(block, "rows_read", period, more=more)


def every_file() -> Iterator[Any]:
    for place in PLACES.values():
        if (DATA / place).exists():
            yield pytest.param(DATA, place, id=place)
    for file in sorted(FORMATS.glob("*/*")):
        if file.suffix.lower() in KINDS:
            yield pytest.param(file.parent, file.name, id=f"{file.parent.name}: {file.name}")


@pytest.fixture
def beside(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of cases, alone in the folder that is worked in."""
    folder, name = request.param
    place = folder / name
    if place.is_dir():
        shutil.copytree(place, tmp_path / name)
    else:
        shutil.copy(place, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return str(name)


FILES = pytest.mark.parametrize("beside", [pytest.param(p.values, id=p.id) for p in every_file()], indirect=True)


@FILES
def test_the_printed_sources_read(beside: str) -> None:
    block = pasted(beside)
    if block is None:
        assert looked_at(beside).exit_code == 3 or all(one["tables"] for one in said_of(beside))
        return
    for name in block.sources:
        if block.needed:
            asked = rows_of(block, name, period_of(block, name))
            assert isinstance(asked, ProblemsFound)
            wanted = set().union(*(ASKED[decision["key"]] for decision in block.needed))
            assert wanted & {problem.code for problem in errors(asked.problems)}, described(asked.problems)
        for whole in (*block.answers(), *block.asides()):
            found = rows_of(whole, name, period_of(whole, name))
            assert not isinstance(found, ProblemsFound), described(found.problems)


def said_of(place: str) -> Sequence[Mapping[str, Any]]:
    said = json.loads(looked_at(place, "--format", "json").stdout or "{}")
    found: Sequence[Mapping[str, Any]] = said.get("files", [said])
    return found


def paths_of(source: Mapping[str, Any]) -> Sequence[str]:
    return source["path"] if isinstance(source["path"], list) else [source["path"]]


def period_of(block: Pasted, name: str) -> str:
    """The days that the rows of a source are about."""
    source = block.sources[name]
    if "period" in source:
        return str(source["period"])
    files = [one for one in block.files if one["path"] in paths_of(source)]
    first = min((one["start"] for one in files if one["start"]), default="2026-06-01")
    last = max((one["end"] for one in files if one["end"]), default="2026-06-30")
    grain = Unit(source.get("grain", "day"))
    return f"{first} to {Calendar().window_of(date.fromisoformat(last), grain).last}"


@FILES
def test_the_printed_sources_read_what_was_said(beside: str) -> None:
    block = pasted(beside)
    if block is None:
        return
    whole = next(block.answers())
    keys = {decision["key"] for decision in block.needed}
    for name, source in whole.sources.items():
        plain = {key: value for key, value in source.items() if key != "long"}  # the database alone reads such tables
        read = ReadTables({"version": 1, "sources": {name: plain}})
        files = [one for one in block.files if one["path"] in paths_of(source)]
        tables = [t for one in files for t in one["tables"] if t["part_of"] is None and t["unread"] is None]
        named = [table for table in tables if source.get("table") in {table["name"], table["sheet"]} - {None}]
        tables = named or [table for table in tables if not table["apart"]] or tables
        facts = read.facts(None if "format" not in source else [table["name"] for table in tables])
        if not keys & {"drop", "dedupe"}:
            assert facts["rows"] == sum(table["rows"] for table in tables)
        if not keys & {"time", "period"} and all(table["start"] for table in tables):
            ends = min(table["start"] for table in tables), max(table["end"] for table in tables)
            assert (facts["date_first"], facts["date_last"]) == ends
        flows = {c["id"]: c for table in tables for c in table["columns"] if c["kind"] == "flow"}
        if "long" in source:
            together = [scored(whole, id_, period_of(whole, name)) for id_ in flows]
            assert together
            assert sum(together) == sum(float(n or "0") for _, n in read.cells(source["long"]["value"]))
            continue
        for column in flows.values():
            unit = "" if column["unit"] in {None, "count"} else f" {column['unit']}"
            found = scored(whole, column["id"], period_of(whole, name), unit=unit)
            numbers = [pair for key in {column["id"], column["header"]} for pair in read.cells(key)]
            if isinstance(found, ProblemsFound):
                asked = [one["question"] for one in said_of(beside)[0]["decisions"]] + said_of(beside)[0]["notes"]
                called = [f"'{column[key]}'" for key in ("header", "id")]
                assert any(name in text for text in asked for name in called), described(found.problems)
            elif not isinstance(found, Missing):
                assert found == pytest.approx(sum(float(n) for _, n in numbers if n is not None)), column["id"]


ALIKE = {
    (
        "x-monthly-sheets",
        "daily_tweet_activity_metrics_HarbourBikes_20260501_20260507_en.csv",
    ): "one month of it, as text",
}
"""Files of another format that are read rightly all the same: the format that is declared, the file, and why."""
OF_NONE = {"stories.csv"}
"""Files of `cases/formats` that no format knows."""


def read_as(form: str, name: str) -> Formed:
    return formed({"version": 1, "sources": {"export": {"path": name, "format": form}}})


def rows_in(found: Formed) -> int:
    return sum(len(laid.rows) for _, layout in found.layouts for laid in layout.tables)


@pytest.mark.parametrize("declared", sorted(shipped_formats()))
def test_a_file_of_another_format_is_refused(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in sorted(FORMATS.iterdir()):
        monkeypatch.chdir(folder)
        of = folder.name
        if of == "readers-of-ones-own":
            continue  # of no format that ships
        for name in sorted(file.name for file in folder.iterdir() if file.suffix.lower() in KINDS and of != declared):
            found = read_as(declared, name)
            if (declared, name) in ALIKE:
                assert rows_in(found) == rows_in(read_as(of, name)) > 0
                continue
            said = errors(found.problems)
            assert said, f"'{name}' of {of} is read as {declared}"
            for problem in said:
                assert problem.span is not None
                assert (problem.span.file, problem.span.line > 0) == (name, True)
                assert f"format: {of}" in problem.help or name in OF_NONE, described(said)

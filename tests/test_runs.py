"""End to end: each file of `cases/runs` is a goal file, its data, and what must come of it.

`data` says what each file holds: a text as it stands, or blocks of rows. A block has `days` (`FIRST to LAST`) and a
value for each column: a number or text stands in every row, `total N` is spread over the days in whole numbers,
`A to B` climbs evenly, and a list is gone through again and again. A case with `snapshot` (and `baseline`) is judged
through the library, on plain values. `expect` is compared with the JSON scorecard, only where it says something.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from referencing import Registry

import goalkeeper
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.reporters import json as json_reporter
from read_files import TextLoader
from two_languages import says_the_same

SCHEMAS = Path(__file__).parent.parent / "schemas"
SCORECARD = Draft202012Validator(
    json.loads((SCHEMAS / "scorecard.schema.json").read_text(encoding="utf-8")), registry=Registry()
)
CASES = Path(__file__).parent / "cases" / "runs"


def cases() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.yaml")):
        for name, case in yaml.load(file.read_text(encoding="utf-8"), TextLoader).items():
            yield pytest.param(case, id=f"{file.stem}: {name}")


@pytest.mark.parametrize("case", list(cases()))
def test_run(case: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(case.get("data", {}), tmp_path)
    (tmp_path / "goals.yaml").write_text(goal_file(case), encoding="utf-8")
    expect = case["expect"]
    if "snapshot" in case:
        card = goalkeeper.score(
            case["goals"], as_of=case["as_of"], snapshot=case["snapshot"], baseline=case.get("baseline", {})
        )
        holds(json.loads(json_reporter.render(card)), expect)
        return
    options = [part for name, value in case.get("options", {}).items() for part in option(name, value)]
    result = CliRunner().invoke(command, ["score", "--as-of", case["as_of"], "--format", "json", *options])
    if "problems" in expect:
        text = " ".join(result.stderr.split())
        for wanted in expect["problems"]:
            assert wanted in text, result.stderr
    assert result.exit_code == expect["exit"], result.stderr + result.stdout
    if "problems" in expect and expect["exit"] in {2, 3}:
        return
    found = json.loads(result.stdout)
    holds(found, expect)
    if not options:
        card = goalkeeper.score("goals.yaml", as_of=case["as_of"])
        assert json.loads(json_reporter.render(card)) == found
        says_the_same(card)


def holds(found: dict[str, Any], expect: Mapping[str, Any]) -> None:
    """The scorecard is as published, and says what is expected."""
    assert found["exit_code"] == expect["exit"], found
    assert not list(SCORECARD.iter_errors(found))
    assert_says(found, {key: value for key, value in expect.items() if key not in {"exit", "verdicts", "problems"}}, "")
    if "verdicts" in expect:
        verdicts = [verdict for goal in found["goals"] for verdict in goal["verdicts"]]
        shown = json.dumps(verdicts, indent=1, ensure_ascii=False)
        assert len(verdicts) == len(expect["verdicts"]), shown
        for number, (verdict, wanted) in enumerate(zip(verdicts, expect["verdicts"], strict=True)):
            assert_says(verdict, wanted, f"verdicts[{number}] of {shown}: ")


def goal_file(case: Mapping[str, Any]) -> str:
    goals = case["goals"]
    return goals if isinstance(goals, str) else yaml.safe_dump(goals, allow_unicode=True, sort_keys=False)


def option(name: str, value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        yield f"--{name}"
        if one is not True:
            yield str(one)


def assert_says(found: Any, wanted: Any, place: str) -> None:
    """Every part of *wanted* is in *found*; `~ text` stands for a text, or a list of texts, that holds it."""
    if isinstance(wanted, Mapping):
        assert isinstance(found, dict), f"{place}{found!r} is no mapping"
        for key, value in wanted.items():
            assert key in found or value is None, f"{place}no '{key}'"
            assert_says(found.get(key), value, f"{place}{key}: ")
    elif isinstance(wanted, str) and wanted.startswith("~ "):
        texts = found if isinstance(found, list) else [found]
        assert any(wanted[2:] in text for text in texts), f"{place}{found!r}"
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), f"{place}{found!r}"
        for number, (one, value) in enumerate(zip(found, wanted, strict=True)):
            assert_says(one, value, f"{place}[{number}] ")
    elif isinstance(wanted, float) and isinstance(found, int | float):
        assert found == pytest.approx(wanted, rel=5e-4 if abs(wanted) < 1e6 else 1e-9), (
            f"{place}{found!r} != {wanted!r}"
        )
    else:
        assert found == wanted, f"{place}{found!r} != {wanted!r}"


def write_data(files: Mapping[str, Any], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            rows = [row for block in content for row in block_rows(block)]
            write_rows(path, rows)


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".parquet":
        write_parquet(path, rows, names)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, default=str), encoding="utf-8")
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)


def write_parquet(path: Path, rows: list[dict[str, Any]], names: list[str]) -> None:
    import duckdb

    connection = duckdb.connect()
    csv_path = path.with_suffix(".tmp.csv")
    write_rows(csv_path, rows)
    connection.execute(f"COPY (SELECT * FROM read_csv('{csv_path}', header = true)) TO '{path}' (FORMAT parquet)")
    csv_path.unlink()
    assert names


def block_rows(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    first, last = (date.fromisoformat(part) for part in block["days"].split(" to "))
    step = block.get("step", 1)
    days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
    columns = {name: value for name, value in block.items() if name not in {"days", "step", "time"}}
    for number, day in enumerate(days):
        yield {block.get("time", "date"): day.isoformat()} | {
            name: cell(value, number, len(days)) for name, value in columns.items()
        }


def cell(value: Any, number: int, count: int) -> Any:
    if value is None:
        return ""
    if isinstance(value, list):
        return value[number % len(value)]
    if isinstance(value, str) and (found := re.fullmatch(r"total (\d+)", value)):
        total = int(found[1])
        return total * (number + 1) // count - total * number // count
    if isinstance(value, str) and (found := re.fullmatch(r"([\d.]+) to ([\d.]+)", value)):
        low, high = float(found[1]), float(found[2])
        return low + (high - low) * number / max(count - 1, 1)
    return value

"""Small files in the formats that ship, read as their platforms export them.

Each `cases/formats/FORMAT/FORMAT.yaml` is a list of readings of the files beside it:

    files      what is read, from that folder
    format     left out: the name of the folder; null for none
    source, use, metrics, kpis    what a goal file says of them
    rows, start, end              how many rows are data, and their first and last day
    tables     the tables that these are about, where the files hold several
    dropped    what is left out: the reason, and how many rows
    values     for a KPI: its number, or `{value, period, where}`; a text where there is none: what the reason holds
    problem    instead, for files that must not be read: the `code`, on which `line`, and what is said (`says`); `kpi`
               where it is said when that is asked for
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from goalkeeper import ProblemsFound
from goalkeeper.columns import Missing
from goalkeeper.problems import Problem, errors
from goalkeeper.sources.shipped import shipped_formats
from read_files import Ask, ReadTables, TextLoader, described, formed, number_of, verdicts

CASES = Path(__file__).parent / "cases" / "formats"
KEYS = {
    *("files", "format", "source", "use", "metrics", "kpis", "rows", "start", "end", "tables", "dropped", "values"),
    *("problem", "name"),
}


@cache
def readings() -> tuple[Mapping[str, Any], ...]:
    found = []
    for file in sorted(CASES.glob("*/*.yaml")):
        if file.stem != file.parent.name:
            continue  # a pack that readings name
        for reading in yaml.load(file.read_text(encoding="utf-8"), TextLoader):
            assert not set(reading) - KEYS, f"{file.name}: unknown {set(reading) - KEYS}"
            found.append({"format": file.stem, **reading, "folder": file.parent})
    return tuple(found)


def goal_file(reading: Mapping[str, Any]) -> dict[str, Any]:
    """What a reading says, as a goal file without goals."""
    form = {"format": reading["format"]} if reading["format"] else {}
    parts = {key: reading[key] for key in ("use", "defaults", "metrics", "kpis") if reading.get(key)}
    source = {"path": list(reading["files"]), **form, **(reading.get("source") or {})}
    return {"version": 1, "sources": {"export": source}, **parts}


def each() -> Iterator[Any]:
    for number, reading in enumerate(readings()):
        yield pytest.param(number, id=f"{reading['folder'].name}: {reading.get('name') or ', '.join(reading['files'])}")


def numbers() -> Iterator[Any]:
    for number, reading in enumerate(readings()):
        for name in reading.get("values") or {}:
            yield pytest.param(number, name, id=f"{', '.join(reading['files'])}: {name}")


def faults(reading: Mapping[str, Any]) -> Sequence[Problem]:
    """What keeps files from being read, or a KPI of them from having a number."""
    if "kpi" not in reading["problem"]:
        return errors(formed(goal_file(reading)).problems)
    period = reading["problem"].get("period", (reading.get("source") or {}).get("period"))
    (found,) = verdicts(goal_file(reading), [Ask(reading["problem"]["kpi"], period)])
    assert isinstance(found, ProblemsFound), f"no problem, and {found.value}"
    return errors(found.problems)


@pytest.mark.parametrize("number", list(each()))
def test_rows_days_and_what_is_left_out(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = readings()[number]
    monkeypatch.chdir(reading["folder"])
    if "problem" in reading:
        wanted = reading["problem"]
        found = faults(reading)
        said = [(p.code, p.span.line if p.span else None, p.message) for p in found]
        assert any(
            code == wanted["code"] and wanted.get("line") in {None, line} and wanted.get("says", "") in message
            for code, line, message in said
        ), described(found)
        return
    tables = ReadTables(goal_file(reading))
    facts = tables.facts(reading.get("tables"))
    assert (facts["rows"], facts["date_first"], facts["date_last"]) == (
        reading["rows"],
        reading["start"],
        reading["end"],
    )
    assert tables.dropped == (reading.get("dropped") or {})


@pytest.mark.parametrize(("number", "name"), list(numbers()))
def test_the_number_or_why_there_is_none(number: int, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = readings()[number]
    monkeypatch.chdir(reading["folder"])
    said = reading["values"][name]
    asked = said if isinstance(said, dict) else {"value": said}
    period = asked.get("period", f"{reading['start']} to {reading['end']}")
    ask = Ask(asked.get("kpi", name), period, asked.get("where", {}))
    value = number_of(verdicts(goal_file(reading), [ask])[0])
    if isinstance(asked["value"], str):
        assert isinstance(value, Missing), f"{value} is no answer"
        assert asked["value"] in value.detail
    else:
        assert value == pytest.approx(asked["value"], rel=1e-9), getattr(value, "detail", "")


@pytest.mark.parametrize("name", sorted(shipped_formats()))
def test_a_shipped_format_has_files(name: str) -> None:
    assert (CASES / name / f"{name}.yaml").exists(), f"no reading of a '{name}' in cases/formats"

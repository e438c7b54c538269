"""Specimen exports with their right answers, when they lie beside the checkout.

The right numbers, and the wrong ones that a naive reader gets, are those of the specimens' own `expected.yaml`. How each
file is read is said in `cases/exports/*.yaml`, lists of readings:

    path       the file, or several; a reading of files that belong together has `set:` instead, the name of the set
    format, source, use, defaults, metrics, kpis    what a goal file says of it
    sources    instead of path, format and source: several sources, each as a goal file says it
    period     the days that are asked about; left out: those of the file, or the period of its source
    tables     the tables whose rows and days are those of `expected.yaml`, where others are read too; [] for none
    counting_dropped    true, where `expected.yaml` counts the rows of tables that are not read, too
    within     how far numbers may be from the right ones, as a share of these, where it says why (1e-8)
    drops      rows and tables that are left out beside those of `expected.yaml`: the reason, and how many
    asks       what is asked, by its name in `expected.yaml`: NAME or NAME.field of `metrics`, `sections.NAME`, or the
               metric of a trap; `trap.NAME` is a trap whose right number is not that of the file's metric NAME
    refused    the code of the problem, for a file that must not be read

An ask is null, or says what differs: `kpi`, `period`, `where`, and everything above. `rows_with: COLUMN` and `days_with:
COLUMN` count rows and days with a number, `fact:` is one of `rows`, `columns` and the `date_` and `days_` facts, `table:`
narrows it to a table. `refused: CODE` is right where there is no number; `unasked: REASON` is the one way to leave a
question out. Whatever of `expected.yaml` no reading asks is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import goalkeeper
from goalkeeper import ProblemsFound
from goalkeeper.columns import Missing
from goalkeeper.problems import errors
from read_files import Ask, ReadTables, TextLoader, bound, described, formed, last_days, number_of, verdicts

EXPORTS = Path(__file__).resolve().parents[2] / "shared" / "exports"
CASES = Path(__file__).parent / "cases" / "exports"
X_SEPTEMBER = "daily_tweet_activity_metrics_SpecimenOrg_20220901_20221001_en.csv"
FACTS = ("rows", "date_first", "date_last", "days_present", "days_in_range")
NO_ANSWERS = {"column", "kind", "formula", "unit", "note", "where", "section", "sheet", "at_least", "at_most"}
MAIN = ("total", "value", "last")
KEYS = {
    *("path", "set", "format", "source", "use", "metrics", "kpis", "period", "tables", "drops", "asks", "refused"),
    *("within", "counting_dropped", "defaults", "sources"),
}
ASK_KEYS = (KEYS - {"set", "asks", "drops", "within", "counting_dropped", "defaults", "sources"}) | {
    "kpi",
    "where",
    "rows_with",
    "days_with",
    "fact",
    "table",
    "unasked",
}

pytestmark = pytest.mark.skipif(
    not EXPORTS.exists(), reason=f"the specimen exports are not beside the checkout ({EXPORTS})"
)


@cache
def specimens() -> Mapping[str, Any]:
    """The entries of `expected.yaml`, by path or by the name of a set."""
    if not EXPORTS.exists():
        return {}
    found = yaml.safe_load((EXPORTS / "expected.yaml").read_text(encoding="utf-8"))
    files = {entry["path"]: entry for entry in found["specimens"]}
    for entry in found["sets"]:
        metrics = {name: {"value": value} for name, value in entry["metrics"].items()}
        files[entry["name"]] = {"rows": None, "dates": None, "traps": [], **entry, "metrics": metrics}
    return files


@cache
def readings() -> tuple[Mapping[str, Any], ...]:
    """All readings, those of every file of cases."""
    found = []
    for file in sorted(CASES.glob("*.yaml")):
        for reading in yaml.load(file.read_text(encoding="utf-8"), TextLoader) or ():
            assert not set(reading) - KEYS, f"{file.name}: unknown {set(reading) - KEYS}"
            for name, ask in (reading.get("asks") or {}).items():
                assert not ask or not set(ask) - ASK_KEYS, f"{file.name}: {name}: unknown {set(ask) - ASK_KEYS}"
            found.append({**reading, "file": file.name})
    return tuple(found)


def entry_of(reading: Mapping[str, Any]) -> str:
    """Of which entry of `expected.yaml` a reading is."""
    if "set" in reading:
        return str(reading["set"])
    path = reading["path"]
    return str(path[0] if isinstance(path, list) else path)


def goal_file(reading: Mapping[str, Any]) -> dict[str, Any]:
    """What a reading says, as a goal file without goals."""
    parts = {key: reading[key] for key in ("use", "defaults", "metrics", "kpis") if reading.get(key)}
    if "sources" in reading:
        sources = {name: {**one, "path": str(EXPORTS / one["path"])} for name, one in reading["sources"].items()}
        return {"version": 1, "sources": sources, **parts}
    path = reading["path"] if "path" in reading else specimens()[reading["set"]]["files"]
    paths = [str(EXPORTS / one) for one in (path if isinstance(path, list) else [path])]
    form = {"format": reading["format"]} if reading.get("format") else {}
    source = {"path": paths if len(paths) > 1 else paths[0], **form, **(reading.get("source") or {})}
    return {"version": 1, "sources": {"export": source}, **parts}


def period_of(reading: Mapping[str, Any], ask: Mapping[str, Any], name: str) -> str:
    """The days that are asked about."""
    dates = specimens()[entry_of(reading)]["dates"]
    said = ask.get("period") or _period_in(name.partition(".")[2], dates) or reading.get("period")
    if said:
        return str(said)
    if (reading.get("source") or {}).get("period"):
        return str(reading["source"]["period"])
    assert dates, f"{entry_of(reading)}: say which period is asked about"
    return f"{dates['first']} to {dates['last']}"


def _period_in(field: str, dates: Mapping[str, Any] | None) -> str | None:
    """The days that the name of a field of `expected.yaml` speaks of: `month_2026_03`, `last_28_days`."""
    if found := re.fullmatch(r"month_(\d{4})_(\d\d)", field):
        return f"{found[1]}-{found[2]}"
    if found := re.fullmatch(r"days_(\d{4})_(\d\d)_(\d\d)_(\d\d)", field):
        year, month, first, last = found.groups()
        return f"{year}-{month}-{first} to {year}-{month}-{last}"
    if (found := re.fullmatch(r"last_(\d+)_days", field)) and dates:
        return last_days(dates["last"], int(found[1]))
    return None


def right(entry: Mapping[str, Any], name: str) -> Any:
    """The right answer to a question."""
    if name.startswith("trap."):
        return next(trap["right"] for trap in entry["traps"] if trap.get("metric") == name.removeprefix("trap."))
    metric, _, field = name.partition(".")
    if metric not in entry["metrics"]:
        found = [trap["right"] for trap in entry["traps"] if trap.get("metric") == name]
        assert found, f"{entry.get('path', entry.get('name'))} has no '{name}'"
        return found[0]
    return entry["metrics"][metric][field] if field else main(entry["metrics"][metric])


def main(metric: Mapping[str, Any]) -> Any:
    """The answer for the whole file."""
    return next((metric[key] for key in MAIN if key in metric), None)


def traps_of(entry: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The traps that an answer must not step into."""
    expected = right(entry, name)
    for trap in entry["traps"]:
        if trap.get("metric") == name.removeprefix("trap.") and trap["right"] == expected:
            yield trap


def is_counted(name: str, ask: Mapping[str, Any]) -> bool:
    """Whether an answer is counted in the tables of a file, and no KPI."""
    fields = {"blank_cells", "days_with_data"}
    return bool({"fact", "rows_with", "days_with"} & set(ask)) or name.partition(".")[2] in fields or name == "columns"


def asks() -> Iterator[Any]:
    for number, reading in enumerate(readings()):
        for name in reading.get("asks") or {}:
            yield pytest.param(number, name, id=f"{entry_of(reading)}: {name}")


def asked(number: int, name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """A reading with what an ask says otherwise, and the ask."""
    reading = readings()[number]
    ask: Mapping[str, Any] = reading["asks"][name] or {}
    own = {key: ask[key] for key in ("path", "format", "source", "use", "metrics", "kpis") if key in ask}
    return {**reading, **own, "of": entry_of(reading)}, ask


def ask_of(reading: Mapping[str, Any], ask: Mapping[str, Any], name: str) -> Ask:
    """What a goal asks for."""
    metric = name.removeprefix("trap.").partition(".")[0]
    return Ask(ask.get("kpi", metric), period_of(reading, ask, name), ask.get("where", {}))


@cache
def answers(number: int) -> Mapping[str, Any]:
    """The verdicts of the asks of a reading that read its files as it says, judged in one go."""
    together = {}
    for name in readings()[number]["asks"]:
        reading, ask = asked(number, name)
        plain = not {"path", "format", "source", "use", "metrics", "kpis", "unasked", "refused"} & set(ask)
        if plain and not is_counted(name, ask) and not name.startswith("sections."):
            together[name] = ask_of(reading, ask, name)
    found = verdicts(goal_file(readings()[number]), list(together.values()))
    return dict(zip(together, found, strict=True))


@pytest.fixture(autouse=True)
def _beside_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs of their own are named from the folder of the cases."""
    monkeypatch.chdir(CASES)


@pytest.mark.parametrize(("number", "name"), list(asks()))
def test_the_right_number_or_none(number: int, name: str) -> None:
    reading, ask = asked(number, name)
    entry = specimens()[entry_of(readings()[number])]
    if "unasked" in ask:
        assert ask["unasked"], f"say why '{name}' is not asked"
        return
    if name.startswith("sections."):
        section_is_right(entry, reading, name, ask)
        return
    expected = right(entry, name)
    if is_counted(name, ask):
        assert str(counted(reading, ask, name)) == str(expected)
        return
    if "refused" in ask:
        assert expected is None
        (refused,) = verdicts(goal_file(reading), [ask_of(reading, ask, name)])
        assert isinstance(refused, ProblemsFound)
        assert ask["refused"] in {problem.code for problem in refused.problems}
        return
    found = answers(number).get(name) or verdicts(goal_file(reading), [ask_of(reading, ask, name)])[0]
    value = number_of(found)
    if expected is None:
        bounds = entry["metrics"].get(name.partition(".")[0], {})
        assert isinstance(value, Missing), f"{value} is no answer"
        assert value.detail
        if bounds.get("at_least") is not None:
            assert f"between {bounds['at_least']:,} and {bounds['at_most']:,}" in value.detail
        return
    within = float(reading.get("within", 1e-8))
    assert value == pytest.approx(expected, rel=within), getattr(value, "detail", "")
    for trap in traps_of(entry, name):
        assert value != pytest.approx(trap["wrong"], rel=within), trap["trap"]
        if "flips" in trap:
            _, sign, level = trap["flips"]["goal"].split()
            whole = ask_of(reading, ask, name)
            kept = Ask(whole.kpi, whole.period, whole.where, bound(sign, float(level), found.unit))
            judged = verdicts(goal_file(reading), [kept])[0]
            number_of(judged)
            assert judged.state == {"met": "holding", "missed": "breached"}[trap["flips"]["correct"]], trap["trap"]


def counted(reading: Mapping[str, Any], ask: Mapping[str, Any], name: str) -> Any:
    """What is counted in the tables of a file."""
    tables = ReadTables(goal_file(reading))
    metric, _, field = name.partition(".")
    if "rows_with" in ask:
        return sum(number is not None for _, number in tables.cells(ask["rows_with"]))
    if "days_with" in ask or field == "days_with_data":
        return len({day for day, number in tables.cells(ask.get("days_with", metric)) if number is not None})
    if field == "blank_cells":
        return sum(number is None for _, number in tables.cells(ask.get("kpi", metric)))
    if ask.get("fact", name) == "columns":
        return tables.columns
    return tables.facts([ask["table"]] if "table" in ask else None)[ask["fact"]]


def section_is_right(entry: Mapping[str, Any], reading: Mapping[str, Any], name: str, ask: Mapping[str, Any]) -> None:
    section = next(one for one in entry["sections"] if name == f"sections.{one['name']}")
    facts = ReadTables(goal_file(reading)).facts([ask["table"]])
    assert facts["rows"] == section["rows"]
    days_are_right(facts, section["dates"])


def days_are_right(facts: Mapping[str, Any], dates: Mapping[str, Any]) -> None:
    assert facts["date_first"] == dates["first"]
    assert facts["date_last"] == dates["last"]
    assert dates["days_present"] in {None, facts["days_present"]}
    assert facts["days_in_range"] == dates["days_in_range"]


def of_a_file() -> Iterator[Any]:
    for number, reading in enumerate(readings()):
        if reading.get("tables") != []:
            yield pytest.param(number, id=entry_of(reading))


@pytest.mark.parametrize("number", list(of_a_file()))
def test_rows_and_days(number: int) -> None:
    reading = readings()[number]
    entry = specimens()[entry_of(reading)]
    if "refused" in reading:
        found = formed(goal_file(reading))
        assert reading["refused"] in {problem.code for problem in errors(found.problems)}, described(found.problems)
        return
    tables = ReadTables(goal_file(reading))
    facts = tables.facts(reading.get("tables"))
    if entry["rows"] is not None:
        beside = sum(tables.dropped.values()) if reading.get("counting_dropped") else 0
        assert facts["rows"] + beside == entry["rows"]
    if entry["dates"] is not None:
        days_are_right(facts, entry["dates"])
    more = {why: int(rows) for why, rows in (reading.get("drops") or {}).items()}
    if "rows_raw" in entry:
        assert sum(tables.dropped.values()) == entry["rows_raw"] - entry["rows"] + sum(more.values()), tables.dropped
    assert more.items() <= tables.dropped.items()
    delimiter = entry.get("file", {}).get("delimiter")
    if delimiter is not None:
        assert tables.formed.layouts[0][1].delimiter == delimiter


def of_one_file() -> Iterator[Any]:
    seen = set()
    for number, reading in enumerate(readings()):
        plain = reading.get("format") and isinstance(reading.get("path"), str)
        if plain and "refused" not in reading and entry_of(reading) not in seen:
            seen.add(entry_of(reading))
            yield pytest.param(number, id=entry_of(reading))


@pytest.mark.parametrize("number", list(of_one_file()))
def test_an_inspection_knows_the_file(number: int) -> None:
    reading = readings()[number]
    entry = specimens()[entry_of(reading)]
    found = goalkeeper.inspect(EXPORTS / reading["path"])
    assert reading["format"] in {found.format, *found.rivals}
    assert not found.problems, described(found.problems)
    if "tables" not in reading and not reading.get("counting_dropped"):
        assert found.rows == entry["rows"]
        if entry["dates"] is not None:
            assert (str(found.start), str(found.end)) == (entry["dates"]["first"], entry["dates"]["last"])


REFUSED: list[tuple[str, str, Mapping[str, Any], str]] = [
    # A file without its format, the header of its days, a metric, and the code of what is said instead of a number.
    ("tiktok-overview/TIKTOK_AUDIENCE_RAW.csv", "Date", {"column": "Total followers", "kind": "stock"}, "GK304"),
    ("x-daily/" + X_SEPTEMBER, "Date", {"column": "promoted impressions"}, "GK304"),
    ("share-of-voice/competitor_mentions.csv", "date", {"column": "mentions"}, "GK306"),
    ("search-console/Dates.csv", "Date", {"column": "CTR"}, "GK213"),
]


@pytest.mark.parametrize(("path", "time", "metric", "code"), REFUSED)
def test_what_is_no_number_is_refused(path: str, time: str, metric: Mapping[str, Any], code: str) -> None:
    file = {
        "version": 1,
        "sources": {"export": {"path": str(EXPORTS / path), "time": time}},
        "metrics": {"asked": dict(metric)},
    }
    (refused,) = verdicts(file, [Ask("asked", period_of({"path": path}, {}, "asked"))])
    assert isinstance(refused, ProblemsFound)
    assert code in {problem.code for problem in refused.problems}


def needed(entry: Mapping[str, Any]) -> Iterator[str]:
    """Everything that can be asked of an entry, by the name of its ask."""
    for name, metric in entry["metrics"].items():
        yield name
        yield from (f"{name}.{field}" for field in metric if field not in NO_ANSWERS and field not in MAIN)
    for section in entry.get("sections", ()):
        if "name" in section:
            yield f"sections.{section['name']}"
    for trap in entry["traps"]:
        name = trap.get("metric")
        if name is None or name in FACTS:
            continue  # rows and days are looked at wherever a file is read
        known = name.partition(".")[0] in entry["metrics"]
        yield f"trap.{name}" if known and right(entry, name) != trap["right"] else name


@pytest.mark.parametrize("name", list(specimens()))
def test_everything_is_asked(name: str) -> None:
    entry = specimens()[name]
    own = [reading for reading in readings() if entry_of(reading) == name]
    assert own, f"no reading of '{name}' in cases/exports"
    have = {ask for reading in own for ask in reading.get("asks") or {}}
    lacking = [ask for ask in dict.fromkeys(needed(entry)) if ask not in have]
    assert not lacking, f"no reading of '{name}' asks for {lacking}"
    assert not entry["rows"] or any(reading.get("tables") != [] for reading in own), (
        f"no reading of '{name}' has its rows and days"
    )

"""Laws of verdicts: monotone in the value, the same for any order of rows and any cut into files, and the cube says
what a query of its own would say."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import goalkeeper
from goalkeeper.case import STATES, Case
from goalkeeper.columns import Column, Reasons
from goalkeeper.judge import judge
from goalkeeper.problems import Span
from goalkeeper.quantity import Quantity
from goalkeeper.reporters import json as json_reporter
from goalkeeper.rollup import severity
from goalkeeper.statements import (
    Ask,
    Bound,
    ByShare,
    Change,
    Evidence,
    Keep,
    KpiRule,
    Pace,
    PreviousPeriod,
    Reach,
    ToLevel,
)
from goalkeeper.verdict import OUTCOME_OF, Outcome, State

ASKS: list[tuple[Ask, int]] = [
    (Change(1, ByShare(0.15)), 1),
    (Change(-1, ByShare(0.15)), -1),
    (Change(-1, ToLevel(Quantity(10))), -1),
    (Change(1, ToLevel(Quantity(500))), 1),
    (Reach(Quantity(500)), 1),
    (Reach(Quantity(20)), 1),
    (Keep(Bound(Quantity(20), included=True), None), 1),
    (Keep(Bound(Quantity(500), included=True), None), 1),
    (Keep(None, Bound(Quantity(500), included=False)), -1),
]


@pytest.fixture(autouse=True)
def _run_beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goals that are no file read what lies below the folder that they are run in, and a checkout is not that."""
    monkeypatch.chdir(tmp_path)


def case(
    ask: Ask,
    nature: str,
    elapsed: int,
    values: list[float],
    baseline: float,
    *,
    falls: bool = False,
    counts: bool = False,
) -> Case:
    rule = KpiRule(
        text="",
        kpi="x",
        ask=ask,
        versus=PreviousPeriod(),
        over=None,
        each=None,
        by=(),
        where=(),
        warn=None,
        weight=1,
        key=False,
        min_sample=(),
        pace=Pace(),
        evidence=Evidence(),
        on_missing="inconclusive",
        location=Span("g.yaml", 1, 1),
        mapping={},
    )
    return Case(
        rule=rule,
        nature=nature,
        falls=falls,
        counts=counts,
        elapsed=elapsed,
        days=90,
        over=elapsed == 90,
        trailing=False,
        value=Column(np.array(values), np.zeros(len(values), np.int32)),
        baseline=Column.of(baseline, len(values)),
    )


@given(
    st.sampled_from(ASKS),
    st.sampled_from(["flow", "stock", "ratio", "rank"]),
    st.integers(1, 90),
    st.lists(st.floats(0, 1e6) | st.floats(0, 60), min_size=2, max_size=2),
    st.floats(1, 1e6) | st.floats(1, 60),
    st.fixed_dictionaries({"counts": st.booleans()}),
)
@settings(max_examples=500, deadline=None)
def test_a_better_value_never_gets_a_worse_verdict(
    asked: tuple[Ask, int], nature: str, elapsed: int, values: list[float], baseline: float, more: dict[str, bool]
) -> None:
    ask, sign = asked
    ordered = sorted(values, key=lambda value: sign * value)
    found = judge(case(ask, nature, elapsed, ordered, baseline, **more), Reasons())
    worse, better = (severity(OUTCOME_OF[STATES[state]]) for state in found.state)
    assert better <= worse


@given(
    st.sampled_from([*ASKS, (Keep(Bound(Quantity(20), included=True), Bound(Quantity(400), included=True)), 0)]),
    st.lists(st.floats(0, 1000), min_size=2, max_size=2),
    st.lists(st.integers(1, 90), min_size=2, max_size=2),
    st.floats(1, 1000),
    st.fixed_dictionaries({"counts": st.booleans(), "falls": st.booleans()}),
)
@settings(max_examples=500, deadline=None)
def test_what_a_sum_has_decided_stays_decided(
    asked: tuple[Ask, int], values: list[float], days: list[int], baseline: float, more: dict[str, bool]
) -> None:
    """A sum does not fall: a target that is reached, or a bound that is passed, is so on every later day."""
    now, then = (
        STATES[judge(case(asked[0], "flow", elapsed, [value], baseline, **more), Reasons()).state[0]]
        for elapsed, value in zip(sorted(days), sorted(values), strict=True)
    )
    if min(days) < 90 and now in {State.MET, State.MISSED, State.BREACHED}:
        assert then is now


@pytest.mark.parametrize("outcome", Outcome)
def test_outcomes_are_ranked(outcome: Outcome) -> None:
    assert severity(Outcome.PASS) <= severity(outcome) <= severity(Outcome.FAIL)


GOALS: dict[str, Any] = {
    "version": 1,
    "kpis": {"rate": {"formula": "b / a"}},
    "goals": [
        {
            "period": {"start": "2026-01-15", "length": "30d"},
            "rules": [
                "keep a at least 100",
                "keep rate at most 0.5 in each place",
                "increase b by 3% in each kind in each place",
                {"rule": "keep a at least 1", "where": {"kind": {"not": "k1"}}},
                "keep a at least 1 each week",
                "keep followers at least 1",
                "keep followers at least 1 in each place",
            ],
        }
    ],
}


def table(seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        {
            "date": str(date(2025, 12, 1) + timedelta(days=n)),
            "place": place,
            "kind": kind,
            "a": chance.choice(["", f"{chance.randrange(10**4)}.{chance.randrange(100):02}", chance.randrange(50)]),
            "b": chance.randrange(40),
            "followers": 1000 + chance.randrange(90),
        }
        for n in range(90)
        for place in ("p1", "p2", "p3")
        for kind in ("k1", "k2")
        if chance.random() < 0.9
    ]


def write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    with (folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def scored(folder: Path) -> str:
    path = folder / "goals.json"
    import json

    path.write_text(json.dumps(GOALS | {"sources": {"t": {"path": "data", "time": "date"}}}))
    card = json_reporter.render(goalkeeper.score(path, as_of="2026-02-10"))
    found = json.loads(card)
    return json.dumps([goal["verdicts"] for goal in found["goals"]]).replace(folder.as_posix(), "")


@pytest.mark.parametrize("seed", range(4))
def test_verdicts_do_not_depend_on_the_order_of_rows_or_on_files(seed: int, tmp_path: Path) -> None:
    rows = table(seed)
    chance = random.Random(seed)
    cuts = sorted(chance.sample(range(1, len(rows)), 3))
    shuffled = chance.sample(rows, len(rows))
    for name, parts in {
        "one": [rows],
        "shuffled": [shuffled],
        "split": [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)],
    }.items():
        folder = tmp_path / name
        (folder / "data").mkdir(parents=True)
        for number, part in enumerate(parts):
            write(folder / "data", f"{number}.csv", part)
    assert len({scored(tmp_path / name) for name in ("one", "shuffled", "split")}) == 1


@given(
    seed=st.integers(0, 50),
    first=st.integers(0, 60),
    length=st.integers(1, 29),
    place=st.sampled_from(["p1", "p2", None]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_cube_says_what_a_query_says(seed: int, first: int, length: int, place: str | None, tmp_path: Path) -> None:
    rows = table(seed)
    write(tmp_path, "t.csv", rows)
    start = date(2025, 12, 1) + timedelta(days=first)
    end = start + timedelta(days=length - 1)
    where = {"where": {"place": place}} if place else {}
    file = {
        "version": 1,
        "defaults": {"min_coverage": "0%"},
        "sources": {"t": {"path": str(tmp_path / "t.csv"), "time": "date"}},
        "goals": [
            {
                "period": f"{start} to {end}",
                "rules": ["keep a at least 0 in each kind", "keep b at least 0 in each kind"],
                **where,
            }
        ],
    }
    card = goalkeeper.score(file, as_of="2026-12-01")
    found = {
        (verdict.kpi, verdict.segment["kind"]): verdict.value
        for rule in card.goals[0].rules
        for verdict in rule.verdicts
        if verdict.segment
    }
    condition = "AND place = $place" if place else "AND $place IS NULL"
    expected = duckdb.execute(
        f"SELECT kind, sum(CAST(a AS DECIMAL(20, 6))), sum(CAST(b AS INTEGER)) FROM read_csv($path, all_varchar = true) "
        f"WHERE date BETWEEN $first AND $last {condition} GROUP BY kind",
        {"path": str(tmp_path / "t.csv"), "first": str(start), "last": str(end), "place": place},
    ).fetchall()
    assert {kind for _, kind in found} == {row[0] for row in expected}
    for kind, a, b in expected:
        assert found["b", kind] == b
        assert found["a", kind] == pytest.approx(float(a or 0), rel=1e-12)


@pytest.mark.parametrize("example", ["quickstart", "company", "agency"])
def test_many_rows_come_back_as_few_do(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    goals = Path(__file__).parent.parent / "examples" / example
    few = json_reporter.render(goalkeeper.score(goals, as_of="2026-06-15", trends=True))
    monkeypatch.setattr("goalkeeper.engines.duckdb.FEW", 1)
    assert json_reporter.render(goalkeeper.score(goals, as_of="2026-06-15", trends=True)) == few


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.integers(-(10**11), 10**11).map(lambda cents: cents / 100),
            st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda number: round(number, 9)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_floats_of_a_file_that_knows_its_types_are_added_exactly(tmp_path: Path, cells: list[float]) -> None:
    """Quickly as millionths where each is a whole number of them, else as wide decimals: the sum is that of the decimals
    as they are written.
    """
    connection = duckdb.connect()
    connection.execute("CREATE TABLE rows AS SELECT DATE '2026-04-01' AS day, unnest($1::DOUBLE[]) AS spend", [cells])
    connection.execute(f"COPY rows TO '{tmp_path / 'ads.parquet'}' (FORMAT parquet)")
    goals = {
        "version": 1,
        "sources": {"ads": {"path": str(tmp_path / "ads.parquet"), "time": "day"}},
        "goals": [{"rule": "keep spend above 0", "period": {"start": "2026-04-01", "end": "2026-04-01"}}],
    }
    verdict = goalkeeper.score(goals, as_of="2026-05-01").goals[0].rules[0].verdicts[0]
    exact = float(sum((Decimal(repr(cell)) for cell in cells), Decimal()))
    # A float that is no whole number of millionths is known as far as a float goes.
    assert verdict.value == pytest.approx(exact, rel=1e-15, abs=sum(map(abs, cells)) * 2**-52 + 1e-12)

"""Diagnoses: what is read for them and when, and the single days that they look at against a plain count."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import goalkeeper
from goalkeeper.activity import Gaps, Overlap
from goalkeeper.calendar import Window
from goalkeeper.columns import Missing, Reasons
from goalkeeper.days import Daily
from goalkeeper.reporters import terminal

FIRST = date(2026, 4, 1)


@pytest.mark.parametrize(("more", "reads"), [(0, 1), (5, 2)])
def test_days_of_segments_are_read_only_where_the_rest_of_a_diagnosis_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int, reads: int
) -> None:
    from goalkeeper.engines.duckdb import DuckDB

    asked: list[tuple[tuple[str, ...], ...]] = []
    reduce = DuckDB.reduce

    def counted(engine: DuckDB, wanted: Any) -> Any:
        asked.append(wanted.grain_sets)
        return reduce(engine, wanted)

    monkeypatch.setattr(DuckDB, "reduce", counted)
    days = [FIRST + timedelta(days=n) for n in range(-120, 30)]
    lines = [f"{day},{c},9,{9 + more * (day >= FIRST)}" for day in days for c in "ab"]
    (tmp_path / "t.csv").write_text("date,campaign,spend,orders\n" + "\n".join(lines) + "\n")
    file: dict[str, Any] = {
        "version": 1,
        "sources": {"t": {"path": str(tmp_path / "t.csv"), "time": "date"}},
        "goals": [{"period": "2026-04", "rule": "keep orders above 1"}],
        "diagnoses": [
            {"id": "d", "when": "orders > usual(orders) and overlapping(spend, campaign) > 50%", "say": "Together."}
        ],
    }
    card = goalkeeper.score(file, as_of="2026-05-01")
    assert asked == [(), (("campaign",),)][:reads]
    assert [note.holds for note in card.diagnoses] == [True] * (reads - 1)


@pytest.fixture(autouse=True)
def beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goals in memory read what lies below the working directory."""
    monkeypatch.chdir(tmp_path)


def test_what_is_said_of_many_segments_is_cut_and_told_in_full_where_it_is_asked_for(tmp_path: Path) -> None:
    lines = [f"{FIRST + timedelta(days=n)},c{c},9" for n in range(30) for c in range(5)]
    (tmp_path / "t.csv").write_text("date,campaign,orders\n" + "\n".join(lines) + "\n")
    file: dict[str, Any] = {
        "version": 1,
        "sources": {"t": {"path": str(tmp_path / "t.csv"), "time": "date"}},
        "goals": [{"period": "2026-04", "rule": "keep orders above 1 in each campaign"}],
        "diagnoses": [{"id": "d", "when": "orders > 1", "say": "Orders."}],
    }
    card = goalkeeper.score(file, as_of="2026-05-01")
    assert len(card.diagnoses) == 5
    page, full = terminal.render(card), terminal.render(card, verbose=True)
    assert page.count("seen in") == 3
    assert "and in 2 more" in page
    assert full.count("seen in") == 5
    assert "when: orders > 1" in full


DAYS = st.lists(st.sampled_from("10?"), min_size=1, max_size=40).map("".join)


@given(DAYS)
def test_the_longest_gap_is_that_of_a_plain_count(days: str) -> None:
    window = Window(FIRST, FIRST + timedelta(days=len(days) - 1))
    grains = tuple(Window(day, day) for day, sign in zip(window.each_day(), days, strict=True) if sign != "?")
    values = np.array([[float(sign) for sign in days if sign != "?"]])
    gaps = Gaps("posts", Daily(grains, values, np.ones(values.shape, bool)), window)
    least, most = (max(map(len, days.replace("?", unknown).split("1"))) for unknown in "10")
    reasons = Reasons()
    found = gaps.column(reasons).at(0, reasons)
    if least == most:
        assert found == most
        first = days.replace("?", "0").find("0" * most)
        last = FIRST + timedelta(days=first + most - 1)
        assert gaps.note(0) == (f"{FIRST + timedelta(days=first)} to {last}" if most else "")
    else:
        assert isinstance(found, Missing)
        assert f"between {least} and {most} days" in found.detail


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_what_ran_together_is_that_of_a_plain_count(ran: list[tuple[bool, bool, bool]]) -> None:
    grains = tuple(Window(FIRST + timedelta(days=n), FIRST + timedelta(days=n)) for n in range(len(ran)))
    values = np.array(ran, float).T
    overlap = Overlap(
        "spend", ("a", "b", "c"), Daily(grains, values, np.ones(values.shape, bool)), [[0, 1, 2], [1]], [[0, 1, 2]] * 2
    )
    reasons = Reasons()
    column = overlap.column(reasons)
    for place, active in enumerate(([day for day in ran if any(day)], [day for day in ran if day[1]])):
        found = column.at(place, reasons)
        if active:
            assert found == pytest.approx(sum(sum(day) > 1 for day in active) / len(active))
        else:
            assert isinstance(found, Missing)

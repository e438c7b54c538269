"""Contributions sum to the change that they explain, whatever the formula and the segments, and in any order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import goalkeeper
from goalkeeper import contributions
from goalkeeper.columns import Column, Missing, Reasons, Why
from goalkeeper.contributions import is_simpson, rate_and_mix, shapley, sums_to
from goalkeeper.definitions import Catalogue, Definition, KpiDefinition, MetricDefinition
from goalkeeper.evaluate import evaluate
from goalkeeper.formula import Formula, parse
from goalkeeper.inputs import Ratio, ratio_of
from goalkeeper.reporters import explanation, terminal
from goalkeeper.words import Names

NAMES = ("a", "b", "c", "d")
FORMULAS = st.recursive(
    st.sampled_from([*NAMES, "2", "0.5"]),
    lambda part: st.tuples(part, st.sampled_from("+-*/"), part).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
    max_leaves=8,
)
NUMBERS = st.lists(
    st.lists(st.integers(-50, 50).map(lambda n: n / 4), min_size=len(NAMES), max_size=len(NAMES)),
    min_size=3,
    max_size=3,
)


@pytest.fixture(autouse=True)
def beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goals in memory read what lies below the working directory."""
    monkeypatch.chdir(tmp_path)


def columns(rows: Sequence[Sequence[float]]) -> list[Column]:
    """A column for each input from a row for each segment."""
    return [Column(np.array(column, float), np.zeros(len(rows), np.int32)) for column in zip(*rows, strict=True)]


def value_of(text: str, names: Sequence[str], reasons: Reasons) -> contributions.Value:
    formula = parse(text)
    assert isinstance(formula, Formula)

    def value(given: Sequence[Column]) -> Column:
        by_name = dict(zip(names, given, strict=True))
        return evaluate(formula, lambda name, _: by_name[name], reasons, len(given[0]))

    return value


@given(FORMULAS, NUMBERS, NUMBERS, st.permutations(range(len(NAMES))))
@settings(max_examples=300, deadline=None)
def test_inputs_sum_to_the_change_in_any_order(
    text: str, before: list[list[float]], after: list[list[float]], order: list[int]
) -> None:
    reasons = Reasons()
    value = value_of(text, NAMES, reasons)
    old, new = columns(before), columns(after)
    found, codes = shapley(value, old, new)
    ends = value(old), value(new)
    scale = max(1.0, float(np.max(np.abs(found))))
    for place in range(len(before)):
        if codes[place] == 0:
            change = ends[1].values[place] - ends[0].values[place]
            assert found[:, place].sum() == pytest.approx(change, rel=1e-9, abs=1e-9 * scale)
        else:
            assert reasons.of(int(codes[place])).detail
        if ends[0].codes[place] or ends[1].codes[place]:
            assert codes[place]
    names = [NAMES[place] for place in order]
    shuffled, _ = shapley(value_of(text, names, reasons), [old[p] for p in order], [new[p] for p in order])
    present = codes == 0
    assert shuffled[:, present] == pytest.approx(found[order][:, present], rel=1e-9, abs=1e-9 * scale)


def test_what_does_not_change_or_does_not_matter_contributes_nothing() -> None:
    found, _ = shapley(value_of("a * b + 0 * c", "abcd", Reasons()), columns([[1, 2, 3, 4]]), columns([[1, 5, 9, 9]]))
    assert found[:, 0].tolist() == [0, 3, 0, 0]


def test_two_inputs_that_do_the_same_contribute_the_same() -> None:
    found, _ = shapley(value_of("a * b / c", "abc", Reasons()), columns([[2, 2, 7]]), columns([[3, 3, 8]]))
    assert found[0, 0] == pytest.approx(found[1, 0])


def test_many_segments_are_done_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[float(n), 1.0 + n % 7, 3.0] for n in range(100)]
    value = value_of("a * b / c", "abc", Reasons())
    whole = shapley(value, columns(rows), columns(rows[::-1]))
    monkeypatch.setattr(contributions, "_AT_ONCE", 32)
    parts = shapley(value, columns(rows), columns(rows[::-1]))
    assert [part.tolist() for part in parts] == [part.tolist() for part in whole]


RATIOS = [
    ("a / b", 1, 0),
    ("(a + 2 * c) / b", 1, 0),
    ("-(a / b)", -1, 0),
    ("a / b / 4", 0.25, 0),
    ("a / b / -4", -0.25, 0),
    ("a / b * 50%", 0.5, 0),
    ("-50% * (a / b)", -0.5, 0),
    ("(a / b) * (2 * 3)", 6, 0),
    ("1 - a / b", -1, 1),
    ("3 - (a / b - 1)", -1, 4),
    ("of_another + 1", 2, 1),
]
NO_RATIOS = ["a", "a / b / 0", "a * b", "(a / b) * (c * 2)", "a / b + c / b", "sqrt(a / b)", "a / sqrt(b)", "-a"]


def ratio(text: str) -> Ratio | None:
    definitions: dict[str, Definition] = {name: MetricDefinition(name, (), "flow") for name in NAMES}
    for name, written in (("of_another", "2 * (a / b)"), ("kpi", text)):
        formula = parse(written)
        assert isinstance(formula, Formula)
        definitions[name] = KpiDefinition(name, formula)
    return ratio_of(Catalogue(definitions, Names({}), {}), "kpi")


@pytest.mark.parametrize(("text", "scale", "offset"), RATIOS)
def test_a_ratio_may_be_scaled_and_moved(text: str, scale: float, offset: float) -> None:
    found = ratio(text)
    assert found is not None
    assert (found.scale, found.offset) == (scale, offset)
    assert [read.name for read in found.under.reads] == ["b"]


@pytest.mark.parametrize("text", NO_RATIOS)
def test_what_is_no_ratio_of_sums_is_not_split_as_one(text: str) -> None:
    assert ratio(text) is None


def test_ten_inputs() -> None:
    names = "abcdefghij"
    before, after = [float(n + 1) for n in range(10)], [float(n + 2) for n in range(10)]
    found, _ = shapley(value_of(" * ".join(names), names, Reasons()), columns([before]), columns([after]))
    assert found.sum() == pytest.approx(prod(after) - prod(before))
    assert sorted(found[:, 0].tolist(), reverse=True) == found[:, 0].tolist(), "the smallest grew most, for its size"


def test_a_missing_input_counts_where_the_formula_can_do_without() -> None:
    reasons = Reasons()
    gone = Column.missing(reasons.code(Missing(Why.NO_DATA, "no rows")), 1)
    value = value_of("a - coalesce(b, 0)", "ab", reasons)
    found, codes = shapley(value, [Column.of(5, 1), gone], [Column.of(6, 1), Column.of(2, 1)])
    assert (found[:, 0].tolist(), codes.tolist()) == ([1, -2], [0])
    _, codes = shapley(value_of("a - b", "ab", reasons), [Column.of(5, 1), gone], [Column.of(6, 1), Column.of(2, 1)])
    assert reasons.of(int(codes[0])).detail == "no rows"


SIDES = st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=1, max_size=6)


@given(SIDES)
@settings(max_examples=300, deadline=None)
def test_rate_and_mix_sum_to_the_change(rows: list[tuple[int, int, int, int]]) -> None:
    over_before, under_before, over_after, under_after = (np.array(side, float) for side in zip(*rows, strict=True))
    assume(under_before.sum() > 0)
    assume(under_after.sum() > 0)
    found = rate_and_mix(over_before, under_before, over_after, under_after)
    ends = over_before.sum() / under_before.sum(), over_after.sum() / under_after.sum()
    assert sums_to(np.concatenate([found.rate, found.mix]), *ends)
    one_sided = (under_before == 0) | (under_after == 0)
    assert not found.rate[one_sided].any()
    if is_simpson(over_before, under_before, over_after, under_after):
        assert found.rate.sum() * (ends[1] - ends[0]) < 0


def test_a_segment_that_only_grows_at_the_average_contributes_nothing() -> None:
    sides = [np.array(side, float) for side in ([10, 30], [100, 300], [10, 60], [100, 600])]
    found = rate_and_mix(*sides)
    assert found.rate == pytest.approx([0, 0])
    assert found.mix == pytest.approx([0, 0])


def test_simpson_needs_two_segments_that_move_and_a_whole_that_moves_against_them() -> None:
    def simpson(*sides: list[float]) -> bool:
        return is_simpson(*(np.array(side, float) for side in sides))

    assert simpson([80, 80], [8000, 2000], [154, 42], [14000, 1000])
    assert simpson([154, 42], [14000, 1000], [80, 80], [8000, 2000])
    assert not simpson([80, 80], [8000, 2000], [88, 84], [8000, 2000]), "the whole moves with them"
    assert not simpson([80, 80], [8000, 2000], [140, 42], [14000, 1000]), "one of them stays"
    assert not simpson([80, 80], [8000, 2000], [154, 0], [14000, 0]), "one segment is no pattern"
    assert not simpson([10, 20], [100, 100], [11, 19], [100, 100])


def table(seed: int) -> str:
    chance = random.Random(seed)
    lines = ["date,place,kind,orders,visits"]
    for day in range(60):
        for place in ("p1", "p2", "p3"):
            for kind in ("k1", "k2"):
                if chance.random() < 0.8:
                    visits = chance.randrange(1, 60)
                    row = (place, kind, chance.randrange(visits), f"{visits}.{chance.randrange(100):02}")
                    lines.append(",".join(map(str, (date(2026, 1, 1) + timedelta(days=day), *row))))
    return "\n".join(lines) + "\n"


@given(st.integers(0, 10**6), st.integers(12, 30), st.sampled_from([{}, {"kind": "k1"}, {"place": ["p1", "p2"]}]))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_list_of_an_explanation_sums_to_its_change(
    tmp_path: Path, seed: int, elapsed: int, where: dict[str, Any]
) -> None:
    (tmp_path / "t.csv").write_text(table(seed))
    file: dict[str, Any] = {
        "version": 1,
        "sources": {"t": {"path": str(tmp_path / "t.csv"), "time": "date"}},
        "kpis": {
            "rate": {"formula": "orders / visits"},
            "lost": {"formula": "(visits - orders) / visits * 100"},
            "sum": {"formula": "orders * 2 - visits / 4"},
            "odd": {"formula": "max(orders, 3) / (1 + visits ** 2) + rate"},
        },
        "goals": [
            {
                "id": "g",
                "period": {"start": "2026-01-31", "length": "30d"},
                "where": where,
                "rules": [f"increase {kpi} by 15%" for kpi in ("orders", "visits", "rate", "lost", "sum", "odd")],
            }
        ],
    }
    as_of = date(2026, 1, 31) + timedelta(days=elapsed)
    results = goalkeeper.explain(file, "g", as_of=as_of).goals[0][0].rules
    for rule in results:
        (verdict,) = rule.verdicts
        drivers = verdict.drivers
        assert drivers is not None
        assert drivers.after == verdict.value
        assert drivers.change == drivers.after - drivers.before
        lists = [[one.contribution for one in drivers.inputs]] if drivers.inputs else []
        lists += [[*(part.contribution for part in told.parts), told.others_contribution] for told in drivers.segments]
        assert len(lists) == {"orders": 0, "visits": 0, "odd": 1}.get(rule.kpi or "", 1) + (
            0 if rule.kpi == "odd" else 2 if where != {"kind": "k1"} else 1
        )
        for found in lists:
            assert sums_to(np.array(found), drivers.before, drivers.after)


def test_a_column_that_tells_every_row_apart_is_no_dimension_to_split_by(tmp_path: Path) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n // 10) for n in range(600)]
    lines = [f"{day},o{n:04},{'a' if n % 3 else 'b'},{1 + n % 5}" for n, day in enumerate(days)]
    (tmp_path / "t.csv").write_text("date,order,shop,income\n" + "\n".join(lines) + "\n")
    file = {
        "version": 1,
        "sources": {"t": {"path": str(tmp_path / "t.csv"), "time": "date"}},
        "goals": [{"period": {"start": "2026-01-31", "length": "30d"}, "rule": "increase income by 15%"}],
    }
    (verdict,) = goalkeeper.score(file, as_of="2026-04-01").goals[0].rules[0].verdicts
    assert verdict.drivers is not None
    assert [told.dimension for told in verdict.drivers.segments] == ["shop"]
    assert verdict.drivers.notes == ("by order: it has more than 200 values",)


def test_reports_speak_of_contributions_and_never_of_causes(tmp_path: Path) -> None:
    rows = [f"{date(2026, 1, 1) + timedelta(days=n)},{'ab'[n % 2]},{n},{n * n + 1}" for n in range(60)]
    (tmp_path / "t.csv").write_text("date,shop,income,visits\n" + "\n".join(rows) + "\n")
    file = {
        "version": 1,
        "sources": {"t": {"path": str(tmp_path / "t.csv"), "time": "date"}},
        "kpis": {"each": {"formula": "income / visits"}},
        "goals": [{"id": "g", "period": {"start": "2026-01-31", "length": "30d"}, "rule": "increase each by 15%"}],
    }
    page = terminal.render(goalkeeper.score(file, as_of="2026-04-01"))
    working = explanation.render(goalkeeper.explain(file, "g", as_of="2026-04-01"))
    for text in (page, working):
        assert "contributions" in text
        assert "cause" not in text.lower()
        assert "due to" not in text.lower()


@pytest.mark.parametrize(("amount", "later"), [("decrease", []), ("increase", [(("kind",), ("place",))])])
def test_segments_are_read_once_and_only_where_a_change_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, amount: str, later: list[tuple[tuple[str, ...], ...]]
) -> None:
    from goalkeeper.engines.duckdb import DuckDB

    asked: list[tuple[tuple[str, ...], ...]] = []
    reduce = DuckDB.reduce

    def counted(engine: DuckDB, wanted: Any) -> Any:
        asked.append(wanted.dimension_sets)
        return reduce(engine, wanted)

    monkeypatch.setattr(DuckDB, "reduce", counted)
    lines = [f"{date(2026, 1, 1) + timedelta(days=n)},p{n % 2},k,{100 - n}" for n in range(60)]
    (tmp_path / "t.csv").write_text("date,place,kind,x\n" + "\n".join(lines) + "\n")
    file: dict[str, Any] = {
        "version": 1,
        "sources": {"t": {"path": str(tmp_path / "t.csv"), "time": "date"}},
        "goals": [
            {"period": {"start": "2026-01-31", "length": "30d"}, "rules": [f"{amount} x by 5%", f"{amount} x by 6%"]}
        ],
    }
    card = goalkeeper.score(file, as_of="2026-04-01")
    assert asked == [((),), *later]
    for rule in card.goals[0].rules:
        drivers = rule.verdicts[0].drivers
        assert [told.dimension for told in drivers.segments] == ["place"] if drivers else not later

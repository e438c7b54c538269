"""Units: `cases/units.csv` has the units of what a formula reads, and the unit that it gives or what is said of it.

An input is NAME=UNIT for a metric and NAME=UNIT:FORMULA for a KPI. `declared` is the unit of the KPI with the formula.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from goalkeeper.catalogue import build
from goalkeeper.documents import parse
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.formula_units import Given, formula_unit
from goalkeeper.project import read_model
from goalkeeper.quantity import Quantity, exact_quantity, format_quantity, parse_quantity
from goalkeeper.thresholds import Misfit, fit
from goalkeeper.units import family, over, parse_unit, times

CASES = Path(__file__).parent / "cases"


def rows() -> list[dict[str, str]]:
    with (CASES / "units.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";", quoting=csv.QUOTE_NONE))


def goal_file(case: dict[str, str]) -> dict[str, Any]:
    metrics: dict[str, Any] = {}
    kpis: dict[str, Any] = {}
    for entry in case["inputs"].split():
        name, _, rest = entry.partition("=")
        unit, _, formula = rest.partition(":")
        written = {"unit": unit} if unit else {}
        if formula:
            kpis[name] = written | {"formula": formula}
        else:
            metrics[name] = written | {"source": "s"} | ({"kind": "stock"} if unit == "rank" else {})
    kpis["result"] = {"formula": case["formula"]} | ({"unit": case["declared"]} if case["declared"] else {})
    return {"version": 1, "metrics": metrics, "kpis": kpis}


@pytest.mark.parametrize("case", rows(), ids=lambda case: f"{case['inputs']} -> {case['formula']} {case['declared']}")
def test_unit_of_a_formula(case: dict[str, str]) -> None:
    document, _ = parse(yaml.safe_dump(goal_file(case), allow_unicode=True), "goals.yaml")
    assert document is not None
    project, problems = read_model(document, against_schema=True)
    assert project is not None, problems
    catalogue, problems = build(project, {}, unseen=["s"])
    said = [f"{problem.message} {problem.help}" for problem in problems]
    if case["gives"].startswith("!"):
        assert len(said) == 1, said
        assert case["gives"][2:] in said[0]
        assert problems[0].code == ("GK215" if "is no unit" in said[0] else "GK206")
        span = problems[0].span
        assert span is not None
        assert span.text[span.column - 1 :][: span.length].strip('"') == case["at"]
    else:
        assert not said
        assert catalogue.unit("result") == (case["gives"] or None)


WRITTEN = [
    ("4 hours", "minutes", 240),
    ("90 s", "min", 1.5),
    ("1 day", "hours", 24),
    ("250 ms", "seconds", 0.25),
    ("120 toman", "IRR", 1200),
    ("۱۲۰ تومان", "IRR", 1200),
    ("1 IRR_new", "toman", 1000),
    ("1,200 rial", "toman", 120),
    ("12 EUR", "EUR", 12),
    ("12 EUR per click", "EUR", 12),
    ("12 EUR", "EUR per click", 12),
    ("3 count per hour", "count per minute", 0.05),
    ("300%", "ratio", 3),
    ("3x", "ratio", 3),
    ("2 points", "percent", 0.02),
    ("45 points", "points", 0.45),
    ("3", "rank", 3),
    ("#3", "rank", 3),
    ("2 places", "rank", 2),
    ("12", "EUR", 12),
    ("0", "minutes", 0),
    ("0", "percent", 0),
    ("12", "EUR per hour", 12),
    ("12 EUR", None, 12),
    ("3x", None, 3),
]


@pytest.mark.parametrize(("text", "unit", "value"), WRITTEN)
def test_a_number_is_converted_into_the_unit_of_its_kpi(text: str, unit: str | None, value: float) -> None:
    found = fit(parse_quantity(text), "x", unit)
    assert isinstance(found, Quantity)
    assert found.value == value


ASKED = [
    ("4", "minutes", "is 4 meant as 4 minutes?", "write 4 minutes, or a number of hours"),
    ("1,200", "toman", "is 1,200 meant as 1,200 toman?", "write 1,200 toman, or"),
    ("1200", "IRR", "is 1,200 meant as 1,200 IRR?", "a number of toman"),
    ("4", "minutes per click", "is 4 meant as 4 minutes per click?", "write 4 minutes per click"),
    ("45", "points", "is 45 meant as 45 points?", "write 45 points"),
    ("45%", "points", "'x' is in points, not a percentage", "write a number of points"),
    ("3x", "percent", "'x' is a percentage, not a ratio", "write a number with %"),
    ("4 hours", "EUR", "'x' is in EUR, not in hours", "write the number in EUR"),
    ("4 hours", "count", "'x' is a count, not in hours", "write a plain number"),
    ("4 EUR", "rank", "'x' is a rank, not in EUR", "write a place"),
    ("15%", "rank", "'x' is not a percentage", "take the % away"),
    ("15%", "count", "'x' is not a percentage", "take the % away"),
    ("2 points", "ratio", "points are for percentages", "add unit: percent"),
    ("500 EUR per day", "EUR", "'x' is in EUR, not in EUR per day", "write 500 EUR each day"),
    ("4 hours", None, "'x' does not say what it is in", "unit: hours"),
    ("12 toman", None, "'x' does not say what it is in", "unit: toman"),
    ("2 places", None, "'x' does not say what it is in", "unit: rank"),
]


@pytest.mark.parametrize(("text", "unit", "message", "help_"), ASKED)
def test_a_number_that_does_not_fit_is_asked_about(text: str, unit: str | None, message: str, help_: str) -> None:
    found = fit(parse_quantity(text), "x", unit)
    assert isinstance(found, Misfit)
    assert message in found.message
    assert help_ in found.help


SHOWN = [
    (4.5, "hours", "4.5 hours"),
    (1, "hours", "1 hour"),
    (1200, "toman", "1,200 toman"),
    (12.5, "toman", "12.50 toman"),
    (3.2, "EUR per click", "3.20 EUR per click"),
    (3.2, "count per hour", "3.2 per hour"),
    (90, "seconds per view", "90 seconds per view"),
    (3.25, "ratio", "3.25"),
    (3, "rank", "#3"),
    (0.45, "points", "45 points"),
    (0.0345, "percent", "3.45%"),
    (1234567, "count", "1,234,567"),
    (2.5e16, "EUR", "25,000,000,000,000,000 EUR"),
    (2.5e21, "EUR", "2.5e+21 EUR"),
]


def test_truth_is_no_number() -> None:
    with pytest.raises(ValueError, match="not true or false"):
        parse_quantity(True)


@pytest.mark.parametrize(("value", "unit", "text"), SHOWN)
def test_values_are_shown_in_their_unit(value: float, unit: str, text: str) -> None:
    assert format_quantity(value, unit) == text
    exact = exact_quantity(value, unit)
    assert exact.replace(",", "").split()[1:] == text.replace(",", "").split()[1:]


TIMES_AND_MONEY = [(unit, other) for name in ("hours", "toman") for unit in family(name) for other in family(name)]


@given(st.decimals(0, 10**9, places=3), st.sampled_from(TIMES_AND_MONEY))
def test_what_is_converted_and_back_is_the_same(number: Any, units: tuple[str, str]) -> None:
    unit, other = units
    there = fit(Quantity(float(number), unit), "x", other)
    assert isinstance(there, Quantity)
    back = fit(Quantity(there.value, other), "x", unit)
    assert isinstance(back, Quantity)
    assert back.value == pytest.approx(float(number), rel=1e-12)


@given(
    st.recursive(
        st.sampled_from(["a", "b", "c", "60", "0", "5%", "total(a)"]),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/<"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
            st.tuples(st.sampled_from(["min", "coalesce"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
            st.tuples(inner, st.integers(-10, 10)).map(lambda t: f"{t[0]} ** {t[1]}"),
            st.tuples(st.sampled_from(["-", "not ", "sqrt", "abs"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        ),
        max_leaves=12,
    ),
    st.tuples(*[st.sampled_from([None, "EUR", "count", "minutes", "hours", "percent", "rank", "EUR per day"])] * 3),
)
@settings(deadline=None)
def test_every_formula_has_a_unit_or_a_fault_at_its_place(text: str, units: tuple[str | None, ...]) -> None:
    formula = parse_formula(text)
    if not isinstance(formula, Formula):
        return  # deeper than formulas may be
    given_units = dict(zip("abc", units, strict=True))
    found, faults = formula_unit(formula, lambda name: Given(parse_unit(given_units[name] or "")))
    for fault in faults:
        assert 0 <= fault.offset < fault.offset + fault.length <= len(text)
    assert found.unit is None or found.unit.name


def product(name: str, count: int) -> str:
    half = count // 2
    return name if count == 1 else f"({product(name, half)} * {product(name, count - half)})"


def test_powers_of_time_too_large_for_a_number_are_no_conversion() -> None:
    formula = parse_formula(f"{product('a', 45)} + {product('b', 45)}")
    assert isinstance(formula, Formula)
    units = {"a": "days", "b": "ms"}
    _, faults = formula_unit(formula, lambda name: Given(parse_unit(units[name])))
    assert [fault.code for fault in faults] == ["GK206"]


UNITS = st.sampled_from(["EUR", "count", "hours", "toman", "EUR per click", "count per hour", "percent", "ratio"])


@given(UNITS, UNITS)
def test_units_divide_as_they_multiply(left: str, right: str) -> None:
    a, b = parse_unit(left), parse_unit(right)
    assert a is not None
    assert b is not None
    assert times(over(a, b), b).bases == a.bases
    assert times(a, b).bases == times(b, a).bases


@given(UNITS | st.sampled_from(["days", "IRR_new", "points", "rank", "minutes per view"]), st.integers(1, 999))
def test_what_is_shown_can_be_written(unit: str, number: int) -> None:
    text = format_quantity(float(number), unit)
    if unit in {"ratio", "count", "count per hour"}:
        return  # these are written bare
    assert parse_quantity(text) == Quantity(pytest.approx(number), unit)

"""What is judged of plain numbers: each case of `cases/judge.yaml` is a rule, a column of values, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from goalkeeper.case import STATES, Case, Each
from goalkeeper.columns import Column, Missing, Reasons, Why
from goalkeeper.judge import from_and_to, judge, warn_band
from goalkeeper.problems import Span
from goalkeeper.statements import (
    Ask,
    Change,
    Evidence,
    KpiRule,
    Pace,
    PreviousPeriod,
    Reach,
    read_amount,
    read_bounds,
    read_level,
)
from goalkeeper.verdict import Proof, State

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "judge.yaml").read_text(encoding="utf-8"))
NUMBERS = (
    *("expected", "index", "progress", "projection", "needed_per_day", "needed_uplift"),
    *("chance", "low_total", "high_total"),
)


def rest(need: float, seen: float, share: float, spread: float = 1.0) -> float:
    """P(rest >= need) = I_{1 - share}(need / spread, seen / spread + 1/2), its integral summed with the midpoint rule."""
    if need <= 0:
        return 1.0
    a, b = need / spread, seen / spread + 0.5
    middles, power = (np.arange(20_000) + 0.5) / 20_000, min(a, 1.0)  # over t ** a where t ** (a - 1) is endless at 0
    t = (middles * (1 - share) ** power) ** (1 / power)
    area = float(np.mean(t ** (a - power) * (1 - t) ** (b - 1))) * (1 - share) ** power / power
    return area * math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))


def least(seen: float, share: float, spread: float = 1.0) -> float:
    """The largest total that is reached with a probability of 90%."""
    return next(seen + n for n in count() if rest(n + 1, seen, share, spread) < 0.9)


def most(seen: float, share: float, spread: float = 1.0) -> float:
    """The smallest total that is reached with a probability of 10%."""
    return next(seen + n for n in count() if rest(n, seen, share, spread) <= 0.1)


def worked(value: Any) -> Any:
    """A number, or the arithmetic that gives it."""
    known = {"rest": rest, "least": least, "most": most, "nan": math.nan, "inf": math.inf}
    return eval(value, {"__builtins__": {}}, known) if isinstance(value, str) else value


def spread(value: Any, length: int) -> list[Any]:
    return value if isinstance(value, list) else [value] * length


def column(cells: Any, length: int, reasons: Reasons) -> Column:
    """A cell `?stale, and why` has no number."""
    found = spread(cells, length)
    gone = [Missing(Why(cell[1:].split(",")[0]), cell) if str(cell).startswith("?") else None for cell in found]
    values = [math.nan if why else worked(cell) for cell, why in zip(found, gone, strict=True)]
    codes = [reasons.code(why) if why else 0 for why in gone]
    return Column(np.array(values, float), np.array(codes, np.int32))


def name_of(text: str) -> str | None:
    return text if text in {"budget", "goal"} else None


def ask_of(rule: Mapping[str, Any]) -> Ask:
    if "keep" in rule:
        return read_bounds(rule["keep"], name_of)
    if "reach" in rule:
        return Reach(read_level(rule["reach"], name_of))
    sign = 1 if "increase" in rule else -1
    return Change(sign, read_amount(rule["increase" if sign > 0 else "decrease"], name_of))


def rule_of(rule: Mapping[str, Any]) -> KpiRule:
    return KpiRule(
        text="",
        kpi="x",
        ask=ask_of(rule),
        versus=PreviousPeriod(),
        over=None,
        each=None,
        by=(),
        where=(),
        warn=read_bounds(rule["warn"], name_of) if "warn" in rule else None,
        weight=1,
        key=False,
        min_sample=(),
        pace=Pace(**rule.get("pace", {})),
        evidence=Evidence(require=rule.get("require")),
        on_missing="inconclusive",
        location=Span("g.yaml", 1, 1),
        mapping={},
    )


def case_of(given: Mapping[str, Any], length: int, reasons: Reasons) -> Case:
    elapsed, days = (int(part) for part in given["days"].split(" of "))
    done, dispersion, each = given.get("done"), given.get("dispersion"), given.get("each")
    proofs = [Proof(0.95, **proof) for proof in given.get("proofs", [])]
    return Case(
        rule=rule_of(given["rule"]),
        nature=given["nature"],
        falls=given.get("falls", False),
        counts=given.get("counts", False),
        elapsed=elapsed,
        days=days,
        over=given.get("over", elapsed == days),
        trailing=given.get("trailing", False),
        value=column(given["value"], length, reasons),
        baseline=column(given["baseline"], length, reasons) if "baseline" in given else None,
        scale=given.get("scale", 1.0),
        levels={name: column(cells, length, reasons) for name, cells in given.get("levels", {}).items()},
        samples=tuple((least, column(cells, length, reasons)) for least, cells in given.get("samples", [])),
        new=np.array(given["new"]) if "new" in given else None,
        done=column(done, length, reasons) if done is not None else None,
        dispersion=np.array([worked(one) for one in spread(dispersion, length)]) if dispersion is not None else None,
        may_fall=np.array(spread(given["may_fall"], length)) if "may_fall" in given else None,
        unit=given.get("unit"),
        proofs=tuple(proofs),
        each=Each(*(np.array(each[name], float) for name in ("elapsed", "days", "scale"))) if each else None,
    )


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_judge(given: Mapping[str, Any]) -> None:
    """All that is judged is said: a number that a case leaves out is not there, in any segment."""
    reasons = Reasons()
    length = len(given["value"])
    case = case_of(given, length, reasons)
    judged, gives = judge(case, reasons), given["gives"]
    assert [STATES[state] if state >= 0 else None for state in judged.state] == [
        State(state) for state in spread(gives["state"], length)
    ]
    why = [reasons.of(code).detail if code else None for code in judged.missing.tolist()]
    assert why == spread(gives.get("why"), length)
    for name in NUMBERS:
        wanted = [worked(cell) for cell in spread(gives.get(name, math.nan), length)]
        close = {"rel": 1e-6} if name == "chance" else {"rel": 1e-12, "abs": 0.0 if name == "progress" else 1e-15}
        assert getattr(judged, name).tolist() == pytest.approx(wanted, nan_ok=True, **close), name
    for name in ("baseline", "target"):
        found = getattr(judged, name)
        assert (found is None) == (name not in gives), name
        if found is not None:
            wanted = [worked(cell) if cell != "?" else math.nan for cell in spread(gives[name], length)]
            shown = np.where(found.present, found.values, math.nan)
            assert shown.tolist() == pytest.approx(wanted, rel=1e-12, nan_ok=True), name
    for name in ("low", "high"):
        found = getattr(judged, name)
        assert (found is None) == (name not in gives), name
        if found is not None:
            assert found.tolist() == pytest.approx(spread(gives[name], length), nan_ok=True), name
    if "keep" not in given["rule"]:
        less = "decrease" in given["rule"] or given.get("falls", False)
        assert from_and_to(case, Reasons())[2] == (-1 if less else 1)
    assert judged.value is case.value
    band = warn_band(case)
    assert (band is None) == ("band" not in given)
    if band is not None:
        sides = [[worked(cell) for cell in spread(side, length)] for side in given["band"]]
        assert [side.tolist() for side in band] == [pytest.approx(side, nan_ok=True) for side in sides]

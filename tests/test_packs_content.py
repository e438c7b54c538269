"""What the shipped packs say: names in two languages, identities of the field, and the index of known names."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from itertools import chain

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from goalkeeper import api
from goalkeeper.known import known_levels, known_metrics
from goalkeeper.model import Diagnosis, Kpi, Label, Metric
from goalkeeper.packs import shipped, shipped_names
from goalkeeper.words import fold
from test_runs import CASES

PACKS = {name: shipped(name).written for name in shipped_names()}
KPIS = {kpi_id: kpi for pack in PACKS.values() for kpi_id, kpi in pack.kpis.items()}
METRICS = {metric_id: metric for pack in PACKS.values() for metric_id, metric in pack.metrics.items()}
ENTRIES = [
    pytest.param(entry_id, entry, id=f"{name}: {entry_id}")
    for name, pack in PACKS.items()
    for entry_id, entry in chain(pack.metrics.items(), pack.kpis.items())
]
STAGES = {
    "awareness", "consideration", "inquiry", "conversion", "retention", "loyalty", "service", "economics",
}  # fmt: skip


@pytest.mark.parametrize(("entry_id", "entry"), ENTRIES)
def test_an_entry_has_both_names_and_its_stage(entry_id: str, entry: Metric | Kpi) -> None:
    assert isinstance(entry.label, Label)
    assert entry.label.en
    assert entry.label.fa
    assert not set("يك") & set(entry.label.fa), "Arabic letters, where Persian ones belong"
    assert entry.stage in STAGES
    assert entry_id not in {"engagement_rate", "er"}
    assert entry.about is None or (entry.about[0].isupper() and entry.about.endswith("."))


def test_no_name_of_the_packs_means_two_things() -> None:
    names: dict[str, set[str]] = {}
    for entry_id, entry in {**METRICS, **KPIS}.items():
        assert isinstance(entry.label, Label)
        for name in (entry_id, entry.label.en, entry.label.fa):
            names.setdefault(fold(name or ""), set()).add(entry_id)
    assert {name: ids for name, ids in names.items() if len(ids) > 1} == {}


def test_topics_go_together() -> None:
    topics = ["audience", "engagement", "conversion", "paid-media", "customer-care", "voice", "retention", "search"]
    goals = {"version": 1, "use": [*topics, "economics"], "goals": [{"rule": "keep a above 1", "period": "2026-04"}]}
    assert api.score(goals, as_of="2026-05-01", snapshot={"a": 2}).exit_code == 0


def divides(kpi_id: str) -> bool:
    """Whether a KPI is a quotient, so that a column of its name does not add up."""
    tree = ast.parse(str(KPIS[kpi_id].formula).replace("%", "/100"), mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return any(isinstance(node, ast.Div) for node in ast.walk(tree)) or any(map(divides, names & KPIS.keys()))


@pytest.mark.parametrize(("entry_id", "entry"), ENTRIES)
def test_the_index_of_known_names_agrees(entry_id: str, entry: Metric | Kpi) -> None:
    known = known_metrics().get(entry_id)
    assert known_levels().get(entry_id) == entry.level
    if isinstance(entry, Metric):
        kinds = {"events": {"median", "percentile"}}.get(known.kind, {known.kind}) if known else {"flow", "percentile"}
        assert entry.kind in kinds
        return
    if not divides(entry_id):
        assert known is None
    elif known is not None and known.kind == "average":
        assert known.instead in str(entry.formula).split("/ ")[1]  # a column of it is an average over what divides
    else:
        assert known is not None
        assert (known.kind, known.instead.split(" or ")[0]) == ("rate", entry.formula)
        assert entry_id in PACKS[known.pack].kpis


def test_the_index_names_no_pack_in_vain() -> None:
    for name, known in known_metrics().items():
        assert not known.pack or name in PACKS[known.pack].kpis


AMOUNT = st.integers(1, 10_000)


@cache
def rules(names: tuple[str, ...]) -> tuple[str, ...]:
    percent = {name for name in names if name in KPIS and KPIS[name].unit == "percent"}
    return tuple(f"keep {name} above {'-1000%' if name in percent else -1000}" for name in names)


def values(numbers: dict[str, int], *names: str, **kpis: object) -> dict[str, float]:
    """What KPIs of the packs come to over some metrics."""
    goals = {
        "version": 1,
        "use": ["economics", "engagement"],
        "kpis": {name: {"formula": formula} for name, formula in kpis.items()},
        "goals": [{"period": "2026-04", "rules": list(rules(names))}],
    }
    card = api.score(goals, as_of="2026-05-01", snapshot=numbers)
    return {name: rule.verdicts[0].value for name, rule in zip(names, card.goals[0].rules, strict=True)}  # type: ignore[misc]


Identity = tuple[tuple[str, ...], tuple[str, ...], Callable[[dict[str, float]], tuple[float, float]]]
IDENTITIES: dict[str, Identity] = {
    "CPA is CPC by CVR": (
        ("spend", "clicks", "conversions"),
        ("cpa", "cpc", "cvr"),
        lambda v: (v["cpa"], v["cpc"] / v["cvr"]),
    ),
    "CPM is CTR times CPC times 1000": (
        ("spend", "clicks", "impressions"),
        ("cpm", "ctr", "cpc"),
        lambda v: (v["cpm"], v["ctr"] * v["cpc"] * 1000),
    ),
    "impressions are reach times frequency": (
        ("impressions", "reach"),
        ("impressions", "reach", "frequency"),
        lambda v: (v["impressions"], v["reach"] * v["frequency"]),
    ),
    "ROI is ROAS times margin less 1, where time costs nothing": (
        ("revenue", "spend"),
        ("roi", "roas"),
        lambda v: (v["roi"], v["roas"] * 0.4 - 1),
    ),
    "revenue is sessions times CVR times AOV": (
        ("sessions", "revenue", "orders"),
        ("revenue", "sessions", "conversion_rate", "aov"),
        lambda v: (v["revenue"], v["sessions"] * v["conversion_rate"] * v["aov"]),
    ),
    "bounces are what was not engaged": (
        ("sessions", "engaged_sessions"),
        ("bounce_rate", "engagement_rate_ga4"),
        lambda v: (v["bounce_rate"], 1 - v["engagement_rate_ga4"]),
    ),
    "payback times LTV by CAC is the life of a customer": (
        ("spend", "revenue", "active_customers", "new_customers"),
        ("payback", "ltv_cac"),
        lambda v: (v["payback"] * v["ltv_cac"], 20),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_identities_of_the_field_hold(name: str, data: st.DataObject) -> None:
    metrics, kpis, sides = IDENTITIES[name]
    numbers = {metric: data.draw(AMOUNT, metric) for metric in metrics}
    if "orders" in numbers:
        numbers["conversions"] = numbers["orders"]
    own = {"time_cost": 0, "gross_margin": "40%"} | ({"churn": "5%"} if "payback" in kpis else {})
    left, right = sides(values(numbers, *kpis, **own))
    assert left == pytest.approx(right, rel=1e-9)


DIAGNOSES = {diagnosis.id: diagnosis for pack in PACKS.values() for diagnosis in pack.diagnoses}


@pytest.mark.parametrize("diagnosis", DIAGNOSES.values(), ids=DIAGNOSES.keys())
def test_a_diagnosis_names_candidates_and_what_tells_them_apart(diagnosis: Diagnosis) -> None:
    assert len(diagnosis.causes) >= 2
    assert all(cause[0].islower() and cause[-1] not in ".?!" for cause in diagnosis.causes)
    assert diagnosis.check
    assert all(text[0].isupper() and text[-1] in ".?" for text in (diagnosis.say, diagnosis.check))
    told = " ".join([diagnosis.say, diagnosis.check, *diagnosis.causes])
    assert not re.search(r"\b(because|due to|caused?|thanks to)\b", told), "numbers do not say why"


def test_every_diagnosis_has_an_id_of_its_own_a_case_where_it_holds_and_a_line_in_the_docs() -> None:
    assert len(DIAGNOSES) == sum(len(pack.diagnoses) for pack in PACKS.values())
    cases = yaml.safe_load((CASES / "packs_diagnoses.yaml").read_text(encoding="utf-8"))
    expected = [note for case in cases.values() for note in case["expect"]["diagnoses"]]
    assert {note["id"] for note in expected if note.get("holds")} == set(DIAGNOSES)
    page = (CASES.parents[2] / "docs" / "diagnoses.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \| [a-z-]+ \|", page, re.MULTILINE)) == set(DIAGNOSES)

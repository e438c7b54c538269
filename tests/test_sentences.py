"""Rule sentences and rule mappings: the same, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from goalkeeper.sentence import parse, render
from goalkeeper.words import INSTEAD, VERBS, Names
from test_runs import TextLoader

CASES = Path(__file__).parent / "cases"
NAMES = Names(
    ids={
        "conversions": "conversions",
        "spend": "spend",
        "budget": "budget",
        "followers": "followers",
        "rate": "rate",
        "cpa": "cpa",
        "wait": "wait",
        "cost per conversion": "cpa",
        "نرخ تبدیل": "rate",
    },
    directions={"cpa": "down", "rate": "up"},
    dimensions={"campaign", "platform"},
)


def load(name: str) -> list[Any]:
    cases: dict[str, Any] = yaml.load((CASES / name).read_text(encoding="utf-8"), TextLoader)
    return list(cases.items())


@pytest.mark.parametrize(("sentence", "mapping"), load("sentences.yaml"))
def test_sentence_is_its_mapping(sentence: str, mapping: dict[str, Any]) -> None:
    reading, faults = parse(sentence, NAMES)
    assert not faults
    assert reading.mapping() == mapping
    again, faults = parse(render(mapping), NAMES)
    assert not faults
    assert again.mapping() == mapping
    for piece in reading.fields.values():
        assert 0 <= piece.offset < piece.offset + piece.length <= len(sentence)


@pytest.mark.parametrize(("sentence", "expected"), load("sentence_faults.yaml"))
def test_what_does_not_parse_points_at_the_first_word_that_does_not_fit(sentence: str, expected: list[Any]) -> None:
    _, faults = parse(sentence, NAMES)
    assert [fault.code for fault in faults] == [want["code"] for want in expected]
    for fault, want in zip(faults, expected, strict=True):
        assert sentence[fault.offset : fault.offset + fault.length] == want["at"]
        assert want.get("message", "") in fault.message
        assert want.get("help", "") in fault.help
        assert fault.severity == want.get("severity", "error")


AMOUNTS = st.sampled_from(
    ["15%", "200", "2 points", "12 EUR", "1,200", "4 hours", "to 11,500", "to budget", "from 10 to 20"]
)
LEVELS = st.sampled_from(["10,000", "3%", "budget", "12 EUR", "1,200 toman"])
BOUNDS = st.sampled_from(["below 12", "at least 2%", "between 1 and 2", "at most budget", "above 3 EUR per click"])


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    verb, values = draw(
        st.sampled_from([("increase", AMOUNTS), ("decrease", AMOUNTS), ("reach", LEVELS), ("keep", BOUNDS)])
    )
    mapping: dict[str, Any] = {"kpi": draw(st.sampled_from(["conversions", "cpa", "rate"])), verb: draw(values)}
    tails = {
        "in": ["3 months", "2026-Q2", "28d"],
        "by": ["2026-06-30"],
        "over": ["28 days"],
        "versus": ["previous period", "2026-Q1", "2026-01-01 to 2026-03-31"],
    }
    for key, choices in tails.items():
        if draw(st.booleans()):
            mapping[key] = draw(st.sampled_from(choices))
    each = draw(st.lists(st.sampled_from(["week", "campaign", "platform"]), unique=True))
    if each:
        mapping["each"] = each[0] if len(each) == 1 else each
    return mapping


@given(mappings())
def test_every_mapping_survives_its_sentence(mapping: dict[str, Any]) -> None:
    reading, faults = parse(render(mapping), NAMES)
    assert not faults
    assert reading.mapping() == mapping


WORDS = st.sampled_from(
    [*VERBS, *INSTEAD, "conversions", "by", "15%", "in", "3", "months", "each", "to", "of", "and", "2026"]
)


@given(st.text(max_size=60) | st.lists(WORDS, max_size=12).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_no_sentence_raises(sentence: str) -> None:
    for names in (NAMES, Names({}), Names({}, open=True)):
        reading, faults = parse(sentence, names)
        for fault in faults:
            assert 0 <= fault.offset <= len(sentence)
        if not faults:
            assert "kpi" in reading.fields


def test_without_data_any_word_may_be_a_column() -> None:
    reading, faults = parse("increase conversions 15% in each campaign", Names({}, open=True))
    assert not faults
    assert reading.mapping() == {"kpi": "conversions", "increase": "15%", "each": "campaign"}

"""Rule sentences and rule mappings: the same, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from goalkeeper.grammars import Grammar, known
from goalkeeper.sentence import parse, render
from goalkeeper.words import VERBS, Names
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
        "ten day wait": "long_wait",
        "million views": "long_wait",
        "نرخ رشد روزانه": "daily",
        **{name: name for name in ("long_wait", "daily", "cpc", "p90")},
        "هزینه به ازای هر کلیک": "cpc",
        "زمان پاسخ (صدک ۹۰)": "p90",
        "hours_of_work": "hours_of_work",
        "ساعت کار": "hours_of_work",
        "نرخ تبدیل": "rate",
        "نرخ تعامل": "rate",
        "تبدیل": "conversions",
        "دنبال‌کننده": "followers",
        "هزینه": "spend",
        "بودجه": "budget",
        "هزینه به ازای تبدیل": "cpa",
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


@pytest.mark.parametrize(("persian", "english"), load("sentences_fa.yaml"))
def test_a_rule_in_persian_is_the_rule_in_english(persian: str, english: str) -> None:
    reading, faults = parse(persian, NAMES)
    assert not faults
    same, faults = parse(english, NAMES)
    assert not faults
    assert reading.mapping() == same.mapping()
    for piece in [*reading.fields.values(), *reading.each]:
        assert 0 <= piece.offset < piece.offset + piece.length <= len(persian)


SAMPLES = {
    "en": {"kpi": "rate", "amount": "15%", "number": "10", "level": "12", "high": "20", "name": "budget"},
    "fa": {"kpi": "نرخ تعامل", "amount": "۱۵ درصد", "number": "۱۰", "level": "۱۲", "high": "۲۰", "name": "بودجه"},
}
"""What stands in the slots of a form; in the mapping form it is what English has."""
TAILS = {
    "en": {"length": "3 months", "date": "2026-06-30", "within": "3 months", "end": "2026-Q2", "baseline": "2026-Q1"},
    "fa": {"length": "۳ ماه", "date": "۲۰۲۶/۶/۳۰", "within": "سه ماه", "end": "2026-Q2", "baseline": "2026-Q1"},
}
SAID = {"length": "3 months", "date": "2026-06-30", "within": "3 months", "end": "2026-06-30", "baseline": "2026-Q1"}


def written(pattern: str, slots: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every sentence that a pattern stands for, with these texts in its slots."""
    parts = [found.group() for found in re.finditer(r"\{\w+\}|\[[^]]+\]|\([^)]+\)|[^\s<>{}()\[\]]+", pattern)]
    ways = [
        slots.get(part[1:-1], [""])
        if part[0] == "{"
        else [*part[1:-1].split("|"), *([""] if part[0] == "[" else [])]
        if part[0] in "[("
        else [part]
        for part in parts
    ]
    said = {}
    for place, choices in enumerate(ways):
        for choice in choices:  # each way to write each part, beside the first way to write the others
            said[
                " ".join(
                    filter(None, [*(way[0] for way in ways[:place]), choice, *(way[0] for way in ways[place + 1 :])])
                )
            ] = 1
    yield from said


Case = tuple[str, dict[str, Any]]


def of_form(grammar: Grammar, kind: str, pattern: str, value: str) -> Iterator[Case]:
    """A sentence for each way to write a form, and the mapping that it stands for."""
    slots = {slot: [text] for slot, text in SAMPLES[grammar.code].items()}
    verb = next((slot for slot in grammar.verbs if f"{{{slot}}}" in pattern), "")
    for word, meant in grammar.verbs.get(verb, {"": kind}).items():
        asked = "increase" if meant == "improve" else meant
        for bound, says in grammar.bounds if "{bound}" in pattern else [("", "")]:
            said = value.format_map(SAMPLES["en"] | {"bound": says.format_map(SAMPLES["en"])})
            bounds = list(written(bound, slots))
            for text in written(pattern, slots | {verb: [word], "bound": bounds}):
                yield text, {"kpi": "rate", asked: said}


def of_tail(grammar: Grammar, key: str, pattern: str, value: str) -> Iterator[Case]:
    """A sentence for each way to write what can follow a rule, and the mapping that it stands for."""
    found = re.search(r"\{(\w+)\}", pattern)
    if found is None:
        base, mapping = next(of_form(grammar, *grammar.forms[0]))
        yield from ((f"{base} {text}", {**mapping, key: value}) for text in written(pattern, {}))
        return
    slot = found[1]
    ways: Mapping[str, str] = {TAILS[grammar.code].get(slot, ""): SAID.get(slot, "")}
    if slot == "window":
        ways = grammar.windows
    elif slot == "dimension":
        known = {
            word: one for word, ids in grammar.dimensions.items() for one in ids if one in {"campaign", "platform"}
        }
        ways = {"campaign": "campaign", **known}
    elif slot == "baseline":
        ways = {**ways, **grammar.baselines}
    base, mapping = next(of_form(grammar, *grammar.forms[0]))
    for way, said in ways.items():
        for text in written(pattern, {slot: [way]}):
            yield f"{base} {text}", {**mapping, key: said}


EVERY = [
    *[list(of_form(grammar, *form)) for grammar in known() for form in grammar.forms],
    *[list(of_tail(grammar, *tail)) for grammar in known() for tail in grammar.tails],
]


@pytest.mark.parametrize("cases", EVERY, ids=lambda cases: cases[0][0])
def test_every_form_of_every_language_is_its_mapping(cases: list[Case]) -> None:
    assert cases
    for sentence, mapping in cases:
        reading, faults = parse(sentence, NAMES)
        assert (sentence, faults) == (sentence, [])
        assert (sentence, reading.mapping()) == (sentence, mapping)


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
    [
        *(word for grammar in known() for word in sorted(grammar.words | grammar.instead.keys())),
        "conversions",
        "by",
        "15%",
        "in",
        "3",
        "months",
        "each",
        "to",
        "of",
        "and",
        "2026",
    ]
)


@given(st.text(max_size=60) | st.lists(WORDS, max_size=12).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_no_sentence_raises(sentence: str) -> None:
    for names in (NAMES, Names({}), Names({}, open=True)):
        reading, faults = parse(sentence, names)
        assert reading.fields.keys() <= {"kpi", *VERBS, "over", "versus", "in", "by"}
        for fault in faults:
            assert 0 <= fault.offset <= len(sentence)
        if not faults:
            assert "kpi" in reading.fields


def test_a_sentence_has_an_end() -> None:
    reading, (fault,) = parse("increase " + "conversions " * 50 + "by 15%", NAMES)
    assert not reading.mapping()
    assert (fault.code, fault.message) == ("GK202", "the sentence is longer than 500 characters")


def test_without_data_any_word_may_be_a_column() -> None:
    reading, faults = parse("increase conversions 15% in each campaign", Names({}, open=True))
    assert not faults
    assert reading.mapping() == {"kpi": "conversions", "increase": "15%", "each": "campaign"}

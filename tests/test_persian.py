"""The same goals in two languages come to the same numbers, and a report says the same numbers in both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import goalkeeper
from goalkeeper.reporters import json as json_reporter
from goalkeeper.reporters import outputs
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import State
from read_files import TextLoader
from test_runs import write_data
from two_languages import FIGURES, PERSIAN, facts

CASES = Path(__file__).parent / "cases"
PAIRS: dict[str, Any] = yaml.load((CASES / "pairs.yaml").read_text(encoding="utf-8"), TextLoader)


def numbers_of(card: Scorecard) -> list[dict[str, Any]]:
    """The verdicts of a scorecard without what is written in a language: the rules, and where they stand."""
    found = json.loads(json_reporter.render(card))
    left_out = {"rule", "location", "reasons"}
    return [
        {key: value for key, value in verdict.items() if key not in left_out}
        for goal in found["goals"]
        for verdict in goal["verdicts"]
    ]


@pytest.mark.parametrize("case", PAIRS.values(), ids=PAIRS.keys())
def test_the_same_goals_in_both_languages(
    case: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(case["data"], tmp_path)
    cards = []
    for code in ("en", "fa"):
        (tmp_path / "goals.yaml").write_text(case[code], encoding="utf-8")
        cards.append(goalkeeper.score("goals.yaml", as_of=case["as_of"]))
    english, persian = cards
    assert numbers_of(english) == numbers_of(persian)
    assert [goal.outcome for goal in english.goals] == [goal.outcome for goal in persian.goals]
    one, other = (outputs.render(card, "terminal", language=code) for card, code in ((english, "en"), (persian, "fa")))
    days = [{day for day in facts(text)["days"] if day > "19"} for text in (one, other)]  # a rule may say a Jalali one
    assert days[0] == days[1]
    assert facts(one)["signs"] == facts(other)["signs"]
    assert states_of(one, {state: state for state in STATES})
    assert states_of(one, {state: state for state in STATES}) == states_of(other, {PERSIAN.texts[s]: s for s in STATES})


STATES = [state.replace("_", " ") for state in State]


def states_of(text: str, words: Mapping[str, str]) -> list[str]:
    """The states at the right edge of the lines of a terminal, in their order, by their English words."""
    edges = [re.split(r"\s{2,}", line.translate(FIGURES).rstrip())[-1] for line in text.splitlines()]
    return [words[edge.strip(" ✓!✗·?~")] for edge in edges if edge.strip(" ✓!✗·?~") in words]

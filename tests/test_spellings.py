"""What is spelt in several ways comes to what it would if it were spelt in one, whatever is counted and however."""

from __future__ import annotations

import csv
import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import goalkeeper
from goalkeeper.reporters import json as json_reporter
from goalkeeper.sources.spellings import alike, fold, tidy

NAMES = {"Nilgoon": "نیلگون", "Kupa & Co": "kupa", "شبکه ای": "tv"}
FIRST = date(2026, 3, 1)
texts = st.text(alphabet="aAbB ß\u00a0\u200cیيکكى", max_size=6)


@pytest.fixture(autouse=True)
def _run_beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goals that are no file read what lies below the folder that they are run in, and a checkout is not that."""
    monkeypatch.chdir(tmp_path)


def spelt(name: str, chance: random.Random) -> str:
    """One of the ways to spell a name."""
    way = chance.choice([name, NAMES[name], name.upper(), name.lower(), f" {name}", name.replace(" ", "  ")])
    return way.replace("ی", chance.choice("یي")).replace("ک", chance.choice("کك"))


@given(texts)
def test_folding_folds_no_further(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(f"\u00a0{tidy(text)} ") == fold(text)


@given(st.lists(texts, max_size=8))
def test_what_is_alike_is_found(found: list[str]) -> None:
    groups = alike(dict.fromkeys(found))
    assert all(len({fold(text) for text in group}) == 1 for group in groups)
    assert {text for group in groups for text in group} == {
        text for text in found if any(other != text and fold(other) == fold(text) for other in found)
    }


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_spelling_or_several(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    rows = []
    totals = dict.fromkeys(NAMES, 0)
    for day in range(45):
        for name in chance.sample(sorted(NAMES), 2):
            totals[name] += chance.randrange(9)
            rows.append(
                [str(FIRST + timedelta(days=day)), name, chance.randrange(50), totals[name], chance.randrange(9)]
            )
    one = scored(tmp_path, "one.csv", rows, {})
    several = [[day, spelt(name, chance), *rest] for day, name, *rest in rows]
    assert scored(tmp_path, "several.csv", several, {"spellings": {"brand": NAMES}}) == one


def scored(folder: Path, name: str, rows: list[list[Any]], more: dict[str, Any]) -> Any:
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["date", "brand", "mentions", "likes", "minutes"], *rows])
    goals = {
        "version": 1,
        "sources": {"voice": {"path": str(folder / name), "time": "date", **more}},
        "metrics": {
            "own": {"column": "mentions", "where": {"brand": "Nilgoon"}},
            "fans": {"column": "mentions", "kind": "stock"},
            "likes": {"kind": "running_total"},
            "took": {"column": "minutes", "kind": "median"},
            "mean": {"column": "minutes", "kind": "average", "weighted_by": "mentions"},
            "people": {"column": "mentions", "kind": "unique"},
        },
        "goals": [
            {"period": "2026-03-10 to 2026-04-08", "rules": ["keep own at least 1", "increase own by 10%"]},
            {
                "period": "2026-03-10 to 2026-04-08",
                "each": "brand",
                "where": {"brand": {"not": "شبکه ای"}},
                "rules": [
                    "keep mentions at least 1",
                    "increase fans by 1%",
                    "keep likes at least 1",
                    "keep took at least 1",
                    "keep mean at least 1",
                    "keep people at least 1",
                ],
            },
        ],
    }
    card = json.loads(json_reporter.render(goalkeeper.score(goals, as_of="2026-04-20")))
    return card["goals"]

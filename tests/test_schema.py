"""The published schemas: made from the model, and saying the same as it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from goalkeeper.documents import from_data, parse
from goalkeeper.model import GoalFile
from goalkeeper.packs import model_of, shipped, shipped_names
from goalkeeper.project import read_model
from goalkeeper.schema import PACK_SCHEMA_FILE, SCHEMA_FILE, TEST_SCHEMA_FILE, explain, generate, published
from goalkeeper.testing import written as testing
from test_runs import CASES, TextLoader

SCHEMAS = Path(__file__).parent.parent / "schemas"
INVALID = Path(__file__).parent / "cases" / "invalid"
GOAL_TESTS = Path(__file__).parent / "cases" / "goal-tests"
ADVICE = Path(__file__).parent / "cases" / "lint"


@pytest.mark.parametrize("file", [SCHEMA_FILE, PACK_SCHEMA_FILE, TEST_SCHEMA_FILE])
def test_the_published_schema_is_the_models(file: str) -> None:
    stored = (SCHEMAS / file).read_text(encoding="utf-8")
    assert stored == json.dumps(generate(file), indent=2, ensure_ascii=False) + "\n", "write it again from the model"
    Draft202012Validator.check_schema(published(file))


def test_every_key_has_a_description() -> None:
    def undescribed(node: Any, path: str) -> Iterator[str]:
        if isinstance(node, dict):
            for name, entry in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
                if not entry.get("description"):
                    yield f"{path}.{name}"
            for key, entry in node.items():
                yield from undescribed(entry, f"{path}.{key}")
        elif isinstance(node, list):
            for number, entry in enumerate(node):
                yield from undescribed(entry, f"{path}[{number}]")

    for name in (
        "goalkeeper",
        "pack",
        "scorecard",
        "inspection",
        "history",
        "turn",
        "diff",
        "test",
        "test-results",
        "backtest",
    ):
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert not list(undescribed(schema, name))


def both_agree(data: Any) -> None:
    document, _ = from_data(data)
    if document is None:
        return
    if "pack" in data:
        assert bool(model_of(document)[1]) == bool(explain(document, PACK_SCHEMA_FILE)), data
        return
    if "tests" in data:
        assert bool(testing.model_of(document)[1]) == bool(explain(document, TEST_SCHEMA_FILE)), data
        return
    model_refuses = bool(read_model(document, against_schema=False)[1])
    assert model_refuses == bool(explain(document)), data


def written() -> list[Any]:
    found: list[Any] = []
    for file in sorted(CASES.glob("*.yaml")):
        for case in yaml.load(file.read_text(encoding="utf-8"), TextLoader).values():
            goals = case["goals"]
            found.append(parse(goals, "g.yaml")[0].data if isinstance(goals, str) else goals)  # type: ignore[union-attr]
    for file in sorted(
        [
            *INVALID.glob("*.yaml"),
            *INVALID.glob("packs/*.yaml"),
            *ADVICE.glob("*.yaml"),
            *GOAL_TESTS.glob("*/*.test.yaml"),
        ]
    ):
        document, _ = parse(file.read_text(encoding="utf-8"), "g.yaml")
        if document is not None:
            found.append(document.data)
    return found + [shipped(name).document.data for name in shipped_names()]


WRITTEN = written()


@pytest.mark.parametrize("number", range(len(WRITTEN)))
def test_both_validators_say_the_same_of_every_case(number: int) -> None:
    both_agree(WRITTEN[number])


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, entry in items:
        yield from paths(entry, (*path, key))


ODD = st.sampled_from(
    [None, True, False, 0, 1, -1, 1.5, 1.0, "", "x", "yes", [], ["x"], [1], {}, {"x": 1}, {"not": "a"}]
)


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_both_validators_say_the_same_of_every_slip(draw: st.DataObject) -> None:
    data = copy.deepcopy(draw.draw(st.sampled_from(WRITTEN)))
    for _ in range(draw.draw(st.integers(1, 2))):
        path = draw.draw(st.sampled_from(list(paths(data))))
        if not path:
            continue
        parent = data
        for part in path[:-1]:
            parent = parent[part]
        odd = copy.deepcopy(draw.draw(ODD))
        if draw.draw(st.booleans()) and isinstance(parent, dict):
            parent[draw.draw(st.sampled_from(["goal", "rule", "keep", "where", "weight", "zzz", "in"]))] = odd
        else:
            parent[path[-1]] = odd
    both_agree(data)


def test_a_goal_file_that_is_written_out_reads_the_same() -> None:
    rules = [
        "keep clicks above 3",
        {"rule": "keep clicks above 4", "weight": 2},
        {"kpi": "clicks", "increase": "15%"},
        {"kpi": "clicks", "decrease": "200"},
        {"kpi": "clicks", "reach": "300"},
        {"kpi": "clicks", "keep": "above 3"},
        {"goal": "b", "key": True},
    ]
    model = GoalFile.model_validate({"version": 1, "goals": [{"id": "a", "period": "2026-04", "rules": rules}]})
    assert GoalFile.model_validate(model.model_dump(by_alias=True, exclude_unset=True)) == model
    assert model.model_dump(by_alias=True, exclude_unset=True)["goals"][0]["rules"] == rules


def test_a_model_never_changes() -> None:
    model = GoalFile.model_validate({"version": 1})
    with pytest.raises(ValueError, match="frozen"):
        model.gate = "any"  # type: ignore[misc]

"""What people read in other languages: every text has its translation, with the same values in it."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from jinja2 import Environment
from jinja2.ext import babel_extract

from goalkeeper.languages import CODES, language, shown, speaking
from goalkeeper.quantity import format_quantity
from goalkeeper.said import listed, of_catalogue, say
from goalkeeper.schema import generate
from goalkeeper.sources.shipped import shipped_formats

ENGINE = Path(__file__).parents[1] / "engine" / "goalkeeper"
OTHERS = [code for code in CODES if code != "en"]


def literals(node: ast.expr) -> Iterator[str]:
    """The templates that an argument may be: a literal, or one of several."""
    match node:
        case ast.Constant(str() as text):
            yield text
        case ast.IfExp(_, one, other):
            yield from literals(one)
            yield from literals(other)
        case _:
            raise AssertionError(f"line {node.lineno}: a template must be a literal: {ast.unparse(node)}")


def templates(file: Path) -> Iterator[str]:
    """All templates that a module or an HTML template says."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".html":
        assert Environment().parse(text)
        with file.open("rb") as stream:
            for line, _, message, _ in babel_extract(stream, ["tr"], [], {}):
                template = message if isinstance(message, str) else message[0]
                assert template, f"line {line} of {file.name}: a template must be a literal"
                yield template
        return
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"say", "tr"}
            and node.args
        ):
            if isinstance(node.args[0], ast.Starred | ast.Attribute | ast.Name | ast.JoinedStr):
                continue  # said before, or words of a closed set; `cli.render.say` prints
            yield from literals(node.args[0])


def said() -> dict[str, str]:
    """Every template, with a file that says it."""
    files = [*ENGINE.rglob("*.py"), *ENGINE.rglob("templates/*.html")]
    return {template: file.name for file in files for template in templates(file)}


def fields(template: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name is not None)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_there_in_every_language(code: str) -> None:
    texts = language(code).texts
    assert {template: file for template, file in said().items() if template not in texts} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_has_the_values_of_its_template(code: str) -> None:
    texts = language(code).texts
    assert {one: text for one, text in texts.items() if set(fields(text)) != set(fields(one))} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_stands_in_two_places(code: str) -> None:
    files = [file for file in (ENGINE / "languages" / code).glob("*.yaml") if file.stem != "language"]
    places = [(key.value, file.name) for file in files for key in keys_of(file)]
    seen: dict[str, list[str]] = {}
    for template, place in places:
        seen.setdefault(template, []).append(place)
    assert {template: found for template, found in seen.items() if len(found) > 1} == {}


def keys_of(file: Path) -> Iterator[yaml.ScalarNode]:
    """The keys of a file as they are written, each as often as it is."""
    root = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode):
        yield from (key for key, _ in root.value)


def of_readers() -> set[str]:
    """What the readers that ship say of files, which is said like what stands in the code."""
    shapes = [shape for form in shipped_formats().values() for shape in form.shapes]
    texts = [form.about for form in shipped_formats().values()] + [shape.label for shape in shapes]
    texts += [why for shape in shapes for _, why in shape.ignored] + [
        drop.why for shape in shapes for drop in shape.drop
    ]
    return {text for text in [*texts, *(shape.not_read for shape in shapes)] if text}


def of_keys() -> set[str]:
    """What the schema of goal files says of their keys, which is the cure where one is missing or does not fit."""
    found: set[str] = set()

    def walk(schema: Any) -> None:
        if isinstance(schema, dict):
            properties = schema.get("properties", {})
            told = {key: value for key, value in properties.items() if not key.startswith("GK")}
            found.update(value["description"] for value in told.values() if "description" in value)
            for value in schema.values():
                walk(value)
        elif isinstance(schema, list):
            for value in schema:
                walk(value)

    walk(generate())
    return found


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("texts", [of_readers, of_keys])
def test_what_ships_is_there_in_every_language(code: str, texts: Callable[[], set[str]]) -> None:
    known = language(code).texts
    assert [text for text in texts() if text.replace("{", "{{").replace("}", "}}") not in known] == []


def test_what_is_said_can_be_kept_and_copied() -> None:
    said = say(
        "{names} of {number} in {day}", names=listed(["a", "b"]), number=format_quantity(12, "EUR"), day=date.max
    )
    for copied in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert copied == said
        with speaking("fa"):
            assert shown(copied) == shown(said)


def test_a_text_from_elsewhere_hides_nothing_and_is_no_template() -> None:
    for code in CODES:
        with speaking(code):
            assert "\u202e" not in shown(of_catalogue("a {b} \u202e"))
            assert "{b}" in shown(of_catalogue("a {b} \u202e"))


def test_a_unit_of_the_author_is_no_word_of_ours() -> None:
    with speaking("fa"):
        assert "pass" in shown(format_quantity(2, "EUR per pass"))
        assert "کلیک" in shown(format_quantity(2, "EUR per click"))

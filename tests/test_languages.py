"""What people read in other languages: every text has its translation, with the same values in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment
from jinja2.ext import babel_extract

from goalkeeper.languages import CODES, language

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
            yield from (message for _, _, message, _ in babel_extract(stream, ["tr"], [], {}))
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

"""The Persian pages outside of docs/ are true as those in it, and so are the tables of docs/persian.md and the example."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import goalkeeper
from goalkeeper.grammars import Grammar
from goalkeeper.grammars.persian import PERSIAN
from goalkeeper.languages import Language, speaking
from goalkeeper.reporters import markdown, terminal
from goalkeeper.sentence import parse
from goalkeeper.words import Names
from test_docs import test_links_lead_somewhere as links_lead_somewhere
from test_docs import test_what_a_page_shows_is_what_happens as shows_what_happens

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "fa"
REPORTS = ROOT / "tests" / "cases" / "reports"
OUTSIDE = [ROOT / "README.fa.md", EXAMPLE / "README.md", EXAMPLE / "README.fa.md"]
PERSIAN_PAGES = [ROOT / "README.fa.md", EXAMPLE / "README.fa.md", *sorted((ROOT / "docs" / "fa").glob("*.md"))]
NAMES = Names({name: name for names in PERSIAN.names.values() for name in names}, directions={"cpa": "down"})
"""What the tables speak of: every name that a Persian word stands for, and any dimension."""


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_is_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    shows_what_happens(page, tmp_path, monkeypatch, request)


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    links_lead_somewhere(page)


@pytest.mark.parametrize("page", PERSIAN_PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_persian_page_runs_from_right_to_left_and_its_code_from_left_to_right(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith('<div dir="rtl">\n\n')
    assert text.endswith("\n\n</div>\n")
    sides = re.findall(r'^(<div dir="\w+">|</div>|```\w+)', text, re.MULTILINE)
    inside = 0
    for side in sides:
        inside += {"</div>": -1}.get(side, side.startswith("<div"))
        assert not side.startswith("```") or inside == 2, f"{side} is in no div of its own"
    assert inside == 0
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert re.findall("[يكةـ]", prose) == []


def tables(page: Path) -> Iterator[tuple[list[str], list[str]]]:
    """What stands as code in the first two cells of each row."""
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = line.strip("|").split("|")
        if line.startswith("|") and len(cells) == 2:
            left, right = (re.findall("`([^`]+)`", cell) for cell in cells)
            yield left, right


ROWS = [*tables(ROOT / "docs" / "persian.md"), *tables(ROOT / "docs" / "language.md")]
VERBS = ("increase ", "decrease ", "improve ", "reach ", "keep ")
TAILS = ("in ", "by ", "over ", "each ", "versus ")


@pytest.mark.parametrize(
    ("persian", "english"),
    [
        (one, right[0])
        for left, right in ROWS
        for one in left
        if len(right) == 1 and right[0].startswith(VERBS) and re.search(PERSIAN.letters, one)
    ],
)
def test_a_rule_in_the_tables_is_the_rule_beside_it(persian: str, english: str) -> None:
    assert mapping(persian) == mapping(english)


@pytest.mark.parametrize(
    ("persian", "english"),
    [(one, right[0]) for left, right in ROWS for one in left if len(right) == 1 and right[0].startswith(TAILS)],
)
def test_what_may_follow_in_the_tables_is_what_stands_beside_it(persian: str, english: str) -> None:
    assert mapping(f"افزایش ۱۰ درصدی کلیک {persian}") == mapping(f"increase clicks by 10% {english}")


def mapping(rule: str) -> dict[str, object]:
    reading, faults = parse(rule, NAMES)
    assert faults == []
    return reading.mapping()


def test_the_words_of_the_field_are_those_of_the_tables() -> None:
    told = {word: tuple(right) for left, right in tables(ROOT / "docs" / "persian.md") for word in left}
    assert {word: told.get(word) for word in PERSIAN.names} == {word: tuple(ids) for word, ids in PERSIAN.names.items()}
    dimensions = {word: (name,) if isinstance(name, str) else tuple(name) for word, name in PERSIAN.dimensions.items()}
    assert {word: told.get(word) for word in dimensions} == dimensions


def test_every_part_of_a_language_is_described() -> None:
    page = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    parts = {*Grammar.__struct_fields__, *Language.__struct_fields__} - {"texts"}
    assert {part for part in parts if f"`{part}`" not in page} == set()


def test_the_example_is_what_its_script_writes() -> None:
    script = runpy.run_path(str(EXAMPLE / "make_data.py"))
    written = dict(script["reports"]())
    stored = {file.name: file.read_text(encoding="utf-8") for file in (EXAMPLE / "data").iterdir()}
    assert stored == written


def test_the_example(golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    card = goalkeeper.score("examples/fa", as_of="2026-06-15")
    assert [goal.outcome.value for goal in card.goals] == ["pass", "fail", "warn"]
    with speaking("fa"):
        golden(REPORTS / "example-fa.txt", terminal.render(card))
        golden(REPORTS / "example-fa.md", markdown.render(card))
    golden(REPORTS / "example-fa-english.txt", terminal.render(card))

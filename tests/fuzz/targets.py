"""What the fuzzers throw bytes at: whatever they say, there is an answer or a problem, and never anything else."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from goalkeeper import api, documents
from goalkeeper.columns import Column, Missing, Reasons, Why
from goalkeeper.evaluate import evaluate
from goalkeeper.formula import Formula, parse
from goalkeeper.languages import speaking
from goalkeeper.problems import Problem
from goalkeeper.project import read_model
from goalkeeper.reporters import github, gitlab, step_summary
from goalkeeper.reporters.problems import render

CASES = Path(__file__).parent.parent / "cases"
SECONDS = 0.05
"""What reading a formula may cost."""
TOKENS = (
    *(
        "a",
        "b",
        "clicks",
        "1",
        "0",
        "1%",
        "2.5",
        "1e308",
        "10",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "**",
        "<",
        "<=",
        "==",
    ),
    *("!=", " and ", " or ", "not ", " if ", " else ", "min(", "max(", "abs(", "round(", "sqrt(", "log(", "exp("),
    *("coalesce(", "previous(", "last_year(", "total(", "usual(", "longest_gap(", "overlapping(", ".", "[", "]", " "),
    *(
        "lambda x: ",
        ":=",
        "__class__",
        "'",
        "{",
        "}",
        "j",
        "_",
        "0x",
        "await ",
        "yield ",
        " for x in ",
        "\n",
        "\u2028",
        "ａ",
    ),
)
NUMBERS = (0.0, 1.0, -1.0, 0.5, 1e-300, 1e300, -1e300, 3.0)


def formula_of(data: bytes) -> str:
    """The text that bytes stand for: as they are, or each a part of a formula, so that many of them read."""
    if data[:1] < b"\x40":
        return data[1:].decode("utf-8", "surrogateescape")
    return "".join(TOKENS[byte % len(TOKENS)] for byte in data[1:])


def formula(data: bytes) -> None:
    """A text is a formula or problems; a formula over any numbers gives numbers, or says why there are none."""
    text = formula_of(data)
    found = timed(text)
    if not isinstance(found, Formula):
        assert found
        assert all(0 <= fault.offset <= max(len(text), 1) and fault.message for fault in found)
        return
    reasons = Reasons()
    gone = reasons.code(Missing(Why.NO_DATA, "nothing"))

    def read(name: str, shifts: tuple[str, ...]) -> Column:
        start = len(name) + len(shifts) + len(data)
        values = np.array([NUMBERS[(start + place) % len(NUMBERS)] for place in range(4)])
        codes = np.array([gone if (start + place) % 5 == 0 else 0 for place in range(4)], np.int32)
        return Column(np.where(codes == 0, values, 0.0), codes)

    column = evaluate(found, read, reasons, 4)
    for place in range(4):
        value = column.at(place, reasons)
        assert value.detail if isinstance(value, Missing) else math.isfinite(value), (text, value)


def timed(text: str) -> Any:
    """The parsed text; a machine that is busy is asked again."""
    for _ in range(5):
        began = time.process_time()
        found = parse(text)
        if time.process_time() - began < SECONDS:
            return found
    raise AssertionError(f"slow: {text[:200]!r}")


def document(data: bytes) -> None:
    """Bytes are a model or problems, which can be printed everywhere."""
    file = "goals.json" if data[:1] < b"\x40" else "goals.yaml"
    read, problems = documents.parse(data[1:], file)
    assert (read is None) == bool(problems)
    if read is not None:
        _, problems = read_model(read, against_schema=True)
        if isinstance(read.data, dict):
            printed(list(api.check(read.data)))
    printed(problems)


def printed(problems: list[Problem]) -> None:
    """Print problems wherever they are shown."""
    for text in (
        render(problems, color=True),
        github.render_problems(problems),
        gitlab.render_problems(problems),
        step_summary.render_problems(problems, room=10_000),
    ):
        text.encode("utf-8")
    with speaking("fa"):
        render(problems).encode("utf-8")


TARGETS = {"formula": formula, "document": document}


def seeds(name: str) -> Iterator[bytes]:
    """What to begin with: the cases of the other tests."""
    if name == "formula":
        for line in (CASES / "formulas.csv").read_text(encoding="utf-8").splitlines()[1:]:
            yield b"\x00" + line.split(";")[0].encode()
        for case in yaml.safe_load((CASES / "hostile" / "formulas.yaml").read_text(encoding="utf-8")):
            if isinstance(case["formula"], str):
                yield b"\x00" + case["formula"].encode("utf-8", "surrogatepass")
        yield bytes(range(0x40, 0x40 + len(TOKENS)))
        return
    for file in sorted((CASES / "invalid").glob("*.yaml")):
        yield b"\x7f" + file.read_bytes()
    for case in yaml.safe_load((CASES / "hostile" / "documents.yaml").read_text(encoding="utf-8")):
        if "text" in case:
            yield (b"\x00" if case.get("file") else b"\x7f") + case["text"].encode("utf-8", "surrogatepass")

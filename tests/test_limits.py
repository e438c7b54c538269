"""Every limit: what is at it is taken, what is one past it is the problem that the table names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import goalkeeper
from goalkeeper import ProblemsFound, api, limits, prepare
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.limits import Limit
from goalkeeper.problems import CODES, told
from goalkeeper.testing.shorthand import expand

PAGE = Path(__file__).parent.parent / "docs" / "limits.md"
HEAD = "version: 1\nsources: {ads: {path: ads.csv, time: date}}\n"
CLICKS = "keep clicks above 1"
FILE_CODES = {
    "GK105",
    "GK106",
    "GK112",
    "GK117",
    "GK202",
    "GK203",
    "GK204",
    "GK210",
    "GK333",
    "GK409",
    "GK601",
    "GK603",
}


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ads.csv").write_text("date,campaign,clicks\n2026-04-01,a,5\n2026-04-02,b,6\n", encoding="utf-8")


def checked(text: str | bytes, **others: str) -> list[str]:
    """The codes of the problems of a goal file, without advice and without what it only refers to."""
    content = text if isinstance(text, bytes) else text.encode()
    Path("goals.yaml").write_bytes(content)
    for name, other in others.items():
        Path(f"{name}.yaml").write_text(other, encoding="utf-8")
    return [p.code for p in api.check(["goals.yaml", *(f"{name}.yaml" for name in others)]) if p.code in FILE_CODES]


def goal(**keys: Any) -> str:
    return HEAD + f"goals: [{{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}]\n"


def many(text: str, count: int) -> str:
    return "".join(text.replace("{n}", str(number)).replace("{m}", str(number + 1)) for number in range(count))


def kpis(text: str, count: int) -> str:
    return f"{HEAD}kpis:\n{many(text, count)}"


def parts(count: int) -> str:
    """A list of lists of 99 numbers, and of numbers, with so many parts in all."""
    return many(f"- [{', '.join(['1'] * 99)}]\n", (count - 1) // 100) + "- 1\n" * ((count - 1) % 100)


def formula(text: str) -> list[str]:
    found = parse_formula(text)
    return [] if isinstance(found, Formula) else sorted({fault.code for fault in found})


def windows(days: int) -> str:
    from datetime import date, timedelta

    last = date(2026, 4, 1) + timedelta(days=days - 1)
    return goal(rule=f"{CLICKS} each day", period=f"{{start: 2026-04-01, end: {last}}}")


def run_windows(count: int) -> str:
    """Goals that are judged on so many days in all, 1,000 of them each but for the last."""
    from datetime import date, timedelta

    lengths = [1000] * (count // 1000) + ([count % 1000] if count % 1000 else [])
    last = [date(2026, 4, 1) + timedelta(days=days - 1) for days in lengths]
    return f"{HEAD}goals:\n" + "".join(
        f"- {{rule: {CLICKS} each day, period: {{start: 2026-04-01, end: {day}}}}}\n" for day in last
    )


def nested_goals(count: int) -> str:
    """A goal inside a goal, so many levels in all."""
    inner = many("- {id: g{n}, rules: [{goal: g{m}}]}\n", count - 1)
    return f"{HEAD}goals:\n{inner}- {{id: g{count - 1}, rule: {CLICKS}}}\n"


def held_goals(count: int) -> str:
    """A goal that comes to so many rules: ten goals of 100 rules each, twice, less those that are too many."""
    per = limits.RULES // 2
    goals = "".join(f"- {{id: g{n}, rules: [{', '.join([CLICKS] * per)}]}}\n" for n in range(10))
    children = [f"{{goal: g{n % 10}}}" for n in range(count // per)] + [CLICKS] * (count % per)
    return f"{HEAD}goals:\n{goals}- {{id: all, rules: [{', '.join(children)}]}}\n"


def reads(count: int) -> str:
    """A KPI that comes to read so many names: one of 20 names, read again and again, and the rest by their own."""
    names = ["p"] * (count // 20) + ["clicks"] * (count % 20)
    groups = [f"max({', '.join(names[start : start + 20])})" for start in range(0, len(names), 20)]
    return f"{HEAD}kpis:\n  p: {{formula: 'max({', '.join(['clicks'] * 20)})'}}\n  all: {{formula: 'max({', '.join(groups)})'}}\n"


def rules_of_a_run(count: int) -> str:
    whole, rest = divmod(count, limits.RULES)
    sizes = [limits.RULES] * whole + ([rest] if rest else [])
    return f"{HEAD}goals:\n" + "".join(f"- {{rules: [{', '.join([CLICKS] * size)}]}}\n" for size in sizes)


def test_rows(count: int) -> list[str]:
    """What a test says that counts so many rows of one day."""
    from goalkeeper import testing

    Path("goals.yaml").write_text(
        "version: 1\nsources: {ads: {path: ads.csv, time: date}}\nmetrics: {rows: {source: ads, count: rows}}\n"
        "goals: [{id: g, rule: reach 5 rows, period: 2026-04}]\n",
        encoding="utf-8",
    )
    Path("goals.test.yaml").write_text(
        "version: 1\ntests:\n- {name: rows, as_of: 2026-04-02, start: 2026-04-01, "
        f"series: {{rows: '{count}'}}, expect: {{goals: {{g: pass}}}}}}\n",
        encoding="utf-8",
    )
    try:
        report = testing.run([Path("goals.test.yaml")])
    except ProblemsFound as found:
        return [problem.code for problem in found.problems]
    return [] if report.tests else ["nothing was tested"]


test_rows.__test__ = False  # type: ignore[attr-defined]  it is none


def mistakes(count: int) -> list[str]:
    found = checked("version: 1\n" + many("k{n}: 1\n", count))
    return [code for code in found if code == "GK117"]


def segments(count: int, most: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a score says of so many segments where *most* may be: the real limit would take seconds."""
    monkeypatch.setattr(prepare, "SEGMENTS", most)
    Path("ads.csv").write_text("date,campaign,clicks\n" + many("2026-04-01,c{n},5\n", count), encoding="utf-8")
    Path("goals.yaml").write_text(goal(rule=f"{CLICKS} in each campaign", period="2026-04"), encoding="utf-8")
    try:
        api.score("goals.yaml", as_of="2026-05-01")
        goalkeeper.backtest("goals.yaml", start="2026-04-10", end="2026-04-12")
    except ProblemsFound as found:
        return [problem.code for problem in found.problems]
    return []


def at_a_path(length: int) -> list[str]:
    text = "a/" * (length // 2) + "a" * (length % 2)
    return checked(f"version: 1\nsources: {{ads: {{path: {text}, time: date}}}}\n")


Making = Callable[[int], Sequence[str]]
AT_THE_LIMIT: dict[str, Making] = {
    "a file": lambda n: [c for c in checked("#" * n) if c == "GK106"],
    "the parts of a file": lambda n: [c for c in checked(parts(n)) if c == "GK106"],
    "levels of lists and mappings": lambda n: [c for c in checked("[" * n + "1" + "]" * n) if c == "GK106"],
    "aliases and anchors": lambda n: checked("a: " + "&x " * n + "1\n")[:1] if n else [],
    "entries of one list or mapping": lambda n: [c for c in checked("[" + "1, " * n + "]") if c == "GK106"],
    "a text": lambda n: checked(HEAD + f"annotations: [{{from: 2026-04-01, say: {'x' * n}}}]\n"),
    "a key": lambda n: [c for c in checked("k" * n + ": 1\n") if c == "GK106"],
    "a label": lambda n: checked(HEAD + f"kpis: {{a: {{formula: clicks, label: {'x' * n}}}}}\n"),
    "a number with its unit, a date, a length of time, a period": lambda n: checked(
        goal(rule="{kpi: clicks, reach: '" + "0" * (n - 1) + "1'}", period="2026-04")
    ),
    "mistakes that are told of one file": mistakes,
    "sources": lambda n: checked("version: 1\nsources:\n" + many("  s{n}: {path: ads.csv, time: date}\n", n)),
    "goals, KPIs, metrics, diagnoses, waivers, annotations, breaks: of each": lambda n: checked(
        HEAD + "waivers: [" + "]\n", more="version: 1\nkpis:\n" + many("  k{n}: {formula: clicks}\n", n)
    ),
    "stages of a funnel": lambda n: checked("version: 1\nstages: [" + many("s{n},", n) + "]\n"),
    "dimensions that a rule is told apart by": lambda n: checked(goal(rule=CLICKS, each="[" + many("d{n},", n) + "]")),
    "the path of a data file": at_a_path,
    "packs that a file uses": lambda n: checked("version: 1\nuse: [" + "audience, " * n + "]\n"),
    "stretches of days that a goal leaves out": lambda n: checked(
        goal(rule=CLICKS, period="2026-04", exclude_days="[" + "{from: 2026-04-01, reason: a}, " * n + "]")
    ),
    "rules of a goal": lambda n: checked(goal(rules="[" + f"{CLICKS}, " * n + "]")),
    "rules of all goals of a run": lambda n: checked(rules_of_a_run(n)),
    "the weight of a rule": lambda n: checked(goal(rules=f"[{{rule: {CLICKS}, weight: {n}}}]")),
    "values of a filter": lambda n: checked(goal(rule=CLICKS, where="{campaign: [" + many("c{n},", n) + "]}")),
    "a value or pattern of a filter": lambda n: checked(goal(rule=CLICKS, where="{campaign: " + "c" * n + "}")),
    "a rule sentence": lambda n: checked(goal(rule='"keep clicks' + " " * (n - 18) + 'above 1"')),
    "goals inside one another": lambda n: checked(nested_goals(n)),
    "rules of a goal and of all goals in it, each as often as it stands there": lambda n: checked(held_goals(n)),
    "a length of time": lambda n: checked(goal(rule=CLICKS, period=f"{{start: 2026-04-01, length: {n} years}}")),
    "windows of a rule": lambda n: checked(windows(n)),
    "windows of all rules of a run": lambda n: checked(run_windows(n)),
    "a formula": lambda n: formula("a" * n),
    "numbers, names, signs and functions of a formula": lambda n: formula(
        "max(" + ", ".join(["max(" + ", ".join(["1"] * 18) + ")"] * 10) + ", 1" * (n - 191) + ")"
    ),
    "levels of a formula": lambda n: formula("-" * n + "a"),
    "digits of a number in a formula": lambda n: formula("9" * n),
    "an exponent, above and below 0": lambda n: formula(f"a ** -{n}"),
    "arguments of a function": lambda n: formula("min(" + ", ".join(["a"] * n) + ")"),
    "KPIs that stand on one another": lambda n: checked(
        kpis("  k{n}: {formula: k{m} + 1}\n", n - 1) + f"  k{n - 1}: {{formula: clicks}}\n"
    ),
    "what a KPI reads when every KPI in it is written out": lambda n: checked(reads(n)),
    "a series of a test": lambda n: (
        [] if isinstance(expand(f"1x{n}"), tuple) else [fault.code for fault in expand(f"1x{n}")]
    ),
    "rows that a test makes": test_rows,
}
"""The problems of something that is as large as the limit says, or larger by one."""


LIMITS = [limit for limit in limits.TABLE if limit.of != "segments of a rule"]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.of)
def test_what_is_at_the_limit_is_taken_and_what_is_past_it_is_not(limit: Limit) -> None:
    assert list(AT_THE_LIMIT[limit.of](limit.most)) == []
    assert set(AT_THE_LIMIT[limit.of](limit.most + 1)) == {limit.code}


def test_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    (limit,) = (limit for limit in limits.TABLE if limit not in LIMITS)
    assert limit.most == prepare.SEGMENTS == limits.SEGMENTS
    assert segments(3, 3, monkeypatch) == []
    assert segments(4, 3, monkeypatch) == [limit.code]


def test_every_limit_names_a_problem() -> None:
    assert [limit.of for limit in limits.TABLE if limit.code not in CODES] == []
    assert [limit.of for limit in limits.REPORTS if limit.code] == []


def test_every_number_of_the_module_is_in_the_table() -> None:
    shown = {limit.most for limit in (*limits.TABLE, *limits.REPORTS)}
    assert [name for name, value in vars(limits).items() if isinstance(value, int) and value not in shown] == []


def test_a_kpi_that_is_too_large_is_told_once() -> None:
    found = dict(limits.written_out({"a": ["b", "b"], "b": ["c"] * 9, "c": ["x"], "d": ["a"]}, depth=9, size=10))
    assert found == {"a": "large"}
    assert dict(limits.written_out({"a": ["b"], "b": ["a"]}, depth=9, size=9)) == {}


def test_no_more_problems_are_looked_for_than_are_told() -> None:
    from goalkeeper.problems import Problem

    def endless() -> Iterator[Problem]:
        while True:
            yield Problem("GK110", "unknown key 'a'")

    assert [problem.code for problem in told(endless())] == ["GK110"] * limits.PROBLEMS + ["GK117"]


def table(rows: Sequence[Limit]) -> str:
    lines = ["| what | at most | past it |", "|---|---|---|"] if rows[0].code else ["| what | at most |", "|---|---|"]
    titles = re.findall(
        r"\| \[(GK\d+)\]\((\S+)\)", (PAGE.parent / "problems" / "README.md").read_text(encoding="utf-8")
    )
    places = dict(titles)
    for limit in rows:
        row = f"| {limit.of} | {limit.most:,} {limit.unit}".rstrip() + " |"
        lines.append(row + (f" [{limit.code}](problems/{places[limit.code]}) |" if limit.code else ""))
    return "\n".join(lines)


def test_the_page_shows_the_table(golden: Callable[[Path, str], None]) -> None:
    text = PAGE.read_text(encoding="utf-8")

    def shown(found: re.Match[str]) -> str:
        return f"<!-- limits: {found[1]} -->\n\n{table(getattr(limits, found[1]))}\n\n<!-- end -->"

    written = re.sub(r"<!-- limits: (\w+) -->\n.*?<!-- end -->", shown, text, flags=re.DOTALL)
    assert set(re.findall(r"<!-- limits: (\w+)", text)) == {"FILE", "LANGUAGE", "FORMULAS", "TESTS", "REPORTS"}
    golden(PAGE, written)

"""Numbers at the edges of what a machine can count: exact, or said not to be, and never a silent pass.

Each case of `cases/hostile/numbers.yaml` is one source `d` of a column `n`, one rule, and what comes of it:

    cells     the cells of `n`, a day each from 1 April 2026: as text
    as        how they are written: `csv` (the default), `jsonl`, or the type of a column in Parquet; several in a list
    csv       instead: the whole file, as a text
    select    instead: a query whose rows are written as Parquet
    more      sources beside it: the whole file of each by its name, as a text
    metrics, kpis    of the goal file; a KPI as its formula alone
    rule      the rule; `rules` a list of them, in a goal that is rolled up by score
    where     of the goal
    days      its period, where that is not the days of the cells
    expect    `exit`; then `problem`, texts of what is said; or what the verdict says, as in `test_runs`, where a number
              with `exactly` is compared to the last bit; `never` are texts that no report may hold

What is scored is shown in every report that people read, in both languages, and read back from JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner

import goalkeeper
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.reporters import outputs
from read_files import TextLoader
from test_runs import assert_says
from two_languages import says_the_same

CASES = Path(__file__).parent / "cases" / "hostile" / "numbers.yaml"
AS_OF = "2026-06-01"


def cases() -> Iterator[Any]:
    for name, case in yaml.load(CASES.read_text(encoding="utf-8"), TextLoader).items():
        forms = case.get("as", "csv")
        for form in forms if isinstance(forms, list) else [forms]:
            yield pytest.param(case, form, id=f"{name}: {form}" if "as" in case else name)


@pytest.mark.parametrize(("case", "form"), list(cases()))
def test_number(case: Mapping[str, Any], form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("goals.yaml").write_text(goal_file(case, write(case, form)), encoding="utf-8")
    expect = dict(case["expect"])
    result = CliRunner().invoke(command, ["score", "goals.yaml", "--as-of", AS_OF, "--format", "json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == expect.pop("exit"), result.stdout + result.stderr
    problems, never = expect.pop("problem", []), expect.pop("never", [])
    said = " ".join(result.stderr.split())
    for text in [problems] if isinstance(problems, str) else problems:
        assert text in said, said
    if problems:
        assert not expect, "a problem leaves nothing to be judged"
        return
    (goal,) = json.loads(result.stdout)["goals"]
    for number in ("value", "target", "baseline"):
        if isinstance(wanted := expect.get(number), Mapping) and "exactly" in wanted:
            assert goal["verdicts"][0][number] == wanted["exactly"]
            del expect[number]
    assert_says(goal["verdicts"][0], {k: v for k, v in expect.items() if k != "score"}, f"{goal['verdicts']}: ")
    if "score" in expect:
        assert_says(goal["score"], expect["score"], "score: ")
    if form not in {"csv", *case.get("as", [""])[:1]}:
        return  # the reports are those of the first form
    card = goalkeeper.score("goals.yaml", as_of=AS_OF)
    says_the_same(card)
    for form in ("terminal", "markdown", "html", "csv"):
        shown = outputs.render(card, form)
        assert not [text for text in never if text in shown], shown


def write(case: Mapping[str, Any], form: str) -> str:
    """The data file of a case, and its name; the files of other sources beside it."""
    for name, text in case.get("more", {}).items():
        Path(f"{name}.csv").write_text(text, encoding="utf-8")
    if "csv" in case:
        Path("d.csv").write_text(case["csv"], encoding="utf-8")
        return "d.csv"
    if "select" in case:
        duckdb.connect().execute(f"COPY ({case['select']}) TO 'd.parquet' (FORMAT parquet)")
        return "d.parquet"
    rows = [(f"2026-04-{day:02}", cell) for day, cell in enumerate(case["cells"], 1)]
    if form == "csv":
        Path("d.csv").write_text("date,n\n" + "".join(f"{day},{cell}\n" for day, cell in rows), encoding="utf-8")
        return "d.csv"
    if form == "jsonl":
        lines = "".join(f'{{"date": "{day}", "n": {cell}}}\n' for day, cell in rows)
        Path("d.jsonl").write_text(lines, encoding="utf-8")
        return "d.jsonl"
    values = ", ".join(f"(DATE '{day}', CAST('{cell}' AS {form}))" for day, cell in rows)
    duckdb.connect().execute(f"COPY (SELECT * FROM (VALUES {values}) AS v (date, n)) TO 'd.parquet' (FORMAT parquet)")
    return "d.parquet"


def goal_file(case: Mapping[str, Any], path: str) -> str:
    last = len(case.get("cells", [""]))
    goal: dict[str, Any] = {"period": case.get("days", f"2026-04-01 to 2026-04-{last:02}")}
    if "rules" in case:
        goal |= {"rules": case["rules"], "rollup": "score at least 50", "id": "g"}
    else:
        goal |= {"rule": case["rule"]} if isinstance(case["rule"], str) else {"rules": [case["rule"]], "id": "g"}
    goal |= {"where": case["where"]} if "where" in case else {}
    kpis = {name: {"formula": one} if isinstance(one, str) else one for name, one in case.get("kpis", {}).items()}
    file = {
        "version": 1,
        "sources": {
            "d": {"path": path, "time": "date"},
            **{name: {"path": f"{name}.csv", "time": "date"} for name in case.get("more", {})},
        },
        **({"metrics": case["metrics"]} if "metrics" in case else {}),
        **({"kpis": kpis} if kpis else {}),
        "goals": [goal],
    }
    return yaml.safe_dump(file, sort_keys=False, width=10_000)


def test_doubles_add_up_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In 20 runs, whatever the threads of the database do: a sum of doubles depends on their order, one of decimals not."""
    monkeypatch.chdir(tmp_path)
    rows = "SELECT DATE '2026-04-01' AS date, (hash(i) % 1000003) / 997.0::DOUBLE * power(10, i % 9) AS n"
    duckdb.connect().execute(
        f"COPY ({rows} FROM range(300000) t(i)) TO 'd.parquet' (FORMAT parquet, ROW_GROUP_SIZE 20000)"
    )
    case = {"rule": "keep n at most 5", "days": "2026-04-01 to 2026-04-01"}
    Path("goals.yaml").write_text(goal_file(case, "d.parquet"), encoding="utf-8")
    unlike = {outputs.render(goalkeeper.score("goals.yaml", as_of=AS_OF), "json") for _ in range(20)}
    assert len(unlike) == 1


def test_plain_values_are_checked_too() -> None:
    """Of the library: no number of Python's that is none of ours comes in as a snapshot."""
    goals = {"version": 1, "metrics": {"n": {}}, "goals": [{"rule": "keep n at most 5", "period": "2026-04"}]}
    for number in (float("nan"), float("inf"), 10**400, True, "5", 1j):
        with pytest.raises(goalkeeper.ProblemsFound):
            goalkeeper.score(goals, as_of="2026-05-01", snapshot={"n": number})
    card = goalkeeper.score(goals, as_of="2026-05-01", snapshot={"n": 2**53 + 1})
    (verdict,) = card.goals[0].rules[0].verdicts
    assert any("known to 15 digits" in reason for reason in verdict.reasons)

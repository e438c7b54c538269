"""Advice: `cases/lint` has for each code files that it is said of, and files, ending in `_fixed`, that are all good.

Those that begin with `rows` are looked at with their data.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from goalkeeper import api
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.known import known_levels
from goalkeeper.lint import LINTS, ROW_LINTS, TABLE_LINTS
from goalkeeper.lint.noise import detectable, minimum_detectable
from goalkeeper.lint.rial import jump
from goalkeeper.model import Lint
from goalkeeper.problems import ADVICE

CASES = Path(__file__).parent / "cases" / "lint"
FILES = sorted(CASES.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_advised(file: Path, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    rows = ["--data", "--as-of", "2026-05-15"] if file.stem.startswith("rows") else []
    result = CliRunner().invoke(command, ["check", file.name, *rows])
    assert result.stderr == ""
    if file.stem.endswith("_fixed"):
        assert (result.exit_code, result.stdout) == (0, "All good.\n")
        return
    golden(file.with_suffix(".out"), f"exit {result.exit_code}\n\n{result.stdout}")
    code = next((part.upper() for part in file.stem.split("_") if part.startswith("gk")), "")
    assert f"[{code}]" in result.stdout or not code


def test_every_code_has_a_file_that_fails_and_one_that_is_fixed() -> None:
    names = {file.stem for file in FILES}
    for codes, prefix in ((LINTS, ""), (ROW_LINTS, "rows_"), (TABLE_LINTS, "rows_")):
        for code in codes:
            assert {f"{prefix}{code.lower()}", f"{prefix}{code.lower()}_fixed"} <= names
    assert LINTS.keys() | ROW_LINTS.keys() | TABLE_LINTS.keys() | {"GK214"} == ADVICE.keys() == Lint.model_fields.keys()


def goals(**more: Any) -> dict[str, Any]:
    metrics = {"clicks": {"values": {"2026-01": 100, "2026-02": 100, "2026-03": 100, "2026-04": 100}}}
    return {"version": 1, "metrics": metrics, "goals": [{"rule": "reach 900 clicks", "period": "2026-05"}], **more}


def test_advice_stops_no_score_and_levels_off_are_kept_there_too() -> None:
    assert not api.score(goals(lint={"GK501": "error"}), as_of="2026-05-15").problems
    assert [p.code for p in api.check(goals(lint={"GK501": "error"}))] == ["GK501"]
    kpis = {"rate": {"formula": "clicks / (clicks + 1)", "unit": "percent"}}
    rate = [{"rule": "increase rate by 15%", "period": "2026-05"}]
    for level, codes in (("off", []), ("warn", ["GK214"]), ("error", ["GK214"])):
        card = api.score(goals(kpis=kpis, goals=rate, lint={"GK214": level}), as_of="2026-05-15")
        assert [p.code for p in card.problems] == codes


def test_advice_waits_until_files_are_sound() -> None:
    codes = [p.code for p in api.check(goals(gate="maybe"))]
    assert codes == ["GK210"]


def test_data_that_cannot_be_read_is_said_instead_of_advice(tmp_path: Path) -> None:
    file = tmp_path / "goals.yaml"
    text = (
        "version: 1\nsources: {ads: {path: a.csv, time: date}}\n"
        "goals: [{rule: increase clicks by 5%, period: 2026-05, why: so, where: {place: x}}]\n"
    )
    file.write_text(text)
    assert [p.code for p in api.check(file, data=True)] == ["GK301"]
    rows = "".join(f"2026-04-{day:02},y,1\n" for day in range(1, 31))
    (tmp_path / "a.csv").write_text("date,place,clicks\n" + rows)
    assert [p.code for p in api.check(file, data=True, as_of="2026-05-15")] == ["GK308"]
    file.write_text(text.replace("clicks by 5%,", "clicks by 5% each quarter,"))
    assert [p.code for p in api.check(file, data=True, as_of="2026-05-15")] == ["GK405"]


def test_the_day_goes_with_the_data() -> None:
    file = str(CASES / "gk501.yaml")
    result = CliRunner().invoke(command, ["check", file, "--as-of", "2026-05-15"])
    assert (result.exit_code, "--as-of goes with --data" in result.output) == (2, True)
    result = CliRunner().invoke(command, ["check", file, "--data", "--as-of", "15/05/2026"])
    assert (result.exit_code, "is not a date" in result.output) == (2, True)


def test_advice_by_segment_names_the_smallest(tmp_path: Path) -> None:
    rows = [
        f"2026-{month:02}-{day:02},{place},{clicks}"
        for month, days in ((3, 31), (4, 30))
        for day in range(1, days + 1)
        for place, clicks in (("a", 90), ("b", 2), ("c", 3), ("d", 0 if month == 4 else 1))
    ]
    (tmp_path / "a.csv").write_text("date,place,clicks\n" + "\n".join(rows) + "\n")
    file = tmp_path / "goals.yaml"
    file.write_text(
        "version: 1\nsources: {ads: {path: a.csv, time: date}}\n"
        "goals: [{rule: increase clicks by 15% in each place, period: 2026-05, why: so}]\n"
    )
    found = {p.code: p.message for p in api.check(file, data=True, as_of="2026-05-15")}
    assert found == {
        "GK512": "the baseline of d is 0 (2026-04-01 to 2026-04-30): nothing can be a share of it",
        "GK514": "+15% of 60 'clicks' of b cannot be told from noise: it takes 752 (2 of 4 segments are too small)",
    }


def test_a_baseline_with_gaps_and_days_that_vary_are_said(tmp_path: Path) -> None:
    rows = [f"2026-04-{day:02},{400 if day % 9 == 0 else 20}" for day in range(1, 29)]
    (tmp_path / "a.csv").write_text("date,clicks\n" + "\n".join(rows) + "\n")
    file = tmp_path / "goals.yaml"
    file.write_text(
        "version: 1\nsources: {ads: {path: a.csv, time: date}}\n"
        "goals: [{rule: increase clicks by 15%, period: 2026-05, why: so}]\n"
    )
    found = {p.code: p.message for p in api.check(file, data=True, as_of="2026-05-15")}
    assert found["GK512"] == "the baseline has data for 28 of its 30 days (2026-04-01 to 2026-04-30)"
    assert "as days vary" in found["GK514"]


def test_amounts_are_no_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,spend\n" + "".join(f"2026-04-{day:02},1.01\n" for day in range(1, 31)))
    file = tmp_path / "goals.yaml"
    file.write_text(
        "version: 1\nsources: {ads: {path: a.csv, time: date}}\n"
        "goals: [{rule: decrease spend by 1%, period: 2026-05, why: so}]\n"
    )
    assert api.check(file, data=True, as_of="2026-05-15") == []


@pytest.mark.parametrize(
    ("lift", "least"), [(0.05, 6438), (0.10, 1650), (0.15, 752), (0.20, 433), (0.30, 202), (0.50, 80)]
)
def test_the_least_count_that_shows_a_change(lift: float, least: int) -> None:
    assert minimum_detectable(lift) == least
    assert minimum_detectable(lift, dispersion=3) == pytest.approx(3 * least, abs=3)
    found = detectable(least, sign=1)
    assert found is not None
    assert found == pytest.approx(lift, abs=0.002)


def test_no_count_shows_no_change() -> None:
    for lift in (0.0, -1.0, -2.0):
        with pytest.raises(ValueError, match="no count"):
            minimum_detectable(lift)
    assert detectable(0, sign=1) is None
    assert detectable(3, sign=-1, dispersion=50) is None


@given(st.floats(20, 1e6), st.sampled_from([1, -1]), st.floats(1, 5))
def test_what_is_detectable_is_detected(count: float, sign: int, spread: float) -> None:
    found = detectable(count, sign=sign, dispersion=spread)
    if found is not None:
        assert minimum_detectable(found, spread) <= count
        assert abs(found) <= 0.0012 or minimum_detectable(found * 0.9, spread) > count


def test_known_levels_are_said_once() -> None:
    text = (Path(__file__).parent.parent / "rules" / "levels.yaml").read_text(encoding="utf-8")
    names = [name for entries in yaml.safe_load(text).values() for name in entries]
    assert len(names) == len(set(names)) == len(known_levels())


def test_only_amounts_that_stay_another_size_changed_their_unit() -> None:
    def days(*amounts: float) -> list[tuple[str, float]]:
        return [(f"2026-04-{number:02}", amount) for number, amount in enumerate(amounts, 1)]

    assert jump(days(1200, 1300, 1100, 12500, 13500, 11800)) == (3, 10)
    assert jump(days(12_500, 13_500, 11_800, 1.2, 1.3, 1.1)) == (3, 10_000)
    assert jump(days(1200, 1300, 1100, 12500, 1350, 1180)) is None, "one large day"
    assert jump(days(1200, 1300, 1100, 5200, 5300, 5100)) is None, "no factor between the units"
    assert jump(days(0, 0, 0, 0, 5000, 5000, 5000)) is None, "nothing before"
    assert jump(days(-5, -5, -5, 50, 50, 50)) is None

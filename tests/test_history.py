"""The history: what is kept, who may write at once, what turned and since when, and what could be tightened.

A file of `cases/history` is a story: scorecards in the order in which they are appended. Beside it, `NAME.txt` and
`NAME-40.txt` are what a terminal of 80 and of 40 columns shows, `NAME.suggest.txt` is what could be tightened, `NAME.json`
is the document, and `NAME.jsonl` has the lines that `score --notify-on turn` prints for each scorecard before it is appended.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from append_cards import append_at_once, hold_whole
from goalkeeper.calendar import Window
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.history import store, tighten, trends
from goalkeeper.history.entries import Entry, facts_of
from goalkeeper.problems import Problem, ProblemsFound, Span
from goalkeeper.reporters import history as reporter
from goalkeeper.reporters import history_json
from goalkeeper.scorecard import Input, Scorecard
from goalkeeper.verdict import OUTCOME_OF, SEVERITY, Bounds, GoalResult, Outcome, RuleResult, State, Verdict
from test_runs import TextLoader

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "history"
QUICKSTART = ROOT / "examples" / "quickstart"
HISTORY, TURN = (
    Draft202012Validator(json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")))
    for name in ("history", "turn")
)
BEGIN = datetime(2026, 4, 1, 6, tzinfo=UTC)
NUMBERS = ("value", "target", "baseline", "projection", "progress")


def verdict(rule: str, said: Mapping[str, Any], segment: Mapping[str, str], elapsed: int) -> Verdict:
    state = State(said["state"])
    return Verdict(
        rule=rule,
        kind=said["kind"],
        kpi=None,
        segment=segment,
        outcome=Outcome(said.get("outcome", OUTCOME_OF[state])),
        state=state,
        **{name: float(said[name]) for name in NUMBERS if name in said},
        window=Window(date(2026, 4, 1), date(2026, 6, 30)),
        elapsed=elapsed,
        reasons=(said["reason"],) if "reason" in said else (),
        unit=said.get("unit"),
        location=Span("goals.yaml", 7, 9),
    )


def rule(text: str, said: Mapping[str, Any], elapsed: int) -> RuleResult:
    segments: Mapping[str, Any] = said.get("segments", {})
    found = [verdict(text, {**said, **own}, {"campaign": name}, elapsed) for name, own in segments.items()] or [
        verdict(text, said, {}, elapsed)
    ]
    outcome = max((one.outcome for one in found), key=SEVERITY.index)
    return RuleResult(text, said["kind"], None, outcome, None, 1.0, said.get("key") == "true", tuple(found))


def goal(id_: str, said: Mapping[str, Any], elapsed: int) -> GoalResult:
    return GoalResult(
        id=id_,
        name=said.get("name", id_.replace("-", " ").capitalize()),
        outcome=Outcome(said["outcome"]),
        score=float(said["score"]) if "score" in said else None,
        weight_covered=1.0,
        rules=tuple(rule(text, one, elapsed) for text, one in said["rules"].items()),
        location=Span("goals.yaml", 5, 5),
    )


def card(said: Mapping[str, Any]) -> Scorecard:
    goals = tuple(goal(id_, one, int(said.get("elapsed", 7))) for id_, one in said["goals"].items())
    outcome = max((one.outcome for one in goals), key=SEVERITY.index)
    inputs = (Input("ads", "data/ads.csv", "0" * 64, 90),)
    day = date.fromisoformat(str(said["as of"]))
    return Scorecard(day, outcome, 0, 61.25, "all", goals, inputs=inputs, goals_sha256=said.get("files", ""))


def a_card(day: int = 8, outcome: str = "pass", *, goals: tuple[str, ...] = ("a",), files: str = "") -> Scorecard:
    state = {"pass": "holding", "fail": "breached"}[outcome]
    said = {
        "outcome": outcome,
        "rules": {"keep cpa below 12": {"kind": "keep", "state": state, "value": 1, "target": 12}},
    }
    return card({"as of": date(2026, 4, day), "goals": dict.fromkeys(goals, said), "files": files})


def append(path: Path, one: Scorecard, number: int = 0) -> list[Problem]:
    return store.append(path, one, recorded_at=BEGIN + timedelta(days=number), made_by="1.2.3")


def codes(path: Path) -> list[str]:
    """The codes of what keeps the history from being read."""
    with pytest.raises(ProblemsFound) as stop:
        store.read(path)
    assert all(problem.help for problem in stop.value.problems)
    return [problem.code for problem in stop.value.problems]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


# What people see


@pytest.mark.parametrize("story", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_a_history_says(story: Path, tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    path = tmp_path / "history.sqlite"
    lines = ""
    for number, said in enumerate(yaml.load(story.read_text(encoding="utf-8"), TextLoader)):
        one = card(said)
        looks = trends.looks_of(store.read(path) if path.exists() else ())
        for found in one.goals:
            before = [look for look in looks.get(found.id, ()) if look.as_of <= one.as_of]
            lines += history_json.lines(trends.turns(before, trends.Look(one.as_of, found)))
        assert append(path, one, number) == []
    entries = store.read(path)
    goals = trends.trends(entries)
    found = tuple(tighten.suggestions(goals))
    document = history_json.render(entries, goals, found)
    golden(story.with_suffix(".txt"), reporter.render("history.sqlite", goals))
    golden(story.with_name(f"{story.stem}-40.txt"), reporter.render("history.sqlite", goals, width=40))
    golden(story.with_suffix(".suggest.txt"), reporter.render_suggestions("history.sqlite", goals, found))
    golden(story.with_suffix(".json"), document)
    golden(story.with_suffix(".jsonl"), lines)
    assert not list(HISTORY.iter_errors(json.loads(document)))
    for line in lines.splitlines():
        assert not list(TURN.iter_errors(json.loads(line)))
    for width in (40, 80, 120):
        for page in (
            reporter.render("h" * 200, goals, width=width),
            reporter.render_suggestions("h" * 200, goals, found, width=width),
        ):
            assert max(cell_len(line) for line in page.splitlines()) <= width
    for text in (document, lines, reporter.render("h", goals), reporter.render_suggestions("h", goals, found)):
        assert not {"\x1b", "\u202e", "\u2028", "\a"} & set(text)
        assert "</script" not in text or "{" not in text


def test_a_line_says_what_a_document_says() -> None:
    parts = {key: value for key, value in TURN.schema.items() if key not in {"$schema", "title"}}
    assert HISTORY.schema["$defs"]["turn"] == parts


def test_a_long_history_shows_its_end(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    for number in range(100):
        said = {"outcome": "pass", "rules": {"keep a below 9": {"kind": "keep", "state": "holding", "value": number}}}
        append(path, card({"as of": date(2026, 1, 1) + timedelta(number), "goals": {"g": said}}), number)
    goals = trends.trends(store.read(path))
    page = reporter.render("h", goals)
    assert "…✓✓" in page
    assert "holding 100 days" in page
    assert "0 → 99" in page
    coloured = reporter.render("h", goals, color=True)
    assert "\x1b[32m✓" in coloured
    assert max(cell_len(line) for line in page.splitlines()) <= 80


# What is kept


def entries_of(path: Path) -> int:
    return len(store.read(path))


def test_the_same_scorecard_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    first, other = a_card(), a_card(outcome="fail")
    for number, one in enumerate((first, first, other, other, first, first)):
        assert append(path, one, number) == []
    assert [entry.card.outcome for entry in store.read(path)] == ["pass", "fail", "pass"]
    append(path, a_card(files="changed"))
    append(path, a_card(day=9))
    assert entries_of(path) == 5


def test_the_last_scorecard_of_an_as_of_stands_for_each_of_its_goals(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    append(path, a_card(goals=("a", "b")))
    append(path, a_card(goals=("b",), outcome="fail"))
    append(path, a_card(goals=("c",)))
    append(path, a_card(goals=("c",)))
    found = {one.goal.id: [point.outcome for point in one.trend.points] for one in trends.trends(store.read(path))}
    assert found == {"a": ["pass"], "b": ["fail"], "c": ["pass"]}
    append(path, a_card(goals=("a", "b")))
    assert entries_of(path) == 4


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    for day in (8, 9, 10):
        append(path, a_card(day, goals=("a", "b") if day > 8 else ("b",)))
    assert [[goal.id for goal in entry.card.goals] for entry in store.read(path, goals=("a",))] == [["a"], ["a"]]
    assert store.read(path, goals=()) == ()


def test_what_is_kept_is_what_was_judged(tmp_path: Path) -> None:
    import goalkeeper

    path = tmp_path / "h.sqlite"
    for number, example in enumerate(("quickstart", "company", "agency")):
        one = goalkeeper.score(ROOT / "examples" / example, as_of="2026-06-15")
        assert append(path, one, number) == []
        (entry,) = (entry for entry in store.read(path) if entry.number == number + 1)
        assert facts_of(entry.card) == facts_of(one)
        assert (entry.recorded_at, entry.made_by) == (BEGIN + timedelta(days=number), "1.2.3")


def test_texts_that_no_database_holds_are_kept_in_sight(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    said = {"outcome": "pass", "name": "a\udcffb\0c", "rules": {}}
    assert append(path, card({"as of": "2026-04-08", "goals": {"g": said}})) == []
    assert store.read(path)[0].card.goals[0].name == "a\\udcffb\0c"


def test_bounds_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    kept = Verdict("keep a between 1 and 2", "keep", "a", {}, Outcome.PASS, State.HOLDING, 1.5, Bounds(1.0, 2.0))
    held = RuleResult(kept.rule, "keep", "a", Outcome.PASS, 1.0, 1.0, False, (kept,))
    append(
        path,
        Scorecard(
            date(2026, 4, 8), Outcome.PASS, 0, None, "all", (GoalResult("g", "G", Outcome.PASS, None, 1.0, (held,)),)
        ),
    )
    goals = trends.trends(store.read(path))
    assert goals[0].rules[0].rule.verdicts == (kept,)
    assert "bounds 1 to 2" in reporter.render("h", goals)
    document = json.loads(history_json.render((), goals, ()))
    assert document["goals"][0]["rules"][0]["points"][0]["target"] == {"low": 1, "high": 2}
    assert not list(HISTORY.iter_errors(document))


# Files that are no history of this version


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert codes(tmp_path / "h.sqlite") == ["GK621"]
    assert codes(tmp_path / "none" / "h.sqlite") == ["GK621"]
    assert codes(tmp_path / ("h" * 300)) == ["GK622"]
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "h.sqlite"
    append(path, a_card())
    before = path.read_bytes()
    store.read(path)
    assert [file.name for file in tmp_path.iterdir()] == ["h.sqlite"]
    assert path.read_bytes() == before


def test_a_file_that_was_only_begun_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    path.touch()
    assert store.read(path) == ()
    assert append(path, a_card()) == []
    assert entries_of(path) == 1


@pytest.mark.parametrize("content", [b"date,clicks\n2026-04-01,10\n", b"version: 1\n" * 100])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "h.sqlite"
    path.write_bytes(content)
    assert codes(path) == ["GK622"]
    assert [problem.code for problem in append(path, a_card())] == ["GK622"]
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE entries (x)")
    other.close()
    before = path.read_bytes()
    assert codes(path) == ["GK622"]
    assert [problem.code for problem in append(path, a_card())] == ["GK622"]
    assert path.read_bytes() == before


def test_a_folder_is_no_history(tmp_path: Path) -> None:
    assert codes(tmp_path) == ["GK622"]
    assert [problem.code for problem in append(tmp_path, a_card())] == ["GK624"]


def test_a_damaged_history_is_said(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    for day in range(1, 29):
        append(path, a_card(day, goals=("a", "b", "c")), day)
    whole = path.read_bytes()
    page = 4096
    path.write_bytes(whole[:page] + b"\xff" * (len(whole) - 2 * page) + whole[-page:])
    assert codes(path) == ["GK622"]
    assert [problem.code for problem in append(path, a_card(30))] == ["GK622"]
    path.write_bytes(whole[: page + 100])
    assert codes(path) == ["GK622"]


def test_what_only_a_later_goalkeeper_knows_is_said(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    append(path, a_card())
    with sqlite3.connect(path) as later:
        later.execute("UPDATE verdicts SET state = 'glowing'")
    later.close()
    assert codes(path) == ["GK622"]
    found = run("history", "--store", path)
    assert (found.exit_code, found.stdout) == (3, "")
    assert "'glowing' is not a valid State" in found.stderr


def test_a_newer_history_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    append(path, a_card())
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {len(store.STEPS) + 1}")
    newer.close()
    assert codes(path) == ["GK623"]
    assert [problem.code for problem in append(path, a_card(9))] == ["GK623"]
    assert run("history", "--store", path).exit_code == 3


def test_an_older_history_is_read_as_it_is_and_brought_up_by_the_next_append(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "h.sqlite"
    append(path, a_card())
    before = path.read_bytes()
    steps = (*store.STEPS, ("ALTER TABLE entries ADD COLUMN note TEXT", "UPDATE entries SET note = 'old'"))
    monkeypatch.setattr(store, "STEPS", steps)
    assert entries_of(path) == 1
    assert path.read_bytes() == before
    assert append(path, a_card(9)) == []
    with sqlite3.connect(path) as brought:
        assert brought.execute("SELECT note FROM entries").fetchall() == [("old",), (None,)]
        assert brought.execute("PRAGMA user_version").fetchone() == (len(steps),)
    brought.close()
    assert entries_of(path) == 2


def test_a_history_on_a_disk_without_shared_memory_warns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("the file systems of SQLite that stand for such a disk are those of Unix")
    opened = store._opened
    monkeypatch.setattr(store, "_opened", lambda path, mode, more="": opened(path, mode, f"{more}&vfs=unix-dotfile"))
    found = append(tmp_path / "h.sqlite", a_card())
    assert [(problem.code, problem.severity) for problem in found] == [("GK625", "warning")]
    assert entries_of(tmp_path / "h.sqlite") == 1


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """A folder with a history, and no right to write into it."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no rights of folders that a test can take away")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        append(folder / "h.sqlite", a_card())
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # nothing stops the administrator
        try:
            yield folder
        finally:
            if user == 0:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_to(unwritable: Path) -> None:
    path = unwritable / "h.sqlite"
    assert entries_of(path) == 1
    assert [problem.code for problem in append(path, a_card(9))] == ["GK624"]
    assert [problem.code for problem in append(unwritable / "new.sqlite", a_card())] == ["GK624"]
    assert entries_of(path) == 1


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "h.sqlite"
    append(path, a_card())
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert entries_of(path) == 1, "a reader does not wait for a writer"
    (problem,) = append(path, a_card(9))
    assert (problem.code, "locked" in problem.message) == ("GK624", True)
    other.execute("ROLLBACK")
    other.close()
    assert append(path, a_card(9)) == []


# Several writers, some of them killed


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL here")
def test_eight_processes_append_at_once_and_some_are_killed(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    said = append_at_once(path, writers=8, count=25, kills=3, seed=1405)
    assert len(said) >= 5 * 25
    hold_whole(path, said)


# Laws

OUTCOMES = st.sampled_from(list(Outcome))
LOOKS = st.lists(
    st.tuples(
        st.integers(1, 9),
        OUTCOMES,
        st.dictionaries(
            st.sampled_from("abc"), st.dictionaries(st.sampled_from("xyz"), OUTCOMES, max_size=3), max_size=3
        ),
    ),
    min_size=1,
    max_size=8,
)
STATE_OF = {outcome: state for state, outcome in OUTCOME_OF.items()} | {Outcome.WAIVED: State.BREACHED}


def looks(said: list[tuple[int, Outcome, dict[str, dict[str, Outcome]]]]) -> list[Scorecard]:
    found, day = [], date(2026, 1, 1)
    for after, outcome, rules in said:
        day += timedelta(days=after)
        results = []
        for text, segments in rules.items():
            parts: list[tuple[Mapping[str, str], Outcome]] = [({"s": name}, one) for name, one in segments.items()]
            verdicts = [
                Verdict(text, "keep", "k", segment, one, STATE_OF[one]) for segment, one in parts or [({}, outcome)]
            ]
            worst = max((one.outcome for one in verdicts), key=SEVERITY.index)
            results.append(RuleResult(text, "keep", "k", worst, None, 1.0, False, tuple(verdicts)))
        goal_ = GoalResult("g", "G", outcome, None, 1.0, tuple(results))
        found.append(Scorecard(day, outcome, 0, None, "all", (goal_,)))
    return found


def outcomes(one: Scorecard) -> dict[tuple[str | None, str | None], Outcome]:
    """Each goal, rule and segment with its outcome."""
    (goal_,) = one.goals
    found: dict[tuple[str | None, str | None], Outcome] = {(None, None): goal_.outcome}
    for rule_ in goal_.rules:
        found[rule_.rule, None] = rule_.outcome
        found |= {(rule_.rule, v.segment["s"]): v.outcome for v in rule_.verdicts if v.segment}
    return found


@given(LOOKS)
@settings(max_examples=150, deadline=None)
def test_turns_are_the_changes_between_one_scorecard_and_the_next(said: Any) -> None:
    cards = looks(said)
    seen: list[trends.Look] = []
    before: dict[tuple[str | None, str | None], Outcome] = {}
    for one in cards:
        now = outcomes(one)
        look = trends.Look(one.as_of, one.goals[0])
        turned = list(trends.turns(seen, look))
        found = {(t.rule, t.segment["s"] if t.segment else None): (t.was, t.now) for t in turned}
        changed = {key: (before.get(key), now.get(key)) for key in before.keys() | now.keys()}
        quiet = {None, Outcome.PASS, Outcome.PENDING, Outcome.WAIVED}
        changed = {k: (a, b) for k, (a, b) in changed.items() if a != b and not (None in {a, b} and {a, b} <= quiet)}
        assert found == changed
        assert len(turned) == len(found)
        for turn in turned:
            assert (turn.was_since is None) == (turn.was is None)
            assert turn.was_since is None or turn.was_since <= seen[-1].as_of
        seen.append(look)
        before = now


@given(LOOKS)
@settings(max_examples=100, deadline=None)
def test_days_and_since_add_up(said: Any) -> None:
    cards = looks(said)
    entries = [Entry(number, BEGIN, "1", one) for number, one in enumerate(cards, 1)]
    for shuffled in (entries, entries[::-1]):
        (found,) = trends.trends(shuffled)
        first, last = cards[0].as_of, cards[-1].as_of
        assert sum(found.trend.days.values()) == (last - first).days + 1
        same = [one.as_of for one in cards if one.as_of >= found.trend.since]
        assert {one.outcome for one in cards if one.as_of in same} == {cards[-1].outcome}
        before = [one for one in cards if one.as_of < found.trend.since]
        assert not before or before[-1].outcome != cards[-1].outcome
        for rule_ in found.rules:
            assert rule_.trend.since <= rule_.trend.in_state_since <= rule_.trend.last.as_of
            assert rule_.ended == (rule_.rule.rule not in {r.rule for r in cards[-1].goals[0].rules})


@given(
    st.lists(st.floats(0.01, 1e6), min_size=4, max_size=6),
    st.floats(0.01, 1e6).map(lambda number: float(f"{number:.3g}")),
    st.sampled_from(["below", "above"]),
)
@settings(max_examples=200, deadline=None)
def test_a_tighter_bound_would_have_held(values: list[float], bound: float, side: str) -> None:
    text = f"keep a {side} {bound:f}"
    holds = all(value < bound if side == "below" else value > bound for value in values)
    cards = []
    for number, value in enumerate(values):
        said = {"kind": "keep", "state": "holding" if holds else "breached", "value": value, "target": bound}
        day = date(2026, 4, 8) + timedelta(days=10 * number)
        goals = {"g": {"outcome": "pass" if holds else "fail", "rules": {text: said}}}
        cards.append(card({"as of": day, "elapsed": 10 * number, "goals": goals}))
    found = list(tighten.suggestions(trends.trends(Entry(n, BEGIN, "1", one) for n, one in enumerate(cards))))
    for one in found:
        assert holds
        assert one.level < bound if side == "below" else one.level > bound
        looked = [value for value, seen in zip(values, cards, strict=True) if seen.as_of >= one.since]
        assert len(looked) == one.looks
        assert all(value < one.level if side == "below" else value > one.level for value in looked)
        assert one.sentence is None or float(one.sentence.split()[-1].replace(",", "")) == pytest.approx(one.level)
    room = all(abs(value - bound) / bound >= tighten.ROOM * 2 for value in values)
    assert found or not (holds and room)


def test_the_same_days_looked_at_again_are_no_proof() -> None:
    said = {"kind": "keep", "state": "holding", "value": 5, "target": 12}
    goals = {"g": {"outcome": "pass", "rules": {"keep a below 12": said}}}
    days = [date(2026, 7, 1) + timedelta(days=20 * number) for number in range(6)]
    cards = [card({"as of": day, "elapsed": 91, "goals": goals}) for day in days]
    assert not list(tighten.suggestions(trends.trends(Entry(n, BEGIN, "1", one) for n, one in enumerate(cards))))


# The commands


def score(path: Path, as_of: str, *more: str) -> Result:
    return run("score", QUICKSTART, "--as-of", as_of, "--history", path, *more)


def test_a_history_changes_neither_report_nor_exit_code(tmp_path: Path) -> None:
    for more in ((), ("--format", "json"), ("--fail-on", "warn"), ("--select", "profitable-growth")):
        alone = run("score", QUICKSTART, "--as-of", "2026-06-15", *more)
        kept = score(tmp_path / "h.sqlite", "2026-06-15", *more)
        assert (kept.stdout, kept.stderr, kept.exit_code) == (alone.stdout, alone.stderr, alone.exit_code)
    assert entries_of(tmp_path / "h.sqlite") >= 1


def test_a_history_that_cannot_be_written_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for more in ((), ("--fail-on", "warn")):
        found = score(tmp_path / "file" / "h.sqlite", "2026-06-15", *more)
        assert found.exit_code == 3
        assert "error[GK624]" in found.stderr
        assert "Scorecard as of 2026-06-15" in found.stdout
    assert score(tmp_path / "none" / "none" / "h.sqlite", "2026-06-15").exit_code == 3
    assert not (tmp_path / "none").exists()


def test_only_turns_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "h.sqlite"
    first = score(path, "2026-05-01", "--notify-on", "turn")
    assert first.exit_code == 0
    told = [json.loads(line) for line in first.stdout.splitlines()]
    assert all(one["from"] is None and one["to"] in {"warn", "fail", "inconclusive"} for one in told)
    again = score(path, "2026-05-01", "--notify-on", "turn")
    assert (again.stdout, again.exit_code, entries_of(path)) == ("", 0, 1)
    later = score(path, "2026-06-15", "--notify-on", "turn")
    turned = [json.loads(line) for line in later.stdout.splitlines()]
    assert turned
    assert all(one["from"] != one["to"] and one["as_of"] == "2026-06-15" for one in turned)
    assert score(path, "2026-06-15", "--notify-on", "turn").stdout == ""


def test_turns_of_an_earlier_as_of_are_those_since_the_scorecard_before_it(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    for day in ("2026-04-20", "2026-06-15"):
        score(path, day)
    whole = score(path, "2026-04-20", "--notify-on", "turn")
    assert whole.stdout == ""


def test_without_a_history_to_compare_with_nothing_is_said_to_have_turned(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    path.write_text("no history")
    found = score(path, "2026-06-15", "--notify-on", "turn")
    assert (found.exit_code, found.stdout) == (3, "")
    assert "error[GK622]" in found.stderr


def test_turns_have_a_form_of_their_own(tmp_path: Path) -> None:
    found = score(tmp_path / "h.sqlite", "2026-06-15", "--notify-on", "turn", "--format", "json")
    assert found.exit_code == 2
    assert not (tmp_path / "h.sqlite").exists()


def test_nothing_evaluated_is_not_kept(tmp_path: Path) -> None:
    assert score(tmp_path / "h.sqlite", "2026-06-15", "--select", "nothing").exit_code == 5
    assert not (tmp_path / "h.sqlite").exists()


def test_the_place_that_is_taken_unless_another_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("history").exit_code == 3
    assert list(tmp_path.iterdir()) == []
    assert run("score", QUICKSTART, "--as-of", "2026-06-15", "--notify-on", "turn").exit_code == 0
    assert (tmp_path / ".goalkeeper" / "history.sqlite").exists()
    assert "Profitable growth from paid social" in run("history").stdout


def test_the_history_of_one_goal(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    score(path, "2026-06-15")
    for asked in ("profitable-growth", "Profitable growth from paid social", "profit*"):
        one = run("history", asked, "--store", path)
        assert one.exit_code == 0
        assert "increase conversions" not in one.stdout
    unknown = run("history", "profitable-grwth", "--store", path)
    assert unknown.exit_code == 2
    assert "did you mean 'profitable-growth'?" in unknown.stderr


def test_the_history_since_a_day(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    for day in ("2026-05-01", "2026-06-15"):
        score(path, day)
    assert "as of 2026-06-15" in run("history", "--store", path, "--since", "2026-06-01").stdout
    assert run("history", "--store", path, "--since", "June").exit_code == 2
    turned = "Turned with the latest scorecard, as of 2026-06-15"
    assert turned in run("history", "--store", path).stdout
    assert "new →" not in run("history", "--store", path, "--since", "2026-06-01").stdout
    later = run("history", "--store", path, "--since", "2026-07-01")
    assert (later.exit_code, later.stdout) == (0, "")
    assert "holds no scorecard as of 2026-07-01 or later" in later.stderr
    document = json.loads(run("history", "--store", path, "--since", "2026-07-01", "--format", "json").stdout)
    assert (document["entries"], document["goals"]) == ([], [])


def test_the_clock_is_read_once_and_only_for_when_it_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goalkeeper.cli.history.now", lambda: datetime(2026, 6, 15, 8, 30, tzinfo=UTC))
    score(tmp_path / "h.sqlite", "2026-06-15")
    document = json.loads(run("history", "--store", tmp_path / "h.sqlite", "--format", "json").stdout)
    assert [entry["recorded_at"] for entry in document["entries"]] == ["2026-06-15T08:30:00Z"]
    assert not list(HISTORY.iter_errors(document))

"""The registry of breaks: whole, sourced and in the docs; breaks over plain values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import goalkeeper
from goalkeeper import State
from goalkeeper.breaks import Break, Registered, Side, fold, knows, registry, straddles

PAGE = Path(__file__).parent.parent / "docs" / "breaks.md"
KINDS = {"redefined": "changed", "corrected": "miscounted", "retired": "ended", "renamed": "renamed"}


def row(id_: str, entry: Registered) -> str:
    names = [f"`{name}`" for name in entry.metrics] + [f"*`{name}`*" for name in entry.own_names]
    change = entry.change
    days = f"{change.first}{f' to {change.until}' if change.until else ''}{f' ± {change.zone} days' if change.zone else ''}"
    ads = "; **ads differ**" if entry.paid_differs else ""
    instead = f"; instead: {change.instead}" if change.instead else ""
    secondary = " (as others quote it)" if entry.evidence == "secondary" else ""
    return (
        f"| `{id_}` | {', '.join(entry.platforms)} | {', '.join(names)}{ads} | {days} | {KINDS[change.kind]} "
        f"| {change.what}{instead} | [{entry.title}]({entry.link}){secondary} |"
    )


def test_the_page_lists_the_registry(golden: Callable[[Path, str], None]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    head = text[: text.index("| id |")] if "| id |" in text else text
    rows = [row(id_, entry) for id_, entry in registry().breaks.items()]
    table = ["| id | platform | metrics | day | | what | source |", "|---|---|---|---|---|---|---|", *rows]
    golden(PAGE, head + "\n".join(table) + "\n")


@pytest.mark.parametrize("id_", registry().breaks)
def test_a_break_is_whole(id_: str) -> None:
    entry = registry().breaks[id_]
    change = entry.change
    assert re.fullmatch(r"[a-z0-9-]+-\d{4}-\d{2}", id_)
    assert id_.endswith(f"{change.first:%Y-%m}")
    assert set(entry.platforms) <= registry().platforms.keys()
    assert change.kind in KINDS
    assert change.until is None or change.until > change.first
    assert entry.link.startswith("https://")
    assert entry.evidence in {"official", "secondary"}
    assert not change.what.endswith(".")
    assert len(entry.names) == len(entry.metrics)


def test_a_platform_has_one_name_of_its_own() -> None:
    names = [name for others in registry().platforms.values() for name in others]
    assert len(names) == len(set(names))
    assert registry().platform("Search_Console") == "google-search-console"
    assert registry().platform("youtub") is None
    assert fold("Page-Fans (یوتیوب)") == "pagefansیوتیوب"


def test_a_quick_look_sees_every_name() -> None:
    for entry in registry().breaks.values():
        assert all(knows([name], on_a_platform=True) for name in (*entry.metrics, *entry.own_names))
        assert all(knows([name], on_a_platform=False) for name in entry.own_names)
        assert not any(knows([name], on_a_platform=False) for name in entry.metrics)
    assert knows(["zebras", "Post Impressions (unique)"], on_a_platform=False)
    assert not knows(["zebras", "youtube"], on_a_platform=True)


def test_the_registry_is_not_read_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("nothing here has a platform or a name of its own")

    monkeypatch.setattr("goalkeeper.bridges.registry", refuse)
    goals = {"version": 1, "goals": [{"rule": "keep views above 3"}]}
    assert goalkeeper.score(goals, as_of="2026-07-01", snapshot={"views": 4}).exit_code == 0


DAYS = [date(2026, 5, day) for day in range(1, 31)]


@pytest.mark.parametrize(
    ("change", "sides"),
    [
        (Break("b", "", DAYS[10]), "o" * 10 + "p" * 20),
        (Break("b", "", DAYS[10], zone=3), "o" * 7 + "u" * 6 + "p" * 17),
        (Break("b", "", DAYS[10], DAYS[19]), "p" * 10 + "o" * 10 + "p" * 10),
        (Break("b", "", DAYS[10], DAYS[19], zone=2), "p" * 8 + "u" * 4 + "o" * 6 + "u" * 4 + "p" * 8),
    ],
)
def test_each_day_has_its_side(change: Break, sides: str) -> None:
    letters = {Side.OTHER: "o", Side.PRESENT: "p", Side.UNSURE: "u"}
    assert "".join(letters[change.side(day, day)] for day in DAYS) == sides
    turns = [day for before, day in itertools.pairwise(DAYS) if change.side(day, day) != change.side(before, before)]
    assert list(change.edges) == sorted(set(turns))
    for first in DAYS:
        for last in DAYS[first.day - 1 :]:
            each = Side.NONE
            for day in DAYS[first.day - 1 : last.day]:
                each |= change.side(day, day)
            whole = change.side(first, last)
            assert (whole == each) if len(each) == 1 and not straddles(each) else whole == Side.UNSURE


def test_plain_values_are_of_one_side_or_of_none() -> None:
    goals: dict[str, Any] = {
        "version": 1,
        "breaks": [
            {"id": "pixel", "metrics": ["conversions", "members"], "date": "2026-04-01", "what": "purchases only"}
        ],
        "goals": [
            {"rule": "increase conversions by 10%", "period": "2026-Q2"},
            {"rule": "keep conversions above 1", "period": "2026-03-30 to 2026-04-02"},
            {"rule": "keep members above 1", "period": "2026-03-30 to 2026-04-02"},
        ],
    }

    def states(**metrics: Any) -> list[tuple[State, Any, tuple[str, ...]]]:
        card = goalkeeper.score(
            {**goals, "metrics": {"members": {"kind": "stock"}, **metrics}},
            as_of="2026-07-01",
            snapshot={"conversions": 60, "members": 5},
            baseline={"conversions": 100, "members": 5},
        )
        verdicts = [goal.rules[0].verdicts[0] for goal in card.goals]
        return [(verdict.state, verdict.target, verdict.breaks) for verdict in verdicts]

    assert states() == [
        (State.NOT_COMPARABLE, None, ("pixel",)),
        (State.NOT_COMPARABLE, 1.0, ("pixel",)),
        (State.HOLDING, 1.0, ()),
    ]
    bridged = states(conversions={"bridges": {"pixel": 0.5}})
    assert bridged[0] == (State.MET, pytest.approx(100 * 0.5 * 1.1 * 91 / 90), ("pixel",))
    assert bridged[1][0] is State.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("kind", "before", "on_the_day", "after"),
    [
        ("stock", State.HOLDING, State.HOLDING, State.HOLDING),
        ("rank", State.HOLDING, State.HOLDING, State.HOLDING),
        ("median", State.NOT_COMPARABLE, State.HOLDING, State.HOLDING),
        ("running_total", State.NOT_COMPARABLE, State.NOT_COMPARABLE, State.HOLDING),
    ],
)
def test_a_plain_value_rests_on_the_days_of_its_kind(kind: str, before: State, on_the_day: State, after: State) -> None:
    def state(first: str) -> State:
        card = goalkeeper.score(
            {
                "version": 1,
                "metrics": {"m": {"kind": kind}},
                "breaks": [{"id": "recount", "metrics": "m", "date": "2026-04-02", "what": "counted anew"}],
                "goals": [{"rule": "keep m above 1", "period": f"{first} to 2026-04-05"}],
            },
            as_of="2026-07-01",
            snapshot={"m": 5},
        )
        return card.goals[0].rules[0].verdicts[0].state

    assert [state(f"2026-04-0{day}") for day in (1, 2, 3)] == [before, on_the_day, after]

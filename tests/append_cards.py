"""Appends scorecards to a history from several processes at once, some of them killed on the way.

Run with the history's path, a writer's number and a count, it is one of these processes: it says each scorecard as soon as
it is on disk.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from goalkeeper.history import store
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import GoalResult, Outcome, RuleResult, State, Verdict

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
RULE = "keep cpa below 12 EUR in each campaign"
SEGMENTS = 5


def scorecard(writer: int, number: int) -> Scorecard:
    """A scorecard like no other: by goal and as-of it tells who wrote it, and when."""
    verdicts = tuple(
        Verdict(RULE, "keep", "cpa", {"campaign": f"c{n}"}, Outcome.PASS, State.HOLDING, float(number), 12.0)
        for n in range(SEGMENTS)
    )
    rule = RuleResult(RULE, "keep", "cpa", Outcome.PASS, 1.0, 1.0, key=False, verdicts=verdicts)
    goal = GoalResult(f"g{writer}", f"Goal {writer}", Outcome.PASS, 100.0, 1.0, (rule,))
    return Scorecard(BEGIN.date() + timedelta(days=number), Outcome.PASS, 0, 100.0, "all", (goal,))


def append_all(path: Path, writer: int, count: int) -> None:
    """Append *count* scorecards, and say each one that is on disk."""
    for number in range(count):
        one = scorecard(writer, number)
        if not store.append(path, one, recorded_at=BEGIN + timedelta(minutes=number), made_by="1.2.3"):
            os.write(1, f"{writer} {one.as_of}\n".encode())


def append_at_once(path: Path, *, writers: int, count: int, kills: int, seed: int) -> set[tuple[str, date]]:
    """What *writers* processes said that they appended; *kills* of them are killed at random while they do."""
    chance = random.Random(seed)
    running = [
        subprocess.Popen(
            [sys.executable, __file__, str(path), str(writer), str(count)], stdout=subprocess.PIPE, text=True
        )
        for writer in range(writers)
    ]
    doomed = chance.sample(running, kills)
    said: list[str] = []
    moments = [(process, chance.randrange(1, max(count // 2, 2)), chance.random() * 0.01) for process in doomed]
    with ThreadPoolExecutor(max(kills, 1)) as pool:  # each is killed in its own time, not one after another
        for lines in pool.map(_killed, *zip(*moments, strict=True)) if moments else ():
            said += lines
    for process in running:
        said += process.communicate()[0].splitlines(keepends=True)
    assert [process.returncode for process in running] == [-9 if process in doomed else 0 for process in running]
    whole = [line.split() for line in said if line.endswith("\n")]
    return {(writer, date.fromisoformat(day)) for writer, day in whole}


def _killed(process: subprocess.Popen[str], lines: int, later: float) -> list[str]:
    """What a process says until it is killed, so many *lines* and seconds *later*: somewhere in an append."""
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    time.sleep(later)
    process.send_signal(signal.SIGKILL)
    return said


def hold_whole(path: Path, said: set[tuple[str, date]]) -> int:
    """How many scorecards are there: all that were said, each of them whole, in a file that is sound and goes on."""
    kept = store.read(path)
    there = {(goal.id.removeprefix("g"), entry.card.as_of) for entry in kept for goal in entry.card.goals}
    assert said <= there
    assert len(there) == len(kept)
    assert all(len(rule.verdicts) == SEGMENTS for e in kept for goal in e.card.goals for rule in goal.rules)
    checked = sqlite3.connect(path)
    assert checked.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert checked.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert checked.execute("SELECT count(*) FROM entries").fetchone() == (len(kept),)
    checked.close()
    assert store.append(path, scorecard(99, 0), recorded_at=BEGIN, made_by="1.2.3") == []
    return len(kept)


if __name__ == "__main__":
    append_all(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

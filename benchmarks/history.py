"""Eight processes that append 200 scorecards each to one history, while some of them are killed at random.

Run it with `python benchmarks/history.py`, or with another number of rounds. Each round says how many appends were
acknowledged, that all of them are there, how many more are (an append that was on disk before its process could say so), and
how long it took. The same with fewer scorecards is part of the tests.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from append_cards import append_at_once, hold_whole

WRITERS, COUNT = 8, 200


def main() -> None:
    """One line a round."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    for seed in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "history.sqlite"
            begun = time.monotonic()
            kills = 1 + seed % 4
            said = append_at_once(path, writers=WRITERS, count=COUNT, kills=kills, seed=seed)
            took = time.monotonic() - begun
            kept = hold_whole(path, said)
            there = f"{len(said)} acknowledged and there, {kept - len(said)} more"
            sys.stdout.write(f"round {seed + 1}: {kills} killed, {there}, {took:.1f} s\n")


if __name__ == "__main__":
    main()

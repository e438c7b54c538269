"""The fuzzers in short: their targets hold for their seeds, and for those with slips, whether or not atheris is there.

`python -m tests.fuzz 300` runs them for long, guided by coverage.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.fuzz import __main__ as command
from tests.fuzz.targets import TARGETS, seeds


def with_slips(data: bytes, dice: random.Random) -> bytes:
    """The same bytes but for a few that are lost, changed, added or said twice."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(found) + 1)
        end = min(start + dice.randint(0, 8), len(found))
        found[start:end] = dice.choice([b"", dice.randbytes(2), found[start:end] * 2, b"\n", b": ", b"{", b"'", b"1e9"])
    return bytes(found)


@pytest.mark.parametrize("name", TARGETS)
def test_the_target_holds_for_its_seeds_and_their_slips(name: str) -> None:
    dice = random.Random(name)  # the same slips in every run
    known = list(seeds(name))
    assert len(known) > 50
    for seed in known:
        TARGETS[name](seed)
    for _ in range(1000 if name == "formula" else 100):
        TARGETS[name](with_slips(dice.choice(known), dice))


def test_it_is_loud_where_the_fuzzers_cannot_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert command.main() == 2
    assert "THE FUZZERS DID NOT RUN" in capsys.readouterr().out

"""What whole processes cost: processor time, elapsed time and peak memory, as the system counts them.

The system counts for a process the memory of the one that starts it, up to its own start. So this one stays small: it
imports no library, and leaves the reading of results to others.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

IN_A_MEBIBYTE = 1024 * 1024 if sys.platform == "darwin" else 1024
"""What the system counts peak memory in: bytes on macOS, kibibytes on Linux."""


class FailedError(Exception):
    """A process ended otherwise than it should."""


class Cost(NamedTuple):
    """What one run cost."""

    processor: float
    """Seconds, of the process and in the system for it, on all cores."""
    elapsed: float
    """Seconds."""
    memory: float
    """MiB, at the peak."""


@dataclass(frozen=True)
class Program:
    """A command that is measured, and the exit codes that it may end with."""

    name: str
    command: Sequence[object]
    """Texts and paths."""
    codes: frozenset[int] = frozenset({0})
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> Cost:
        """Run it to its end.

        Raises:
            FailedError: when it ends with another exit code.
        """
        with tempfile.TemporaryFile() as said:
            begun = time.perf_counter()
            process = subprocess.Popen(  # noqa: S603  commands made here
                [str(part) for part in self.command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**os.environ, "GOALKEEPER_NO_ANNOTATIONS": "1", **self.environment},
            )
            _, status, usage = os.wait4(process.pid, 0)
            elapsed = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in self.codes:
                said.seek(0)
                last = said.read()[-2000:].decode(errors="replace")
                raise FailedError(
                    f"{self.name} ended with {process.returncode}: {' '.join(map(str, self.command))}\n{last}"
                )
        return Cost(usage.ru_utime + usage.ru_stime, elapsed, usage.ru_maxrss / IN_A_MEBIBYTE)


def in_turn(programs: Sequence[Program], rounds: int, progress: Callable[[str], None]) -> dict[str, list[Cost]]:
    """The costs of each program, round by round: what disturbs the machine for a while disturbs all of them."""
    costs: dict[str, list[Cost]] = {program.name: [] for program in programs}
    for number in range(1, rounds + 1):
        for program in programs:
            progress(f"round {number} of {rounds}: {program.name}")
            costs[program.name].append(program.run())
    return costs


def medians(costs: Sequence[Cost]) -> Cost:
    return Cost(*(statistics.median(numbers) for numbers in zip(*costs, strict=True)))


def times(costs: Sequence[Cost], base: Sequence[Cost]) -> float:
    """How many times the processor time of *base*: the median of the rounds, each compared with its own."""
    return statistics.median(one.processor / other.processor for one, other in zip(costs, base, strict=True))

"""The table: one line for each program of each scenario, in Markdown."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from peers.measure import Cost, medians, times

BEGIN, END = "<!-- begin: what `python benchmarks/run.py --write` measured -->", "<!-- end -->"
HEAD = (
    "| scenario | program | processor time | lowest to highest | elapsed | peak memory "
    "| against hand-written | against Goalkeeper |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


class Line(NamedTuple):
    """A row of the table."""

    scenario: str
    program: str
    cells: tuple[str, ...]

    def __str__(self) -> str:
        """One line of Markdown."""
        empty = ("",) * (6 - len(self.cells))
        return f"| {' | '.join((self.scenario, self.program, *self.cells, *empty))} |\n"


def line(scenario: str, program: str, costs: Sequence[Cost], *bases: Sequence[Cost]) -> Line:
    """The medians of a program; how many times the processor time of each of *bases*, round by round."""
    middle = medians(costs)
    low, high = min(costs).processor, max(costs).processor
    processor, elapsed = f"{middle.processor:.2f} s", f"{middle.elapsed:.2f} s"
    ratios = ["" if base is costs else f"{times(costs, base):.2f} times" for base in bases]
    cells = (processor, f"{low:.2f} to {high:.2f} s", elapsed, f"{middle.memory:.0f} MiB", *ratios)
    return Line(scenario, program, cells)


def figure(scenario: str, program: str, said: str) -> Line:
    """A figure of another kind than a process has."""
    return Line(scenario, program, (said,))


def rows(count: int) -> str:
    return f"{count / 1e6:g} million rows" if count >= 500_000 else f"{count:,} rows"


def section(lines: Sequence[Line], rounds: int, versions: Sequence[str]) -> str:
    """The table with the command, the machine, the day and the versions that it was measured with."""
    arguments = " ".join(_shown(sys.argv[1:]))
    return (
        f"Medians of {rounds} round{'s' * (rounds > 1)} of `python benchmarks/run.py{' ' if arguments else ''}{arguments}` on "
        f"{_machine()}, on {time.strftime('%Y-%m-%d')}, with {', '.join(versions)}.\n\n{HEAD}{''.join(map(str, lines))}"
    )


def stages(found: Mapping[str, Mapping[str, float]]) -> str:
    """The milliseconds of each stage, a column for each scenario."""
    if not found:
        return ""
    names = dict.fromkeys(name for told in found.values() for name in told)
    head = f"| stage of a `score` | {' | '.join(found)} |\n|---{'|---' * len(found)}|\n"
    lines = (f"| {name} | {' | '.join(f'{told[name]:,.0f} ms' for told in found.values())} |\n" for name in names)
    return f"\nWhere the processor time of Goalkeeper goes, medians once more:\n\n{head}{''.join(lines)}"


def has_marks(page: Path) -> bool:
    """Whether there is a place for a table on a page."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return BEGIN in text and END in text.partition(BEGIN)[2]


def write(page: Path, text: str) -> None:
    """Put *text* between the marks of a page."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    page.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8", newline="\n")


def _shown(arguments: Sequence[str]) -> list[str]:
    """The arguments that bear on the figures: places on this machine are its own matter."""
    shown: list[str] = []
    skip = False
    for argument in arguments:
        if not skip and argument.partition("=")[0] not in {"--write", "--cache", "--python"}:
            shown.append(argument)
        skip = not skip and argument in {"--write", "--cache", "--python"}
    return shown


def _machine() -> str:
    """Processor, cores that may be used, memory and system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{_processor()}, {cores} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}"


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for told in known.read_text(encoding="utf-8").splitlines():
            if told.startswith("model name"):
                return " ".join(told.partition(":")[2].split())
    if sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return platform.machine()

"""The scenarios: which programs do the same work, and the lines of the table that come of it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from peers import goals, table
from peers.data import CAMPAIGNS, PLATFORMS
from peers.measure import Cost, FailedError, Program, in_turn, medians
from peers.table import Line, line

HERE = Path(__file__).parent
AS_OF = "2026-01-01"
BY_HAND, OURS = "hand-written DuckDB", "Goalkeeper"
NAMES = {"pandas": "pandas and simpleeval", "soda": "Soda Core 3"}


@dataclass(frozen=True)
class Bench:
    """What all scenarios share: interpreters, a folder for data and results, and how much is asked for."""

    cache: Path
    goalkeeper: Path
    duckdb: Path
    peers: dict[str, Path]
    missing: dict[str, str]
    rounds: int
    small: int
    large: int
    stages: dict[str, dict[str, float]] = field(default_factory=dict)
    """Where the processor time of Goalkeeper went: the milliseconds of each stage, by scenario."""

    def say(self, text: str) -> None:
        """Tell how far the work is."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def data(self, rows: int) -> Path:
        """A Parquet file of so many rows; its name has a mark of the script that wrote it."""
        script = HERE / "data.py"
        mark = f"{zlib.crc32(script.read_bytes()):08x}"
        file = self.cache / f"ads-{rows}-{mark}.parquet"
        if not file.exists():
            self.say(f"writing {table.rows(rows)}")
            self._run([self.duckdb, script, str(rows), file])
        return file

    def written(self, name: str, text: str) -> Path:
        """A goal file beside the data, so that its paths are short."""
        file = self.cache / name
        file.write_text(text, encoding="utf-8")
        return file

    def score(self, file: Path, out: Path) -> Program:
        """The scorecard in the terminal's format and as JSON; goals of these files may fail."""
        command = [self.goalkeeper.parent / "goalkeeper", "score", file, "--as-of", AS_OF, "--output", f"json={out}"]
        return Program(OURS, command, frozenset({0, 1}))

    def check(self, file: Path) -> Program:
        """All that can be said of a goal file without rows."""
        return Program(f"{OURS}, {file.stem}", [self.goalkeeper.parent / "goalkeeper", "check", file])

    def script(self, python: Path, name: str, *arguments: Path) -> Program:
        """A script of this folder, which names its peer and its scenario."""
        peer, _, _ = name.partition("_")
        return Program(NAMES.get(peer, BY_HAND), [python, HERE / f"{name}.py", *arguments])

    def held_to(self, files: Sequence[Path]) -> None:
        """Stop where two programs did not come to the same verdicts."""
        self._run([self.duckdb, HERE / "same.py", *files])

    def measured(self, title: str, programs: Sequence[Program]) -> dict[str, list[Cost]]:
        """The costs of programs that are run in turn."""
        return in_turn(programs, self.rounds, lambda said: self.say(f"{title}, {said}"))

    def output(self, command: Sequence[object]) -> str:
        """What a command prints."""
        texts = [str(part) for part in command]
        done = subprocess.run(texts, capture_output=True, text=True, check=False)  # noqa: S603  a command made here
        if done.returncode:
            raise FailedError(f"{' '.join(texts)}\n{done.stderr[-2000:]}")
        return done.stdout

    def _run(self, command: Sequence[str | Path]) -> None:
        done = subprocess.run([str(part) for part in command], check=False)  # noqa: S603  commands made here
        if done.returncode:
            raise FailedError(" ".join(map(str, command)))


def same_work(
    bench: Bench, title: str, data: Path, goal_file: str, peers: Sequence[str], letter: str
) -> Iterator[Line]:
    """Programs that come to the same verdicts over *data*: held to it first, which warms up, then measured."""
    out = {name: bench.cache / f"{letter}-{name}.json" for name in ("goalkeeper", "duckdb", *bench.peers)}
    file = bench.written(f"{letter}.yaml", goal_file)
    programs = [
        bench.script(bench.duckdb, f"duckdb_{letter}", data, out["duckdb"]),
        bench.score(file, out["goalkeeper"]),
    ]
    found = [out["duckdb"], out["goalkeeper"]]
    if "pandas" in peers and "pandas" in bench.peers:
        programs.append(bench.script(bench.peers["pandas"], f"pandas_{letter}", data, out["pandas"]))
        found.append(out["pandas"])
    if "soda" in peers and "soda" in bench.peers:
        for results, program in _of_soda(bench, data):
            programs.append(program)
            found.append(results)
    for program in programs:
        bench.say(f"{title}, once before counting: {program.name}")
        program.run()
    bench.held_to(found)
    costs = bench.measured(title, programs)
    for program in programs:
        yield line(title, program.name, costs[program.name], costs[BY_HAND], costs[OURS])
    bench.stages[title] = _stages(bench, file, medians(costs[OURS]).processor)
    for name in peers:
        if name in bench.missing:
            yield table.figure(title, NAMES[name], "**could not be installed**")


def _stages(bench: Bench, file: Path, whole: float) -> dict[str, float]:
    """The stages of a score, and what a whole process of *whole* seconds spends besides."""
    found: list[dict[str, float]] = []
    for number in range(1, bench.rounds + 1):
        bench.say(f"stages of {file.name}, round {number} of {bench.rounds}")
        done = bench.output([bench.goalkeeper, HERE.parent / "stages.py", file, "--as-of", AS_OF, "--once"])
        found.append(json.loads(done))
    told = {name: statistics.median(one[name] for one in found) for name in found[0]}
    return {**told, "write the files, and leave": 1000 * whole - sum(told.values())}


def _of_soda(bench: Bench, data: Path) -> Iterator[tuple[Path, Program]]:
    """The same checks in two forms: as its documentation has them, and the quickest one found. Nothing is sent home."""
    home = bench.cache / "home"
    (home / ".soda").mkdir(parents=True, exist_ok=True)
    (home / ".soda" / "config.yml").write_text("send_anonymous_usage_stats: false\n", encoding="utf-8")
    python, environment = bench.peers["soda"], {"HOME": str(home)}
    link = bench.cache / "ads.parquet"  # Soda names its table as the file is
    link.unlink(missing_ok=True)
    link.symlink_to(data)
    source = bench.written("soda-source.yml", goals.soda_source(str(link)))
    out, checks = bench.cache / "a-soda-queries.json", bench.written("soda-queries.yml", goals.soda_queries())
    scan = [python.parent / "soda", "scan", "-d", "ads", "-c", source, "-srf", out, checks]
    yield out, Program(f"{NAMES['soda']}, a query for each check", scan, frozenset({0, 2}), environment)
    out, checks = bench.cache / "a-soda-filters.json", bench.written("soda-filters.yml", goals.soda_filtered())
    command = [python, HERE / "soda_a.py", data, checks, out]
    yield out, Program(f"{NAMES['soda']}, the quickest form found", command, environment=environment)


def a(bench: Bench) -> Iterator[Line]:
    data = bench.data(bench.small)
    title = f"a: {len(goals.KPIS) * len(PLATFORMS)} checks, {table.rows(bench.small)}"
    yield from same_work(bench, title, data, goals.by_platform(data.name), ("pandas", "soda"), "a")


def b(bench: Bench) -> Iterator[Line]:
    """A quarter of the rows first: memory should not grow with them."""
    verdicts = 2 * len(goals.KPIS) * CAMPAIGNS
    for rows in (bench.large // 4, bench.large):
        data = bench.data(rows)
        peers = ("pandas",) if rows == bench.large else ()
        title = f"b: {verdicts:,} verdicts, {table.rows(rows)}"
        yield from same_work(bench, title, data, goals.by_campaign(data.name), peers, "b")


def c(bench: Bench) -> Iterator[Line]:
    data, many = bench.data(bench.small), 1_000
    files = {count: bench.written(f"{count} goals.yaml", goals.to_check(data.name, count)) for count in (1, many)}
    programs = {count: bench.check(file) for count, file in files.items()}
    costs = bench.measured("c", list(programs.values()))
    for count, program in programs.items():
        yield line(f"c: check, {count:,} goal{'s' * (count > 1)}", OURS, costs[program.name])
    one, all_of_them = (medians(costs[programs[count].name]).processor for count in (1, many))
    yield table.figure("c: each more goal", OURS, f"{1000 * (all_of_them - one) / (many - 1):.2f} ms")


def d(bench: Bench) -> Iterator[Line]:
    """Against rows, with the goals of a; then against goals, with the rows of a."""
    by_rows = []
    for rows in (bench.small, bench.large // 4, bench.large):
        data = bench.data(rows)
        out = bench.cache / "d.json"
        file = bench.written("d.yaml", goals.by_platform(data.name))
        programs = [bench.script(bench.duckdb, "duckdb_a", data, out), bench.score(file, out)]
        title = f"d: the goals of a, {table.rows(rows)}"
        costs = bench.measured(title, programs)
        by_rows.append((rows, medians(costs[OURS]).processor))
        for program in programs:
            yield line(title, program.name, costs[program.name], costs[BY_HAND], costs[OURS])
    for (few, less), (many, more) in pairwise(by_rows):
        title = f"d: each more million, {few / 1e6:g} to {many / 1e6:g}"
        yield table.figure(title, OURS, f"{1000 * (more - less) / (many - few) * 1e6:.0f} ms")
    yield from _by_goals(bench)


def _by_goals(bench: Bench) -> Iterator[Line]:
    data, counts = bench.data(bench.small), (10, 100, 1_000)
    files = {n: bench.written(f"{n}-goals.yaml", goals.of_many_campaigns(data.name, n)) for n in counts}
    programs = {}
    for count, file in files.items():
        command = bench.score(file, bench.cache / "d.json").command
        programs[count] = Program(f"{OURS}, {count:,} goals", command, frozenset({0, 1}))
    costs = bench.measured("d", list(programs.values()))
    for count, program in programs.items():
        yield line(f"d: {count:,} goals, {table.rows(bench.small)}", OURS, costs[program.name])
    middle = {count: medians(costs[program.name]).processor for count, program in programs.items()}
    for few, many in pairwise(counts):
        added = 1000 * (middle[many] - middle[few]) / (many - few)
        yield table.figure(f"d: each more goal, {few:,} to {many:,}", OURS, f"{added:.2f} ms")


def e(bench: Bench) -> Iterator[Line]:
    count = 1_000
    bench.say(f"e: {count} verdicts from snapshots")
    done = bench.output([bench.goalkeeper, HERE / "bulk.py", count, bench.rounds])
    for name, microseconds in json.loads(done).items():
        yield table.figure(f"e: a verdict of {count:,}", f"library, {name}", f"{microseconds:.0f} µs")


SCENARIOS: dict[str, Callable[[Bench], Iterator[Line]]] = {"a": a, "b": b, "c": c, "d": d, "e": e}

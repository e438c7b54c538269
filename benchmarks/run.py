"""What Goalkeeper costs beside others that do the same work, as one table.

Run it with `python benchmarks/run.py`. It makes environments for Goalkeeper and its peers, writes 1, 5 and 20 million
rows, holds all programs to the same verdicts, and measures whole processes in turn. Half an hour, and 3 GB in the
cache folder; `--subset` takes less than a minute. Figures, not assertions: read them.

The scenarios: (a) 60 checks over a million rows; (b) 45,000 verdicts over 20 million rows; (c) `check` of 1,000 goals;
(d) more rows, more goals; (e) the library, from plain snapshots.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from peers import environments, table
from peers.measure import FailedError
from peers.scenarios import NAMES, SCENARIOS, Bench

IN = {"pandas": {"a", "b"}, "soda": {"a"}}
"""The scenarios that a peer takes part in."""


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--scenario", choices=SCENARIOS, action="append", help="only this one; may be repeated")
    add("--rounds", type=int, help="how often each program is run; 5, and 3 with --subset")
    add("--rows", type=int, default=20_000_000, help="of the largest file; there are a 4th and a 20th of it, too")
    add("--no-soda", action="store_true", help="without Soda Core")
    add("--no-pandas", action="store_true", help="without pandas")
    add("--subset", action="store_true", help="for a CI: scenarios a, c and e, against the hand-written query alone")
    add("--python", type=Path, help="the interpreter that has Goalkeeper; left out, this checkout is installed")
    cache = Path(tempfile.gettempdir()) / "goalkeeper-benchmarks"
    add("--cache", type=Path, default=cache, help="the folder for environments, data and results")
    add("--write", type=Path, metavar="PAGE", help="put the table between the marks of this page, too")
    options = parser.parse_args()
    if options.write and not table.has_marks(options.write):
        parser.error(f"{options.write} lacks the marks that the table stands between")
    if options.subset:
        options.no_soda = options.no_pandas = True
    options.rounds = options.rounds or (3 if options.subset else 5)
    options.scenario = options.scenario or (["a", "c", "e"] if options.subset else list(SCENARIOS))
    return options


def prepared(options: argparse.Namespace) -> tuple[Bench, list[str]]:
    """The environments, and the versions in them."""
    cache: Path = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    ours = options.python.absolute() if options.python else environments.goalkeeper(cache)
    versions = environments.versions(ours)
    if "goalkeeper" not in versions:
        raise environments.NotInstalledError(f"{ours} has no Goalkeeper")
    by_hand = ours if options.python else environments.duckdb(cache, versions["duckdb"])
    peers, missing = {}, {}
    for name in NAMES:
        if getattr(options, f"no_{name}") or IN[name].isdisjoint(options.scenario):
            continue
        try:
            peers[name] = environments.peer(cache, name)
        except environments.NotInstalledError as why:
            missing[name] = str(why)
            sys.stderr.write(f"\n!! {NAMES[name].upper()} IS MISSING FROM THE TABLE: {why}\n\n")
        else:
            found = environments.versions(peers[name])
            shown = found.pop("duckdb", None)
            beside = f" (over DuckDB {shown})" if shown else ""
            versions |= {package: f"{version}{beside}" for package, version in found.items()}
    bench = Bench(cache, ours, by_hand, peers, missing, options.rounds, options.rows // 20, options.rows)
    return bench, [f"{name} {version}" for name, version in versions.items()]


def main() -> int:
    options = asked()
    try:
        bench, versions = prepared(options)
    except environments.NotInstalledError as why:
        sys.stderr.write(f"\n!! NOTHING WAS MEASURED: {why}\n")
        return 1
    lines: list[table.Line] = []
    stopped = None
    try:
        for name in options.scenario:
            lines += SCENARIOS[name](bench)
    except FailedError as why:
        stopped = why
    text = table.section(lines, options.rounds, versions) + table.stages(bench.stages)
    sys.stdout.write(text)
    if stopped:
        sys.stderr.write(f"\n!! THE TABLE IS NOT WHOLE, AND NOT WRITTEN TO A PAGE: {stopped}\n")
        return 1
    if options.write:
        table.write(options.write, text)
    if bench.missing:
        sys.stderr.write(f"\n!! MISSING FROM THE TABLE: {', '.join(NAMES[name] for name in bench.missing)}\n")
    return 1 if bench.missing else 0


if __name__ == "__main__":
    sys.exit(main())

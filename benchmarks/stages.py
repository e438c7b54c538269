"""Where the processor time of a `score` goes, stage by stage: `python benchmarks/stages.py GOALS`.

Each round is a process of its own, and the median of a stage over all rounds is told, in milliseconds.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

HASH, QUERY = "make the fingerprints of the files", "read the rows and add them up"
LIBRARIES = ("click", "numpy", "duckdb", "yaml", "pydantic.main")


def stages(goals: Path, as_of: str | None) -> dict[str, float]:
    """The milliseconds of each stage of one run, from the start of the process."""
    marks = {"start of Python": time.process_time()}
    gc.disable()  # as the command does
    import_module("goalkeeper.cli")  # it sets what libraries look at when they are loaded
    for library in LIBRARIES:
        import_module(library)
        marks[f"import {library.partition('.')[0]}"] = time.process_time()
    for module in ("model", "cli.commands", "api", "engines.duckdb", "reporters.outputs"):
        import_module(f"goalkeeper.{module}")
    marks["import Goalkeeper"] = time.process_time()

    from goalkeeper import api, running, tables
    from goalkeeper.assess import Assessing
    from goalkeeper.reporters import outputs

    written, problems = running.read(goals, against_schema=False)
    if written is None:
        raise running.ProblemsFound(problems)
    marks["read the goals"] = time.process_time()
    opened = tables.opened_tables(written, needed=True)
    marks["start the database, look into the files"] = time.process_time()
    run = running.planned(written, opened, problems, as_of, (), ())
    marks["say what is meant, plan"] = time.process_time()
    for file in {file.path: file for source in run.plan.sources.values() for file in source.table.files}.values():
        file.sha256()
    marks[HASH] = time.process_time()
    measuring, inputs, warnings = run.measuring()
    marks[QUERY] = time.process_time()
    found = Assessing(run.plan, measuring, run.meaning.waivers).goals()
    card = api.scorecard(run, found, measuring, api.Gate(), inputs=inputs, problems=warnings)
    marks["judge, and say why"] = time.process_time()
    outputs.render(card, "json")
    marks["make the JSON"] = time.process_time()
    outputs.render(card, "terminal", width=80, color=False, verbose=False)
    marks["make the scorecard for the terminal"] = time.process_time()
    ends = [0.0, *marks.values()]
    spent = {name: 1000 * (end - begun) for name, begun, end in zip(marks, ends, ends[1:], strict=False)}
    spent[QUERY] -= spent[HASH]  # it is made there, too
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("goals", type=Path)
    parser.add_argument("--as-of", help="the day of judging; today, when it is left out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once", action="store_true", help="a single round, in this process, as JSON")
    options = parser.parse_args()
    if options.once:
        sys.stdout.write(json.dumps(stages(options.goals, options.as_of)))
        return
    command = [sys.executable, *sys.argv, "--once"]
    rounds = (subprocess.run(command, check=True, capture_output=True) for _ in range(options.rounds))  # noqa: S603  ourselves
    found = [json.loads(done.stdout) for done in rounds]
    middle = {name: statistics.median(one[name] for one in found) for name in found[0]}
    for name, milliseconds in middle.items():
        sys.stdout.write(f"| {name} | {milliseconds:,.0f} ms |\n")
    sys.stdout.write(f"| in all | {sum(middle.values()):,.0f} ms |\n")


if __name__ == "__main__":
    main()

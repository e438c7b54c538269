"""Changes the code in many small ways, one at a time, and asks of each whether a test notices: see README.md."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "mutation"
MODULES = ("judge", "rollup", "calendar", "jalali", "formula")
ENOUGH = 0.9
"""The share of the mutants of each module that must be killed."""
KILLED, TIMED_OUT = {1, 3}, {24, -24, 36, 152, 255}
"""How mutmut notes what became of a mutant: a test failed, or the tests took many times as long as they should."""
PROPERTY = re.compile(r"^    @property\n((?:    def (\w+)\(.*\n)(?:\n*     .*\n)*)", re.MULTILINE)


def lay_out() -> None:
    """A copy of the project in the layout that mutmut knows: one package below `src`, packs and schemas inside it."""
    package, ignore = WORK / "src" / "goalkeeper", shutil.ignore_patterns("__pycache__")
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(ROOT / "engine" / "goalkeeper", package, ignore=ignore)
    for name in ("rules", "schemas"):
        shutil.copytree(ROOT / name, package / name, ignore=ignore)
    shutil.copytree(ROOT / "tests", WORK / "tests", ignore=ignore)
    for file in (HERE / "setup.cfg", ROOT / "pyproject.toml"):
        shutil.copy(file, WORK)
    for module in MODULES:
        path = package / f"{module}.py"
        # mutmut leaves decorated functions alone: a property is made of a plain one here, so that it is changed, too.
        path.write_text(PROPERTY.sub(r"\1    \2 = property(\2)\n", path.read_text("utf-8")), "utf-8")


def mutmut(*arguments: str) -> str:
    """What mutmut prints; while it runs it shows how far it is."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    shown = None if arguments[0] == "run" else subprocess.PIPE
    return subprocess.run(command, cwd=WORK, check=True, stdout=shown, text=True, encoding="utf-8").stdout or ""


def change_of(mutant: str) -> str:
    """The lines that a mutant changes, in one text."""
    lines = mutmut("show", mutant).splitlines()
    changed = (line for line in lines if line.startswith(("-", "+")) and not line.startswith(("---", "+++")))
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in changed)


def report() -> bool:
    """Whether enough is killed in each module, and just the survivors are listed with a reason; both are printed."""
    known = yaml.safe_load((HERE / "survivors.yaml").read_text("utf-8"))
    good = True
    for module in MODULES:
        found = json.loads((WORK / "mutants" / "src" / "goalkeeper" / f"{module}.py.meta").read_text("utf-8"))
        every = found["exit_code_by_key"]
        codes = {name: code for name, code in every.items() if code is not None}
        if not codes:
            continue  # not asked for
        slow = sum(code in TIMED_OUT for code in codes.values())
        survivors = Counter(change_of(name) for name, code in codes.items() if code not in KILLED | TIMED_OUT)
        alive = survivors.total()
        share = 1 - alive / len(codes)
        killed = f"{len(codes) - alive - slow} killed, {slow} timed out, {alive} survived"
        sys.stdout.write(f"{module}: {len(codes)} mutants, {killed}: {share:.1%} are noticed\n")
        listed = Counter(change.strip() for entry in known.get(module, []) for change in entry["changes"])
        unknown, gone = survivors - listed, listed - survivors if len(codes) == len(every) else Counter()
        for what, changes in (("not in survivors.yaml", unknown), ("in survivors.yaml, and noticed", gone)):
            sys.stdout.writelines(f"  {what}:\n{change}\n" for change in changes.elements())
        good &= share >= ENOUGH and not unknown and not gone
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mutants", nargs="*", help="only some, such as 'goalkeeper.judge.*'")
    given = parser.parse_args()
    lay_out()
    # Named, so that mutmut first runs the tests by their names, as it does for each mutant: a name that pytest does not
    # find again would make every test run fail, and every mutant look killed.
    mutmut("run", *(given.mutants or [f"goalkeeper.{module}.*" for module in MODULES]))
    sys.exit(0 if report() else 1)

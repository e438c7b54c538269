"""Whether peers came to the same numbers and verdicts: `python same.py VERDICTS.json OTHER.json ..`.

Each file has a list of [segment, rule, value, target, holds], or is a scorecard, or what Soda writes. Numbers are equal within 1e-9 of each
other; a target that a peer does not tell is not compared. Ends with 1 and says so where they differ.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any, NamedTuple

HELD = {"holding", "met"}


class Found(NamedTuple):
    """One verdict of one program; None where there is no number."""

    value: float | None
    target: float | None
    holds: bool


def read(file: Path) -> dict[tuple[str, str], Found]:
    document: Any = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(document, list):
        return {(segment, rule): Found(value, target, holds) for segment, rule, value, target, holds in document}
    if "checks" in document:
        return dict(map(_of_soda, document["checks"]))
    found = {}
    for verdict in document["goals"][0]["verdicts"]:
        (segment,) = verdict["segment"].values()
        rule = " ".join(verdict["rule"].split()[:2])
        found[segment, rule] = Found(verdict["value"], verdict["target"], verdict["state"] in HELD)
    return found


def differences(one: dict[tuple[str, str], Found], other: dict[tuple[str, str], Found]) -> list[str]:
    said = [f"{key} is in one of them only" for key in one.keys() ^ other.keys()]
    for key in one.keys() & other.keys():
        ours, theirs = one[key], other[key]
        near = _near(ours.value, theirs.value) and (theirs.target is None or _near(ours.target, theirs.target))
        if not near or ours.holds != theirs.holds:
            said.append(f"{key}: {ours} and {theirs}")
    return sorted(said)


def _of_soda(check: dict[str, Any]) -> tuple[tuple[str, str], Found]:
    kpi, _, segment = check["name"].split()[0].rpartition("_")
    return (segment, f"keep {kpi}"), Found(check["diagnostics"]["value"], None, check["outcome"] == "pass")


def _near(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9)


def main() -> int:
    first, *others = (Path(name) for name in sys.argv[1:])
    found = read(first)
    for file in others:
        said = differences(found, read(file))
        if said or not found:
            sys.stderr.write(f"{first.name} and {file.name} differ in {len(said)} of {len(found)} verdicts\n")
            sys.stderr.write("".join(f"  {line}\n" for line in said[:5]))
            return 1
    sys.stderr.write(f"{len(found)} verdicts are the same in {1 + len(others)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

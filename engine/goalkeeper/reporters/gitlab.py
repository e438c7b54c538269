"""The scorecard as a Code Quality report of GitLab, which shows beside the lines of a merge request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from goalkeeper.languages import speaking
from goalkeeper.problems import Problem
from goalkeeper.reporters import findings
from goalkeeper.reporters.findings import Finding, Level
from goalkeeper.reporters.inert import quiet_json
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import Outcome

NOWHERE = "."
"""The path of what stands in no file; GitLab requires one."""


@speaking("en")
def render(scorecard: Scorecard, *, root: Path | None = None) -> str:
    """A JSON array, worst first, with paths as seen from *root*; empty where all passes."""
    return _report(findings.of_scorecard(scorecard), root)


@speaking("en")
def render_problems(problems: Iterable[Problem], *, root: Path | None = None) -> str:
    """The same for files that could not be judged."""
    return _report(findings.of_problems(problems), root)


def _report(found: Sequence[Finding], root: Path | None) -> str:
    seen = Counter[tuple[str, ...]]()
    entries = []
    for one in found:
        path = NOWHERE if one.span is None else findings.from_root(one.span.file, root)
        about = (path, *one.about)
        seen[about] += 1  # the same rule twice in a goal is two findings
        entries.append(_entry(one, path, (*about, str(seen[about]))))
    return quiet_json(json.dumps(entries, ensure_ascii=True, indent=2)) + "\n"


def _entry(one: Finding, path: str, about: Sequence[str]) -> dict[str, Any]:
    return {
        "description": " · ".join([one.title, *one.lines]),
        "check_name": one.check,
        "fingerprint": sha256("\0".join(about).encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": _severity(one),
        "location": {"path": path, "lines": {"begin": 1 if one.span is None else one.span.line}},
    }


def _severity(one: Finding) -> str:
    """What stops everything is a blocker, a failed goal critical, and what could not be judged major."""
    match one.outcome:
        case Outcome.FAIL:
            return "blocker" if one.key else "critical"
        case Outcome.INCONCLUSIVE:
            return "major"
        case Outcome.WARN:
            return "major" if one.level is Level.ERROR else "minor"
        case None:
            return "blocker" if one.level is Level.ERROR else "minor"
        case _:
            return "info"

"""Tests of goals as one JSON document."""

from __future__ import annotations

from typing import Any

from goalkeeper.languages import speaking
from goalkeeper.reporters import json_parts
from goalkeeper.testing.report import Coverage, Report, Tested

VERSION = 1


@speaking("en")
def render(report: Report) -> str:
    """The document: the same bytes for the same tests."""
    document = {
        "version": VERSION,
        "tests": len(report.tests),
        "failed": report.failed,
        "results": [_test(test) for test in report.tests],
        "coverage": _coverage(report.coverage),
    }
    return json_parts.dump(document, indent=2) + "\n"


def _test(test: Tested) -> dict[str, Any]:
    return {
        "name": test.name,
        "file": test.file,
        "line": test.place.line,
        "passed": test.passed,
        "differences": [
            {
                "where": list(one.where),
                "what": one.what,
                "expected": one.expected,
                "got": one.got,
                "line": one.place.line,
                "reasons": list(one.reasons),
            }
            for one in test.differences
        ],
        "problems": [json_parts.problem(problem) for problem in test.problems],
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "percent": json_parts.number(coverage.percent),
        "reached": coverage.reached,
        "of": coverage.of,
        "rules": [
            {"goal": rule.goal, "rule": rule.rule, "reached": list(rule.reached), "not_reached": list(rule.missed)}
            for rule in coverage.rules
        ],
    }

"""Tests of goals as JUnit XML: a suite for each test file, a case for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from goalkeeper.reporters.goal_tests import difference_lines
from goalkeeper.reporters.xml import xml_attribute, xml_text
from goalkeeper.testing.report import Report, Tested


def render(report: Report) -> str:
    """The document. It has no times: the same tests give the same bytes."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="goalkeeper test" tests="{len(report.tests)}" failures="{report.failed}">',
    ]
    for file, tests in groupby(report.tests, key=lambda test: test.file):
        lines += _suite(file, list(tests))
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(file: str, tests: list[Tested]) -> Iterator[str]:
    failed = sum(not test.passed for test in tests)
    yield f'  <testsuite name={xml_attribute(file)} tests="{len(tests)}" failures="{failed}">'
    for test in tests:
        case = (
            f"    <testcase classname={xml_attribute(file)} name={xml_attribute(test.name)} "
            f'file={xml_attribute(file)} line="{test.place.line}"'
        )
        if test.passed:
            yield f"{case}/>"
            continue
        text = "\n".join(_told(test))
        first = test.differences[0]
        yield f"{case}>"
        message = f"{' / '.join((*first.where, first.what))}: expected {first.expected}, got {first.got}"
        yield f'      <failure type="difference" message={xml_attribute(message)}>{xml_text(text)}</failure>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _told(test: Tested) -> Iterator[str]:
    for one in test.differences:
        expected, got = difference_lines(one)
        yield f"{' / '.join(one.where) or 'scorecard'} ({test.file}:{one.place.line})"
        yield f"- {expected}"
        yield f"+ {got}"
        yield from (f"  {reason}" for reason in one.reasons)
    for problem in test.problems:
        place = f" ({problem.span.file}:{problem.span.line})" if problem.span is not None else ""
        yield f"[{problem.code}] {problem.message}{place}"

"""Tests of goals as JUnit XML: a suite for each test file, a case for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree as ET

from goalkeeper.languages import speaking
from goalkeeper.reporters.goal_tests import difference_lines
from goalkeeper.reporters.junit import written
from goalkeeper.reporters.safe import safe
from goalkeeper.testing.report import Report, Tested


@speaking("en")
def render(report: Report) -> str:
    """The document. It has no times: the same tests give the same bytes."""
    root = ET.Element("testsuites", name="goalkeeper test", tests=str(len(report.tests)), failures=str(report.failed))
    for file, tests in groupby(report.tests, key=lambda test: test.file):
        cases = [_case(test) for test in tests]
        failed = sum(len(case) for case in cases)
        suite = ET.SubElement(root, "testsuite", name=safe(file), tests=str(len(cases)), failures=str(failed))
        suite.extend(cases)
    return written(root)


def _case(test: Tested) -> ET.Element:
    """A test; what is inside says why it failed."""
    place: dict[str, str] = {"classname": safe(test.file), "name": safe(test.name), "file": safe(test.file)}
    case = ET.Element("testcase", place, line=str(test.place.line))
    if not test.passed:
        first = test.differences[0]
        message = f"{' / '.join((*first.where, first.what))}: expected {first.expected}, got {first.got}"
        failure = ET.SubElement(case, "failure", type="difference", message=safe(message))
        failure.text = "\n".join(safe(line) for text in _told(test) for line in text.split("\n"))
    return case


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

"""Tests of goals as text for a terminal: each failure as a difference, and what no test reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from goalkeeper.problems import Problem
from goalkeeper.reporters.layout import Page, Style, cells, wrap
from goalkeeper.reporters.safe import safe
from goalkeeper.testing.comparison import Difference
from goalkeeper.testing.report import Coverage, Report, RuleCoverage, Tested

NARROWEST = 40


def render(
    report: Report, *, width: int = 80, color: bool = False, verbose: bool = False, coverage: bool = False
) -> str:
    """Every failure, then the count; with *verbose* the tests that passed, too."""
    page = _Page(max(width, NARROWEST), color=color)
    lines: list[str] = []
    for test in report.tests:
        if not test.passed:
            lines += [*page.failure(test), ""]
        elif verbose:
            lines += page.wrap(test.name, f"{page.paint('✓', Style.GOOD)} ", 2)
    if verbose and lines and lines[-1]:
        lines.append("")
    if report.failed:
        legend = f"{page.paint('- expected', Style.BAD)}   {page.paint('+ what came', Style.GOOD)}"
        lines = [legend, "", *lines]
    lines.append(page.paint(count(report), Style.BOLD))
    if coverage:
        lines += ["", *page.coverage(report.coverage)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def count(report: Report) -> str:
    """How many tests there are, and how many failed."""
    tests = f"{len(report.tests):,} {'test' if len(report.tests) == 1 else 'tests'}"
    return f"{tests}, {f'{report.failed:,} failed' if report.failed else 'all passed'}"


def difference_lines(difference: Difference) -> tuple[str, str]:
    """Both sides of a difference, without their signs."""
    return f"{difference.what}: {safe(difference.expected)}", f"{difference.what}: {safe(difference.got)}"


def percent(value: float) -> str:
    """A percentage with at most one decimal; no rounding makes it whole."""
    return f"{int(value * 10) / 10:g}%"


class _Page(Page):
    def wrap(self, text: str, before: str, indent: int) -> Iterator[str]:
        """*text* in lines behind *before*, which takes *indent* columns."""
        for number, line in enumerate(wrap(safe(text), self.width - indent)):
            yield (before if number == 0 else " " * indent) + line

    def failure(self, test: Tested) -> Iterator[str]:
        sign = self.paint("✗", Style.BAD)
        for number, line in enumerate(wrap(safe(test.name), self.width - 2)):
            yield f"{sign if number == 0 else ' '} {self.paint(line, Style.BOLD)}"
        yield self.paint(f"  {safe(test.file)}:{test.place.line}", Style.DIM)
        above: tuple[str, ...] = ()
        for where, differences in groupby(test.differences, key=lambda one: one.where):
            shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(where, above, strict=False)))
            for level, part in enumerate(where[shared:], shared):
                yield from self.wrap(part, " " * (2 + 2 * level), 2 + 2 * level)
            above = where
            yield from self.differences(list(differences), 2 + 2 * max(len(where), 1))
        for problem in test.problems:
            yield from self.problem(problem)

    def differences(self, differences: Sequence[Difference], indent: int) -> Iterator[str]:
        for one in differences:
            expected, got = difference_lines(one)
            yield from self.side("-", expected, Style.BAD, indent, f"line {one.place.line}")
            yield from self.side("+", got, Style.GOOD, indent)
        told = [one.got for one in differences if one.what == "reasons"]
        for reason in next((one.reasons for one in differences if one.reasons and not told), ()):
            for line in wrap(safe(reason), self.width, " " * (indent + 2)):
                yield self.paint(line, Style.DIM)

    def side(self, sign: str, text: str, style: Style, indent: int, place: str = "") -> Iterator[str]:
        room = self.width - indent - 2 - (cells(place) + 2 if place else 0)
        for number, line in enumerate(wrap(text, room)):
            first = number == 0
            after = f"{' ' * (room - cells(line) + 2)}{self.paint(place, Style.DIM)}" if first and place else ""
            yield " " * indent + self.paint(f"{sign if first else ' '} {line}", style) + after

    def problem(self, problem: Problem) -> Iterator[str]:
        place = f" ({problem.span.file}:{problem.span.line})" if problem.span is not None else ""
        yield from self.wrap(f"[{problem.code}] {problem.message}{place}", "    ", 4)
        if problem.help:
            yield from self.wrap(f"help: {problem.help}", "      ", 6)

    def coverage(self, coverage: Coverage) -> Iterator[str]:
        if not coverage.rules:
            yield "Coverage: there is no rule to test."
            return
        yield self.paint(f"Coverage {percent(coverage.percent)}", Style.BOLD) + (
            f": {coverage.reached} of {coverage.of}, a pass and a fail of each rule"
        )
        for goal, rules in groupby(coverage.rules, key=lambda rule: rule.goal):
            yield from self.wrap(goal, "  ", 2)
            for rule in rules:
                yield from self.rule(rule)

    def rule(self, rule: RuleCoverage) -> Iterator[str]:
        sign = {0: ("✗", Style.BAD), 1: ("!", Style.WARN), 2: ("✓", Style.GOOD)}[rule.counted]
        yield from self.wrap(rule.rule, f"    {self.paint(*sign)} ", 6)
        if rule.missed:
            said = f"no test reaches {_listed(rule.missed)}" if rule.reached else "no test reaches it"
            for line in wrap(said, self.width, " " * 8):
                yield self.paint(line, Style.DIM)


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"

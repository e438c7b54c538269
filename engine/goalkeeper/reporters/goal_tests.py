"""Tests of goals as text for a terminal: each failure as a difference, and what no test reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from goalkeeper.languages import Shown, tr
from goalkeeper.problems import Problem
from goalkeeper.reporters.layout import Page, Style, as_page, cells, wrap
from goalkeeper.reporters.safe import safe
from goalkeeper.said import Figure, enumerated, say
from goalkeeper.testing.comparison import Difference
from goalkeeper.testing.report import Coverage, Report, RuleCoverage, Tested
from goalkeeper.verdict import Outcome


def render(
    report: Report, *, width: int = 80, color: bool = False, verbose: bool = False, coverage: bool = False
) -> str:
    """Every failure, then the count; with *verbose* the tests that passed, too."""
    page = _Page(width, color=color)
    lines: list[str] = []
    for test in report.tests:
        if not test.passed:
            lines += [*page.failure(test), ""]
        elif verbose:
            lines += page.wrap(test.name, f"{page.paint('✓', Style.GOOD)} ", 2)
    if verbose and lines and lines[-1]:
        lines.append("")
    if report.failed:
        legend = f"{page.paint(tr('- expected'), Style.BAD)}   {page.paint(tr('+ what came'), Style.GOOD)}"
        lines = [legend, "", *lines]
    lines.append(page.paint(count(report), Style.BOLD))
    if coverage:
        lines += ["", *page.coverage(report.coverage)]
    return as_page(lines)


def count(report: Report) -> Shown:
    """How many tests there are, and how many failed."""
    many, failed = len(report.tests), report.failed
    if failed and many == 1:
        return tr("{count:,} test, {failed:,} failed", count=many, failed=failed)
    if failed:
        return tr("{count:,} tests, {failed:,} failed", count=many, failed=failed)
    return tr("{count:,} test, all passed" if many == 1 else "{count:,} tests, all passed", count=many)


def difference_lines(difference: Difference) -> tuple[Shown, Shown]:
    """Both sides of a difference, without their signs."""
    expected, got = (
        tr("{what}: {told}", what=difference.what, told=told) for told in (difference.expected, difference.got)
    )
    return expected, got


def percent(value: float) -> Figure:
    """A percentage with at most one decimal; no rounding makes it whole."""
    text = f"{int(value * 10) / 10:g}%"
    return Figure(text, text)


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
            yield from self.side("-", expected, Style.BAD, indent, tr("line {line}", line=one.place.line))
            yield from self.side("+", got, Style.GOOD, indent)
        told = [one.got for one in differences if one.what == "reasons"]
        for reason in next((one.reasons for one in differences if one.reasons and not told), ()):
            yield from self.dim(safe(reason), " " * (indent + 2))

    def side(self, sign: str, text: str, style: Style, indent: int, place: str = "") -> Iterator[str]:
        room = self.width - indent - 2 - (cells(place) + 2 if place else 0)
        for number, line in enumerate(wrap(text, room)):
            first = number == 0
            after = f"{' ' * (room - cells(line) + 2)}{self.paint(place, Style.DIM)}" if first and place else ""
            yield " " * indent + self.paint(f"{sign if first else ' '} {line}", style) + after

    def problem(self, problem: Problem) -> Iterator[str]:
        place = f" ({problem.span.file}:{problem.span.line})" if problem.span is not None else ""
        yield from self.wrap(Shown(f"[{problem.code}] {safe(problem.message)}{safe(place)}"), "    ", 4)
        if problem.help:
            yield from self.wrap(tr("help: {help}", help=problem.help), "      ", 6)

    def coverage(self, coverage: Coverage) -> Iterator[str]:
        if not coverage.rules:
            yield tr("Coverage: there is no rule to test.")
            return
        share = self.paint(tr("Coverage {share}", share=percent(coverage.percent)), Style.BOLD)
        counts = tr("{reached} of {count}, a pass and a fail of each rule", reached=coverage.reached, count=coverage.of)
        yield f"{share}: {counts}"
        for goal, rules in groupby(coverage.rules, key=lambda rule: rule.goal):
            yield from self.wrap(goal, "  ", 2)
            for rule in rules:
                yield from self.rule(rule)

    def rule(self, rule: RuleCoverage) -> Iterator[str]:
        sign = {0: ("✗", Style.BAD), 1: ("!", Style.WARN), 2: ("✓", Style.GOOD)}[rule.counted]
        yield from self.wrap(rule.rule, f"    {self.paint(*sign)} ", 6)
        if rule.missed:
            said = (
                tr("no test reaches {outcomes}", outcomes=_listed(rule.missed))
                if rule.reached
                else tr("no test reaches it")
            )
            yield from self.dim(said, " " * 8)


def _listed(words: tuple[str, ...]) -> str:
    *others, last = map(Outcome, words)
    return say("{others} or {last}", others=enumerated(others), last=last) if others else last

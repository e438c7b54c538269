"""Problems as text: code, place, the line with a caret under it, and the cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from goalkeeper.languages import tr
from goalkeeper.problems import Problem, Severity, Span, in_order
from goalkeeper.reporters.layout import RESET, as_it_is, cells, directed
from goalkeeper.reporters.safe import apart, place, safe

WIDTH = 100
_STYLES = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "place": "\x1b[2m"}


def render(problems: Iterable[Problem], *, color: bool = False) -> str:
    """All problems, sorted by place, with an empty line between them."""
    return "\n".join("\n".join(_problem(problem, color=color)) + "\n" for problem in in_order(problems))


def _problem(problem: Problem, *, color: bool) -> Iterator[str]:
    def paint(text: str, style: str) -> str:
        return f"{_STYLES[style]}{text}{RESET}" if color else text

    error = problem.severity is Severity.ERROR
    kind, called = ("error", tr("error")) if error else ("warning", tr("warning"))
    yield directed(f"{paint(f'{called}[{problem.code}]', kind)}: {paint(apart(problem.message), 'bold')}")
    gutter = ""
    if problem.span is not None:
        span = problem.span
        yield as_it_is(paint(f"  --> {place(span, exact=True)}", "place"))
        if span.text.strip():
            number = str(span.line)
            gutter = " " * len(number)
            line, caret = _under(span)
            yield as_it_is(f"{number} | {line}")
            yield as_it_is(f"{gutter} | {paint(caret, kind)}")
    if problem.help:
        yield directed(f"{gutter or ' '} = {tr('help: {help}', help=problem.help)}")
    for related in problem.related:
        yield directed(f"{gutter or ' '} = {apart(related.message)}: {place(related.span, exact=True)}")


def _under(span: Span) -> tuple[str, str]:
    """The source line, cut around the place, and the carets that stand under it."""
    start = span.column - 1
    first = max(0, min(start - WIDTH // 2, len(span.text) - WIDTH))
    cut = span.text[first : first + WIDTH]
    before, marked = cut[: start - first], cut[start - first : start - first + span.length]
    dots = "..." if first > 0 else ""
    after = "..." if first + WIDTH < len(span.text) else ""
    room = cells(safe(dots + before))
    return f"{safe(dots + cut + after)}".rstrip(), " " * room + "^" * max(cells(safe(marked)), 1)

"""Problems as text: code, place, the line with a caret under it, and the cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from goalkeeper.problems import Problem, Severity, Span, in_order
from goalkeeper.reporters.safe import safe

WIDTH = 100
_STYLES = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "place": "\x1b[2m", "": ""}


def render(problems: Iterable[Problem], *, color: bool = False) -> str:
    """All problems, sorted by place, with an empty line between them."""
    return "\n".join("\n".join(_problem(problem, color=color)) + "\n" for problem in in_order(problems))


def _problem(problem: Problem, *, color: bool) -> Iterator[str]:
    def paint(text: str, style: str) -> str:
        return f"{_STYLES[style]}{text}\x1b[0m" if color else text

    kind = "error" if problem.severity is Severity.ERROR else "warning"
    yield f"{paint(f'{kind}[{problem.code}]', kind)}: {paint(safe(problem.message), 'bold')}"
    gutter = ""
    if problem.span is not None:
        span = problem.span
        yield paint(f"  --> {safe(span.file)}:{span.line}:{span.column}", "place")
        if span.text.strip():
            number = str(span.line)
            gutter = " " * len(number)
            line, caret = _under(span)
            yield f"{number} | {line}"
            yield f"{gutter} | {paint(caret, kind)}"
    if problem.help:
        yield f"{gutter or ' '} = help: {safe(problem.help)}"
    for related in problem.related:
        place = related.span
        yield f"{gutter or ' '} = {safe(related.message)}: {safe(place.file)}:{place.line}:{place.column}"


def _under(span: Span) -> tuple[str, str]:
    """The source line, cut around the place, and the carets that stand under it."""
    start = span.column - 1
    first = max(0, min(start - WIDTH // 2, len(span.text) - WIDTH))
    cut = span.text[first : first + WIDTH]
    before, marked = cut[: start - first], cut[start - first : start - first + span.length]
    dots = "..." if first > 0 else ""
    after = "..." if first + WIDTH < len(span.text) else ""
    room = _cells(safe(dots + before))
    return f"{safe(dots + cut + after)}".rstrip(), " " * room + "^" * max(_cells(safe(marked)), 1)


def _cells(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only for lines that are not plain ASCII

    return cell_len(text)

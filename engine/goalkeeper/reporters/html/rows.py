"""The verdicts of a rule with several of them as the rows of one table, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.figures import Show, share_text
from goalkeeper.languages import tr
from goalkeeper.reporters import contributions, phrases
from goalkeeper.reporters.html.bullets import Bullet, bullet, shared_scale
from goalkeeper.reporters.safe import clauses, day
from goalkeeper.verdict import SEVERITY, Bounds, Outcome, RuleResult, Verdict


class Cell(Struct, frozen=True):
    """A cell with its text, and what it is sorted by, where that is not the text. `kind` is `text` or `number`."""

    text: str
    by: float | None = None
    kind: str = "text"


class Row(Struct, frozen=True):
    """A verdict as a row: its outcome and state, its cells, its bar, and what is said of it."""

    outcome: Outcome
    state: str
    rank: int
    """How bad its outcome is, the worst the highest."""
    cells: tuple[Cell, ...]
    """Those before its bar."""
    bar: Bullet | None
    more: tuple[Cell, ...]
    """Those behind it."""
    said: str


class Head(Struct, frozen=True):
    """The head of a column; `named` says that the author named it, and not this page."""

    text: str
    kind: str = "text"
    named: bool = False


class Table(Struct, frozen=True):
    """The rows of a rule, with the heads of their cells, and how many there are of each outcome and state."""

    heads: tuple[Head, ...]
    """Of the cells before the bars."""
    more: tuple[Head, ...]
    rows: tuple[Row, ...]
    outcomes: tuple[tuple[Outcome, int], ...]
    states: tuple[tuple[str, Outcome, int], ...]
    bars: bool


def table(rule: RuleResult) -> Table:
    """All verdicts of a rule."""
    verdicts = rule.worst_first
    shown = [(verdict, phrases.shown_by(verdict)) for verdict in verdicts]
    columns, more = (
        [one for one in found if any(one.cell(*beside) != _EMPTY for beside in shown)]
        for found in (_columns(verdicts), _more_columns(verdicts))
    )
    scale = shared_scale(verdicts)
    rows = tuple(
        Row(
            verdict.outcome,
            phrases.state_of(verdict),
            SEVERITY.index(verdict.outcome),
            tuple(column.cell(verdict, show) for column in columns),
            bullet(verdict, scale),
            tuple(column.cell(verdict, show) for column in more),
            _in_a_line(list(said(verdict))),
        )
        for verdict, show in shown
    )
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    states = Counter((phrases.state_of(verdict), verdict.outcome) for verdict in verdicts)
    return Table(
        tuple(column.head for column in columns),
        tuple(column.head for column in more),
        rows,
        tuple((outcome, outcomes[outcome]) for outcome in reversed(SEVERITY) if outcomes[outcome]),
        tuple((state, outcome, count) for (state, outcome), count in states.items()),
        any(row.bar for row in rows),
    )


def said(verdict: Verdict) -> Iterator[str]:
    """Why a verdict is as it is: reasons, contributions, and a waiver."""
    yield from verdict.reasons
    if verdict.drivers is not None:
        yield from contributions.phrases(verdict.drivers, verdict.unit)
    if verdict.waiver is not None:
        yield verdict.waiver.text


def _in_a_line(texts: Sequence[str]) -> str:
    return clauses(texts) if texts else ""


class _Column(Struct, frozen=True):
    head: Head
    cell: Callable[[Verdict, Show], Cell]


_EMPTY = Cell("")


def _columns(verdicts: Sequence[Verdict]) -> Iterator[_Column]:
    """Those before the bars."""
    if len({verdict.window for verdict in verdicts}) > 1:
        yield _Column(Head(tr("window")), lambda v, _: Cell(_window(v)))
    for name in dict.fromkeys(name for verdict in verdicts for name in verdict.segment):
        yield _Column(Head(name, named=True), partial(_part, name=name))
    yield _Column(Head(tr("value"), "number"), lambda v, show: _number(v.value, show, missing=tr("no number")))
    yield _Column(Head(tr("bound" if verdicts[0].kind == "keep" else "target"), "number"), _against)


def _more_columns(verdicts: Sequence[Verdict]) -> Iterator[_Column]:
    """Those behind them."""
    yield _Column(Head(tr("baseline"), "number"), lambda v, show: _number(v.baseline, show))
    yield _Column(Head(tr("expected"), "number"), lambda v, show: _number(v.expected, show))
    yield _Column(Head(tr("projected"), "number"), lambda v, show: _number(v.projection, show))
    yield _Column(Head(tr("needed a day"), "number"), lambda v, show: _number(v.needed_per_day, show))
    if verdicts[0].kind != "keep":
        yield _Column(Head(tr("progress"), "number"), lambda v, _: _number(v.progress, share_text))
        yield _Column(Head(tr("index"), "number"), lambda v, _: _number(v.index, _index))


def _part(verdict: Verdict, _: Show, name: str) -> Cell:
    return Cell(verdict.segment[name] or tr("(blank)")) if name in verdict.segment else _EMPTY


def _number(number: float | Missing | None, show: Show, missing: str = "") -> Cell:
    if number is None or isinstance(number, Missing):
        return Cell(missing, None, "number") if missing else _EMPTY
    return Cell(show(number), number, "number")


def _against(verdict: Verdict, show: Show) -> Cell:
    if not isinstance(verdict.target, Bounds):
        return _number(verdict.target, show)
    low, high = (phrases.value_text(side, show) for side in (verdict.target.low, verdict.target.high))
    return Cell(tr("{low} to {high}", low=low, high=high), verdict.target.high, "number")


def _index(index: float) -> str:
    return tr("{index:.3f}", index=index)


def _window(verdict: Verdict) -> str:
    """A window by its name in the calendar and its days: who checks a week must know where it begins."""
    if verdict.window is None:
        return ""
    if verdict.window_name:
        return tr("{name}: {window}", name=verdict.window_name, window=verdict.window)
    return day(verdict.window)

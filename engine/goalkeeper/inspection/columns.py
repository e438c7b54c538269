"""What the columns of a plain table hold: ids for rules, kinds, units, and how their numbers are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import packs
from goalkeeper.definitions import IDENTIFIER, labels_of
from goalkeeper.inspection.days import DayColumn
from goalkeeper.inspection.seen import DAY, DIMENSION, EMPTY, IGNORED, NAMES, RATE, TEXT, Decision, SeenColumn
from goalkeeper.kinds import known_for
from goalkeeper.known import EVENTS, READY
from goalkeeper.known import RATE as KNOWN_RATE
from goalkeeper.said import Figure, UnitName, all_of, enumerated, listed, one_of, quoted, say
from goalkeeper.sources.described import column_of
from goalkeeper.sources.notation import EXAMPLES, Notation, TwoWays, folded, is_mark, prove
from goalkeeper.sources.table import BLANKS, NUMBER, Column, ColumnKind, Sample
from goalkeeper.sources.texts import inline
from goalkeeper.units import COUNT, PERCENT, parse_unit
from goalkeeper.words import field_ids

MANY, LONG, MOSTLY, FEW, ONCE = 200, 40, 0.9, 10, 0.8
"""A text tells segments apart where it has no more values than this, is no longer, and is not another in most rows."""
SHOWN = 3
_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")
_THINGS = re.compile(r"(?:^|[\s_-])(?:id|ids|link|url|permalink|uuid|guid|شناسه|لینک)$")
_AVERAGES = re.compile(r"\b(avg|average|mean|median|per|rate|ratio|میانگین|نرخ|متوسط)\b")
_NAMING = frozenset({"metric", "metrics", "kpi", "measure", "indicator", "metric name", "kennzahl", "شاخص", "معیار"})
_NUMBER = frozenset({"value", "values", "number", "amount", "wert", "مقدار", "عدد"})
_COUNTED = re.compile(r"column_\d+")
_LONGEST = 40
"""An id is no longer than this."""
_DURATION = re.compile(r"\d{1,3}:[0-5]\d(:[0-5]\d)?")
_SHARE = re.compile(r"[<>≤≥]?\s*[\d.,٫]+\s*[%٪]")
_READY = say("a ready-made rate; work it out under kpis: from what it is a share of")
NO_NUMBER = (say("which is no number"), say("mend it, or leave it empty"))
"""What is wrong with a cell that is no number, and the cure."""
_DOLLARS = {"$": ("USD", "CAD", "AUD"), "¥": ("JPY", "CNY")}


class Columns(Struct):
    """The columns of a table, and what is said of them."""

    seen: list[SeenColumn] = []
    numbers: dict[str, str] = {}
    """How the numbers of columns are written where a source has to say it, by id."""
    dimensions: list[str] = []
    keys: list[str] = []
    """Columns that name one thing each, such as links, most of them once."""
    decisions: list[Decision] = []
    notes: list[str] = []
    long: dict[str, str] = {}
    """For one number a row: the columns that name and hold it."""
    two_ways: dict[str, tuple[str, str]] = {}
    """For each id of a column whose numbers can be read in two ways: its header, and such a number."""
    named: dict[str, str] = {}
    """Ids that are not the name itself, where rows name what they count."""

    @property
    def renamed(self) -> dict[str, str]:
        """Ids that are not the header itself."""
        if self.long:
            return self.named
        metrics = (c for c in self.seen if c.kind not in {DAY, DIMENSION, TEXT, EMPTY, RATE})
        return {c.id: c.header for c in metrics if c.id is not None and c.id != c.header}


def columns_of(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    day: DayColumn | None,
    others: set[int],
    unread: Mapping[int, SeenColumn] | None = None,
) -> Columns:
    """The columns of a table, from all its rows; *others* are further columns that hold days, *unread* are left alone."""
    found = Columns([], {}, [], [], [], [])
    taken: set[str] = set()
    sample = Sample(dict.fromkeys(headers, "text"), rows, {})
    for place, header in enumerate(headers):
        cells = [row[place] for row in rows]
        if day is not None and place == day.place:
            found.seen.append(
                SeenColumn(header, DAY, example=next((c for c in cells if c.strip()), ""), written=_way(day))
            )
            continue
        if place in (unread or {}):
            found.seen.append(replace((unread or {})[place], example=next((c for c in cells if c.strip()), "")))
            continue
        id_ = _id(header, taken, place)
        column = column_of(id_, header, sample, is_day=False)
        if column.kind is ColumnKind.NUMBER and place not in others and not _names_things(header, cells):
            found.seen.append(_metric(found, column, cells, lines))
            continue
        taken.discard(id_)
        found.seen.append(_text(column, cells, holds_days=place in others))
        if found.seen[-1].kind == DIMENSION:
            found.dimensions.append(header)
        elif found.seen[-1].kind == TEXT and _names_things(header, cells) and _is_once(cells):
            found.keys.append(header)
    if found.two_ways:
        found.decisions.append(_in_two_ways(found.two_ways, found.numbers))
    found.notes += _made_up(found.seen)
    return found


def _made_up(columns: Sequence[SeenColumn]) -> Iterator[str]:
    """That ids stand for headers which none can be made of."""
    ids = [c.id for c in columns if c.id is not None and _COUNTED.fullmatch(c.id) and c.id != c.header]
    if ids:
        yield say(
            "{ids} stands for a header that rules cannot say: write a name of your own in its place, in plain letters"
            if len(ids) == 1
            else "{ids} stand for headers that rules cannot say: write names of your own in their place, in plain letters",
            ids=listed(ids),
        )


def _way(day: DayColumn) -> str:
    return one_of(day.ways) if day.ways else ""


def _metric(found: Columns, column: Column, cells: Sequence[str], lines: Sequence[int]) -> SeenColumn:
    """A column of numbers. How they are written is proven from all its cells, where the first do not tell."""
    notation, example = column.notation, None
    written = [cell for cell in cells if cell.strip() and not is_mark(cell)]
    two_ways = column.two_ways
    odd = [] if two_ways else [cell for cell in written if not _reads(cell, notation)]
    if odd:
        try:
            told = prove(written)
        except TwoWays as both:
            told, two_ways = None, both.example
        if told is not None and all(told.read(cell) is not None for cell in written):
            notation, odd = told, []
            example = _example(told)
    if two_ways is not None:
        found.two_ways[column.id] = column.header, two_ways
        odd = []
    elif example is not None and not (notation and (notation.affixes or notation.percent)):
        found.numbers[column.id] = example
    if odd:
        texts = set(odd)
        there = [(line, cell) for line, cell in zip(lines, cells, strict=True) if cell in texts]
        found.notes.append(odd_cells(column.header, there, NO_NUMBER))
    known = known_for(column.id, column.header)
    percent = notation is not None and notation.percent
    kind, why, weight = "flow", "", None
    if percent or (known and known.kind in {KNOWN_RATE, READY}):
        kind, why = RATE, _READY
    elif known and known.kind == EVENTS:
        kind, why = "flow", say("of single events, most likely: their median is a metric of kind: median")
    elif known:
        kind, weight = known.kind, known.instead or None
    elif _AVERAGES.search(folded(column.header)):
        found.notes.append(
            say(
                "'{header}' looks like an average, and rules would add it up: say what it is under metrics:, "
                "kind: average and weighted_by:, or leave it alone",
                header=column.header,
            )
        )
    unit = PERCENT if percent else (notation.unit if notation else None)
    mark = next((mark for mark, _ in notation.affixes if mark in _DOLLARS), None) if notation else None
    if mark is not None and unit is None:
        question = say("which currency is '{sign}' in '{header}'?", sign=mark, header=column.header)
        found.decisions.append(unit_asked(column.id, question, *_DOLLARS[mark]))
    elif unit is None and kind != RATE and (said := _unit_in(column.header)) is not None:
        question = say("is '{header}' counted in {unit}?", header=column.header, unit=UnitName(said))
        found.decisions.append(unit_asked(column.id, question, said))
    return SeenColumn(
        column.header,
        kind,
        column.id,
        unit,
        weight,
        one_of(("1,234.5", "1.234,5")) if two_ways else written_as(notation),
        next(iter(written), ""),
        why=why,
    )


def odd_cells(header: str, found: Sequence[tuple[int, str]], why: tuple[str, str]) -> str:
    """That a column holds cells that are no numbers, each with its line, and what is wrong with them with its cure."""
    texts = list(dict.fromkeys(cell.strip() for _, cell in found))[:SHOWN]
    return say(
        "'{header}' holds {texts} on line {line}, {fault}: {cure}"
        if len(found) == 1
        else "'{header}' holds {texts} (line {line} is the first of {count}), {fault}: {cure}",
        header=header,
        texts=enumerated(quoted(text[:20]) for text in texts),
        line=found[0][0],
        count=len(found),
        fault=why[0],
        cure=why[1],
    )


def one_number_a_row(found: Columns, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of a table with one number a row, by what names them; None where it is no such table."""
    names = [c for c in found.seen if c.kind == DIMENSION and folded(c.header) in _NAMING]
    numbers = [c for c in found.seen if c.kind not in {DAY, DIMENSION, TEXT, EMPTY, IGNORED}]
    if len(names) != 1 or len(numbers) != 1 or folded(numbers[0].header) not in _NUMBER or numbers[0].written:
        return None
    (naming,), (number,) = names, numbers
    place, at = headers.index(naming.header), headers.index(number.header)
    texts = {row[place]: row[at] for row in reversed(rows)}
    texts = {text: texts[text] for text in dict.fromkeys(row[place] for row in rows)}
    taken: set[str] = set()
    metrics = []
    for count, (text, example) in enumerate(texts.items()):
        id_ = _id(text, taken, count)
        known = known_for(id_, text)
        kind = known.kind if known and known.kind not in {KNOWN_RATE, READY, EVENTS} else "flow"
        weight = known.instead or None if known and kind == "average" else None
        why = say("where '{header}' is '{value}'", header=naming.header, value=text)
        metrics.append(SeenColumn(number.header, kind, id_, weighted_by=weight, example=example, why=why))
    if len(texts) < 2 or any(not text.strip() for text in texts):
        return None
    seen = [replace(c, kind=NAMES, id=None) if c is naming else c for c in found.seen if c is not number]
    return Columns(
        [*seen, *metrics],
        dimensions=[name for name in found.dimensions if name != naming.header],
        notes=found.notes,
        long={"metric": naming.header, "value": number.header},
        named={id_: text for id_, text in zip((c.id for c in metrics), texts, strict=True) if id_ and id_ != text},
    )


def unit_asked(id_: str, question: str, *units: str) -> Decision:
    """That the unit of a metric has to be said, under `metrics:`."""
    return Decision(question, "metrics", tuple((f"{id_}: {{unit: {unit}}}", "") for unit in units), needed=False)


def _unit_in(header: str) -> str | None:
    """The unit that a header ends with, in brackets."""
    found = _BRACKETS.search(header)
    unit = parse_unit(found[1].strip()) if found else None
    return None if unit is None or unit.name in {PERCENT, COUNT} else unit.name


def _names_things(header: str, cells: Sequence[str]) -> bool:
    """Whether a column names one thing in each row, by a number, code or link, most of them once."""
    texts = [cell.strip() for cell in cells if cell.strip()]
    once = _is_once(texts)
    if _THINGS.search(folded(header)):
        return once or all(text.isdigit() and len(text) > 6 for text in texts)
    return once and len(texts) > FEW and sum(text.startswith("http") for text in texts) > MOSTLY * len(texts)


def _is_once(cells: Sequence[str]) -> bool:
    """Whether most texts of a column are there once."""
    texts = [cell.strip() for cell in cells if cell.strip()]
    return len(dict.fromkeys(texts)) > ONCE * len(texts)


def _reads(cell: str, notation: Notation | None) -> bool:
    return notation.read(cell) is not None if notation else NUMBER.fullmatch(cell.strip(BLANKS)) is not None


def written_as(notation: Notation | None, *, usual: str = "", more: str = "") -> str:
    """How numbers are written, in words, and what *more* is said of them; empty where they are written plainly.

    What is *usual* is not said.
    """
    if notation is None:
        return more
    example = _example(notation)
    parts = [
        "" if example is None or example == usual else example,
        *(say("with {sign}", sign=mark) for mark, _ in notation.affixes),
        say("with %" if notation.signed else "out of a hundred") if notation.percent else "",
        "" if notation.is_latin else say("in Persian or Arabic digits"),
        more,
    ]
    return enumerated(filter(None, parts))


def _example(notation: Notation) -> str | None:
    return next((shown for shown, signs in EXAMPLES.items() if signs == (notation.decimal, notation.group)), None)


def _in_two_ways(examples: Mapping[str, tuple[str, str]], numbers: Mapping[str, str]) -> Decision:
    """What numbers mean that can be read in two ways: *examples* has the header and a number for each id."""
    _, example = next(iter(examples.values()))
    digits, plain = re.sub(r"[.,]", "", example), example.replace(",", ".")
    ways = (("1,234.5", digits if "," in example else plain), ("1.234,5", plain if "," in example else digits))
    options = tuple(
        (
            inline({**numbers, **dict.fromkeys(examples, shown)}),
            say("{text} is {value}", text=example, value=Figure(value, value)),
        )
        for shown, value in ways
    )
    said = all_of(say("'{number}' in '{header}'", number=number, header=header) for header, number in examples.values())
    return Decision(say("{what} can be read in two ways", what=said), "numbers", options, needed=False)


def _text(column: Column, cells: Sequence[str], *, holds_days: bool) -> SeenColumn:
    texts = [cell.strip() for cell in cells if cell.strip() and not is_mark(cell)]
    if not texts:
        marks = list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))
        why = say("it holds nothing but '{text}'", text=marks[0]) if marks else say("it is empty")
        return SeenColumn(column.header, EMPTY, example=next(iter(marks), ""), why=why)
    values = len(dict.fromkeys(texts))
    seen = SeenColumn(column.header, TEXT, None, example=column.example or next(iter(texts), ""), values=values)
    if _names_things(column.header, cells):
        return replace(seen, why=say("it names one thing each: no segments"))
    if holds_days:
        return replace(seen, why=say("it holds days, too"))
    if sum(_DURATION.fullmatch(text) is not None for text in texts) > MOSTLY * len(texts):
        why = say("times such as 00:01:44 are read where a format says so: docs/readers.md")
        return replace(seen, why=why)
    shares = sum(_SHARE.fullmatch(text) is not None for text in texts)
    if shares > MOSTLY * len(texts):
        odd = next((text for text in texts if text[0] in "<>≤≥"), None)
        return replace(seen, kind=RATE, values=None, why=_READY if odd is None else _ready_but(odd))
    if values > MANY or (values > MOSTLY * len(texts) and len(texts) > FEW):
        why = say("{values} different texts in {rows} rows: no segments", values=values, rows=len(texts))
        return replace(seen, why=why)
    if sum(map(len, texts)) > LONG * len(texts):
        return replace(seen, why=say("long texts: no segments"))
    return replace(seen, kind=DIMENSION, id=column.header)


def _ready_but(text: str) -> str:
    return say(
        "a ready-made rate; work it out under kpis: from what it is a share of; '{text}' is no number", text=text
    )


@cache
def _names() -> Mapping[str, str]:
    """What people call the metrics of the shipped packs, and their ids."""
    return dict(_labels())


def _labels() -> Iterator[tuple[str, str]]:
    for name in packs.shipped_names():
        for id_, metric in packs.shipped(name).written.metrics.items():
            for text in labels_of(metric.label):
                yield folded(text), id_


def _id(header: str, taken: set[str], place: int) -> str:
    """What rules may call a column: its header, what the field calls it, or its words joined."""
    text = header if _unit_in(header) is None else _BRACKETS.sub("", header)
    own = header if IDENTIFIER.fullmatch(header) else None
    for id_ in (own, _names().get(folded(text)), next(iter(field_ids(text)), None), _joined(text)):
        if id_ and IDENTIFIER.fullmatch(id_) and id_ not in taken:
            taken.add(id_)
            return id_
    id_ = f"column_{place + 1}"
    taken.add(id_)
    return id_


def _joined(header: str) -> str:
    """The words of a header as an id, in plain letters; empty where it has none."""
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    if sum(letter.isalpha() for letter in plain) < sum(letter.isalpha() for letter in header) / 2:
        return ""
    words = re.findall(r"[a-z0-9]+", plain.lower())
    while len("_".join(words)) > _LONGEST:
        words.pop()
    joined = "_".join(words)
    return f"_{joined}" if joined[:1].isdigit() else joined

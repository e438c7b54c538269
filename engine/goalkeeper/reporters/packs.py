"""Packs as text: a list of those that ship, what one of them gives, and its page for the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from goalkeeper.definitions import labels_of, only_of
from goalkeeper.goal_files import FILE_ENDINGS
from goalkeeper.languages import ENGLISH, Shown, isolated, speaking, spoken, tr
from goalkeeper.model import Diagnosis, Kpi, Label, Metric
from goalkeeper.model_packs import Pack
from goalkeeper.model_readers import Reader
from goalkeeper.project import Placed
from goalkeeper.reporters.json_parts import dump
from goalkeeper.reporters.layout import directed, wrap
from goalkeeper.reporters.phrases import words_of
from goalkeeper.reporters.safe import apart, safe
from goalkeeper.said import all_of, enumerated, of_catalogue, say

BETTER = {"up": say("more is better"), "down": say("less is better")}


def listing(packs: Sequence[Placed[Pack]], *, width: int = 80) -> str:
    """The packs with what each is and how much it holds."""
    lines: list[str] = []
    for placed in packs:
        lines.append(tr("{name}: {about}", name=placed.written.pack, about=_counts(placed.written)))
        if spoken() is not ENGLISH:
            lines += wrap(_names(placed.written.label), width, "  ")
        lines += wrap(apart(_own(placed.written.about)), width, "  ")
    return directed("\n".join([*lines, "", tr("goalkeeper packs NAME shows what one of them holds.")])) + "\n"


@speaking("en")
def listing_json(packs: Sequence[Placed[Pack]]) -> str:
    """The list for programs."""
    found = {
        placed.written.pack: {
            "label": _languages(placed.written.label),
            "about": placed.written.about,
            "use": placed.written.use,
            "metrics": len(placed.written.metrics),
            "kpis": len(placed.written.kpis),
            "diagnoses": len(placed.written.diagnoses),
            "readers": len(placed.written.readers),
        }
        for placed in packs
    }
    return dump({"version": 1, "packs": found}, indent=2) + "\n"


@speaking("en")
def pack_json(placed: Placed[Pack]) -> str:
    """A pack as it is written, for programs; what is printed is a pack file itself."""
    return dump(placed.document.data, indent=2) + "\n"


def render(placed: Placed[Pack], *, width: int = 80) -> str:
    """Everything that a pack gives, for the terminal."""
    pack = placed.written
    lines = [*wrap(_title(pack.pack, pack.label), width), *wrap(apart(_own(pack.about)), width)]
    if pack.use:
        lines += wrap(tr("It brings in {packs}, too.", packs=_and(pack.use)), width)
    for title, entries in (
        (tr("KPIs"), [line for name, kpi in pack.kpis.items() for line in _entry(name, kpi, width)]),
        (tr("Metrics"), [line for name, metric in pack.metrics.items() for line in _entry(name, metric, width)]),
        (tr("Diagnoses"), [line for diagnosis in pack.diagnoses for line in _diagnosis(diagnosis, width)]),
        (tr("Readers"), [line for name, reader in pack.readers.items() for line in _reader(name, reader, width)]),
    ):
        if entries:
            lines += ["", title, *entries]
    return directed("\n".join(lines)) + "\n"


def _title(name: str, label: str | Label | None) -> Shown:
    names = _names(label)
    return tr("{name}: {about}", name=name, about=names) if names else safe(name)


def _names(label: str | Label | None) -> Shown:
    """The names of something: in the language that is spoken where it has one in it, else all."""
    own = _languages(label).get(spoken().code) if spoken() is not ENGLISH else None
    return Shown(" · ".join(_shown(text) for text in ([own] if own else labels_of(label))))


def _entry(name: str, entry: Metric | Kpi, width: int) -> Iterator[str]:
    if isinstance(entry, Kpi):
        yield from wrap(tr("{kpi} = {formula}", kpi=name, formula=_formula(entry)), width - 4, "  ", "      ")
    else:
        yield from wrap(tr("{name}: {about}", name=name, about=_taken(entry)), width - 4, "  ", "      ")
    names = _names(entry.label)
    if names:
        yield from wrap(names, width, "    ")
    level = say("level {level}", level=entry.level) if entry.level else ""
    better = BETTER.get(entry.direction or "")
    said = [_own(entry.unit), better, _own(entry.stage), level, _own(entry.aspect)]
    facts = [fact for fact in said if fact]
    if facts:
        yield from wrap(safe(enumerated(facts)), width, "    ")
    yield from wrap(apart(_own(entry.about)), width, "    ")


def _own(text: str | None) -> str:
    """A text of a pack: in the language that is spoken where it has one for it, else as it is written."""
    said = of_catalogue(text or "")
    return said if said.template in spoken().texts else text or ""


def _diagnosis(diagnosis: Diagnosis, width: int) -> Iterator[str]:
    yield from wrap(tr("{name}: {about}", name=diagnosis.id, about=diagnosis.when), width - 4, "  ", "      ")
    for text in (_own(diagnosis.say), _candidates(diagnosis), _own(diagnosis.check)):
        yield from wrap(apart(text), width, "    ")


def _candidates(diagnosis: Diagnosis) -> str:
    if not diagnosis.causes:
        return ""
    return say("Could be: {causes}.", causes=reduce(_or, map(_own, diagnosis.causes)))


def _or(one: str, other: str) -> str:
    return say("{one}; or: {other}", one=one, other=other)


def _reader(name: str, reader: Reader, width: int) -> Iterator[str]:
    yield from wrap(tr("{name}: {about}", name=name, about=_own(reader.about)), width - 4, "  ", "      ")
    yield from wrap(tr("reads {columns}", columns=_and(_columns(reader))), width, "    ")


def _columns(reader: Reader) -> Sequence[str]:
    """The metrics that a reader finds in its files."""
    tables = [column for table in reader.tables.values() for column in table.columns]
    return list(dict.fromkeys([*reader.columns, *tables]))


def _formula(kpi: Kpi) -> str:
    return _only(str(kpi.formula).strip(), kpi)


def _taken(metric: Metric) -> str:
    """How a metric adds up, and what it is taken from where that is not the column of its name."""
    kind = words_of(metric.kind or "flow")
    if metric.percentile is not None:
        kind = say("{kind} {percentile:g}", kind=kind, percentile=metric.percentile)
    if metric.weighted_by is not None:
        kind = say("{kind} weighted by {weight}", kind=kind, weight=metric.weighted_by)
    if metric.count:
        kind = say("counted rows")
    if metric.column:
        kind = say("{kind} of the column {column}", kind=kind, column=metric.column)
    return _only(kind, metric)


def _only(what: str, entry: Metric | Kpi) -> str:
    """What is said of an entry, with the rows that it is of."""
    if not entry.where:
        return what
    where = all_of(str(only_of(dimension, condition)) for dimension, condition in entry.where.items())
    return say("{what}, of {where} alone", what=what, where=where)


def _counts(pack: Pack) -> Shown:
    """How much a pack holds: `4 KPIs, 8 metrics`."""
    kpis, metrics, diagnoses, readers = len(pack.kpis), len(pack.metrics), len(pack.diagnoses), len(pack.readers)
    counted = [
        say("{count} KPI" if kpis == 1 else "{count} KPIs", count=kpis) if kpis else "",
        say("{count} metric" if metrics == 1 else "{count} metrics", count=metrics) if metrics else "",
        say("{count} diagnosis" if diagnoses == 1 else "{count} diagnoses", count=diagnoses) if diagnoses else "",
        say("{count} reader" if readers == 1 else "{count} readers", count=readers) if readers else "",
    ]
    return safe(enumerated(filter(None, counted)) or say("nothing yet"))


def _and(names: Sequence[str]) -> str:
    *others, last = names
    return say("{names} and {last}", names=enumerated(others), last=last) if others else last


def _languages(label: str | Label | None) -> Mapping[str, str]:
    if isinstance(label, Label):
        return {code: text for code, text in (("en", label.en), ("fa", label.fa)) if text}
    return {"en": label} if label else {}


def _shown(text: str) -> str:
    """A name in its own writing direction: one from right to left must not turn what stands around it."""
    return safe(text) if text.isascii() else isolated(safe(text))


# pages


@speaking("en")
def page(placed: Placed[Pack]) -> str:
    """The page of a pack, in Markdown."""
    pack = placed.written
    names = _languages(pack.label)
    lines = [f"# {_md(names.get('en', pack.pack))}", "", _md(pack.about or "")]
    if "fa" in names:
        lines[-1] += f" In Persian: {_shown(names['fa'])}."
    brings = [f"`{name}`" if name.endswith(FILE_ENDINGS) else f"[{name}]({name}.md)" for name in pack.use]
    lines += ["", f"`use: [{pack.pack}]`" + (f" brings in {_and(brings)}, too." if brings else "")]
    if pack.kpis:
        lines += ["", "## KPIs", "", *_table(pack.kpis, "formula"), *_notes(pack.kpis)]
    if pack.metrics:
        lines += ["", "## Metrics", "", *_table(pack.metrics, "adds up as"), *_notes(pack.metrics)]
    if pack.diagnoses:
        lines += ["", "## Diagnoses", ""]
        lines += [
            " ".join(
                [
                    f"- `{one.id}`, when `{one.when}`:",
                    *filter(None, map(_md, (one.say, _candidates(one), one.check or ""))),
                ]
            )
            for one in pack.diagnoses
        ]
    if pack.readers:
        lines += ["", "## Readers", ""]
        for name, reader in pack.readers.items():
            read = _and([f"`{column}`" for column in _columns(reader)])
            lines.append(f"- `{name}`, {_md(reader.about)}. It reads {read}.")
    return "\n".join(lines) + "\n"


@speaking("en")
def index(packs: Sequence[Placed[Pack]]) -> str:
    """The page that leads to those of the packs, in Markdown."""
    lines = [
        "# Packs",
        "",
        "What is known of a field, ready to use: [how](../language.md#packs). Each page is made from its pack.",
        "",
        "| pack | for | holds |",
        "|---|---|---|",
    ]
    for placed in packs:
        pack = placed.written
        lines.append(f"| [{pack.pack}]({pack.pack}.md) | {_md(pack.about or '')} | {_counts(pack)} |")
    return "\n".join(lines) + "\n"


def _table(entries: Mapping[str, Metric] | Mapping[str, Kpi], how: str) -> Iterator[str]:
    yield f"| id | name | Persian | {how} | unit | better | stage | level |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, entry in entries.items():
        names = _languages(entry.label)
        made = f"`{_md(_formula(entry))}`" if isinstance(entry, Kpi) else _md(_taken(entry))
        cells = [
            f"`{name}`",
            _md(names.get("en", "")),
            _shown(names["fa"]) if "fa" in names else "",
            made,
            _md(entry.unit or ""),
            entry.direction or "",
            _md(entry.stage or ""),
            str(entry.level or ""),
        ]
        yield f"| {' | '.join(cells)} |"


def _notes(entries: Mapping[str, Metric] | Mapping[str, Kpi]) -> list[str]:
    notes = [f"- `{name}`: {_md(entry.about)}" for name, entry in entries.items() if entry.about]
    return ["", *notes] if notes else []


def _md(text: str) -> str:
    """A text that Markdown shows as it is."""
    return safe(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")

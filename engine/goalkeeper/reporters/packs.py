"""Packs as text: a list of those that ship, what one of them gives, and its page for the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Sized

from goalkeeper.definitions import labels_of, only_of
from goalkeeper.model import Diagnosis, Kpi, Label, Metric
from goalkeeper.model_packs import Pack
from goalkeeper.model_readers import Reader
from goalkeeper.project import FILE_ENDINGS, Placed
from goalkeeper.reporters.layout import wrap
from goalkeeper.reporters.safe import safe

BETTER = {"up": "more is better", "down": "less is better"}


def listing(packs: Sequence[Placed[Pack]], *, width: int = 80) -> str:
    """The packs with what each is and how much it holds."""
    lines: list[str] = []
    for placed in packs:
        lines.append(f"{safe(placed.written.pack)}: {_counts(placed.written)}")
        lines += wrap(safe(placed.written.about or ""), width, "  ")
    return "\n".join([*lines, "", "goalkeeper packs NAME shows what one of them holds."]) + "\n"


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
    return json.dumps({"version": 1, "packs": found}, indent=2, ensure_ascii=False) + "\n"


def pack_json(placed: Placed[Pack]) -> str:
    """A pack as it is written, for programs; what is printed is a pack file itself."""
    return json.dumps(placed.document.data, indent=2, ensure_ascii=False) + "\n"


def render(placed: Placed[Pack], *, width: int = 80) -> str:
    """Everything that a pack gives, for the terminal."""
    pack = placed.written
    lines = [*wrap(_title(pack.pack, pack.label), width), *wrap(safe(pack.about or ""), width)]
    if pack.use:
        lines += wrap(f"It brings in {_and([safe(name) for name in pack.use])}, too.", width)
    for title, entries in (
        ("KPIs", [line for name, kpi in pack.kpis.items() for line in _entry(name, kpi, width)]),
        ("Metrics", [line for name, metric in pack.metrics.items() for line in _entry(name, metric, width)]),
        ("Diagnoses", [line for diagnosis in pack.diagnoses for line in _diagnosis(diagnosis, width)]),
        ("Readers", [line for name, reader in pack.readers.items() for line in _reader(name, reader, width)]),
    ):
        if entries:
            lines += ["", title, *entries]
    return "\n".join(lines) + "\n"


def _title(name: str, label: str | Label | None) -> str:
    names = " · ".join(_shown(text) for text in labels_of(label))
    return f"{safe(name)}: {names}" if names else safe(name)


def _entry(name: str, entry: Metric | Kpi, width: int) -> Iterator[str]:
    if isinstance(entry, Kpi):
        yield from wrap(f"{safe(name)} = {safe(_formula(entry))}", width - 4, "  ", "      ")
    else:
        yield from wrap(f"{safe(name)}: {safe(_taken(entry))}", width - 4, "  ", "      ")
    names = " · ".join(_shown(text) for text in labels_of(entry.label))
    if names:
        yield from wrap(names, width, "    ")
    said = [entry.unit, BETTER.get(entry.direction or ""), entry.stage, entry.level and f"level {entry.level}"]
    facts = ", ".join(safe(fact) for fact in [*said, entry.aspect] if fact)
    if facts:
        yield from wrap(facts, width, "    ")
    yield from wrap(safe(entry.about or ""), width, "    ")


def _diagnosis(diagnosis: Diagnosis, width: int) -> Iterator[str]:
    yield from wrap(f"{safe(diagnosis.id)}: {safe(diagnosis.when)}", width - 4, "  ", "      ")
    for text in (diagnosis.say, _candidates(diagnosis), diagnosis.check):
        yield from wrap(safe(text or ""), width, "    ")


def _candidates(diagnosis: Diagnosis) -> str:
    return f"Could be: {'; or: '.join(diagnosis.causes)}." if diagnosis.causes else ""


def _reader(name: str, reader: Reader, width: int) -> Iterator[str]:
    yield from wrap(f"{safe(name)}: {safe(reader.about)}", width - 4, "  ", "      ")
    yield from wrap(f"reads {_and([safe(column) for column in _columns(reader)])}", width, "    ")


def _columns(reader: Reader) -> Sequence[str]:
    """The metrics that a reader finds in its files."""
    tables = [column for table in reader.tables.values() for column in table.columns]
    return list(dict.fromkeys([*reader.columns, *tables]))


def _formula(kpi: Kpi) -> str:
    return f"{str(kpi.formula).strip()}{_only(kpi)}"


def _taken(metric: Metric) -> str:
    """How a metric adds up, and what it is taken from where that is not the column of its name."""
    kind = (metric.kind or "flow").replace("_", " ")
    if metric.percentile is not None:
        kind = f"{kind} {metric.percentile:g}"
    if metric.weighted_by is not None:
        kind = f"{kind} weighted by {metric.weighted_by}"
    if metric.count:
        kind = "counted rows"
    if metric.column:
        kind = f"{kind} of the column {metric.column}"
    return f"{kind}{_only(metric)}"


def _only(entry: Metric | Kpi) -> str:
    where = " and ".join(str(only_of(dimension, condition)) for dimension, condition in entry.where.items())
    return f", of {where} alone" if where else ""


def _counts(pack: Pack) -> str:
    """How much a pack holds: `4 KPIs, 8 metrics`."""
    sizes: dict[str, Sized] = {
        "KPI": pack.kpis,
        "metric": pack.metrics,
        "diagnosis": pack.diagnoses,
        "reader": pack.readers,
    }
    many = {"diagnosis": "diagnoses"}
    counted = [
        f"{len(entries)} {noun if len(entries) == 1 else many.get(noun, f'{noun}s')}"
        for noun, entries in sizes.items()
        if entries
    ]
    return ", ".join(counted) or "nothing yet"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _languages(label: str | Label | None) -> Mapping[str, str]:
    if isinstance(label, Label):
        return {code: text for code, text in (("en", label.en), ("fa", label.fa)) if text}
    return {"en": label} if label else {}


def _shown(text: str) -> str:
    """A name in its own writing direction: one from right to left must not turn what stands around it."""
    return safe(text) if text.isascii() else f"\u2068{safe(text)}\u2069"


# pages


def page(placed: Placed[Pack]) -> str:
    """The page of a pack, in Markdown."""
    pack = placed.written
    names = _languages(pack.label)
    lines = [f"# {_md(names.get('en', pack.pack))}", "", _md(pack.about or "")]
    if "fa" in names:
        lines[-1] += f" In Persian: {_shown(names['fa'])}."
    brings = _and([f"`{name}`" if name.endswith(FILE_ENDINGS) else f"[{name}]({name}.md)" for name in pack.use])
    lines += ["", f"`use: [{pack.pack}]`" + (f" brings in {brings}, too." if brings else "")]
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

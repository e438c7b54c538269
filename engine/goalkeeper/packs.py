"""The packs that goal files use: found, read, and brought together under one name for each thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper import documents
from goalkeeper.dates import days_in
from goalkeeper.definitions import IDENTIFIER, labels_of
from goalkeeper.documents import Document, barred
from goalkeeper.formula import Formula
from goalkeeper.formula import parse as parse_formula
from goalkeeper.goal_files import FILE_ENDINGS
from goalkeeper.kinds import ask_more, known_for, too_large
from goalkeeper.model import Kpi
from goalkeeper.model_packs import Pack
from goalkeeper.model_readers import Reader
from goalkeeper.paths import Allowed, is_too_long, real
from goalkeeper.problems import Problem, Related, Span, did_you_mean, errors, suggest
from goalkeeper.project import SHIPPED, Offers, Placed, Project, is_pack, placed_model
from goalkeeper.said import meant, say
from goalkeeper.schema import PACK_SCHEMA_FILE
from goalkeeper.times import misplaced, timed_of
from goalkeeper.units import MONEY, parse_unit, unit_help
from goalkeeper.words import fold

SECTIONS = ("metrics", "kpis")


def shipped_names() -> tuple[str, ...]:
    """The names of the packs that come with goalkeeper, in order."""
    folder = files("goalkeeper.rules").joinpath("packs")
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


@cache
def shipped(name: str) -> Placed[Pack]:
    """The shipped pack of this name."""
    file = f"packs/{name}.yaml"
    text = files("goalkeeper.rules").joinpath(file).read_text(encoding="utf-8")
    document, problems = documents.parse(text, f"{SHIPPED}{file}")
    pack, more = model_of(document) if document else (None, [])
    if pack is None:
        raise AssertionError(f"the shipped pack {name} does not read: {[*problems, *more]}")
    return pack


def pack_of(phrase: str) -> str | None:
    """The shipped pack that has a KPI of this name or label."""
    wanted = fold(phrase)
    for name in shipped_names():
        for kpi_id, kpi in shipped(name).written.kpis.items():
            if wanted in {fold(text) for text in (kpi_id, *labels_of(kpi.label))}:
                return name
    return None


def read_file(path: FilePath) -> tuple[Placed[Pack] | None, list[Problem]]:
    """The pack file at *path*, and everything that is wrong with it."""
    document, problems = documents.read(path, path.as_posix())
    if document is None or errors(problems):
        return None, problems
    if not is_pack(document) and isinstance(document.data, dict) and "goals" in document.data:
        help_ = say("a pack has metrics:, kpis: and diagnoses: under its own name, pack:, and no goals")
        what = say("'{file}' is a goal file, and no pack", file=document.file)
        return None, [Problem("GK114", what, document.at(()), help_)]
    pack, found = model_of(document)
    return pack, [*problems, *found, *(_faults(pack) if pack else ())]


def found(name: str) -> tuple[Placed[Pack] | None, list[Problem]]:
    """The shipped pack of this name or the pack file at this path, and what is wrong with it."""
    if _is_path(name):
        return read_file(FilePath(name))
    return (shipped(name), []) if name in shipped_names() else (None, [_unknown(name, None)])


def _is_path(name: str) -> bool:
    return name.lower().endswith(FILE_ENDINGS)


def _unknown(name: str, place: Span | None) -> Problem:
    near = suggest(name, shipped_names())
    if near:
        help_ = meant(near)
    else:
        own = f"./{name}.yaml"
        help_ = say("a pack of your own is named by its file: {file}; goalkeeper packs lists those that ship", file=own)
    return Problem("GK209", say("unknown pack '{name}'", name=name), place, help_)


def model_of(document: Document) -> tuple[Placed[Pack] | None, list[Problem]]:
    """The pack that a document is, or what is wrong with its shape."""
    return placed_model(Pack, document, PACK_SCHEMA_FILE)


def _faults(pack: Placed[Pack]) -> Iterator[Problem]:
    """What is wrong with the entries of a pack whatever data it will meet."""
    metrics, kpis = pack.written.metrics, pack.written.kpis
    for section, entries in (("metrics", metrics), ("kpis", kpis)):
        for name, entry in entries.items():
            placed: Placed[Any] = pack.part(section, name)
            if not IDENTIFIER.fullmatch(name):
                what = say(
                    "'{name}' cannot be the id of a metric"
                    if section == "metrics"
                    else "'{name}' cannot be the id of a kpi",
                    name=name,
                )
                help_ = say("use letters a to z, digits and underscores, and put what people call it under label:")
                yield Problem("GK208", what, placed.at(key=True), help_)
            in_money = section == "kpis" and entry.unit == MONEY
            if entry.unit is not None and not in_money and parse_unit(entry.unit) is None:
                what = say("'{unit}' is no unit", unit=entry.unit)
                yield Problem("GK215", what, placed.at("unit"), unit_help(entry.unit))
    readers = pack.written.readers
    for name, reader in readers.items():
        if reader.like is not None:  # a reader that was found is united with it
            whole = [other for other, one in readers.items() if one.like is None]
            near = did_you_mean(reader.like, whole) if reader.like not in readers else ""
            place = pack.part("readers", name).at("like")
            yield Problem(
                "GK209",
                say(
                    "'{name}' is like '{other}', which is no reader of this pack that says everything itself",
                    name=name,
                    other=reader.like,
                ),
                place,
                near or say("name one that is like no other"),
            )
        yield from _row_formulas(pack.part("readers", name))
    for name, metric in metrics.items():
        placed = pack.part("metrics", name)
        if name in kpis:
            help_ = say("give one of them another name")
            place = pack.document.at(("kpis", name), key=True)
            yield Problem("GK207", say("'{name}' is a metric and a KPI", name=name), place, help_)
        known = known_for(name, metric.column)
        found: list[Problem] = []
        days_in(metric.max_age, placed.at("max_age"), found)
        yield from found
        yield from ask_more(name, placed, metric.kind or (known.kind if known and not metric.count else "flow"), 1)
        yield from timed_of(name, placed, {}).problems
    for name, kpi in kpis.items():
        parsed = parse_formula(str(kpi.formula))
        if not isinstance(parsed, Formula):
            yield from pack.part("kpis", name).problems("formula", parsed)
        yield from misplaced(kpi.where, pack.part("kpis", name))
    for number, diagnosis in enumerate(pack.written.diagnoses):
        parsed = parse_formula(diagnosis.when)
        if not isinstance(parsed, Formula):
            yield from pack.part("diagnoses", number).problems("when", parsed)


def _row_formulas(reader: Placed[Reader]) -> Iterator[Problem]:
    """What reads as no formula over the cells of one row."""
    from goalkeeper.sources.cell_numbers import row_formula  # few projects have readers of their own

    written = reader.written
    tables = [(("tables", name, "columns"), table.columns) for name, table in written.tables.items()]
    for path, columns in ((("columns",), written.columns), *tables):
        for name, column in columns.items():
            if column.per_row is not None and row_formula(column.per_row) is None:
                yield Problem(
                    "GK204",
                    say("'{formula}' is no formula over the cells of a row", formula=column.per_row[:60]),
                    reader.at(*path, name, "per_row"),
                    say("it may hold ids of columns, numbers, + - * / ( ) and A if B else C"),
                )


def with_packs(project: Project) -> tuple[Project, list[Problem]]:
    """*project* with the packs that its files use, and what is wrong with these."""
    opening = _Opening(project.allowed)
    for file in project.files:
        for number, name in enumerate(file.written.use):
            opening.use(name, file, file.at("use", number), ())
    packs = opening.in_order()
    problems = [*opening.problems, *_clashes(project, opening)]
    # What is in a pack that was not read may be named anywhere: nothing that is not known is wrong then.
    lost = project.lost | ({"metrics", "kpis"} if errors(opening.problems) else set())
    offers = _offers(project, packs)
    if any(not pack.document.file.startswith(SHIPPED) for pack in packs):
        wrong = dict(too_large(_formulas(offers.kpis), offers.kpis))
        problems += wrong.values()
        offers = replace(offers, kpis={name: kpi for name, kpi in offers.kpis.items() if name not in wrong})
    return replace(project, lost=lost, packs=packs, offers=offers), problems


def _formulas(kpis: Mapping[str, Placed[Kpi]]) -> dict[str, Formula]:
    read = {name: parse_formula(str(kpi.written.formula)) for name, kpi in kpis.items()}
    return {name: formula for name, formula in read.items() if isinstance(formula, Formula)}


class _Opened(Struct):
    """A pack that was read, where a goal file led to it, and the packs that it uses, directly or not."""

    pack: Placed[Pack]
    place: Span
    uses: set[str] = field(default_factory=set)


class _Opening(Struct):
    """Reads packs, each once, and those that they use; packs are told apart by their name or file."""

    allowed: Allowed = Allowed()
    opened: dict[str, _Opened] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def use(self, name: str, user: Placed[Any], root: Span, way: tuple[str, ...]) -> str | None:
        """Read the pack that *user* names, and return by what it is told apart; None when there is none."""
        place = user.at("use", user.written.use.index(name))
        path = user.folder / name if _is_path(name) else None
        if path is not None:
            # What a pack uses is read for the goal file that uses the pack: its own repository opens no others.
            bar = barred(name, path, FilePath(root.file).parent, place, self.allowed)
            if bar is not None:
                self.problems.append(bar)
                return None
        key = (real(path) or path).as_posix() if path else name
        if key in way:
            circle = [self.opened[one].pack.written.pack for one in (*way[way.index(key) :], key)]
            message = say("packs use each other in a circle: {circle}", circle=" -> ".join(circle))
            self.problems.append(Problem("GK217", message, place, say("take one of them out of use:")))
            return None
        if key in self.opened:
            return key
        pack = None if key in self.refused else self._read(name, path, place)
        if pack is None:
            self.refused.add(key)
            return None
        opened = self.opened[key] = _Opened(pack, root)
        for other in pack.written.use:
            found = self.use(other, pack, root, (*way, key))
            if found is not None:
                opened.uses |= {found, *self.opened[found].uses}
        return key

    def _read(self, name: str, path: FilePath | None, place: Span) -> Placed[Pack] | None:
        if path is None:
            if name in shipped_names():
                return shipped(name)
            self.problems.append(_unknown(name, place))
            return None
        if is_too_long(path) or not path.exists():
            message = say("there is no pack file '{file}'", file=path.as_posix())
            self.problems.append(Problem("GK114", message, place, say("paths are read from the folder of this file")))
            return None
        pack, problems = read_file(path)
        self.problems += [p if p.span else replace(p, span=place) for p in problems]
        return pack

    def in_order(self) -> tuple[Placed[Pack], ...]:
        """The packs, each before those that it uses."""
        by_reach = sorted(self.opened.values(), key=lambda opened: -len(opened.uses))
        return tuple(opened.pack for opened in by_reach)


def _offers(project: Project, packs: Iterable[Placed[Pack]]) -> Offers:
    """What the packs give, the first that gives a name for all; what goal files say under a name is not among it."""
    own = {*project.metrics(), *project.kpis()}
    told = {placed.written.id for placed in project.diagnoses()}
    entries: dict[str, dict[str, Placed[Any]]] = {section: {} for section in SECTIONS}
    diagnoses: list[Placed[Any]] = []
    origin: dict[str, str] = {}
    units: dict[str, str] = {}
    for pack in packs:
        for section in SECTIONS:
            for name in getattr(pack.written, section):
                if name not in own and name not in origin:
                    entries[section][name] = pack.part(section, name)
                    origin[name] = pack.written.pack
        for name, metric in pack.written.metrics.items():
            if name in own and metric.unit not in {None, MONEY}:
                units.setdefault(name, metric.unit)
        for number, diagnosis in enumerate(pack.written.diagnoses):
            if diagnosis.id not in told:
                diagnoses.append(pack.part("diagnoses", number))
                told.add(diagnosis.id)
    return Offers(entries["metrics"], entries["kpis"], tuple(diagnoses), origin, units)


def _clashes(project: Project, opening: _Opening) -> Iterator[Problem]:
    """Names that two packs give differently, where neither uses the other and no goal file decides."""
    decided = {*project.metrics(), *project.kpis(), *(placed.written.id for placed in project.diagnoses())}
    givers: dict[str, list[str]] = {}
    for key, opened in opening.opened.items():
        for name in _entries(opened.pack):
            givers.setdefault(name, []).append(key)
    for name, keys in givers.items():
        if name in decided or len(keys) < 2:
            continue
        used = {key for giver in keys for key in opening.opened[giver].uses}
        last = [opening.opened[key] for key in keys if key not in used]
        first, *others = [(opened, *_entries(opened.pack)[name]) for opened in last]
        for other, entry, place in others:
            if entry != first[1]:
                one, two = first[0].pack.written.pack, other.pack.written.pack
                section = "diagnoses" if isinstance(place.path[-1], int) else str(place.path[0])
                yield Problem(
                    "GK207",
                    say("the packs '{one}' and '{two}' give '{name}' differently", one=one, two=two, name=name),
                    other.place,
                    say("say in this file what it is, under {key}, or use one of the two", key=f"{section}:"),
                    related=tuple(
                        Related(say("in '{pack}'", pack=pack), giver.at(key=True))
                        for pack, giver in ((one, first[2]), (two, place))
                    ),
                )


def _entries(pack: Placed[Pack]) -> Mapping[str, tuple[Any, Placed[Any]]]:
    """Everything of a pack that has an id, with its place."""
    found: dict[str, tuple[Any, Placed[Any]]] = {}
    for section in SECTIONS:
        for name, entry in getattr(pack.written, section).items():
            found[name] = (entry, pack.part(section, name))
    for number, diagnosis in enumerate(pack.written.diagnoses):
        found.setdefault(diagnosis.id, (diagnosis, pack.part("diagnoses", number)))
    return found

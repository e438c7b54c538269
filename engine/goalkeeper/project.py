"""The goal files of one run, read and checked for shape: everything written, each thing with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct, field
from pydantic import ValidationError

from goalkeeper import documents
from goalkeeper.documents import Document
from goalkeeper.formula_faults import Fault
from goalkeeper.goal_files import goal_files, no_goal_file
from goalkeeper.limits import ENTRIES, PROBLEMS, RUN_RULES, SOURCES
from goalkeeper.model import Annotation, Break, Diagnosis, Goal, GoalFile, Kpi, Metric, Waiver
from goalkeeper.model_base import Written
from goalkeeper.model_sources import Source
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.problems import Problem, Related, Span, told
from goalkeeper.said import say
from goalkeeper.salvage import EVERYTHING, salvage
from goalkeeper.schema import explain
from goalkeeper.syntax import Path

if TYPE_CHECKING:
    from goalkeeper.model_packs import Pack  # a project that uses no pack needs no model of one

T = TypeVar("T")
W = TypeVar("W", bound=Written)

SHIPPED = "goalkeeper/rules/"
"""Where the files of packs that ship are, as places name them."""
ENTRIES_OF = ("metrics", "kpis", "goals", "diagnoses", "waivers", "annotations", "breaks")


class Placed(Struct, Generic[T], frozen=True):
    """Something written, and where."""

    written: T
    document: Document
    path: Path

    def at(self, *path: str | int, key: bool = False, offset: int | None = None, length: int = 1) -> Span:
        """The place of a part of it; with *offset*, of some characters of a text."""
        return self.document.at((*self.path, *path), key=key, offset=offset, length=length)

    def problems(self, key: str, faults: Iterable[Fault]) -> Iterator[Problem]:
        """What is wrong in the text at *key*, each where it stands."""
        for fault in faults:
            yield Problem(fault.code, fault.message, self.at(key, offset=fault.offset, length=fault.length), fault.help)

    def part(self, *path: str | int) -> Placed[Any]:
        """Something inside of it, such as a metric of a file."""
        found: Any = self.written
        for one in path:
            found = getattr(found, str(one)) if isinstance(found, Written) else found[one]
        return Placed(found, self.document, (*self.path, *path))

    @property
    def folder(self) -> FilePath:
        """What paths in it are relative to."""
        return FilePath(self.document.file).parent


class Offers(Struct, frozen=True):
    """What the packs in use give, without what goal files say themselves."""

    metrics: Mapping[str, Placed[Metric]] = field(default_factory=dict)
    kpis: Mapping[str, Placed[Kpi]] = field(default_factory=dict)
    diagnoses: tuple[Placed[Diagnosis], ...] = ()
    packs: Mapping[str, str] = field(default_factory=dict)
    """The pack that each metric and KPI is from."""
    units: Mapping[str, str] = field(default_factory=dict)
    """What metrics are counted in, by the packs, where goal files declare them without a word on it."""


class Project(Struct, frozen=True):
    """All goal files of one run. Of files with mistakes of shape it holds what is whole."""

    files: tuple[Placed[GoalFile], ...]
    lost: frozenset[str] = frozenset()
    """The sections with parts that were left out: what refers to these may be right."""
    partial: frozenset[tuple[str, Path]] = frozenset()
    """The goals with parts that were left out, by file and path."""
    packs: tuple[Placed[Pack], ...] = ()
    """The packs in use, each before those that it uses itself."""
    offers: Offers = Offers()
    allowed: Allowed = Allowed()
    """What the run may do that reads them."""

    @property
    def lost_names(self) -> frozenset[str]:
        """The sections with lost parts that give names to rules and formulas."""
        return self.lost - {"goals"}

    @property
    def sha256(self) -> str:
        """The SHA-256 of what stands in all files, packs included."""
        written = [*(file.document for file in self.files), *(pack.document for pack in self.packs)]
        return sha256("\0".join(one.text or repr(one.data) for one in written).encode("utf-8", "replace")).hexdigest()

    @property
    def settings(self) -> Placed[GoalFile]:
        """The file whose `defaults` and `gate` hold: the first that says any, else the first."""
        return self.saying("defaults", "gate") or self.files[0]

    def saying(self, *settings: str) -> Placed[GoalFile] | None:
        """The first file that says one of these settings."""
        return next((file for file in self.files if file.written.model_fields_set & {*settings}), None)

    def goals(self) -> Iterator[Placed[Goal]]:
        """The goals in the order in which they are written."""
        return self._listed("goals")

    def diagnoses(self) -> Iterator[Placed[Diagnosis]]:
        """The diagnoses in the order in which they are written."""
        return self._listed("diagnoses")

    def waivers(self) -> Iterator[Placed[Waiver]]:
        """The waivers in the order in which they are written."""
        return self._listed("waivers")

    def annotations(self) -> Iterator[Placed[Annotation]]:
        """The annotations in the order in which they are written."""
        return self._listed("annotations")

    def levels(self) -> dict[str, str]:
        """The level of each advice, by code."""
        levels: dict[str, str] = (self.saying("lint") or self.files[0]).written.lint.model_dump()
        return levels

    def breaks(self) -> Iterator[Placed[Break]]:
        """The declared breaks in the order in which they are written."""
        return self._listed("breaks")

    @property
    def uses_packs(self) -> bool:
        """Whether a file uses any pack."""
        return any(file.written.use for file in self.files)

    def sources(self) -> dict[str, Placed[Source]]:
        """The sources by name."""
        return dict(self._named("sources"))

    def metrics(self) -> dict[str, Placed[Metric]]:
        """The metrics that goal files declare, by id."""
        return dict(self._named("metrics"))

    def described_metrics(self) -> dict[str, Placed[Metric]]:
        """The metrics that goal files declare or packs describe, by id."""
        return {**self.offers.metrics, **self.metrics()}

    def kpis(self) -> dict[str, Placed[Kpi]]:
        """The KPIs that goal files declare, by id."""
        return dict(self._named("kpis"))

    def readers(self) -> dict[str, Placed[Any]]:
        """The readers of the packs in use, by the name of the format."""
        return {name: pack.part("readers", name) for pack in reversed(self.packs) for name in pack.written.readers}

    def _listed(self, section: str) -> Iterator[Placed[Any]]:
        for file in self.files:
            for place, entry in enumerate(getattr(file.written, section)):
                yield Placed(entry, file.document, (section, place))

    def _named(self, section: str) -> Iterator[tuple[str, Placed[Any]]]:
        for file in self.files:
            entries: Mapping[str, Any] = getattr(file.written, section)
            for name, entry in entries.items():
                yield name, Placed(entry, file.document, (section, name))


def load(
    paths: Sequence[FilePath], *, against_schema: bool, allowed: Allowed = USUAL
) -> tuple[Project | None, list[Problem]]:
    """The goal files at *paths* (files, or folders of them), and everything that is wrong with their shape.

    With *against_schema* the published JSON Schema is asked even about files that the model accepts.
    """
    allowed = allowed.with_folders(paths)
    found: list[Problem] = []
    files: list[Placed[GoalFile]] = []
    lost: set[str] = set()
    partial: set[tuple[str, Path]] = set()
    for path in paths:
        inside = goal_files(path, found, allowed)
        packs = 0
        for file in inside:
            document, problems = documents.read(file, file.as_posix())
            found.extend(problems)
            if document is not None and is_pack(document):
                packs += 1
                if not path.is_dir():
                    found.append(_a_pack(document, path))
                continue
            read, problems = read_model(document, against_schema=against_schema) if document else (None, [])
            found.extend(problems)
            if read is None:
                lost |= EVERYTHING
            else:
                files.extend(read.files)
                lost |= read.lost
                partial |= read.partial
        if inside and packs == len(inside) and path.is_dir():
            found.append(no_goal_file(path))
    if any(problem.code == "GK114" for problem in found):
        lost |= EVERYTHING
    if files:
        found += [*_said_twice(files), *_too_many(files), *_too_many_rules(files)]
    project = Project(tuple(files), frozenset(lost), frozenset(partial), allowed=allowed)
    return (project if files else None), found


def is_pack(document: Document) -> bool:
    """Whether a file is a pack, which goal files use, and no goal file itself."""
    return isinstance(document.data, dict) and "pack" in document.data and "goals" not in document.data


def _a_pack(document: Document, path: FilePath) -> Problem:
    return Problem(
        "GK114",
        say("'{file}' is a pack, and no goal file", file=document.file),
        document.at(("pack",), key=True),
        say("name it in a goal file: {text}", text=f"use: [./{path.name}]"),
    )


def read_model(document: Document, *, against_schema: bool) -> tuple[Project | None, list[Problem]]:
    """The project of one document, and everything that is wrong with its shape."""
    try:
        model = GoalFile.model_validate(document.data)
    except ValidationError as refusal:
        problems = explain(document) or _unexplained(refusal, document)
    else:
        problems = explain(document) if against_schema else []
        if not problems:
            return Project((Placed(model, document, ()),)), []
    return (None if len(problems) > PROBLEMS else _whole_of(document)), problems


def _whole_of(document: Document) -> Project | None:
    found = salvage(document)
    if found is None:
        return None
    try:
        model = GoalFile.model_validate(found.document.data)
    except ValidationError:
        return None
    partial = frozenset((document.file, path) for path in found.partial)
    return Project((Placed(model, found.document, ()),), found.lost, partial)


def placed_model(model: type[W], document: Document, schema_file: str) -> tuple[Placed[W] | None, list[Problem]]:
    """What a document is as a *model*, or what is wrong with its shape by the schema of it."""
    try:
        return Placed(model.model_validate(document.data), document, ()), []
    except ValidationError as refusal:
        return None, explain(document, schema_file) or _unexplained(refusal, document)


def _unexplained(refusal: ValidationError, document: Document) -> list[Problem]:
    """What the model refused and the schema did not: a fault of ours, said as well as it can be."""
    return told(Problem("GK112", _words_of(e), document.at(tuple(e["loc"]))) for e in refusal.errors())


def _words_of(refused: Mapping[str, Any]) -> str:
    """What a validator of ours said, else what pydantic says itself."""
    own = refused.get("ctx", {}).get("error")
    return say("Value error, {what}", what=str(own)) if isinstance(own, ValueError) else str(refused["msg"])


def _too_many(files: Sequence[Placed[GoalFile]]) -> Iterator[Problem]:
    """Sections that hold more in all files together than one file may."""
    for section in (*ENTRIES_OF, "sources") if len(files) > 1 else ():
        most, seen = SOURCES if section == "sources" else ENTRIES, 0
        for file in files:
            seen += len(getattr(file.written, section))
            if seen > most:
                what = say("'{name}' has more than {most:,} entries in all files of the run", name=section, most=most)
                place = file.document.at((section,), key=True)
                yield Problem("GK106", what, place, say("judge fewer files in one run"))
                break


def _too_many_rules(files: Sequence[Placed[GoalFile]]) -> Iterator[Problem]:
    seen = 0
    for file in files:
        for number, goal in enumerate(file.written.goals):
            seen += len(goal.rules) or 1
            if seen > RUN_RULES:
                what = say("the goals up to this one have more than {most:,} rules", most=RUN_RULES)
                place = file.document.at(("goals", number))
                yield Problem("GK106", what, place, say("judge fewer goals in one run"))
                return


def _said_twice(files: Sequence[Placed[GoalFile]]) -> Iterator[Problem]:
    """Names that two files give, and settings that two files make."""
    for section in ("sources", "metrics", "kpis"):
        first: dict[str, Span] = {}
        for file in files:
            for name in getattr(file.written, section):
                place = file.document.at((section, name), key=True)
                if name in first:
                    yield Problem(
                        "GK207",
                        say("'{name}' is in two files", name=name),
                        place,
                        help=say("give one of them another name, or take it out"),
                        related=(Related(say("first written here"), first[name]),),
                    )
                first.setdefault(name, place)
    for setting in ("defaults", "gate", "lint", "report", "stages"):
        saying = [file for file in files if setting in file.written.model_fields_set]
        for file in saying[1:]:
            if getattr(file.written, setting) != getattr(saying[0].written, setting):
                yield Problem(
                    "GK207",
                    say("'{setting}' differs between two files of one run", setting=setting),
                    file.document.at((setting,), key=True),
                    help=say("say it once"),
                    related=(Related(say("first written here"), saying[0].document.at((setting,), key=True)),),
                )

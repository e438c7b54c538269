"""What a project asks its report to say besides verdicts: which sections, and the stages of its funnel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from goalkeeper.definitions import Catalogue
from goalkeeper.model import GoalFile
from goalkeeper.model_report import Stage as WrittenStage
from goalkeeper.problems import Problem, Related, Span, did_you_mean
from goalkeeper.project import Placed, Project
from goalkeeper.said import say
from goalkeeper.units import COUNT
from goalkeeper.unknown import unknown_phrase, use_problem

FUNNEL = ("awareness", "consideration", "inquiry", "conversion", "retention", "loyalty")
"""The stages of the funnel where a file does not say its own."""
BESIDE = ("service", "economics")
"""What else KPIs may be about, on no way of a customer."""


class Stage(Struct, frozen=True):
    """A stage of the funnel, and the count that stands for it where it is said."""

    name: str
    volume: str | None = None


class Report(Struct, frozen=True):
    """The sections that are asked for, in order, and what they need to know."""

    sections: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = tuple(map(Stage, FUNNEL))
    platforms: Mapping[str, str] = field(default_factory=dict)
    """The platform of each source that says it."""


def report_of(project: Project, catalogue: Catalogue, problems: list[Problem]) -> Report:
    """The report of a run: that of the one file that says any; what is wrong with it goes to *problems*."""
    asking = project.saying("report")
    telling = project.saying("stages")
    stages = tuple(_stages(telling, catalogue, problems)) if telling is not None else tuple(map(Stage, FUNNEL))
    problems += _unknown_stages(project, [stage.name for stage in stages])
    sources = project.sources().items()
    platforms = {name: placed.written.platform for name, placed in sources if placed.written.platform is not None}
    return Report(tuple(dict.fromkeys(asking.written.report)) if asking else (), stages, platforms)


def _stages(placed: Placed[GoalFile], catalogue: Catalogue, problems: list[Problem]) -> Iterator[Stage]:
    taken: dict[str, Span] = {}
    for number, written in enumerate(placed.written.stages or ()):
        entry = written if isinstance(written, WrittenStage) else WrittenStage(stage=written)
        place = placed.at("stages", number, "stage") if written is entry else placed.at("stages", number)
        if entry.stage in taken:
            related = (Related(say("first written here"), taken[entry.stage]),)
            text = say("the stage '{stage}' is written twice", stage=entry.stage)
            problems.append(Problem("GK207", text, place, say("take one out"), related=related))
            continue
        taken[entry.stage] = place
        volume = None
        if entry.volume is not None:
            volume = _volume(entry.volume, catalogue, placed.at("stages", number, "volume"), problems)
        yield Stage(entry.stage, volume)


def _volume(name: str, catalogue: Catalogue, place: Span, problems: list[Problem]) -> str | None:
    """The count that a stage names, when it is one."""
    found = catalogue.names.id_of(name)
    if found is None or found not in catalogue.definitions:
        if not catalogue.names.open:
            problems.append(unknown_phrase(name, place, catalogue))
        return None
    problem = use_problem(found, catalogue.definitions[found], place)
    if problem is None and not is_volume(catalogue, found) and not catalogue.names.open:
        text = say("those who come to a stage are a count that adds up, and '{name}' is none", name=name)
        problem = Problem("GK213", text, place, say("name a count, such as impressions, clicks or orders"))
    if problem is not None:
        problems.append(problem)
        return None
    return found


def is_volume(catalogue: Catalogue, name: str) -> bool:
    """Whether a metric or KPI counts those who come to a stage: a count that adds up over days."""
    return catalogue.adds_up(name) and catalogue.unit(name) in {None, COUNT}


def _unknown_stages(project: Project, stages: list[str]) -> Iterator[Problem]:
    """Stages that goals, metrics and KPIs of the goal files say, and that there are none of."""
    known = {*stages, *BESIDE}
    written: list[Placed[Any]] = [*project.goals(), *project.metrics().values(), *project.kpis().values()]
    for placed in written:
        stage = placed.written.stage
        if stage is not None and stage not in known:
            near = did_you_mean(stage, known)
            help_ = say(
                "{near} or add it under stages:" if near.endswith("?") else "{near}; or add it under stages:", near=near
            )
            yield Problem("GK209", say("unknown stage '{stage}'", stage=stage), placed.at("stage"), help_)

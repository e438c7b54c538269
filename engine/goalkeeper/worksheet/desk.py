"""Answers held against the numbers as they are typed: a rule must read, a period must exist, a channel must have rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import documents, lint, project, sentence
from goalkeeper.calendar import Window
from goalkeeper.definitions import Catalogue, KpiDefinition, stands_for_any
from goalkeeper.meaning import Goal, Meaning
from goalkeeper.packs import with_packs
from goalkeeper.paths import Allowed, fixed
from goalkeeper.placement import place_of
from goalkeeper.problems import Problem, Severity, did_you_mean, errors, in_order
from goalkeeper.project import Project
from goalkeeper.reduction import Engine
from goalkeeper.report import FUNNEL
from goalkeeper.running import meant
from goalkeeper.said import say
from goalkeeper.sources.table import Table
from goalkeeper.statements import Change, KpiRule, LastYear, PreviousPeriod, Rule, ToLevel, levels_of
from goalkeeper.tables import opened_tables
from goalkeeper.unknown import use_problem
from goalkeeper.words import Names, Piece
from goalkeeper.worksheet.answers import read_period
from goalkeeper.worksheet.sheet import Entry, Fault, Sheet, text_of

TOPICS = (
    "audience",
    "engagement",
    "conversion",
    "paid-media",
    "search",
    "customer-care",
    "voice",
    "retention",
    "economics",
)
"""The packs whose KPIs are offered where the data has what they are made of."""
NOT_YET = frozenset({"GK401"})
"""What is said of a goal whose period is asked for later."""


class Measure(Struct, frozen=True):
    """A rule without its days, and the days that its sentence names: a period, or the end or length of one."""

    rule: str
    period: str | Mapping[str, str] | None = None
    remarks: tuple[str, ...] = ()


class Read(Struct, frozen=True):
    """A worksheet as the goal file that it makes is read."""

    project: Project
    catalogue: Catalogue
    meaning: Meaning
    problems: tuple[Problem, ...]


class Desk(Struct):
    """Where a worksheet lies while it is filled in: `place` is the file that it will be."""

    place: Path
    tables: Mapping[str, Table]
    engine: Engine | None = None

    @classmethod
    def over(cls, sheet: Sheet, place: Path) -> Desk:
        """A desk for the data of *sheet*.

        Raises:
            Fault: when the data cannot be read as the answers say.
        """
        written, problems = _project(sheet, place)
        opened = opened_tables(written, needed=True) if written is not None else None
        wrong = errors([*problems, *(opened.problems if opened else ())])
        if opened is None or wrong:
            raise Fault(wrong[0].message, wrong[0].help)
        return cls(place, opened.tables, opened.engine)

    def read(self, sheet: Sheet) -> Read:
        """The goal file that *sheet* makes, read as `goalkeeper check` does."""
        written, problems = _project(sheet, self.place)
        if written is None:
            raise AssertionError(f"the worksheet makes no goal file: {problems}")
        catalogue, meaning, found = meant(written, self.tables, ())
        return Read(written, catalogue, meaning, (*problems, *found))

    def offered(self, sheet: Sheet) -> tuple[dict[str, str], list[str]]:
        """The numbers that a rule can be about, as people call them, each with its formula; and why others are none.

        Raises:
            Fault: when there are none.
        """
        numbers, catalogue = sheet.numbers, self.read(sheet).catalogue
        definitions = catalogue.definitions
        found: dict[str, str] = {}
        others: list[str] = []
        for name in numbers.metrics:
            definition = definitions.get(name)
            if isinstance(definition, KpiDefinition):
                continue  # a pack makes it of its parts
            problem = use_problem(name, definition, None) if definition else catalogue.withheld.get(name)
            if problem is None:
                found[numbers.labels.get(name, name)] = ""
            else:
                others.append(say("{problem}; {cure}", problem=problem.message, cure=problem.help))
        made = (one for one in definitions.values() if isinstance(one, KpiDefinition))
        found |= {one.id: one.formula.text for one in made}
        if not found:
            raise Fault(say("none of its numbers adds up"), *others)
        return found, others

    def name_of(self, answer: str, sheet: Sheet) -> str:
        """The number that an answer names, by its name or its label.

        Raises:
            Fault: when it names none.
        """
        offered, _ = self.offered(sheet)
        names = self.read(sheet).catalogue.names
        found = names.id_of(answer)
        if found is None or found not in map(names.id_of, offered):
            raise Fault(say("there is no number '{name}'", name=answer), did_you_mean(answer, offered))
        return found

    def measure(self, text: str, entry: Entry, sheet: Sheet) -> Measure:
        """The rule that *text* says, for a goal with the rules that it has already.

        Raises:
            Fault: when it does not read, or cannot be judged over this data.
        """
        names = self.read(sheet).catalogue.names
        reading, slips = sentence.parse(text, names)
        for slip in slips:
            if slip.severity is Severity.ERROR:
                raise Fault(slip.message, slip.help, at=(text, slip.offset, slip.length))
        pieces = [reading.fields[key] for key in ("in", "by") if key in reading.fields]
        if len(pieces) > 1 or (pieces and entry.period is not None):
            last = max(pieces, key=lambda piece: piece.offset)
            cure = say("a goal has one period: say it once, for all its measures")
            raise Fault(say("that is a second period"), cure, at=(text, last.offset, last.length))
        period = entry.period
        if "by" in reading.fields:
            period = {"end": reading.fields["by"].text}
        elif "in" in reading.fields:
            period = read_period(reading.fields["in"].text)
        rule = _without(text, pieces[0], names) if pieces else text
        known = set(self.problems(entry, sheet) if entry.rules else self.read(sheet).problems)
        found = self.problems(replace(entry, rules=(*entry.rules, rule), period=period), sheet)
        wrong = errors(found)
        if wrong:
            raise Fault(*(line for problem in wrong for line in (problem.message, problem.help)))
        return Measure(rule, period, tuple(remark(one) for one in found if one not in known))

    def says(self, rule: str, sheet: Sheet) -> Mapping[str, str]:
        """What a rule says, as the mapping that it stands for has it."""
        reading, _ = sentence.parse(rule, self.read(sheet).catalogue.names)
        return {key: piece.text for key, piece in reading.fields.items()}

    def problems(self, entry: Entry, sheet: Sheet) -> list[Problem]:
        """What is wrong with a goal as far as it is asked for."""
        complete = isinstance(entry.period, str) or (entry.period is not None and "start" in entry.period)
        drafted = entry if complete else replace(entry, period=None)
        found = self.read(sheet.adding(drafted)).problems
        return [problem for problem in in_order(found) if complete or problem.code not in NOT_YET]

    def days(self, entry: Entry, sheet: Sheet) -> str:
        """Over which days a goal is judged, and against which, in words."""
        goal = self.read(sheet.adding(entry)).meaning.goals[-1]
        if goal.period is None:
            return say("judged over its latest 28 days")
        window, days = Window(goal.period.first, goal.period.last), goal.period.days
        before = next((_baseline(rule, goal, goal.period) for rule in goal.rules if _is_measured(rule)), None)
        if before is None:
            return say("judged from {window}, {days} days", window=window, days=days)
        return say("judged from {window}, {days} days; compared with {before}", window=window, days=days, before=before)

    def stage(self, entry: Entry, sheet: Sheet) -> str:
        """The stage of the funnel that the first measure of a goal is known to be about; empty where it is of none."""
        read = self.read(sheet.adding(entry))
        rules = [rule for rule in read.meaning.goals[-1].rules if isinstance(rule, KpiRule)]
        stage = place_of(read.catalogue, rules[0].kpi).stage
        return stage if stage in FUNNEL else ""

    def finished(self, sheet: Sheet) -> Sheet:
        """The worksheet with the packs alone that describe what its goals are about."""
        read = self.read(sheet)
        rules = [rule for goal in read.meaning.goals for rule in goal.rules if isinstance(rule, KpiRule)]
        levels = [level for rule in rules for level in levels_of(rule.ask) if isinstance(level, str)]
        packs = {read.catalogue.definitions[name].pack for name in [*(rule.kpi for rule in rules), *levels]}
        found = replace(sheet, use=tuple(pack for pack in sheet.use if pack in packs))
        return sheet if errors(self.read(found).problems) else found

    def advice(self, sheet: Sheet) -> list[str]:
        """What is advised of the goals, as `goalkeeper check` does without looking at rows."""
        read = self.read(sheet)
        levels = read.project.levels()
        found = in_order(lint.advice(lint.Meant(read.project, read.meaning, read.catalogue), levels))
        return list(map(remark, found))

    def values(self, dimension: str, texts: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
        """The values of a dimension that an answer names.

        Raises:
            Fault: when no row has one of them.
        """
        found: list[str] = []
        for text in texts:
            same = [value for value in known if value.casefold() == text.casefold()]
            if same or self._holds(dimension, text):
                found.append(same[0] if same else text)
            else:
                message = say("no row has {dimension} '{value}'", dimension=dimension, value=text)
                raise Fault(message, did_you_mean(text, known))
        return tuple(dict.fromkeys(found))

    def _holds(self, dimension: str, text: str) -> bool:
        tables = [table for table in self.tables.values() if table.is_dimension(dimension)]
        return self.engine is not None and any(
            stands_for_any(text, self.engine.values(table, dimension)) for table in tables
        )


def remark(problem: Problem) -> str:
    """What is wrong, with the cure where there is one."""
    return say("{problem}: {cure}", problem=problem.message, cure=problem.help) if problem.help else problem.message


def _is_measured(rule: Rule) -> bool:
    """Whether a rule is a change from a baseline that the data gives."""
    if not isinstance(rule, KpiRule) or not isinstance(rule.ask, Change) or rule.each is not None:
        return False
    return not (isinstance(rule.ask.amount, ToLevel) and rule.ask.amount.start is not None)


def _baseline(rule: Rule, goal: Goal, period: Window) -> Window | None:
    match rule:
        case KpiRule(versus=PreviousPeriod()):
            return goal.calendar.previous(period)
        case KpiRule(versus=LastYear()):
            return goal.calendar.last_year(period)
        case KpiRule(versus=Window() as named):
            return named
        case _:
            return None


def _without(text: str, piece: Piece, names: Names) -> str:
    """A rule without the days that *piece* says, and the words before them that belong to them: `in`, or «در مدت»."""
    before, after = text[: piece.offset].split(), text[piece.offset + piece.length :].split()
    shorter = [" ".join([*before[:-count], *after]) for count in range(1, max(len(before), 1) + 1)]
    return next((rule for rule in shorter if _reads(rule, names)), shorter[0])


def _reads(rule: str, names: Names) -> bool:
    _, slips = sentence.parse(rule, names)
    return not any(slip.severity is Severity.ERROR for slip in slips)


def _project(sheet: Sheet, place: Path) -> tuple[Project | None, list[Problem]]:
    document, problems = documents.parse(text_of(sheet), place.as_posix())
    written, found = project.read_model(document, against_schema=True) if document is not None else (None, [])
    if written is None:
        return None, [*problems, *found]
    written, more = with_packs(replace(written, allowed=Allowed(read=(fixed(place.parent / sheet.numbers.path),))))
    return written, [*found, *more]

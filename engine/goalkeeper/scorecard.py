"""What an evaluation says: goals with their verdicts, diagnoses, sections, inputs, and the scorecard of them all."""

from __future__ import annotations

from datetime import date

from msgspec import Struct, field

from goalkeeper.calendar import System, Window
from goalkeeper.columns import Missing
from goalkeeper.problems import Problem
from goalkeeper.shifts import read_text
from goalkeeper.verdict import GoalResult, Outcome, RuleResult, Segment


class Evidence(Struct, frozen=True):
    """A number that a diagnosis looks at: `of` under the functions `shifts` that turn to other days or segments."""

    of: str
    """A metric or KPI, a function that looks at single days, or an expression."""
    value: float | Missing
    shifts: tuple[str, ...] = ()
    """From the outermost in, such as `previous` or `usual`."""
    unit: str | None = None
    window: Window | None = None
    """The days that it was taken over; of `usual` those of all its windows."""
    note: str = ""
    """For single days: which ones."""

    @property
    def text(self) -> str:
        """What is looked at, as formulas write it."""
        return read_text(self.of, self.shifts)


class DiagnosisNote(Struct, frozen=True):
    """A diagnosis that holds (`holds` true), or one that could not be read (`holds` None)."""

    id: str
    goal: str
    segment: Segment
    holds: bool | None
    say: str
    check: str | None
    causes: tuple[str, ...] = ()
    """What may be behind it."""
    evidence: tuple[Evidence, ...] = ()
    """Every number that it looks at."""
    reason: str | None = None
    """Why it could not be read."""
    when: str = ""
    """The comparison that was read, as it is written."""


class Input(Struct, frozen=True):
    """A file that was read: its path as written in the source, its SHA-256 and its rows."""

    source: str
    path: str
    sha256: str
    rows: int


class LeftOut(Struct, frozen=True):
    """Rows or a part of a data file that were not read, and why; `lines` are the first of them."""

    source: str
    file: str
    rows: int
    why: str
    lines: tuple[int, ...] = ()


class Said(Struct, frozen=True):
    """A rule as a section says it again: with its goal, and the stage that it has there."""

    goal: str
    goal_name: str
    rule: RuleResult
    stage: str | None = None


class Volume(Struct, frozen=True):
    """The count of those who come to a stage, and the share of them that the next stage counts.

    Where there is no count `name` is None, and `value` says why.
    """

    name: str | None
    value: float | Missing
    next_stage: str | None = None
    next_name: str | None = None
    share: float | Missing | None = None


class Group(Struct, frozen=True):
    """The rules that answer a question, or belong to a stage, level or aspect; `name` None holds those of none.

    `outcome` is the worst of them, None where there is no rule: nothing that is not asked passes.
    """

    name: str | None
    outcome: Outcome | None
    rules: tuple[Said, ...]
    goals: tuple[str, ...] = ()
    """The ids of the goals that say this stage themselves."""
    volume: Volume | None = None


class Groups(Struct, frozen=True):
    """A section of rules in groups: `questions`, `stages`, `levels` or `aspects`."""

    section: str
    groups: tuple[Group, ...]
    window: Window | None = None
    """The days of the counts."""
    notes: tuple[str, ...] = ()
    """What the counts do not have."""


class Channel(Struct, frozen=True):
    """The return of one channel, and what it was made of. Without a number it says why."""

    name: str
    value: float | Missing
    inputs: tuple[tuple[str, float | Missing, str | None], ...] = ()
    """Each name with its number and unit."""


class Channels(Struct, frozen=True):
    """The channels by return on investment, the best first, and those without a number last."""

    by: str | None
    """The dimension that tells them apart, or None: the platforms of sources."""
    formula: str | None
    """What was worked out; None where nothing could be."""
    unit: str | None
    window: Window | None
    channels: tuple[Channel, ...]
    notes: tuple[str, ...] = ()
    """What is not counted, or why there is no number at all."""


class PlannedLine(Struct, frozen=True):
    """A goal as the planning worksheet has it."""

    goal: str
    name: str
    outcome: Outcome
    why: str | None
    measures: tuple[str, ...]
    sign_of_success: str | None
    owner: str | None
    declared: date | None
    window: Window | None
    """Its period; None for a goal without an end."""


class Worksheet(Struct, frozen=True):
    """The goals in the columns of the planning worksheet."""

    lines: tuple[PlannedLine, ...]


Section = Groups | Channels | Worksheet


class ReadNote(Struct, frozen=True):
    """What else is worth knowing of how a data file was read, such as rows that end early."""

    source: str
    file: str
    note: str


class Scorecard(Struct, frozen=True):
    """The goals with their verdicts, rolled up into one outcome, and the exit code that a pipeline sees."""

    as_of: date
    outcome: Outcome
    exit_code: int
    score: float | None
    gate: str
    goals: tuple[GoalResult, ...]
    sections: tuple[Section, ...] = ()
    """What the goal file asks its report to say besides, in this order. They judge nothing."""
    diagnoses: tuple[DiagnosisNote, ...] = ()
    dropped: tuple[LeftOut, ...] = ()
    """Rows and parts of files that were not read."""
    notes: tuple[ReadNote, ...] = ()
    """What else is worth knowing of how files were read."""
    inputs: tuple[Input, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    """Warnings: nothing that stopped the run."""
    goals_sha256: str = ""
    """The SHA-256 of the goal files and packs: another one says that something in them was changed."""
    calendar: System = System.GREGORIAN
    """The calendar that its months are counted in; Jalali where that of any goal is."""
    language: str = "en"
    """The language that people read it in, one of `languages.CODES`."""
    digits: str = "own"
    """The digits there, one of `languages.DIGITS`."""

    @property
    def names(self) -> dict[str, str]:
        """The names of all goals, by id."""
        return {goal.id: goal.name for goal in self.goals}

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many goals came to each outcome; a goal inside another one counts through that one."""
        counts = dict.fromkeys(Outcome, 0)
        for goal in self.goals:
            if not goal.child:
                counts[goal.outcome] += 1
        return counts

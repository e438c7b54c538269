"""The sections of a scorecard for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from goalkeeper.columns import Missing
from goalkeeper.languages import Shown, tr
from goalkeeper.limits import CHANNEL_ROWS as SHOWN
from goalkeeper.quantity import format_number, format_quantity
from goalkeeper.reporters import phrases
from goalkeeper.reporters.layout import Page, Style, cells, pad, wrap
from goalkeeper.reporters.outcomes import SIGNS, STYLES, word
from goalkeeper.reporters.safe import apart, clauses, day, in_a_row, safe
from goalkeeper.said import enumerated, say
from goalkeeper.scorecard import Channel, Channels, Group, Groups, PlannedLine, Said, Section, Volume, Worksheet
from goalkeeper.units import PERCENT
from goalkeeper.verdict import Outcome

TITLES: Mapping[str, str] = {
    "questions": say("The four questions"),
    "stages": say("By stage of the funnel"),
    "levels": say("By level"),
    "aspects": say("By aspect"),
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "questions": {
        "reach": say("Do we reach people?"),
        "engage": say("Do they engage?"),
        "inquire": say("Do they ask?"),
        "convert": say("Do they convert?"),
    },
    "stages": {
        "awareness": say("awareness"),
        "consideration": say("consideration"),
        "inquiry": say("inquiry"),
        "conversion": say("conversion"),
        "retention": say("retention"),
        "loyalty": say("loyalty"),
        "service": say("service"),
        "economics": say("economics"),
    },
    "levels": {
        "vanity": say("1 vanity"),
        "amplification": say("2 amplification"),
        "outcome": say("3 outcome"),
    },
    "aspects": {
        "distribution": say("distribution"),
        "interaction": say("interaction"),
        "influence": say("influence"),
    },
}
NOBODY: Mapping[str, str] = {
    "questions": say("not answered"),
    "stages": say("no rule"),
    "levels": say("no rule"),
    "aspects": say("no rule"),
}
NONE: Mapping[str, str] = {
    "questions": say("no stage"),
    "stages": say("no stage"),
    "levels": say("no level"),
    "aspects": say("no aspect"),
}
_COLUMN = 10


def render(section: Section, names: Mapping[str, str], *, width: int, color: bool, verbose: bool) -> Iterator[str]:
    """A section in lines; *names* are those of all goals, by id."""
    page = _Page(names, width, color=color, verbose=verbose)
    match section:
        case Groups():
            yield from page.groups(section)
        case Channels():
            yield from page.channels(section)
        case Worksheet():
            yield from page.worksheet(section)
        case _:
            assert_never(section)


class _Page(Page):
    """The parts of a section, for one width."""

    def __init__(self, names: Mapping[str, str], width: int, *, color: bool, verbose: bool) -> None:
        super().__init__(width, color=color)
        self.verbose = verbose
        self.names = names

    def title(self, text: str) -> str:
        return self.paint(text, Style.BOLD)

    def line(self, indent: str, outcome: Outcome | None, text: str, right: str) -> Iterator[str]:
        """A text with the sign of its outcome before it, and what it came to at the right edge."""
        sign = ("-", Style.DIM) if outcome is None else (SIGNS[outcome], STYLES[outcome])
        yield from self.signed(indent, sign, text, right)

    def groups(self, section: Groups) -> Iterator[str]:
        yield self.title(safe(TITLES[section.section]))
        if section.window is not None:
            yield from self.dim(tr("counts: all rows from {window}", window=section.window), "  ")
        for group in section.groups:
            yield from self.group(section.section, group)
        yield from self.notes(section.notes)

    def notes(self, notes: Sequence[str]) -> Iterator[str]:
        for note in notes:
            yield from wrap(apart(note), self.width, "  - ", "    ")

    def group(self, section: str, group: Group) -> Iterator[str]:
        name = NONE[section] if group.name is None else NAMES[section].get(group.name, group.name)
        right = safe(NOBODY[section]) if group.outcome is None else word(group.outcome)
        yield from self.line("  ", group.outcome, apart(name), right)
        if group.volume is not None:
            yield from self.volume(group.volume)
        if group.goals:
            goals = enumerated(self.names.get(one, one) for one in group.goals)
            yield from self.dim(tr("goals: {goals}", goals=goals))
        for said in group.rules:
            yield from self.rule(said)

    def rule(self, said: Said) -> Iterator[str]:
        rule = said.rule
        yield from self.line("    ", rule.outcome, apart(rule.rule), phrases.state_of(rule.worst))
        if len(self.names) > 1 and said.goal_name != rule.rule:
            yield from self.dim(apart(said.goal_name), "      ")

    def volume(self, volume: Volume) -> Iterator[str]:
        """How many come to a stage, and how many of them go on; each share with what it is made of."""
        number = (
            say("no number: {why}", why=volume.value.detail)
            if isinstance(volume.value, Missing)
            else format_number(volume.value)
        )
        yield from self.dim(tr("{name}: {number}", name=volume.name, number=number) if volume.name else safe(number))
        if volume.share is not None:
            stage = NAMES["stages"].get(volume.next_stage or "", volume.next_stage)
            part, whole = volume.next_name, volume.name
            if isinstance(volume.share, Missing):
                why = volume.share.detail
                text = tr(
                    "on to {stage}: no number ({part} / {whole}): {why}", stage=stage, part=part, whole=whole, why=why
                )
            else:
                share = format_quantity(volume.share, PERCENT)
                text = tr("on to {stage}: {share} ({part} / {whole})", stage=stage, share=share, part=part, whole=whole)
            yield from self.dim(text)

    def channels(self, section: Channels) -> Iterator[str]:
        yield self.title(tr("Channels by return on investment"))
        if section.formula is not None:
            days = [day(section.window)] if section.window is not None else []
            yield from self.dim(in_a_row([apart(section.formula), *days]), "  ")
        shown = section.channels if self.verbose else section.channels[:SHOWN]
        width = max((cells(_name(channel)) for channel in shown), default=0)
        for place, channel in enumerate(shown, 1):
            yield from self.channel(place, channel, section.unit, width)
        if len(section.channels) > len(shown):
            yield from self.dim(tr("and {count} more", count=len(section.channels) - len(shown)), "  ")
        yield from self.notes(section.notes)

    def channel(self, place: int, channel: Channel, unit: str | None, width: int) -> Iterator[str]:
        missing = isinstance(channel.value, Missing)
        number = pad("-" if missing else safe(format_number(place)), 2, right=True)
        value, name = safe(_number(channel.value, unit)), _name(channel)
        room = self.width - cells(f"  {number} ") - 2 - cells(value)
        gap = " " * max(min(width, room) - cells(name), 0)
        yield from wrap_with(f"  {number} ", name, f"{gap}  {value}", room, self.width)
        if isinstance(channel.value, Missing):
            yield from self.dim(apart(channel.value.detail), "     ")
        if channel.inputs:
            parts = (say("{name} {value}", name=name, value=_number(value, of)) for name, value, of in channel.inputs)
            yield from self.dim(safe(enumerated(parts)), "     ")

    def worksheet(self, section: Worksheet) -> Iterator[str]:
        yield self.title(tr("The planning worksheet"))
        for line in section.lines:
            yield from self.planned(line)

    def planned(self, line: PlannedLine) -> Iterator[str]:
        yield from self.line("  ", line.outcome, apart(line.name), word(line.outcome))
        days = say("{days}", days=line.window) if line.window is not None else say("no end")
        agreed = say("agreed on {day}", day=line.declared) if line.declared is not None else say("no day of agreement")
        nothing = say("not said")
        told: list[tuple[Shown, Sequence[str]]] = [
            (tr("why"), [line.why or nothing]),
            (tr("measured"), line.measures),
            (tr("success"), [line.sign_of_success or nothing]),
            (tr("owner"), [line.owner or nothing]),
            (tr("days"), [clauses([days, agreed])]),
        ]
        column = max(_COLUMN, *(cells(label) + 2 for label, _ in told))
        for label, texts in told:
            for number, text in enumerate(texts):
                before = f"    {pad(label if number == 0 else '', column)}"
                yield from wrap(apart(text), self.width, before, " " * (4 + column))


def wrap_with(before: str, text: str, after: str, room: int, width: int) -> Iterator[str]:
    """*text* between *before* and *after* on a line; where it does not fit, in lines of its own."""
    if cells(text) <= room:
        yield f"{before}{text}{after}"
    else:
        yield from wrap(f"{text} {after.strip()}", width, before, " " * cells(before))


def _name(channel: Channel) -> Shown:
    return apart(channel.name or say("(blank)"))


def _number(value: float | Missing, unit: str | None) -> str:
    return say("no number") if isinstance(value, Missing) else format_quantity(value, unit)

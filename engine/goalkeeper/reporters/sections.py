"""The sections of a scorecard for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.quantity import format_number, format_quantity
from goalkeeper.reporters import phrases
from goalkeeper.reporters.layout import Style, cells, paint, signed, wrap
from goalkeeper.reporters.outcomes import SIGNS, STYLES
from goalkeeper.reporters.safe import safe
from goalkeeper.scorecard import Channel, Channels, Group, Groups, PlannedLine, Said, Section, Volume, Worksheet
from goalkeeper.units import PERCENT
from goalkeeper.verdict import Outcome

SHOWN = 10
"""How many channels are listed unless all are asked for."""
TITLES: Mapping[str, str] = {
    "questions": "The four questions",
    "stages": "By stage of the funnel",
    "levels": "By level",
    "aspects": "By aspect",
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "questions": {
        "reach": "Do we reach people?",
        "engage": "Do they engage?",
        "inquire": "Do they ask?",
        "convert": "Do they convert?",
    },
    "levels": {"vanity": "1 vanity", "amplification": "2 amplification", "outcome": "3 outcome"},
}
NOBODY: Mapping[str, str] = {
    "questions": "not answered",
    "stages": "no rule",
    "levels": "no rule",
    "aspects": "no rule",
}
NONE: Mapping[str, str] = {"questions": "no stage", "stages": "no stage", "levels": "no level", "aspects": "no aspect"}
_COLUMN = 10


class Look(Struct, frozen=True):
    """How a page looks: its width in columns, whether it has colours, and whether all is listed."""

    width: int
    color: bool
    verbose: bool


def render(section: Section, names: Mapping[str, str], look: Look) -> Iterator[str]:
    """A section in lines; *names* are those of all goals, by id."""
    page = _Page(look, names)
    match section:
        case Groups():
            yield from page.groups(section)
        case Channels():
            yield from page.channels(section)
        case Worksheet():
            yield from page.worksheet(section)
        case _:
            assert_never(section)


class _Page:
    """The parts of a section, for one look."""

    def __init__(self, look: Look, names: Mapping[str, str]) -> None:
        self.look = look
        self.names = names

    def title(self, text: str) -> str:
        return paint(text, Style.BOLD, color=self.look.color)

    def dim(self, text: str, indent: str = "    ") -> Iterator[str]:
        for line in wrap(text, self.look.width, indent):
            yield paint(line, Style.DIM, color=self.look.color)

    def line(self, indent: str, outcome: Outcome | None, text: str, right: str) -> Iterator[str]:
        """A text with the sign of its outcome before it, and what it came to at the right edge."""
        sign = ("-", Style.DIM) if outcome is None else (SIGNS[outcome], STYLES[outcome])
        yield from signed(indent, sign, text, right, self.look.width, color=self.look.color)

    def groups(self, section: Groups) -> Iterator[str]:
        yield self.title(TITLES[section.section])
        if section.window is not None:
            yield from self.dim(f"counts: all rows from {section.window}", "  ")
        for group in section.groups:
            yield from self.group(section.section, group)
        yield from self.notes(section.notes)

    def notes(self, notes: Sequence[str]) -> Iterator[str]:
        for note in notes:
            yield from wrap(safe(note), self.look.width, "  - ", "    ")

    def group(self, section: str, group: Group) -> Iterator[str]:
        name = NONE[section] if group.name is None else NAMES.get(section, {}).get(group.name, group.name)
        right = NOBODY[section] if group.outcome is None else str(group.outcome)
        yield from self.line("  ", group.outcome, safe(name), right)
        if group.volume is not None:
            yield from self.volume(group.volume)
        if group.goals:
            yield from self.dim(f"goals: {', '.join(safe(self.names.get(one, one)) for one in group.goals)}")
        for said in group.rules:
            yield from self.rule(said)

    def rule(self, said: Said) -> Iterator[str]:
        rule = said.rule
        yield from self.line("    ", rule.outcome, safe(rule.rule), phrases.state_of(rule.worst))
        if len(self.names) > 1 and said.goal_name != rule.rule:
            yield from self.dim(safe(said.goal_name), "      ")

    def volume(self, volume: Volume) -> Iterator[str]:
        """How many come to a stage, and how many of them go on; each share with what it is made of."""
        said = f"{volume.name}: " if volume.name else ""
        said += (
            f"no number: {volume.value.detail}" if isinstance(volume.value, Missing) else format_number(volume.value)
        )
        yield from self.dim(safe(said))
        if volume.share is not None:
            share = "no number" if isinstance(volume.share, Missing) else format_quantity(volume.share, PERCENT)
            why = f": {volume.share.detail}" if isinstance(volume.share, Missing) else ""
            text = f"on to {volume.next_stage}: {share} ({volume.next_name} / {volume.name}){why}"
            yield from self.dim(safe(text))

    def channels(self, section: Channels) -> Iterator[str]:
        yield self.title("Channels by return on investment")
        if section.formula is not None:
            yield from self.dim(safe(f"{section.formula}, {section.window}"), "  ")
        shown = section.channels if self.look.verbose else section.channels[:SHOWN]
        width = max((cells(safe(channel.name)) for channel in shown), default=0)
        for place, channel in enumerate(shown, 1):
            yield from self.channel(place, channel, section.unit, width)
        if len(section.channels) > len(shown):
            yield from self.dim(f"and {len(section.channels) - len(shown)} more", "  ")
        yield from self.notes(section.notes)

    def channel(self, place: int, channel: Channel, unit: str | None, width: int) -> Iterator[str]:
        missing = isinstance(channel.value, Missing)
        number = "-" if missing else str(place)
        value = "no number" if isinstance(channel.value, Missing) else format_quantity(channel.value, unit)
        name = safe(channel.name) or "(blank)"
        room = self.look.width - len(f"  {number:>2} ") - 2 - cells(value)
        gap = " " * max(min(width, room) - cells(name), 0)
        yield from wrap_with(f"  {number:>2} ", name, f"{gap}  {value}", room, self.look.width)
        if isinstance(channel.value, Missing):
            yield from self.dim(safe(channel.value.detail), "     ")
        parts = [f"{safe(name)} {_number(value, of)}" for name, value, of in channel.inputs]
        if parts:
            yield from self.dim(", ".join(parts), "     ")

    def worksheet(self, section: Worksheet) -> Iterator[str]:
        yield self.title("The planning worksheet")
        for line in section.lines:
            yield from self.planned(line)

    def planned(self, line: PlannedLine) -> Iterator[str]:
        yield from self.line("  ", line.outcome, safe(line.name), str(line.outcome))
        days = str(line.window) if line.window is not None else "no end"
        agreed = f"agreed on {line.declared}" if line.declared is not None else "no day of agreement"
        said: dict[str, Sequence[str]] = {
            "why": [line.why or "not said"],
            "measured": line.measures,
            "success": [line.sign_of_success or "not said"],
            "owner": [line.owner or "not said"],
            "days": [f"{days}; {agreed}"],
        }
        for column, texts in said.items():
            for number, text in enumerate(texts):
                label = column if number == 0 else ""
                later = " " * (4 + _COLUMN)
                yield from wrap(safe(text), self.look.width, f"    {label:<{_COLUMN}}", later)


def wrap_with(before: str, text: str, after: str, room: int, width: int) -> Iterator[str]:
    """*text* between *before* and *after* on a line; where it does not fit, in lines of its own."""
    if cells(text) <= room:
        yield f"{before}{text}{after}"
    else:
        yield from wrap(f"{text} {after.strip()}", width, before, " " * len(before))


def _number(value: float | Missing, unit: str | None) -> str:
    return "no number" if isinstance(value, Missing) else format_quantity(value, unit)

"""The planning worksheet as a conversation: questions in plain words, a goal file at the end."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec.structs import replace

from goalkeeper import arguments
from goalkeeper.calendar import GREGORIAN
from goalkeeper.cli.asking import Asking, needed
from goalkeeper.cli.render import say_written
from goalkeeper.exits import EXIT_USAGE
from goalkeeper.lint.goals import MOST_GOALS, MOST_RULES
from goalkeeper.problems import errors
from goalkeeper.report import FUNNEL
from goalkeeper.starter import DAYS, data_in, schema_in, write_new
from goalkeeper.worksheet.answers import (
    in_words,
    listed,
    read_currency,
    read_day,
    read_hours,
    read_names,
    read_owner,
    read_period,
    read_stage,
    read_start,
)
from goalkeeper.worksheet.desk import TOPICS, Desk
from goalkeeper.worksheet.look import CHANNELS, LISTED, Look, beside, look, seen_from_here
from goalkeeper.worksheet.sheet import Entry, Fault, Numbers, Sheet, text_of

STARTER = "data/ads.csv"
LEFT_OUT = "Enter leaves it out."
_KINDS = {"rise": "increase", "fall": "decrease", "come to a level": "reach", "stay inside a bound": "keep"}


def fill_in(folder: Path) -> None:
    """Ask the questions of the worksheet, and write the goal file that the answers make into *folder*."""
    place = folder / "goals.yaml"
    if place.exists():
        say_written([], [place])
    asking = Asking()
    try:
        with ExitStack() as stack:
            _Worksheet(folder, asking, stack).fill_in()
    except (click.Abort, KeyboardInterrupt) as stop:
        asking.line()
        if asking.typing or not isinstance(stop.__context__, EOFError):
            asking.say("Nothing was written.")
            raise click.Abort from None
        asking.say("The answers end before the last question; nothing was written.")
        raise SystemExit(EXIT_USAGE) from None


class _Worksheet:
    """One worksheet while it is filled in."""

    def __init__(self, folder: Path, asking: Asking, stack: ExitStack) -> None:
        self.folder = folder
        self.asking = asking
        self.stack = stack
        self.made_up = False
        self.owner = ""

    def fill_in(self) -> None:
        self.asking.say(f"The planning worksheet: up to {MOST_GOALS} main goals, each with one or two measures.")
        self.asking.say("Enter takes what stands in [brackets]. Ctrl-C stops, and leaves nothing behind.")
        self.asking.title("The numbers")
        self.numbers()
        self.asking.title("You and your audience")
        self.context()
        for number in range(1, MOST_GOALS + 1):
            self.asking.title(f"Goal {number}")
            if not self.goal(first=number == 1):
                break
        self.asking.title("The agreement")
        self.declare()
        self.asking.title("The goal file")
        self.write()

    # the numbers

    def numbers(self) -> None:
        """Ask for the data file, until there is one that reads."""
        self.asking.ask(
            "Where are your numbers? A file with a row for each day: CSV, TSV, JSON or Parquet. Enter takes made-up "
            "numbers of a small shop, to try the worksheet.",
            self.open,
            example="exports/instagram.csv",
        )
        numbers = self.sheet.numbers
        self.asking.say(f"It has the days in '{numbers.time}', and a row for each {numbers.grain}.")
        if numbers.money:
            self.currency(numbers)
        offered, others = self.desk.offered(self.sheet)
        told = [f"{name} ({formula})" if formula else name for name, formula in offered.items()]
        self.asking.say(f"Goals can be about: {', '.join(told)}.")
        for other in (*others, *self.seen.odd):
            self.asking.say(f"Not as it is: {other}.")

    def open(self, answer: str) -> None:
        self.made_up = not answer
        if answer:
            self.settle(look(seen_from_here(answer, self.folder), Path()), Path())
            return
        if (taken := self.folder / STARTER).exists():
            raise Fault(f"{taken.as_posix()} is already there: name it, if those are your numbers")
        room = Path(self.stack.enter_context(TemporaryDirectory()))
        write_new(data_in(room))
        self.settle(look(STARTER, room), room)

    def settle(self, seen: Look, folder: Path) -> None:
        """Ask what the file does not tell: which days count, how they are read, what tells rows apart."""
        days = list(seen.days)
        time = (
            days[0]
            if len(days) == 1
            else self.asking.one_of("Which column says the day that counts?", days, default=days[0])
        )
        ways = seen.days[time]
        form = ways[0]
        if len(ways) > 1:
            texts = {in_words(way or ""): way for way in ways}
            form = texts[self.asking.one_of(f"How is '{seen.values[time][0]}' to be read?", list(texts))]
        dimensions = seen.groups
        if dimensions and not self.made_up:
            dimensions = self.asking.ask(
                "By which columns are rows told apart: platform, campaign, country? Several with commas between them.",
                lambda answer: read_names(answer, seen.groups),
                default=", ".join(dimensions),
            )
        self.seen = seen
        self.sheet = Sheet(seen.as_numbers(time, form, dimensions), use=TOPICS)
        self.desk = Desk.over(self.sheet, folder / "goals.yaml")
        self.desk.offered(self.sheet)

    def currency(self, numbers: Numbers) -> None:
        """Ask what money is counted in."""
        currency = self.asking.ask(
            f"In which currency is {' and '.join(numbers.money)}? {LEFT_OUT}",
            read_currency,
            example="EUR, or toman",
        )
        self.sheet = replace(self.sheet, numbers=replace(numbers, currency=currency or None))

    # the goals

    def context(self) -> None:
        """Ask who is to be reached, and how much time there is."""
        audience = self.asking.ask(
            f"Who is to be reached? {LEFT_OUT}", str, example="shop owners in Tehran, 25 to 40 years old"
        )
        message = self.asking.ask(
            f"What do they know of you, and what would they like to hear? {LEFT_OUT}",
            str,
            example="they know the shop, not the courses; they like tutorials",
        )
        hours = self.asking.ask(f"How many hours a week are there for this? {LEFT_OUT}", read_hours, example="12")
        experience = self.asking.ask(
            f"What experience is there with each channel? {LEFT_OUT}",
            str,
            example="Instagram for two years, LinkedIn is new",
        )
        self.sheet = replace(self.sheet, audience=audience, message=message, hours=hours, experience=experience)

    def goal(self, *, first: bool) -> bool:
        """Ask for one goal; whether there is one."""
        name = self.asking.ask(
            "What is the goal, in your own words?" + ("" if first else " Enter: no further goal."),
            needed("the goal") if first else str,
            example="More orders from Instagram",
        )
        if not name:
            return False
        entry = Entry(name)
        entry = replace(
            entry,
            why=self.asking.ask("Why does it matter?", needed("why"), example="Orders pay for everything else"),
        )
        entry = self.channels(entry)
        entry = self.measured(entry)
        entry = replace(
            entry,
            sign=self.asking.ask(
                "What will be seen when it is reached?",
                needed("the sign of success"),
                example="New customers name Instagram when they are asked how they found us",
            ),
        )
        stage = self.asking.ask(
            "Which stage of the way to a customer is it about? - for none.",
            read_stage,
            choices=FUNNEL,
            default=self.desk.stage(entry, self.sheet),
        )
        self.owner = self.asking.ask(
            "Who answers for it? - for nobody yet.", read_owner, example="growth@example.com", default=self.owner
        )
        self.sheet = self.sheet.adding(replace(entry, stage=stage, owner=self.owner))
        return True

    def channels(self, entry: Entry) -> Entry:
        """Ask for the channels of a goal: those that the data tells apart, or in the author's words."""
        numbers = self.sheet.numbers
        names = [name for name in numbers.dimensions if name.casefold() in CHANNELS]
        if not names:
            text = self.asking.ask(f"On which channels? {LEFT_OUT}", str, example="Instagram and the newsletter")
            return replace(entry, channels=text)
        dimension = names[0]
        known = self.seen.values[numbers.columns.get(dimension, dimension)]

        def read(answer: str) -> tuple[str, ...]:
            return self.desk.values(dimension, listed(answer), known)

        more = ", ..." if len(known) > LISTED else ""
        values = self.asking.ask(
            f"On which channels? '{dimension}' has {', '.join(known[:LISTED])}{more}. Enter takes all of them.", read
        )
        return replace(entry, where=(dimension, values) if values else None)

    def measured(self, entry: Entry) -> Entry:
        """Ask how a goal is measured, and over which days, until both go together."""
        while True:
            found = self.measures(entry)
            found = self.days(found)
            wrong = errors(self.desk.problems(found, self.sheet))
            if not wrong:
                self.asking.say(f"It is {self.desk.days(found, self.sheet)}.")
                return found
            for problem in wrong:
                self.asking.say(f"{problem.message}: {problem.help}".removesuffix(": "), "  ")
            self.asking.say("The measure and its days do not go together: once more, please.")

    def measures(self, entry: Entry) -> Entry:
        """Ask for one or two measures."""
        offered = list(self.desk.offered(self.sheet)[0])
        for number in range(1, MOST_RULES + 1):
            question = (
                "How is it measured? Write it as a rule, or type ? to be asked part by part."
                if number == 1
                else "A second measure? Enter: one is enough. ? asks part by part."
            )
            measured = self.asking.ask(
                question,
                partial(self.measure, entry=entry),
                example=f"increase {offered[0]} by 15% in 3 months"
                if number == 1
                else f"reach 10,000 {offered[min(1, len(offered) - 1)]}",
            )
            if measured is entry:
                break
            entry = measured
        return entry

    def measure(self, answer: str, entry: Entry) -> Entry:
        """The goal with the measure that is typed or asked for; as it is when one is enough."""
        if not answer:
            if not entry.rules:
                raise Fault("how it is measured is one of the four columns of the worksheet", "? asks part by part")
            return entry
        if answer == "?":
            answer = self.step_by_step(entry)
            self.asking.say(f"That is the rule: {answer}")
        found = self.desk.measure(answer, entry, self.sheet)
        for remark in found.remarks:
            self.asking.say(remark, "  ")
        return replace(entry, rules=(*entry.rules, found.rule), period=found.period)

    def step_by_step(self, entry: Entry) -> str:
        """A rule, asked for part by part; each part is tried as soon as it is there."""
        offered, _ = self.desk.offered(self.sheet)
        kpi = self.asking.ask(
            "Which number?", lambda answer: self.desk.name_of(answer, self.sheet), choices=list(offered)
        )
        verb = _KINDS[self.asking.one_of(f"What is '{kpi}' to do?", list(_KINDS))]

        def tried(rule: str) -> str:
            self.desk.measure(rule, entry, self.sheet)
            return rule

        match verb:
            case "reach":
                return self.asking.ask("Which level?", lambda a: tried(f"reach {kpi} of {a}"), example="10,000")
            case "keep":
                example = "below 12 EUR, at least 2%, or between 2% and 4%"
                return self.asking.ask("Inside which bound?", lambda a: tried(f"keep {kpi} {a}"), example=example)
            case _:
                rule = self.asking.ask(
                    "By how much, or from what to what?",
                    lambda a: tried(f"{verb} {kpi} {a}"),
                    example="15%, or 200, or 2 points, or to 11,500, or from 10,000 to 11,500",
                )
                if rule.startswith(f"{verb} {kpi} from "):
                    return rule
                return self.asking.ask(
                    "Compared with what? Enter: the same length of time right before.",
                    lambda a: tried(f"{rule} versus {a}" if a else rule),
                    example="same period last year, or 2026-Q1",
                )

    def days(self, entry: Entry) -> Entry:
        """Ask until when a goal runs, and from when, as far as its measures do not say."""
        if entry.period is None:
            standing = all(rule.lower().startswith("keep") for rule in entry.rules)
            period = self.asking.ask(
                "How long, or until when?" + (" Enter: for as long as the file says so." if standing else ""),
                lambda answer: None if standing and not answer else read_period(answer),
                example="3 months, or 2026-06-30, or 2026-Q2",
            )
            entry = replace(entry, period=period)
        if not isinstance(entry.period, Mapping):
            return entry
        end = entry.period.get("end")
        start = self.asking.ask(
            "From which day on?",
            lambda answer: read_start(answer, end),
            example="2026-04-01, or 1405-01-01",
            default=self.next_start(),
        )
        return replace(entry, period={"start": start, **entry.period})

    def next_start(self) -> str:
        """The first day of the next month; for the made-up numbers one inside of them."""
        if self.made_up:
            return str(date(DAYS[1].year, 4, 1))
        return str(GREGORIAN.shift(_today().replace(day=1), 1))

    # the file

    def declare(self) -> None:
        """Ask for the day of the agreement: targets that are set afterwards prove little."""
        default = str(date(DAYS[1].year, 3, 20) if self.made_up else _today())
        declared = self.asking.ask("On which day was this agreed?", read_day, default=default)
        self.sheet = replace(self.sheet, declared=declared)

    def write(self) -> None:
        """Show what was answered, and write it."""
        sheet = self.desk.finished(self.sheet)
        numbers = sheet.numbers
        data = numbers.path if self.made_up else beside(numbers.path, self.folder)
        text = text_of(replace(sheet, numbers=replace(numbers, path=data)))
        for line in text.splitlines():
            self.asking.line(line)
        for advice in self.desk.advice(sheet):
            self.asking.line()
            self.asking.say(f"To think about: {advice}")
        place = self.folder / "goals.yaml"
        if not self.asking.yes(f"Write {place.as_posix()}?"):
            self.asking.say("Nothing was written.")
            return
        schema = {path: text for path, text in schema_in(self.folder).items() if not path.exists()}
        written, kept = write_new({place: text, **schema, **(data_in(self.folder) if self.made_up else {})})
        say_written(written, kept)
        as_of = f" --as-of {DAYS[1].year}-06-15" if self.made_up else ""
        click.echo(f"\nNow run: goalkeeper check {place.as_posix()}")
        click.echo(f"and:     goalkeeper score {place.as_posix()}{as_of}")


def _today() -> date:
    return arguments.day(None, "UTC")


__all__ = ["fill_in"]

"""The planning worksheet as a conversation: questions in plain words, a goal file at the end."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec.structs import replace

from goalkeeper import arguments
from goalkeeper.calendar import Unit
from goalkeeper.cli.asking import Asking
from goalkeeper.cli.goal_questions import GoalQuestions
from goalkeeper.cli.render import note, say_written, writing_files
from goalkeeper.exits import EXIT_USAGE
from goalkeeper.languages import tr
from goalkeeper.lint.goals import MOST_GOALS
from goalkeeper.paths import Allowed, fixed
from goalkeeper.said import all_of, enumerated, say
from goalkeeper.starter import DAYS, data_in, schema_in, write_new
from goalkeeper.worksheet.answers import in_words as way_in_words
from goalkeeper.worksheet.answers import read_currency, read_day, read_hours, read_names
from goalkeeper.worksheet.desk import TOPICS, Desk
from goalkeeper.worksheet.look import Look, beside, look, seen_from_here
from goalkeeper.worksheet.sheet import Fault, Numbers, Sheet, text_of

STARTER = "data/ads.csv"


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
            asking.say(tr("Nothing was written."))
            raise click.Abort from None
        asking.say(tr("The answers end before the last question; nothing was written."))
        raise SystemExit(EXIT_USAGE) from None


class _Worksheet:
    """One worksheet while it is filled in."""

    seen: Look
    sheet: Sheet
    desk: Desk

    def __init__(self, folder: Path, asking: Asking, stack: ExitStack) -> None:
        self.folder = folder
        self.asking = asking
        self.stack = stack
        self.made_up = False

    def fill_in(self) -> None:
        self.asking.say(
            tr("The planning worksheet: up to {most} main goals, each with one or two measures.", most=MOST_GOALS)
        )
        self.asking.say(tr("Enter takes what stands in [brackets]. Ctrl-C stops, and leaves nothing behind."))
        self.asking.title(tr("The numbers"))
        self.numbers()
        self.asking.title(tr("You and your audience"))
        self.context()
        goals = GoalQuestions(self.asking, self.desk, self.seen, self.sheet, made_up=self.made_up)
        for number in range(1, MOST_GOALS + 1):
            self.asking.title(tr("Goal {number}", number=number))
            if not goals.goal(first=number == 1):
                break
        self.sheet = goals.sheet
        self.asking.title(tr("The agreement"))
        self.declare()
        self.asking.title(tr("The goal file"))
        self.write()

    # the numbers

    def numbers(self) -> None:
        """Ask for the data file, until there is one that reads."""
        self.asking.ask(
            tr(
                "Where are your numbers? A file with a row for each day: CSV, TSV, JSON or Parquet. Enter takes made-up "
                "numbers of a small shop, to try the worksheet."
            ),
            self.open,
            example="exports/instagram.csv",
        )
        numbers = self.sheet.numbers
        grain = Unit(numbers.grain)
        self.asking.say(
            tr("It has the days in '{column}', and a row for each {grain}.", column=numbers.time, grain=grain)
        )
        if numbers.money:
            self.currency(numbers)
        offered, others = self.desk.offered(self.sheet)
        told = enumerated(
            say("{name} ({formula})", name=name, formula=formula) if formula else name
            for name, formula in offered.items()
        )
        self.asking.say(tr("Goals can be about: {names}.", names=told))
        for other in (*others, *self.seen.odd):
            self.asking.say(tr("Not as it is: {why}.", why=other))

    def open(self, answer: str) -> None:
        self.made_up = not answer
        if answer:
            self.settle(look(seen_from_here(answer, self.folder), Path()), Path())
            return
        if (taken := self.folder / STARTER).exists():
            raise Fault(say("{path} is already there: name it, if those are your numbers", path=taken.as_posix()))
        room = Path(self.stack.enter_context(TemporaryDirectory()))
        write_new(data_in(room))
        self.settle(look(STARTER, room), room)

    def settle(self, seen: Look, folder: Path) -> None:
        """Ask what the file does not tell: which days count, how they are read, what tells rows apart."""
        days = list(seen.days)
        time = (
            days[0]
            if len(days) == 1
            else self.asking.one_of(tr("Which column says the day that counts?"), days, default=days[0])
        )
        ways = seen.days[time]
        form = ways[0]
        if len(ways) > 1:
            texts = {way_in_words(way or ""): way for way in ways}
            question = tr("How is '{text}' to be read?", text=seen.values[time][0])
            form = texts[self.asking.one_of(question, list(texts))]
        dimensions = seen.groups
        if dimensions and not self.made_up:
            dimensions = self.asking.ask(
                tr(
                    "By which columns are rows told apart: platform, campaign, country? "
                    "Several with commas between them."
                ),
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
            tr("In which currency is {columns}? Enter leaves it out.", columns=all_of(numbers.money)),
            read_currency,
            example=tr("EUR, or toman"),
        )
        self.sheet = replace(self.sheet, numbers=replace(numbers, currency=currency or None))

    # the audience

    def context(self) -> None:
        """Ask who is to be reached, and how much time there is."""
        audience = self.asking.ask(
            tr("Who is to be reached? Enter leaves it out."),
            str,
            example=tr("shop owners in Tehran, 25 to 40 years old"),
        )
        message = self.asking.ask(
            tr("What do they know of you, and what would they like to hear? Enter leaves it out."),
            str,
            example=tr("they know the shop, not the courses; they like tutorials"),
        )
        hours = self.asking.ask(
            tr("How many hours a week are there for this? Enter leaves it out."),
            read_hours,
            example=tr("{count}", count=12),
        )
        experience = self.asking.ask(
            tr("What experience is there with each channel? Enter leaves it out."),
            str,
            example=tr("Instagram for two years, LinkedIn is new"),
        )
        self.sheet = replace(self.sheet, audience=audience, message=message, hours=hours, experience=experience)

    # the file

    def declare(self) -> None:
        """Ask for the day of the agreement: targets that are set afterwards prove little."""
        default = str(date(DAYS[1].year, 3, 20) if self.made_up else arguments.day(None, "UTC"))
        declared = self.asking.ask(tr("On which day was this agreed?"), read_day, default=default)
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
            self.asking.say(tr("To think about: {advice}", advice=advice))
        place = self.folder / "goals.yaml"
        if not self.asking.yes(tr("Write {path}?", path=place.as_posix())):
            self.asking.say(tr("Nothing was written."))
            return
        schema = {path: text for path, text in schema_in(self.folder).items() if not path.exists()}
        with writing_files():
            written, kept = write_new({place: text, **schema, **(data_in(self.folder) if self.made_up else {})})
        say_written(written, kept)
        as_of = f" --as-of {DAYS[1].year}-06-15" if self.made_up else ""
        click.echo()
        # The author named the file: it is read wherever it lies, and whoever scores has to allow as much.
        far = Allowed().outside(self.folder / data, self.folder) is not None
        allowing = f" --allow-read {shlex.quote(fixed(self.folder / data).as_posix())}" if far else ""
        run = f"{place.as_posix()}{allowing}"
        note(tr("Now run: {command}", command=f"goalkeeper check {run}"), err=False)
        note(tr("and:     {command}", command=f"goalkeeper score {run}{as_of}"), err=False)


__all__ = ["fill_in"]

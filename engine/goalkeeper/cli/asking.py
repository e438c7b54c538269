"""Questions in a terminal or down a pipe: each with an example, asked again until its answer can be used."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import click

from goalkeeper.cli import render
from goalkeeper.languages import shown, tr
from goalkeeper.reporters.layout import cells, directed, wrap
from goalkeeper.reporters.safe import safe
from goalkeeper.said import enumerated, say
from goalkeeper.worksheet.sheet import Fault, plain_text

T = TypeVar("T")

SIGN = "> "
_YES = {"yes", "y", "بله", "آری"}
_NO = {"no", "n", "نه", "خیر"}
_ISOLATING = re.compile("[\u2066-\u2069]")


class Asking:
    """A conversation on standard error; in a pipe the answers are lines, and where they end it stops."""

    def __init__(self) -> None:
        self.typing = sys.stdin.isatty()
        self.open = False
        """Whether the line of a prompt is not ended: nobody pressed Enter in a pipe."""

    def line(self, text: str = "") -> None:
        """Put out a line as it is."""
        if self.open:
            self.open = False
            click.echo("", err=True)
            if not text:
                return
        render.say(f"{text}\n", err=True)

    def say(self, text: str, indent: str = "") -> None:
        """Say something, in lines that fit."""
        for line in wrap(safe(text), render.terminal_width(), indent):
            self.line(directed(line))

    def title(self, text: str) -> None:
        """Say what the next questions are about."""
        self.line()
        self.line(directed(text))
        self.line(directed("-" * cells(text)))

    def ask(
        self,
        question: str,
        read: Callable[[str], T],
        *,
        example: str = "",
        default: str = "",
        choices: Sequence[str] = (),
    ) -> T:
        """The answer to a question as *read* understands it, which refuses what it cannot use with a `Fault`.

        Where nothing is typed the answer is *default*; the number of one of the *choices* stands for it.
        """
        self.line()
        self.say(question)
        for line in _numbered(choices, render.terminal_width() - 2):
            self.line(directed(f"  {line}"))
        if example:
            self.say(tr("For example: {example}", example=example), "  ")
        while True:
            answer = self.answer(f"[{default}] {SIGN}" if default else SIGN) or default
            if answer.isdecimal() and 1 <= int(answer) <= len(choices):
                answer = choices[int(answer) - 1]
            try:
                return read(plain_text(answer))
            except Fault as fault:
                self.refuse(fault)

    def answer(self, prompt: str) -> str:
        """What is typed after *prompt*."""
        if self.typing:
            return str(click.prompt(safe(prompt), default="", show_default=False, prompt_suffix="", err=True))
        click.echo(safe(prompt), nl=False, err=True)
        self.open = True
        return str(click.prompt("", default="", show_default=False, prompt_suffix="", err=True))

    def refuse(self, fault: Fault) -> None:
        """Say why an answer cannot be used, and what can."""
        if fault.at is not None:
            text, offset, length = fault.at
            before, marked = text[:offset], text[offset : offset + length]
            self.line(f"  {safe(text)}")
            self.line(f"  {' ' * cells(safe(before))}{'^' * max(cells(safe(marked)), 1)}")
        for line in fault.lines:
            self.say(line, "  ")

    def one_of(self, question: str, choices: Sequence[str], *, default: str = "") -> str:
        """One of the choices."""
        told = [in_words(choice) for choice in choices]
        known = {
            words.casefold(): choice for words, choice in zip((*choices, *told), (*choices, *choices), strict=True)
        }

        def read(answer: str) -> str:
            found = known.get(answer.casefold())
            if found is None:
                raise Fault(say("'{answer}' is none of them: {choices}", answer=answer, choices=enumerated(choices)))
            return found

        return self.ask(question, read, default=in_words(default), choices=told)

    def yes(self, question: str) -> bool:
        """Whether the answer is yes, as it is where nothing is typed."""

        def read(answer: str) -> bool:
            if answer.casefold() in _YES | _NO:
                return answer.casefold() in _YES
            raise Fault(say("'{answer}' is neither yes nor no", answer=answer))

        return self.ask(question, read, default=in_words(say("yes")))


def _numbered(choices: Sequence[str], width: int) -> Iterator[str]:
    """Choices with their numbers, as many on a line as fit."""
    line = ""
    for number, choice in enumerate(choices, 1):
        one = tr("{number} {choice}", number=number, choice=choice)
        if line and cells(line) + cells(one) + 3 > width:
            yield line
            line = ""
        line = f"{line} · {one}" if line else one
    if line:
        yield line


def in_words(text: str) -> str:
    """A text in the language that is spoken, as somebody types it."""
    return _ISOLATING.sub("", shown(text))


def needed(what: str) -> Callable[[str], str]:
    """Reads a text that must not be left out."""

    def read(answer: str) -> str:
        if not answer:
            raise Fault(say("{what} is one of the four columns of the worksheet: a few words will do", what=what))
        return answer

    return read

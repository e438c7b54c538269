"""The language that a command speaks: the one that is asked for, else the one that the goal files say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from goalkeeper.languages import CODES, DIGITS, ENGLISH, speak

Command = TypeVar("Command", bound=Callable[..., Any])

_ASKED = "goalkeeper.cli.speech"
_DEFAULTS = re.compile(
    r"""(?:^|[{,])[ \t]*["']?defaults["']?[ \t]*:(?P<said>[^\n]*(?:\n(?:[ \t\r#}][^\n]*|(?=\n|\Z)))*)""", re.MULTILINE
)
"""The defaults of a goal file, as far as what follows stands further in."""
_SAID = r"""(?:^|[{,])[ \t]*["']?%s["']?[ \t]*:[ \t]*["']?(%s)\b"""
_SAYS = {
    "language": re.compile(_SAID % ("language", "|".join(CODES)), re.MULTILINE),
    "digits": re.compile(_SAID % ("digits", "|".join(DIGITS)), re.MULTILINE),
}


def _hear(context: click.Context, option: click.Parameter, value: str | None) -> None:
    """Speak as it is asked, from here on: what is wrong with other options is said in that language, too."""
    if value is not None:
        context.meta.setdefault(_ASKED, {})[option.name] = value
        heeded()


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--lang",
        "language",
        type=click.Choice(CODES),
        envvar="GOALKEEPER_LANG",
        callback=_hear,
        is_eager=True,
        expose_value=False,
        help="Speak English or Persian to people. As the goal files say when left out.",
    ),
    click.option(
        "--digits",
        type=click.Choice(DIGITS),
        envvar="GOALKEEPER_DIGITS",
        callback=_hear,
        is_eager=True,
        expose_value=False,
        help="Write numbers with the digits of the language, or with 0 to 9.",
    ),
)


def speech(command: Command) -> Command:
    """Gives a command the options that say how it speaks."""
    return with_options(command, _OPTIONS)


def with_options(command: Command, options: Sequence[Callable[[Any], Any]]) -> Command:
    """Gives a command *options*, which its help lists in their order."""
    for option in reversed(options):
        command = option(command)
    return command


def heed(paths: Iterable[Path]) -> None:
    """Speak as goal files say, where nothing else was asked for."""
    heeded(**said_in(paths))


def heed_here() -> None:
    """Speak as the goal files say that a command would take where none is named."""
    from goalkeeper.paths import DEFAULT_PATHS

    heed(path for path in map(Path, DEFAULT_PATHS) if path.exists())


def heed_all(projects: Iterable[Iterable[Path]]) -> None:
    """Speak as all of several projects say, each of these goal files; where they differ it is English."""
    said = list(map(said_in, projects))
    heeded(**said[0] if said and said.count(said[0]) == len(said) else {})


def said_in(paths: Iterable[Path]) -> dict[str, str]:
    """What goal files say of language and digits.

    Their text is looked at: what is wrong with a file that cannot be read is said in its language, too.
    """
    said: dict[str, str] = {}
    for file, text in _texts(paths):
        defaults = _defaults(file, text)
        for key, value in (_looked_for(text) if defaults is None else defaults).items():
            said.setdefault(key, value)
    return said


def _defaults(file: str, text: str) -> dict[str, str] | None:
    """What the defaults of a file say of language and digits; None of a file that does not read."""
    from goalkeeper import documents

    document, _ = documents.parse(text, file)
    if document is None:
        return None
    written = document.data.get("defaults") if isinstance(document.data, dict) else None
    said = written if isinstance(written, dict) else {}
    known = {key: said.get(key) for key in _SAYS}
    return {key: value for key, value in known.items() if isinstance(value, str) and value in {*CODES, *DIGITS}}


def _looked_for(text: str) -> dict[str, str]:
    """The same of a file that does not read, as far as its text tells."""
    said: dict[str, str] = {}
    for block in _DEFAULTS.finditer(text):
        for key, says in _SAYS.items():
            found = says.search(block["said"])
            if found:
                said.setdefault(key, found[1])
    return said


def heeded(**said: str) -> dict[str, str]:
    """The language and the digits that were asked for, else those that are *said*; they are spoken from here on."""
    told = _told(said)
    speak(told["language"], told["digits"])
    return told


def _told(said: dict[str, str]) -> dict[str, str]:
    context = click.get_current_context(silent=True)
    asked = {} if context is None else context.meta.get(_ASKED, {})
    return {"language": ENGLISH.code, "digits": DIGITS[0]} | said | asked


def _texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """What stands in goal files that may say how they are spoken of, as far as it can be read."""
    from goalkeeper.goal_files import FILE_ENDINGS, files_in
    from goalkeeper.limits import FILE_BYTES
    from goalkeeper.paths import not_a_file

    for path in paths:
        try:
            files = files_in(path) if path.is_dir() else [path]
        except OSError:
            continue
        for file in files:
            if file.suffix.lower() not in FILE_ENDINGS or not_a_file(file):
                continue
            try:
                with file.open("rb") as opened:
                    content = opened.read(FILE_BYTES)
            except OSError:
                continue
            if b"language" in content or b"digits" in content:
                yield file.as_posix(), content.decode("utf-8-sig", "replace")

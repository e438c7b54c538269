"""One thing that is spelt in several ways: which texts are alike, and the one spelling that stands for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from goalkeeper.model_sources import Source
from goalkeeper.problems import Problem, did_you_mean
from goalkeeper.project import Placed
from goalkeeper.said import say

_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"} | dict.fromkeys("ـ\u200b\u200c\u200d\u200e\u200f\ufeff"))
"""Arabic letters that Persian texts have in place of their own, and signs that are not seen."""


def fold(text: str) -> str:
    """*text* without what people do not see or mean: case, surplus blanks, Arabic letters in Persian, joiners."""
    if not text.isascii():
        from unicodedata import normalize  # only for those who write so

        text = normalize("NFKC", text).translate(_LETTERS)
    return tidy(text.casefold())


class Spellings(Struct, frozen=True):
    """The names of one dimension by the texts that stand for them: as they are written, and folded."""

    exact: Mapping[str, str]
    folded: Mapping[str, str]

    def of(self, text: str) -> str:
        """The name that a text stands for; itself where there is none."""
        return self.exact.get(text) or self.folded.get(fold(text), text)

    def listed(self, texts: Iterable[str]) -> bool:
        """Whether every one of *texts* is a name of its own."""
        return all(self.exact.get(text) == text for text in texts)


def spellings_of(
    source: str, placed: Placed[Source], columns: Collection[str], problems: list[Problem]
) -> dict[str, Spellings]:
    """The spellings that a source declares, by dimension. Names that are alike but listed apart stay apart."""
    found = {}
    for dimension, names in placed.written.spellings.items():
        if dimension not in columns:
            place, help_ = placed.at("spellings", dimension, key=True), did_you_mean(dimension, columns)
            message = say("source '{source}' has no column '{column}'", source=source, column=dimension)
            problems.append(Problem("GK303", message, place, help_))
        exact: dict[str, str] = {}
        folded: dict[str, str | None] = {}
        for name, text, path in _texts(names):
            if exact.setdefault(text, name) != name:
                place = placed.at("spellings", dimension, name, *path, key=not path and text == name)
                message = say("'{text}' stands for '{name}' and for '{other}'", text=text, name=exact[text], other=name)
                problems.append(Problem("GK207", message, place, say("a text has one name: take one of them out")))
            plain = fold(text)
            folded[plain] = name if folded.get(plain, name) == name else None
        found[dimension] = Spellings(exact, {plain: name for plain, name in folded.items() if name is not None})
    return found


def _texts(names: Mapping[str, str | list[str]]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Each name with each text for it, itself first, and where that stands."""
    for name in names:
        yield name, name, ()
    for name, texts in names.items():
        if isinstance(texts, str):
            yield name, texts, ()
        else:
            yield from ((name, text, (number,)) for number, text in enumerate(texts))


def alike(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The groups of texts that are alike but not the same, each with the one first that reads best as a name."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(fold(text), []).append(text)
    return sorted(tuple(sorted(group, key=_oddness)) for group in groups.values() if len(group) > 1)


def _oddness(text: str) -> tuple[bool, bool, bool, str]:
    return tidy(text) != text, any(sign in "يىك" for sign in text), text in {text.lower(), text.upper()}, text


def tidy(text: str) -> str:
    """A text with single blanks, and none around it."""
    return " ".join(text.split())


def seen(text: str) -> str:
    """A text in quotes, with what cannot be seen of it written out."""
    return "'" + "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text) + "'"

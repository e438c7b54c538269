"""The formats that a scorecard can be reported in, each by its name, with the module that writes it.

A module is imported when its format is asked for. It has `render(scorecard) -> str`; whatever else its `render`
takes has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from goalkeeper.languages import speaking

if TYPE_CHECKING:
    from goalkeeper.scorecard import Scorecard

MODULES: Mapping[str, str] = {
    "terminal": "terminal",
    "json": "json",
    "junit": "junit",
    "sarif": "sarif",
    "markdown": "markdown",
    "csv": "csv",
    "github": "github",
    "gitlab": "gitlab",
    "html": "html",
}

WITH_TRENDS = frozenset({"html"})
"""The formats that show how the numbers came about, which a score leaves out otherwise."""


def render(scorecard: Scorecard, form: str, language: str | None = None, digits: str | None = None, **look: Any) -> str:
    """The scorecard in the format *form*; *look* is what its reporter takes besides.

    Where people read it, it speaks *language* with *digits*, or what the scorecard says of them. The reporters of what
    programs read speak English themselves.
    """
    reporter = import_module(f"goalkeeper.reporters.{MODULES[form]}")
    with speaking(language or scorecard.language, digits or scorecard.digits):
        return str(reporter.render(scorecard, **look))

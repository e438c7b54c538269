"""The scorecard as one HTML file that needs no network: charts, tables and explanations, readable without scripts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from goalkeeper.columns import Missing
from goalkeeper.figures import side_by_side
from goalkeeper.languages import ENGLISH, spoken
from goalkeeper.limits import PAGE_ROWS
from goalkeeper.quantity import exact_quantity, format_number, format_quantity
from goalkeeper.reporters import contributions, diagnoses, left_out, phrases, sections
from goalkeeper.reporters.html import bullets, numbers, rows, standing, texts, trends
from goalkeeper.reporters.outcomes import HEADLINES, ending
from goalkeeper.reporters.safe import apart, safe, segment_text, stretch
from goalkeeper.reporters.telling import is_named
from goalkeeper.scorecard import Scorecard
from goalkeeper.units import PERCENT
from goalkeeper.verdict import SEVERITY, Trend, Verdict

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M1 14V4h14v10M1 9h14M6 4v10M10 4v10' fill='none' stroke='%23556' stroke-width='1.5'/%3E%3C/svg%3E"
)


def render(scorecard: Scorecard) -> str:
    """The page, in the language that is spoken. Charts and workings are there where it was scored with `trends`."""
    style, script = (_shipped(name) for name in ("page.css", "page.js"))
    holding, unread = diagnoses.together(scorecard.diagnoses)
    goals = [(f"goal-{number}", goal) for number, goal in enumerate(scorecard.goals, 1)]
    page = _environment().get_template("page.html")
    text = page.render(
        card=scorecard,
        goals=goals,
        places={goal.id: place for place, goal in goals},
        names=scorecard.names,
        parents={rule.child: goal for goal in scorecard.goals for rule in goal.rules if rule.child is not None},
        apart=standing.standing(scorecard),
        holding=holding,
        unread=unread,
        style=Markup(style),  # noqa: S704  shipped with this package
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
        icon=_ICON,
    )
    return text.replace("##[", "##&#91;")  # a command to the runner of GitHub, where the page is printed in a log


def _environment() -> Environment:
    """Templates in which every text is defused, and then escaped."""
    environment = Environment(
        loader=PackageLoader("goalkeeper.reporters.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_defused,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["flat"] = texts.flat
    environment.globals.update(_words(), **_sayings())
    return environment


def _defused(value: Any) -> Any:
    """A text as people see it; what is markup already was made here."""
    if value is None:
        return ""
    return value if isinstance(value, Markup) or not isinstance(value, str) else texts.laid(safe(value))


def _words() -> Mapping[str, Any]:
    """What templates may ask for."""
    return {
        "HEADLINES": HEADLINES,
        "ORDER": list(reversed(SEVERITY)),
        "TITLES": sections.TITLES,
        "NAMES": sections.NAMES,
        "NOBODY": sections.NOBODY,
        "NONE": sections.NONE,
        "PERCENT": PERCENT,
        "SHOWN": PAGE_ROWS,
        "all_of": numbers.all_of,
        "bullet": bullets.bullet,
        "chart": trends.chart,
        "days_of": phrases.days_of,
        "exact": exact_quantity,
        "figures": numbers.figures,
        "gate_line": ending,
        "grids": contributions.grids,
        "head_of": contributions.head,
        "is_missing": lambda value: isinstance(value, Missing),
        "is_named": is_named,
        "is_trend": lambda value: isinstance(value, Trend),
        "left_out": left_out.text_of,
        "number": format_number,
        "quantity": format_quantity,
        "said": rows.said,
        "segment": segment_text,
        "shown_by": _shown_by,
        "state_of": phrases.state_of,
        "table": rows.table,
        "value_text": phrases.value_text,
        "window_of": lambda verdict: apart(phrases.window_of(verdict)),
    }


def _sayings() -> Mapping[str, Any]:
    """How templates say it."""
    there = spoken()
    return {
        "auto": Markup(' dir="auto"') if there is ENGLISH else "",
        "bdi": texts.bdi,
        "code": texts.code,
        "label": texts.label,
        "language": there,
        "locale": texts.locale(),
        "ltr": "" if there is ENGLISH else Markup(' dir="ltr"'),
        "mirrored": texts.mirrored(),
        "own": texts.own,
        "path": texts.path,
        "rule_text": texts.rule_text,
        "span": texts.span,
        "stretch": stretch,
        "together": texts.together,
        "told": texts.told,
        "tr": texts.marked,
    }


def _shown_by(verdict: Verdict, *values: float | Missing | None) -> Callable[[float], str]:
    """How numbers beside each other are written in the unit of a verdict."""
    return side_by_side(phrases.floats_of(*values), verdict.unit)


def _shipped(name: str) -> str:
    return files("goalkeeper.reporters.html").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded from anywhere, and nothing run but what this page ships."""
    told = {"style-src": style, "script-src": script}
    own = [f"{what} 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for what, text in told.items()]
    return "; ".join(["default-src 'none'", *own, "img-src data:", "base-uri 'none'", "form-action 'none'"])

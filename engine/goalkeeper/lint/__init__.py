"""Advice on goals: each code with the function that looks for it, over what is meant or over rows.

Advice stops nothing unless a goal file makes it an error. What each code means is in docs/problems/advice.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from goalkeeper.definitions import Catalogue
from goalkeeper.lint import exports, goals, kpis, repeats, rial, rows, windows
from goalkeeper.lint.history import Measured, pasts
from goalkeeper.lint.meant import Meant
from goalkeeper.measure import Measuring
from goalkeeper.planned import Plan
from goalkeeper.problems import Problem
from goalkeeper.reduction import Engine
from goalkeeper.scope import Scope

LINTS: dict[str, Callable[[Meant], Iterable[Problem]]] = {
    "GK501": goals.without_why,
    "GK502": goals.too_many_goals,
    "GK503": goals.too_many_rules,
    "GK504": kpis.vanity_alone,
    "GK505": kpis.bare_engagement_rate,
    "GK506": kpis.impressions_for_reach,
    "GK507": goals.on_trust,
    "GK508": goals.without_end,
    "GK509": goals.declared_late,
    "GK510": windows.special_times,
    "GK511": windows.overlaps,
    "GK519": kpis.ended,
}
"""What can be said of goals without their data."""

ROW_LINTS: dict[str, Callable[[Measured], Iterable[Problem]]] = {
    "GK507": rows.baseline_not_as_said,
    "GK512": rows.thin_baseline,
    "GK513": rows.beyond_history,
    "GK514": rows.lost_in_noise,
    "GK515": rows.at_low_point,
}
"""What needs the numbers of the days before."""

TABLE_LINTS: dict[str, Callable[[Catalogue, Engine], Iterable[Problem]]] = {
    "GK520": exports.as_plain,
    "GK521": repeats.twice,
    "GK522": rial.jumps,
}
"""What needs every row of a table, or of its file."""


def advice(meant: Meant, levels: Mapping[str, str]) -> Iterator[Problem]:
    """What is advised of goals as they are meant; what is off is not looked for."""
    for code, look in LINTS.items():
        if levels[code] != "off":
            yield from look(meant)


def wanted(plan: Plan, catalogue: Catalogue) -> Iterator[tuple[str, Scope]]:
    """The numbers that advice over rows needs, besides those of the plan."""
    for past in pasts(plan, catalogue):
        yield from past.scopes()


def advice_on_rows(plan: Plan, measuring: Measuring, levels: Mapping[str, str]) -> Iterator[Problem]:
    """What is advised of goals after a look at the days before them."""
    measured = Measured(measuring, tuple(pasts(plan, measuring.catalogue)))
    for code, look in ROW_LINTS.items():
        if levels[code] != "off":
            yield from look(measured)


def advice_on_tables(catalogue: Catalogue, engine: Engine, levels: Mapping[str, str]) -> Iterator[Problem]:
    """What is advised of tables after a look at all their rows."""
    for code, look in TABLE_LINTS.items():
        if levels[code] != "off":
            yield from look(catalogue, engine)


__all__ = ["LINTS", "ROW_LINTS", "TABLE_LINTS", "Meant", "advice", "advice_on_rows", "advice_on_tables", "wanted"]

"""Goals as code: declare business goals in YAML, get an honest scorecard.

import goalkeeper
card = goalkeeper.score("goals/", as_of="2026-05-01")
card.outcome, card.exit_code
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goalkeeper.api import check, explain, score, score_each
    from goalkeeper.backtesting import Backtest, backtest
    from goalkeeper.inspection import Inspection, inspect
    from goalkeeper.paths import Allowed
    from goalkeeper.problems import Problem, ProblemsFound
    from goalkeeper.scorecard import Scorecard
    from goalkeeper.verdict import Outcome, State, Verdict

__all__ = [
    "Allowed",
    "Backtest",
    "Inspection",
    "Outcome",
    "Problem",
    "ProblemsFound",
    "Scorecard",
    "State",
    "Verdict",
    "backtest",
    "check",
    "explain",
    "inspect",
    "score",
    "score_each",
]

_HOME = {
    "Allowed": "paths",
    "backtest": "backtesting",
    "Backtest": "backtesting",
    "check": "api",
    "explain": "api",
    "inspect": "inspection",
    "Inspection": "inspection",
    "score": "api",
    "score_each": "api",
    "Problem": "problems",
    "ProblemsFound": "problems",
    "Outcome": "verdict",
    "Scorecard": "scorecard",
    "State": "verdict",
    "Verdict": "verdict",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: the command line must start without loading all of them."""
    if name not in _HOME:
        raise AttributeError(f"module 'goalkeeper' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"goalkeeper.{_HOME[name]}"), name)

"""The answers to what has to be decided, as a goal file has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from goalkeeper import documents
from goalkeeper.inspection.seen import Decision


def answers_to(decisions: Iterable[Decision]) -> dict[str, Any]:
    """The first answer to each question that needs one, by the key of a source."""
    return {decision.key: _answer(decision) for decision in decisions if decision.needed}


def _answer(decision: Decision) -> Any:
    """The first answer to a question, as the value that YAML makes of it."""
    document, problems = documents.parse(f"answer: {decision.options[0][0]}", "answer.yaml")
    if document is None or problems:
        raise ValueError(f"no YAML: {decision.options[0][0]}")
    return document.data["answer"]

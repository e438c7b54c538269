"""The columns that rules name and nothing declares: known from the rules alone, before any data is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from goalkeeper import model_rules, sentence
from goalkeeper.definitions import IDENTIFIER, Catalogue, MetricDefinition
from goalkeeper.kinds import known_for
from goalkeeper.project import Project
from goalkeeper.statements import read_amount, read_bounds, read_level
from goalkeeper.words import VERBS, Names, fold


def trusting(catalogue: Catalogue, written: Project) -> Catalogue:
    """*catalogue* with every name that a rule speaks of, each as the column that it must be."""
    columns = {fold(column): column for source in written.sources().values() for column in source.written.columns}
    named = (name for name in _named(written, catalogue.names) if catalogue.names.id_of(name) is None)
    found = {
        name: MetricDefinition(name, (), known.kind if (known := known_for(name, None)) else "flow")
        for name in (columns.get(fold(name), name) for name in named)
    }
    names = replace(catalogue.names, ids={**catalogue.names.ids, **{fold(name): name for name in found}})
    return replace(catalogue, definitions={**catalogue.definitions, **found}, names=names)


def _named(written: Project, names: Names) -> Iterator[str]:
    for goal in written.goals():
        for rule in [goal.written.rule] if goal.written.rule is not None else goal.written.rules:
            yield from (name for name in _in_rule(rule, names) if IDENTIFIER.fullmatch(name))


def _in_rule(rule: Any, names: Names) -> Iterator[str]:
    """The names in the texts of a rule. What does not read is said when the rule is read."""
    text = rule if isinstance(rule, str) else getattr(rule, "rule", None)
    said: dict[str, Any] = {}
    if text is not None:
        reading, _ = sentence.parse(text, names)
        said = {key: piece.text for key, piece in reading.fields.items()}
    if isinstance(rule, model_rules.Options):
        said |= {key: value for key in ("kpi", *VERBS) if (value := getattr(rule, key, None)) is not None}
        yield from rule.min_sample
        if rule.warn is not None:
            yield from _in_ask("keep", rule.warn)
    for key, value in said.items():
        if key == "kpi":
            yield value
        elif key in VERBS:
            yield from _in_ask(key, value)


def _in_ask(verb: str, text: str | float) -> Iterator[str]:
    found: list[str] = []

    def name_of(phrase: str) -> str | None:
        if not IDENTIFIER.fullmatch(phrase.strip()):
            return None
        found.append(phrase.strip())
        return phrase.strip()

    try:
        match verb:
            case "reach":
                read_level(text, name_of)
            case "keep":
                read_bounds(str(text), name_of)
            case _:
                read_amount(text, name_of)
    except (ValueError, LookupError):
        return
    yield from found

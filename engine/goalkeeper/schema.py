"""The JSON Schemas of goal files, packs and test files, made from the models, and documents explained against them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from goalkeeper.documents import Document
from goalkeeper.problems import Problem, did_you_mean, suggest, told
from goalkeeper.said import enumerated, meant, of_catalogue, one_of, say
from goalkeeper.slips import quoted
from goalkeeper.syntax import Path

if TYPE_CHECKING:
    from jsonschema import ValidationError

SCHEMA_FILE = "goalkeeper.schema.json"
PACK_SCHEMA_FILE = "pack.schema.json"
TEST_SCHEMA_FILE = "test.schema.json"
SCHEMA_URL = "https://json-schema.org/draft/2020-12/schema"


@cache
def published(file: str = SCHEMA_FILE) -> dict[str, Any]:
    """A schema as shipped."""
    schema: dict[str, Any] = json.loads(files("goalkeeper.schemas").joinpath(file).read_text(encoding="utf-8"))
    return schema


def explain(document: Document, file: str = SCHEMA_FILE) -> list[Problem]:
    """Everything in *document* that the published schema *file* refuses, each at its place."""
    from jsonschema import Draft202012Validator  # imported to say no, never on the way to a score
    from referencing import Registry

    validator = Draft202012Validator(published(file), registry=Registry())
    return told(found for error in validator.iter_errors(document.data) for found in _problems(error, document))


def faults(document: Document) -> Iterator[Path]:
    """The path of everything that the published schema refuses; of a key that is missing, the path of its mapping."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    validator = Draft202012Validator(published(), registry=Registry())
    for error in validator.iter_errors(document.data):
        yield from _fault_paths(error)


def _fault_paths(error: ValidationError) -> Iterator[Path]:
    path: Path = tuple(error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "additionalProperties":
        instance = cast("Any", error.instance)
        yield from ((*path, key) for key in instance if key not in schema["properties"])
    else:
        yield path


def _problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    name = _called(path)
    wanted, instance = cast("Any", error.validator_value), cast("Any", error.instance)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    match error.validator:
        case "additionalProperties":
            known = schema["properties"]
            siblings = schema.get("x-alternatives", {})
            for key in instance:
                if key in known:
                    continue
                place = document.at((*path, key), key=True)
                if key in siblings:
                    yield Problem(
                        "GK115",
                        say("'{key}' does not go with '{other}'", key=key, other=siblings[key]),
                        place,
                        help=say(
                            "a rule says one of rule, goal, increase, decrease, reach or keep, and what belongs to it"
                        ),
                    )
                else:
                    yield Problem("GK110", _unknown_key(key, path), place, _other_key(key, known))
        case "required" if "x-rule" in schema:
            yield _rule_without_a_verb(instance, path, document)
        case "required":
            for key in wanted:
                if key not in instance:
                    yield Problem(
                        "GK111",
                        _missing_key(key, path),
                        document.at(path),
                        help=_description(schema, key),
                    )
        case "type":
            yield Problem(
                "GK112",
                say(
                    "{what} must be {kind}, not {value}",
                    what=name,
                    kind=_kinds(wanted),
                    value=_kind_of(instance, document.written(path)),
                ),
                document.at(path),
                help=_hint(schema, instance, wanted, document.written(path)),
            )
        case "enum" | "const":
            choices = [str(c).lower() if isinstance(c, bool) else str(c) for c in _listed(wanted)]
            yield Problem(
                "GK112",
                say("{what} cannot be {value}", what=name, value=_shown(instance)),
                document.at(path),
                help=did_you_mean(str(instance), choices) or say("write {text}", text=choices[0]),
            )
        case "minLength" | "minItems" | "minProperties":
            yield Problem("GK112", say("{what} is empty", what=name), document.at(path), _told(schema))
        case "maxLength":
            what = say("{what} is longer than {most:,} characters", what=name, most=wanted)
            yield Problem("GK106", what, document.at(path), say("shorten it"))
        case "maxItems" | "maxProperties":
            what = say("{what} has more than {most:,} entries", what=name, most=wanted)
            yield Problem("GK106", what, document.at(path), say("part it, or leave out what nobody needs"))
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            yield Problem("GK112", _out_of_bounds(error.validator, name, wanted, instance), document.at(path))
        case _:  # alternatives of which none fits: the model says it where nothing is said here
            for inner in error.context or ():
                yield from _problems(inner, document)


def _rule_without_a_verb(rule: Mapping[str, Any], path: Path, document: Document) -> Problem:
    verbs = ("rule", "increase", "decrease", "reach", "keep", "goal")
    for key in rule:
        near = suggest(key, verbs)
        if near:
            place = document.at((*path, key), key=True)
            return Problem("GK110", _unknown_key(key, ()), place, meant(near))
    return Problem(
        "GK111",
        say("the rule does not say what it asks for"),
        document.at(path),
        help=say("write a sentence, or one of the keys {names}", names=enumerated(verbs)),
    )


def _other_key(key: str, known: Mapping[str, Any]) -> str:
    """The cure for an unknown key: the nearest one; in a goal, the rule that it belongs to."""
    if "rules" in known and key in {"kpi", "increase", "decrease", "reach", "keep"}:
        return say("it belongs to a rule: {text}", text=f"rule: {{{key}: ...}}")
    return did_you_mean(key, known)


def _listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list) else [wanted]


def _called(path: Path) -> str:
    section = _last_name(path)
    if section is None:
        return say("the file")
    return say("an item of '{name}'" if isinstance(path[-1], int) else "'{name}'", name=section)


def _last_name(path: Path) -> str | None:
    return next((part for part in reversed(path) if isinstance(part, str)), None)


def _unknown_key(key: str, path: Path) -> str:
    section = _last_name(path)
    return say(
        "unknown key '{key}'" if section is None else "unknown key '{key}' in '{section}'", key=key, section=section
    )


def _missing_key(key: str, path: Path) -> str:
    section = _last_name(path)
    return say(
        "'{key}' is missing" if section is None else "'{key}' is missing in '{section}'", key=key, section=section
    )


def _out_of_bounds(validator: str, what: str, wanted: float, value: float) -> str:
    match validator:
        case "minimum":
            return say("{what} must be at least {bound}, not {value}", what=what, bound=wanted, value=value)
        case "exclusiveMinimum":
            return say("{what} must be above {bound}, not {value}", what=what, bound=wanted, value=value)
        case "maximum":
            return say("{what} must be at most {bound}, not {value}", what=what, bound=wanted, value=value)
        case _:
            return say("{what} must be below {bound}, not {value}", what=what, bound=wanted, value=value)


def _told(schema: Mapping[str, Any]) -> str:
    """What the model says of a value: a sentence that catalogues may have under its own text."""
    return of_catalogue(schema.get("description", ""))


def _description(schema: Mapping[str, Any], key: str) -> str:
    return _told(schema.get("properties", {}).get(key, {}))


_KINDS = {
    "object": say("a mapping"),
    "array": say("a list"),
    "string": say("text"),
    "number": say("a number"),
    "integer": say("a whole number"),
    "boolean": say("true or false"),
}


def _kinds(wanted: Any) -> str:
    return one_of(dict.fromkeys(_KINDS[kind] for kind in _listed(wanted) if kind != "null"))


def _kind_of(value: Any, written: str) -> str:
    match value:
        case None:
            return say("empty")
        case bool():
            return str(value).lower()
        case dict() | list():
            return _KINDS["object" if isinstance(value, dict) else "array"]
        case int() | float():
            return _shown(written or value)
        case _:
            return _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return say("'empty'")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return say("'{name}'", name=text if len(text) <= 40 else f"{text[:37]}...")


def _hint(schema: Mapping[str, Any], value: Any, wanted: Any, written: str) -> str:
    kinds = _listed(wanted)
    if value is None and written == "":
        return say("write it behind the '-', or take the '-' out") if kinds == ["object"] else _told(schema)
    if "string" in kinds and isinstance(value, bool | int | float):
        return say("put it in quotes: {text}", text=f'"{written or value}"')
    if kinds == ["object"] and isinstance(value, str) and "rule" in schema.get("properties", {}):
        sentence = value if re.fullmatch(r"[^,:#{}]+", value) else quoted(value)
        return say("write it as a rule: {text}", text=f"{{rule: {sentence}}}")
    if "number" in kinds and isinstance(value, str) and re.fullmatch(r"\d+:\d+", value):
        here, there = value.split(":")
        return say("give each its own: {here} here, {there} there", here=here, there=there)
    if "number" in kinds and isinstance(value, str):
        return say("write a plain number, such as 2 or 0.5")
    if kinds == ["array"] and isinstance(value, str):
        return say("write a list: {text}", text=f"[{value[:40]}]")
    if kinds == ["integer"] and isinstance(value, str) and schema.get("examples"):
        found = re.fullmatch(r"0*([1-9]\d?)(?:[-/.]\d\d?)?", value)  # 04, or the first day of April as 04-01
        number = found[1] if found else str(schema["examples"][0])
        description = of_catalogue(schema.get("description", "").rstrip("."))
        return say("{description}: write {number}", description=description, number=number)
    return _told(schema)


def generate(file: str = SCHEMA_FILE) -> dict[str, Any]:
    """The schema that the model says; what is shipped as *file* must be equal to it."""
    from pydantic.json_schema import GenerateJsonSchema

    from goalkeeper.model import GoalFile
    from goalkeeper.model_base import Written
    from goalkeeper.model_packs import Pack
    from goalkeeper.model_rules import RULE_KINDS
    from goalkeeper.model_tests import GoalTestFile

    class Readable(GenerateJsonSchema):
        """Unions as if/then a kind: one exact error for a wrong field instead of one for every branch."""

        def tagged_union_schema(self, schema: Any) -> dict[str, Any]:
            choices = {tag: self.generate_inner(choice) for tag, choice in schema["choices"].items()}
            if "sentence" in choices:
                return _rule_union(choices)
            return _kind_union(list(choices.values()))

        def nullable_schema(self, schema: Any) -> dict[str, Any]:
            # A key is left out, not set to null: the default is what makes it optional.
            return self.generate_inner(schema["schema"])

        def union_schema(self, schema: Any) -> dict[str, Any]:
            choices = [c[0] if isinstance(c, tuple) else c for c in schema["choices"]]
            return _kind_union([self.generate_inner(choice) for choice in choices])

    def _rule_union(choices: dict[str, dict[str, Any]]) -> dict[str, Any]:
        keys = list(RULE_KINDS)
        branches: list[dict[str, Any]] = [{"if": {"type": "string"}, "then": choices["sentence"]}]
        for place, key in enumerate(keys):
            test: dict[str, Any] = {"type": "object", "required": [key]}
            if place:
                test["not"] = {"anyOf": [{"required": [earlier]} for earlier in keys[:place]]}
            branches.append({"if": test, "then": choices[key]})
        none_of_them = {"type": "object", "not": {"anyOf": [{"required": [key]} for key in keys]}}
        branches.append({"if": none_of_them, "then": {"required": ["rule"], "x-rule": True}})
        return {"type": ["string", "object"], "allOf": branches}

    models: dict[str, tuple[type[Written], str]] = {
        SCHEMA_FILE: (GoalFile, "Goalkeeper"),
        PACK_SCHEMA_FILE: (Pack, "Goalkeeper pack"),
        TEST_SCHEMA_FILE: (GoalTestFile, "Goalkeeper tests"),
    }
    model, title = models[file]
    schema = model.model_json_schema(schema_generator=Readable, ref_template="#/$defs/{model}")
    for key, kind in RULE_KINDS.items() if model is GoalFile else ():
        definition = schema["$defs"][kind.__name__]
        others = {other: key for other in (*RULE_KINDS, "kpi") if other not in definition["properties"]}
        definition["x-alternatives"] = others
    schema = _tidy(schema)
    return {"$schema": SCHEMA_URL, "title": title, **schema}


def _kind_union(choices: list[dict[str, Any]]) -> dict[str, Any]:
    """Alternatives that differ in their JSON type, told apart by it."""
    types: list[str] = []
    branches = []
    for choice in choices:
        kinds = _listed(choice.get("type", "object"))
        if "const" in choice or "enum" in choice:
            kinds = ["string"]
        types.extend(kind for kind in kinds if kind not in types)
        rest = {key: value for key, value in choice.items() if key not in {"type", "title"}}
        if rest:
            branches.append({"if": {"type": kinds[0] if len(kinds) == 1 else kinds}, "then": choice})
    union: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if branches:
        union["allOf"] = branches
    return union


def _tidy(node: Any) -> Any:
    """Without the titles and null defaults that pydantic adds: they tell an author nothing."""
    if isinstance(node, dict):
        keep = {}
        for key, value in node.items():
            if key == "title" and isinstance(value, str):
                continue
            if key == "default" and value in (None, {}, []):
                continue
            keep[key] = value if key in {"examples", "enum", "default", "x-alternatives"} else _tidy(value)
        return keep
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    return node

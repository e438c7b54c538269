"""What all parts of a goal file are made of: closed mappings, texts, numbers and filters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from goalkeeper.limits import LABEL_LENGTH, PATH_LENGTH, VALUE_LENGTH, VALUES
from goalkeeper.said import say

Text = Annotated[str, Field(min_length=1)]
PathText = Annotated[str, Field(min_length=1, max_length=PATH_LENGTH)]
LabelText = Annotated[str, Field(min_length=1, max_length=LABEL_LENGTH)]
Scalar = Annotated[str | int | float, WithJsonSchema({"type": ["string", "number"]})]


def _of_length(value: Any) -> Any:
    if isinstance(value, str) and len(value) > VALUE_LENGTH:
        raise ValueError(say("the value is longer than {most} characters", most=VALUE_LENGTH))
    return value


Value = Annotated[
    str | int | float | bool,
    AfterValidator(_of_length),
    WithJsonSchema({"type": ["string", "number", "boolean"], "maxLength": VALUE_LENGTH}),
]


def _truth(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"enum": [True, False, "yes", "no"]})]


def whole_number(value: Any) -> Any:
    """The value; a truth value is none, though Python counts with it."""
    if isinstance(value, bool):
        raise ValueError(say("true is not a number"))  # noqa: TRY004  pydantic reports a ValueError
    return value


Kind = Literal["flow", "stock", "unique", "average", "running_total", "median", "percentile", "rank"]
Grain = Literal["day", "week", "month", "quarter"]
Aspect = Literal["influence", "interaction", "distribution"]
MeasureLevel = Annotated[Literal[1, 2, 3], BeforeValidator(whole_number), WithJsonSchema({"enum": [1, 2, 3]})]
"""How close to the business a metric is."""


class Written(BaseModel):
    """A mapping of a goal file: closed, and never changed after it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_left_empty(cls, data: Any) -> Any:
        """A key without a value is a slip: whoever means the default leaves the key out."""
        if isinstance(data, dict) and None in data.values():
            raise ValueError(say("a key has no value"))
        return data


Values = Annotated[list[Value], Field(min_length=1, max_length=VALUES, description="At least one value or pattern.")]
"""Several values; a list of none would pick nothing, in silence."""


class Not(Written):
    """Everything but these values."""

    not_: Value | Values = Field(alias="not", description="The value, pattern or list that is left out.")


def _condition_tag(value: Any) -> str:
    if isinstance(value, dict | Not):
        return "not"
    return "list" if isinstance(value, list) else "value"


Condition = Annotated[
    Annotated[Value, Tag("value")] | Annotated[Values, Tag("list")] | Annotated[Not, Tag("not")],
    Discriminator(_condition_tag),
]
Where = dict[str, Condition]

WHERE_HELP = (
    "Only these rows: each dimension with a value, a pattern (`launch-*`), a list of them, or `{not: ...}`; an empty "
    'text, "", is a blank cell. Several dimensions must all fit.'
)
LABEL_HELP = "What people call it; rules may use this name too. One text, or one for each language."
UNIT_HELP = (
    "What it is counted in: `count`, `percent` (its values are fractions), `points`, `ratio`, `rank`, `seconds`, "
    "`minutes`, `hours`, `days`, a currency such as `EUR`, `IRR`, `toman`, `IRR_new`, or one per another: "
    "`EUR per click`. For a KPI also `money`, the currency of what its formula reads. Left out: for a KPI the unit that its formula gives, when everything that it reads has one."
)
DIRECTION_HELP = "Which way is better: `up` or `down`. `improve` in a rule moves this way."
EACH_HELP = (
    "One verdict for each calendar window (`day`, `week`, `month`, `quarter`, `year`) or for each value of a "
    "dimension; the total is then not judged."
)

"""Packs as written: metrics, KPIs, diagnoses and readers under a name, for goal files to use."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from goalkeeper.limits import ENTRIES, PACKS
from goalkeeper.model import AnyLabel, Diagnosis, Kpi, Metric
from goalkeeper.model_base import Text, Written, whole_number
from goalkeeper.model_readers import Reader, completed


class Pack(Written):
    """A pack: metrics, KPIs and diagnoses that goal files use by its name."""

    version: Annotated[Literal[1], BeforeValidator(whole_number)] = Field(description="The version of the language: 1.")
    pack: Text = Field(description="The name of the pack.", examples=["paid-media", "acme"])
    label: AnyLabel | None = Field(
        default=None, description="What people call it. One text, or one for each language.", examples=["Paid media"]
    )
    about: Text | None = Field(default=None, description="What it is for, in one sentence.")
    use: list[Text] = Field(
        default=[],
        max_length=PACKS,
        description="Packs that it builds on: the names of shipped ones, or paths from this file's folder. What it says "
        "itself under the same id takes the place of theirs.",
        examples=[["audience"]],
    )
    metrics: dict[str, Metric] = Field(
        default={},
        max_length=ENTRIES,
        description="Metrics: each holds for a column of its name, or for what it says itself, where that is there.",
    )
    kpis: dict[str, Kpi] = Field(
        default={},
        max_length=ENTRIES,
        description="Formulas over metrics and KPIs. A formula holds where all that it reads is there.",
    )
    diagnoses: list[Diagnosis] = Field(
        default=[], max_length=ENTRIES, description="What certain patterns usually mean."
    )
    readers: Annotated[dict[str, Reader], AfterValidator(completed)] = Field(
        default={}, description="What the exports of a platform look like, each under the name of its format."
    )

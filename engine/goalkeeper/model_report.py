"""What a goal file asks its report to say besides verdicts: sections, and the stages of the funnel."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from goalkeeper.model_base import Text, Written

SectionName = Literal["questions", "stages", "levels", "aspects", "channels", "worksheet"]
REPORT_HELP = (
    "What the scorecard says besides, in this order. `questions`: do we reach, engage, get asked, convert? `stages`: by "
    "stage of the funnel. `levels`: vanity, amplification, outcome. `aspects`: influence, interaction, distribution. "
    "`channels`: by return on investment. `worksheet`: the goals as planned. They judge nothing."
)
STAGES_HELP = (
    "The stages of the funnel, in order, each by its name or with the count that stands for it. Left out: awareness, "
    "consideration, inquiry, conversion, retention, loyalty."
)


class Stage(Written):
    """A stage of the funnel, and the count of those who come to it."""

    stage: Text = Field(description="Its name, as goals and KPIs say it.", examples=["awareness"])
    volume: Text | None = Field(
        default=None,
        description="The metric or KPI that counts who comes to it; the share that goes on to the next stage is made "
        "of these. Left out: the one count with this stage that the rules are about, or else that the data has.",
        examples=["impressions"],
    )


def _stage_tag(value: Any) -> str:
    return "stage" if isinstance(value, dict | Stage) else "name"


AnyStage = Annotated[Annotated[Text, Tag("name")] | Annotated[Stage, Tag("stage")], Discriminator(_stage_tag)]

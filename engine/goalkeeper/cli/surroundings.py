"""Which CI a command runs in, and what that one shows besides the log."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct


class CI(StrEnum):
    """The systems that are told apart."""

    GITHUB = "GitHub Actions"
    GITLAB = "GitLab CI"
    OTHER = "a CI that shows nothing but its log"
    NONE = "no CI"


class Surroundings(Struct, frozen=True):
    """The CI, the root of the repository there, and the files that it collects."""

    ci: CI
    root: Path | None = None
    summary: Path | None = None
    """Where GitHub reads the summary of the step."""
    outputs: Path | None = None
    """Where GitHub reads the outputs of the step."""


def surroundings(environ: Mapping[str, str] | None = None) -> Surroundings:
    """What the environment tells."""
    told = os.environ if environ is None else environ
    if told.get("GITHUB_ACTIONS") == "true":
        names = ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")
        return Surroundings(CI.GITHUB, *(Path(told[name]) if told.get(name) else None for name in names))
    if told.get("GITLAB_CI") == "true":
        return Surroundings(CI.GITLAB, Path(told["CI_PROJECT_DIR"]) if told.get("CI_PROJECT_DIR") else None)
    return Surroundings(CI.OTHER if told.get("CI", "").lower() not in {"", "false", "0"} else CI.NONE)

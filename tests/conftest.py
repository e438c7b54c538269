"""What all tests share: files that outputs are held to, rewritten with `--update`."""

from __future__ import annotations

import difflib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

for _name in (
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_OUTPUT",
    "GITLAB_CI",
    "GOALKEEPER_NO_ANNOTATIONS",
    "GOALKEEPER_LANG",
    "GOALKEEPER_DIGITS",
    "GOALKEEPER_ALLOW_READ",
    "GOALKEEPER_MEMORY",
    "GOALKEEPER_THREADS",
):
    os.environ.pop(_name, None)  # what a command shows in a CI is asked for by the tests of it, not by where they run

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as in the background of a shell: what tests start would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the files that outputs are held to")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Holds a text to a file."""

    def hold(path: Path, actual: str) -> None:
        if request.config.getoption("--update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="\n")
            return
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if actual != expected:
            lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), path.name, "actual", lineterm="")
            pytest.fail("\n".join(lines), pytrace=False)

    return hold
